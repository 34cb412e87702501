/* The demo page: which of its three languages is shown, this server's embed line, the clinic's own numbers. */
(function () {
  "use strict";
  const codes = ["en", "fr", "tr"];
  const wishes = [new URLSearchParams(location.search).get("lang"), ...navigator.languages.map((language) => language.slice(0, 2))];
  const code = wishes.find((wish) => codes.includes(wish)) || "en";
  document.documentElement.lang = code;
  for (const main of document.querySelectorAll("main")) main.hidden = main.lang !== code;
  for (const link of document.querySelectorAll("nav a")) if (link.lang === code) link.setAttribute("aria-current", "true");
  const source = new URL("widget.js", location.href).href;
  for (const line of document.querySelectorAll("[data-line]"))
    line.textContent = `<script src="${source}" data-lang="${line.dataset.line}" defer></script>`;
  fetch("/webhooks/web/config")
    .then((response) => response.json())
    .then(({ clinic }) => {
      const show = (selector, number) => {
        for (const link of document.querySelectorAll(selector)) {
          link.textContent = number;
          link.href = `tel:${number.replace(/[^\d+]/g, "")}`;
        }
      };
      show("[data-phone]", clinic.phone);
      show("[data-emergency]", clinic.emergency_number);
    })
    .catch(() => {}); // the numbers in the page stay
})();
