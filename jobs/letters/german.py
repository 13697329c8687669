"""Letters in German."""

import re
from collections.abc import Iterator

from cv.facts import Fact
from cv.resume import Education, Language
from cv.skills import concepts_in
from jobs.grounding import Sentence
from jobs.grounding.words import is_german
from jobs.letters.composing import Block, Desk
from jobs.letters.planning import Proof, by_scope, without_repeats
from jobs.models import Tone
from jobs.posting import Requirement, RequirementCategory
from jobs.tailoring.rephrasing import trim

SALUTATION, OPENING, PROOF, MORE, CLOSING, SIGNATURE = range(6)
STORIES = 3
MOST_WORDS = 28
MOST_TITLE_WORDS = 7
PARTICIPLE = re.compile(
    r"^(?:(?:ab|an|auf|aus|bei|durch|ein|fort|her|hin|mit|nach|um|unter|vor|weiter|zu|zurück|zusammen|heraus|hinzu)?ge\w{3,}(?:t|en)|"
    r"(?:über|unter|wieder|ver|be|ent|er|zer|emp)\w{3,}(?:t|en)|\w{3,}iert|\w+gestellt|\w+geführt)$"
)
FEMININE = re.compile(
    r"^\w*(?:ung|heit|keit|schaft|ion|tät|ik|enz|anz|pflege|analyse|planung|hilfe|arbeit|annahme|abnahme|aufnahme)$",
    re.IGNORECASE,
)
NEUTER = re.compile(r"^[A-ZÄÖÜ]\w+(?:en|ern|eln)$")
PAST_FIRST = re.compile(r"^\w{3,}te$")
REQUIREMENT_LEAD = re.compile(
    r"^(?:sie (?:haben|verfügen über|bringen|besitzen)\s+|idealerweise\s+|(?:sehr )?(?:gute|fundierte|sichere|ausgeprägte|solide|umfassende|mehrjährige|nachgewiesene)[nrs]?\s+)+",
    re.IGNORECASE,
)
FINITE = re.compile(
    r"\b(?:ist|sind|war|waren|wird|werden|haben|hat|sie|wir|du|deine|ihre|bringen|verfügen|besitzen|kannst|können)\b",
    re.IGNORECASE,
)


