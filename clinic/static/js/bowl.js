// Slips from the bowl, one by one, drawn again in this browser from the seed the receipt reveals. A slip that did not
// follow from seed and word would say so. Without a secure connection browsers offer no SHA-256: the slips are then shown
// as recorded, and `clinic rewards verify-draw` draws them again.
(() => {
  "use strict";
  const list = document.querySelector("[data-slips]");
  if (!list) return;
  const receipt = JSON.parse(document.getElementById("draw-receipt").textContent);
  const slips = [...list.children];
  const word = document.querySelector("[data-drawn-again]");
  const again = document.querySelector("[data-replay]");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const STEP_MS = 600;
  const text = new TextEncoder();

  const bytes = (hex) => new Uint8Array(hex.match(/../g).map((pair) => parseInt(pair, 16)));
  const number = (digest) => BigInt("0x" + [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""));

  const drawn = async () => {
    const key = await crypto.subtle.importKey("raw", bytes(receipt.seed), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const hmac = async (message) => new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
    const left = receipt.bowl.slips.map((kind) => ({ ...kind }));
    const found = [];
    for (let draw = 1; draw <= receipt.slips.length; draw += 1) {
      const size = BigInt(left.reduce((sum, kind) => sum + kind.count, 0));
      const whole = (1n << 256n) - ((1n << 256n) % size);
      let digest = await hmac(text.encode(`${receipt.choice}:${receipt.visit}:${draw}`));
      while (number(digest) >= whole) digest = await hmac(digest);
      const index = Number(number(digest) % size);
      let passed = 0;
      const kind = left.find((one) => (passed += one.count) > index);
      found.push({ index, slip: kind.slip });
      if (receipt.bowl.puts_back === false) kind.count -= 1;
    }
    return found;
  };

  const check = async () => {
    if (!globalThis.crypto?.subtle) return;
    const found = await drawn();
    const agrees = found.length === receipt.slips.length &&
      found.every((one, place) => one.index === receipt.slips[place].index && one.slip === receipt.slips[place].slip);
    word.textContent = agrees ? "Drawn again in this browser from the seed: every slip agrees." : "Drawn again in this browser: the slips do not agree with the receipt.";
  };

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const show = async () => {
    if (still) return;
    again.disabled = true;
    for (const slip of slips) slip.hidden = true;
    for (const slip of slips) {
      slip.hidden = false;
      slip.animate(
        [{ transform: "translateY(-1.5rem) rotate(-6deg) scale(.8)", opacity: 0 }, { transform: "none", opacity: 1 }],
        { duration: STEP_MS * 0.7, easing: "cubic-bezier(.2, .9, .3, 1.2)" },
      );
      await pause(STEP_MS);
    }
    again.disabled = false;
  };

  again.hidden = still;
  again.addEventListener("click", show);
  check().catch(() => { word.textContent = "This browser could not draw again. clinic rewards verify-draw can."; });
  if (list.dataset.slips === "first") show();
})();
