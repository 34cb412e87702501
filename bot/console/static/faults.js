// What went wrong behind an open page stands on top of it until that works again, or something else is asked for.
"use strict";
(() => {
  const place = () => document.getElementById("wrong");
  let failed = "";
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, pathInfo, requestConfig } = event.detail;
    if (!(xhr.status >= 200 && xhr.status < 400)) failed = pathInfo.requestPath;
    else if (pathInfo.requestPath === failed || requestConfig.verb === "post") place().replaceChildren();
  });
  document.addEventListener("htmx:sendError", () => {
    const line = Object.assign(document.createElement("p"), { className: "wrong", textContent: place().dataset.away });
    place().replaceChildren(line);
  });
})();
