"""Which rows of the roll-ups make up a period: weeks and days where these are whole and tell apart what is asked, else hours."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections

from usage.models import RollUpGrain, RollUpSpan
from usage.rollup_later import crowd_name
from usage.rollup_writing import HOURS_PER_DAY, HOURS_PER_WEEK, quoted, week_of


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one grain in a part of a period, as a condition; `is_of_users` says that they are those of the users already."""

    condition: str
    is_of_users: bool = False


@dataclass(frozen=True, slots=True)
class _Later:
    """Rows that are made later: from where to where there are any, as expressions, and whose they are."""

    grain: RollUpGrain
    begin: str
    end: str
    whose: str = ""


Bound = int | str | None


def parts_of(
    first: int | None, last: int | None, *, told_apart: Collection[str], users: Collection[int] | None
) -> Iterator[Part]:
    """Return the parts of the hours from `first` (None: of the beginning) to just before `last` (None: now), none twice.

    How far rows are made that are made later, is asked in the conditions themselves, so that all is seen in one moment.

    Args:
        first: The first hour.
        last: The first hour after them.
        told_apart: What the rows have to tell apart: names, `user_key`, and `hour` or `day`.
        users: Whose calls count; None for everybody's.
    """
    of_users = users is not None or "user_key" in told_apart
    has_names = bool(set(told_apart) - {"status", "user_key", "day"})
    hourly = RollUpGrain.USER_HOUR if of_users else RollUpGrain.HOUR
    daily = RollUpGrain.USER_DAY if of_users else RollUpGrain.DAY
    first_day = None if first is None else -(-first // HOURS_PER_DAY) * HOURS_PER_DAY
    last_day = None if last is None else last // HOURS_PER_DAY * HOURS_PER_DAY
    is_short = first_day is not None and last_day is not None and first_day >= last_day
    if is_short or "hour" in told_apart:
        yield _rows(hourly, first, last)
        return
    later = None
    if users is not None and "user_key" not in told_apart and (name := crowd_name(users)):
        later = _days_of_users(name, first_day, last_day)
    elif of_users and not has_names and "day" not in told_apart:
        later = _weeks(first_day, last_day)
    if of_users and has_names:
        if later:
            yield _rows(hourly, first, later.begin)
            yield _rows(later.grain, later.begin, later.end, later.whose)
        yield _rows(hourly, later.end if later else first, last)
        return
    if first != first_day:
        yield _rows(hourly, first, first_day)
    if later:
        yield _rows(daily, first_day, later.begin)
        yield _rows(later.grain, later.begin, later.end, later.whose)
    yield _rows(daily, later.end if later else first_day, last_day)
    if last != last_day:
        yield _rows(hourly, last_day, last)


def _weeks(first: int | None, last: int | None) -> _Later | None:
    """Return the whole weeks of users between two days, as far as they are made."""
    begin = 0 if first is None else week_of(first + HOURS_PER_WEEK - 1)
    if last is not None and begin >= week_of(last):
        return None
    made = _span("until_hour", RollUpSpan.WEEKS)
    end = made if last is None else _least(str(week_of(last)), made)
    return _Later(RollUpGrain.USER_WEEK, str(begin), _most(str(begin), end))


def _days_of_users(name: str, first: int | None, last: int | None) -> _Later:
    """Return the days of several users between two days, as far as they are made."""
    begin, end = _most(str(first or 0), _span("from_hour", name)), _span("until_hour", name)
    if last is not None:
        begin, end = _least(str(last), begin), _least(str(last), end)
    whose = f" AND user_key = {_span('id', name)}"
    return _Later(RollUpGrain.CROWD_DAY, begin, _most(begin, end), whose)


def _rows(grain: RollUpGrain, begin: Bound, end: Bound, whose: str = "") -> Part:
    bounds = f" AND hour >= {begin}" if begin is not None else ""
    bounds += f" AND hour < {end}" if end is not None else ""
    return Part(f"grain = {grain.value}{bounds}{whose}", is_of_users=bool(whose))


def _span(column: str, name: str) -> str:
    """Return an expression for a column of a span; 0 where there is none. Names are no more than letters and digits."""
    return f"COALESCE((SELECT {column} FROM {quoted(RollUpSpan._meta.db_table)} WHERE name = '{name}'), 0)"  # noqa: S608


def _least(one: str, other: str) -> str:
    return f"{'LEAST' if _is_postgresql() else 'MIN'}({one}, {other})"


def _most(one: str, other: str) -> str:
    return f"{'GREATEST' if _is_postgresql() else 'MAX'}({one}, {other})"


def _is_postgresql() -> bool:
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
