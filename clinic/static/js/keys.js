// Keys: `/` search, `?` help, `g` + letter goes, and every control that names its own key.
// A scanner is a very fast typist: a burst of keys is one scan and never a command.
(() => {
  "use strict";
  const BURST_MS = 40; // longest pause between two keys of a scanner; people need 60 ms and more
  const SCAN_LENGTH = 4;
  const LATE_ENTER_MS = 400; // a scanner's closing Enter may lag behind its code
  const GO_MS = 1500;

  const help = document.getElementById("keys-help");
  let burst = [];
  let settled = 0;
  let deafUntil = 0;
  let fieldBurst = { keys: "", before: "", at: 0 };
  let goUntil = 0;

  const typing = (element) =>
    element instanceof HTMLElement &&
    (element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])"));
  const shown = (element) => element.checkVisibility();
  const named = (key) =>
    [...document.querySelectorAll("[data-key]")].find((element) => shown(element) && element.dataset.key.toLowerCase() === key.toLowerCase());

  const use = (element) => {
    if (element.getAttribute("aria-disabled") === "true") element.focus();
    else if (element.matches("input:not([type=submit], [type=button], [type=radio], [type=checkbox]), select, textarea")) element.focus();
    else element.click();
  };

  const openHelp = () => {
    const sets = [["On this page", "[data-key][data-key-label]", (e) => [e.dataset.key]],
      ["Go to", "[data-go]", (e) => ["g", e.dataset.go]]];
    const place = help.querySelector(".sets");
    place.replaceChildren();
    const always = [[["/"], "Find a patient"], [["?"], "This help"], [["esc"], "Close, go back"]];
    const sections = sets.map(([title, selector, keys]) =>
      [title, [...document.querySelectorAll(selector)].filter(shown).map((e) => [keys(e), e.dataset.keyLabel])]);
    sections.push(["Everywhere", always]);
    for (const [title, lines] of sections.filter((section) => section[1].length)) {
      const section = document.createElement("section");
      const heading = document.createElement("h3");
      const list = document.createElement("dl");
      heading.textContent = title;
      for (const [keys, label] of lines) {
        const term = document.createElement("dt");
        const text = document.createElement("dd");
        term.append(...keys.flatMap((key) => { const cap = document.createElement("kbd"); cap.textContent = key; return [cap, " "]; }));
        text.textContent = label;
        list.append(term, text);
      }
      section.append(heading, list);
      place.append(section);
    }
    help.showModal();
  };

  const command = (key) => {
    if (document.querySelector("dialog[open]")) return;
    if (goUntil > performance.now()) {
      goUntil = 0;
      const place = [...document.querySelectorAll("[data-go]")].find((element) => element.dataset.go.toLowerCase() === key.toLowerCase());
      if (place) place.click();
      return;
    }
    const control = named(key);
    if (control) use(control);
    else if (key === "/") find("");
    else if (key === "?" && help) openHelp();
    else if (key === "g") goUntil = performance.now() + GO_MS;
  };

  const scanned = (code) => {
    deafUntil = performance.now() + LATE_ENTER_MS;
    const heard = document.dispatchEvent(new CustomEvent("clinic:scan", { detail: { code }, cancelable: true }));
    const field = document.querySelector("[data-scan]");
    if (!heard || !field) return;
    field.value = code;
    field.form?.requestSubmit();
  };

  // Letters that follow `/` before the field is there belong into it; they are never commands.
  const find = (letters) => {
    const field = document.getElementById("find");
    if (!field || document.querySelector("dialog[open]")) return;
    field.focus();
    if (!letters) return;
    field.value += letters;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const settle = () => {
    const keys = burst;
    burst = [];
    if (keys.length >= SCAN_LENGTH) scanned(keys.join(""));
    else if (keys[0] === "/" && !named("/")) find(keys.slice(1).join(""));
    else keys.forEach(command);
  };

  // On a page that waits for scans, a code that lands in another field is taken out again and sent where it belongs.
  const scannedIntoField = (event) => {
    const field = event.target;
    if (!document.querySelector("[data-scan]") || field.matches("[data-scan], [role=combobox], [type=password]")) return false;
    const now = performance.now();
    if (event.key === "Enter" && fieldBurst.keys.length >= SCAN_LENGTH && now - fieldBurst.at < LATE_ENTER_MS) {
      field.value = fieldBurst.before;
      scanned(fieldBurst.keys);
      return true;
    }
    if (event.key.length > 1) return false;
    if (now - fieldBurst.at > BURST_MS) fieldBurst = { keys: "", before: field.value, at: now };
    fieldBurst.keys += event.key;
    fieldBurst.at = now;
    return false;
  };

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (document.documentElement.hasAttribute("data-locked")) return;
    if (typing(event.target)) {
      if (scannedIntoField(event)) event.preventDefault();
      else if (event.key === "Escape" && !document.querySelector("dialog[open]")) event.target.blur();
      return;
    }
    if (event.key === "Enter" && (burst.length >= SCAN_LENGTH || performance.now() < deafUntil)) {
      event.preventDefault();
      clearTimeout(settled);
      settle();
      return;
    }
    if (event.key.length > 1) {
      if (["Shift", "Tab", "CapsLock"].includes(event.key)) return;
      const onControl = event.target.closest("a, button, summary, label, [role=option]");
      if (named(event.key) && !(event.key === "Enter" && onControl) && !document.querySelector("dialog[open]")) {
        event.preventDefault();
        command(event.key);
      }
      return;
    }
    if (event.key === " ") return;
    if (event.key === "/" || event.key === "'") event.preventDefault();
    burst.push(event.key);
    clearTimeout(settled);
    settled = setTimeout(settle, BURST_MS);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]") && help) openHelp();
    if (event.target === help) help.close();
    if (event.target.closest("a[aria-disabled=true], button[aria-disabled=true]")) event.preventDefault();
  });
})();
