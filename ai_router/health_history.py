"""Keeps how well providers and models did, a point every quarter of an hour for three months, and reads it for plots.

Each point is the score of the `RECENT_MINUTES` before it (see `ai_router.health`), so the points together leave no minute out.
Breakers and keys are as the worker knows them that wrote it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Avg, Max, Min, Sum
from django.db.models.functions import TruncDay, TruncHour
from django.utils import timezone

from ai_router.health import RECENT_MINUTES, Health, Recent, Sample, judge_models, look_back, speed
from ai_router.metrics import model_labels
from ai_router.models import HealthPoint
from ai_router.status import RouterStatus, status
from usage.metrics import ModelLabel
from usage.watch import take_turn

KEPT = timedelta(days=92)
# Up to this long a history is told point by point, above by the hour, above that by the day.
POINTS_UP_TO, HOURS_UP_TO = timedelta(days=1), timedelta(days=7)
POOR, BAD = 90, 70


@dataclass(frozen=True, slots=True)
class Span:
    """A quarter of an hour, an hour or a day: its lowest and its mean score, and what was asked in it."""

    start: datetime
    lowest: int
    mean: float
    requests: int
    failures: int
    p95_ms: int | None

    @property
    def missing(self) -> int:
        """What the lowest score lacks to 100."""
        return 100 - self.lowest

    @property
    def level(self) -> str:
        """`good`, `poor` or `bad`, by the lowest score."""
        return "bad" if self.lowest < BAD else "poor" if self.lowest < POOR else "good"


@dataclass(frozen=True, slots=True)
class History:
    """The spans of a provider (`model` empty), of one of its models, or of the whole (both empty), oldest first."""

    provider: str
    model: str
    spans: list[Span]

    @property
    def name(self) -> str:
        """Whose it is, for people."""
        return self.model or self.provider or "All together"

    @property
    def last(self) -> Span:
        """The latest."""
        return self.spans[-1]

    @property
    def lowest(self) -> int:
        """The lowest score of all."""
        return min(span.lowest for span in self.spans)

    @property
    def requests(self) -> int:
        """What was asked in all of it."""
        return sum(span.requests for span in self.spans)

    @property
    def failures(self) -> int:
        """What failed of it through the provider's fault."""
        return sum(span.failures for span in self.spans)


def note_health_in_turn() -> None:
    """Keep a point where a quarter of an hour has passed, and no other worker has done so."""
    if take_turn("health", RECENT_MINUTES * 60):
        note_health()


def note_health(*, now: datetime | None = None) -> int:
    """Keep how everybody does now, and forget what is older than is kept; returns how many points were written."""
    now = now or timezone.now()
    label = model_labels()
    recent = look_back(now=now)
    recent = replace(recent, samples=_labelled(recent.samples, label), usual=_labelled(recent.usual, label))
    found = list(_points(recent, status(recent=recent), now, label))
    HealthPoint.objects.bulk_create(found, ignore_conflicts=True)
    HealthPoint.objects.filter(at__lt=now - KEPT).delete()
    return len(found)


def read_history(*, since: datetime, until: datetime | None = None, of_models: bool = True) -> list[History]:
    """Return the histories of a period, in one query: the whole first, then each provider with its models behind it."""
    until = until or timezone.now()
    points = HealthPoint.objects.filter(at__gte=since, at__lte=until).order_by()
    if not of_models:
        points = points.filter(model="")
    # What began a moment ago is no longer for that.
    length = until - since - timedelta(minutes=1)
    if length > POINTS_UP_TO:
        start = TruncHour("at") if length <= HOURS_UP_TO else TruncDay("at")
        points = points.annotate(start=start)
    rows = points.values_list("provider", "model", "at" if length <= POINTS_UP_TO else "start").annotate(
        Min("score"), Avg("score"), Sum("requests"), Sum("failures"), Max("p95_ms")
    )
    histories: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for provider, model, start, *figures in rows.order_by(
        "provider", "model", "at" if length <= POINTS_UP_TO else "start"
    ):
        histories[provider, model].append(Span(start, *figures))
    return [History(provider, model, spans) for (provider, model), spans in histories.items()]


def _labelled(samples: tuple[Sample, ...], label: ModelLabel) -> tuple[Sample, ...]:
    return tuple(replace(sample, model=label(sample.provider, sample.model)) for sample in samples)


def _points(recent: Recent, found: RouterStatus, now: datetime, label: ModelLabel) -> Iterator[HealthPoint]:
    """Return what is kept of a look."""
    if recent.samples:
        yield _point(now, "", "", found.health, recent.samples)
    broken: set[tuple[str, str]] = set()
    for provider in found.providers:
        if provider.requests or (provider.state != "off" and provider.health.score < 100):
            own = tuple(sample for sample in recent.samples if sample.provider == provider.name)
            yield _point(now, provider.name, "", provider.health, own)
        broken |= {(provider.name, label(provider.name, breaker.model)) for breaker in provider.breakers}
    for (name, model), health in judge_models(recent, broken=broken).items():
        own = tuple(sample for sample in recent.samples if (sample.provider, sample.model) == (name, model))
        yield _point(now, name, model, health, own)


def _point(now: datetime, provider: str, model: str, health: Health, samples: tuple[Sample, ...]) -> HealthPoint:
    fast = speed(samples)
    return HealthPoint(
        at=now,
        provider=provider,
        model=model,
        score=health.score,
        errors=round(health.errors, 2),
        latency=round(health.latency, 2),
        anomalies=round(health.anomalies, 2),
        requests=len(samples),
        failures=sum(sample.is_fault for sample in samples),
        p50_ms=fast.p50_ms,
        p95_ms=fast.p95_ms,
    )
