"""When a slow request is helped by a second one: delays that are learned, and the bound on what this may cost.

A hedge is the next candidate's turn, begun early. Who commits first (shows text, or where nothing is shown, has an
accepted answer) wins. The other is booked at what it used: a stream is closed, a whole answer comes to its end behind the
winner's, as its provider bills it anyway. "The Tail at Scale" (Dean and Barroso, CACM 2013).
"""

import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from ai_router.failures import Allowance
from ai_router.recent import Recent
from ai_router.steps import Step

HEDGES_SHARE = 0.05
QUANTILE = 0.95
KEPT_TIMES = 200
MIN_TIMES = 20
# Below this nobody notices, and a busy machine alone can take as long.
FLOOR_SECONDS = 0.1
# Whoever is silent for so many times the delay is taken for dead: the next candidate begins whatever that costs.
DEAD_FACTOR = 3.0
# So many whole answers that have lost may come to their end at the same time; the others are closed.
MOST_LOSERS = 16
# How long a stream that has lost is still read, for what is on its way.
DRAIN_SECONDS = 0.05
# Before anything is learned a candidate may be silent for this share of the time that its first token, or its whole answer,
# may take, so that the next one is asked in the first fifth of that. Nobody is blamed for it: it may well be usual.
DEFAULT_SHARE = 0.06
# A shorter silence is no proof: a process that is busy itself hears nobody for as long.
LEAST_DEAD_SECONDS = 1.0
# How often to look again while nothing is learned.
LOOK_SECONDS = 0.25


class LostError(Exception):
    """Ends the turn of a candidate whose hedge was faster, or of a hedge that was slower; its line is written."""


@dataclass(frozen=True, slots=True)
class Loss:
    """How a request lost against its hedge: the delay of the hedge, and how long it had been silent.

    `is_usual` says whether the delay is one that was set or learned, not the one with which everybody begins.
    """

    patience: float
    elapsed: float
    is_usual: bool = True

    @property
    def is_death(self) -> bool:
        """Whether it is taken for dead, not only for slow, so that the circuit breaker counts it."""
        return self.is_usual and self.elapsed >= max(LEAST_DEAD_SECONDS, DEAD_FACTOR * self.patience)


@dataclass(slots=True)
class Times:
    """How long the last answers took, and the delay that was worked out from those that were known then."""

    last: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_TIMES))
    count: int = 0
    delay: float = 0.0
    counted_at: int = 0


class Hedging:
    """How long answers take at each candidate, and how much may be spent on hedges: one request in twenty."""

    def __init__(self) -> None:
        """Start without experience and without an allowance."""
        self.allowance = Allowance(share=HEDGES_SHARE, start=0.0, bound=5.0)
        self.losers = 0
        self._times: Recent[Hashable, Times] = Recent(Times)

    def learn(self, key: Hashable, seconds: float) -> None:
        """Keep how long it took until the first token, or the whole answer.

        Of one that was closed because its hedge was faster it is only known that it took longer than the delay: the delay
        is kept, so that the quantile stays where it is. One that was taken for dead teaches nothing.
        """
        times = self._times.of(key)
        times.last.append(seconds)
        times.count += 1

    def delay(self, key: Hashable) -> float | None:
        """Return how long to wait before a hedge, the 95th percentile of the last times; None while too few are known."""
        times = self._times.get(key)
        if times is None or times.count < MIN_TIMES:
            return None
        if not times.counted_at or times.count - times.counted_at >= MIN_TIMES // 2:
            ordered = sorted(times.last)
            times.delay = max(FLOOR_SECONDS, ordered[math.ceil(QUANTILE * len(ordered)) - 1])
            times.counted_at = times.count
        return times.delay

    def may_spend(self, first: Step, second: Step) -> bool:
        """Take one hedge out of the allowance: it counts as many requests as it costs times as much."""
        return self.allowance.spend(_weight(first, second))


def _weight(first: Step, second: Step) -> float:
    """Return how much dearer the second is than the first, at least 1; unknown prices count once."""
    if not first.expected_nanousd or second.expected_nanousd is None:
        return 1.0
    return max(1.0, second.expected_nanousd / first.expected_nanousd)
