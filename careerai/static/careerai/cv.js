/* Upload by drag and drop, and the link between a value and its place in the document. Both pages work without it. */

/* Upload: a dropped or chosen file is sent at once. */
const upload = document.querySelector("[data-upload]");
if (upload) {
  const zone = upload.querySelector("[data-dropzone]");
  const input = zone.querySelector("input[type=file]");
  const state = upload.querySelector("[data-upload-state]");
  const send = () => {
    if (!input.files.length) return;
    state.textContent = `Uploading ${input.files[0].name} …`;
    zone.classList.remove("is-over");
    upload.requestSubmit();
  };
  input.addEventListener("change", send);
  // Somebody may have chosen before this script was here.
  send();
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
    send();
  });
}

/* Review: the place of a value is marked while the pointer or the keyboard is on it. */
const review = document.querySelector("[data-review]");
if (review) {
  const data = document.getElementById("line-boxes");
  const lineBoxes = data ? JSON.parse(data.textContent) : {};

  const boxesOf = (source) => {
    const lines = (source.dataset.lines || "").split(" ").filter((id) => lineBoxes[id]);
    if (lines.length) return lines.map((id) => lineBoxes[id]);
    const box = (source.dataset.box || "").split(",").map(Number);
    return source.dataset.page && box.length === 4 ? [[Number(source.dataset.page), ...box]] : [];
  };

  const clear = () => {
    review.querySelectorAll("svg rect").forEach((rect) => rect.remove());
    review.querySelectorAll(".is-marked").forEach((line) => line.classList.remove("is-marked"));
  };

  const mark = (source, { scroll }) => {
    clear();
    let first = null;
    for (const [page, x0, top, x1, bottom] of boxesOf(source)) {
      const svg = review.querySelector(`[data-page-number="${page}"] svg`);
      if (!svg) continue;
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const [name, value] of Object.entries({ x: x0 - 2, y: top - 1, width: x1 - x0 + 4, height: bottom - top + 2, rx: 2 })) {
        rect.setAttribute(name, value);
      }
      svg.append(rect);
      first ??= rect;
    }
    for (const id of (source.dataset.lines || "").split(" ").filter(Boolean)) {
      const line = review.querySelector(`[data-line="${CSS.escape(id)}"]`);
      if (!line) continue;
      line.classList.add("is-marked");
      first ??= line;
    }
    const pane = review.querySelector(".review__original");
    if (!first || !scroll || !pane || pane.scrollHeight <= pane.clientHeight) return;
    const place = first.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    if (place.top < frame.top + 20 || place.bottom > frame.bottom - 20) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      pane.scrollBy({ top: place.top - frame.top - frame.height / 3, behavior: calm ? "auto" : "smooth" });
    }
  };

  const sourceOf = (event) => event.target.closest?.("[data-lines]");
  review.addEventListener("pointerover", (event) => {
    const source = sourceOf(event);
    if (source && !review.querySelector(".value-form:focus-within")) mark(source, { scroll: false });
  });
  for (const name of ["focusin", "click"]) {
    review.addEventListener(name, (event) => {
      const source = sourceOf(event);
      if (source) mark(source, { scroll: true });
    });
  }

  /* On a phone one pane is shown at a time. */
  const switches = document.querySelectorAll("[data-show-pane]");
  const show = (pane) => {
    review.dataset.pane = pane;
    switches.forEach((button) => {
      const isShown = button.dataset.showPane === pane;
      button.setAttribute("aria-pressed", String(isShown));
      button.classList.toggle("outline", !isShown);
    });
    const marked = review.querySelector("svg rect, .is-marked");
    if (pane === "original" && marked) marked.scrollIntoView({ block: "center" });
  };
  switches.forEach((button) => button.addEventListener("click", () => show(button.dataset.showPane)));
  review.classList.add("has-switch");

  /* Escape leaves a form; after a form has gone, the keyboard is back on its value. */
  review.addEventListener("keydown", (event) => {
    if (event.key === "Escape") event.target.closest(".value-form")?.querySelector("[data-cancel]")?.click();
  });
  let lastItem = null;
  document.addEventListener("htmx:before:request", () => {
    lastItem = document.activeElement?.closest?.(".item") ?? lastItem;
  });
  document.addEventListener("htmx:after:swap", () => {
    const form = review.querySelector(".value-form [autofocus]");
    if (form) form.focus();
    else if (document.activeElement === document.body) lastItem?.querySelector(".value__text")?.focus();
  });

  /* A new entry opens its first value. */
  if (location.hash.startsWith("#item-")) {
    const item = document.getElementById(location.hash.slice(1));
    const empty = item && !item.querySelector(".value:not(.value--empty)") && item.querySelector(".value--empty .value__text");
    /* htmx takes links over in a task of its own after the page is parsed; a click before that would leave the page. */
    if (empty) window.addEventListener("load", () => setTimeout(() => empty.click(), 50));
  }
}
