// The card of a visit by keyboard: a letter marks the focused row and goes on to the next; what is said of the whole
// visit (refused, excused, missed) marks every row at once; after the last row the post button waits for Enter.
(() => {
  "use strict";
  const card = document.querySelector("[data-marks]");
  if (!card) return;
  const WHOLE = new Set(["refused", "excused", "missed"]);
  const LETTERS = { k: "negative" }; // kept, where nothing is tested
  const rows = [...card.querySelectorAll("fieldset")];
  const post = document.querySelector("[data-post]");

  const named = (row, letter) => [...row.querySelectorAll("input[type=radio]")].find((input) => {
    const word = rows.length === 1 && LETTERS[letter] === input.value ? letter : input.value;
    return letter && word.startsWith(letter);
  });
  const marked = (row) => row.querySelector("input:checked");
  const mark = (input) => {
    input.checked = true;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const begin = (row) => (marked(row) ?? row.querySelector("input")).focus();

  for (const [place, row] of rows.entries()) {
    row.addEventListener("keydown", (event) => {
      const answer = event.key.length === 1 && named(row, event.key.toLowerCase());
      if (!answer || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const whole = WHOLE.has(answer.value);
      for (const other of whole ? rows : [row]) mark([...other.querySelectorAll("input")].find((input) => input.value === answer.value));
      if (!whole) for (const other of rows) if (WHOLE.has(marked(other)?.value)) marked(other).checked = false;
      answer.dispatchEvent(new Event("change", { bubbles: true }));
      const open = rows.find((other) => !marked(other));
      if (open) begin(whole ? open : rows[place + 1] && !marked(rows[place + 1]) ? rows[place + 1] : open);
      else post?.focus();
    });
  }
  if (rows.length && !document.querySelector(".summary")) begin(rows.find((row) => !marked(row)) ?? rows[0]);
})();
