"""How well the AI calls of the last minutes went: a score of 0 to 100, for the whole and for each provider.

    score = 100 − errors (at most 40) − latency (30) − cache (10) − anomalies (20)

    errors     40 × share of the attempts that failed through their provider's fault ÷ ½: half of them cost all 40
    latency    30 × (95th percentile ÷ the usual one − 1) ÷ 2: three times the usual costs all 30
    cache      10 × (1 − share of the calls answered from the cache ÷ the usual share); nothing where it is not used
    anomalies  5 for each attempt of unknown price, call written off, open breaker and refused key, 20 at most

The last `RECENT_MINUTES` are compared with the `USUAL_HOURS` before them. Attempts and calls come from the ledger, so all
processes count; where it cannot be read, from what this process remembers, and nothing is usual. Breakers and keys are
as this process knows them. What is known from too little (`MIN_ATTEMPTS`) costs nothing but its errors.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Count, Q
from django.utils import timezone

from ai_router.failures import FAILURES, Rests
from usage.models import Attempt, Call
from usage.types import CORRECTION, EMBEDDED_PROVIDER, AttemptRecord, AttemptStatus, CallStatus

RECENT_MINUTES = 15
USUAL_HOURS = 24
MIN_ATTEMPTS = 10
# The most lines that are read for one look.
MAX_LINES = 5_000

# Names of failures that are the provider's, or its key's.
PROVIDER_FAULTS = frozenset(
    kind.__name__ for kind, rule in FAILURES.items() if rule.harm or rule.rests is not Rests.NOTHING
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One attempt as it counts here."""

    provider: str
    model: str
    duration_ms: int
    error_class: str
    status: str
    cost_nanousd: int | None
    at: datetime

    @property
    def is_answered(self) -> bool:
        """Whether its answer was accepted."""
        return self.status == AttemptStatus.SUCCEEDED

    @property
    def is_unpriced(self) -> bool:
        """Whether nobody knows what it cost."""
        return self.cost_nanousd is None

    @property
    def is_fault(self) -> bool:
        """Whether it failed through the provider's fault."""
        return self.error_class in PROVIDER_FAULTS


@dataclass(frozen=True, slots=True)
class Recent:
    """What happened in the last minutes, and what is usual."""

    samples: tuple[Sample, ...] = ()
    usual: tuple[Sample, ...] = ()
    cached_share: float = 0.0
    usual_cached_share: float = 0.0
    written_off: int = 0
    is_from_ledger: bool = True


@dataclass(frozen=True, slots=True)
class Health:
    """A score and what was taken off for what."""

    errors: float = 0.0
    latency: float = 0.0
    cache: float = 0.0
    anomalies: float = 0.0

    @property
    def score(self) -> int:
        """What is left of 100."""
        return max(0, round(100 - self.errors - self.latency - self.cache - self.anomalies))


@dataclass(frozen=True, slots=True)
class Speed:
    """Percentiles of the answers' durations; None where nobody answered."""

    p50_ms: int | None = None
    p95_ms: int | None = None
    known_from: int = field(default=0, repr=False)


def judge(recent: Recent, *, provider: str = "", anomalies: int = 0) -> Health:
    """Return the health of a provider, or of the whole; `anomalies` are open breakers and refused keys."""
    samples = [sample for sample in recent.samples if not provider or sample.provider == provider]
    usual = [sample for sample in recent.usual if not provider or sample.provider == provider]
    faults = sum(sample.is_fault for sample in samples)
    unpriced = sum(sample.is_unpriced for sample in samples)
    found = anomalies + unpriced + (0 if provider else recent.written_off)
    return Health(
        errors=_part(40, faults / len(samples) / 0.5) if samples else 0.0,
        latency=_latency(samples, usual),
        cache=0.0 if provider else _cache(recent),
        anomalies=_part(20, found / 4),
    )


