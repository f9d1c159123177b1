// Light, dark or as the machine says. Runs before the first paint, so that no page flashes.
(() => {
  "use strict";
  const root = document.documentElement;
  const machine = matchMedia("(prefers-color-scheme: dark)");
  const order = ["auto", "light", "dark"];
  const words = { auto: "as this machine", light: "light", dark: "dark" };

  const read = () => {
    try { return localStorage.getItem("clinic.theme") || "auto"; } catch { return "auto"; }
  };
  const keep = (choice) => {
    try { localStorage.setItem("clinic.theme", choice); } catch { /* a browser that keeps nothing still gets the theme */ }
  };
  const wear = (choice) => {
    root.dataset.themeChoice = choice;
    root.dataset.bsTheme = choice === "auto" ? (machine.matches ? "dark" : "light") : choice;
    document.querySelectorAll("[data-theme-toggle]").forEach((button) => {
      button.setAttribute("aria-label", `Theme: ${words[choice]}`);
      button.title = `Theme: ${words[choice]}`;
    });
    document.dispatchEvent(new CustomEvent("clinic:theme"));
  };

  wear(read());
  machine.addEventListener("change", () => wear(read()));
  addEventListener("storage", (event) => { if (event.key === "clinic.theme") wear(read()); });
  document.addEventListener("DOMContentLoaded", () => wear(read()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = order[(order.indexOf(root.dataset.themeChoice) + 1) % order.length];
    keep(next);
    wear(next);
  });
})();
