"""Statistics that stay valid however often they are looked at: rates by exact martingales, means by asymptotic intervals.

Rates: the likelihood of the outcomes, mixed over Beta(½, ½), against that of one rate p is a martingale where p is true, so
it ever reaches 1/α with chance α at most (Ville's inequality). The rates under which it has not are the interval; the pair
of arms is tested by the product of both martingales at the rates of the null hypothesis that make it smallest. Sources:
Robbins, "Statistical methods related to the law of the iterated logarithm", 1970; Howard, Ramdas, McAuliffe and Sekhon,
"Time-uniform, nonparametric, nonasymptotic confidence sequences", 2021; Wasserman, Ramdas and Balakrishnan, "Universal
inference", 2020.

Means: the normal mixture of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and
asymptotic confidence sequences", 2024. It holds for large samples, so nothing is said of fewer than `FEWEST_VALUES`.
"""

import math
from dataclasses import dataclass

# Where the interval of a mean is tightest, in values.
TIGHTEST_AT = 500
FEWEST_VALUES = 50
BISECTIONS = 50


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of some answers did well."""

    hits: int
    misses: int

    @property
    def count(self) -> int:
        """How many there are."""
        return self.hits + self.misses

    @property
    def share(self) -> float:
        """The share that did well; 0 of none."""
        return self.hits / self.count if self.count else 0.0

    def log_evidence(self, rate: float) -> float:
        """Return the logarithm of the evidence against this being the true rate."""
        half = math.lgamma(0.5)
        mixed = math.lgamma(self.hits + 0.5) + math.lgamma(self.misses + 0.5) - math.lgamma(self.count + 1) - 2 * half
        return mixed - _times_log(self.hits, rate) - _times_log(self.misses, 1 - rate)

    def interval(self, alpha: float) -> tuple[float, float]:
        """Return the bounds that hold the true rate at all times, but with chance `alpha`."""
        if not self.count:
            return 0.0, 1.0
        bound = -math.log(alpha)
        return self._edge(0.0, bound), self._edge(1.0, bound)

    def _edge(self, out: float, bound: float) -> float:
        """Return where the evidence reaches the bound, between a rate that may be out and the one that was seen."""
        if self.log_evidence(out) < bound:
            return out
        within = self.share
        for _ in range(BISECTIONS):
            middle = (out + within) / 2
            if self.log_evidence(middle) < bound:
                within = middle
            else:
                out = middle
        return out


@dataclass(frozen=True, slots=True)
class Mean:
    """How many values there are, their sum, and the sum of their squares."""

    count: int
    total: float
    squares: float

    @property
    def value(self) -> float:
        """The mean; 0 of none."""
        return self.total / self.count if self.count else 0.0

    def interval(self, alpha: float) -> tuple[float, float] | None:
        """Return the bounds that hold the true mean at all times, but with a chance of about `alpha`; None of too few."""
        if self.count < FEWEST_VALUES:
            return None
        variance = max(0.0, self.squares / self.count - self.value**2)
        spread = -2 * math.log(alpha)
        rho2 = (spread + math.log(spread + 1)) / TIGHTEST_AT
        scale = self.count * rho2 + 1
        reach = math.sqrt(variance * 2 * scale / (self.count**2 * rho2) * math.log(math.sqrt(scale) / alpha))
        return self.value - reach, self.value + reach


def is_higher(one: Rate, other: Rate, *, alpha: float) -> bool:
    """Whether one rate is certainly higher than the other; wrongly so with chance `alpha` at most, over all looks together.

    Where the first share is the higher one, two rates that are not in that order explain it best if both are the pooled rate.
    """
    if not one.count or not other.count or one.share <= other.share:
        return False
    pooled = (one.hits + other.hits) / (one.count + other.count)
    return one.log_evidence(pooled) + other.log_evidence(pooled) >= -math.log(alpha)


def is_above(rate: Rate, bound: float, *, alpha: float) -> bool:
    """Whether a rate is certainly above a bound; wrongly so with chance `alpha` at most, over all looks together."""
    return rate.share > bound and rate.log_evidence(bound) >= -math.log(alpha)


def is_lower(one: Mean, other: Mean, *, alpha: float) -> bool:
    """Whether one mean is certainly lower than the other: their intervals do not meet, each at half of `alpha`."""
    mine, others = one.interval(alpha / 2), other.interval(alpha / 2)
    return mine is not None and others is not None and mine[1] < others[0]


def _times_log(count: int, rate: float) -> float:
    """Return `count · log(rate)`, where nothing times the logarithm of zero is nothing."""
    if not count:
        return 0.0
    return count * math.log(rate) if rate > 0 else -math.inf
