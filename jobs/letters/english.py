"""Letters in English."""

import re
from collections.abc import Iterator

from cv.facts import Fact, FactKind
from cv.resume import Education, Language
from cv.skills import concept_of, concepts_in
from jobs.grounding import Sentence
from jobs.grounding.base import VOCATIONAL
from jobs.grounding.shades import helping_verb
from jobs.letters.composing import Block, Desk
from jobs.letters.naming import as_quoted, ended, with_area, without_bracket
from jobs.letters.phrases import Asked, activity, article, asked, noun_phrase, predicate, thing_of
from jobs.letters.planning import ANSWERING, Proof, by_scope, is_tellable, without_repeats
from jobs.letters.verbs import is_past, perfect_of
from jobs.models import Tone
from jobs.posting import Requirement, RequirementCategory

MOST_TITLE_WORDS = 7
SALUTATION, OPENING, PROOF, MORE, CLOSING, SIGNATURE = range(6)
MOST_LEAD_WORDS = 12
NATIVE = r"native|mutterspr|matern|nativ|madreling|moedertaal|ojczyst"
NATIVELY = " as my native language"
MOST_LEADS = 2
LEADING = 1.75
MOST_JOINED_WORDS = 17
MOST_SHORT_WORDS = 6
MOST_CERTIFICATES = 3
MOST_OF_A_PAIR = 2
MOST_FURTHER = 5
MOST_TOPICS = 3
# Verbs whose object one can be asked about: "tell you more about the booking system".
MADE = frozenset(
    [
        "built",
        "build",
        "designed",
        "design",
        "developed",
        "develop",
        "created",
        "create",
        "launched",
        "implemented",
        "wrote",
        "architected",
        "introduced",
    ]
)
DEGREE = re.compile(
    r"\b(?:b\.?\s?(?:sc|a|eng|ed|f\.?a|s|com)|m\.?\s?(?:sc|a|eng|ed|s|ba|phil)|bachelor|master|ph\.?d|doctor\w*|diplom\w*|pgce)\b",
    re.IGNORECASE,
)


