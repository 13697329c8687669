"""Everything that the operator's first page shows of a period, from the roll-ups: in a handful of queries, however many calls there are.

All parts of a page add up to the same, as each is made of the same sums. Only what runs now, and the latest failures, are lines.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Count, Min, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from usage.alerts.subjects import user_names
from usage.call_lists import list_calls
from usage.errors import FilterError
from usage.filters import NOBODY, SPLITS, Asked, Filter
from usage.insights import Forecast, forecast_month
from usage.linked_series import LinkedSeries, frame_of, name_series, user_series
from usage.models import Call
from usage.overview import NOT_ANSWERED
from usage.reports import UNKNOWN_PROVIDER, running_calls
from usage.rollups import ASKED, COST_AND_CALLS, Dimension, Only, Sums, read
from usage.types import AttemptStatus, CallStatus

FAILED = (CallStatus.FAILED, CallStatus.INCOMPLETE, CallStatus.UNKNOWN)
END_LABELS = {str(value): str(label) for value, label in (*AttemptStatus.choices, *CallStatus.choices)}
LATEST_FAILURES, LONGEST_RUNNING, TOP_SPENDERS, TOP_ERRORS, MOST_LINES, MOST_NAMED = 6, 8, 8, 8, 20, 12


@dataclass(slots=True)
class Line:
    """What belongs to one name. `query` leads to its calls, `percent` is its part of the cost, `key` a user's number."""

    name: str
    query: str = ""
    key: int = 0
    sums: Sums = field(default_factory=Sums)
    succeeded: int = 0
    failed_requests: int = 0
    percent: float = 0.0

    def add(self, status: str, sums: Sums) -> None:
        """Add what ended in a way."""
        self.sums += sums
        if status == CallStatus.SUCCEEDED:
            self.succeeded += sums.calls
        else:
            self.failed_requests += sums.attempts

    @property
    def failed(self) -> int:
        """Calls that ended without a whole answer."""
        return self.sums.calls - self.succeeded

    @property
    def success_percent(self) -> float | None:
        """Calls with a whole answer, of 100; None without calls."""
        return 100 * self.succeeded / self.sums.calls if self.sums.calls else None

    @property
    def failed_requests_percent(self) -> float | None:
        """Requests without an accepted answer, of 100; None without any."""
        return 100 * self.failed_requests / self.sums.attempts if self.sums.attempts else None

    @property
    def total_tokens(self) -> int:
        """Everything sent and written."""
        return self.sums.total_input_tokens + self.sums.total_output_tokens

    @property
    def p50_ms(self) -> float | None:
        """The latency that half of the calls stay below."""
        return self.sums.latency_percentile(0.5)

    @property
    def p95_ms(self) -> float | None:
        """The latency that 95 of 100 calls stay below."""
        return self.sums.latency_percentile(0.95)

    @property
    def lookups(self) -> int:
        """Look-ups in a cache."""
        return self.sums.cache_hits + self.sums.cache_misses

    @property
    def hit_percent(self) -> float | None:
        """Look-ups in a cache that found an answer, of 100; None without any."""
        return 100 * self.sums.cache_hits / self.lookups if self.lookups else None

    @property
    def cost_per_document_nanousd(self) -> int | None:
        """What one whole answer cost, with all that failed on the way; None without any."""
        return round(self.sums.cost_nanousd / self.succeeded) if self.succeeded else None


@dataclass(frozen=True, slots=True)
class Running:
    """What runs now: how many calls, what they hold, since when the first, and those that run longest."""

    count: int
    held_nanousd: int
    since: datetime | None
    calls: list[Call]


@dataclass(frozen=True, slots=True)
class Names:
    """What the ledger has ever had, and what it cost."""

    task: list[str]
    provider: list[str]
    model: list[str]
    cost_nanousd: int


@dataclass(frozen=True, slots=True)
class Board:
    """The figures of a page. `lines` are by what is told apart, those that cost most first; `errors` by class."""

    asked: Asked
    total: Line
    lines: list[Line]
    by_task: list[Line]
    spenders: list[Line]
    errors: list[Line]
    failures: list[Call]
    cost: LinkedSeries
    calls: LinkedSeries
    running: Running
    forecast: Forecast | None
    names: Names


def load_board(asked: Asked, *, now: datetime | None = None) -> Board:
    """Return the figures that were asked for.

    The period begins with the first hour or day that it touches, whole, so that no bar is a part of one.

    Raises:
        FilterError: The ledger has never had such a task, provider or model.
    """
    now = now or timezone.now()
    names = known_names(asked.filter)
    frame = frame_of(asked, now)
    asked = frame.asked
    told_apart = _tell_apart(asked)
    spenders = _spenders(asked, told_apart.total.sums.cost_nanousd)
    of_users = asked.filter.by == "user"
    cost, calls = user_series(frame, {line.key: line.name for line in spenders}) if of_users else name_series(frame)
    return Board(
        asked=asked,
        total=told_apart.total,
        lines=spenders if of_users else told_apart.lines,
        by_task=told_apart.by_task,
        spenders=spenders[:TOP_SPENDERS],
        errors=told_apart.errors,
        failures=_latest_failures(asked),
        cost=cost,
        calls=calls,
        running=running(asked.only),
        forecast=forecast_month(now=now, only=asked.only),
        names=names,
    )