class GermanLetter:
    """Composes the parts of a German letter."""

    def __init__(self, desk: Desk) -> None:
        """Work at this desk."""
        self.desk = desk
        self.inputs = desk.inputs
        self.plan = desk.plan
        self.analysis = desk.inputs.analysis
        self.formal = desk.inputs.wish == "more_formal"
        self._named: set[str] = set()
        self._leads = self._continued = 0
        self._told = self._stories()

    def salutation(self) -> Sentence:
        """Address the contact by name where the posting gives one, without guessing a gender."""
        contact = re.sub(r"\s+", " ", self.analysis.contact_name).strip()
        titled = re.match(r"(Frau|Herrn?)\s+(.+)", contact)
        if titled:
            form = "Sehr geehrte Frau" if titled[1] == "Frau" else "Sehr geehrter Herr"
            text = f"{form} {titled[2].split()[-1]},"
        elif contact:
            text = f"Guten Tag {contact},"
        else:
            text = "Sehr geehrte Damen und Herren,"
        return Sentence(text=text, role="salutation", paragraph=SALUTATION)

    def opening(self) -> Block:
        """Say what the posting is about in its own words."""
        title, employer, duty = self.analysis.title, self.analysis.employer, self.plan.duty
        place = f" bei {employer}" if employer else ""
        position = f"die Stelle „{title}“{place}" if title else f"die Stelle{place}"
        phrase = asked_german(duty.text) if duty and not self.desk.is_foreign else None
        if self.formal or not (phrase and duty):
            text = f"ich bewerbe mich um {position}."
            return [Sentence(text=text, role="closing", paragraph=OPENING)]
        self.desk.used_requirements.add(duty.id)
        text = {
            Tone.PROFESSIONAL: f"in Ihrer Ausschreibung für {position} nennen Sie unter anderem diese Aufgabe: {phrase}.",
            Tone.WARM: f"vielen Dank für Ihre Ausschreibung: Für {position} nennen Sie unter anderem dies: {phrase}.",
            Tone.DIRECT: f"für {position} brauchen Sie: {phrase}.",
        }[Tone(self.inputs.tone)]
        if duty.category != RequirementCategory.DUTY:
            text = text.replace("diese Aufgabe", "diese Anforderung")
        return [Sentence(text=text, role="posting", paragraph=OPENING, requirement_ids=[duty.id])]

    def body(self) -> Iterator[Block]:
        """Yield stories first, then positions, then what else the posting asks for."""
        leading, further = by_scope(self._told[:STORIES]), self._told[STORIES:]
        for number, proof in enumerate(leading):
            yield self._story(proof, first=number == 0)
        if not leading:
            yield from self._careers()
        yield from self._languages()
        yield from self._skills()
        yield from self._certificates()
        yield from self._studies()
        for proof in further:
            yield self._story(proof, first=False)
        if leading:
            yield from self._careers()

    def closing(self) -> Block:
        """Offer a conversation about the work that the letter told of."""
        fact = next((proof.fact for proof in self._told[:1]), None)
        topic = f"über meine Arbeit bei {fact.employer}" if fact and fact.employer else "über Einzelheiten"
        title, employer = self.analysis.title, self.analysis.employer
        place = f" bei {employer}" if employer else ""
        position = f"die Stelle „{title}“{place}" if title else f"die Stelle{place}"
        text = {
            Tone.PROFESSIONAL: f"Gern berichte ich Ihnen in einem Gespräch {topic} und höre mehr über {position}.",
            Tone.WARM: f"Ich freue mich sehr, wenn ich Ihnen in einem Gespräch {topic} berichten und mehr über {position} hören kann.",
            Tone.DIRECT: f"In einem Gespräch berichte ich Ihnen gern {topic}.",
        }[Tone(self.inputs.tone)]
        evidence = [fact.id, fact.scope_id] if fact and fact.employer else []
        return [Sentence(text=text, role="closing", paragraph=CLOSING, evidence_ids=evidence)]

    def signature(self) -> Block:
        """Sign."""
        greeting = {
            Tone.PROFESSIONAL: "Mit freundlichen Grüßen",
            Tone.WARM: "Mit herzlichen Grüßen",
            Tone.DIRECT: "Freundliche Grüße",
        }[Tone(self.inputs.tone)]
        lines = ["Mit freundlichen Grüßen" if self.formal else greeting, self.inputs.applicant_name]
        return [Sentence(text=line, role="signature", paragraph=SIGNATURE) for line in lines if line]

    def story_of_email(self) -> Block:
        """Return the weightiest story, without what leads to it."""
        return [s for proof in self._told[:1] for s in self._story(proof, first=False) if s.role == "claim"]

    def _stories(self) -> list[Proof]:
        tellable = without_repeats(proof for proof in self.plan.proofs if told_german(proof.fact.text))
        told: list[Proof] = []
        answered: set[str] = set()
        for proof in tellable:
            fresh = {requirement.id for requirement in proof.requirements} - answered
            if fresh or proof.is_focus:
                told.append(proof)
                answered |= fresh
        return [*told, *(proof for proof in tellable if proof not in told)]

    def _story(self, proof: Proof, *, first: bool) -> Block:
        fact, paragraph = proof.fact, OPENING if first else PROOF
        answers_opening = first and any(r.id in self.desk.used_requirements for r in proof.requirements)
        fresh = [r for r in proof.requirements if r.id not in self.desk.used_requirements]
        lead = self._lead(fresh[0]) if fresh and not answers_opening else None
        frame = told_german(fact.text) or ""
        text = placed(frame, self._where(fact, after_lead=lead is not None), is_current=fact.current)
        claim = Sentence(
            text=f"{text[:1].upper()}{text[1:]}.",
            paragraph=paragraph,
            evidence_ids=list(dict.fromkeys([fact.id, fact.scope_id])),
            requirement_ids=[requirement.id for requirement in proof.requirements][:4],
        )
        self.desk.scope = fact.scope_id
        self._named.add(fact.scope_id)
        return [lead.model_copy(update={"paragraph": paragraph}), claim] if lead else [claim]

    def _lead(self, requirement: Requirement) -> Sentence | None:
        phrase = asked_german(requirement.text)
        if self.desk.is_foreign or phrase is None or len(phrase.split()) > 10:
            return None
        forms = (
            f"Außerdem nennen Sie: {phrase}.",
            f"Auch dies steht in Ihrer Ausschreibung: {phrase}.",
            f"Sie suchen zudem: {phrase}.",
        )
        text = forms[self._leads % len(forms)]
        self._leads += 1
        return Sentence(text=text, role="posting", requirement_ids=[requirement.id])

    def _where(self, fact: Fact, *, after_lead: bool) -> str:
        """Return where and as what, to be put before the verb."""
        title = fact.title if len(fact.title.split()) <= MOST_TITLE_WORDS else ""
        if fact.scope_id == self.desk.scope and not after_lead:
            self._continued += 1
            return "dort" if self._continued % 2 else "außerdem"
        if fact.scope_id in {project.id for project in self.inputs.resume.projects}:
            return f"im Projekt {fact.title}"
        if fact.scope_id in self._named and fact.employer:
            return f"bei {fact.employer}"
        role = f"als {title}" if title else ""
        place = f"bei {fact.employer}" if fact.employer else ""
        return " ".join(part for part in (role, place) if part) + _years(fact) if role or place else "bisher"

    def _careers(self) -> Iterator[Block]:
        """Say what was done where, for positions of which no line is told."""
        for header in self.plan.headers:
            if header.scope_id in self._named or not header.title or not header.employer:
                continue
            named = self.plan.concepts_by_scope.get(header.scope_id, [])[:3]
            tools = [_spelt(name, fact) for name, fact in named]
            using = f" mit {_listed(tools)}" if tools else ""
            when = f"seit {header.start.year} " if header.current and header.start else ""
            text = f"Bei {header.employer} arbeite ich {when}als {header.title}{using}."
            if not header.current:
                text = f"Bei {header.employer} habe ich als {header.title}{using} gearbeitet{_years(header)}."
            evidence = list(dict.fromkeys([header.id, *(fact.id for _, fact in named)]))
            yield [Sentence(text=text, paragraph=PROOF, evidence_ids=evidence)]

    def _languages(self) -> Iterator[Block]:
        for language, requirement in self.plan.languages:
            ids = [requirement.id] if requirement else []
            text = f"{language.name} spreche ich{_fluency(language)}."
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=[language.id], requirement_ids=ids)]

    def _skills(self) -> Iterator[Block]:
        told = " ".join(f.text for number in self.desk.used_facts for f in self.desk.facts.get(number, ()))
        shown = [(fact, number) for fact, number in self.plan.skills if fact.text.casefold() not in told.casefold()][:4]
        if shown:
            names = _listed([fact.text for fact, _ in shown])
            verb = "steht" if len(shown) == 1 else "stehen"
            yield [
                Sentence(
                    text=f"Auch {names} {verb} in meinem Lebenslauf, wie in Ihrer Ausschreibung genannt.",
                    paragraph=MORE,
                    evidence_ids=[fact.id for fact, _ in shown],
                    requirement_ids=list(dict.fromkeys(number for _, number in shown)),
                )
            ]

    def _studies(self) -> Iterator[Block]:
        wanted = [r.id for r in self.analysis.requirements if r.category == RequirementCategory.EDUCATION]
        for study in self.plan.studies[:1]:
            yield [Sentence(text=_study(study), paragraph=MORE, evidence_ids=[study.id], requirement_ids=wanted[:2])]

    def _certificates(self) -> Iterator[Block]:
        for fact in self.plan.certificates[:1]:
            text = f"Das Zertifikat {fact.text.split(',')[0]} habe ich."
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=[fact.id])]


