"""Letters in the languages of the phrasebook: short, made of what needs no grammar of the CV's own lines."""

import re
from collections.abc import Callable, Iterator, Sequence

from cv.facts import Fact
from cv.resume import Education, Language
from cv.skills import concept_of, concepts_in
from jobs.analysis.language import language_of
from jobs.grounding import Sentence
from jobs.letters.composing import Block, Composer, Desk
from jobs.letters.planning import by_scope, without_repeats
from jobs.letters.wordings import WORDINGS, LetterWording
from jobs.models import Tone
from jobs.posting import RequirementCategory

SALUTATION, OPENING, PROOF, MORE, CLOSING, SIGNATURE = range(6)
MOST_TASKS = 3
MOST_TOOLS = 4
MOST_TITLE_WORDS = 9


def phrasebook(language: str) -> Callable[[Desk], Composer]:
    """Return what composes letters in a language of `WORDINGS`."""
    return lambda desk: PhrasebookLetter(desk, WORDINGS[language])


class PhrasebookLetter:
    """Composes the parts of a letter from one language's wordings.

    Lines of the CV are quoted where the CV is in the letter's language; otherwise positions, skills, languages and studies speak.
    """

    def __init__(self, desk: Desk, wording: LetterWording) -> None:
        """Work at this desk."""
        self.desk = desk
        self.inputs = desk.inputs
        self.plan = desk.plan
        self.analysis = desk.inputs.analysis
        self.wording = wording
        self.tone = Tone(desk.inputs.tone)

    def salutation(self) -> Sentence:
        """Address the contact by name where the posting gives one, without guessing a sex."""
        name = re.sub(r"^(?:Frau|Herrn?|Mr|Mrs|Ms)\.?\s+", "", " ".join(self.analysis.contact_name.split()))
        text = self.wording.salutation_to.format(name=name) if name else self.wording.salutation
        return Sentence(text=text, role="salutation", paragraph=SALUTATION)

    def opening(self) -> Block:
        """Say what is applied for."""
        return [
            Sentence(text=self.wording.opening[self.tone].format(role=self.role()), role="closing", paragraph=OPENING)
        ]

    def role(self) -> str:
        """Return the position applied for, with its employer."""
        title, employer = self.analysis.title, self.analysis.employer
        if not title or len(title.split()) > MOST_TITLE_WORDS:
            return self.wording.untitled
        return (self.wording.role_at if employer else self.wording.role).format(title=title, employer=employer)

    def body(self) -> Iterator[Block]:
        """Yield positions with what was done there, then what else the posting asks for."""
        tasks = self._tasks()
        wanted = [scope for scope in tasks if tasks[scope]]
        order = {scope: number for number, scope in enumerate(wanted)}
        for header in sorted(self.plan.headers, key=lambda fact: order.get(fact.scope_id, len(order))):
            if header.employer and header.title:
                yield [self._career(header), *self._told(header, tasks.get(header.scope_id, []))]
        yield from self._skills()
        yield from self._languages()
        yield from self._studies()
        yield from self._certificates()

    def filling(self) -> Iterator[Block]:
        """Yield nothing: all that is to be said stands in the body."""
        yield from ()

    def closing(self) -> Block:
        """Offer a conversation."""
        return [Sentence(text=self.wording.closing[self.tone], role="closing", paragraph=CLOSING)]

    def signature(self) -> Block:
        """Sign."""
        lines = [self.wording.greeting[self.tone], self.inputs.applicant_name]
        return [Sentence(text=line, role="signature", paragraph=SIGNATURE) for line in lines if line]

    def story_of_email(self) -> Block:
        """Return the position that answers the posting best."""
        return next(([block[0]] for block in self.body()), [])

    def _tasks(self) -> dict[str, list[Fact]]:
        """Return, by position, the lines to quote; none where the CV is in another language."""
        proofs = by_scope(without_repeats(self.plan.proofs))
        if language_of(" ".join(proof.fact.text for proof in proofs)) != self.inputs.language:
            return {}
        found: dict[str, list[Fact]] = {}
        for proof in proofs:
            found.setdefault(proof.fact.scope_id, []).append(proof.fact)
        return found

    def _career(self, header: Fact) -> Sentence:
        named = self.plan.concepts_by_scope.get(header.scope_id, [])[:MOST_TOOLS]
        tools = (
            self.wording.with_tools.format(list=self._listed([_spelt(name, fact) for name, fact in named]))
            if named
            else ""
        )
        form, words = self.wording.undated, {}
        if header.start and header.current:
            form, words = self.wording.now, {"start": header.start.year}
        elif header.start and header.end:
            form, words = self.wording.past, {"start": header.start.year, "end": header.end.year}
        text = form.format(employer=header.employer, title=header.title, tools=tools, **words)
        evidence = list(dict.fromkeys([header.id, *(fact.id for _, fact in named)]))
        return Sentence(text=text, paragraph=PROOF, evidence_ids=evidence)

    def _told(self, header: Fact, lines: Sequence[Fact]) -> Iterator[Sentence]:
        if not lines:
            return
        quoted = "; ".join(_quoted(fact.text) for fact in lines[:MOST_TASKS])
        yield Sentence(
            text=self.wording.tasks.format(employer=header.employer, list=quoted),
            paragraph=PROOF,
            evidence_ids=[header.scope_id, *(fact.id for fact in lines[:MOST_TASKS])],
        )

    def _skills(self) -> Iterator[Block]:
        shown = self.plan.skills[:5]
        if len(shown) > 1:
            ids = list(dict.fromkeys(number for _, number in shown))
            text = self.wording.skills.format(list=self._listed([fact.text for fact, _ in shown]))
            yield [
                Sentence(text=text, paragraph=MORE, evidence_ids=[fact.id for fact, _ in shown], requirement_ids=ids)
            ]

    def _languages(self) -> Iterator[Block]:
        wanted = {language.id: requirement for language, requirement in self.plan.languages}
        for language in self.inputs.resume.languages:
            name = self.wording.languages.get((concept_of(language.name) or language.name).casefold())
            if name and (language.id in wanted or name == self.wording.languages.get(_english(self.inputs.language))):
                requirement = wanted.get(language.id)
                text = self.wording.language.format(language=name, level=self._level(language))
                ids = [requirement.id] if requirement else []
                yield [Sentence(text=text, paragraph=MORE, evidence_ids=[language.id], requirement_ids=ids)]

    def _level(self, language: Language) -> str:
        if any(word in language.fluency.casefold() for word in self.wording.native_words):
            return self.wording.native
        if language.cefr and language.cefr.value in language.fluency:
            return self.wording.level.format(level=language.cefr.value)
        return ""

    def _studies(self) -> Iterator[Block]:
        wanted = [r.id for r in self.analysis.requirements if r.category == RequirementCategory.EDUCATION]
        for study in self.plan.studies[:1]:
            yield [
                Sentence(text=self._study(study), paragraph=MORE, evidence_ids=[study.id], requirement_ids=wanted[:2])
            ]

    def _study(self, study: Education) -> str:
        year = f" ({study.end.year})" if study.end and not study.current else ""
        form = self.wording.studying if study.current else self.wording.study
        area = self.wording.in_area.format(area=study.area) if study.area and study.degree else ""
        return form.format(degree=study.degree or study.area, area=area, school=study.institution, year=year)

    def _certificates(self) -> Iterator[Block]:
        for fact in self.plan.certificates[:1]:
            text = self.wording.certificate.format(name=fact.text.split(",")[0])
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=[fact.id])]

    def _listed(self, names: list[str]) -> str:
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {self.wording.joint} {names[-1]}"


def _quoted(text: str) -> str:
    """Return a line of the CV as part of a list: without its sign and full stop, with a small letter unless it begins with a name."""
    line = re.sub(r"^[\s•·*▪–—-]+", "", text).strip().rstrip(".;")
    return line if line[1:2].isupper() else line[:1].lower() + line[1:]


def _spelt(concept: str, fact: Fact) -> str:
    return next((fact.text[m.start : m.end] for m in concepts_in(fact.text) if m.concept == concept), concept)


def _english(code: str) -> str:
    return {"fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese", "nl": "dutch", "pl": "polish"}[code]
