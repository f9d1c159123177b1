// Rows of answers by keyboard: the first letter of an answer marks the focused row and goes on to the next;
// one button marks all, where a page has one.
(() => {
  "use strict";
  const rows = [...document.querySelectorAll("[data-readings] fieldset")];

  const begun = (row, letter) => [...row.querySelectorAll("input[type=radio]")].find((input) => letter && input.value.startsWith(letter));
  const mark = (input) => {
    input.checked = true;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    return input;
  };

  for (const [place, row] of rows.entries()) {
    row.addEventListener("keydown", (event) => {
      const answer = event.key.length === 1 && begun(row, event.key.toLowerCase());
      if (!answer || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const key = mark(answer);
      const next = rows[place + 1];
      (next ? next.querySelector("input:checked") ?? next.querySelector("input") : key).focus();
    });
  }

  for (const button of document.querySelectorAll("[data-fill]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      for (const row of rows) mark(begun(row, button.dataset.fill));
      rows.at(0)?.querySelector("input:checked").focus();
    });
  }
})();
