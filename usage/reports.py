"""What the ledger adds up to: for one user or for all, in UTC. Sums are made by the database.

Money is added from the attempts, so that a failed attempt that was billed counts for the provider that billed it. What
the reconciler wrote off has no attempt and counts for the provider `unknown`. By this the sums by provider, by task and
over all are always the same amount. A price that is unknown adds nothing and is counted as unpriced.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce, Substr
from django.utils import timezone

from usage.models import Attempt, Call
from usage.types import AttemptStatus, CallStatus

UNKNOWN_PROVIDER = "unknown"
INPUT_TOKENS = F("input_tokens") + F("cached_input_tokens") + F("cache_write_tokens")
OUTPUT_TOKENS = F("output_tokens") + F("reasoning_tokens")
# How much of `2026-11-21 13:30:00` names its day and its hour.
DAY_LENGTH, HOUR_LENGTH = 10, 13

Dimension = Literal["provider", "task"]


@dataclass(frozen=True, slots=True)
class Cell:
    """The figures of one provider, one task type and one hour or day (`bucket`, empty where time does not matter).

    `failed` are those that ended without a whole answer: failed, incomplete, cancelled, written off. Input tokens include
    cached ones, output tokens include reasoning.
    """

    bucket: str
    provider: str
    task: str
    requests: int = 0
    succeeded: int = 0
    failed: int = 0
    unpriced: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_nanousd: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """All that is told of a period: its calls, and the requests that were sent to providers, one an attempt.

    Calls count for the provider that answered, and have no cost here; all money is with the attempts.
    """

    calls: list[Cell]
    attempts: list[Cell]


@dataclass(frozen=True, slots=True)
class UsageSummary:
    """The figures of one period.

    `total_requests` counts calls, running ones too; with a provider it counts the requests that were sent to it. So
    successful, failed and running ones add up to the total.
    """

    period_hours: int
    total_requests: int
    successful_requests: int
    failed_requests: int
    unpriced_requests: int
    total_input_tokens: int
    total_output_tokens: int
    cost_nanousd: int
    cost_by_provider: dict[str, int]
    cost_by_task: dict[str, int]
    all_time_cost_nanousd: int

    @property
    def total_tokens(self) -> int:
        """Everything sent and written."""
        return self.total_input_tokens + self.total_output_tokens


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """The figures of one task type or of one provider."""

    name: str
    requests: int
    failed: int
    unpriced: int
    input_tokens: int
    output_tokens: int
    cost_nanousd: int

    @property
    def total_tokens(self) -> int:
        """Everything sent and written."""
        return self.input_tokens + self.output_tokens


def take_tally(*, since: datetime, user_id: int | None = None, provider: str = "", bucket_length: int = 0) -> Tally:
    """Count what was opened since then, in three queries; of one user, of one provider, or of everything.

    Args:
        since: Beginning of the period.
        user_id: Whose calls; None for everybody's.
        provider: Leaves only the requests that were sent to this one, and no calls.
        bucket_length: `DAY_LENGTH` or `HOUR_LENGTH` to tell days or hours apart, 0 not to.
    """
    calls, attempts = _scope(user_id, provider)
    calls, attempts = calls.filter(created_at__gte=since), attempts.filter(call__created_at__gte=since)
    cells = _cells(attempts, ("call__created_at", "provider", "call__task_type"), bucket_length, with_cost=True)
    if provider in {"", UNKNOWN_PROVIDER}:
        cells += _written_off_cells(calls, bucket_length)
    counted = [] if provider else _cells(calls, ("created_at", "provider", "task_type"), bucket_length)
    return Tally(calls=counted, attempts=cells)


def summarise_usage(
    *, hours: int, user_id: int | None = None, provider: str = "", now: datetime | None = None
) -> UsageSummary:
    """Add up the last `hours`; of one user, of one provider, or of everything where they are left out."""
    since = (now or timezone.now()) - timedelta(hours=hours)
    tally = take_tally(since=since, user_id=user_id, provider=provider)
    return summarise(tally, hours=hours, all_time=all_time_cost(user_id=user_id, provider=provider), provider=provider)


def summarise(tally: Tally, *, hours: int, all_time: int, provider: str = "") -> UsageSummary:
    """Add up a tally; for one provider its requests are counted instead of calls."""
    counted = tally.attempts if provider else tally.calls
    return UsageSummary(
        period_hours=hours,
        total_requests=sum(cell.requests for cell in counted),
        successful_requests=sum(cell.succeeded for cell in counted),
        failed_requests=sum(cell.failed for cell in counted),
        unpriced_requests=sum(cell.unpriced for cell in counted),
        total_input_tokens=sum(cell.input_tokens for cell in counted),
        total_output_tokens=sum(cell.output_tokens for cell in counted),
        cost_nanousd=sum(cell.cost_nanousd for cell in tally.attempts),
        cost_by_provider={row.name: row.cost_nanousd for row in sorted(_rows(tally.attempts, "provider"), key=_name)},
        cost_by_task={row.name: row.cost_nanousd for row in sorted(_rows(tally.attempts, "task"), key=_name)},
        all_time_cost_nanousd=all_time,
    )


def all_time_cost(*, user_id: int | None = None, provider: str = "") -> int:
    """Return what everything cost since the first line, in two queries."""
    calls, attempts = _scope(user_id, provider)
    total: int = attempts.aggregate(cost=Coalesce(Sum("cost_nanousd"), 0))["cost"]
    if provider in {"", UNKNOWN_PROVIDER}:
        total += _written_off(calls).aggregate(cost=Coalesce(Sum("cost_nanousd"), 0))["cost"]
    return total


def break_down(tally: Tally, by: Dimension) -> list[BreakdownRow]:
    """Return one row a provider or a task type, the one with most requests first.

    By provider the requests sent to each are counted, by task type the calls; a name with nothing but a cost has a row too.
    """
    if by == "provider":
        rows = _rows(tally.attempts, by)
    else:
        costs = (Cell("", "", cell.task, cost_nanousd=cell.cost_nanousd) for cell in tally.attempts)
        rows = _rows([*tally.calls, *costs], by)
    return sorted(rows, key=lambda row: (-row.requests, row.name))


def _scope(user_id: int | None, provider: str) -> tuple[QuerySet[Call], QuerySet[Attempt]]:
    """Return the calls of the user, and their attempts at the provider."""
    calls, attempts = Call.objects.order_by(), Attempt.objects.order_by()
    if user_id is not None:
        calls, attempts = calls.filter(user_id=user_id), attempts.filter(call__user_id=user_id)
    return calls, attempts.filter(provider=provider) if provider else attempts


def _cells(
    lines: QuerySet[Any], columns: tuple[str, str, str], bucket_length: int, *, with_cost: bool = False
) -> list[Cell]:
    """Count calls or attempts by time, provider and task type."""
    created_at, *names = columns
    good = AttemptStatus.SUCCEEDED if lines.model is Attempt else CallStatus.SUCCEEDED
    rows = lines.values_list(_bucket(created_at, bucket_length), *names).annotate(
        requests=Count("pk"),
        good=Count("pk", filter=Q(status=good)),
        failed=Count("pk", filter=~Q(status__in=[good, CallStatus.OPEN])),
        unpriced=Count("pk", filter=Q(cost_nanousd=None) & ~Q(status=CallStatus.OPEN)),
        sent=Coalesce(Sum(INPUT_TOKENS), 0),
        written=Coalesce(Sum(OUTPUT_TOKENS), 0),
        cost=Coalesce(Sum("cost_nanousd"), 0) if with_cost else Value(0),
    )
    return [Cell(*row) for row in rows]


def _written_off_cells(calls: QuerySet[Call], bucket_length: int) -> list[Cell]:
    """Return what was written off, as cells that have nothing but a cost."""
    rows = (
        _written_off(calls)
        .values_list(_bucket("created_at", bucket_length), "task_type")
        .annotate(cost=Sum("cost_nanousd"))
    )
    return [Cell(bucket, UNKNOWN_PROVIDER, task, cost_nanousd=cost) for bucket, task, cost in rows]


def _written_off(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Return the calls that the reconciler settled at a cost: they have no attempt that says what it was for."""
    has_attempts = Exists(Attempt.objects.filter(call=OuterRef("pk")))
    return calls.filter(~has_attempts, status=CallStatus.UNKNOWN, cost_nanousd__gt=0)


def _bucket(column: str, length: int) -> Any:
    """Return the day or hour of a time as text; both databases write times in UTC, largest unit first."""
    return Substr(Cast(column, CharField()), 1, length) if length else Value("")


def _rows(cells: Iterable[Cell], by: Dimension) -> list[BreakdownRow]:
    """Add up cells that share a name."""
    sums: dict[str, list[int]] = {}
    for cell in cells:
        figures = (
            cell.requests,
            cell.failed,
            cell.unpriced,
            cell.input_tokens,
            cell.output_tokens,
            cell.cost_nanousd,
        )
        name = cell.provider if by == "provider" else cell.task
        before = sums.get(name, [0] * len(figures))
        sums[name] = [one + other for one, other in zip(before, figures, strict=True)]
    return [BreakdownRow(name, *figures) for name, figures in sums.items()]


def _name(row: BreakdownRow) -> str:
    return row.name
