"""Putting a letter together: blocks of sentences until the length is right, each through the gate."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from cv.facts import Fact, facts_of
from jobs.grounding import Context, Sentence, Verdict, check_text
from jobs.letters.planning import LetterPlan, plan_letter
from jobs.letters.posting import is_borne_by_posting
from jobs.letters.types import Letter, LetterInputs, RemovedClaim

Block = list[Sentence]


class Composer(Protocol):
    """Writes the parts of a letter in one language."""

    def salutation(self) -> Sentence:
        """Return the line that addresses the reader."""

    def opening(self) -> Block:
        """Return why the letter is written, in the posting's own words."""

    def body(self) -> Iterator[Block]:
        """Yield what speaks for the applicant, the weightiest first."""

    def story_of_email(self) -> Block:
        """Return the weightiest story on its own."""

    def closing(self) -> Block:
        """Return the last sentences."""

    def signature(self) -> Block:
        """Return the greeting and the name."""


@dataclass(slots=True)
class Desk:
    """What a composer works with: inputs, plan, and which facts and requirements have been used."""

    inputs: LetterInputs
    plan: LetterPlan
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    used_facts: set[str] = field(default_factory=set)
    used_requirements: set[str] = field(default_factory=set)
    scope: str = ""
    today: date | None = None

    @property
    def is_foreign(self) -> bool:
        """Whether the posting is in another language than the letter, so that its words cannot be used."""
        return self.inputs.analysis.language not in {"", self.inputs.language}

    @property
    def context(self) -> Context:
        """What the gate lets a letter name without evidence."""
        return context_of(self.inputs)


def context_of(inputs: LetterInputs) -> Context:
    """Return what a letter to this posting may name without evidence in the CV."""
    analysis = inputs.analysis
    return Context(
        posting_title=analysis.title,
        posting_employer=analysis.employer,
        posting_text=inputs.posting_text,
        language=inputs.language,
        names=tuple(name for name in (inputs.applicant_name, analysis.contact_name) if name),
    )


def compose(inputs: LetterInputs, composer_for: Callable[[Desk], Composer]) -> Letter:
    """Write a letter offline.

    Blocks are added in the order of their weight until the body is long enough; nothing is padded, so a short CV gives a short letter.
    Every sentence passes the gate or is left out.
    """
    facts = facts_of(inputs.resume)
    by_id: dict[str, list[Fact]] = {}
    for fact in facts:
        by_id.setdefault(fact.id, []).append(fact)
    desk = Desk(inputs, plan_letter(inputs), by_id)
    composer = composer_for(desk)
    removed: list[RemovedClaim] = []

    def passed(block: Block) -> Block:
        kept = []
        for sentence in block:
            problems = problems_of(sentence, by_id, facts, inputs)
            if problems:
                removed.append(RemovedClaim(text=sentence.text, problems=problems))
            else:
                kept.append(sentence)
        return kept if any(sentence.role == "claim" for sentence in kept) or len(kept) == len(block) else []

    opening = passed(composer.opening())
    body: list[Sentence] = []
    closing = passed(composer.closing())
    fixed = _words(opening) + _words(closing)
    enough = inputs.most_words - (inputs.most_words - inputs.least_words) // 4
    for block in composer.body():
        kept = passed(block)
        total = fixed + _words(body)
        if total >= enough:
            break
        if kept and total + _words(kept) <= inputs.most_words:
            body += kept
            desk.used_facts.update(number for sentence in kept for number in sentence.evidence_ids)
            desk.used_requirements.update(number for sentence in kept for number in sentence.requirement_ids)
    sentences = [composer.salutation(), *opening, *body, *closing, *composer.signature()]
    return Letter(language=inputs.language, sentences=_numbered(sentences), removed=removed)


def problems_of(
    sentence: Sentence, by_id: dict[str, list[Fact]], facts: Sequence[Fact], inputs: LetterInputs
) -> list[str]:
    """Return what the gate has against a sentence that says what it rests on."""
    if sentence.role in {"salutation", "signature"}:
        return []
    if unwanted := unwanted_in(sentence.text, inputs):
        return [unwanted]
    if sentence.role == "posting":
        supported = is_borne_by_posting(sentence.text, inputs)
        return [] if supported else ["The posting does not say this."]
    cited = [fact for number in sentence.evidence_ids for fact in by_id.get(number, ())]
    check = check_text(sentence.text, cited, known=facts, context=context_of(inputs))
    return [] if check.verdict == Verdict.SUPPORTED else check.problems


def unwanted_in(text: str, inputs: LetterInputs) -> str:
    """Return what is wrong with a text that mentions what the person does not want mentioned, else an empty string."""
    for word in inputs.never_mention:
        if re.search(rf"(?<!\w){re.escape(word.strip())}", text, re.IGNORECASE):
            return f"You asked not to mention “{word.strip()}”."
    return ""


def proven(block: Block, inputs: LetterInputs) -> Block:
    """Return the block's sentences that pass the gate."""
    facts = facts_of(inputs.resume)
    by_id: dict[str, list[Fact]] = {}
    for fact in facts:
        by_id.setdefault(fact.id, []).append(fact)
    return [sentence for sentence in block if not problems_of(sentence, by_id, facts, inputs)]


def _words(sentences: Sequence[Sentence]) -> int:
    return sum(len(sentence.text.split()) for sentence in sentences)


def _numbered(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Number the paragraphs without gaps."""
    numbers = {old: new for new, old in enumerate(sorted({sentence.paragraph for sentence in sentences}))}
    return [sentence.model_copy(update={"paragraph": numbers[sentence.paragraph]}) for sentence in sentences]
