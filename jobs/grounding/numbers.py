"""Numbers of a claim before its evidence: value, unit, bound, what they count, and in which order they change."""

import re
from collections.abc import Iterable

from jobs.grounding.base import Base
from jobs.grounding.lexicon import FREQUENCIES
from jobs.grounding.periods import duration_of, hours_of, months_of, supports, time_of_range, without_dates, years_of
from jobs.grounding.quantities import Bound, Quantity, quantities
from jobs.grounding.words import bears, is_neutral, tokens

CHANGE_PATTERN = re.compile(
    r"\b(?:from|von)\s+(?P<first>\S+(?:\s%)?).{0,40}?\b(?:to|auf)\s+(?:(?:about|around|roughly|approximately|nearly|almost|over|under|some|etwa|rund|circa|ca\.?) )?(?P<second>\S+(?:\s%)?)",
    re.IGNORECASE,
)
# The same in French, Spanish, Italian, Portuguese, Dutch and Polish, of numbers in digits.
CHANGE_ABROAD = re.compile(
    r"(?<!\w)(?:de|du|da|dal|dalle|do|das|van|z|ze|od) (?P<first>[£$€]?\d[\d.,\u00a0\u202f]*(?:\s?%)?).{0,25}?\s(?:à|au|a|al|ao|para|naar|tot|do|na) (?P<second>[£$€]?\d[\d.,\u00a0\u202f]*(?:\s?%)?)",
    re.IGNORECASE,
)
POINTS = re.compile(r"^\s?(?:points?|puntos?|punt[oi]|pontos?|punt(?:en)?|punkt\w*|prozentpunkte?n?)\b", re.IGNORECASE)
MOVE_PATTERN = re.compile(
    r"\b(?:from|out of|von)\s+(?P<first>(?:[\w'-]+ ){1,4}?)(?:in)?(?:to|auf|nach|zu)\s+(?P<second>(?:[\w'-]+(?: |\b)){1,4})",
    re.IGNORECASE,
)
LESS_OR_MORE = re.compile(
    r"^\s?\w{0,3}\s(?:lighter|heavier|shorter|longer|faster|slower|cheaper|lower|higher|less|fewer|more)\b"
)
BY = re.compile(r"\b(?:by|um) (?:(?:about|around|roughly|almost|nearly|etwa|rund|fast) )?$", re.IGNORECASE)
WITHIN_ONE = re.compile(
    r"\b(?:within|in(?:side)?|innerhalb|binnen) (?:just |only |nur )?(?:an?|one|einem|einer|eines|the first|the same) (hours?|minutes?|days?|weeks?|months?|quarters?|years?|stunden?|tage?s?|woche|monate?s?|jahre?s?)\b",
    re.IGNORECASE,
)
# A verb of change right before a number, or "down by": the number is the step, not an end.
STEP = re.compile(
    r"\b(?:(?:cut|cutting|saved?|saving|shaved?|took|take|taking|trimmed|removed|gained?|gaining|added?|adding|lost|dropped|down|up|by|um|de|di|van|met|o)) (?:(?:off|away|about|around|roughly|almost|nearly|some|etwa|rund|fast|circa|environ) )?$",
    re.IGNORECASE,
)
# What lies beyond a whole: 108 % of a target is 8 % above it.
WHOLE = 100.0
EXCEEDS = re.compile(r"\b(?:exceed\w*|beat|surpass\w*|above|over|outperform\w*|übertr\w+|über)\b", re.IGNORECASE)
# A number behind one of these is a name, as in "Year 5 pupils"; it counts nothing.
LABEL = re.compile(
    r"\b(?:Years?|Stages?|Levels?|Grades?|Class|Phases?|Tiers?|Zone|Type|Types|Route|Line|Module|Version|Part|Platform|Gate|Section|Category|Kategorie|Klassen?|Stufe)\s$"
)
HALF = 0.5
HOLDS_UP_TO = {
    Bound.EXACT: {Bound.EXACT, Bound.ABOUT, Bound.AT_LEAST},
    Bound.ABOUT: {Bound.ABOUT},
    Bound.LOWER: {Bound.LOWER, Bound.AT_LEAST},
    Bound.AT_LEAST: {Bound.AT_LEAST},
    Bound.UPPER: {Bound.UPPER},
}
# How far a rounded number may lie from the exact one, as a share of it.
ROUNDED = 0.05
ROUNDED_DOWN = 0.25


def number_problems(claim: str, base: Base) -> Iterable[str]:
    """Each number must be in the cited facts with its unit, bound and what it counts; years and durations may follow from their dates."""
    yield from value_problems(claim, base)
    yield from _swapped(claim, base)


