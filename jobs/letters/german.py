"""Letters in German."""

import re
from collections.abc import Iterator, Sequence

from cv.facts import Fact
from cv.resume import Education, Language
from cv.skills import concept_of, concepts_in
from jobs.grounding import Sentence
from jobs.grounding.words import is_german
from jobs.letters.composing import Block, Desk
from jobs.letters.naming import as_quoted, ended, with_area, without_bracket
from jobs.letters.planning import ANSWERING, Proof, by_scope, is_tellable, without_repeats
from jobs.models import Tone
from jobs.posting import Requirement, RequirementCategory
from jobs.tailoring.rephrasing import trim

SALUTATION, OPENING, PROOF, MORE, CLOSING, SIGNATURE = range(6)
GERMAN_NAMES = {
    "english": "Englisch", "german": "Deutsch", "french": "Französisch", "spanish": "Spanisch", "italian": "Italienisch", "portuguese": "Portugiesisch",
    "dutch": "Niederländisch", "polish": "Polnisch", "russian": "Russisch", "arabic": "Arabisch", "turkish": "Türkisch", "chinese": "Chinesisch",
    "ukrainian": "Ukrainisch", "czech": "Tschechisch",
}  # fmt: skip
NATIVE = r"muttersprach|native|matern|nativ|madreling|moedertaal|ojczyst"
MOST_LEADS = 2
LEADING = 1.75
MOST_WORDS = 28
MOST_TITLE_WORDS = 7
MOST_FURTHER = 5
MOST_TOPICS = 3
MOST_CERTIFICATES = 3
DATIVE_NEUTER = re.compile(
    r"^(?:\w*[Kk]linikum|\w*[Kk]rankenhaus|\w*[Hh]eim|\w*[Hh]aus|\w*[Hh]otel|\w*[Rr]estaurant|\w*[Ii]nstitut|\w*[Zz]entrum|\w*amt|\w*[Mm]inisterium|Gymnasium|\w*[Bb]üro)$"
)
DATIVE_FEMININE = re.compile(
    r"^(?:\w*[Kk]linik|\w*[Ss]chule|Universität|Hochschule|\w*[Pp]raxis|\w*[Bb]ank|\w*[Ss]parkasse|\w*[Aa]gentur|[A-ZÄÖÜ]\w*(?:ung|gesellschaft|genossenschaft|werkstatt|spedition)|Stadt|Gemeinde|\w*[Kk]anzlei|\w*[Aa]potheke|[A-ZÄÖÜ]\w*erei)$"
)
PARTICIPLE = re.compile(
    r"^(?:(?:ab|an|auf|aus|bei|durch|ein|fort|her|hin|mit|nach|um|unter|vor|weiter|zu|zurück|zusammen|heraus|hinzu)?ge\w{3,}(?:t|en)|"
    r"(?:über|unter|wieder|ver|be|ent|er|zer|emp)\w{3,}(?:t|en)|\w{3,}iert|\w+gestellt|\w+geführt)$"
)
FEMININE = re.compile(
    r"^\w*(?:ung|heit|keit|schaft|ion|tät|ik|enz|anz|pflege|analyse|planung|hilfe|arbeit|annahme|abnahme|aufnahme|suche|reparatur|kontrolle|montage|diagnose|inventur|ausgabe|übergabe)$",
    re.IGNORECASE,
)
NEUTER = re.compile(r"^[A-ZÄÖÜ]\w*(?:en|ern|eln|[Mm]anagement|[Mm]arketing|[Cc]ontrolling|[Tt]raining)$")
MASCULINE = re.compile(
    r"^(?:Gewinn|Kundenstamm|Marktanteil|Ertrag|Etat|Ausschuss|Verbrauch|[A-ZÄÖÜ]\w*(?:bau|kauf|satz|gang|lauf|stand|trieb|plan|prozess|service|aufwand|schutz))$"
)
NEUTERS = frozenset(
    [
        "Training",
        "Seminar",
        "Verfahren",
        "Archiv",
        "Handbuch",
        "Protokoll",
        "Team",
        "Budget",
        "Lager",
        "Projekt",
        "Sortiment",
        "Netzwerk",
        "Konzept",
        "System",
        "Angebot",
    ]
)
SECOND_NOUN = re.compile(r" und (?P<noun>[A-ZÄÖÜ]\w+)(?= (?:von|der|des|eines|einer|mit|für|bei|im|in|an|am)\b)")
# A full stop behind an abbreviation or an ordinal ends no sentence.
SENTENCE_END = re.compile(
    r"(?<!\bMio)(?<!\bMrd)(?<!\bTsd)(?<!\bca)(?<!\binkl)(?<!\bbzw)(?<!\bNr)(?<!\bz)(?<!\bB)(?<!\d)\.\s|;\s|\s[–—]\s"
)
PAST_FIRST = re.compile(r"^\w{3,}te$")
# A frame of `told_german` that names an activity.
DUTY = re.compile(r"\{where\} (?P<verb>gehörten?) (?P<noun>.+) zu meinen Aufgaben$")
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
        self._leads = self._continued = self._quoted = self._duties = 0
        self._told = self._stories()

    def salutation(self) -> Sentence:
        """Address the contact by name where the posting gives one, without guessing a gender."""
        contact = re.sub(r"\s+", " ", self.analysis.contact_name).strip()
        titled = re.match(r"(Frau|Herrn?)\s+(.+)", contact)
        if titled:
            form = "Sehr geehrte Frau" if titled[1] == "Frau" else "Sehr geehrter Herr"
            academic = "".join(f"{word} " for word in titled[2].split()[:-1] if word in {"Dr.", "Prof."})
            text = f"{form} {academic}{titled[2].split()[-1]},"
        elif contact:
            text = f"Guten Tag {contact},"
        else:
            text = "Sehr geehrte Damen und Herren,"
        return Sentence(text=text, role="salutation", paragraph=SALUTATION)

    def opening(self) -> Block:
        """Say what the posting is about in its own words where the first story answers it; else what is applied for."""
        title, employer = self.analysis.title, self.analysis.employer
        place = f" {_at(employer)}" if employer else ""
        position = f"die Stelle „{title}“{place}" if title else f"die ausgeschriebene Stelle{place}"
        duty = self.plan.demand
        if self._told:
            is_answered = self.plan.duty and self._told[0].answers(self.plan.duty) >= ANSWERING
            duty = self.plan.duty if is_answered else None
        phrase = asked_german(duty.text) if duty and not self.desk.is_foreign else None
        if self.formal or not (phrase and duty):
            text = {
                Tone.PROFESSIONAL: f"ich bewerbe mich um {position}",
                Tone.WARM: f"mit diesem Schreiben bewerbe ich mich um {position}",
                Tone.DIRECT: f"ich bewerbe mich um {position}",
            }[Tone(self.inputs.tone)]
            if self.inputs.wish == "other_opening" and text in self.inputs.previous_text:
                text = f"mit diesem Schreiben bewerbe ich mich um {position}"
            return [Sentence(text=ended(text), role="closing", paragraph=OPENING)]
        self.desk.used_requirements.add(duty.id)
        is_task = duty.category == RequirementCategory.DUTY
        text = {
            Tone.PROFESSIONAL: f"für {position} nennen Sie unter anderem diese {'Aufgabe' if is_task else 'Anforderung'}: „{phrase}“.",
            Tone.WARM: f"vielen Dank für Ihre Ausschreibung: Für {position} nennen Sie unter anderem dies: „{phrase}“.",
            Tone.DIRECT: f"für {position} brauchen Sie: „{phrase}“.",
        }[Tone(self.inputs.tone)]
        return [Sentence(text=text, role="posting", paragraph=OPENING, requirement_ids=[duty.id])]

    def body(self) -> Iterator[Block]:
        """Yield stories first, then what else the posting asks for."""
        told = by_scope(self._told[: self.desk.stories], self.inputs.resume)
        for number, group in enumerate(_in_rows(told)):
            yield self._story(group[0], first=number == 0) if len(group) == 1 else self._row(group)
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
        """Offer a conversation about the work that the letter told of, present before past."""
        told = sorted(self._told[: min(self.desk.stories, MOST_TOPICS)], key=lambda proof: not proof.fact.current)
        fact = next((proof.fact for proof in told), None)
        fact = fact or next((header for header in self.plan.headers if header.title and header.employer), None)
        topic = f"über meine Arbeit {_at(fact.employer)}" if fact and fact.employer else "über Einzelheiten"
        text = {
            Tone.PROFESSIONAL: f"Gern berichte ich Ihnen in einem Gespräch {topic} und höre mehr über die Stelle.",
            Tone.WARM: f"Ich freue mich sehr, wenn ich Ihnen in einem Gespräch {topic} berichten und mehr über die Stelle hören kann.",
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
        """Return the weightiest story, without what leads to it; a position where no line can be told."""
        if not self._told:
            return next(self._careers(), [])[:1]
        return [s for proof in self._told[:1] for s in self._story(proof, first=False) if s.role == "claim"]

    def _stories(self) -> list[Proof]:
        own = (proof for proof in self.plan.proofs if is_tellable(proof, self.plan, "de"))
        tellable = without_repeats(proof for proof in own if told_german(proof.fact.text))
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

    def _story(self, proof: Proof, *, first: bool) -> Block:
        fact, paragraph = proof.fact, OPENING if first else PROOF
        answers_opening = first and any(proof.links.get(number) for number in self.desk.used_requirements)
        leading = None if answers_opening else self._led_by(proof)
        lead = self._lead(leading) if leading else None
        frame = told_german(fact.text) or ""
        claim = self._worded(frame, fact, after_lead=lead is not None).model_copy(
            update={
                "paragraph": paragraph,
                "requirement_ids": [requirement.id for requirement in proof.requirements][:4],
            }
        )
        self.desk.scope = fact.scope_id
        self._named.add(fact.scope_id)
        return [lead.model_copy(update={"paragraph": paragraph}), claim] if lead else [claim]

    def _row(self, proofs: list[Proof]) -> Block:
        """Tell several lines of one position that name activities in one sentence."""
        fact = proofs[0].fact
        named = [named_german(proof.fact.text) or "" for proof in proofs]
        listed = (
            _listed(named)
            if not any(" und " in name for name in named)
            else f"{', '.join(named[:-1])} sowie {named[-1]}"
        )
        frame = f"{{where}} gehörten {listed} zu meinen Aufgaben"
        sentence = self._worded(frame, fact, after_lead=False, others=[proof.fact for proof in proofs[1:]])
        self.desk.scope = fact.scope_id
        self._named.add(fact.scope_id)
        numbers = list(dict.fromkeys(r.id for proof in proofs for r in proof.requirements))[:4]
        return [sentence.model_copy(update={"requirement_ids": numbers})]

    def _worded(self, frame: str, fact: Fact, *, after_lead: bool, others: Sequence[Fact] = ()) -> Sentence:
        """Return a frame as a sentence; duties are told in changing forms."""
        where = self._where(fact, after_lead=after_lead)
        texts = [placed(frame, where, is_current=fact.current)]
        if duty := DUTY.match(frame):
            is_there = fact.scope_id == self.desk.scope and not after_lead
            self._duties += 1
            texts = [*_other_forms(duty, where, fact, is_there=is_there, number=self._duties), *texts]
        evidence = list(dict.fromkeys([fact.id, *(other.id for other in others), fact.scope_id]))
        return self.desk.first_passing(
            *(Sentence(text=f"{t[:1].upper()}{t[1:]}.", paragraph=PROOF, evidence_ids=evidence) for t in texts)
        )

    def _led_by(self, proof: Proof) -> Requirement | None:
        """Return the requirement to name before a story: one that it plainly answers and that is not named yet."""
        if self.desk.is_foreign or self._leads >= MOST_LEADS:
            return None
        fresh = [r for r in proof.requirements if r.id not in self.desk.used_requirements and not r.years]
        best = max(fresh, key=proof.answers, default=None)
        return best if best and proof.answers(best) >= LEADING else None

    def _lead(self, requirement: Requirement) -> Sentence | None:
        phrase = asked_german(requirement.text)
        if phrase is None or len(phrase.split()) > 10:
            return None
        forms = (f"Außerdem nennen Sie „{phrase}“.", f"Auch „{phrase}“ steht in Ihrer Ausschreibung.")
        text = forms[self._leads % len(forms)]
        if not self.desk.used_requirements and not self._leads:
            text = f"In Ihrer Ausschreibung nennen Sie „{phrase}“."
        self._leads += 1
        return Sentence(text=text, role="posting", requirement_ids=[requirement.id])

    def _where(self, fact: Fact, *, after_lead: bool) -> str:
        """Return where and as what, to be put before the verb."""
        title = fact.title if len(fact.title.split()) <= MOST_TITLE_WORDS else ""
        if fact.scope_id == self.desk.scope and not after_lead:
            self._continued += 1
            return ("dort", "außerdem", "in dieser Stelle")[(self._continued - 1) % 3]
        if fact.scope_id in {project.id for project in self.inputs.resume.projects}:
            return f"im Projekt „{fact.title}“"
        if fact.scope_id in self._named and fact.employer:
            return f"{_at(fact.employer)}"
        role = f"als {title}" if title else ""
        if title in TIMES:
            role = f"{TIMES[title]} {title}"
        place = f"{_at(fact.employer)}" if fact.employer else ""
        return " ".join(part for part in (role, place) if part) + _years(fact) if role or place else "bisher"

    def _careers(self) -> Iterator[Block]:
        """Say what was done where, for positions of which no line is told."""
        for header in self.plan.headers:
            if header.scope_id in self._named or not header.title or not header.employer:
                continue
            named = self.plan.concepts_by_scope.get(header.scope_id, [])[:3]
            tools = [_spelt(name, fact) for name, fact in named]
            using = f" mit {_listed(tools)}" if tools else ""
            evidence = list(dict.fromkeys([header.id, *(fact.id for _, fact in named)]))
            career = self.desk.first_passing(
                Sentence(text=_career(header, using), paragraph=PROOF, evidence_ids=evidence),
                Sentence(text=_career(header, ""), paragraph=PROOF, evidence_ids=[header.id]),
            )
            yield [career, *self._quotes(header)]

    def _quotes(self, header: Fact) -> Block:
        """Quote the lines of a position as they stand in a CV that is not in German."""
        lines = self.desk.quoted(header.scope_id) if not self._told else []
        if not lines:
            return []
        form = ("Dazu steht in meinem Lebenslauf: {list}.", "Hier nennt mein Lebenslauf: {list}.")[min(self._quoted, 1)]
        self._quoted += 1
        text = form.format(list=_listed([f"„{as_quoted(fact.text)}“" for fact in lines]))
        evidence = [header.scope_id, *(fact.id for fact in lines)]
        return [Sentence(text=text, paragraph=PROOF, evidence_ids=evidence)]

    def _further(self) -> Iterator[Block]:
        """Name skills and certificates that the posting does not ask for."""
        skills = [fact for fact in self.plan.further_skills if not self.desk.is_told(fact.text)][:MOST_FURTHER]
        if skills:
            text = f"Mein Lebenslauf nennt außerdem {_listed([without_bracket(fact.text) for fact in skills])}."
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=[fact.id for fact in skills])]
        yield from self._held(self.plan.further_certificates[:MOST_CERTIFICATES])

    def _languages(self) -> Iterator[Block]:
        """Name all the languages that are asked for in one sentence; that German is the writer's own shows."""
        spoken = [language for language, _ in self.plan.languages if _fluency(language) != " als Muttersprache"]
        spoken = spoken or [language for language, _ in self.plan.languages]
        if spoken:
            ids = [
                requirement.id for language, requirement in self.plan.languages if requirement and language in spoken
            ]
            names = _listed([f"{_german_name(language)}{_fluency(language)}" for language in spoken])
            evidence = [language.id for language in spoken]
            yield [Sentence(text=f"Ich spreche {names}.", paragraph=MORE, evidence_ids=evidence, requirement_ids=ids)]

    def _skills(self) -> Iterator[Block]:
        shown = [(fact, number) for fact, number in self.plan.skills if not self.desk.is_told(fact.text)][:4]
        if shown:
            names = _listed([without_bracket(fact.text) for fact, _ in shown])
            yield [
                Sentence(
                    text=f"Wie in Ihrer Ausschreibung genannt, bringe ich auch Kenntnisse in {names} mit.",
                    paragraph=MORE,
                    evidence_ids=[fact.id for fact, _ in shown],
                    requirement_ids=list(dict.fromkeys(number for _, number in shown if number)),
                )
            ]

    def _studies(self) -> Iterator[Block]:
        wanted = [r.id for r in self.analysis.requirements if r.category == RequirementCategory.EDUCATION]
        for study in self.plan.studies[:1]:
            yield [Sentence(text=_study(study), paragraph=MORE, evidence_ids=[study.id], requirement_ids=wanted[:2])]

    def _certificates(self) -> Iterator[Block]:
        yield from self._held(self.plan.certificates[:MOST_CERTIFICATES])

    def _held(self, facts: list[Fact]) -> Iterator[Block]:
        if facts:
            names = _listed([f"„{fact.text.partition(',')[0]}“" for fact in facts])
            text = f"{'Das Zertifikat' if len(facts) == 1 else 'Die Zertifikate'} {names} bringe ich ebenfalls mit."
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=[fact.id for fact in facts])]


