"""Letters in English."""

import re
from collections.abc import Iterator

from cv.facts import Fact, FactKind
from cv.resume import Education, Language
from cv.skills import concepts_in
from jobs.grounding import Sentence
from jobs.grounding.base import VOCATIONAL
from jobs.grounding.shades import helping_verb
from jobs.letters.composing import Block, Desk
from jobs.letters.phrases import Asked, article, asked, noun_phrase, predicate, thing_of
from jobs.letters.planning import Proof, by_scope, without_repeats
from jobs.models import Tone
from jobs.posting import Requirement, RequirementCategory

MOST_TITLE_WORDS = 7
SALUTATION, OPENING, PROOF, MORE, CLOSING, SIGNATURE = range(6)
MOST_LEAD_WORDS = 12
STORIES = 3


class EnglishLetter:
    """Composes the parts of an English letter."""

    def __init__(self, desk: Desk) -> None:
        """Work at this desk."""
        self.desk = desk
        self.inputs = desk.inputs
        self.plan = desk.plan
        self.analysis = desk.inputs.analysis
        self.formal = desk.inputs.wish == "more_formal"
        self._told = self._stories()
        self._named: set[str] = set()
        self._continued = 0
        self._opens_with_task = False
        self._leads = 0

    # Parts

    def salutation(self) -> Sentence:
        """Address the contact by name where the posting gives one."""
        contact = re.sub(r"\s+", " ", self.analysis.contact_name).strip()
        employer = self.analysis.employer
        titled = re.match(r"(Frau|Herrn?)\s+(.+)", contact)
        if titled:
            text = f"Dear {'Ms' if titled[1] == 'Frau' else 'Mr'} {titled[2].split()[-1]},"
        elif contact:
            text = f"Dear {contact},"
        elif self.formal:
            text = "Dear Sir or Madam,"
        else:
            text = f"Dear hiring team at {employer}," if employer else "Dear hiring team,"
        return Sentence(text=text, role="salutation", paragraph=SALUTATION)

    def opening(self) -> Block:
        """Say what the posting is about in its own words, and lead over to the first story."""
        duty = self.plan.duty
        phrase = asked(duty.text) if duty and not self.desk.is_foreign else None
        requirement_ids = [duty.id] if duty and phrase else []
        opening = Sentence(
            text=self._opening_text(phrase), role="posting", paragraph=OPENING, requirement_ids=requirement_ids
        )
        if self.formal:
            opening = opening.model_copy(update={"role": "closing"})
        self._opens_with_task = phrase is not None and phrase.is_task
        self.desk.used_requirements.update(requirement_ids)
        return [opening]

    def body(self) -> Iterator[Block]:
        """Yield stories first, then what else the posting asks for, then more stories."""
        asks_for_degree = any(r.category == RequirementCategory.EDUCATION for r in self.analysis.requirements)
        leading, further = by_scope(self._told[:STORIES]), self._told[STORIES:]
        for number, proof in enumerate(leading):
            yield self._story(proof, first=number == 0)
        if not leading:
            yield from self._careers()
        if asks_for_degree:
            yield from self._studies()
        yield from self._languages()
        yield from self._skills()
        yield from self._certificates()
        if not asks_for_degree:
            yield from self._studies()
        for proof in by_scope(further):
            yield self._story(proof, first=False)
        if leading:
            yield from self._careers()

    def closing(self) -> Block:
        """Offer to talk about something that only this CV holds."""
        thing, evidence = self._best_thing()
        title, employer = self.analysis.title, self.analysis.employer
        topic = f"tell you more about {thing}" if thing else "tell you more about any of this"
        place = f" at {employer}" if employer else ""
        role = f"the {title} role{place}" if title and len(title.split()) <= MOST_TITLE_WORDS else f"the role{place}"
        text = {
            Tone.PROFESSIONAL: f"I would be glad to {topic}, and to hear more about {role}.",
            Tone.WARM: f"I would be very glad to meet you, to {topic}, and to hear how you see {role}.",
            Tone.DIRECT: f"I can {topic} in a call or a meeting.",
        }[Tone(self.inputs.tone)]
        return [Sentence(text=text, role="closing", paragraph=CLOSING, evidence_ids=evidence)]

    def signature(self) -> Block:
        """Sign."""
        greeting = {
            Tone.PROFESSIONAL: "Kind regards,",
            Tone.WARM: "With kind regards,",
            Tone.DIRECT: "Regards,",
        }[Tone(self.inputs.tone)]
        if self.formal:
            greeting = "Yours sincerely," if self.analysis.contact_name else "Yours faithfully,"
        lines = [greeting, self.inputs.applicant_name]
        return [Sentence(text=line, role="signature", paragraph=SIGNATURE) for line in lines if line]

    def story_of_email(self) -> Block:
        """Return the weightiest story, without what leads to it."""
        return [s for proof in self._told[:1] for s in self._story(proof, first=False) if s.role == "claim"]

    # Sentences

    def _opening_text(self, phrase: Asked | None) -> str:
        title, employer = self.analysis.title, self.analysis.employer
        if self.formal:
            place = f" at {employer}" if employer else ""
            return f"I am applying for the position of {title or 'your posting'}{place}."
        who = article(title) if title else "someone"
        if self.inputs.tone == Tone.DIRECT and phrase:
            return f"You need {who} to {phrase.text}." if phrase.is_task else f"You ask for {phrase.text}."
        if self.inputs.tone == Tone.WARM and phrase:
            verb = "asks for someone to" if phrase.is_task else "asks for"
            return f"Thank you for reading this: your posting for {who} {verb} {phrase.text}."
        subject = f"{employer[0].upper()}{employer[1:]} is" if employer else "You are"
        if phrase is None:
            return f"{subject} looking for {who}."
        if not phrase.is_task:
            at = f" at {employer}" if employer else ""
            return f"Your posting for {who}{at} asks for {phrase.text}."
        return f"{subject} looking for {who} to {phrase.text}."

    def _stories(self) -> list[Proof]:
        """Return the proofs that can be told, spread over the requirements before any is answered twice."""
        tellable = without_repeats(proof for proof in self.plan.proofs if self._predicate(proof.fact))
        told: list[Proof] = []
        answered: set[str] = set()
        for proof in tellable:
            fresh = {requirement.id for requirement in proof.requirements} - answered
            if fresh or proof.is_focus:
                told.append(proof)
                answered |= fresh
        return [*told, *(proof for proof in tellable if proof not in told)]

    def _predicate(self, fact: Fact) -> str | None:
        said = predicate(fact.text, is_current=fact.current)
        if said:
            return said
        noun = noun_phrase(fact.text)
        if noun is None:
            return None
        return f"{'work' if fact.current else 'worked'} on {noun}" if noun.startswith("the ") else None

    def _story(self, proof: Proof, *, first: bool) -> Block:
        """Tell one line of the CV, behind the requirement that it answers where that is news."""
        fact, paragraph = proof.fact, OPENING if first else PROOF
        answers_opening = first and any(r.id in self.desk.used_requirements for r in proof.requirements)
        is_close = answers_opening and self._opens_with_task and self.plan.is_duty_met and not self.formal
        fresh = [r for r in proof.requirements if r.id not in self.desk.used_requirements]
        lead = self._lead(fresh[0]) if fresh and not answers_opening else None
        text = self._told_sentence(fact, is_close=is_close, after_lead=lead is not None)
        claim = Sentence(
            text=text,
            paragraph=paragraph,
            evidence_ids=_unique([fact.id, fact.scope_id]),
            requirement_ids=[requirement.id for requirement in proof.requirements][:4],
        )
        self.desk.scope = fact.scope_id
        self._named.add(fact.scope_id)
        return [lead.model_copy(update={"paragraph": paragraph}), claim] if lead else [claim]

    def _told_sentence(self, fact: Fact, *, is_close: bool, after_lead: bool) -> str:
        said = self._predicate(fact) or ""
        title = fact.title if len(fact.title.split()) <= MOST_TITLE_WORDS else ""
        is_job = title and fact.employer and fact.scope_id not in self._project_ids()
        if is_close and is_job and self.inputs.tone != Tone.DIRECT:
            return f"That is close to my work as {title} at {fact.employer}{_years(fact)}, where I {said}."
        if fact.scope_id == self.desk.scope and not after_lead and is_job and not said.startswith(("was ", "am ")):
            self._continued += 1
            return (f"There I also {said}.", f"In the same job, I {said}.", f"I also {said} there.")[
                (self._continued - 1) % (3 if len(said.split()) < 9 else 2)
            ]
        where = self._where(fact, title, after_lead=after_lead)
        also = "also " if fact.scope_id in self._named and not said.startswith(("was ", "am ")) else ""
        return f"{where} I {also}{said}." if where else f"I {also}{said}."

    def _lead(self, requirement: Requirement) -> Sentence | None:
        """Name the requirement that the next sentence answers, in changing forms."""
        phrase = asked(requirement.text)
        if self.desk.is_foreign or phrase is None or len(phrase.text.split()) > MOST_LEAD_WORDS:
            return None
        forms: tuple[str, ...]
        if phrase.is_task:
            forms = (f"Part of the job is to {phrase.text}.", f"You also need someone to {phrase.text}.")
        else:
            capital = phrase.text[0].upper() + phrase.text[1:]
            also = "also " if self.desk.used_requirements else ""
            forms = (
                f"You {also}ask for {phrase.text}.",
                f"{capital} is on your list, too.",
                f"Your posting also names {phrase.text}.",
            )
            if self.inputs.tone == Tone.DIRECT:
                forms = (f"You {also}need {phrase.text}.", f"{capital} is on your list.")
        text = forms[self._leads % len(forms)]
        self._leads += 1
        return Sentence(text=text, role="posting", requirement_ids=[requirement.id])

    def _where(self, fact: Fact, title: str, *, after_lead: bool) -> str:
        """Return where and as what something was done; short when the place is the same as before."""
        if fact.scope_id == self.desk.scope and not after_lead:
            return "There" if fact.employer else "In the same project,"
        if fact.scope_id in self._project_ids():
            return f"In my project {fact.title},"
        if fact.scope_id in self._named and fact.employer:
            return f"At {fact.employer},"
        if title and fact.employer:
            return f"As {title} at {fact.employer}{_years(fact)},"
        if title:
            return f"As {title}{_years(fact)},"
        return f"At {fact.employer}{_years(fact)}," if fact.employer else ""

    def _project_ids(self) -> set[str]:
        return {project.id for project in self.inputs.resume.projects}

    def _careers(self) -> Iterator[Block]:
        """Say what was done where, for positions of which no line is told."""
        for header in self.plan.headers:
            if header.scope_id in {
                f.scope_id for number in self.desk.used_facts for f in self.desk.facts.get(number, ())
            }:
                continue
            concepts = self.plan.concepts_by_scope.get(header.scope_id, [])[:3]
            if not header.title or not header.employer:
                continue
            verb = "I work" if header.current else "I worked"
            tools = f", with {_listed([_spelt(name, fact) for name, fact in concepts])}" if concepts else ""
            text = f"{verb} as {header.title} at {header.employer}{_years(header)}{tools}."
            evidence = _unique([header.id, *(fact.id for _, fact in concepts)])
            yield [Sentence(text=text, paragraph=PROOF, evidence_ids=evidence)]

    def _languages(self) -> Iterator[Block]:
        for language, requirement in self.plan.languages:
            text = f"I speak {language.name}{_fluency(language)}"
            text += "."
            ids = [requirement.id] if requirement else []
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=[language.id], requirement_ids=ids)]

    def _skills(self) -> Iterator[Block]:
        shown = [(fact, number) for fact, number in self.plan.skills if not self._is_told(fact.text)]
        if not shown:
            return
        text = f"My CV also lists {_listed([fact.text for fact, _ in shown[:4]])}, which your posting names."
        yield [
            Sentence(
                text=text,
                paragraph=MORE,
                evidence_ids=[fact.id for fact, _ in shown[:4]],
                requirement_ids=_unique([number for _, number in shown[:4]]),
            )
        ]

    def _is_told(self, skill: str) -> bool:
        told = " ".join(f.text for number in self.desk.used_facts for f in self.desk.facts.get(number, ()))
        return re.search(rf"(?<!\w){re.escape(skill)}(?!\w)", told, re.IGNORECASE) is not None

    def _studies(self) -> Iterator[Block]:
        for study in self.plan.studies[:1]:
            wanted = [r.id for r in self.analysis.requirements if r.category == RequirementCategory.EDUCATION]
            yield [Sentence(text=_study(study), paragraph=MORE, evidence_ids=[study.id], requirement_ids=wanted[:2])]

    def _certificates(self) -> Iterator[Block]:
        for fact in self.plan.certificates[:1]:
            name = fact.text.split(",")[0]
            yield [Sentence(text=f"I hold the certificate {name}.", paragraph=MORE, evidence_ids=[fact.id])]

    def _best_thing(self) -> tuple[str, list[str]]:
        for proof in self._told[:3]:
            said = predicate(proof.fact.text, is_current=proof.fact.current)
            thing = thing_of(said) if said and not helping_verb(proof.fact.text) else ""
            if thing:
                return thing, [proof.fact.id]
        return "", []


