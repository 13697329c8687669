"""A posting in five lines, in its own words and language: position, conditions, tasks, what it takes, what would be welcome."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from jobs.letters.naming import plain_title
from jobs.posting import PostingAnalysis, Requirement, RequirementCategory, RequirementKind
from jobs.summary_wordings import SUMMARIES, SummaryWording

MOST_ENTRIES = 4
LONGEST_ENTRY = 90


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One line, with what it is about: `key` is the same in all languages, `label` is in the posting's."""

    key: str
    label: str
    text: str


def summarise(analysis: PostingAnalysis, *, closes_on: date | None = None) -> list[SummaryLine]:
    """Return five lines in the posting's language, in English where it is none of `SUMMARIES`; where it says nothing, the line says so."""
    words = SUMMARIES.get(analysis.language, SUMMARIES["en"])
    title = plain_title(analysis.title, location=analysis.location, employer=analysis.employer)
    terms = [
        words.kinds.get(analysis.employment_type, ""),
        {True: words.remote, False: words.not_remote, None: ""}[analysis.is_remote],
        _pay(analysis, words),
        words.open_until.format(day=closes_on.strftime(words.day)) if closes_on else "",
    ]
    wanted = analysis.requirements
    said = {
        "position": ", ".join(filter(None, [title, analysis.employer, analysis.location])),
        "terms": "; ".join(filter(None, terms)),
        "tasks": _listed(wanted, words, lambda r: r.category == RequirementCategory.DUTY),
        "needed": _listed(
            wanted, words, lambda r: r.kind != RequirementKind.NICE and r.category != RequirementCategory.DUTY
        ),
        "welcome": _listed(
            wanted, words, lambda r: r.kind == RequirementKind.NICE and r.category != RequirementCategory.DUTY
        ),
    }
    return [SummaryLine(key, label, said[key] or words.not_said) for key, label in words.labels.items()]


def _pay(analysis: PostingAnalysis, words: SummaryWording) -> str:
    said, period = analysis.salary_text, words.periods.get(analysis.salary_period, "")
    is_there = not period or analysis.salary_period in said or period in said
    return said if not said or is_there else f"{said} {period}"


def _listed(requirements: Iterable[Requirement], words: SummaryWording, belongs: Callable[[Requirement], bool]) -> str:
    texts = [_short(requirement.text) for requirement in requirements if belongs(requirement)]
    unique = list({text.casefold(): text for text in reversed(texts)}.values())[::-1]
    more = len(unique) - MOST_ENTRIES
    said = "; ".join(unique[:MOST_ENTRIES])
    return f"{said}; {words.more.format(count=more)}" if more > 0 else said


def _short(text: str) -> str:
    plain = " ".join(text.split()).strip(" .;,:•-")
    return plain if len(plain) <= LONGEST_ENTRY else plain[:LONGEST_ENTRY].rsplit(" ", 1)[0].rstrip(",;:") + "…"