def _career(header: Fact, using: str) -> str:
    """Say what somebody works as, or worked as, and where."""
    place = _at(header.employer)
    if not header.current:
        return f"B{place[1:]} habe ich als {header.title}{using} gearbeitet{_years(header)}."
    when = f"seit {header.start.year} " if header.start else ""
    return f"B{place[1:]} arbeite ich {when}als {header.title}{using}."


def named_german(text: str) -> str | None:
    """Return a line that names one activity, with its article: "die Leitung eines Teams"; None for any other."""
    match = re.match(r"\{where\} gehörte ([^,]+) zu meinen Aufgaben$", told_german(text) or "")
    return match[1] if match else None


def _in_rows(proofs: list[Proof]) -> list[list[Proof]]:
    """Put lines together that name activities of one position, behind the first line of all; one sentence may hold so many words."""
    rows: list[list[Proof]] = []
    for number, proof in enumerate(proofs):
        row = rows[-1] if number > 1 else []
        words = sum(len(other.fact.text.split()) for other in [*row, proof])
        is_alike = row and row[-1].fact.scope_id == proof.fact.scope_id
        if is_alike and words <= MOST_WORDS and named_german(row[-1].fact.text) and named_german(proof.fact.text):
            row.append(proof)
        else:
            rows.append([proof])
    return rows