def value_problems(claim: str, base: Base) -> Iterable[str]:
    """Say what is wrong with the numbers themselves, in whatever language what they count is."""
    stated_years, stated_months = years_of(claim), months_of(claim)
    for year in sorted(stated_years - base.years):
        yield f"The year {year} is not in the cited lines of the CV."
    for year, month in sorted(stated_months - base.months):
        if year in base.years:
            yield f"The month {year}-{month:02d} is not in the cited lines of the CV."
    bare = without_dates(claim)
    for number in quantities(bare):
        if number.unit or number.value not in stated_years:
            yield from _problem_of(number, bare, base)


def _problem_of(number: Quantity, bare: str, base: Base) -> Iterable[str]:
    if LABEL.search(bare[: number.start]) and any(
        LABEL.search(text[: other.start])
        for text in base.texts
        for other in quantities(text)
        if other.key == number.key
    ):
        return
    duration, hours = duration_of(number, bare), hours_of(number, bare)
    # Where the CV has the very number, another one does not bear "more than" it.
    same = [other for other in base.numbers if other.key == number.key]
    is_borne = any(_bears(number, other) for other in same or base.numbers) and not _is_end_of_change(
        number, bare, base
    )
    is_converted = number.bound in {Bound.EXACT, Bound.ABOUT} and _is_near(hours, base.exact_times)
    if (is_borne and (hours is None or _is_near(hours, base.times))) or is_converted:
        return
    if duration and any(fact.start for fact in base.facts):
        if number.bound == Bound.LOWER and _is_told_as_long(number, base):
            yield _number_problem(number, base)
        elif not supports(duration, [fact for fact in base.facts if fact.start], today=base.today):
            yield f"The CV's dates do not bear “{number.text} {'years' if duration.months >= 12 else 'months'}”."
    elif is_borne:
        yield f"The CV gives “{number.text}” with another unit of time."
    elif not (
        _follows_from_change(number, bare, base) or _is_sum(number, bare, base) or _is_excess(number, bare, base)
    ):
        yield _number_problem(number, base)


def _is_told_as_long(number: Quantity, base: Base) -> bool:
    """Whether a line gives this very number as a length of time."""
    return any(
        other.key == number.key and duration_of(other, text) for text in base.texts for other in quantities(text)
    )


def _bears(number: Quantity, evidence: Quantity) -> bool:
    """Whether the evidence's number bears the claim's: the same, or rounded the modest way."""
    if number.unit != evidence.unit and {number.unit, evidence.unit} != {"x", "%"}:
        return False
    value, known = _in_percent(number, evidence), _in_percent(evidence, number)
    if value == known:
        return number.bound in HOLDS_UP_TO[evidence.bound]
    if evidence.bound not in {Bound.EXACT, Bound.ABOUT} or not known:
        return False
    if number.bound == Bound.ABOUT:
        return abs(value - known) <= ROUNDED * known
    is_below = known * (1 - ROUNDED_DOWN) <= value < known
    return number.bound in {Bound.LOWER, Bound.AT_LEAST} and evidence.bound == Bound.EXACT and is_below


def _in_percent(number: Quantity, other: Quantity) -> float:
    """Return the value; a half, against a share, is 50."""
    if number.unit == "x" and other.unit == "%":
        return 50.0 if number.value == HALF else 100.0 if number.value == 2 else -1.0
    return number.key[0]


def _is_near(hours: float | None, known: Iterable[float]) -> bool:
    return hours is not None and any(abs(hours - other) <= ROUNDED * other for other in known)


def _is_sum(number: Quantity, bare: str, base: Base) -> bool:
    """Whether a number adds up two of one line that the claim repeats."""
    said = {other.key for other in quantities(bare)}
    for text in base.texts:
        known = [other for other in quantities(text) if other.unit == number.unit and other.key in said]
        values = [other.value for other in known]
        if number.bound in {Bound.EXACT, Bound.ABOUT} and len(values) > 1 and sum(values) == number.value:
            return True
    return False


def _is_excess(number: Quantity, bare: str, base: Base) -> bool:
    """Whether "exceeded the target by 8 %" says what a line puts as 108 % of it."""
    if number.unit != "%" or not BY.search(bare[: number.start]) or not EXCEEDS.search(bare):
        return False
    return any(other.unit == "%" and abs(other.value - WHOLE - number.value) < 1e-6 for other in base.numbers)


def _is_end_of_change(number: Quantity, bare: str, base: Base) -> bool:
    """Whether "by 22 %" takes a number that the CV gives only as where a change began or ended."""
    if not BY.search(bare[: number.start]):
        return False
    ends = [match for text in base.texts for match in CHANGE_PATTERN.finditer(text)]
    numbers = [q.key for m in ends for name in ("first", "second") for q in quantities(m[name])]
    numbers += [q.key for m in ends for q in quantities(m["second"] + m.string[m.end() : m.end() + 12])[:1]]
    return number.key in numbers and sum(q.key == number.key for q in base.numbers) <= numbers.count(number.key)


def _follows_from_change(number: Quantity, bare: str, base: Base) -> bool:
    """Whether a number is that by which the CV's `from A to B` changes."""
    for text in base.texts:
        for match in (*CHANGE_PATTERN.finditer(text), *CHANGE_ABROAD.finditer(text)):
            first, second = (next(iter(quantities(match[name])), None) for name in ("first", "second"))
            if first and first.value and second and _is_change_of(number, first, second, bare, text):
                return True
    return False


