"""What the ledger tells Prometheus. Everything is read when it is asked for, so that no call pays for it.

The figures are those of the roll-ups, into which every process of the site books in the transaction that settles a call. So
they are the whole site's, whoever answers; a process that is killed takes nothing with it, and a restart sets nothing back.

A counter must not fall, or Prometheus takes it for a restart. What the reconciler writes off does fall when its settlement
comes late, and so may what staff set right: these are gauges of their own, and in no counter.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Sum
from django.utils import timezone
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.samples import Sample

from usage.models import Alert, AlertDelivery, Call, Freeze
from usage.models.rollups import LATENCY_EDGES_MS
from usage.rollups import Sums, read
from usage.standings import list_standings
from usage.types import CORRECTION, EXPIRED, NANOUSD_PER_USD, BudgetUnit, CallStatus, DeliveryStatus

# Every second edge of the roll-ups' counters, each twice the last.
EDGES = tuple(range(0, len(LATENCY_EDGES_MS), 2))
QUANTILES = (0.5, 0.9, 0.95, 0.99)
RECENT = timedelta(minutes=5)
MOST_LINES = 5_000
KINDS = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")

# The model's name as a label, of a provider and a model as the ledger has them.
ModelLabel = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class _Cell:
    task_type: str
    provider: str
    model: str
    status: str
    error_class: str
    sums: Sums

    @property
    def is_written_off(self) -> bool:
        return self.status == CallStatus.UNKNOWN and self.error_class == EXPIRED


def ledger_metrics(model_label: ModelLabel, *, now: datetime | None = None) -> Iterator[Metric]:
    """Yield what the ledger knows; `model_label` keeps names that callers invent from growing the number of series."""
    cells = []
    for cell in read(by=["task_type", "provider", "model", "status", "error_class"], with_latencies=True):
        task_type, provider, model, status, error_class = cell.names
        cells.append(_Cell(task_type, provider, model_label(provider, model), status, error_class, cell.sums))
    yield from _counters([cell for cell in cells if not cell.is_written_off and cell.error_class != CORRECTION])
    yield from _written_off([cell for cell in cells if cell.is_written_off])
    yield GaugeMetricFamily(
        "ai_corrections_usd",
        "What staff added to the cost of calls, or took from it, in US dollars; in no counter.",
        value=sum(cell.sums.cost_nanousd for cell in cells if cell.error_class == CORRECTION) / NANOUSD_PER_USD,
    )
    yield _durations(cells)
    yield _overhead(cells, now or timezone.now())
    yield from _running()
    yield from _budgets()
    yield from _attention()


def _counters(cells: list[_Cell]) -> Iterator[Metric]:
    def counted(name: str, text: str, labels: tuple[str, ...], figure: Callable[[_Cell], float]) -> CounterMetricFamily:
        sums: dict[tuple[str, ...], float] = defaultdict(float)
        for cell in cells:
            if amount := figure(cell):
                sums[tuple(getattr(cell, label) for label in labels)] += amount
        family = CounterMetricFamily(name, text, labels=labels)
        for values, amount in sorted(sums.items()):
            family.add_metric(values, amount)
        return family

    who = ("task_type", "provider", "model")
    yield counted(
        "ai_requests",
        "Calls that have ended, by who gave the answer.",
        (*who, "status"),
        lambda cell: cell.sums.calls,
    )
    yield counted(
        "ai_attempts",
        "Requests that were sent to providers, failed ones and hedges included.",
        ("provider", "model", "status", "error_class"),
        lambda cell: cell.sums.attempts,
    )
    tokens = CounterMetricFamily(
        "ai_tokens_used", "Tokens, each counted in one kind.", labels=("provider", "model", "kind")
    )
    for kind in KINDS:
        for labels, amount in _added(cells, kind).items():
            tokens.add_metric((*labels, kind.removesuffix("_tokens")), amount)
    yield tokens
    yield counted(
        "ai_cost_usd",
        "What attempts of known price cost, in US dollars.",
        who,
        lambda cell: cell.sums.cost_nanousd / NANOUSD_PER_USD,
    )
    task = ("task_type",)
    yield counted("ai_cache_hits", "Calls that a cache answered.", task, lambda cell: cell.sums.cache_hits)
    yield counted("ai_cache_misses", "Calls that asked a cache in vain.", task, lambda cell: cell.sums.cache_misses)
    yield counted(
        "ai_cache_saved_usd",
        "What the answers of caches cost when they were first given, in US dollars.",
        task,
        lambda cell: cell.sums.saved_nanousd / NANOUSD_PER_USD,
    )
    yield counted(
        "ai_unpriced_calls",
        "Attempts whose price is unknown, which are in no cost.",
        ("provider", "model"),
        lambda cell: cell.sums.unpriced_attempts,
    )


def _added(cells: list[_Cell], name: str) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for cell in cells:
        if amount := getattr(cell.sums, name):
            sums[cell.provider, cell.model] += amount
    return dict(sorted(sums.items()))


def _written_off(cells: list[_Cell]) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "ai_written_off_calls",
        "Calls whose process died before it could book them; less when one is settled after all.",
        value=sum(cell.sums.calls for cell in cells),
    )
    yield GaugeMetricFamily(
        "ai_written_off_usd",
        "What was held for these calls and counts as their cost, in US dollars.",
        value=sum(cell.sums.cost_nanousd for cell in cells) / NANOUSD_PER_USD,
    )


def _durations(cells: list[_Cell]) -> Metric:
    """Return how long calls took that no cache answered."""
    counts: dict[tuple[str, str], list[int]] = {}
    times: dict[tuple[str, str], int] = defaultdict(int)
    for cell in cells:
        if any(cell.sums.latencies):
            key = cell.provider, cell.model
            before = counts.get(key, [0] * len(cell.sums.latencies))
            counts[key] = [one + other for one, other in zip(before, cell.sums.latencies, strict=True)]
            times[key] += cell.sums.latency_ms
    family = HistogramMetricFamily(
        "ai_response_duration_seconds",
        "From the caller's question to the booked answer; answers of caches are left out.",
        labels=("provider", "model"),
    )
    for key, latencies in sorted(counts.items()):
        buckets = [(str(LATENCY_EDGES_MS[edge] / 1000), float(sum(latencies[: edge + 1]))) for edge in EDGES]
        family.add_metric(key, [*buckets, ("+Inf", float(sum(latencies)))], sum_value=times[key] / 1000)
    return family


def _overhead(cells: list[_Cell], now: datetime) -> Metric:
    """Return the router's own time: sum and count of all calls, quantiles of those of the last minutes."""
    family = SummaryMetricFamily(
        "ai_router_overhead_seconds",
        "The router's own time in a call: all of it but the waiting for providers. Quantiles are of the last 5 minutes.",
        count_value=sum(cell.sums.overhead_calls for cell in cells),
        sum_value=sum(cell.sums.overhead_us for cell in cells) / 1_000_000,
    )
    lines = Call.objects.order_by("-created_at").filter(created_at__gte=now - RECENT, overhead_us__isnull=False)
    times = sorted(took or 0 for took in lines.values_list("overhead_us", flat=True)[:MOST_LINES])
    for quantile in QUANTILES if times else ():
        value = times[min(len(times) - 1, int(quantile * len(times)))] / 1_000_000
        family.samples.append(Sample(family.name, {"quantile": str(quantile)}, value))
    return family