def _other_forms(duty: re.Match[str], where: str, fact: Fact, *, is_there: bool, number: int) -> list[str]:
    """Return how a duty can be told that is not the first of a letter; nothing for the first and for every third."""
    noun, is_one = duty["noun"], duty["verb"] == "gehörte"
    if number % 3 == 1:
        return []
    if not is_there:
        return [f"meine Arbeit {where} {'umfasst' if fact.current else 'umfasste'} {noun}"]
    if number % 3 == 0:
        comes = ("kommt" if is_one else "kommen") if fact.current else ("kam" if is_one else "kamen")
        return [f"hinzu {comes} {noun}"]
    belongs = ("gehört" if is_one else "gehören") if fact.current else duty["verb"]
    return [f"auch {noun} {belongs} dort zu meinen Aufgaben"]


def placed(frame: str, where: str, *, is_current: bool) -> str:
    """Put the place into a frame: "zu meinen Aufgaben als X bei Y gehört(e) …", in the tense of the position."""
    duty = DUTY.match(frame)
    if duty is None:
        return frame.format(where=where)
    verb = {"gehörte": "gehört", "gehörten": "gehören"}[duty["verb"]] if is_current else duty["verb"]
    if where == "außerdem":
        return f"außerdem {verb} {duty['noun']} zu meinen Aufgaben"
    return f"zu meinen Aufgaben {where} {verb} {duty['noun']}"


