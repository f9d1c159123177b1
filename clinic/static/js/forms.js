// Forms: sent once, never lost by accident, and a long upload shows how far it is.
(() => {
  "use strict";
  const touched = new WeakSet();
  const busy = new WeakSet();
  let leaving = false;

  const buttons = (form) => [...form.elements].filter((element) => element.type === "submit");

  const start = (form, submitter) => {
    busy.add(form);
    form.setAttribute("aria-busy", "true");
    for (const button of buttons(form)) button.setAttribute("aria-busy", "true");
    const word = submitter?.querySelector(".word");
    if (word && submitter.dataset.busyLabel) {
      submitter.dataset.label = word.textContent;
      word.textContent = submitter.dataset.busyLabel;
    }
  };

  const stop = (form) => {
    busy.delete(form);
    form.removeAttribute("aria-busy");
    for (const button of buttons(form)) {
      button.removeAttribute("aria-busy");
      const word = button.querySelector(".word");
      if (word && button.dataset.label) word.textContent = button.dataset.label;
    }
  };

  const send = (form, submitter) => {
    const meter = form.querySelector(".upload");
    const bar = meter?.querySelector("progress");
    const request = new XMLHttpRequest();
    meter?.setAttribute("data-running", "");
    request.upload.addEventListener("progress", (event) => {
      if (!bar || !event.lengthComputable) return;
      bar.value = Math.round((100 * event.loaded) / event.total);
      meter.querySelector(".sum").textContent = `${bar.value} %`;
    });
    request.addEventListener("load", () => {
      touched.delete(form);
      if (request.status < 400 && request.responseURL !== form.action) {
        location.assign(request.responseURL);
        return;
      }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html").getElementById("main");
      if (answer) document.getElementById("main").replaceWith(answer);
      else stop(form);
    });
    request.addEventListener("error", () => {
      stop(form);
      meter?.removeAttribute("data-running");
      window.clinic?.say("stop", "The file was not sent.", "The connection broke. Look whether it arrived before sending it again.");
    });
    request.open("POST", form.action);
    request.send(new FormData(form, submitter));
  };

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-guard]")) touched.add(form);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || !form.matches("[data-once], [data-guard]")) return;
    if (busy.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    leaving = true;
    if (form.matches("[data-progress]") && form.querySelector("input[type=file]")?.files.length) {
      event.preventDefault();
      start(form, event.submitter);
      send(form, event.submitter);
      return;
    }
    // After this turn of the loop, so that the pressed button's own name and value are still sent.
    setTimeout(() => { if (!event.defaultPrevented || form.matches("[hx-post], [data-hx-post]")) start(form, event.submitter); else leaving = false; });
  }, true);

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (!form) return;
    leaving = false;
    stop(form);
    if (event.detail.successful) touched.delete(form);
  });

  addEventListener("beforeunload", (event) => {
    if (leaving) return;
    if ([...document.forms].some((form) => touched.has(form))) event.preventDefault();
  });

  // The back button may bring back a page frozen in "Saving…".
  addEventListener("pageshow", (event) => {
    leaving = false;
    if (event.persisted) [...document.forms].forEach(stop);
  });
})();
