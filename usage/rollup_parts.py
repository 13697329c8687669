"""Which rows of the roll-ups make up a period: weeks and days where these are whole and tell apart what is asked, else hours."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections

from usage.models import RollUpGrain, RollUpSpan
from usage.models.rollups import KEPT_NAMES
from usage.rollup_later import crowd_name, crowd_weeks_name
from usage.rollup_writing import HOURS_PER_DAY, HOURS_PER_WEEK, quoted, table, week_of

# What weeks and days of users by name tell apart.
NAMED = KEPT_NAMES[RollUpGrain.NAMED_USER_DAY]

# After all hours that a row can have.
LAST_HOUR = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one grain in a part of a period: table and condition; `is_of_users` says that they are those of the users already."""

    table: str
    condition: str
    is_of_users: bool = False


Bound = int | str | None


@dataclass(frozen=True, slots=True)
class _Days:
    """A period in whole days, and the hours before and after them; None for the beginning of everything, and for now."""

    first: int | None
    last: int | None

    @property
    def begin(self) -> int:
        """The first hour of the first whole day."""
        return -(-(self.first or 0) // HOURS_PER_DAY) * HOURS_PER_DAY

    @property
    def end(self) -> int | None:
        """The first hour after the last whole day."""
        return None if self.last is None else self.last // HOURS_PER_DAY * HOURS_PER_DAY

    def made(self, name: str) -> str:
        """Return an expression for the end of those whole days that a span has; not before `begin`."""
        until = _span("until_hour", name)
        return _most(str(self.begin), until if self.end is None else _least(str(self.end), until))

    def whole_weeks(self, name: str) -> tuple[int, str]:
        """Return where the whole weeks begin that a span has, and an expression for where they end; not before that."""
        begin, until = week_of(self.begin + HOURS_PER_WEEK - 1), _span("until_hour", name)
        end = until if self.end is None else _least(str(week_of(self.end)), until)
        return begin, _most(str(begin), end)


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
    names = set(told_apart) - {"user_key", "day"}
    days = _Days(first, last)
    if "hour" in told_apart or (days.end is not None and days.begin >= days.end):
        yield _rows(RollUpGrain.USER_HOUR if of_users else RollUpGrain.HOUR, first, last)
    elif not of_users:
        yield from _of_everybody(days, is_by_day="day" in told_apart)
    elif users is not None and "user_key" not in told_apart and (crowd := crowd_name(users)):
        yield from _of_a_crowd(days, crowd, has_names=bool(names - {"status"}), is_by_day="day" in told_apart)
    elif names <= {"status"}:
        yield from _of_users(days, is_by_day="day" in told_apart)
    elif names <= NAMED:
        yield from _of_users_by_name(days, is_by_day="day" in told_apart)
    else:
        yield _rows(RollUpGrain.USER_HOUR, first, last)


def _of_everybody(days: _Days, *, is_by_day: bool) -> Iterator[Part]:
    begin: Bound = days.begin
    if days.first is None and days.last is None and not is_by_day:
        yield _rows(RollUpGrain.EVER, None, None)
        begin = _span("until_hour", RollUpSpan.EVER)
    yield from _edges(days, RollUpGrain.HOUR)
    if is_by_day or begin != days.begin:
        yield _rows(RollUpGrain.DAY, begin, days.end)
    else:
        yield from _in_weeks(days, RollUpSpan.WEEKS_OF_ALL, RollUpGrain.WEEK, RollUpGrain.DAY)


def _of_users(days: _Days, *, is_by_day: bool) -> Iterator[Part]:
    yield from _edges(days, RollUpGrain.USER_HOUR)
    if is_by_day:
        yield _rows(RollUpGrain.USER_DAY, days.begin, days.end)
    else:
        yield from _in_weeks(days, RollUpSpan.WEEKS, RollUpGrain.USER_WEEK, RollUpGrain.USER_DAY)


def _in_weeks(days: _Days, name: str, week: RollUpGrain, day: RollUpGrain) -> Iterator[Part]:
    """Return the whole weeks that a span has, and the days before and after them."""
    begin, end = days.whole_weeks(name)
    yield _rows(day, days.begin, begin if days.end is None else min(begin, days.end))
    yield _rows(week, begin, end)
    yield _rows(day, end, days.end)


def _of_users_by_name(days: _Days, *, is_by_day: bool) -> Iterator[Part]:
    made = days.made(RollUpSpan.NAMED_DAYS)
    yield from _edges(days, RollUpGrain.USER_HOUR)
    yield _rows(RollUpGrain.USER_HOUR, made, days.end)
    if is_by_day:
        yield _rows(RollUpGrain.NAMED_USER_DAY, days.begin, made)
        return
    begin, end = days.whole_weeks(RollUpSpan.NAMED_WEEKS)
    yield _rows(RollUpGrain.NAMED_USER_DAY, days.begin, _least(str(begin), made))
    yield _rows(RollUpGrain.NAMED_USER_WEEK, begin, end)
    yield _rows(RollUpGrain.NAMED_USER_DAY, end, made)


def _of_a_crowd(days: _Days, name: str, *, has_names: bool, is_by_day: bool) -> Iterator[Part]:
    """Return days and weeks of these users together where they are made; else days of each, or, by name, their hours."""
    end = days.made(name)
    begin = _least(end, _most(str(days.begin), _span("from_hour", name)))
    each = RollUpGrain.USER_HOUR if has_names else RollUpGrain.USER_DAY
    whose = f" AND user_key = {_span('id', name)}"
    yield from _edges(days, RollUpGrain.USER_HOUR)
    yield _rows(each, days.begin, begin)
    if is_by_day:
        yield _rows(RollUpGrain.CROWD_DAY, begin, end, whose)
    else:
        weeks = crowd_weeks_name(name)
        monday, until = days.whole_weeks(weeks)
        first = _most(str(monday), _span("from_hour", weeks))
        last = _most(first, until)
        yield _rows(RollUpGrain.CROWD_DAY, begin, _least(first, end), whose)
        yield _rows(RollUpGrain.CROWD_WEEK, first, last, f" AND user_key = {_span('id', weeks)}")
        yield _rows(RollUpGrain.CROWD_DAY, _most(begin, last), end, whose)
    yield _rows(each, end, days.end)


def _edges(days: _Days, grain: RollUpGrain) -> Iterator[Part]:
    """Return the hours before the first whole day, and after the last one."""
    if days.first is not None and days.first != days.begin:
        yield _rows(grain, days.first, days.begin)
    if days.last is not None and days.last != days.end:
        yield _rows(grain, days.end, days.last)


def _rows(grain: RollUpGrain, begin: Bound, end: Bound, whose: str = "") -> Part:
    if end is None and isinstance(begin, str):
        # PostgreSQL takes a third of a table for what lies behind an expression, and very little for what lies between two bounds.
        end = LAST_HOUR
    bounds = f" AND hour >= {begin}" if begin is not None else ""
    bounds += f" AND hour < {end}" if end is not None else ""
    return Part(table(grain), f"grain = {grain.value}{bounds}{whose}", is_of_users=bool(whose))


def _span(column: str, name: str) -> str:
    """Return an expression for a column of a span; 0 where there is none. Names are no more than letters and digits."""
    return f"COALESCE((SELECT {column} FROM {quoted(RollUpSpan._meta.db_table)} WHERE name = '{name}'), 0)"  # noqa: S608


def _least(one: str, other: str) -> str:
    return f"{'LEAST' if _is_postgresql() else 'MIN'}({one}, {other})"


def _most(one: str, other: str) -> str:
    return f"{'GREATEST' if _is_postgresql() else 'MAX'}({one}, {other})"


def _is_postgresql() -> bool:
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
