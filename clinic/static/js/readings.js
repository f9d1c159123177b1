// Reading a cup by keyboard: n, p, i mark the focused row and go on to the next; one button marks all.
(() => {
  "use strict";
  const READINGS = { n: "negative", p: "positive", i: "invalid" };
  const rows = [...document.querySelectorAll("[data-readings] fieldset")];

  const mark = (row, reading) => {
    const key = row.querySelector(`input[value="${reading}"]`);
    key.checked = true;
    key.dispatchEvent(new Event("input", { bubbles: true }));
    return key;
  };

  for (const [place, row] of rows.entries()) {
    row.addEventListener("keydown", (event) => {
      const reading = READINGS[event.key.toLowerCase()];
      if (!reading || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const key = mark(row, reading);
      const next = rows[place + 1];
      (next ? next.querySelector("input:checked") ?? next.querySelector("input") : key).focus();
    });
  }

  for (const button of document.querySelectorAll("[data-fill]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      for (const row of rows) mark(row, button.dataset.fill);
      rows.at(0)?.querySelector("input:checked").focus();
    });
  }
})();
