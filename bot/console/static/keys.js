// Keys on the page of missed questions: j and k go down and up, a number or a letter presses the button that shows it.
"use strict";
(() => {
  const items = () => [...document.querySelectorAll(".item")];
  const at = () => items().findIndex((item) => item.classList.contains("now"));
  const go = (index) => {
    const all = items();
    if (!all.length) return;
    const place = Math.max(0, Math.min(index, all.length - 1));
    all.forEach((item, number) => item.classList.toggle("now", number === place));
    all[place].focus({ preventScroll: true });
    all[place].scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      go(at() + (event.key === "j" ? 1 : -1));
      return;
    }
    const place = at();
    const here = event.key === "u" ? document : items()[place];
    const button = here && here.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
  // what was dealt with leaves the list; the next one takes its place
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.pathInfo?.requestPath === "/inbox/undo") go(0); // what was taken back is first again
    else if (document.querySelector(".item") && at() < 0 && window.lastPlace !== undefined) go(window.lastPlace);
  });
  document.addEventListener("htmx:beforeRequest", () => {
    if (at() >= 0) window.lastPlace = at();
  });
})();