def judge_models(recent: Recent, *, broken: Collection[tuple[str, str]] = ()) -> dict[tuple[str, str], Health]:
    """Return the health of each model that was asked, or that has an open breaker (`broken`), by provider and model."""
    samples: dict[tuple[str, str], list[Sample]] = {key: [] for key in broken}
    usual: dict[tuple[str, str], list[Sample]] = {}
    for sample in recent.samples:
        samples.setdefault((sample.provider, sample.model), []).append(sample)
    for sample in recent.usual:
        usual.setdefault((sample.provider, sample.model), []).append(sample)
    return {
        key: judge(
            replace(recent, samples=tuple(samples[key]), usual=tuple(usual.get(key, ()))),
            provider=key[0],
            anomalies=int(key in broken),
        )
        for key in sorted(samples)
    }


def speed(samples: Iterable[Sample]) -> Speed:
    """Return the percentiles of what was answered."""
    times = sorted(sample.duration_ms for sample in samples if sample.is_answered and sample.duration_ms)
    if not times:
        return Speed()
    return Speed(times[len(times) // 2], times[min(len(times) - 1, int(0.95 * len(times)))], len(times))


def look_back(remembered: Sequence[AttemptRecord] = (), *, now: datetime | None = None) -> Recent:
    """Read the last minutes from the ledger, else from what the process remembers."""
    now = now or timezone.now()
    since = now - timedelta(minutes=RECENT_MINUTES)
    try:
        return _from_ledger(since)
    except DatabaseError:
        samples = (_sample_of(record) for record in remembered)
        return Recent(tuple(sample for sample in samples if sample.at >= since), is_from_ledger=False)


def _part(most: float, share: float) -> float:
    return most * min(1.0, max(0.0, share))


def _latency(samples: Sequence[Sample], usual: Sequence[Sample]) -> float:
    """Compare the slow answers with the slow ones of before; rules answer at once and would hide what is slow."""
    here, before = (speed(s for s in some if s.provider != EMBEDDED_PROVIDER) for some in (samples, usual))
    if min(here.known_from, before.known_from) < MIN_ATTEMPTS or not here.p95_ms or not before.p95_ms:
        return 0.0
    return _part(30, (here.p95_ms / before.p95_ms - 1) / 2)


def _cache(recent: Recent) -> float:
    if recent.usual_cached_share <= 0 or len(recent.samples) < MIN_ATTEMPTS:
        return 0.0
    return _part(10, 1 - recent.cached_share / recent.usual_cached_share)


def _from_ledger(since: datetime) -> Recent:
    before = since - timedelta(hours=USUAL_HOURS)
    fields = ("provider", "model", "duration_ms", "error_class", "status", "cost_nanousd", "started_at")
    lines = Attempt.objects.exclude(error_class=CORRECTION).order_by("-call__created_at")
    read = lines.filter(call__created_at__gte=since).values_list(*fields)[:MAX_LINES]
    usual = lines.filter(call__created_at__gte=before, call__created_at__lt=since).values_list(*fields)[:MAX_LINES]
    calls = Call.objects.order_by().filter(created_at__gte=before)
    is_recent = Q(created_at__gte=since)
    counts = calls.aggregate(
        recent=Count("pk", filter=is_recent),
        cached=Count("pk", filter=is_recent & Q(is_cached=True)),
        usual=Count("pk", filter=~is_recent),
        usual_cached=Count("pk", filter=~is_recent & Q(is_cached=True)),
        written_off=Count("pk", filter=is_recent & Q(status=CallStatus.UNKNOWN)),
    )
    return Recent(
        tuple(Sample(*line) for line in read),
        tuple(Sample(*line) for line in usual),
        counts["cached"] / max(1, counts["recent"]),
        counts["usual_cached"] / max(1, counts["usual"]),
        counts["written_off"],
    )


def _sample_of(record: AttemptRecord) -> Sample:
    """Read an attempt that the process remembers."""
    return Sample(
        record.provider,
        record.model,
        record.duration_ms,
        record.error_class,
        record.status,
        record.cost_nanousd,
        record.started_at,
    )
