"""What calls add up to: for one user or for all, in UTC. Everything comes from the roll-ups; only running calls are counted one by one.

Money is that of the attempts, so that a failed attempt that was billed counts for the provider that billed it. What
the reconciler wrote off has no attempt and counts for the provider `unknown`. By this the sums by provider, by task and
over all are always the same amount. A price that is unknown adds nothing and is counted as unpriced.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce, TruncDay, TruncHour
from django.utils import timezone

from usage.models import Call
from usage.rollups import COST_AND_CALLS, EVERYTHING, Only, Step, Sums, read
from usage.types import AttemptStatus, CallStatus

UNKNOWN_PROVIDER = "unknown"

Dimension = Literal["provider", "task"]


@dataclass(slots=True)
class Cell:
    """The figures of one provider, one task type and one hour or day (`start`, None where time does not matter).

    `calls` were answered by the provider (empty: by nobody, or they run); `requests` were sent to it, one an attempt. Those that
    failed ended without a whole answer: failed, incomplete, cancelled, written off. All tokens and all money are with the
    requests. Input tokens include cached ones, output tokens include reasoning.
    """

    start: datetime | None
    provider: str
    task: str
    calls: int = 0
    succeeded_calls: int = 0
    failed_calls: int = 0
    unpriced_calls: int = 0
    requests: int = 0
    succeeded_requests: int = 0
    failed_requests: int = 0
    unpriced_requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_nanousd: int = 0

    def add(self, other: "Cell") -> None:
        """Add the figures of another one; the names stay. In place and spelled out, as a long period has thousands of cells."""
        self.calls += other.calls
        self.succeeded_calls += other.succeeded_calls
        self.failed_calls += other.failed_calls
        self.unpriced_calls += other.unpriced_calls
        self.requests += other.requests
        self.succeeded_requests += other.succeeded_requests
        self.failed_requests += other.failed_requests
        self.unpriced_requests += other.unpriced_requests
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.cost_nanousd += other.cost_nanousd


@dataclass(frozen=True, slots=True)
class UsageSummary:
    """The figures of one period.

    `total_requests` counts calls, running ones too; with a provider or a model it counts the requests that were sent to it. So
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


def of_user(user_id: int | None, provider: str = "") -> Only:
    """Return what narrows figures to one user, to one provider, or to nothing where they are left out."""
    # What nobody knows the receiver of has no provider's name in the ledger.
    named = {"provider": "" if provider == UNKNOWN_PROVIDER else provider} if provider else {}
    return Only(users=None if user_id is None else (user_id,), **named)


def take_tally(
    *, since: datetime, until: datetime | None = None, only: Only = EVERYTHING, step: Step | None = None
) -> list[Cell]:
    """Count what was opened in a period, in two queries, or in one where only some providers or models count.

    Args:
        since: Beginning of the period.
        until: The first moment after it; None for now.
        only: Which calls and requests count.
        step: Whether to tell hours or days apart.
    """
    cells: dict[tuple[datetime | None, str, str], Cell] = {}
    for found in read(since=since, until=until, step=step, by=["provider", "task_type", "status"], only=only):
        provider, task, status = found.names
        for cell in _cells(found.start, provider, task, status, found.sums):
            key = (cell.start, cell.provider, cell.task)
            if key in cells:
                cells[key].add(cell)
            else:
                cells[key] = cell
    counted = [*cells.values()]
    return counted if counts_requests(only) else counted + _running(since, until, only, step)


def _cells(start: datetime | None, provider: str, task: str, status: str, sums: Sums) -> Iterable[Cell]:
    """Return the cells of one status; money that has no provider is told apart from calls that nobody answered."""
    is_good = status == AttemptStatus.SUCCEEDED
    cell = Cell(
        start,
        provider,
        task,
        calls=sums.calls,
        succeeded_calls=sums.calls * is_good,
        failed_calls=sums.calls * (not is_good),
        unpriced_calls=sums.unpriced_calls,
        requests=sums.attempts,
        succeeded_requests=sums.attempts * is_good,
        failed_requests=sums.attempts * (not is_good),
        unpriced_requests=sums.unpriced_attempts,
        input_tokens=sums.total_input_tokens,
        output_tokens=sums.total_output_tokens,
        cost_nanousd=sums.cost_nanousd if provider else 0,
    )
    yield cell
    if not provider and sums.cost_nanousd:
        yield Cell(start, UNKNOWN_PROVIDER, task, cost_nanousd=sums.cost_nanousd)


def counts_requests(only: Only) -> bool:
    """Whether requests that were sent are to be counted, and not calls: where only some providers or models count."""
    return only.provider is not None or only.model is not None


