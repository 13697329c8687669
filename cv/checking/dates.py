"""Dates that are missing, impossible or uneven, and time that nothing stands for."""

import datetime
from collections.abc import Iterator
from itertools import pairwise

from cv.checking.types import Area, Finding, Weight
from cv.resume import Dated, PartialDate, Position, Resume

GAP_MONTHS = 6
_Months = tuple[int, int]


def check_dates(resume: Resume, *, today: datetime.date) -> Iterator[Finding]:
    """Yield what is amiss with the dates of work and education."""
    positions = [position for employer in resume.employers for position in employer.positions]
    for position in positions:
        if position.start is None and position.end is None:
            yield _finding("dates-missing", Weight.MEND, f"{_name(position)} has no dates.", "Years of experience are counted from dates; without them this post counts for nothing.", "Add from when until when, month and year.", item=position)  # fmt: skip
        elif position.end is None and not position.current:
            yield _finding("end-missing", Weight.MEND, f"{_name(position)} has a beginning, but no end.", "A reader cannot tell whether you still work there.", "Add the end, or write “present”.", item=position)  # fmt: skip
    now = today.year * 12 + today.month - 1
    for item in [*positions, *resume.education, *resume.projects, *resume.volunteering]:
        yield from _impossible(item, now)
    yield from _uneven(positions)
    yield from _order(resume, now)
    yield from _gaps(resume, now)


def _impossible(item: Dated, now: int) -> Iterator[Finding]:
    if item.start and item.end and _first(item.start) > _last(item.end):
        yield _finding("dates-reversed", Weight.MEND, f"{_name(item)} ends before it begins.", "It is read as a mistake, or not at all.", "Correct the dates.", item=item)  # fmt: skip
    if item.start and _first(item.start) > now:
        yield _finding("start-future", Weight.MEND, f"{_name(item)} begins in the future.", "Programs leave it out, people stumble over it.", "Correct the date, or say that it is agreed.", item=item)  # fmt: skip


def _uneven(positions: list[Position]) -> Iterator[Finding]:
    dates = [date for position in positions for date in (position.start, position.end) if date]
    only_years = sum(date.month is None for date in dates)
    if dates and 0 < only_years < len(dates):
        yield _finding("dates-uneven", Weight.CONSIDER, f"{only_years} of {len(dates)} dates of your work have no month.", "One form throughout reads calmer, and a year alone can be off by almost two.", "Write month and year everywhere, or years everywhere.")  # fmt: skip


def _order(resume: Resume, now: int) -> Iterator[Finding]:
    """The latest post comes first, by custom; within an employer too."""
    ends = [_end(position, now) for employer in resume.employers for position in employer.positions[:1]]
    known = [end for end in ends if end is not None]
    if len(known) > 1 and known == sorted(known) and known[0] < known[-1]:
        yield _finding("order", Weight.CONSIDER, "Your posts stand with the oldest first.", "Readers look for the latest one at the top, and may read no further.", "Put the latest first; entries can be moved here.")  # fmt: skip


def _gaps(resume: Resume, now: int) -> Iterator[Finding]:
    work = [position for employer in resume.employers for position in employer.positions]
    spans = [
        span
        for item in [*work, *resume.education, *resume.volunteering, *resume.projects]
        if (span := _span(item, now))
    ]
    posts = [span for item in work if (span := _span(item, now))]
    if not posts:
        return
    begin = min(start for start, _ in posts)
    merged: list[_Months] = []
    for start, end in sorted(span for span in spans if span[1] >= begin):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    for (_, end), (start, _) in pairwise([*merged, (now, now)]):
        months = start - end - 1
        if months > GAP_MONTHS:
            yield _finding("gap", Weight.CONSIDER, f"Nothing stands for {months} months between {_worded(end)} and {_worded(start)}.", "A gap is no fault, but readers ask about it.", "If you like, add what you did: family, study, travel, own work.")  # fmt: skip


def _span(item: Dated, now: int) -> _Months | None:
    end = _end(item, now)
    if end is None and item.start is None:
        return None
    start = _first(item.start) if item.start else end
    return (start, max(start, end if end is not None else start)) if start is not None else None


def _end(item: Dated, now: int) -> int | None:
    return now if item.current else _last(item.end) if item.end else None


def _first(date: PartialDate) -> int:
    return date.year * 12 + (date.month or 1) - 1


def _last(date: PartialDate) -> int:
    return date.year * 12 + (date.month or 12) - 1


def _worded(months: int) -> str:
    return datetime.date(months // 12, months % 12 + 1, 1).strftime("%B %Y")


def _name(item: Dated) -> str:
    names = (getattr(item, name, "") for name in ("title", "name", "degree", "institution", "organization"))
    return f"“{next(filter(None, names), 'An entry')}”"


def _finding(code: str, weight: Weight, what: str, why: str, todo: str, *, item: Dated | None = None) -> Finding:
    return Finding(code, Area.DATES, weight, what, why, todo, item.id if item else "")
