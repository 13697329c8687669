"""A period on a page: its figures, and calls and cost over time for plots, by the hour or by the day, in UTC."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from usage.reports import BreakdownRow, Cell, UsageSummary, all_time_cost, break_down, of_user, summarise, take_tally
from usage.rollups import Only

# Up to this long a period is shown by the hour, above by the day.
HOURLY_UP_TO_HOURS = 48
# More columns than these cannot be told apart in a plot; the smaller ones are added up in the last.
MOST_COLUMNS = 8
OTHERS = "others"
NOT_ANSWERED = "not answered"


@dataclass(frozen=True, slots=True)
class Series:
    """A table for a plot: `rows` holds every hour or day of the period with one figure a column, also where it is 0."""

    columns: list[str]
    rows: list[tuple[datetime, list[int]]]
    is_hourly: bool

    @property
    def total(self) -> int:
        """All figures added up."""
        return sum(sum(figures) for _, figures in self.rows)


@dataclass(frozen=True, slots=True)
class Overview:
    """What happened since an instant. All its plots and tables add up to the same; cost is in nano-dollars."""

    since: datetime
    summary: UsageSummary
    by_provider: list[BreakdownRow]
    by_task: list[BreakdownRow]
    cost_by_provider: Series
    cost_by_task: Series
    calls_by_provider: Series
    calls_by_task: Series


def load_overview(
    *, hours: int, user_id: int | None = None, users: Sequence[int] | None = None, now: datetime | None = None
) -> Overview:
    """Return what happened in the last `hours`, of one user, of some or of everybody, in three queries.

    The period begins with the first hour or day that it touches, whole, so that no bar is a part of one. Cost follows the
    attempts, as in `usage.reports`; a call counts for the provider that answered it.
    """
    buckets = _buckets(now or timezone.now(), hours)
    is_hourly = hours <= HOURLY_UP_TO_HOURS
    only = of_user(user_id) if users is None else Only(users=users)
    tally = take_tally(since=buckets[0], only=only, step="hour" if is_hourly else "day")
    costs, calls = _costs(tally), _calls(tally)
    return Overview(
        since=buckets[0],
        summary=summarise(tally, hours=hours, all_time=all_time_cost(only)),
        by_provider=break_down(tally, "provider"),
        by_task=break_down(tally, "task"),
        cost_by_provider=_series(buckets, ((bucket, provider, cost) for bucket, provider, _, cost in costs)),
        cost_by_task=_series(buckets, ((bucket, task, cost) for bucket, _, task, cost in costs)),
        calls_by_provider=_series(buckets, ((bucket, provider, count) for bucket, provider, _, count in calls)),
        calls_by_task=_series(buckets, ((bucket, task, count) for bucket, _, task, count in calls)),
    )


def first_moment(*, hours: int, now: datetime) -> datetime:
    """Return the beginning of the first hour or day that the last `hours` touch: where the figures of a page begin."""
    return _buckets(now, hours)[0]


def _costs(tally: Iterable[Cell]) -> list[tuple[datetime | None, str, str, int]]:
    return [(cell.start, cell.provider, cell.task, cell.cost_nanousd) for cell in tally]


def _calls(tally: Iterable[Cell]) -> list[tuple[datetime | None, str, str, int]]:
    return [(cell.start, cell.provider or NOT_ANSWERED, cell.task, cell.calls) for cell in tally]


def _buckets(now: datetime, hours: int) -> list[datetime]:
    """Return the starts of all hours or days that the period touches, oldest first."""
    first, last = (now - timedelta(hours=hours)).astimezone(UTC), now.astimezone(UTC)
    step = timedelta(hours=1) if hours <= HOURLY_UP_TO_HOURS else timedelta(days=1)
    start = first.replace(minute=0, second=0, microsecond=0)
    if step.days:
        start = start.replace(hour=0)
    return [start + step * number for number in range((last - start) // step + 1)]


def _series(buckets: list[datetime], cells: Iterable[tuple[datetime | None, str, int]]) -> Series:
    """Put the cells into a table whose largest column comes first; columns of nothing but zeros are left out."""
    table: dict[str, dict[datetime | None, int]] = defaultdict(lambda: defaultdict(int))
    for bucket, name, figure in cells:
        if figure:
            table[name][bucket] += figure
    names = sorted(table, key=lambda name: (-sum(table[name].values()), name))
    if len(names) > MOST_COLUMNS:
        for name in names[MOST_COLUMNS - 1 :]:
            for bucket, figure in table.pop(name).items():
                table[OTHERS][bucket] += figure
        names = [*names[: MOST_COLUMNS - 1], OTHERS]
    rows = [(bucket, [table[name].get(bucket, 0) for name in names]) for bucket in buckets]
    return Series(names, rows, is_hourly=len(buckets) > 1 and buckets[1] - buckets[0] < timedelta(days=1))