# Its subject is a trade in German: "Ausbildung (Pflegefachkraft)".
GERMAN_TRAINING = re.compile(r"ausbildung$|^lehre$", re.IGNORECASE)
# One addresses "Ms Helen Carter" as "Ms Carter".
# Titles that name a time and no person: one did something during an internship, not as one.
PLACEMENT = re.compile(r"\b(?:internship|traineeship|apprenticeship|work experience|placement|semester abroad|project|training|thesis|studies)$|^(?:semester|master project)\b", re.IGNORECASE)  # fmt: skip
# Certificates that say themselves what they are.
CALLED_SO = re.compile(r"^[A-Z][\w -]*\b(?:licen[cs]e|diploma|registration)$", re.IGNORECASE)
FULL_NAME = re.compile(r"^(?P<form>Ms|Mrs|Miss|Mr|Mx|Dr)\b\.? (?:.* )?(?P<surname>\S+)$")
TRADE = re.compile(
    r"^[\w -]*\b(?:nurse|engineer|developer|driver|teacher|technician|accountant|electrician|midwife|chef|therapist)(?: \(.+\))?$",
    re.IGNORECASE,
)
PLURAL = re.compile(r"(?:levels|highers|gcses|studies|exams)$", re.IGNORECASE)


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
        self._named: list[str] = []
        self._continued = self._introductions = 0
        self._goes_on = False
        self._opens_with_task = False
        self._leads = self._quoted = 0
        self._frames: list[str] = []
        self._has_study = False

    # Parts

    def salutation(self) -> Sentence:
        """Address the contact by name where the posting gives one."""
        contact = re.sub(r"\s+", " ", self.analysis.contact_name).strip()
        employer = self.analysis.employer
        titled = re.match(r"(Frau|Herrn?)\s+(.+)", contact)
        if titled:
            text = f"Dear {'Ms' if titled[1] == 'Frau' else 'Mr'} {titled[2].split()[-1]},"
        elif contact:
            text = f"Dear {FULL_NAME.sub(_by_surname, contact)},"
        elif self.formal:
            text = "Dear Sir or Madam,"
        else:
            text = f"Dear hiring team at {employer}," if employer else "Dear hiring team,"
        return Sentence(text=text, role="salutation", paragraph=SALUTATION)

    def opening(self) -> Block:
        """Say what the posting is about in its own words where the first story answers it; else what is applied for."""
        duty = self.plan.demand
        if self._told:
            is_answered = self.plan.duty and self._told[0].answers(self.plan.duty) >= ANSWERING
            duty = self.plan.duty if is_answered else None
        phrase = asked(duty.text) if duty and not self.desk.is_foreign else None
        if phrase and self._says_title(phrase.text):
            phrase = None
        if phrase is None or duty is None or self.formal:
            return [Sentence(text=self._application(), role="closing", paragraph=OPENING)]
        self._opens_with_task = phrase.is_task
        self.desk.used_requirements.add(duty.id)
        text = self._opening_text(phrase)
        return [Sentence(text=text, role="posting", paragraph=OPENING, requirement_ids=[duty.id])]

    def body(self) -> Iterator[Block]:
        """Yield stories position by position, then what else the posting asks for."""
        told = by_scope(self._told[: self.desk.stories], self.inputs.resume)
        yield from self._stories_of(told)
        if not told:
            yield from self._careers()
        if any(r.category == RequirementCategory.EDUCATION for r in self.analysis.requirements):
            yield from self._studies()
        yield from self._certificates()
        yield from self._skills()
        yield from self._languages()

    def filling(self) -> Iterator[Block]:
        """Yield the degree and positions of which nothing was told."""
        if not any(r.category == RequirementCategory.EDUCATION for r in self.analysis.requirements):
            yield from self._studies()
        if self._told:
            yield from self._careers()
        yield from self._further()

    def closing(self) -> Block:
        """Offer to talk about the work that the letter told of first."""
        topic, evidence = self._topic()
        text = {
            Tone.PROFESSIONAL: f"I would be glad to tell you more about {topic}, and to hear more about the role.",
            Tone.WARM: f"I would be very glad to meet you, to tell you more about {topic}, and to hear how you see the role.",
            Tone.DIRECT: f"I can tell you more about {topic} in a call or a meeting.",
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
        """Return the weightiest story, without what leads to it; a position where no line can be told."""
        if not self._told:
            return next(self._careers(), [])[:1]
        return [s for proof in self._told[:1] for s in self._story(proof, first=False) if s.role == "claim"]

    # Sentences

    def _application(self) -> str:
        title, employer = self.analysis.title, self.analysis.employer
        place = f" at {employer}" if employer else ""
        position = f"the {title} position" if title else "the position that you advertise"
        if self.formal and title:
            position = f"the position of {title}"
        if self.inputs.wish == "other_opening" and "I am applying for" in self.inputs.previous_text:
            return ended(f"With this letter I apply for {position}{place}")
        return ended(
            {
                Tone.PROFESSIONAL: f"I am applying for {position}{place}",
                Tone.WARM: f"Thank you for reading my application for {position}{place}",
                Tone.DIRECT: f"I am applying for {position}{place}",
            }[Tone.PROFESSIONAL if self.formal else Tone(self.inputs.tone)]
        )

    def _opening_text(self, phrase: Asked) -> str:
        title, employer = self.analysis.title, self.analysis.employer
        who = article(title) if title else "someone"
        aside = "," if "," in who else ""
        if self.inputs.tone == Tone.DIRECT:
            return f"You need {who}{aside} to {phrase.text}." if phrase.is_task else f"You ask for {phrase.text}."
        if self.inputs.tone == Tone.WARM:
            verb = "asks for someone to" if phrase.is_task else "asks for"
            return f"Thank you for reading this: your posting for {who}{aside} {verb} {phrase.text}."
        if not phrase.is_task and TRADE.search(phrase.text):
            phrase = Asked(article(phrase.text), is_task=False)
        if not phrase.is_task:
            at = f" at {employer}" if employer else ""
            return f"Your posting for {who}{at}{aside} asks for {phrase.text}."
        # The salutation has named the employer, unless it names a person.
        is_named = not employer or not self.analysis.contact_name
        subject = "You are" if is_named else f"{employer[0].upper()}{employer[1:]} is"
        return f"{subject} looking for {who}{aside} to {phrase.text}."

    def _says_title(self, phrase: str) -> bool:
        title = self.analysis.title.casefold()
        return bool(title) and (title in phrase.casefold() or phrase.casefold() in title)

    def _stories(self) -> list[Proof]:
        """Return the proofs that can be told, spread over the requirements before any is answered twice.

        What opens the letter is answered first; a wish for what to tell first goes before that.
        """
        own = (proof for proof in self.plan.proofs if is_tellable(proof, self.plan, "en"))
        tellable = without_repeats(p for p in own if self._predicate(p.fact) or self._activity(p.fact))
        duty = self.plan.duty
        if duty and not any(proof.is_focus for proof in tellable):
            tellable.sort(key=lambda proof: -proof.opening(duty))
            tellable[1:] = sorted(tellable[1:], key=lambda proof: -proof.weight)
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

    def _activity(self, fact: Fact) -> str | None:
        """Return a line that names what the work consists of ("Multi-drop deliveries to …", "Mentoring new drivers …")."""
        if not fact.employer or fact.scope_id in self._project_ids():
            return None
        return activity(fact.text)

    def _included(self, fact: Fact, title: str, *, after_lead: bool) -> str:
        """Tell a line that names what the work consists of."""
        verb, named = "includes" if fact.current else "included", self._activity(fact)
        goes_on, self._goes_on = self._goes_on, True
        if fact.scope_id == self.desk.scope and not after_lead:
            return f"It also {verb} {named}." if goes_on else f"My work there also {verb} {named}."
        if fact.scope_id in self._named:
            return f"My work at {fact.employer} also {verb} {named}."
        role = f" as {title}" if title and not PLACEMENT.search(title) else ""
        return f"My work{role} at {fact.employer}{_years(fact)} {verb} {named}."

    def _stories_of(self, told: list[Proof]) -> Iterator[Block]:
        """Tell the first lines one by one, and join short ones that follow in the same position."""
        waiting = list(told)
        while waiting:
            proof = waiting.pop(0)
            is_first = proof is told[0]
            following = waiting[0] if waiting else None
            joined = self._joined(proof, following) if not is_first and following else None
            if joined:
                waiting.pop(0)
                yield joined
            else:
                yield self._story(proof, first=is_first)

    def _joined(self, one: Proof, other: Proof) -> Block | None:
        """Return two short lines of the position told of last as one sentence, where they fit and the gate lets it pass."""
        is_there = one.fact.scope_id == other.fact.scope_id == self.desk.scope
        is_there = is_there and all(self._predicate(proof.fact) for proof in (one, other))
        said = [self._predicate(proof.fact) or "" for proof in (one, other)]
        is_plain = not any(re.search(r"^(?:was|am) |[,;:]| (?:and|which|that|who) ", text) for text in said)
        is_one_tense = len({is_past(text.split(" ", 1)[0]) for text in said}) == 1
        is_short = sum(len(text.split()) for text in said) <= MOST_JOINED_WORDS
        if not (is_there and is_plain and is_one_tense and is_short) or self._led_by(one) or self._led_by(other):
            return None
        numbers = _unique([r.id for proof in (one, other) for r in proof.requirements])
        ids = _unique([one.fact.id, other.fact.id, one.fact.scope_id])
        text = self._further_of(one.fact, f"{said[0]} and {said[1]}")
        sentence = Sentence(text=text, paragraph=PROOF, evidence_ids=ids, requirement_ids=numbers[:4])
        return None if self.desk.problems(sentence) else [sentence]

    def _story(self, proof: Proof, *, first: bool) -> Block:
        """Tell one line of the CV, behind the requirement that it answers where that is news."""
        fact, paragraph = proof.fact, OPENING if first else PROOF
        answers_opening = first and any(proof.links.get(number) for number in self.desk.used_requirements)
        is_close = answers_opening and self._opens_with_task and self.plan.is_duty_met and not self.formal
        leading = None if answers_opening else self._led_by(proof)
        lead = self._lead(leading) if leading else None
        text = self._told_sentence(fact, is_close=is_close, after_lead=lead is not None)
        claim = Sentence(
            text=text,
            paragraph=paragraph,
            evidence_ids=_unique([fact.id, fact.scope_id]),
            requirement_ids=[requirement.id for requirement in proof.requirements][:4],
        )
        self.desk.scope = fact.scope_id
        self._named.append(fact.scope_id)
        return [lead.model_copy(update={"paragraph": paragraph}), claim] if lead else [claim]

    def _told_sentence(self, fact: Fact, *, is_close: bool, after_lead: bool) -> str:
        said = self._predicate(fact) or ""
        title = fact.title if len(fact.title.split()) <= MOST_TITLE_WORDS else ""
        if not said:
            return self._included(fact, title, after_lead=after_lead)
        self._goes_on = False
        is_job = title and fact.employer and fact.scope_id not in self._project_ids()
        if is_close and is_job and not PLACEMENT.search(title) and self.inputs.tone != Tone.DIRECT:
            self._introductions += 1
            return f"That is close to my work as {title} at {fact.employer}{_years(fact)}, where I {said}."
        if fact.scope_id == self.desk.scope and not after_lead and not said.startswith(("was ", "am ")):
            return self._further_of(fact, said)
        if fact.scope_id in self._named and fact.employer and (after_lead or fact.scope_id != self.desk.scope):
            return (
                f"I {said} at {fact.employer}." if after_lead and _is_short(said) else f"At {fact.employer}, I {said}."
            )
        where = self._where(fact, title, after_lead=after_lead)
        also = "also " if fact.scope_id in self._named and not said.startswith(("was ", "am ")) else ""
        return f"{where} I {also}{said}." if where else f"I {also}{said}."

    def _further_of(self, fact: Fact, said: str) -> str:
        """Return a further sentence about the same position or project, as its words allow and each time another.

        What somebody did in a position that goes on is told in the perfect, and a place stands behind few and plain words.
        """
        number, self._continued = self._continued, self._continued + 1
        if fact.scope_id in self._project_ids():
            return f"For the same project, I also {said}." if number == 0 else f"I also {said}."
        perfect = perfect_of(said) if fact.current else None
        forms = []
        if perfect:
            forms += [f"I have also {perfect}.", f"In this role I have {perfect}."]
        if fact.employer and _is_short(said):
            forms.append(f"I also {said} there.")
        if fact.employer and is_past(said.split(" ", 1)[0]) and not fact.current:
            forms.append(f"While there, I {said}.")
        forms += [f"I also {said}.", f"In the same role, I {said}."]
        fresh = [form for form in forms if _frame(form, said, perfect) not in self._frames] or forms[-1:]
        self._frames.append(_frame(fresh[0], said, perfect))
        return fresh[0]

    def _led_by(self, proof: Proof) -> Requirement | None:
        """Return the requirement to name before a story: one that it plainly answers and that is not named yet."""
        if self.desk.is_foreign or self._leads >= MOST_LEADS:
            return None
        fresh = [r for r in proof.requirements if r.id not in self.desk.used_requirements and not r.years]
        best = max(fresh, key=proof.answers, default=None)
        phrase = asked(best.text) if best and proof.answers(best) >= LEADING else None
        is_short = (
            phrase is not None and len(phrase.text.split()) <= MOST_LEAD_WORDS and not self._says_title(phrase.text)
        )
        return best if is_short else None

    def _lead(self, requirement: Requirement) -> Sentence | None:
        """Name the requirement that the next sentence answers, in changing forms."""
        phrase = asked(requirement.text)
        if phrase is None:
            return None
        forms: tuple[str, ...]
        if phrase.is_task:
            forms = (f"Part of the job is to {phrase.text}.", f"You also need someone to {phrase.text}.")
        else:
            also = "also " if self.desk.used_requirements else ""
            forms = (f"You {also}ask for {phrase.text}.", f"Your posting also names {phrase.text}.")
            if self.inputs.tone == Tone.DIRECT:
                forms = (f"You {also}need {phrase.text}.", f"You also ask for {phrase.text}.")
        text = forms[self._leads % len(forms)]
        self._leads += 1
        return Sentence(text=text, role="posting", requirement_ids=[requirement.id])

    def _where(self, fact: Fact, title: str, *, after_lead: bool) -> str:
        """Return where and as what something was done; short when the place is the same as before."""
        if fact.scope_id == self.desk.scope and not after_lead:
            return "There" if fact.employer else "In the same project,"
        if fact.scope_id in self._project_ids():
            return f"For my project “{fact.title}”,"
        if title and fact.employer:
            return self._introduced(fact, title)
        if title:
            return f"As {title}{_years(fact)},"
        return f"At {fact.employer}{_years(fact)}," if fact.employer else ""

    def _introduced(self, fact: Fact, title: str) -> str:
        """Introduce a position; every second one the other way round."""
        if PLACEMENT.search(title):
            return f"During my {_small(title)} at {fact.employer}{_years(fact)},"
        self._introductions += 1
        if self._introductions % 2 and not (fact.start and fact.end is None and not fact.current):
            return f"As {title} at {fact.employer}{_years(fact)},"
        if fact.current and fact.start:
            return f"At {fact.employer}, where I have been {title} since {fact.start.year},"
        if fact.start and fact.end and fact.start.year != fact.end.year:
            return f"At {fact.employer}, where I was {title} from {fact.start.year} to {fact.end.year},"
        return f"As {title} at {fact.employer}{_years(fact)},"

    def _project_ids(self) -> set[str]:
        return {project.id for project in self.inputs.resume.projects}

    def _careers(self) -> Iterator[Block]:
        """Say what was done where, for positions of which no line is told."""
        told = {f.scope_id for number in self.desk.used_facts for f in self.desk.facts.get(number, ())}
        for number, header in enumerate(
            h for h in self.plan.headers if h.scope_id not in told and h.title and h.employer
        ):
            concepts = self.plan.concepts_by_scope.get(header.scope_id, [])[:3]
            verb = (
                ("I work as", "I also work as", "I also work as")
                if header.current
                else ("I worked as", "Before that, I was", "Earlier, I was")
            )
            tools = f", with {_listed([_spelt(name, fact) for name, fact in concepts])}" if concepts else ""
            said = "I was" if number and header.start is None else verb[min(number, 2)]
            plain = f"{said} {header.title} at {header.employer}{_years(header)}"
            evidence = _unique([header.id, *(fact.id for _, fact in concepts)])
            career = self.desk.first_passing(
                Sentence(text=f"{plain}{tools}.", paragraph=PROOF, evidence_ids=evidence),
                Sentence(text=f"{plain}.", paragraph=PROOF, evidence_ids=[header.id]),
            )
            yield [career, *self._quotes(header)]

    def _quotes(self, header: Fact) -> Block:
        """Quote the lines of a position as they stand in a CV that is not in English."""
        lines = self.desk.quoted(header.scope_id) if not self._told else []
        if not lines:
            return []
        form = ("In the words of my CV: {list}.", "For that post, my CV names {list}.")[min(self._quoted, 1)]
        self._quoted += 1
        text = form.format(list=_listed([f"“{as_quoted(fact.text)}”" for fact in lines]))
        evidence = [header.scope_id, *(fact.id for fact in lines)]
        return [Sentence(text=text, paragraph=PROOF, evidence_ids=evidence)]

    def _further(self) -> Iterator[Block]:
        """Name skills and certificates that the posting does not ask for."""
        skills = [fact for fact in self.plan.further_skills if not self.desk.is_told(fact.text)][:MOST_FURTHER]
        if skills:
            text = f"My CV also names {_listed([without_bracket(fact.text) for fact in skills])}."
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=[fact.id for fact in skills])]
        held = self.plan.further_certificates[:MOST_CERTIFICATES]
        if held:
            yield [self._held(held, [])]

    def _languages(self) -> Iterator[Block]:
        """Name all the languages that are asked for in one sentence; that English is the writer's own shows."""
        named = [
            (concept_of(language.name) or language.name, language, asked) for language, asked in self.plan.languages
        ]
        told = [entry for entry in named if entry[0] != "English" or _fluency(entry[1]) != NATIVELY]
        if told:
            ids = [requirement.id for _, _, requirement in told if requirement]
            evidence = [language.id for _, language, _ in told]
            text = f"I speak {_listed([f'{name}{_fluency(language)}' for name, language, _ in told])}."
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=evidence, requirement_ids=_unique(ids))]

    def _skills(self) -> Iterator[Block]:
        shown = [(fact, number) for fact, number in self.plan.skills if not self.desk.is_told(fact.text)][:4]
        if not shown:
            return
        names = [without_bracket(fact.text) for fact, _ in shown]
        is_asked = all(number in self.desk.used_requirements for _, number in shown)
        verb = "is" if len(names) == 1 else "are"
        listed = _listed(names)
        text = f"My skills also include {listed}, which your posting names."
        if is_asked:
            text = f"{listed[:1].upper()}{listed[1:]} {verb} on the list of my skills, too."
        numbers = _unique([number for _, number in shown if number])
        evidence = [fact.id for fact, _ in shown]
        yield [Sentence(text=text, paragraph=MORE, evidence_ids=evidence, requirement_ids=numbers)]

    def _studies(self) -> Iterator[Block]:
        for study in self.plan.studies[:1]:
            self._has_study = True
            wanted = [r.id for r in self.analysis.requirements if r.category == RequirementCategory.EDUCATION]
            yield [Sentence(text=_study(study), paragraph=MORE, evidence_ids=[study.id], requirement_ids=wanted[:2])]

    def _certificates(self) -> Iterator[Block]:
        wanted = [r.id for r in self.analysis.requirements if r.category == RequirementCategory.CERTIFICATE]
        if self.plan.certificates:
            yield [self._held(self.plan.certificates[:MOST_CERTIFICATES], wanted[:2])]

    def _held(self, facts: list[Fact], requirement_ids: list[str]) -> Sentence:
        also = "also " if self._has_study else ""
        # A number at the end of a name counts nothing there; before another name it would seem to.
        names = sorted((fact.text.split(",")[0] for fact in facts), key=lambda name: name[-1:].isdigit())
        text = f"My certificates include {_listed(names)}."
        if len(names) == 1:
            held = article(_small(names[0])) if CALLED_SO.search(names[0]) else f"the certificate {names[0]}"
            text = f"I {also}hold {held}."
        ids = [fact.id for fact in facts]
        return Sentence(text=text, paragraph=MORE, evidence_ids=ids, requirement_ids=requirement_ids)

    def _topic(self) -> tuple[str, list[str]]:
        """Return what to talk about, present work before past: a thing that was made, else the work where the story was."""
        told = sorted(self._told[: min(self.desk.stories, MOST_TOPICS)], key=lambda proof: not proof.fact.current)
        for proof in told[:1]:
            fact = proof.fact
            said = predicate(fact.text, is_current=fact.current) or ""
            is_made = said.split(" ", 1)[0] in MADE and not helping_verb(fact.text)
            thing = thing_of(said) if is_made else ""
            if len(thing.split()) > MOST_OF_A_PAIR:
                return thing, [fact.id]
            if fact.scope_id in self._project_ids():
                return f"my project “{fact.title}”", [fact.scope_id]
            if fact.employer:
                return f"my {'work' if fact.current else 'time'} at {fact.employer}", _unique([fact.scope_id, fact.id])
        for header in self.plan.headers[:1]:
            if header.employer:
                return f"my {'work' if header.current else 'time'} at {header.employer}", [header.id]
        return "any of this", []