def known_names(asked: Filter) -> Names:
    """Return the names that the ledger has ever had, in one query.

    Raises:
        FilterError: It has never had one that is asked for.
    """
    cells = read(by=["task_type", "provider", "model"], counted=ASKED)
    task, provider, model = (sorted({str(cell.names[place]) for cell in cells} - {""}) for place in range(3))
    found = Names(task, provider, model, sum(cell.sums.cost_nanousd for cell in cells))
    for name, known in (("task", found.task), ("provider", found.provider), ("model", found.model)):
        value = getattr(asked, name)
        if value and value not in known and (name == "task" or value != UNKNOWN_PROVIDER):
            some = f" It has {', '.join(known[:MOST_NAMED])}." if known else ""
            raise FilterError(name, f"The ledger has no call with the {name} {value!r}.{some}")
    return found


def sum_up(asked: Asked) -> Line:
    """Return what all calls add up to that are asked for, in one query."""
    total = Line("")
    for cell in read(since=asked.since, until=asked.until, by=["status"], only=asked.only):
        total.add(str(cell.names[0]), cell.sums)
    return total


def running(only: Only) -> Running:
    """Return what runs now, in two queries; who will answer is not known, so no provider or model narrows it."""
    calls = running_calls(replace(only, provider=None, model=None, status=None, error_class=None))
    facts = calls.aggregate(count=Count("pk"), held=Coalesce(Sum("held_nanousd"), 0), since=Min("created_at"))
    longest = list(calls.select_related("user").order_by("created_at")[:LONGEST_RUNNING])
    return Running(facts["count"], facts["held"], facts["since"], longest)


@dataclass(slots=True)
class _ToldApart:
    total: Line
    lines: list[Line]
    by_task: list[Line]
    errors: list[Line]


def _tell_apart(asked: Asked) -> _ToldApart:
    """Return the sums of the period: of all, by what is told apart, by task, and of what went wrong; in one query."""
    by = "task_type" if asked.filter.by == "user" else SPLITS[asked.filter.by]
    names: tuple[Dimension, ...] = ("task_type", "provider", "model", "status", "error_class")
    total = Line("")
    lines: dict[str, Line] = defaultdict(lambda: Line(""))
    tasks: dict[str, Line] = defaultdict(lambda: Line(""))
    errors: dict[tuple[str, str], Line] = defaultdict(lambda: Line(""))
    for cell in read(since=asked.since, until=asked.until, by=names, only=asked.only, with_latencies=True):
        told = dict(zip(names, cell.names, strict=True))
        for line in (total, lines[told[by]], tasks[told["task_type"]]):
            line.add(told["status"], cell.sums)
        if told["status"] != CallStatus.SUCCEEDED:
            error = errors[told["error_class"], "" if told["error_class"] else told["status"]]
            error.add(told["status"], replace(cell.sums, latencies=()))
    return _ToldApart(
        total,
        _ranked(lines, asked.filter, asked.filter.by),
        _ranked(tasks, asked.filter, "task"),
        _worst(errors, asked.filter),
    )


def _ranked(lines: Mapping[str, Line], asked: Filter, name: str) -> list[Line]:
    """Return lines with their names and addresses, those that cost most first."""
    everything = sum(line.sums.cost_nanousd for line in lines.values()) or 1
    for key, line in lines.items():
        line.name = key or NOT_ANSWERED
        line.query = asked.query(**{name: key or UNKNOWN_PROVIDER})
        line.percent = 100 * line.sums.cost_nanousd / everything
    return sorted(lines.values(), key=lambda line: (-line.sums.cost_nanousd, -line.sums.calls, line.name))


def _worst(errors: Mapping[tuple[str, str], Line], asked: Filter) -> list[Line]:
    """Return the classes of errors, or how calls ended that have none, by how many requests and calls they cost."""
    for (error, status), line in errors.items():
        line.name = error or END_LABELS.get(status, status)
        line.query = asked.query(error=error) if error else asked.query(status=status)
    found = (line for line in errors.values() if line.sums.calls or line.sums.attempts)
    return sorted(found, key=lambda line: (-line.sums.attempts - line.sums.calls, line.name))[:TOP_ERRORS]


def _spenders(asked: Asked, everything: int) -> list[Line]:
    """Return the users who cost most, the first first; in two queries, or in three where more is told of them than cost and calls."""
    lines: dict[int, Line] = defaultdict(lambda: Line(""))
    found = read(
        since=asked.since, until=asked.until, by=["user"], only=asked.only, counted=COST_AND_CALLS, most=MOST_LINES
    )
    for cell in found:
        lines[cell.names[0]].add(CallStatus.SUCCEEDED, cell.sums)
    most = list(lines)
    if asked.filter.by == "user":
        lines = {key: Line("") for key in most}
        theirs = replace(asked.only, users=tuple(most))
        ends = read(since=asked.since, until=asked.until, by=["user", "status"], only=theirs, with_latencies=True)
        for cell in ends:
            key, status = cell.names
            lines[key].add(status, cell.sums)
    names = user_names(key for key in most if key)
    for key in most:
        line = lines[key]
        line.key = key
        line.name = names.get(key, f"account {key}") if key else NOBODY
        line.query = asked.filter.query(user=line.name)
        line.percent = 100 * line.sums.cost_nanousd / (everything or 1)
    return [lines[key] for key in most]


def _latest_failures(asked: Asked) -> list[Call]:
    found = list_calls(since=asked.since, until=asked.until, only=asked.only, statuses=FAILED, limit=LATEST_FAILURES)
    return found.calls