def told_german(text: str) -> str | None:
    """Return a sentence frame that says what a German CV line says, with `{where}` for place and title; None where it does not lend itself.

    "Ein Team geleitet" → "{where} habe ich ein Team geleitet"; "Leitete ein Team" → "{where} leitete ich ein Team"; "Leitung eines Teams" →
    "{where} gehörte die Leitung eines Teams zu meinen Aufgaben".
    """
    line = re.sub(r"^[\s•·*▪–—-]+", "", trim(text)).strip().rstrip(".;")
    line = SENTENCE_END.split(line)[0].strip()
    words = line.split()
    if not 2 <= len(words) <= MOST_WORDS or "{" in line or not _is_german_line(line):
        return None
    return _verbal(line, words) or (None if FINITE.search(line) else _nominal(line, words))


def _verbal(line: str, words: list[str]) -> str | None:
    """Tell a line that ends with a participle or begins with a past form."""
    last, first = words[-1].strip(",").lower(), words[0].strip(",")
    if PARTICIPLE.match(last) and not FINITE.search(line) and words[-1][0].islower():
        return f"{{where}} habe ich {_with_accusative(_lowered(line))}"
    if PAST_FIRST.match(first.lower()) and len(words) > 2 and not FEMININE.match(first):
        return f"{{where}} {first.lower()} ich {' '.join(words[1:])}"
    return None


