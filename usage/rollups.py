"""Reading what calls add up to, by hours or days and by names, without reading the calls.

    for cell in read(since=month_ago, step="day", by=["provider"], only=Only(task_type="cover_letter")):
        print(cell.start, cell.names, cell.sums.calls, cell.sums.cost_nanousd)

Whole hours, days and weeks come from the roll-ups; of a period that does not begin or end with an hour, the rest comes from the
lines of that hour alone. All of it is one statement, so it shows one moment. Only settled calls are counted; a call belongs to
the hour, in UTC, in which it was opened, whenever it is settled.

What is counted of calls goes with the call's provider, model, status and class of error (those of the answer; empty where nobody
answered); what is counted of attempts, all tokens and all money, goes with the attempt's. What the reconciler wrote off is
money of the provider `""`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.db import DEFAULT_DB_ALIAS, connections

from usage.models import RollUp
from usage.models.rollups import LATENCY_COUNTERS, LATENCY_EDGES_MS
from usage.rollup_lines import select_lines
from usage.rollup_parts import parts_of
from usage.rollup_writing import HOURS_PER_DAY, hour_of

Dimension = Literal[
    "user", "task_type", "provider", "model", "status", "error_class", "prompt_version", "purpose", "experiment", "arm"
]
Step = Literal["hour", "day"]
# A latency that is read from its counter is wrong by this share at most, between the first edge and the last.
LATENCY_ERROR = 2**0.25 - 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Only:
    """Which calls and attempts to read; what is left out does not narrow it. User 0 is nobody: calls of the site itself."""

    users: Sequence[int] | None = None
    task_type: str | None = None
    provider: str | None = None
    model: str | None = None
    status: str | None = None
    error_class: str | None = None
    prompt_version: str | None = None
    purpose: str | None = None
    experiment: str | None = None
    arm: str | None = None

    def names(self) -> dict[str, str]:
        """Return the names that have to be met."""
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "users"}
        return {name: value for name, value in values.items() if value is not None}


EVERYTHING = Only()
# Enough for plots and forecasts, and to know that somebody was asked; fewer sums are quicker. What has none of those that are
# counted is left out.
COST_AND_CALLS = ("calls", "cost_nanousd")
ASKED = (*COST_AND_CALLS, "attempts")
LARGEST_FIRST = ("SUM(cost_nanousd) DESC", "SUM(calls) DESC")


@dataclass(frozen=True, slots=True)
class Sums:
    """What is counted. Money is nano-dollars; the kinds of tokens do not overlap, `cache_hits` are calls too."""

    calls: int = 0
    cache_hits: int = 0
    cache_misses: int = 0
    saved_nanousd: int = 0
    unpriced_calls: int = 0
    latency_ms: int = 0
    overhead_us: int = 0
    overhead_calls: int = 0
    attempts: int = 0
    unpriced_attempts: int = 0
    free_attempts: int = 0
    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cost_nanousd: int = 0
    latencies: tuple[int, ...] = ()

    @property
    def total_input_tokens(self) -> int:
        """Everything that was sent."""
        return self.input_tokens + self.cached_input_tokens + self.cache_write_tokens

    @property
    def total_output_tokens(self) -> int:
        """Everything that was written, seen or not."""
        return self.output_tokens + self.reasoning_tokens

    def __add__(self, other: "Sums") -> "Sums":
        """Add two, counter by counter."""
        own, more = self.latencies, other.latencies
        latencies = (
            tuple(one + another for one, another in zip(own, more, strict=True)) if own and more else own or more
        )
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in RollUp.SUMS}, latencies=latencies)

    def latency_percentile(self, share: float) -> float | None:
        """Return the latency in milliseconds that a share of calls, such as 0.95, stays below; None without calls.

        It is the geometric middle of the counter that the call lies in, so it is wrong by at most `LATENCY_ERROR` (19 %) between
        16 ms and 524 s; below it is 8 ms, above it is 524 s. Calls that a cache answered do not count. Needs `with_latencies`.
        """
        total = sum(self.latencies)
        rank, seen = share * total, 0
        for number, count in enumerate(self.latencies):
            seen += count
            if count and seen >= rank:
                return _middle(number)
        return None


def _middle(counter: int) -> float:
    if counter == 0:
        return LATENCY_EDGES_MS[0] / 2
    if counter == len(LATENCY_EDGES_MS):
        return float(LATENCY_EDGES_MS[-1])
    low, high = LATENCY_EDGES_MS[counter - 1 : counter + 1]
    return float((low * high) ** 0.5)


@dataclass(frozen=True, slots=True)
class Cell:
    """The sums of one hour or day (`start`, in UTC; None where `step` is) and of one combination of names.

    `names` are in the order in which they were asked for; a user is the key of the account, 0 for nobody.
    """

    start: datetime | None
    names: tuple[Any, ...]
    sums: Sums


def read(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    step: Step | None = None,
    by: Sequence[Dimension] = (),
    only: Only = EVERYTHING,
    with_latencies: bool = False,
    counted: Sequence[str] = RollUp.SUMS,
    most: int | None = None,
) -> list[Cell]:
    """Return what the calls add up to that were opened in a period, in one query; combinations without any are left out.

    Args:
        since: Beginning of the period; None for the beginning of everything.
        until: The first moment after it; None for now.
        step: Whether to tell hours or days apart, or neither.
        by: The names to tell apart.
        only: Which calls and attempts to read.
        with_latencies: Whether to fill `Sums.latencies`, which takes longer.
        counted: Which sums to take, `calls` and `cost_nanousd` at least; the others are 0, and not read.
            Fewer are quicker; combinations that have none of those are left out.
        most: Return no more than so many, those that cost most first, then those with most calls.
    """
    counters = LATENCY_COUNTERS if with_latencies else ()
    columns = (*((step,) if step else ()), *("user_key" if name == "user" else name for name in by))
    taken = [name for name in (*RollUp.SUMS, *counters) if name in {*COST_AND_CALLS, *counted, *counters}]
    statements, values = [], []
    for statement, more in _parts(since, until, columns, only, taken):
        statements.append(statement)
        values += more
    sums = ", ".join(f"CAST(SUM({name}) AS BIGINT)" if name in taken else "0" for name in (*RollUp.SUMS, *counters))
    chosen = "".join(f"{name}, " for name in columns)
    grouped = f" GROUP BY {', '.join(columns)}" if columns else ""
    together = f"SELECT {chosen}{sums} FROM ({' UNION ALL '.join(statements)}) AS parts{grouped}"  # noqa: S608 - our own names
    if most is not None:
        together += f" ORDER BY {', '.join([*LARGEST_FIRST, *columns])} LIMIT {int(most)}"
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(together, values)
        return list(_cells(cursor.fetchall(), len(columns), has_start=step is not None))


def _cells(rows: Iterable[Sequence[Any]], names: int, *, has_start: bool) -> Iterator[Cell]:
    first, counted = int(has_start), names + len(RollUp.SUMS)
    starts: dict[int, datetime] = {}
    for row in rows:
        sums, counters = row[names:counted], row[counted:]
        # Without any row there is one of nulls.
        if sums[0] is None or not any(sums):
            continue
        start = None
        if has_start and (start := starts.get(row[0])) is None:
            start = starts[row[0]] = EPOCH + timedelta(hours=row[0])
        yield Cell(start, tuple(row[first:names]), Sums(*sums, tuple(count or 0 for count in counters)))  # type: ignore[call-arg]  # as many as it has


def _parts(
    since: datetime | None, until: datetime | None, columns: Sequence[str], only: Only, taken: Sequence[str]
) -> Iterator[tuple[str, list[Any]]]:
    """Return the statements whose rows, of these sums and counters, add up to the period, each with its values."""
    edges: list[tuple[datetime, datetime, int]] = []
    first = last = None
    if since is not None:
        first, edge = _round(since, is_beginning=True)
        edges += edge
    if until is not None:
        last, edge = _round(until, is_beginning=False)
        edges += edge
    yield from _rolled_up(first, last, columns, only, taken)
    for begin, end, sign in edges:
        condition, values = _met_by_lines(only)
        condition = f"c.created_at >= %s AND c.created_at < %s{condition}"
        for statement in select_lines(columns, condition, figures=taken, sign=sign):
            yield statement, [_moment(begin), _moment(end), *values]


def _round(moment: datetime, *, is_beginning: bool) -> tuple[int, list[tuple[datetime, datetime, int]]]:
    """Return the whole hour nearest to the moment, and the lines between them: to add, or to take away."""
    hour = hour_of(moment)
    begin, end = (EPOCH + timedelta(hours=number) for number in (hour, hour + 1))
    if moment == begin:
        return hour, []
    if moment - begin < HALF_AN_HOUR:
        return hour, [(begin, moment, -1 if is_beginning else 1)]
    return hour + 1, [(moment, end, 1 if is_beginning else -1)]


def _rolled_up(
    first: int | None, last: int | None, columns: Sequence[str], only: Only, taken: Sequence[str]
) -> Iterator[tuple[str, list[Any]]]:
    """Return the statements over the roll-ups' whole hours, days and weeks of a period."""
    names = only.names()
    also = "".join(f" AND {name} = %s" for name in names)
    chosen = [f"hour - hour %% {HOURS_PER_DAY} AS day" if name == "day" else name for name in columns]
    # No more than is wanted: what is left of it may stand in an index.
    chosen += taken
    for part in parts_of(first, last, told_apart={*names, *columns}, users=only.users):
        condition, values = part.condition, list[Any](names.values())
        if only.users is not None and not part.is_of_users:
            condition += f" AND user_key IN ({', '.join(['%s'] * len(only.users)) or 'NULL'})"
            values = [*only.users, *values]
        yield f"SELECT {', '.join(chosen)} FROM {part.table} WHERE {condition}{also}", values  # noqa: S608 - our own names


def _met_by_lines(only: Only) -> tuple[str, list[Any]]:
    """Return the condition on lines, beside the time, and its values."""
    names = only.names()
    condition = "".join(f" AND {{{name}}} = %s" for name in names)
    if only.users is None:
        return condition, list(names.values())
    users = f" AND {{user_key}} IN ({', '.join(['%s'] * len(only.users)) or 'NULL'})"
    return users + condition, [*only.users, *names.values()]


def _moment(moment: datetime) -> Any:
    """Return a moment as the database takes it."""
    return connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(moment)
