"""Durations that a text states, and those that the dates of a CV support."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cv.facts import Fact
from cv.resume import PartialDate
from jobs.grounding.quantities import Bound, Quantity, quantities

YEAR = re.compile(r"(?<![\d.,])(19[5-9]\d|20\d\d)(?![\d.,]?\d)")
YEARS_AFTER = re.compile(
    r"^[\s+-]*(?:full |consecutive |volle )?(years?|yrs?|jahren?|jahre|ans?|années?|años?|ann[io]|anos?|jaar|lat|lata|roku)\b",
    re.IGNORECASE,
)
MONTHS_AFTER = re.compile(
    r"^[\s+-]*(?:full |volle )?(months?|monaten?|monate|mois|mes(?:es)?|mes[ei]|maanden?|miesi\w+)\b", re.IGNORECASE
)
MONTH_NAMES = re.compile(
    r"\b(jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|jun[ei]?|jul[yi]?|aug(?:ust)?|sep(?:t|tember)?|o[ck]t(?:ober)?|nov(?:ember)?|"
    r"de[cz](?:ember)?)\b\.?\s+(?=(?:19|20)\d\d)",
    re.IGNORECASE,
)
# Lengths of time follow from dates and are checked as numbers.
OF_DURATION = frozenset(["year", "years", "month", "months", "jahr", "jahre", "jahren", "monat", "monate", "monaten"])
MONTH_NUMBERS = {"jan": 1, "feb": 2, "mar": 3, "mär": 3, "apr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Duration:
    """A stated length of time."""

    months: float
    quantity: Quantity


def duration_of(quantity: Quantity, text: str) -> Duration | None:
    """Return the duration that a number of `text` belongs to, None where no unit of time follows it."""
    after = text[quantity.end :]
    if YEARS_AFTER.match(after):
        return Duration(quantity.value * 12, quantity)
    return Duration(quantity.value, quantity) if MONTHS_AFTER.match(after) else None


TIME_UNIT_AFTER = re.compile(
    r"^[\s-]*(?:(?:or more|full|whole|working|business|consecutive|calendar) )*(?P<unit>hours?|days?|weeks?|months?|years?|minutes?|seconds?|nights?|quarters?|stunden?|(?:arbeits|werk|kalender)?tagen?|wochen?|monaten?|monate|jahren?|jahre|minuten?|sekunden?)\b",
    re.IGNORECASE,
)
_IN_HOURS = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1, "night": 24, "day": 24, "week": 168, "month": 730, "quarter": 2190, "year": 8760}  # fmt: skip
_GERMAN_UNITS = {"stunde": "hour", "tag": "day", "woche": "week", "monat": "month", "jahr": "year", "minute": "minute", "sekunde": "second"}  # fmt: skip
RANGE_OF_TIME = re.compile(r"\b(?:from|von)\s+(?P<first>\S+)\s+(?:to|auf)\s+(?P<second>\S+)", re.IGNORECASE)
NUMERIC_DATE = re.compile(r"(?<![\d/.])(?P<month>0?[1-9]|1[0-2])[/.](?P<year>(?:19|20)\d\d)(?!\d)")
ISO_DATE = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])(?:-\d\d)?(?!\d)")


def hours_of(quantity: Quantity, text: str) -> float | None:
    """Return how long the time is that a number of `text` counts, in hours; None where no unit of time follows it."""
    unit = TIME_UNIT_AFTER.match(text[quantity.end :])
    if unit is None:
        return None
    name = unit["unit"].lower().rstrip("s")
    german = next((english for said, english in _GERMAN_UNITS.items() if said in name and name not in _IN_HOURS), name)
    return quantity.value * _IN_HOURS[german]


def time_of_range(text: str) -> float | None:
    """Return the first time of `from 8 to 5 days`, whose unit stands after the second only."""
    match = RANGE_OF_TIME.search(text)
    if not match:
        return None
    first = next(iter(quantities(match["first"])), None)
    unit = next((hours_of(number, text[match.start() :]) for number in quantities(text[match.start() :])[1:2]), None)
    second = next(iter(quantities(match["second"])), None)
    return first.value * unit / second.value if first and second and unit and second.value else None


def without_dates(text: str) -> str:
    """Return a text with its numeric dates blanked, so that their parts are not read as numbers."""
    blank = text
    for pattern in (NUMERIC_DATE, ISO_DATE):
        blank = pattern.sub(lambda match: " " * len(match.group()), blank)
    return blank


def years_of(text: str) -> set[int]:
    """Return the calendar years that a text names."""
    numeric = {int(match["year"]) for pattern in (NUMERIC_DATE, ISO_DATE) for match in pattern.finditer(text)}
    return numeric | {int(year) for year in YEAR.findall(text)}


def months_of(text: str) -> set[tuple[int, int]]:
    """Return the (year, month) pairs that a text names, such as `May 2021`."""
    numeric = {
        (int(match["year"]), int(match["month"]))
        for pattern in (NUMERIC_DATE, ISO_DATE)
        for match in pattern.finditer(text)
    }
    return numeric | {
        (int(text[match.end() : match.end() + 4]), MONTH_NUMBERS[match.group(1).lower()[:3]])
        for match in MONTH_NAMES.finditer(text)
    }


def months_worked(facts: Iterable[Fact], *, today: date) -> int:
    """Return how many months the scopes of these facts cover together; overlaps count once, partial dates at their shortest."""
    covered: set[int] = set()
    for fact in facts:
        end = _index(PartialDate(year=today.year, month=today.month), 1) if fact.current else _index(fact.end, 1)
        start = _index(fact.start, 12)
        if start is not None and end is not None:
            covered.update(range(start, end + 1))
    return len(covered)


def longest_months(facts: Iterable[Fact], *, today: date) -> int:
    """Return the months covered when a date without a month is read as generously as it can be."""
    covered: set[int] = set()
    for fact in facts:
        end = _index(PartialDate(year=today.year, month=today.month), 12) if fact.current else _index(fact.end, 12)
        start = _index(fact.start, 1)
        if start is not None and end is not None:
            covered.update(range(start, end + 1))
    return len(covered)


def supports(duration: Duration, facts: Iterable[Fact], *, today: date) -> bool:
    """Whether the dates of the facts' scopes bear a stated duration.

    "Three years" holds from 36 months on, and up to the next full year; "over three" needs more than 36; "almost three" at least 30.
    Dates known to the year only are read with a margin of one year, as a reader of the CV would.
    """
    known = list(facts)
    least, most = months_worked(known, today=today), longest_months(known, today=today)
    bound = duration.quantity.bound
    if bound == Bound.LOWER:
        return most > duration.months
    if bound == Bound.AT_LEAST:
        return most >= duration.months
    if bound in {Bound.ABOUT, Bound.UPPER}:
        return most >= duration.months * 0.85
    return most >= duration.months and least <= duration.months + 12


def _index(value: PartialDate | None, month_if_unknown: int) -> int | None:
    return value.year * 12 + (value.month or month_if_unknown) if value else None
