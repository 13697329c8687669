"""A posting in five lines, in its own words: position, conditions, tasks, what it takes, what would be welcome."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from jobs.letters.naming import plain_title
from jobs.posting import PostingAnalysis, Requirement, RequirementCategory, RequirementKind

MOST_ENTRIES = 4
LONGEST_ENTRY = 90
NOT_SAID = "Not said."


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One line, with what it is about."""

    label: str
    text: str


def summarise(analysis: PostingAnalysis, *, closes_on: str = "") -> list[SummaryLine]:
    """Return five lines; where the posting says nothing, the line says so."""
    title = plain_title(analysis.title, location=analysis.location, employer=analysis.employer)
    place = [title, analysis.employer, analysis.location]
    terms = [
        analysis.employment_type.replace("_", " ").capitalize(),
        {True: "Remote", False: "Not fully remote", None: ""}[analysis.is_remote],
        _pay(analysis),
        f"Open until {closes_on}" if closes_on else "",
    ]
    wanted = analysis.requirements
    tasks = _listed(wanted, lambda r: r.category == RequirementCategory.DUTY)
    musts = _listed(wanted, lambda r: r.kind != RequirementKind.NICE and r.category != RequirementCategory.DUTY)
    welcome = _listed(wanted, lambda r: r.kind == RequirementKind.NICE and r.category != RequirementCategory.DUTY)
    return [
        SummaryLine("Position", _joined(place, ", ")),
        SummaryLine("Terms", _joined(terms, "; ")),
        SummaryLine("Tasks", tasks),
        SummaryLine("Needed", musts),
        SummaryLine("Welcome", welcome),
    ]


def _pay(analysis: PostingAnalysis) -> str:
    period = analysis.salary_period
    said = analysis.salary_text
    return f"{said} per {period}" if said and period and period not in said else said


def _joined(parts: Iterable[str], sign: str) -> str:
    return sign.join(part for part in parts if part) or NOT_SAID


def _listed(requirements: Iterable[Requirement], belongs: Callable[[Requirement], bool]) -> str:
    texts = [_short(requirement.text) for requirement in requirements if belongs(requirement)]
    unique = list({text.casefold(): text for text in reversed(texts)}.values())[::-1]
    more = len(unique) - MOST_ENTRIES
    said = "; ".join(unique[:MOST_ENTRIES])
    return f"{said}; and {more} more" if more > 0 else said or NOT_SAID


def _short(text: str) -> str:
    plain = " ".join(text.split()).strip(" .;,:•-")
    return plain if len(plain) <= LONGEST_ENTRY else plain[:LONGEST_ENTRY].rsplit(" ", 1)[0].rstrip(",;:") + "…"
