"""From which similarity on may a kept answer serve another wording? Decided from outcomes, with a bound on the error.

Every near entry whose request was answered for real gives a label: would the kept answer have been right? For each of a
few fixed thresholds the labels at or above it test the hypothesis "the rate of wrong answers is δ or more" with a mixture
martingale (a Beta prior below δ over the rate; Robbins 1970, Howard et al. 2021): by Ville's inequality it exceeds 1/α with
a probability of at most α however often one looks, so the test may be repeated after each label. α is shared out among the
thresholds (Bonferroni). Below that evidence nothing is served.
"""

from collections.abc import Sequence
from math import lgamma, log

# Similarities that may be thresholds, and the bands between them that labels are counted in.
THRESHOLDS = (0.75, 0.80, 0.85, 0.90, 0.93, 0.96)
ALPHA = 0.05
PRIOR_ERRORS = 0.25
PRIOR_SHARE = 0.2


def band_of(similarity: float) -> int | None:
    """Return the band of a similarity; None below the lowest threshold."""
    reached = [number for number, threshold in enumerate(THRESHOLDS) if similarity >= threshold]
    return reached[-1] if reached else None


def lowest_threshold(outcomes: Sequence[tuple[int, int]], *, bound: float, alpha: float = ALPHA) -> float | None:
    """Return the lowest threshold from which on the rate of wrong answers is below `bound`; None where none is proven.

    Args:
        outcomes: For each band, how many kept answers were right, and how many wrong.
        bound: δ, the rate of wrong answers that is tolerated.
        alpha: How probable it may be, at most, that a threshold is let through wrongly.
    """
    right = wrong = 0
    proven: float | None = None
    for threshold, (more_right, more_wrong) in reversed(list(zip(THRESHOLDS, outcomes, strict=True))):
        right, wrong = right + more_right, wrong + more_wrong
        if is_proven(right, wrong, bound=bound, alpha=alpha / len(THRESHOLDS)):
            proven = threshold
    return proven


def is_proven(right: int, wrong: int, *, bound: float, alpha: float) -> bool:
    """Whether so many labels prove that the rate of wrong ones is below the bound, at level `alpha`, looked at any time."""
    labels = right + wrong
    if not labels or wrong / labels >= bound:
        return False
    # A prior whose mean is a fifth of the bound: labels without an error prove it soonest.
    other = PRIOR_ERRORS / (PRIOR_SHARE * bound)
    evidence = _log_beta(wrong + PRIOR_ERRORS, right + other) - _log_beta(PRIOR_ERRORS, other)
    return evidence - wrong * log(bound) - right * log(1 - bound) >= log(1 / alpha)


def _log_beta(first: float, second: float) -> float:
    return lgamma(first) + lgamma(second) - lgamma(first + second)