def _frame(sentence: str, said: str, perfect: str | None) -> str:
    """Return what a sentence puts around what was done."""
    return sentence.replace(said, "…").replace(perfect or said, "…")


def _by_surname(match: re.Match[str]) -> str:
    return f"{match['form']} {match['surname']}"


def _is_short(said: str) -> bool:
    """Whether a place may stand behind what was done without seeming to belong to its last words."""
    return len(said.split()) <= MOST_SHORT_WORDS and not re.search(r" (?:at|in|for|which|that|by) ", said)


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
    if language.cefr == "native" and re.search(NATIVE, language.fluency, re.IGNORECASE):
        return NATIVELY
    if language.cefr and language.cefr.value in language.fluency:
        return f" at level {language.cefr.value}"
    return f" ({language.fluency})" if language.fluency else ""


def _study(study: Education) -> str:
    study = study.model_copy(update={"degree": re.sub(r"^Graduated (?:as|with) (?:an? )?", "", study.degree)})
    school = re.sub(
        r"^(?=(?:(?:Technical )?University|College|Institute|School|Academy) of )", "the ", study.institution
    )
    year = f" ({study.end.year})" if study.end and not study.current else ""
    area = with_area(study, " in {area}")
    if study.current:
        subject = f"{study.degree}{area}" if study.degree else study.area
        return f"I am studying at {school} now: {subject}."
    if study.end is None and study.start and study.degree:
        return f"My studies: {article(study.degree)}{area} at {school} (from {study.start.year})."
    if study.degree and study.area and GERMAN_TRAINING.search(study.degree):
        return f"I completed {article(study.degree)} ({study.area}) at {school}{year}."
    if study.degree and VOCATIONAL.search(study.degree):
        return f"I completed {article(study.degree)}{area} at {school}{year}."
    if study.degree:
        held = f"hold {article(study.degree)}" if not PLURAL.search(study.degree) else f"have {study.degree}"
        return f"I {held}{area} from {school}{year}."
    return f"I studied {study.area} at {school}{year}."


def _small(name: str) -> str:
    """Return a common noun as it stands within a sentence: "Forklift licence" with a small letter, "HGV licence" as it is."""
    return " ".join(word[:1].lower() + word[1:] if word[1:].islower() else word for word in name.split())


def _spelt(concept: str, fact: Fact) -> str:
    """Return how a line spells a skill."""
    return next((fact.text[m.start : m.end] for m in concepts_in(fact.text) if m.concept == concept), concept)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))