def _is_change_of(number: Quantity, first: Quantity, second: Quantity, bare: str, text: str) -> bool:
    step = abs(first.value - second.value)
    is_share = second.unit == "%" and first.unit in {"%", ""}
    is_points = number.unit == "pp" or (not number.unit and POINTS.match(bare[number.end :]) is not None)
    if is_points:
        return is_share and abs(step - number.value) < 1e-6
    if number.unit not in {"%", "x"}:
        is_step = STEP.search(bare[: number.start]) or LESS_OR_MORE.search(bare[number.end :])
        hours, whole = hours_of(number, bare), time_of_range(text)
        is_same_unit = hours is None or whole is None or abs(hours * first.value - whole * number.value) < 1e-6
        is_alike = first.unit in {"", second.unit} and second.unit == number.unit
        return bool(is_step) and is_alike and is_same_unit and abs(step - number.value) < 1e-6
    ratio = second.value / first.value
    if number.unit == "x":
        return abs(ratio - number.value) <= 0.05
    return abs(abs(ratio - 1) * 100 - number.value) <= (1.0 if number.bound == Bound.ABOUT else 0.5)


def _number_problem(number: Quantity, base: Base) -> str:
    alike = next((other for other in base.numbers if other.key == number.key), None)
    if alike:
        said = f"{alike.bound.value} {alike.text}" if alike.bound != Bound.EXACT else alike.text
        return f"The CV says “{said}”, not “{number.bound.value} {number.text}”.".replace("exact ", "exactly ")
    return f"The number “{number.text}” is not in the cited lines of the CV."


def _swapped(claim: str, base: Base) -> Iterable[str]:
    """Find numbers whose nouns or order were exchanged: `12 countries, 3 teams` is not `3 countries, 12 teams`."""
    counted = _counted(base.texts)
    for number, nouns in _counted([claim]):
        here = [other for value, others in counted if value == number for other in others]
        is_here = any(bears(other, noun) or _is_named(noun, other, base) for noun in nouns for other in here)
        if here and not is_here and any(base.vocabulary.has(noun) for noun in nouns):
            yield f"“{number[0]:g} {nouns[0]}” is not what the CV counts."
    yield from _turned(claim, base)
    for match in WITHIN_ONE.finditer(claim):
        if not any(match[1].lower() in known[1].lower() for text in base.texts for known in WITHIN_ONE.finditer(text)):
            yield f"The cited lines do not say that this was “{match.group()}”."
    evidence = {_pair(match) for text in base.texts for match in CHANGE_PATTERN.finditer(text)}
    for match in CHANGE_PATTERN.finditer(claim):
        first, second = _pair(match)
        if first and second and (second, first) in evidence and (first, second) not in evidence:
            yield f"“{match.group()}” turns the CV's numbers round."


def _is_named(noun: str, counted: str, base: Base) -> bool:
    """Whether a line counts things by the name of their kind and says itself what they are: "laptops: 180 devices"."""
    lines = [{token.word for token in tokens(text)} for text in base.texts]
    return bears(noun, counted) and any(counted in line and any(bears(word, noun) for word in line) for line in lines)


def _turned(claim: str, base: Base) -> Iterable[str]:
    """Find "from this to that" of things in words, told the other way round."""
    for match in MOVE_PATTERN.finditer(claim):
        first, second = (_content(match[name]) for name in ("first", "second"))
        for text in base.texts:
            for other in MOVE_PATTERN.finditer(text):
                old, new = (_content(other[name]) for name in ("first", "second"))
                is_turned = _share_word(old, second) and _share_word(new, first)
                if is_turned and not (_share_word(old, first) and _share_word(new, second)):
                    yield f"“{match.group().strip()}” turns the CV's “{other.group().strip()}” round."


def _content(text: str) -> list[str]:
    return [token.word for token in tokens(text) if not is_neutral(token.word) and not token.has_digit]


def _share_word(known: Iterable[str], said: list[str]) -> bool:
    return any(bears(one, word) for one in known for word in said)


def _pair(match: re.Match[str]) -> tuple[str, str]:
    first, second = (re.sub(r"[^\d.,%]", "", match[name]).strip(".,") for name in ("first", "second"))
    return first, second


def _counted(texts: Iterable[str]) -> list[tuple[tuple[float, str], list[str]]]:
    """Return each number with the words that say what it counts: those that follow it up to a small word."""
    found = []
    for text in texts:
        for number in quantities(text):
            if LABEL.search(text[: number.start]):
                continue
            counted = []
            for token in tokens(text[number.end : number.end + 60])[:3]:
                if token.has_digit or is_neutral(token.word) or token.word in FREQUENCIES:
                    break
                counted.append(token.word)
            if counted:
                found.append((number.key, counted))
    return found
