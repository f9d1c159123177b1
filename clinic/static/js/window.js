// The dosing window by keys: what is chosen moves the focus on, so that Enter always means the next step.
(() => {
  "use strict";

  const missing = (form) => [...form.elements].find((element) => !element.checkValidity());

  // Who was identified, and nothing left to tick: Enter now gives. Until then Enter gives nothing.
  const give = document.getElementById("give");
  give?.addEventListener("change", (event) => {
    if (event.target.dataset.key === "y" && event.target.checked) event.target.removeAttribute("data-key");
    (missing(give) ?? give.querySelector("[type=submit]")).focus();
  });

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (!form || form === give || event.target.type !== "radio") return;
    (missing(form) ?? form.querySelector("[type=submit]")).focus();
  });

  document.querySelectorAll("details[name=act]").forEach((panel) => {
    panel.addEventListener("toggle", () => {
      if (panel.open) panel.querySelector("input:not([type=hidden], [type=radio], [type=checkbox])[required]:only-of-type")?.focus();
      panel.scrollIntoView({ block: "nearest" });
    });
  });
})();
