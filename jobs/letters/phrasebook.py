"""Letters in the languages of the phrasebook: short, made of what needs no grammar of the CV's own lines."""

import re
from collections.abc import Callable, Iterator, Sequence

from cv.facts import Fact
from cv.resume import Education, Language
from cv.skills import concept_of, concepts_in
from jobs.analysis.language import language_of
from jobs.grounding import Sentence
from jobs.letters.articles import with_definite
from jobs.letters.composing import Block, Composer, Desk
from jobs.letters.naming import as_quoted
from jobs.letters.places import at
from jobs.letters.planning import Proof, without_repeats
from jobs.letters.wordings import WORDINGS, LetterWording
from jobs.models import Tone
from jobs.posting import Requirement, RequirementCategory

SALUTATION, OPENING, PROOF, MORE, CLOSING, SIGNATURE = range(6)
MOST_QUOTED_WORDS = 14
MOST_IN_A_ROW = 2
MOST_TOOLS = 4
MOST_TITLE_WORDS = 9
MOST_FURTHER = 5
MOST_CERTIFICATES = 3


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
        self._tasks = self._find_tasks()
        self._quoted = 0

    def salutation(self) -> Sentence:
        """Address the contact by name where the posting gives one, without guessing a sex."""
        name = re.sub(r"^(?:Frau|Herrn?|Mr|Mrs|Ms)\.?\s+", "", " ".join(self.analysis.contact_name.split()))
        text = self.wording.salutation_to.format(name=name) if name else self.wording.salutation
        return Sentence(text=text, role="salutation", paragraph=SALUTATION)

    def opening(self) -> Block:
        """Say what is applied for, and quote the task of the posting that the first position answers."""
        openings = [self.wording.opening[tone].format(role=self.role()) for tone in (self.tone, *Tone)]
        is_other = self.inputs.wish == "other_opening"
        text = next((t for t in openings if not (is_other and t in self.inputs.previous_text)), openings[0])
        opening = Sentence(text=_ended(text), role="closing", paragraph=OPENING)
        demand = self.plan.duty if self._tasks else self.plan.demand
        lead = self._lead(demand) if demand else None
        # Behind the full stop of "S.L." nobody would see a sentence begin, so it begins a paragraph there.
        place = PROOF if text.endswith("..") else OPENING
        return [opening, lead.model_copy(update={"paragraph": place})] if lead else [opening]

    def role(self) -> str:
        """Return the position applied for, with its employer."""
        title, employer = self.analysis.title, self.analysis.employer
        if not title or len(title.split()) > MOST_TITLE_WORDS:
            return self.wording.untitled
        if not employer:
            return self.wording.role.format(title=title)
        return self.wording.role_at.format(title=title, at=at(employer, self.inputs.language))

    def body(self) -> Iterator[Block]:
        """Yield positions with what was done there, then what else the posting asks for."""
        chosen = self._chosen()
        order = {scope: number for number, scope in enumerate(chosen)}
        for header in sorted(self.plan.headers, key=lambda fact: order.get(fact.scope_id, len(order))):
            if header.employer and header.title:
                told = [] if self._tasks else self._quotes(header)
                yield [self._career(header), *self._told(header, chosen.get(header.scope_id, [])), *told]
        yield from self._skills()
        yield from self._languages()
        yield from self._studies()
        yield from self._certificates()

    def filling(self) -> Iterator[Block]:
        """Yield skills and certificates that the posting does not ask for."""
        skills = [fact for fact in self.plan.further_skills if not self.desk.is_told(fact.text)][:MOST_FURTHER]
        if skills:
            text = self.wording.further.format(list=self._listed([fact.text for fact in skills]))
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=[fact.id for fact in skills])]
        yield from self._held(self.plan.further_certificates)

    def closing(self) -> Block:
        """Offer a conversation about the work that the letter told of first."""
        employers = {header.scope_id: header for header in self.plan.headers if header.employer and header.title}
        first = next((employers[scope] for scope in [*self._tasks, *employers] if scope in employers), None)
        if first is None or self.tone != Tone.PROFESSIONAL:
            return [Sentence(text=self.wording.closing[self.tone], role="closing", paragraph=CLOSING)]
        text = self.wording.closing_at.format(at=at(first.employer, self.inputs.language))
        return [Sentence(text=text, role="closing", paragraph=CLOSING, evidence_ids=[first.id])]

    def signature(self) -> Block:
        """Sign."""
        lines = [self.wording.greeting[self.tone], self.inputs.applicant_name]
        return [Sentence(text=line, role="signature", paragraph=SIGNATURE) for line in lines if line]

    def story_of_email(self) -> Block:
        """Return the position that answers the posting best."""
        return next(([block[0]] for block in self.body()), [])

    def _find_tasks(self) -> dict[str, list[Proof]]:
        """Return, by position, the lines to quote, the position first that answers most; none where the CV is in another language."""
        proofs = without_repeats(self.plan.proofs)
        told = language_of(" ".join(proof.fact.text for proof in proofs)) or self.inputs.resume.language
        if told != self.inputs.language:
            return {}
        found: dict[str, list[Proof]] = {}
        for proof in proofs:
            found.setdefault(proof.fact.scope_id, []).append(proof)
        weights = {scope: sum(max(proof.weight, 0.0) for proof in group) for scope, group in found.items()}
        return dict(sorted(found.items(), key=lambda item: (not item[1][0].is_focus, -weights[item[0]])))

    def _chosen(self) -> dict[str, list[Fact]]:
        """Return the lines to tell by position: the weightiest ones, as many as the letter has room for."""
        ranked = [proof for group in self._tasks.values() for proof in group]
        kept = {id(proof) for proof in sorted(ranked, key=lambda proof: -proof.weight)[: self.desk.stories]}
        return {scope: [proof.fact for proof in group if id(proof) in kept] for scope, group in self._tasks.items()}

    def _lead(self, requirement: Requirement) -> Sentence | None:
        """Quote a requirement word for word, where it is short and in the letter's language."""
        quote = " ".join(requirement.text.split()).strip(" .;:•-")
        if self.desk.is_foreign or not quote or len(quote.split()) > MOST_QUOTED_WORDS:
            return None
        text = self.wording.leads[0].format(quote=_quoted(quote))
        return Sentence(text=text, role="posting", requirement_ids=[requirement.id])

    def _career(self, header: Fact) -> Sentence:
        named = self.plan.concepts_by_scope.get(header.scope_id, [])[:MOST_TOOLS]
        tools = (
            self.wording.with_tools.format(list=self._listed([_spelt(name, fact) for name, fact in named]))
            if named and not self._tasks
            else ""
        )
        form, words = self.wording.undated, {}
        if header.start and header.current:
            form, words = self.wording.now, {"start": header.start.year}
        elif header.start and header.end:
            form, words = self.wording.past, {"start": header.start.year, "end": header.end.year}
        text, plain = (
            _ended(form.format(title=header.title, tools=using, **self._places(header), **words))
            for using in (tools, "")
        )
        evidence = list(dict.fromkeys([header.id, *(fact.id for _, fact in named)]))
        return self.desk.first_passing(
            Sentence(text=text, paragraph=PROOF, evidence_ids=evidence),
            Sentence(text=plain, paragraph=PROOF, evidence_ids=[header.id]),
        )

    def _quotes(self, header: Fact) -> Block:
        """Quote the lines of a position as they stand in a CV in another language."""
        lines = self.desk.quoted(header.scope_id)
        if not lines:
            return []
        listed = self._listed([self.wording.marks.format(line=as_quoted(fact.text)) for fact in lines])
        evidence = [header.scope_id, *(fact.id for fact in lines)]
        form = self.wording.quoted[min(self._quoted, 1)]
        self._quoted += 1
        return [Sentence(text=form.format(list=listed), paragraph=PROOF, evidence_ids=evidence)]

    def _places(self, fact: Fact) -> dict[str, str]:
        place = at(fact.employer, self.inputs.language)
        return {"at": place, "At": place[:1].upper() + place[1:]}

    def _told(self, header: Fact, lines: Sequence[Fact]) -> Iterator[Sentence]:
        """List what belonged to the work, then tell what the person says to have done."""
        own = [fact for fact in lines if re.search(self.wording.own, _quoted(fact.text), re.IGNORECASE)]
        named = [fact for fact in lines if fact not in own]
        if named:
            form = self.wording.tasks if header.current else self.wording.tasks_past
            separator = " ; " if self.inputs.language == "fr" else "; "
            has_commas = any("," in fact.text for fact in named)
            items = [_quoted(fact.text) for fact in named]
            told = [with_definite(item, self.inputs.language) for item in items]
            if all(told) and not has_commas:
                items = [item for item in told if item]
                form = re.sub(r"\s?: (?=\{list\})", " ", form)
                separator = ", "
            is_list = separator != ", " and (has_commas or len(items) > MOST_IN_A_ROW)
            listed = separator.join(items) if is_list else self._listed(items)
            yield Sentence(
                text=_ended(form.format(list=listed, **self._places(header))),
                paragraph=PROOF,
                evidence_ids=[header.scope_id, *(fact.id for fact in named)],
            )
        for number, fact in enumerate(own, start=1 if named else 0):
            line = re.sub(r"^(?:j'ai|j’ai) ", "", _quoted(fact.text), flags=re.IGNORECASE)
            text = self.wording.told[min(number, 1)].format(line=line)
            yield Sentence(text=_ended(text), paragraph=PROOF, evidence_ids=[header.scope_id, fact.id])

    def _skills(self) -> Iterator[Block]:
        shown = [(fact, number) for fact, number in self.plan.skills if not self.desk.is_told(fact.text)][:5]
        if shown:
            ids = list(dict.fromkeys(number for _, number in shown if number))
            text = self.wording.skills.format(list=self._listed([fact.text for fact, _ in shown]))
            evidence = [fact.id for fact, _ in shown]
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=evidence, requirement_ids=ids)]

    def _languages(self) -> Iterator[Block]:
        """Name in one sentence the languages that are asked for, and the letter's own where it is not the mother tongue."""
        wanted = {language.id: requirement for language, requirement in self.plan.languages}
        own = self.wording.languages.get(_english(self.inputs.language))
        spoken: list[tuple[Language, str]] = []
        for language in self.inputs.resume.languages:
            name = self.wording.languages.get((concept_of(language.name) or language.name).casefold())
            is_own_native = name == own and self._level(language) == self.wording.native
            if name and not is_own_native and (language.id in wanted or name == own):
                spoken.append((language, name))
        if spoken:
            listed = self._listed([f"{name}{self._level(language)}" for language, name in spoken])
            ids = [requirement.id for language, _ in spoken if (requirement := wanted.get(language.id))]
            evidence = [language.id for language, _ in spoken]
            text = self.wording.language.format(list=listed)
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=evidence, requirement_ids=ids)]

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
        year = f", {study.end.year}" if study.end and not study.current else ""
        form = self.wording.studying if study.current else self.wording.study
        area = self.wording.in_area.format(area=study.area) if study.area and study.degree else ""
        return form.format(degree=study.degree or study.area, area=area, school=study.institution, year=year)

    def _certificates(self) -> Iterator[Block]:
        yield from self._held(self.plan.certificates)

    def _held(self, facts: Sequence[Fact]) -> Iterator[Block]:
        held = [(fact.text.partition(",")[0], fact.id) for fact in facts[:MOST_CERTIFICATES]]
        if held:
            text = self.wording.certificate.format(list=self._listed([name for name, _ in held]))
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=[number for _, number in held])]

    def _listed(self, names: list[str]) -> str:
        if len(names) == 1:
            return names[0]
        language, joint = self.inputs.language, self.wording.joint
        if any(f" {joint} " in name for name in names):
            joint = _AS_WELL_AS[language]
        elif language == "es" and re.match(r"h?i(?!e)", names[-1], re.IGNORECASE):
            joint = "e"
        return f"{', '.join(names[:-1])} {joint} {names[-1]}"


# What joins the last of a list whose parts have an "and" of their own.
_AS_WELL_AS = {"fr": "ainsi que", "es": "así como", "it": "nonché", "pt": "bem como", "nl": "en ook", "pl": "oraz"}


def _ended(text: str) -> str:
    """Return a sentence with one full stop where a name before it ends with one ("S.L.")."""
    return re.sub(r"\.\.$", ".", text)


def _quoted(text: str) -> str:
    """Return a line of the CV as part of a list: without its sign and full stop, with a small letter unless it begins with a name."""
    line = re.sub(r"^[\s•·*▪–—-]+", "", text).strip().rstrip(".;")
    return line if line[1:2].isupper() else line[:1].lower() + line[1:]


def _spelt(concept: str, fact: Fact) -> str:
    return next((fact.text[m.start : m.end] for m in concepts_in(fact.text) if m.concept == concept), concept)


def _english(code: str) -> str:
    return {"fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese", "nl": "dutch", "pl": "polish"}[code]