def _nominal(line: str, words: list[str]) -> str | None:
    """Tell a line that names an activity, or two, as nouns."""
    first = words[0].strip(",")
    if len(words) > 2 and words[1].lower() == "und" and words[2][0].isupper() and FEMININE.match(first):
        return f"{{where}} gehörten {line} zu meinen Aufgaben"
    is_pair = first.endswith("-") and words[1].lower() == "und" and len(words) > 3
    article = _article(words[2] if is_pair else first)
    following = words[3 if is_pair else 1]
    if article and (following.lower() in GENITIVE or PLURAL_GENITIVE.match(following)):
        second = None if is_pair else SECOND_NOUN.search(line)
        if second and FEMININE.match(second["noun"]):
            line = f"{line[: second.start('noun')]}die {line[second.start('noun') :]}"
            return f"{{where}} gehörten {article} {line} zu meinen Aufgaben"
        return f"{{where}} gehörte {article} {line} zu meinen Aufgaben"
    return None


def _article(noun: str) -> str:
    return "die" if FEMININE.match(noun) else "das" if NEUTER.match(noun) else ""


def _with_accusative(line: str) -> str:
    """Put in the article that CV lines leave out before a singular noun: "Umsatz gesteigert" → "den Umsatz gesteigert"."""
    first = line.split(maxsplit=1)[0]
    if FEMININE.match(first) and first[:1].isupper():
        return f"die {line}"
    is_neuter = first in NEUTERS or (first.endswith("wesen") and first[:1].isupper())
    return f"den {line}" if MASCULINE.match(first) else f"das {line}" if is_neuter else line


