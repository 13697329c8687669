"""Putting a letter together: blocks of sentences until the length is right, each through the gate."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cv.facts import Fact, facts_of
from jobs.grounding import Context, Sentence, Verdict, check_text
from jobs.letters.planning import LetterPlan, plan_letter
from jobs.letters.posting import is_borne_by_posting
from jobs.letters.types import Letter, LetterInputs, RemovedClaim

Block = list[Sentence]
# More lines than these are a list and no letter.
MOST_STORIES = 8


class Composer(Protocol):
    """Writes the parts of a letter in one language."""

    def salutation(self) -> Sentence:
        """Return the line that addresses the reader."""

    def opening(self) -> Block:
        """Return why the letter is written, in the posting's own words."""

    def body(self) -> Iterator[Block]:
        """Yield what speaks for the applicant, with `Desk.stories` lines of the CV."""

    def filling(self) -> Iterator[Block]:
        """Yield what is said only where the letter would be short without it."""

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
    stories: int = 3
    checked: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_foreign(self) -> bool:
        """Whether the posting is in another language than the letter, so that its words cannot be used."""
        return self.inputs.analysis.language not in {"", self.inputs.language}

    def quoted(self, scope_id: str) -> list[Fact]:
        """Return the lines of a position to quote, where the CV is in another language than the letter."""
        chosen = self.plan.quotable[: self.stories]
        return [proof.fact for proof in chosen if proof.fact.scope_id == scope_id]

    def is_told(self, name: str) -> bool:
        """Whether a line that the letter rests on names a skill."""
        told = " ".join(fact.text for number in self.used_facts for fact in self.facts.get(number, ()))
        return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", told, re.IGNORECASE) is not None

    def first_passing(self, *sentences: Sentence) -> Sentence:
        """Return the first of some wordings that the gate lets pass, else the last."""
        return next((sentence for sentence in sentences if not self.problems(sentence)), sentences[-1])

    def problems(self, sentence: Sentence) -> list[str]:
        """Return what the gate has against a sentence; asked again about the same one, it is not read again."""
        key = "\n".join([sentence.text, sentence.role, *sentence.evidence_ids])
        if key not in self.checked:
            known = [fact for facts in self.facts.values() for fact in facts]
            self.checked[key] = problems_of(sentence, self.facts, known, self.inputs)
        return self.checked[key]


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

    It tells as many lines of the CV as the length allows, those of one position together; nothing is padded, so a short CV gives a short
    letter. Every sentence passes the gate or is left out.
    """
    facts = facts_of(inputs.resume)
    by_id: dict[str, list[Fact]] = {}
    for fact in facts:
        by_id.setdefault(fact.id, []).append(fact)
    plan = plan_letter(inputs)
    checked: dict[str, list[str]] = {}
    for stories in range(min(MOST_STORIES, max(len(plan.proofs), 1)), 0, -1):
        attempt = _Attempt(Desk(inputs, plan, by_id, stories=stories, checked=checked), composer_for)
        if attempt.fits:
            break
    return attempt.letter()


class _Attempt:
    """A letter with a number of stories, and whether all that it has to say found room."""

    def __init__(self, desk: Desk, composer_for: Callable[[Desk], Composer]) -> None:
        self._desk = desk
        self._composer = composer_for(desk)
        self._removed: list[RemovedClaim] = []
        self.fits = True
        self._opening = self._passed(self._composer.opening())
        self._body: Block = []
        self._closing: Block = self._passed(self._composer.closing())
        for block in self._composer.body():
            self._add(block)
        for block in self._composer.filling():
            if self._words() >= desk.inputs.least_words:
                break
            if self._words() + _words(block) <= desk.inputs.most_words:
                self._add(block)

    def letter(self) -> Letter:
        """Return what was written."""
        parts = [self._composer.salutation(), *self._opening, *self._body, *self._closing, *self._composer.signature()]
        return Letter(language=self._desk.inputs.language, sentences=_numbered(parts), removed=self._removed)

    def _add(self, block: Block) -> None:
        kept = self._passed(block)
        if self._words() + _words(kept) > self._desk.inputs.most_words:
            self.fits = False
            return
        self._body += kept
        self._desk.used_facts.update(number for sentence in kept for number in sentence.evidence_ids)
        self._desk.used_requirements.update(number for sentence in kept for number in sentence.requirement_ids)

    def _words(self) -> int:
        return _words(self._opening) + _words(self._body) + _words(self._closing)

    def _passed(self, block: Block) -> Block:
        """Return a block's sentences that pass the gate; none where what it leads to, or what it goes on from, does not pass."""
        kept = []
        for sentence in block:
            if problems := self._desk.problems(sentence):
                self._removed.append(RemovedClaim(text=sentence.text, problems=problems))
            else:
                kept.append(sentence)
        first = next((sentence for sentence in block if sentence.role == "claim"), None)
        return kept if first in kept or len(kept) == len(block) else []


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