def _running(since: datetime, until: datetime | None, only: Only, step: Step | None) -> list[Cell]:
    """Return the calls that are not settled yet: nobody has answered them."""
    calls = running_calls(only).filter(created_at__gte=since)
    if until is not None:
        calls = calls.filter(created_at__lt=until)
    if step is None:
        return [
            Cell(None, "", task, calls=count) for task, count in calls.values_list("task_type").annotate(Count("pk"))
        ]
    start = (TruncHour if step == "hour" else TruncDay)("created_at", tzinfo=UTC)
    rows = calls.values_list(start, "task_type").annotate(Count("pk"))
    return [Cell(begin, "", task, calls=count) for begin, task, count in rows]


def running_calls(only: Only) -> QuerySet[Call]:
    """Return the calls that are not settled yet, and that are among those."""
    names = {"experiment": "decision__experiment__name", "arm": "decision__experiment__arm"}
    calls = Call.objects.filter(status=CallStatus.OPEN).order_by()
    if only.users is not None:
        # As an expression, so that no database looks for the few running calls among all that these users ever made.
        calls = calls.alias(whose=Coalesce("user_id", 0)).filter(whose__in=only.users)
    return calls.filter(**{names.get(name, name): value for name, value in only.names().items()})


def summarise_usage(
    *,
    hours: int,
    user_id: int | None = None,
    provider: str = "",
    now: datetime | None = None,
) -> UsageSummary:
    """Add up the last `hours`; of one user, of one provider, or of everything where they are left out."""
    since = (now or timezone.now()) - timedelta(hours=hours)
    return summarise_period(since=since, hours=hours, only=of_user(user_id, provider))


def summarise_period(
    *, since: datetime, until: datetime | None = None, hours: int, only: Only = EVERYTHING
) -> UsageSummary:
    """Add up a period, which is said to be so many hours long, in three queries."""
    tally = take_tally(since=since, until=until, only=only)
    return summarise(tally, hours=hours, all_time=all_time_cost(only), only=only)


def summarise(tally: Iterable[Cell], *, hours: int, all_time: int, only: Only = EVERYTHING) -> UsageSummary:
    """Add up a tally; for one provider or model its requests are counted instead of calls."""
    tally = list(tally)
    total = Cell(None, "", "")
    for cell in tally:
        total.add(cell)
    of_requests = counts_requests(only)
    return UsageSummary(
        period_hours=hours,
        total_requests=total.requests if of_requests else total.calls,
        successful_requests=total.succeeded_requests if of_requests else total.succeeded_calls,
        failed_requests=total.failed_requests if of_requests else total.failed_calls,
        unpriced_requests=total.unpriced_requests if of_requests else total.unpriced_calls,
        total_input_tokens=total.input_tokens,
        total_output_tokens=total.output_tokens,
        cost_nanousd=total.cost_nanousd,
        cost_by_provider={row.name: row.cost_nanousd for row in sorted(break_down(tally, "provider"), key=_name)},
        cost_by_task={row.name: row.cost_nanousd for row in sorted(_costs_by_task(tally), key=_name)},
        all_time_cost_nanousd=all_time,
    )


def all_time_cost(only: Only = EVERYTHING) -> int:
    """Return what everything cost since the first line, in one query."""
    return sum(cell.sums.cost_nanousd for cell in read(only=only, counted=COST_AND_CALLS))


def break_down(tally: Iterable[Cell], by: Dimension) -> list[BreakdownRow]:
    """Return one row a provider or a task type, the one with most requests first.

    By provider the requests sent to each are counted, by task type the calls; a name with nothing but a cost has a row too.
    """
    if by == "provider":
        asked = [cell for cell in tally if cell.requests or cell.cost_nanousd]
        rows = [_row(name, cell, of_requests=True) for name, cell in _add_up(asked, "provider").items()]
    else:
        rows = [_row(name, cell, of_requests=False) for name, cell in _add_up(tally, "task").items()]
    return sorted(rows, key=lambda row: (-row.requests, row.name))


def _costs_by_task(tally: Iterable[Cell]) -> list[BreakdownRow]:
    """Return the tasks for which something was asked; calls that run or that a cache answered name no cost."""
    return break_down([cell for cell in tally if cell.requests or cell.cost_nanousd], "task")


def _add_up(cells: Iterable[Cell], by: Dimension) -> dict[str, Cell]:
    """Add up cells that share a name."""
    sums: dict[str, Cell] = {}
    for cell in cells:
        name = cell.provider if by == "provider" else cell.task
        if name not in sums:
            sums[name] = Cell(None, cell.provider, cell.task)
        sums[name].add(cell)
    return sums


def _row(name: str, cell: Cell, *, of_requests: bool) -> BreakdownRow:
    return BreakdownRow(
        name,
        cell.requests if of_requests else cell.calls,
        cell.failed_requests if of_requests else cell.failed_calls,
        cell.unpriced_requests if of_requests else cell.unpriced_calls,
        cell.input_tokens,
        cell.output_tokens,
        cell.cost_nanousd,
    )


def _name(row: BreakdownRow) -> str:
    return row.name
