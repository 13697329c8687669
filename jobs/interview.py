"""Likely questions of an interview, from what a posting asks for and what a CV leaves open, with the facts to answer them.

Questions are in the posting's language where it is one of `jobs.interview_wordings`, what is said beside them in the interface's.
Deterministic and offline: a question quotes the posting, an answer's facts are lines of the CV word for word. Nothing is put into the person's mouth.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from cv.facts import Fact, FactKind, facts_of
from cv.resume import PartialDate, Resume
from cv.skills import category_of
from jobs.grounding.quantities import quantities
from jobs.interview_wordings import ASKING, Asking, language_name
from jobs.letters.naming import plain_title, without_place
from jobs.letters.phrases import asked
from jobs.letters.planning import OF_NAMES
from jobs.matching.types import Coverage, MatchReport, RequirementMatch
from jobs.posting import PostingAnalysis, Requirement, RequirementCategory, RequirementKind
from jobs.tailoring.links import links_of

MOST_QUESTIONS = 12
EXPERIENCE_OF = re.compile(r"^(?:experience|knowledge|understanding|practice) (?:of|with|in) ", re.IGNORECASE)
MOST_FACTS = 3
# Months between two positions from which on somebody asks about them.
NOTABLE_GAP = 7
ORDER = {RequirementKind.KNOCK_OUT: 0, RequirementKind.MUST: 1, RequirementKind.NICE: 2}
ON_PAPER = re.compile(r"\b(?:certificat\w+|licen[cs]e|registration|diploma)\b", re.IGNORECASE)
# A line that shares so much with a requirement answers it, whether matching cited it or not.
PLAINLY = 2.0
CHECKED_ON_PAPER = {RequirementCategory.EDUCATION, RequirementCategory.CERTIFICATE, RequirementCategory.ELIGIBILITY}


@dataclass(frozen=True, slots=True)
class Question:
    """A question, why it may come, the lines of the CV that answer it, and what to have ready.

    `kind` is `proof` (the CV answers it), `close` (it comes near), `gap` (it says nothing), `motive` or `timeline`.
    """

    kind: str
    text: str
    because: str
    facts: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Preparation:
    """Questions to expect, and questions to ask because the posting leaves them open."""

    questions: list[Question]
    to_ask: list[str]


def prepare(resume: Resume, analysis: PostingAnalysis, report: MatchReport) -> Preparation:
    """Return what to prepare for: first why this job, then the requirements by weight, gaps in time last."""
    asking = ASKING.get(analysis.language, ASKING["en"])
    requirements = {requirement.id: requirement for requirement in analysis.requirements}
    facts: dict[str, Fact] = {}
    for fact in facts_of(resume):
        facts.setdefault(fact.id, fact)
    matches = sorted([*report.knock_outs, *report.requirements], key=lambda match: ORDER[match.kind])
    found = [
        question
        for match in matches
        if (requirement := requirements.get(match.requirement_id))
        and (question := _about(requirement, match, facts, analysis.language)) is not None
    ]
    gaps = list(_gaps_in_time(resume, asking))[:2]
    motive = _motive(analysis, resume)
    unique = list({question.text: question for question in [motive, *found]}.values())
    return Preparation([*unique[: MOST_QUESTIONS - len(gaps)], *gaps], list(_to_ask(analysis)))


def _motive(analysis: PostingAnalysis, resume: Resume) -> Question:
    title = plain_title(analysis.title, location=analysis.location, employer=analysis.employer)
    asking = ASKING.get(analysis.language, ASKING["en"])
    position = asking.named(title, without_place(analysis.employer) if analysis.employer else "")
    current = next((fact for fact in facts_of(resume) if fact.scope_id and fact.title), None)
    lines = (f"{current.title}, {current.employer}".strip(", "),) if current else ()
    hint = "Only you know this. Name a task of the posting that you want to do, and what you did that led to it."
    text = asking.motive.format(position=position)
    return Question("motive", text, "It is asked in nearly every interview.", lines, hint)


def _about(requirement: Requirement, match: RequirementMatch, facts: dict[str, Fact], language: str) -> Question | None:
    because = f"The posting asks: “{_plain(requirement)}”"
    lines = _lines(requirement, match, facts)
    if match.coverage == Coverage.SHOWN and (requirement.category in CHECKED_ON_PAPER or not lines):
        return None
    text = _direct(requirement, language) or _quoting(requirement, match, language)
    if match.coverage == Coverage.MISSING:
        hint = "No line of your CV shows this. Say so plainly, name what comes nearest, and how you would get into it."
        return Question("gap", text, because, (), hint)
    if match.coverage == Coverage.SUPPORTABLE:
        hint = (
            "Your CV comes near without saying it. Tell what these lines have to do with it, and no more than you did."
        )
        return Question("close", text, because, lines, hint)
    hint = "What was the situation, what did you do yourself, what came of it?"
    if not any(quantities(line) for line in lines):
        hint += " Your CV gives no figure here: have one ready if you know it."
    return Question("proof", text, because, lines, hint)


def _direct(requirement: Requirement, language: str) -> str:
    """Return the question where the kind of requirement asks for one of its own."""
    asking, quote, name = ASKING.get(language, ASKING["en"]), _plain(requirement), requirement.concept
    if requirement.category == RequirementCategory.LANGUAGE and name:
        return asking.language.format(name=language_name(name, language))
    if requirement.category in CHECKED_ON_PAPER or ON_PAPER.search(requirement.text):
        return asking.paper.format(quote=quote)
    return asking.years.format(quote=quote) if requirement.years else ""


def _quoting(requirement: Requirement, match: RequirementMatch, language: str) -> str:
    """Ask for a task or a skill: in a sentence in English, behind a colon in other languages, whose grammar nobody here knows."""
    asking = ASKING.get(language)
    if asking is None or language == "en":
        return _of_task(requirement, match) or _of_thing(requirement, match)
    is_shown, is_task = match.coverage == Coverage.SHOWN, requirement.category == RequirementCategory.DUTY
    form = asking.known if is_shown else asking.unknown
    if requirement.category == RequirementCategory.SOFT_SKILL:
        form = asking.example
    elif is_task:
        form = asking.done if is_shown else asking.undone
    return form.format(quote=_plain(requirement))


def _of_task(requirement: Requirement, match: RequirementMatch) -> str:
    phrase = asked(requirement.text)
    if phrase is None or not phrase.is_task or requirement.category != RequirementCategory.DUTY:
        return ""
    task = _own(phrase.text, requirement)
    if match.coverage == Coverage.SHOWN:
        return f"Tell us of a time when you had to {task}."
    return f"In this job you would {task}. Have you done that, or something like it?"


def _of_thing(requirement: Requirement, match: RequirementMatch) -> str:
    phrase = asked(requirement.text)
    thing = _in_words(requirement.concept)
    if not thing and phrase and not phrase.is_task:
        thing = EXPERIENCE_OF.sub("", _own(phrase.text, requirement))
    if not thing or requirement.category == RequirementCategory.SOFT_SKILL:
        return f"The posting says: “{_plain(requirement)}”. Give us an example."
    if match.coverage == Coverage.SHOWN:
        is_activity = thing.split(maxsplit=1)[0].endswith("ing")
        return f"What experience do you have of {thing}?" if is_activity else f"What have you done with {thing}?"
    return f"How familiar are you with {thing}?"


def _in_words(concept: str) -> str:
    """Return a skill as it stands within a sentence: "Occupational safety" with a small letter, "Python" and "HACCP" as they are."""
    first = concept.partition(" ")[0]
    is_name = category_of(concept) in OF_NAMES or not first[1:].islower()
    return concept if is_name or " " not in concept else concept[:1].lower() + concept[1:]


def _own(phrase: str, requirement: Requirement) -> str:
    """Return a phrase as the employer says it: "our platform", where a letter would say "your platform"."""
    return re.sub(r"\byour\b", "our", phrase) if re.search(r"\bour\b", requirement.text, re.IGNORECASE) else phrase


def _plain(requirement: Requirement) -> str:
    return " ".join(requirement.text.split()).strip(" .;,:•-")


def _lines(requirement: Requirement, match: RequirementMatch, facts: dict[str, Fact]) -> tuple[str, ...]:
    """Return the cited lines, first what was done and says most of what is asked; a bare skill only where nothing else is there."""
    cited = [facts[number] for number in match.fact_ids if number in facts]
    plain = [fact for fact in facts.values() if links_of(fact, [requirement]).get(requirement.id, 0.0) >= PLAINLY]
    cited += [fact for fact in plain if fact.kind == FactKind.HIGHLIGHT and fact not in cited]
    told = [fact for fact in cited if fact.kind in {FactKind.HIGHLIGHT, FactKind.PROJECT, FactKind.VOLUNTEERING}]
    chosen = sorted(told or cited, key=lambda fact: -links_of(fact, [requirement]).get(requirement.id, 0.0))
    lines = [
        f"{fact.text} ({without_place(fact.employer)})"
        if fact.employer and fact.employer not in fact.text
        else fact.text
        for fact in chosen
    ]
    return tuple(dict.fromkeys(lines))[:MOST_FACTS]


def _gaps_in_time(resume: Resume, asking: Asking) -> Iterator[Question]:
    """Ask about months between positions in which nobody was employed or studied."""
    spans: list[tuple[int, int, str]] = []
    for employer in resume.employers:
        for position in employer.positions:
            spans += _span(
                position.start, position.end, is_current=position.current, name=f"{position.title}, {employer.name}"
            )
    for study in resume.education:
        spans += _span(study.start, study.end, is_current=study.current, name=study.institution)
    spans.sort()
    reached = spans[:1]
    for before, after in pairwise(spans):
        latest = max([*reached, before], key=lambda span: span[1])
        reached = [latest]
        if after[0] - latest[1] >= NOTABLE_GAP:
            months = after[0] - latest[1] - 1
            yield Question(
                "timeline",
                asking.gap.format(months=months, what=after[2].strip(", ")),
                "The dates of the CV leave this time open.",
                (latest[2].strip(", "), after[2].strip(", ")),
                "One true sentence is enough.",
            )


def _span(
    start: PartialDate | None, end: PartialDate | None, *, is_current: bool, name: str
) -> list[tuple[int, int, str]]:
    """Return first and last month, counted from year 0; a year without a month is taken at its widest, so that no gap is made up."""
    if start is None:
        return []
    first = start.year * 12 + (start.month or 1)
    if is_current or end is None:
        last = date.max.year * 12 if is_current else first
    else:
        last = end.year * 12 + (end.month or 12)
    return [(first, max(first, last), name)]


def _to_ask(analysis: PostingAnalysis) -> Iterator[str]:
    asking = ASKING.get(analysis.language, ASKING["en"])
    duties = [r for r in analysis.requirements if r.category == RequirementCategory.DUTY]
    if len(duties) > 1:
        yield asking.most_time
    if not analysis.salary_text:
        yield asking.pay
    if analysis.is_remote is None:
        yield asking.place
    if not analysis.employment_type:
        yield asking.hours
    yield asking.first_months
