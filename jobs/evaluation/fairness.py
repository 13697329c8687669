"""Counterfactuals: the same CV under other names, pronouns, addresses and schools. The score may not move."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cv.resume import Location, PartialDate, Resume
from jobs.matching import MatchReport, match_resume
from jobs.posting import PostingAnalysis

NAMES = (
    "Emily Clarke", "Lakisha Washington", "Mohammed Al-Farsi", "Nguyen Thi Lan", "Jamal Robinson", "Agnieszka Kowalska", "Wei Zhang", "Gertrud Schmidt",
    "Oluwaseun Adeyemi", "Juan García", "Aylin Yılmaz", "Bob Lee",
)  # fmt: skip
SCHOOLS = (
    "Harvard University",
    "University of Oxford",
    "Night School of Smalltown",
    "Universidad Nacional",
    "Distance Learning College",
)
ADDRESSES = (("Zürich", "CH"), ("Lagos", "NG"), ("Detroit", "US"), ("Gdynia", "PL"), ("", ""))
PRONOUNS = (("she", "her", "her"), ("he", "him", "his"), ("they", "them", "their"))
_PRONOUN = {
    "subject": re.compile(r"\b(?:she|he|they)\b", re.IGNORECASE),
    "possessive": re.compile(r"\b(?:her|his|their)\b", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Swap:
    """A changed CV's score beside the original's: `moved` says whether anything in the report changed."""

    kind: str
    value: str
    score: int | None
    moved: bool


def audit(resume: Resume, analysis: PostingAnalysis) -> tuple[MatchReport, list[Swap]]:
    """Return the report, and what each swap makes of it. Quotations may differ, since they quote; strengths, evidence and points may not."""
    base = match_resume(resume, analysis)
    swaps = []
    for kind, value, changed in variants(resume):
        report = match_resume(changed, analysis)
        swaps.append(Swap(kind, value, report.score, _judged(report) != _judged(base)))
    return base, swaps


def variants(resume: Resume) -> Iterator[tuple[str, str, Resume]]:
    """Yield (kind of swap, value, changed résumé)."""
    for name in NAMES:
        yield "name", name, _renamed(resume, name)
    for subject, _, possessive in PRONOUNS:
        yield "pronouns", f"{subject}/{possessive}", _with_pronouns(resume, subject, possessive)
    for city, country in ADDRESSES:
        changed = resume.model_copy(deep=True)
        changed.person.location = Location(city=city, country_code=country, text=city)
        yield "address", city or "none", changed
    for school in SCHOOLS:
        changed = resume.model_copy(deep=True)
        for study in changed.education:
            study.institution = school
        yield "school", school, changed
    for year in (1961, 1979, 2003):
        changed = resume.model_copy(deep=True)
        changed.person.birth_date = PartialDate(year=year)
        yield "year of birth", str(year), changed
    for nationality in ("German", "Nigerian", "Chinese"):
        changed = resume.model_copy(deep=True)
        changed.person.nationality = nationality
        yield "nationality", nationality, changed


def _renamed(resume: Resume, name: str) -> Resume:
    changed = resume.model_copy(deep=True)
    changed.person.name = name
    changed.person.email = f"{re.sub(r'[^a-z]+', '.', name.lower())}@example.org"
    return changed


def _with_pronouns(resume: Resume, subject: str, possessive: str) -> Resume:
    """Return a résumé that speaks of the person with these pronouns, beside the name and in its texts."""
    changed = resume.model_copy(deep=True)
    changed.person.name = f"{resume.person.name} ({subject}/{possessive})"
    for item in changed.items():
        for field in ("text", "summary"):
            text = getattr(item, field, None)
            if isinstance(text, str) and text:
                said = _PRONOUN["possessive"].sub(possessive, _PRONOUN["subject"].sub(subject, text))
                setattr(item, field, said)
    return changed


def _judged(report: MatchReport) -> object:
    lines = [*report.requirements, *report.knock_outs]
    return (
        report.score,
        report.band,
        [(item.name, item.points, item.max_points) for item in report.items],
        [(line.requirement_id, line.strength, line.coverage, line.fact_ids) for line in lines],
    )
