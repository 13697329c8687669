"""How fast each candidate answers just now: a peak-sensitive moving average of the first token and of each further one.

A slower sample counts at once, a faster one only bit by bit, so that a candidate in trouble is left early and comes back
gradually. What is kept is a few numbers a candidate, bounded, in this process; where the cache is Redis, processes share
them every few seconds.

Source of the average: Twitter's Finagle, `PeakEwma`, which weighs by the time between two samples.
"""

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache

from ai_router.types import Candidate
from usage.types import AttemptRecord, AttemptStatus

logger = logging.getLogger(__name__)

Shared = dict[Candidate, tuple[float, float, float]]
# After this many seconds a sample has lost about two thirds of its weight.
DECAY_SECONDS = 30.0
# A measure that is older is as good as none.
STALE_SECONDS = 600.0
# An answer that came whole does not say when it began: its wait is taken for that of this many tokens.
TOKENS_BEFORE_FIRST = 50
SHARED_SECONDS = 5.0
SHARED_KEY = "ai_router:latency"
MAX_CANDIDATES = 500


@dataclass(slots=True)
class Measure:
    """Seconds until the first token and for each further one, and when they were last seen (seconds since 1970)."""

    first: float
    per_token: float
    seen_at: float

    def add(self, first: float, per_token: float, now: float) -> None:
        """Take a sample in: at once where it is slower, in part where it is faster."""
        kept = math.exp(-max(0.0, now - self.seen_at) / DECAY_SECONDS)
        self.first = _peak(self.first, first, kept)
        self.per_token = _peak(self.per_token, per_token, kept)
        self.seen_at = now


def _peak(old: float, sample: float, kept: float) -> float:
    return sample if sample >= old else old * kept + sample * (1 - kept)


class Latencies:
    """The measures of this process."""

    def __init__(self) -> None:
        """Start with none."""
        self._measures: OrderedDict[Candidate, Measure] = OrderedDict()
        self._lock = threading.Lock()
        self._shared_at = 0.0

    def observe(self, attempts: Iterable[AttemptRecord], *, now: float | None = None) -> None:
        """Take in how long attempts took; one that failed only counts where it took longer than was expected."""
        moment = time.time() if now is None else now
        with self._lock:
            for attempt in attempts:
                self._observe(attempt, moment)
        self._share(moment)

    def expected_seconds(self, candidate: Candidate, *, output_tokens: int, now: float | None = None) -> float | None:
        """Return how long an answer of so many tokens takes; None where nobody has measured it lately."""
        moment = time.time() if now is None else now
        measure = self._measures.get(candidate)
        if measure is None or moment - measure.seen_at > STALE_SECONDS:
            return None
        return measure.first + measure.per_token * output_tokens

    def forget(self) -> None:
        """Forget every measure."""
        with self._lock:
            self._measures.clear()
            self._shared_at = 0.0

    def _observe(self, attempt: AttemptRecord, now: float) -> None:
        candidate = Candidate(attempt.provider, attempt.model)
        known = self._measures.get(candidate)
        if not attempt.duration_ms:
            # Nobody knows how long a provider worked on a request of a batch.
            return
        duration = attempt.duration_ms / 1000
        if attempt.status in {AttemptStatus.FAILED, AttemptStatus.CANCELLED}:
            if known is not None and duration > known.first:
                known.add(duration, known.per_token, now)
            return
        first, per_token = _split(attempt, duration)
        if known is None:
            self._measures[candidate] = Measure(first, per_token, now)
            if len(self._measures) > MAX_CANDIDATES:
                self._measures.popitem(last=False)
        else:
            known.add(first, per_token, now)
            self._measures.move_to_end(candidate)

    def _share(self, now: float) -> None:
        """Every few seconds, where several processes have one cache, take over what others saw later and leave ours."""
        if now - self._shared_at < SHARED_SECONDS or not is_shared():
            return
        self._shared_at = now
        from redis.exceptions import RedisError

        try:
            cache.set(SHARED_KEY, self._merge(cache.get(SHARED_KEY) or {}, now), int(STALE_SECONDS))
        except RedisError:
            logger.warning("How fast providers are could not be shared between processes", exc_info=True)

    def _merge(self, theirs: Shared, now: float) -> Shared:
        """Take over what others saw later, and return what is fresh."""
        with self._lock:
            for candidate, (first, per_token, seen_at) in theirs.items():
                ours = self._measures.get(candidate)
                if ours is None or seen_at > ours.seen_at:
                    self._measures[candidate] = Measure(first, per_token, seen_at)
            while len(self._measures) > MAX_CANDIDATES:
                self._measures.popitem(last=False)
            return {
                candidate: (measure.first, measure.per_token, measure.seen_at)
                for candidate, measure in self._measures.items()
                if now - measure.seen_at <= STALE_SECONDS
            }


def is_shared() -> bool:
    """Whether the site's processes have one cache."""
    return "redis" in settings.CACHES["default"]["BACKEND"].lower()


def _split(attempt: AttemptRecord, duration: float) -> tuple[float, float]:
    """Return the seconds until the first token and for each further one."""
    tokens = max(1, attempt.usage.total_output_tokens)
    if attempt.first_token_ms is not None:
        first = attempt.first_token_ms / 1000
        return first, max(0.0, duration - first) / tokens
    unit = duration / (tokens + TOKENS_BEFORE_FIRST)
    return unit * TOKENS_BEFORE_FIRST, unit


LATENCIES = Latencies()
