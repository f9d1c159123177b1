// Messages: toasts leave by themselves unless somebody is reading them; failed background requests are said aloud.
(() => {
  "use strict";
  const STAY_MS = 10000;
  const reading = (toast) => toast.matches(":hover, :focus-within");

  const leave = (toast) => setTimeout(() => (reading(toast) ? leave(toast) : toast.remove()), STAY_MS);

  const say = (kind, title, text) => {
    const place = document.getElementById("notices");
    if (!place) return;
    const notice = document.createElement("div");
    notice.className = `notice kind-${kind}`;
    notice.setAttribute("role", kind === "stop" ? "alert" : "status");
    const words = document.createElement("div");
    words.className = "text";
    const strong = document.createElement("strong");
    strong.textContent = title;
    words.append(strong, document.createElement("br"), text);
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.dataset.close = "";
    close.setAttribute("aria-label", "Dismiss this message");
    close.textContent = "×";
    notice.append(words, close);
    place.append(notice);
    notice.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-close]");
    if (close) (close.closest("dialog") ? close.closest("dialog").close() : close.closest(".notice")?.remove());
    if (event.target.closest("[data-print]")) print();
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  });

  const unsure = "What you sent may or may not have been saved. Open the record and look before doing it again.";
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("meta[name=csrf-token]")?.content;
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
  });
  document.addEventListener("htmx:sendError", (event) =>
    say("stop", "No answer from the clinic's server.", event.detail.requestConfig.verb === "get" ? "Try again in a moment." : unsure));
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    if (status === 401) location.reload();
    else if (status >= 500) say("stop", "The clinic's server failed.", event.detail.requestConfig.verb === "get" ? "Try again in a moment." : unsure);
    else say("attention", "Not saved.", status === 403 ? "Your role does not include this." : "Reload the page and look again.");
  });

  // Sticky table heads stand below the patient banner, whose height follows its content.
  const banner = document.querySelector(".banner");
  if (banner && "ResizeObserver" in window) {
    new ResizeObserver(() =>
      document.documentElement.style.setProperty("--banner-height", `${banner.offsetHeight}px`)).observe(banner);
  }
  document.querySelectorAll("#toasts .notice").forEach(leave);
  document.querySelector("[data-autofocus]")?.focus();
  window.clinic = { ...window.clinic, say };
})();