def _years(fact: Fact) -> str:
    """Return ` (2018–2021)` or ` (since 2021)`."""
    if fact.kind == FactKind.PROJECT or fact.start is None:
        return ""
    if fact.current:
        return f" (since {fact.start.year})"
    if fact.end is None:
        return ""
    return f" ({fact.start.year})" if fact.end.year == fact.start.year else f" ({fact.start.year}–{fact.end.year})"


def _fluency(language: Language) -> str:
    if language.cefr == "native" and "native" in language.fluency.lower():
        return " as my native language"
    if language.cefr and language.cefr.value in language.fluency:
        return f" at level {language.cefr.value}"
    return f" ({language.fluency})" if language.fluency else ""


def _study(study: Education) -> str:
    school = re.sub(r"^(?=(?:University|College|Institute|School|Academy) of )", "the ", study.institution)
    year = f" ({study.end.year})" if study.end and not study.current else ""
    area = f" in {study.area}" if study.area and study.area.lower() not in study.degree.lower() else ""
    if study.current:
        subject = f"{study.degree}{area}" if study.degree else study.area
        return f"I am studying at {school} now: {subject}."
    if study.degree and VOCATIONAL.search(study.degree):
        return f"I completed {article(study.degree)}{area} at {school}{year}."
    if study.degree:
        return f"My degree is {article(study.degree)}{area} from {school}{year}."
    return f"I studied {study.area} at {school}{year}."


def _spelt(concept: str, fact: Fact) -> str:
    """Return how a line spells a skill."""
    return next((fact.text[m.start : m.end] for m in concepts_in(fact.text) if m.concept == concept), concept)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))
