"""When a slow request is helped by a second one: delays that are learned, and the bound on what this may cost.

A hedge is the next candidate's turn, begun early. Who commits first (shows text, or where nothing is shown, has an
accepted answer) wins; the other is cancelled and booked at what it used. "The Tail at Scale" (Dean and Barroso, CACM 2013).
"""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass

from ai_router.failures import Allowance
from ai_router.steps import Step

HEDGES_SHARE = 0.05
QUANTILE = 0.95
KEPT_TIMES = 200
MIN_TIMES = 20
# Below this nobody notices, and a busy machine alone can take as long.
FLOOR_SECONDS = 0.1
# Whoever is silent for so many times the delay is taken for dead: the next candidate begins whatever that costs.
DEAD_FACTOR = 3.0
# How often to look again while nothing is learned.
LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Loss:
    """How a request lost against its hedge: the delay of the hedge, and how long it had been silent."""

    patience: float
    elapsed: float

    @property
    def is_death(self) -> bool:
        """Whether it is taken for dead, not only for slow."""
        return self.elapsed >= DEAD_FACTOR * self.patience


class Hedging:
    """How long answers take at each candidate, and how much may be spent on hedges: one request in twenty."""

    def __init__(self) -> None:
        """Start without experience and without an allowance."""
        self.allowance = Allowance(share=HEDGES_SHARE, start=0.0, bound=5.0)
        self._times: dict[Hashable, deque[float]] = {}
        self._delays: dict[Hashable, tuple[int, float]] = {}
        self._counts: dict[Hashable, int] = {}

    def learn(self, key: Hashable, seconds: float) -> None:
        """Keep how long it took until the first token, or the whole answer.

        Of one that lost against its hedge it is only known that it took longer than the delay: the delay is kept, so that
        the quantile stays where it is. One that was taken for dead teaches nothing.
        """
        self._times.setdefault(key, deque(maxlen=KEPT_TIMES)).append(seconds)
        self._counts[key] = self._counts.get(key, 0) + 1

    def delay(self, key: Hashable) -> float | None:
        """Return how long to wait before a hedge, the 95th percentile of the last times; None while too few are known."""
        count = self._counts.get(key, 0)
        if count < MIN_TIMES:
            return None
        kept_at, kept = self._delays.get(key, (0, 0.0))
        if not kept_at or count - kept_at >= MIN_TIMES // 2:
            times = sorted(self._times[key])
            kept = max(FLOOR_SECONDS, times[min(len(times) - 1, int(QUANTILE * len(times)))])
            self._delays[key] = (count, kept)
        return kept

    def may_spend(self, first: Step, second: Step) -> bool:
        """Take one hedge out of the allowance: it counts as many requests as it costs times as much."""
        return self.allowance.spend(_weight(first, second))


def _weight(first: Step, second: Step) -> float:
    """Return how much dearer the second is than the first, at least 1; unknown prices count once."""
    if not first.expected_nanousd or second.expected_nanousd is None:
        return 1.0
    return max(1.0, second.expected_nanousd / first.expected_nanousd)