# "Versorgung chronischer Wunden"
PLURAL_GENITIVE = re.compile(r"[a-zäöüß]{3,}er$")
# Titles that name a time and no person.
TIMES = {"Praktikum": "im", "Schülerpraktikum": "im", "Freiwilliges Soziales Jahr": "im", "Nebenjob": "im", "Ferienjob": "im", "Zivildienst": "im", "Bundesfreiwilligendienst": "im", "Ausbildung": "in der", "Werkstudententätigkeit": "in der"}  # fmt: skip
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
        "gegenüber",
        "nach",
        "auf",
        "aus",
        "durch",
        "über",
        "zwischen",
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
        any(word[0].isupper() for word in line.split()[1:]) and bool(_article(line.split(maxsplit=1)[0]))
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


def _german_name(language: Language) -> str:
    return GERMAN_NAMES.get((concept_of(language.name) or language.name).casefold(), language.name)


def _fluency(language: Language) -> str:
    if re.search(NATIVE, language.fluency, re.IGNORECASE):
        return " als Muttersprache"
    if language.cefr and language.cefr.value in language.fluency:
        return f" auf dem Niveau {language.cefr.value}"
    return f" ({language.fluency})" if language.fluency else ""


def _study(study: Education) -> str:
    year = f", {study.end.year}" if study.end and not study.current else ""
    place = f"({study.institution}{year})"
    if study.current and study.area:
        return f"Zurzeit studiere ich {study.area} ({study.institution})."
    if study.degree.casefold() in {"ausbildung", "lehre", "berufsausbildung"} and study.area:
        return f"Meine {study.degree} als {study.area} habe ich abgeschlossen {place}."
    if study.degree.casefold().endswith((" zum", " zur")) and study.area:
        return f"Meine {study.degree} {study.area} habe ich abgeschlossen {place}."
    if study.degree and study.area:
        return f"Mein Abschluss: {study.degree}{with_area(study, ' in {area}')} {place}."
    if study.area:
        return f"{study.area} habe ich studiert {place}."
    return f"Mein Abschluss: {study.degree} {place}."


def _at(employer: str) -> str:
    """Return an employer behind "bei", with the article that some names want: beim Klinikum Nord, bei der Stadt Aurich, bei Netz Nord."""
    first = employer.split(maxsplit=1)[0] if employer else ""
    if DATIVE_NEUTER.search(first):
        return f"beim {employer}"
    return f"bei der {employer}" if DATIVE_FEMININE.search(first) else f"bei {employer}"


def _spelt(concept: str, fact: Fact) -> str:
    return next((fact.text[m.start : m.end] for m in concepts_in(fact.text) if m.concept == concept), concept)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} und {names[-1]}"
