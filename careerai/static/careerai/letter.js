/* A letter that appears while it is written, and the evidence of its sentences. Without script the page shows all evidence below each other. */

/* Writing: the text comes as server-sent events; a broken connection goes on where it stopped, and the finished letter replaces the draft. */
const listen = (holder) => {
  const draft = holder.querySelector("[data-draft]");
  const state = holder.querySelector("[data-state]");
  const source = new EventSource(`${holder.dataset.stream}?shown=${[...draft.textContent].length}`);
  source.addEventListener("text", (event) => {
    state.textContent = "Writing";
    draft.append(JSON.parse(event.data).text);
  });
  source.addEventListener("restart", () => {
    state.textContent = "Beginning again";
    draft.textContent = "";
  });
  source.addEventListener("done", async () => {
    source.close();
    const answer = await fetch(holder.dataset.address, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const finished = page.getElementById("letter");
    holder.replaceWith(finished);
    window.htmx?.process(finished);
    begin();
  });
};

/* Evidence: only that of the chosen sentence is shown. */
const explain = (letter) => {
  const proofs = [...letter.querySelectorAll(".proof")];
  const links = [...letter.querySelectorAll("[data-sentence]")];
  const hint = letter.querySelector("[data-evidence-hint]");
  const show = (number) => {
    proofs.forEach((proof) => (proof.hidden = proof.id !== `sentence-${number}`));
    links.forEach((link) => link.toggleAttribute("aria-current", link.dataset.sentence === number));
    if (hint) hint.hidden = number !== null;
  };
  links.forEach((link) => {
    link.addEventListener("focus", () => show(link.dataset.sentence));
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(link.dataset.sentence);
    });
  });
  const faulty = letter.querySelector(".sentence--unsupported") ?? null;
  show(faulty ? faulty.dataset.sentence : null);
};

const begin = () => {
  document.querySelectorAll("[data-stream]").forEach(listen);
  document.querySelectorAll("[data-letter]").forEach(explain);
};
begin();
document.addEventListener("htmx:after:swap", () => document.querySelectorAll("[data-letter]").forEach(explain));
