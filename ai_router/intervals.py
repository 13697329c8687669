"""Intervals that hold 95 times of 100, for one look at figures that are not watched; `evidence.py` is for those that are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

# The normal quantile of 95 times of 100.
USUAL = 1.96
# Of fewer answers a rate or a mean says next to nothing.
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure, of how many values it is, and the bounds that hold the true one; None where the values cannot tell."""

    count: int
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_too_few(self) -> bool:
        """Whether so few values say next to nothing."""
        return self.count < FEWEST


def wilson(hits: float, count: float, *, quantile: float = USUAL) -> tuple[float, float]:
    """Return the bounds of a rate (Wilson, 1927): they stay within 0 and 1, and hold for few answers too."""
    share, z2 = hits / count, quantile**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = quantile * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def rate(hits: int, count: int) -> Measured:
    """Return a rate with its bounds."""
    return Measured(count, hits / count, *wilson(hits, count)) if count else Measured(0)


def mean(count: int, total: float, squares: float) -> Measured:
    """Return a mean with its bounds, from the sum of the values and that of their squares; none for few values."""
    if not count:
        return Measured(0)
    value = total / count
    if count < FEWEST:
        return Measured(count, value)
    reach = USUAL * math.sqrt(max(0.0, squares / count - value**2) / (count - 1))
    return Measured(count, value, max(0.0, value - reach), value + reach)


def percentile(groups: Sequence[tuple[float, int]], share: float) -> Measured:
    """Return a percentile with its bounds, which are values at ranks around it, whatever the distribution.

    Args:
        groups: Values in ascending order, and how many there are of each.
        share: Which percentile, from 0 to 1.
    """
    count = sum(number for _, number in groups)
    if not count:
        return Measured(0)
    reach = USUAL * math.sqrt(count * share * (1 - share))
    low, high = math.floor(count * share - reach), math.ceil(count * share + reach) + 1
    return Measured(
        count,
        _at_rank(groups, max(1, math.ceil(count * share))),
        _at_rank(groups, low) if low >= 1 else None,
        _at_rank(groups, high) if high <= count else None,
    )


def _at_rank(groups: Sequence[tuple[float, int]], rank: int) -> float:
    """Return the value at a rank, from 1."""
    ends = accumulate(number for _, number in groups)
    return next(value for (value, _), end in zip(groups, ends, strict=True) if end >= rank)