def placed(frame: str, where: str, *, is_current: bool) -> str:
    """Put the place into a frame: "zu meinen Aufgaben als X bei Y gehört(e) …", in the tense of the position."""
    duty = re.match(r"\{where\} (gehörten?) (.+) zu meinen Aufgaben$", frame)
    if duty is None:
        return frame.format(where=where)
    verb = {"gehörte": "gehört", "gehörten": "gehören"}[duty[1]] if is_current else duty[1]
    if where == "außerdem":
        return f"außerdem {verb} {duty[2]} zu meinen Aufgaben"
    return f"zu meinen Aufgaben {where} {verb} {duty[2]}"


def told_german(text: str) -> str | None:
    """Return a sentence frame that says what a German CV line says, with `{where}` for place and title; None where it does not lend itself.

    "Ein Team geleitet" → "{where} habe ich ein Team geleitet"; "Leitete ein Team" → "{where} leitete ich ein Team"; "Leitung eines Teams" →
    "{where} gehörte die Leitung eines Teams zu meinen Aufgaben".
    """
    line = re.sub(r"^[\s•·*▪–—-]+", "", trim(text)).strip().rstrip(".;")
    line = re.split(r"\.\s|;\s|\s[–—]\s", line)[0].strip()
    words = line.split()
    if not 2 <= len(words) <= MOST_WORDS or "{" in line or not _is_german_line(line):
        return None
    return _verbal(line, words) or (None if FINITE.search(line) else _nominal(line, words))


