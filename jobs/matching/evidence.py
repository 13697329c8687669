"""What a résumé can be asked: its facts with their concepts and words, and the months of experience behind them.

Who the person is does not enter: neither name, address, photo, age and contact data, nor the names of employers and schools.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from cv.facts import Fact, FactKind, facts_of
from cv.resume import Dated, Education, Item, PartialDate, Resume, Volunteering
from cv.skills import concept_of, concepts_in
from jobs.analysis.patterns import addresses_model
from jobs.matching.words import stems_of

# How much a mention shows, by where it stands: used at work, learnt, or only listed. Reasons in docs/matching.md.
CONTEXT: dict[FactKind, float] = {
    FactKind.HIGHLIGHT: 1.0,
    FactKind.POSITION: 1.0,
    FactKind.PROJECT: 1.0,
    FactKind.CERTIFICATE: 1.0,
    FactKind.LANGUAGE: 1.0,
    FactKind.VOLUNTEERING: 0.9,
    FactKind.PUBLICATION: 0.9,
    FactKind.AWARD: 0.9,
    FactKind.EDUCATION: 0.85,
    FactKind.SKILL: 0.85,
    FactKind.SUMMARY: 0.75,
    FactKind.HEADLINE: 0.75,
    FactKind.OTHER: 0.75,
}


@dataclass(slots=True)
class Evidence:
    """One fact as matching sees it: `text` is what may be compared, `quotation` what the person is shown."""

    fact_id: str
    kind: FactKind
    text: str
    quotation: str
    concepts: frozenset[str]
    stems: frozenset[str]
    scope_id: str = ""


@dataclass(slots=True)
class Stint:
    """The time of one position: from the first of `start` to the end of the last month, counted in months since year 0."""

    scope_id: str
    title: str
    months: frozenset[int]


@dataclass(slots=True)
class Dossier:
    """A résumé made ready for questions."""

    resume: Resume
    as_of: str
    language: str
    evidence: list[Evidence] = field(default_factory=list)
    stints: list[Stint] = field(default_factory=list)

    def months_in(self, scope_ids: Iterable[str]) -> int:
        """Return the months of work in these positions; months held twice count once."""
        wanted = set(scope_ids)
        return len(frozenset().union(*(stint.months for stint in self.stints if stint.scope_id in wanted)))

    @property
    def months(self) -> int:
        """All months of work; months held twice count once."""
        return self.months_in(stint.scope_id for stint in self.stints)


def open_dossier(resume: Resume, *, as_of: str, language: str) -> Dossier:
    """Make a résumé ready. `as_of` (ISO day) ends current positions; where it is empty, the latest date of the résumé does."""
    as_of = as_of or _latest_date(resume)
    dossier = Dossier(resume, as_of, language)
    items = {item.id: item for item in resume.items()}
    for fact in _honest(facts_of(resume)):
        text = _comparable(items[fact.id], fact)
        if text:
            dossier.evidence.append(
                Evidence(
                    fact.id, fact.kind, text, fact.text, _concepts(fact, text), stems_of(text, language), fact.scope_id
                )
            )
    for employer in resume.employers:
        for position in employer.positions:
            dossier.stints.append(Stint(position.id, position.title, _months(position, as_of)))
    return dossier


def _honest(facts: list[Fact]) -> list[Fact]:
    """Return the facts without lines that give orders to a model; those show nothing of the person."""
    if not addresses_model("\n".join(fact.text for fact in facts)):
        return facts
    return [fact for fact in facts if not addresses_model(fact.text)]


def _comparable(item: Item, fact: Fact) -> str:
    """Return the text of a fact without the names of employers, schools and issuers."""
    if fact.kind is FactKind.POSITION and fact.text == ", ".join(
        filter(None, (fact.title.strip(), fact.employer.strip()))
    ):
        return fact.title
    if isinstance(item, Education) and fact.kind is FactKind.EDUCATION:
        return f"{item.degree}, {item.area}".strip(" ,")
    if isinstance(item, Volunteering) and fact.kind is FactKind.VOLUNTEERING:
        return f"{item.title}. {item.summary}".strip(" .")
    if fact.kind in {FactKind.CERTIFICATE, FactKind.AWARD, FactKind.PUBLICATION}:
        parts = (getattr(item, "name", ""), getattr(item, "title", ""), getattr(item, "summary", ""))
        return ". ".join(part for part in parts if part)
    return fact.text


def _concepts(fact: Fact, text: str) -> frozenset[str]:
    found = {mention.concept for mention in concepts_in(text)}
    whole = concept_of(text) if fact.kind in {FactKind.SKILL, FactKind.LANGUAGE, FactKind.CERTIFICATE} else None
    return frozenset(found | {whole} if whole else found)


def _latest_date(resume: Resume) -> str:
    """Return the last day that any date of the résumé may mean; empty where it has none."""
    dates = [when for item in resume.items() if isinstance(item, Dated) for when in (item.start, item.end) if when]
    return max((_last_day(when) for when in dates), default="")


def _last_day(when: PartialDate) -> str:
    return f"{when.year:04d}-{when.month or 12:02d}-{when.day or 28:02d}"


def _months(item: Dated, as_of: str) -> frozenset[int]:
    """Return the months of a position, first and last included; a year without a month counts from January, or to December.

    A position without a start, or with neither an end nor the word that it goes on, has no time that could be counted.
    """
    if item.start is None or (item.end is None and not item.current):
        return frozenset()
    today = date.fromisoformat(as_of)
    now = today.year * 12 + today.month - 1
    first = item.start.year * 12 + (item.start.month or 1) - 1
    last = now if item.end is None else item.end.year * 12 + (item.end.month or 12) - 1
    return frozenset(range(first, min(last, now) + 1))
