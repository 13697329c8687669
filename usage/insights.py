"""What a period tells beyond its sums: rates, percentiles, what a document costs, and what the month will cost in the end."""

from calendar import monthrange
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import fmean

from usage.rollups import COST_AND_CALLS, EVERYTHING, Dimension, Only, Step, Sums, read
from usage.types import CallStatus

# A forecast looks back so many whole days, and needs so many at least.
FORECAST_DAYS = 28
LEAST_FORECAST_DAYS = 7
# Standard deviations around the mean between which 80 % of a normal distribution lie.
EIGHTY_PERCENT = 1.2816


@dataclass(frozen=True, slots=True)
class ReportRow:
    """The calls of one hour or day (`start`, None without a step) and of one combination of names, in the order of `by`.

    `errors` counts calls that did not succeed by their class of error, or by how they ended where they have none.
    """

    start: datetime | None
    names: tuple[str | int, ...]
    sums: Sums
    succeeded: int
    errors: dict[str, int] = field(default_factory=dict)

    @property
    def success_rate(self) -> float | None:
        """Share of calls with a whole answer; None without calls."""
        return self.succeeded / self.sums.calls if self.sums.calls else None

    @property
    def cache_hit_rate(self) -> float | None:
        """Share of the look-ups in a cache that found an answer; None without any."""
        asked = self.sums.cache_hits + self.sums.cache_misses
        return self.sums.cache_hits / asked if asked else None

    @property
    def cost_per_document_nanousd(self) -> int | None:
        """What one whole answer cost, with all that failed on the way: of a task that writes, a document. None without any."""
        return round(self.sums.cost_nanousd / self.succeeded) if self.succeeded else None


def report(
    *,
    since: datetime,
    until: datetime | None = None,
    step: Step | None = None,
    by: Sequence[Dimension] = (),
    only: Only = EVERYTHING,
) -> list[ReportRow]:
    """Return the rows of a period, in one query: by time, then by names."""
    more: list[Dimension] = [name for name in ("status", "error_class") if name not in by]
    found: dict[tuple[datetime | None, tuple[str | int, ...]], list[tuple[str, str, Sums]]] = {}
    asked: list[Dimension] = [*by, *more]
    for cell in read(since=since, until=until, step=step, by=asked, only=only, with_latencies=True):
        told = dict(zip(asked, cell.names, strict=True))
        key = (cell.start, cell.names[: len(by)])
        found.setdefault(key, []).append((str(told["status"]), str(told["error_class"]), cell.sums))
    rows = [_row(start, names, parts) for (start, names), parts in found.items()]
    return sorted(rows, key=lambda row: (row.start or since, tuple(map(str, row.names))))


def tell_groups_apart(rows: Sequence[ReportRow], place: int, groups_of: Mapping[int, Sequence[str]]) -> list[ReportRow]:
    """Return the rows by groups in place of users; a user who is in several counts for each, one who is in none for `""`.

    Args:
        rows: A report that tells users apart.
        place: Where in its names the user is.
        groups_of: The names of each user's groups.
    """
    found: dict[tuple[datetime | None, tuple[str | int, ...]], ReportRow] = {}
    for row in rows:
        for group in groups_of.get(int(row.names[place])) or ("",):
            names = (*row.names[:place], group, *row.names[place + 1 :])
            one = replace(row, names=names)
            other = found.get((row.start, names))
            found[row.start, names] = _together(one, other) if other else one
    return sorted(
        found.values(), key=lambda row: (row.start or datetime.min.replace(tzinfo=UTC), tuple(map(str, row.names)))
    )


def _together(one: ReportRow, other: ReportRow) -> ReportRow:
    errors = dict(Counter(one.errors) + Counter(other.errors))
    return replace(one, sums=one.sums + other.sums, succeeded=one.succeeded + other.succeeded, errors=errors)


def _row(start: datetime | None, names: tuple[str | int, ...], parts: list[tuple[str, str, Sums]]) -> ReportRow:
    errors = Counter[str]()
    for status, error_class, sums in parts:
        if status != CallStatus.SUCCEEDED and sums.calls:
            errors[error_class or status] += sums.calls
    succeeded = sum(sums.calls for status, _, sums in parts if status == CallStatus.SUCCEEDED)
    return ReportRow(start, names, sum((sums for _, _, sums in parts), start=Sums()), succeeded, dict(errors))


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a month costs: so far, and in the end, with an interval that holds four times in five. In nano-dollars."""

    month: datetime
    spent_nanousd: int
    expected_nanousd: int
    low_nanousd: int
    high_nanousd: int


def forecast_month(*, now: datetime, only: Only = EVERYTHING) -> Forecast | None:
    """Return what this month, in UTC, will have cost in the end; None with less than a week of whole days to go by.

    Each day to come is expected to cost what its day of the week cost on average in the last four weeks (the average of all days,
    where fewer than two of them are known); what is left of today its share of that. The interval adds up two uncertainties:
    that of single days, which grows with the root of the days to come, and that of the level itself, which grows with their
    number: s² · d + s² · d² / n, with s the deviation of the n days that were seen from what is expected of such days.
    """
    now = now.astimezone(UTC)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    since = min(month, today - timedelta(days=FORECAST_DAYS))
    days = read(since=since, step="day", only=only, counted=COST_AND_CALLS)
    by_day = {cell.start: cell.sums.cost_nanousd for cell in days}
    spent = sum(cost for day, cost in by_day.items() if day and day >= month)
    begun = min((day for day in by_day if day), default=today)
    seen = [today - timedelta(days=number) for number in range(1, FORECAST_DAYS + 1)]
    seen = [day for day in seen if day >= begun]
    if len(seen) < LEAST_FORECAST_DAYS:
        return None
    usual = [_usual(weekday, seen, by_day) for weekday in range(7)]
    passed = (now - today) / timedelta(days=1)
    days_in_month = monthrange(today.year, today.month)[1]
    to_come = [today + timedelta(days=number) for number in range(1, days_in_month - today.day + 1)]
    rest = usual[today.weekday()] * (1 - passed) + sum(usual[day.weekday()] for day in to_come)
    variance = sum((by_day.get(day, 0) - usual[day.weekday()]) ** 2 for day in seen) / (len(seen) - 1)
    left = len(to_come) + 1 - passed
    spread = EIGHTY_PERCENT * (variance * (left + left**2 / len(seen))) ** 0.5
    expected = spent + round(rest)
    return Forecast(month, spent, expected, max(spent, round(expected - spread)), round(expected + spread))


def _usual(weekday: int, seen: list[datetime], by_day: dict[datetime | None, int]) -> float:
    alike = [by_day.get(day, 0) for day in seen if day.weekday() == weekday]
    return fmean(alike) if len(alike) > 1 else fmean(by_day.get(day, 0) for day in seen)