def _running() -> Iterator[Metric]:
    """Yield what is under way: calls, and what is held for them."""
    active = GaugeMetricFamily("ai_active_requests", "Calls that are running, in all processes.", labels=("task_type",))
    held = 0
    running = Call.objects.filter(status=CallStatus.OPEN).order_by("task_type").values_list("task_type")
    for task_type, calls, amount in running.annotate(calls=Count("pk"), amount=Sum("held_nanousd")):
        active.add_metric((task_type,), calls)
        held += amount
    yield active
    yield GaugeMetricFamily(
        "ai_held_usd", "What is held for running calls, in US dollars.", value=held / NANOUSD_PER_USD
    )


def _budgets() -> Iterator[Metric]:
    """Yield how shared budgets stand; those for each user would be a series for each of them."""
    texts = {
        "limit": "Limits of shared budgets with their raises, in US dollars.",
        "spent": "What is spent of shared budgets in their period, in US dollars.",
        "held": "What running calls hold of shared budgets, in US dollars.",
        "left": "What shared budgets leave, in US dollars; below zero where more was billed than held.",
    }
    families = {
        name: GaugeMetricFamily(f"ai_budget_{name}_usd", text, labels=("budget",)) for name, text in texts.items()
    }
    for standing in list_standings():
        if standing.budget.unit != BudgetUnit.MONEY:
            continue
        amounts = {
            "limit": standing.limit_nanousd,
            "spent": standing.spent_nanousd,
            "held": standing.held_nanousd,
            "left": standing.limit_nanousd - standing.used_nanousd,
        }
        for name, amount in amounts.items():
            families[name].add_metric((standing.budget.name,), amount / NANOUSD_PER_USD)
    yield from families.values()


def _attention() -> Iterator[Metric]:
    """Yield what the watch has found and done."""
    alerts = GaugeMetricFamily("ai_alerts_open", "Alerts that are not over.", labels=("level",))
    for level, count in Alert.objects.open().order_by("level").values_list("level").annotate(count=Count("pk")):
        alerts.add_metric((level,), count)
    yield alerts
    yield GaugeMetricFamily("ai_freezes", "Stops in force.", value=Freeze.objects.in_force(timezone.now()).count())
    waiting = AlertDelivery.objects.filter(status=DeliveryStatus.WAITING).count()
    yield GaugeMetricFamily("ai_alert_messages_waiting", "Messages about alerts that are not sent yet.", value=waiting)
