// A patient may draw a signature: strokes of points, kept as JSON in the form beside the typed name.
(() => {
  "use strict";
  for (const box of document.querySelectorAll("[data-signature]")) {
    const pad = box.querySelector("canvas");
    const kept = box.closest("form").elements.namedItem("strokes");
    const pen = pad.getContext("2d");
    if (!kept || !pen) continue;
    box.hidden = false;
    let strokes = [];
    let stroke = null;

    const place = (event) => {
      const frame = pad.getBoundingClientRect();
      const scale = (value, from, size, whole) => Math.round(((value - from) / size) * whole);
      return [
        scale(event.clientX, frame.left, frame.width, pad.width),
        scale(event.clientY, frame.top, frame.height, pad.height),
      ];
    };
    const draw = () => {
      pen.clearRect(0, 0, pad.width, pad.height);
      pen.strokeStyle = getComputedStyle(pad).color;
      pen.lineWidth = 2;
      for (const points of strokes) {
        pen.beginPath();
        points.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
        pen.stroke();
      }
      kept.value = strokes.length ? JSON.stringify(strokes) : "";
    };
    pad.addEventListener("pointerdown", (event) => {
      pad.setPointerCapture(event.pointerId);
      stroke = [place(event)];
      strokes.push(stroke);
    });
    pad.addEventListener("pointermove", (event) => {
      if (!stroke) return;
      stroke.push(place(event));
      draw();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      pad.addEventListener(end, () => {
        stroke = null;
        draw();
      });
    }
    box.querySelector("[data-signature-clear]").addEventListener("click", () => {
      strokes = [];
      draw();
    });
  }
})();
