"""Whether confidences keep their word: how many values of each confidence are right."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cv.evaluation import comparing, scoring
from cv.evaluation.comparing import entries, is_same, same_date
from cv.json_resume.writing import standard_part
from cv.resume import Employer, Item, Position, Resume

BOUNDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01)
# From this confidence on a value may be accepted without a look.
SURE = 0.9


@dataclass(frozen=True, slots=True)
class Judged:
    """A value's field, its confidence, and whether it is right."""

    field: str
    confidence: float
    is_right: bool


def judge(truth: dict[str, Any], resume: Resume) -> Iterator[Judged]:
    """Yield each read value that the truth can judge."""
    basics = truth.get("basics") or {}
    person = resume.person
    same = {
        "name": lambda one, other: comparing.plain_name(one) == comparing.plain_name(other),
        "email": lambda one, other: comparing.plain_email(one) == comparing.plain_email(other),
        "phone": lambda one, other: comparing.plain_phone(one) == comparing.plain_phone(other),
        "headline": is_same,
    }
    for field, is_right in same.items():
        true = basics.get("label" if field == "headline" else field)
        read = getattr(person, field)
        if true and read and (known := _confidence(person, field)) is not None:
            yield Judged(field, known, is_right(true, read))
    yield from _work(truth, resume)
    yield from _education(truth, resume)


def _work(truth: dict[str, Any], resume: Resume) -> Iterator[Judged]:
    true = entries(truth, "work")
    if not true:
        return
    read = standard_part(resume).get("work", [])
    partners = {j: true[i] for i, j in scoring.matches(true, read, scoring.work_likeness).items()}
    positions: list[tuple[Employer, Position | None]] = []
    for employer in resume.employers:
        positions += [(employer, place) for place in employer.positions] or [(employer, None)]
    for number, (employer, position) in enumerate(positions):
        partner = partners.get(number, {})
        yield from _value("employer", employer, "name", partner.get("name"), partner)
        if position is not None:
            yield from _value("title", position, "title", partner.get("position"), partner)
            yield from _date("start", position, "start", partner.get("startDate"), partner)
            yield from _date("end", position, "end", partner.get("endDate"), partner)


def _education(truth: dict[str, Any], resume: Resume) -> Iterator[Judged]:
    true = entries(truth, "education")
    if not true:
        return
    read = standard_part(resume).get("education", [])
    partners = {j: true[i] for i, j in scoring.matches(true, read, scoring.study_likeness).items()}
    for number, study in enumerate(resume.education):
        partner = partners.get(number, {})
        yield from _value("institution", study, "institution", partner.get("institution"), partner)
        for field, key in (("degree", "studyType"), ("area", "area")):
            known = _confidence(study, field)
            if getattr(study, field) and known is not None and (partner.get(key) or not partner):
                is_right = bool(partner) and scoring.same_study(partner, {key: getattr(study, field)}, key)
                yield Judged(field, known, is_right)
        yield from _date("study end", study, "end", partner.get("endDate"), partner)


def _value(name: str, item: Item, field: str, true: object, partner: dict[str, Any]) -> Iterator[Judged]:
    known = _confidence(item, field)
    read = getattr(item, field)
    # A partner that is silent on a field can't judge it; without a partner the whole entry is wrong.
    if read and known is not None and (true or not partner):
        yield Judged(name, known, bool(true) and is_same(true, read))


def _date(name: str, item: Item, field: str, true: object, partner: dict[str, Any]) -> Iterator[Judged]:
    known = _confidence(item, field)
    read = getattr(item, field)
    if read and known is not None and (true or not partner):
        yield Judged(name, known, same_date(true, read.iso()))


def _confidence(item: Item, field: str) -> float | None:
    known = item.meta.get(field) or (item.meta.get("dates") if field in {"start", "end"} else None)
    return known.confidence if known else None


def table(judged: Iterable[Judged]) -> list[tuple[str, int, float]]:
    """Return for each range of confidence its name, the number of values and the share that is right."""
    values = list(judged)
    rows = []
    for low, high in pairwise(BOUNDS):
        inside = [value for value in values if low <= value.confidence < high]
        if inside:
            name = f"{low:.2f} to {min(high, 1.0):.2f}"
            rows.append((name, len(inside), sum(value.is_right for value in inside) / len(inside)))
    return rows


def sure_by_field(judged: Iterable[Judged], *, least: float = SURE) -> list[tuple[str, int, float]]:
    """Return for each field how many values are at least so sure, and the share of them that is right."""
    fields: dict[str, list[bool]] = {}
    for value in judged:
        if value.confidence >= least:
            fields.setdefault(value.field, []).append(value.is_right)
    return [(field, len(right), sum(right) / len(right)) for field, right in fields.items()]