def _verbal(line: str, words: list[str]) -> str | None:
    """Tell a line that ends with a participle or begins with a past form."""
    last, first = words[-1].strip(",").lower(), words[0].strip(",")
    if PARTICIPLE.match(last) and not FINITE.search(line) and words[-1][0].islower():
        return f"{{where}} habe ich {_lowered(line)}"
    if PAST_FIRST.match(first.lower()) and len(words) > 2 and not FEMININE.match(first):
        return f"{{where}} {first.lower()} ich {' '.join(words[1:])}"
    return None


def _nominal(line: str, words: list[str]) -> str | None:
    """Tell a line that names an activity as a noun."""
    first = words[0].strip(",")
    if len(words) > 2 and words[1].lower() == "und" and words[2][0].isupper() and FEMININE.match(first):
        return f"{{where}} gehörten {line} zu meinen Aufgaben"
    article = "die" if FEMININE.match(first) else "das" if NEUTER.match(first) else ""
    if article and words[1].lower() in GENITIVE:
        return f"{{where}} gehörte {article} {line} zu meinen Aufgaben"
    return None


GENITIVE = frozenset(
    [
        "von",
        "der",
        "des",
        "eines",
        "einer",
        "unserer",
        "mit",
        "für",
        "im",
        "in",
        "an",
        "am",
        "zur",
        "zum",
        "bei",
        "aller",
        "neuer",
    ]
)


def asked_german(text: str) -> str | None:
    """Return a requirement as a noun phrase for use behind a colon, or None."""
    line = re.sub(r"^[\s•·*▪–—-]+", "", " ".join(text.split())).strip(" .;,:")
    line = REQUIREMENT_LEAD.sub("", line)
    words = line.split()
    if not words or len(words) > 14 or FINITE.search(line):
        return None
    return line


def _is_german_line(line: str) -> bool:
    """Whether a line may stand in a German letter; telegraphic lines have few small words, so nouns in capitals count."""
    return is_german(line) or (
        any(word[0].isupper() for word in line.split()[1:]) and FEMININE.match(line.split(maxsplit=1)[0]) is not None
    )


def _lowered(line: str) -> str:
    first = line.split(maxsplit=1)[0].lower()
    articles = {
        "ein",
        "eine",
        "einen",
        "einem",
        "einer",
        "das",
        "die",
        "den",
        "der",
        "dem",
        "neue",
        "neuen",
        "mehrere",
        "verschiedene",
        "bei",
        "an",
        "in",
        "mit",
        "im",
        "am",
        "für",
        "zwei",
        "drei",
        "vier",
        "alle",
        "über",
        "rund",
    }
    return line[:1].lower() + line[1:] if first in articles else line


def _years(fact: Fact) -> str:
    if fact.start is None or (fact.end is None and not fact.current):
        return ""
    if fact.current or fact.end is None:
        return f" (seit {fact.start.year})"
    return f" ({fact.start.year})" if fact.start.year == fact.end.year else f" ({fact.start.year}–{fact.end.year})"


def _fluency(language: Language) -> str:
    if "muttersprach" in language.fluency.lower():
        return " als Muttersprache"
    if language.cefr and language.cefr.value in language.fluency:
        return f" auf dem Niveau {language.cefr.value}"
    return f" ({language.fluency})" if language.fluency else ""


def _study(study: Education) -> str:
    year = f" ({study.end.year})" if study.end and not study.current else ""
    if study.degree.casefold() in {"ausbildung", "lehre", "berufsausbildung"} and study.area:
        return f"Mein Abschluss ist die {study.degree} als {study.area}, {study.institution}{year}."
    if study.degree and study.area:
        return (
            f"Mein Abschluss ist {study.degree} in {study.area}, {study.institution}{year}."
            if not study.current
            else f"An der Hochschule {study.institution} studiere ich {study.area}."
        )
    if study.area:
        return f"{study.area} habe ich an der Hochschule {study.institution} studiert{year}."
    return f"Mein Abschluss ist {study.degree}, {study.institution}{year}."


def _spelt(concept: str, fact: Fact) -> str:
    return next((fact.text[m.start : m.end] for m in concepts_in(fact.text) if m.concept == concept), concept)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} und {names[-1]}"
