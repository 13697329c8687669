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

  /* The way back: a click on a line of the document leads to the value that was read from it. */
  const lineAt = (event) => {
    const page = event.target.closest("[data-page-number]");
    if (!page) return event.target.closest("[data-line]")?.dataset.line;
    const svg = page.querySelector("svg");
    const frame = svg.getBoundingClientRect();
    const x = ((event.clientX - frame.left) / frame.width) * svg.viewBox.baseVal.width;
    const y = ((event.clientY - frame.top) / frame.height) * svg.viewBox.baseVal.height;
    const number = Number(page.dataset.pageNumber);
    const under = Object.entries(lineBoxes).filter(
      ([, [on, x0, top, x1, bottom]]) => on === number && x >= x0 - 3 && x <= x1 + 3 && y >= top - 3 && y <= bottom + 3,
    );
    under.sort(([, a], [, b]) => Math.abs((a[2] + a[4]) / 2 - y) - Math.abs((b[2] + b[4]) / 2 - y));
    return under[0]?.[0];
  };
  review.querySelector(".review__original")?.addEventListener("click", (event) => {
    const line = lineAt(event);
    const value = line && review.querySelector(`.review__values [data-lines~="${CSS.escape(line)}"]`);
    if (!value) return;
    if (matchMedia("(max-width: 800px)").matches) show("values");
    value.scrollIntoView({ block: "center" });
    value.querySelector("a, input, textarea, select")?.focus({ preventScroll: true });
    mark(value, { scroll: false });
  });

  /* On a phone one pane is shown at a time. */
  const switches = document.querySelectorAll("[data-show-pane]");
  let left = null;
  const show = (pane) => {
    if (pane === "original") left = review.querySelector(".value-form") ?? left;
    review.dataset.pane = pane;
    switches.forEach((button) => {
      const isShown = button.dataset.showPane === pane;
      button.setAttribute("aria-pressed", String(isShown));
      button.classList.toggle("outline", !isShown);
    });
    const marked = review.querySelector("svg rect, .is-marked");
    if (pane === "original" && marked) marked.scrollIntoView({ block: "center" });
    if (pane === "values" && left?.isConnected) left.scrollIntoView({ block: "center" });
  };
  switches.forEach((button) => button.addEventListener("click", () => show(button.dataset.showPane)));
  review.classList.add("has-switch");

  /* What is typed is saved when the form is left. Until the server has it, it stays in the form, also without a connection. */
  const entered = (form) => form.querySelector("[name=value]");
  const isChanged = (form) => entered(form).value !== (form.dataset.was ?? form.querySelector("[name=seen]").value);
  const tell = (form, words) => {
    const note = form.querySelector("[data-unsaved]");
    note.textContent = words;
    note.hidden = !words;
  };
  const waiting = () => [...review.querySelectorAll(".value-form")].filter((form) => form.dataset.waits);
  const send = (form) => {
    if (!form.isConnected || form.dataset.sending) return;
    form.requestSubmit();
  };
  review.addEventListener("focusout", (event) => {
    const form = event.target.closest(".value-form");
    if (!form || form.contains(event.relatedTarget)) return;
    /* The pointer may be going down on one of the form's own buttons, and a window that loses the focus leaves no form. */
    setTimeout(() => {
      if (form.isConnected && document.hasFocus() && !form.contains(document.activeElement) && isChanged(form)) send(form);
    }, 0);
  });
  review.addEventListener("keydown", (event) => {
    const form = event.target.closest(".value-form");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  addEventListener("online", () => waiting().forEach(send));
  setInterval(() => waiting().forEach(send), 5000);
  addEventListener("beforeunload", (event) => {
    if ([...review.querySelectorAll(".value-form")].some(isChanged)) event.preventDefault();
  });

  const formOf = (event) => {
    const source = event.detail?.ctx?.sourceElement;
    return source?.matches?.(".value-form") ? source : null;
  };
  document.addEventListener("htmx:before:request", (event) => {
    const form = formOf(event);
    if (form) form.dataset.sending = "1";
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const form = formOf(event);
    if (!form) return;
    delete form.dataset.sending;
    /* The column was drawn anew while this value was on its way. */
    const column = document.getElementById("review-values");
    if (!form.isConnected && event.detail.ctx.status !== "swapped" && column) {
      htmx.ajax("GET", column.dataset.refresh, { target: "#review-values", swap: "outerHTML" });
    }
  });
  document.addEventListener("htmx:error", (event) => {
    const form = formOf(event);
    if (!form || !form.isConnected) return;
    form.dataset.waits = "1";
    tell(form, "Not saved: no connection. Your text stays here and is sent as soon as the server answers.");
  });
  document.addEventListener("htmx:before:response", (event) => {
    const form = formOf(event);
    const { raw, status } = event.detail.ctx.response;
    if (raw.redirected && new URL(raw.url).pathname.includes("/sign-in")) {
      event.preventDefault();
      if (form) tell(form, "Not saved: you were signed out. Copy your text, reload the page and sign in again.");
      else location.reload();
    } else if (form && status !== 200 && status !== 400) {
      event.preventDefault();
      delete form.dataset.waits;
      if (![403, 404].includes(status)) form.dataset.waits = "1";
      tell(
        form,
        status === 404
          ? "Not saved: this entry does not exist any more. Copy your text and reload the page."
          : status === 403
            ? "Not saved: this page is out of date. Copy your text and reload the page."
            : "Not saved: the server has a problem. Your text stays here and is sent again.",
      );
    } else if (form) delete form.dataset.waits;
  });

  /* Escape leaves a form; after a form has gone, the keyboard is back on its value. */
  review.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.target.closest(".value-form")?.querySelector("[data-cancel]")?.click();
    if (event.target.closest(".entry-menu, .item__menu")) closeMenus(true);
  });
  let lastItem = null;
  document.addEventListener("htmx:before:request", () => {
    lastItem = document.activeElement?.closest?.(".item") ?? lastItem;
  });
  document.addEventListener("htmx:after:swap", () => {
    const menu = review.querySelector(".entry-menu:not([data-seen])");
    if (menu) {
      menu.dataset.seen = "1";
      menu.querySelector("button, select")?.focus();
      return;
    }
    const form = review.querySelector(".value-form:not([data-seen])");
    if (form) {
      form.dataset.seen = "1";
      entered(form).focus();
      form.dataset.was = entered(form).matches("textarea, select") ? entered(form).value : form.querySelector("[name=seen]").value;
    }
    else if (document.activeElement === document.body) lastItem?.querySelector(".value__text")?.focus();
  });

  /* After a change of the shape the keyboard stays on the entry that was changed; a new one opens its first value. */
  const openFirst = (item) => {
    const empty = item && !item.querySelector(".value:not(.value--empty)") && item.querySelector(".value--empty .value__text");
    if (empty) empty.click();
  };
  document.addEventListener("htmx:after:swap", (event) => {
    const column = document.getElementById("review-values");
    if (!column?.dataset.focus) return;
    const item = document.getElementById(`item-${column.dataset.focus}`);
    const isNew = "new" in column.dataset;
    delete column.dataset.focus;
    if (!item) return;
    const place = item.getBoundingClientRect();
    if (place.top < 0 || place.top > innerHeight - 80) item.scrollIntoView({ block: "center" });
    if (isNew) openFirst(item);
    else item.querySelector(".item__menu, .value__text")?.focus({ preventScroll: true });
  });
  const closeMenus = (focus) =>
    review.querySelectorAll(".entry-menu").forEach((menu) => {
      const opener = menu.closest(".item")?.querySelector(".item__menu");
      menu.remove();
      if (focus) opener?.focus();
    });
  review.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-menu]")) closeMenus(true);
  });
  document.addEventListener("htmx:before:request", (event) => {
    const opener = event.detail?.ctx?.sourceElement;
    if (!opener?.matches?.(".item__menu")) return;
    const wasOpen = opener.closest(".item__values").querySelector(":scope > .entry-menu");
    closeMenus(Boolean(wasOpen));
    if (wasOpen) event.preventDefault();
  });

  /* A new entry opens its first value, also where the page was loaded for it. */
  if (location.hash.startsWith("#item-")) {
    const item = document.getElementById(location.hash.slice(1));
    /* htmx takes links over in a task of its own after the page is parsed; a click before that would leave the page. */
    if (item) addEventListener("load", () => setTimeout(() => openFirst(item), 50));
  }
}
