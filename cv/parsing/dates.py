"""Dates and periods as people write them in CVs, in many languages and forms.

Recognised are ISO dates, month and year in digits or words, seasons and quarters, academic years, East Asian
dates with Japanese eras, ranges of any two of these, ranges whose first part leaves out the year, and words
for "until now". What is known is kept as it was written: a season is known to the year only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from cv.parsing.lexicon import alternatives, table
from cv.resume import PartialDate

# First year of the Japanese era, less one.
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}
EARLIEST, LATEST = 1900, 2099
CENTURY_TURN = 60
# A CV has fewer lines.
KEPT_TEXTS = 2_000
# Each date has a figure, or is of the first year of an era.
_COUNTED = re.compile(r"[\d元]")
_DIGITS = {ord(sign): str(value) for start in (0x660, 0x6F0, 0x966, 0xFF10) for value, sign in enumerate(
    chr(start + n) for n in range(10))}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """A date or a range found in a text, from `begin` to `stop` (character offsets).

    A lone date is `start` and `end` at once, with `is_range` False. `current` says that the range has not ended.
    """

    start: PartialDate | None
    end: PartialDate | None
    current: bool
    is_range: bool
    raw: str
    begin: int
    stop: int


@dataclass(frozen=True, slots=True)
class _Point:
    begin: int
    stop: int
    kind: str
    year: int | None = None
    month: int | None = None
    day: int | None = None


def find_periods(text: str) -> list[Period]:
    """Return the dates and ranges in a text, in order; a text without one gives an empty list."""
    return list(_periods(text)) if _COUNTED.search(text) else []


@lru_cache(maxsize=KEPT_TEXTS)
def _periods(text: str) -> tuple[Period, ...]:
    """Return the periods in a text; the parser asks of each line several times."""
    plain = text.translate(_DIGITS)
    points = list(_points(plain))
    periods: list[Period] = []
    index = 0
    while index < len(points):
        period, used = _period_at(plain, text, points, index)
        if period is not None:
            periods.append(period)
        index += used
    return tuple(periods)


def find_period(text: str) -> Period | None:
    """Return the first range in the text, or else its first date, or None."""
    periods = find_periods(text)
    return next((period for period in periods if period.is_range), periods[0] if periods else None)


def parse_date(text: str) -> PartialDate | None:
    """Return the one date that the text states, or None."""
    periods = find_periods(text)
    return periods[0].end or periods[0].start if periods else None


def without_periods(text: str, periods: list[Period]) -> str:
    """Return the text with the periods cut out, each leaving a gap that separates."""
    for period in reversed(periods):
        text = text[: period.begin] + "\t" + text[period.stop :]
    return text


def _period_at(plain: str, text: str, points: list[_Point], index: int) -> tuple[Period | None, int]:
    """Return the period that begins at a point, and how many points it uses."""
    first = points[index]
    following = points[index + 1] if index + 1 < len(points) else None
    if first.kind == "present" and (following is None or following.kind == "present"):
        return None, 1
    joined = following is not None and _joins(plain[first.stop : following.begin], following)
    if following is not None and joined and (period := _range(text, first, following)):
        return period, 2
    if first.kind in {"month", "present"}:
        return None, 1
    return _alone(plain, text, first), 1


def _range(text: str, first: _Point, last: _Point) -> Period | None:
    if first.kind == "present":
        # Lines of right-to-left scripts may give a range from its end.
        start = _date(last, text)
        dashed = re.fullmatch(r"\s*[-–—]\s*", text[first.stop : last.begin])
        return _made(text, first.begin, last.stop, start, None, current=True) if start and dashed else None
    if last.kind == "present":
        start = _date(first, text)
        return _made(text, first.begin, last.stop, start, None, current=True) if start else None
    if last.kind == "month":
        return None
    year = first.year
    if year is None and last.year is not None:
        year = last.year - (1 if (first.month or 0) > (last.month or 12) else 0)
    start = _date(first, text, year=year)
    end = _date(last, text)
    if start is None or end is None:
        return None
    if (start.year, start.month or 0) > (end.year, end.month or 12):
        start, end = end, start
    return _made(text, first.begin, last.stop, start, end)


def _alone(plain: str, text: str, point: _Point) -> Period | None:
    date = _date(point, text)
    if date is None:
        return None
    before = _opening().search(plain[: point.begin])
    if before:
        return _made(text, before.start("word"), point.stop, date, None, current=True)
    if (short := re.match(r"\s?[-–/]\s?(\d{2})(?![\d/.\-])", plain[point.stop :])) and (
        (point.month is None and int(short[1]) == (date.year + 1) % 100)
        or (point.month is None and date.year % 100 < int(short[1]))
    ):
        end = PartialDate(year=date.year // 100 * 100 + int(short[1]) + (100 if int(short[1]) < date.year % 100 else 0),
                          raw=short[1])  # fmt: skip
        return _made(text, point.begin, point.stop + short.end(), date, end)
    if dangling := re.match(r"\s?[-–—]\s*$", plain[point.stop :]):
        return _made(text, point.begin, point.stop + dangling.end(), date, None, current=True)
    return Period(date, date, current=False, is_range=False, raw=text[point.begin : point.stop],
                  begin=point.begin, stop=point.stop)  # fmt: skip


def _made(
    text: str, begin: int, stop: int, start: PartialDate | None, end: PartialDate | None, *, current: bool = False
) -> Period:
    return Period(start, end, current, is_range=True, raw=text[begin:stop], begin=begin, stop=stop)


def _date(point: _Point, text: str, *, year: int | None = None) -> PartialDate | None:
    year = point.year or year
    if year is None or not EARLIEST <= year <= LATEST:
        return None
    return PartialDate(
        year=year, month=point.month, day=point.day if point.month else None, raw=text[point.begin : point.stop]
    )


def _joins(between: str, following: _Point) -> bool:
    """Return whether the text between two points makes a range of them."""
    if following.kind == "present" and not between.strip(" ,("):
        return True
    return _separator().fullmatch(between) is not None


@cache
def _separator() -> re.Pattern[str]:
    listed = alternatives(word for options in table("dates")["until"].values() for word in options)
    return re.compile(rf"\s*[,.)]?\s*(?:[-–—−‐‑‒―~∼〜～→➔➜►>]+|/|{listed})(?:\s*(?:{listed}))?\s*\(?\s*", re.IGNORECASE)


@cache
def _opening() -> re.Pattern[str]:
    listed = alternatives(word for options in table("dates")["open"].values() for word in options)
    return re.compile(rf"(?P<word>{listed})\s*:?\s*$", re.IGNORECASE)


@cache
def _months() -> dict[str, int]:
    months: dict[str, int] = {}
    for language in table("dates")["months"].values():
        for number, forms in enumerate(language, start=1):
            for form in forms:
                months.setdefault(form.casefold(), number)
    return months


@cache
def _pattern() -> re.Pattern[str]:
    month = alternatives(_months())
    dates = table("dates")
    present = alternatives(word for options in dates["present"].values() for word in options)
    season = alternatives(word for options in dates["seasons"].values() for word in options)
    year = r"(?:19|20)\d\d"
    return re.compile(
        rf"""
        (?P<era>令和|平成|昭和)\s*(?P<era_year>\d{{1,2}}|元)\s*年(?:\s*(?P<era_month>1[0-2]|0?[1-9])\s*月)?
        |(?P<cjk_year>{year})\s*[年년](?:\s*(?P<cjk_month>1[0-2]|0?[1-9])\s*[月월](?:\s*(?P<cjk_day>3[01]|[12]\d|0?[1-9])\s*[日일])?)?
        |(?<!\d)(?P<zh_month>1[0-2]|0?[1-9])\s*[月월]\s*,?\s*(?P<zh_year>{year})(?!\d)
        |(?<![\w$€£#.,])(?P<iso_year>{year})(?:\s?/\s?|[-.])(?P<iso_month>1[0-2]|0?[1-9])(?:[-/.](?P<iso_day>3[01]|[12]\d|0?[1-9]))?(?![\d])
        |(?<![\d./-])(?P<num_day>\d{{1,2}})(?P<sep>[./-])\s?(?P<num_month>\d{{1,2}})(?P=sep)\s?(?P<num_year>{year})(?!\d)
        |(?:(?<![\d.,/$€£-])|(?<=[/.-]\d\d\d\d-))(?P<my_month>1[0-2]|0?[1-9])(?:\s?/\s?|\s?\.\s?|[-–])(?P<my_year>{year})(?!\d)
        |(?:(?<![\d.,])(?P<word_day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|\.|er|º|ª)?[\s-]*(?:of\s+|de\s+|di\s+|d['’]\s*)?)?
            (?P<word>{month})\.?[,/\-–]?\s*(?:of\s+|de\s+|del\s+|do\s+|d['’]\s*)?(?:(?P<word_year>{year})|['’‘`](?P<word_short>\d\d))(?!\d)
        |(?P<us_word>{month})\.?\s+(?P<us_day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?,?\s+(?P<us_year>{year})(?!\d)
        |(?<![\w$€£#.,])(?P<ym_year>{year})[\s,.\-]\s?(?P<ym_word>{month})(?!\.?,?\s*['’]?\d)
        |(?P<season>{season})\s+(?:of\s+|de\s+)?(?P<season_year>{year})(?:/(?:{year}|\d\d))?(?!\d)
        |(?<![\w$€£#@.,+])(?<![A-Za-z]/)(?P<year>{year})(?![\w%+°$€£]|[.,]\d|\s?[%€$£])
        |(?P<present>{present})
        |(?P<month>{month})\.?
        """,
        re.VERBOSE | re.IGNORECASE,
    )


def _points(plain: str) -> Iterator[_Point]:
    for match in _pattern().finditer(plain):
        found = {name: value for name, value in match.groupdict().items() if value is not None}
        yield _point(match.start(), match.end(), found)


def _point(begin: int, stop: int, found: dict[str, str]) -> _Point:
    for prefix in ("iso", "cjk", "zh"):
        if f"{prefix}_year" in found:
            return _numbers(begin, stop, found, prefix)
    if "num_year" in found:
        day, month = int(found["num_day"]), int(found["num_month"])
        day, month = (month, day) if month > 12 >= day else (day, month)
        valid = 1 <= month <= 12 and 1 <= day <= 31
        return _Point(begin, stop, "date", int(found["num_year"]), month if valid else None, day if valid else None)
    if "my_year" in found:
        return _Point(begin, stop, "date", int(found["my_year"]), int(found["my_month"]))
    return _worded(begin, stop, found)


def _numbers(begin: int, stop: int, found: dict[str, str], prefix: str) -> _Point:
    month, day = found.get(f"{prefix}_month"), found.get(f"{prefix}_day")
    return _Point(begin, stop, "date", int(found[f"{prefix}_year"]), int(month) if month else None, int(day) if day else None)  # fmt: skip


def _worded(begin: int, stop: int, found: dict[str, str]) -> _Point:
    if "era" in found:
        count = 1 if found["era_year"] == "元" else int(found["era_year"])
        month = int(found["era_month"]) if "era_month" in found else None
        return _Point(begin, stop, "date", ERAS[found["era"]] + count, month)
    for prefix in ("word", "us", "ym"):
        name = found.get("word" if prefix == "word" else f"{prefix}_word")
        if name:
            day = found.get(f"{prefix}_day")
            year = int(found[f"{prefix}_year"]) if f"{prefix}_year" in found else _century(int(found["word_short"]))
            return _Point(begin, stop, "date", year, _month_number(name), int(day) if day else None)
    if "season_year" in found:
        return _Point(begin, stop, "date", int(found["season_year"]))
    if "year" in found:
        return _Point(begin, stop, "date", int(found["year"]))
    if "present" in found:
        return _Point(begin, stop, "present")
    return _Point(begin, stop, "month", month=_month_number(found["month"]))


def _month_number(word: str) -> int:
    return _months()[" ".join(word.casefold().split())]


def _century(short: int) -> int:
    return (1900 if short > CENTURY_TURN else 2000) + short
