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
      arrow.className = "icon";
      arrow.setAttribute("aria-hidden", "true");
      arrow.textContent = "▴";
      button.append(arrow);
      head.replaceChildren(button);
      button.addEventListener("click", () => sort(table, head, column));
    });
  };

  const dressAll = (root) => root.querySelectorAll("table[data-sortable]").forEach(dress);
  dressAll(document);
  document.addEventListener("htmx:load", (event) => dressAll(event.target));

  document.addEventListener("input", (event) => {
    const table = document.getElementById(event.target.dataset?.filters ?? "");
    if (!table) return;
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
})();
