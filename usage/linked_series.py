"""Cost and calls over time for plots whose every bar leads to the calls behind it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from usage.filters import SPLITS, Asked, Filter, slot_of
from usage.overview import HOURLY_UP_TO_HOURS, MOST_COLUMNS, NOT_ANSWERED, OTHERS
from usage.reports import UNKNOWN_PROVIDER
from usage.rollups import COST_AND_CALLS, Cell, Dimension, Only, Step, read

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURLY_UP_TO = timedelta(hours=HOURLY_UP_TO_HOURS)
_Table = defaultdict[str, dict[datetime | None, int]]


@dataclass(frozen=True, slots=True)
class Column:
    """One name of a plot; `query` narrows to its calls, and is empty where a name stands for several."""

    name: str
    query: str = ""


@dataclass(frozen=True, slots=True)
class LinkedSeries:
    """Figures over time for a plot.

    Each row is an hour or a day with its part of an address and its cells: the column's part of the address, and a figure.
    """

    columns: list[Column]
    rows: list[tuple[datetime, str, list[tuple[str, int]]]]
    is_hourly: bool

    @property
    def total(self) -> int:
        """All figures added up."""
        return sum(figure for _, _, cells in self.rows for _, figure in cells)


@dataclass(frozen=True, slots=True)
class Frame:
    """The hours or days of a plot."""

    asked: Asked
    starts: list[datetime]
    is_hourly: bool

    @property
    def step(self) -> Step:
        return "hour" if self.is_hourly else "day"

    def read(self, by: Sequence[Dimension], only: Only) -> list[Cell]:
        asked = self.asked
        return read(since=asked.since, until=asked.until, step=self.step, by=by, only=only, counted=COST_AND_CALLS)

    def series(self, figures: Mapping[str, Mapping[datetime | None, int]], columns: list[Column]) -> LinkedSeries:
        """Return a table of the columns; each hour or day has its part of an address."""
        rows = []
        for start in self.starts:
            slot = slot_of(start, is_hourly=self.is_hourly)
            rows.append((start, slot, [(column.query, figures[column.name].get(start, 0)) for column in columns]))
        return LinkedSeries(columns, rows, self.is_hourly)


def frame_of(asked: Asked, now: datetime) -> Frame:
    """Return all hours or days that a period touches, and the period as it begins with the first of them."""
    end = asked.until or now
    is_hourly = end - asked.since <= HOURLY_UP_TO
    first = asked.since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    first, step = (first, HOUR) if is_hourly else (first.replace(hour=0), DAY)
    starts = [first + step * number for number in range(-((first - end) // step))]
    return Frame(replace(asked, since=first), starts, is_hourly)


def name_series(frame: Frame) -> tuple[LinkedSeries, LinkedSeries]:
    """Return cost and calls over time by a name of calls, in one query."""
    by = frame.asked.filter.by
    costs: _Table = defaultdict(dict)
    calls: _Table = defaultdict(dict)
    for cell in frame.read([SPLITS[by]], frame.asked.only):
        name = str(cell.names[0])
        if cell.sums.cost_nanousd:
            costs[name or UNKNOWN_PROVIDER][cell.start] = cell.sums.cost_nanousd
        if cell.sums.calls:
            calls[name or NOT_ANSWERED][cell.start] = cell.sums.calls
    return _cut(frame, costs, by), _cut(frame, calls, by)


def _cut(frame: Frame, table: _Table, by: str) -> LinkedSeries:
    """Put the largest columns first, and add up those that cannot be told apart any more."""
    names = sorted(table, key=lambda name: (-sum(table[name].values()), name))
    if len(names) > MOST_COLUMNS:
        table[OTHERS] = _added(table.pop(name) for name in names[MOST_COLUMNS - 1 :])
        names = [*names[: MOST_COLUMNS - 1], OTHERS]
    asked = replace(frame.asked.filter, period=Filter().period, since="", until="", by=Filter().by)
    columns = [
        Column(name, "" if name == OTHERS else asked.query(**{by: UNKNOWN_PROVIDER if name == NOT_ANSWERED else name}))
        for name in names
    ]
    return frame.series(table, columns)


def _added(columns: Iterable[Mapping[datetime | None, int]]) -> dict[datetime | None, int]:
    total = Counter[datetime | None]()
    for figures in columns:
        total.update(figures)
    return dict(total)


def user_series(frame: Frame, users: Mapping[int, str]) -> tuple[LinkedSeries, LinkedSeries]:
    """Return cost and calls over time of the first of these users, by number, and of all others together; in two queries."""
    asked = frame.asked
    shown = dict(islice(users.items(), MOST_COLUMNS - 1))
    costs: _Table = defaultdict(dict)
    calls: _Table = defaultdict(dict)
    for cell in frame.read(["user"], replace(asked.only, users=tuple(shown))):
        name = shown[cell.names[0]]
        costs[name][cell.start], calls[name][cell.start] = cell.sums.cost_nanousd, cell.sums.calls
    for cell in frame.read([], asked.only):
        costs[OTHERS][cell.start] = cell.sums.cost_nanousd - sum(
            costs[name].get(cell.start, 0) for name in shown.values()
        )
        calls[OTHERS][cell.start] = cell.sums.calls - sum(calls[name].get(cell.start, 0) for name in shown.values())
    return _cut(frame, _filled(costs), "user"), _cut(frame, _filled(calls), "user")


def _filled(table: _Table) -> _Table:
    """Leave out columns of nothing but zeros."""
    return defaultdict(dict, {name: column for name, column in table.items() if any(column.values())})
