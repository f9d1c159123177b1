// Lists: sort by a column's head, narrow by typing. The server's order and rows are what one sees without this.
(() => {
  "use strict";
  const compare = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
  const worth = (row, column) => {
    const cell = row.cells[column];
    return cell ? cell.dataset.value ?? cell.textContent.trim() : "";
  };

  const sort = (table, head, column) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => (down ? -1 : 1) * compare(worth(a, column), worth(b, column)));
    table.tBodies[0].append(...rows);
  };

  const dress = (table) => {
    if (table.dataset.sorted !== undefined) return;
    table.dataset.sorted = "";
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (!head.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(head.textContent);
      const arrow = document.createElement("span");
      arrow.className = "arrow";
      arrow.setAttribute("aria-hidden", "true");
      button.append(arrow);
      head.replaceChildren(button);
      button.addEventListener("click", () => sort(table, head, column));
    });
  };

  const dressAll = (root) => root.querySelectorAll("table[data-sortable]").forEach(dress);
  dressAll(document);
  document.addEventListener("htmx:load", (event) => dressAll(event.target));

  document.addEventListener("input", (event) => {
    const names = event.target.dataset?.filters?.split(" ") ?? [];
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const table of names.map((name) => document.getElementById(name)).filter(Boolean)) {
      const rows = [...table.tBodies[0].rows];
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
      const fold = table.closest("details.fold");
      if (fold) fold.open = words.length > 0 && rows.some((row) => !row.hidden);
    }
  });

  // Paper has nothing to click: what is folded away is printed, then folded again.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.fold:not([open])")];
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => { for (const fold of opened) fold.open = false; });
})();
