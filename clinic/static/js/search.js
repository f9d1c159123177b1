// Patient search as one types: a combobox over the list the server renders. Enter without a choice opens the full results.
(() => {
  "use strict";
  const WAIT_MS = 120;

  document.querySelectorAll("form[data-suggest]").forEach((form) => {
    const address = form.dataset.suggest;
    const field = form.querySelector("input[role=combobox]");
    const list = form.querySelector("[role=listbox]");
    const said = form.querySelector("[data-said]");
    if (!address || !field || !list) return;
    let timer = 0;
    let asking = null;

    const choices = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
    const chosen = () => list.querySelector("[aria-selected=true]");
    const close = () => {
      list.hidden = true;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    };
    const choose = (option) => {
      chosen()?.setAttribute("aria-selected", "false");
      if (!option) return;
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", option.id);
    };

    const ask = async () => {
      const words = field.value.trim();
      asking?.abort();
      if (!words) { close(); return; }
      asking = new AbortController();
      const url = new URL(address, location.href);
      url.searchParams.set("q", words);
      try {
        const answer = await fetch(url, { signal: asking.signal, headers: { Accept: "text/html", "X-Requested-With": "fetch" } });
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        list.innerHTML = await answer.text();
        list.hidden = false;
        field.setAttribute("aria-expanded", "true");
        field.removeAttribute("aria-activedescendant");
        const found = choices().length;
        said.textContent = found ? `${found} found, arrow keys to choose` : "Nobody found";
      } catch (problem) {
        if (problem.name !== "AbortError") close();
      }
    };

    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
    field.addEventListener("focus", () => { if (field.value.trim() && list.hidden) ask(); });
    field.addEventListener("keydown", (event) => {
      const all = choices();
      const at = all.indexOf(chosen());
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (list.hidden || !all.length) return;
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        choose(all[(at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % all.length]);
      } else if (event.key === "Enter" && !list.hidden && chosen()) {
        event.preventDefault();
        chosen().querySelector("a").click();
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        close();
      }
    });
    form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) setTimeout(close, 150); });
  });
})();
