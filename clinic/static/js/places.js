// Narrow screens begin where one is: the rail at the current place, a pathway at today.
(() => {
  "use strict";
  const rail = document.querySelector(".rail ul");
  const here = rail?.querySelector("[aria-current]");
  if (here) rail.scrollLeft = here.offsetLeft - (rail.clientWidth - here.clientWidth) / 2;

  const toToday = (root) => root.querySelectorAll(".swimlane .scroll").forEach((box) => {
    const today = box.querySelector("line.today");
    const width = box.querySelector("svg").viewBox.baseVal.width;
    if (today) box.scrollLeft = (today.x1.baseVal.value / width) * box.scrollWidth - 0.8 * box.clientWidth;
  });
  toToday(document);
  document.addEventListener("htmx:load", (event) => toToday(event.target.parentElement ?? event.target));
})();
