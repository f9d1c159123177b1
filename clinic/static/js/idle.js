// After some minutes untouched the page is covered until the same person says the password.
// What was typed stays. The server ends its own sessions; this keeps eyes off an unattended screen.
(() => {
  "use strict";
  const lock = document.getElementById("idle-lock");
  const minutes = Number(lock?.dataset.minutes ?? 0);
  if (!lock || !(minutes > 0)) return;
  const limitMs = Number(lock.dataset.seconds ?? 60 * minutes) * 1000; // a window locks in seconds and keeps its screen
  const root = document.documentElement;
  const form = lock.querySelector("form");
  const password = form.elements.password;
  const said = document.getElementById("idle-said");
  const TOUCHED = "clinic.touched";
  const LOCKED = "clinic.locked";
  const CHECK_MS = 1000;
  const PRESENT_MS = 30000; // how often the server hears that somebody is here

  const store = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* this tab alone then */ } },
    drop: (key) => { try { localStorage.removeItem(key); } catch { /* nothing kept */ } },
  };
  let mine = Date.now();
  const last = () => Math.max(mine, Number(store.get(TOUCHED) ?? 0));
  const touch = () => {
    if (lock.open) return;
    const now = Date.now();
    if (now - mine < CHECK_MS) return;
    mine = now;
    store.set(TOUCHED, String(now));
    if (now - toldAt > PRESENT_MS) tellServer(lock.dataset.present);
  };

  let toldAt = Date.now();
  const tellServer = (address) => {
    if (!address) return;
    toldAt = Date.now();
    fetch(address, { method: "POST", headers: { "X-CSRFToken": document.querySelector("meta[name=csrf-token]")?.content ?? "" } }).catch(() => {});
  };

  const close = () => {
    if (lock.open) return;
    root.setAttribute("data-locked", "seconds" in lock.dataset ? "kept" : "away");
    document.querySelectorAll("dialog[open]").forEach((other) => other.close());
    lock.showModal();
    password.value = "";
    password.focus();
  };
  const open = () => {
    mine = Date.now();
    store.set(TOUCHED, String(mine));
    root.removeAttribute("data-locked");
    lock.close();
    said.hidden = true;
    password.value = "";
  };
  const tell = (text) => {
    said.textContent = text;
    said.hidden = false;
    password.value = "";
    password.focus();
  };
  const refresh = (token) => {
    document.querySelector("meta[name=csrf-token]")?.setAttribute("content", token);
    document.querySelectorAll("input[name=csrf_token]").forEach((input) => { input.value = token; });
  };

  const words = { 401: "Sign in again.", 403: "That is not the password.", 422: "That is not the password.", 429: "Too many tries. Wait a minute." };
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.form !== form) return;
    event.preventDefault();
    try {
      const answer = await fetch(lock.dataset.unlock, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-CSRFToken": document.querySelector("meta[name=csrf-token]")?.content ?? "", Accept: "application/json" },
      });
      const json = await answer.json().catch(() => ({}));
      if (answer.ok && !answer.redirected) {
        if (json.csrf_token) refresh(json.csrf_token);
        store.drop(LOCKED);
        open();
      } else {
        tell(json.message ?? words[answer.status] ?? "Your session has ended. Sign out and in again.");
      }
    } catch {
      tell("No answer from the clinic's server. Try again.");
    }
  });

  lock.addEventListener("cancel", (event) => event.preventDefault());
  lock.addEventListener("close", () => { if (root.hasAttribute("data-locked")) lock.showModal(); });
  for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) addEventListener(kind, touch, { passive: true, capture: true });
  addEventListener("storage", (event) => {
    if (event.key !== LOCKED) return;
    if (event.newValue) close();
    else if (lock.open) open();
  });
  document.getElementById("sign-out")?.addEventListener("submit", () => store.drop(LOCKED));

  if (store.get(LOCKED) || "now" in lock.dataset) close();
  else touch();
  setInterval(() => {
    if (lock.open || Date.now() - last() < limitMs) return;
    store.set(LOCKED, "yes");
    tellServer(lock.dataset.lock);
    close();
  }, CHECK_MS);
})();
