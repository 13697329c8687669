"""What is usual at an hour of the week: medians, spread by median absolute deviations, so that incidents move neither.

An hour of the week is compared with the same hour of other working days, or of other days of the weekend, and only has
a figure of its own where it differs from those by more than chance: a few weeks are too few to tell 168 hours apart.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from usage.anomalies.measures import Figures, Form, Track

HOURS_OF_WEEK, HOURS_OF_DAY = 168, 24
SATURDAY = 5
# A median absolute deviation times this is a standard deviation, where the scatter is normal.
TO_DEVIATION = 1.4826
# An hour of the week stands alone where it is so many of its standard errors from its fellows.
OWN_WAY = 3.0
# How many of the last hours say how high the level is now: growth is not an anomaly.
LEVEL_HOURS = 336
# The scatter is at least what this share of all residuals stays within (the 98th percentile of a normal one is at 2.05).
TAIL_SHARE, TAIL_AT = 0.98, 2.054
LEAST_SCATTER = {Form.TOTAL: 1.0, Form.MEAN: 0.03, Form.SHARE: 0.02}


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual. `level_at` and `scatter_at` are for levels of a track (see `Track`)."""

    form: Form
    profile: Figures
    level: float
    spread: Figures
    per_call: float

    def level_at(self, slot: int) -> float:
        """Return the usual level at an hour of the week."""
        return float(self.profile[slot]) + self.level

    def scatter_at(self, slot: int, count: float) -> float:
        """Return the standard deviation of the level at an hour of the week, of a figure that rests on so many calls."""
        if self.form is Form.TOTAL:
            return float(self.spread[slot])
        return float(np.sqrt(self.spread[slot] ** 2 + self.per_call / max(count, 1.0)))


def fit_baseline(track: Track, slots: npt.NDArray[np.int64], *, until: int, since: int = 0) -> Baseline | None:
    """Return what was usual in the hours from `since` until just before `until`; None where too little is known.

    Args:
        track: The measure; its hours lie one behind the other, unknown ones are NaN.
        slots: The hour of the week of each hour, by local clocks: where they are set, one is missing or there twice.
        until: Up to which hour.
        since: From which hour on.
    """
    levels, slots = track.levels[since:until], slots[since:until]
    is_known = ~np.isnan(levels)
    if is_known.sum() < HOURS_OF_WEEK:
        return None
    flat = levels - _weekly_levels(levels)
    profile = _profile(flat, slots)
    residuals = levels - profile[slots]
    level = _median(residuals[-LEVEL_HOURS:])
    if np.isnan(level):
        level = _median(residuals)
    # Scatter is measured around the level of its own week.
    around = flat - profile[slots]
    around -= _median(around)
    form = track.recipe.form
    if form is Form.TOTAL:
        spread, per_call = _spread_by_hour(around, slots), 0.0
    else:
        overall, per_call = _spread_by_count(around, track.counts[since:until], form)
        spread = np.full(HOURS_OF_WEEK, overall)
    spread = np.maximum(spread, LEAST_SCATTER[form])
    found = Baseline(form, profile, level, spread, per_call)
    return _widened(found, around, slots, track.counts[since:until])


def _weekly_levels(levels: Figures) -> Figures:
    """Return, for each hour, the median of its week, counted back from the end."""
    found = np.empty_like(levels)
    overall = _median(levels)
    for end in range(len(levels), 0, -HOURS_OF_WEEK):
        start = max(0, end - HOURS_OF_WEEK)
        if start == 0 and end < HOURS_OF_WEEK and end < len(levels):
            # The remainder of a week is not compared with whole ones.
            found[:end] = found[end]
            break
        own = _median(levels[start:end])
        found[start:end] = overall if np.isnan(own) else own
    return found


def _profile(flat: Figures, slots: npt.NDArray[np.int64]) -> Figures:
    """Return what is usual at each hour of the week."""
    days, hours = np.divmod(np.arange(HOURS_OF_WEEK), HOURS_OF_DAY)
    groups = np.where(days >= SATURDAY, 1, 0) * HOURS_OF_DAY + hours
    shared = _medians_by(flat, groups[slots], 2 * HOURS_OF_DAY)
    spread = TO_DEVIATION * _medians_by(np.abs(flat - shared[groups[slots]]), groups[slots], 2 * HOURS_OF_DAY)
    own = _medians_by(flat, slots, HOURS_OF_WEEK)
    counts = np.bincount(slots[~np.isnan(flat)], minlength=HOURS_OF_WEEK)
    # The standard error of a median, where the scatter is normal.
    errors = 1.2533 * np.maximum(spread[groups], 1e-9) / np.sqrt(np.maximum(counts, 1))
    is_own = (counts >= 3) & (np.abs(own - shared[groups]) > OWN_WAY * errors)
    profile = np.where(is_own, own, shared[groups])
    return np.where(np.isnan(profile), np.nan_to_num(_median(flat)), profile)


def _spread_by_hour(around: Figures, slots: npt.NDArray[np.int64]) -> Figures:
    """Return the scatter at each hour of the day, on working days and at weekends, drawn towards that of all hours."""
    days, hours = np.divmod(np.arange(HOURS_OF_WEEK), HOURS_OF_DAY)
    groups = np.where(days >= SATURDAY, 1, 0) * HOURS_OF_DAY + hours
    own = TO_DEVIATION * _medians_by(np.abs(around), groups[slots], 2 * HOURS_OF_DAY)
    overall = TO_DEVIATION * np.nan_to_num(_median(np.abs(around)))
    own = np.where(np.isnan(own), overall, own)
    spread: Figures = np.sqrt((2 * own**2 + overall**2) / 3)[groups]
    return spread


def _spread_by_count(around: Figures, counts: Figures, form: Form) -> tuple[float, float]:
    """Return the scatter that many calls leave, and the variance that a single call adds: `a² + b / n`, by moments."""
    is_known = ~np.isnan(around)
    sizes, residuals = 1 / counts[is_known], np.abs(around[is_known])
    is_few = sizes > np.median(sizes)
    least = 0.25 if form is Form.SHARE else 0.0
    if is_few.sum() < 24 or (~is_few).sum() < 24:
        return TO_DEVIATION * float(np.median(residuals)), least
    few, many = ((TO_DEVIATION * float(np.median(residuals[part]))) ** 2 for part in (is_few, ~is_few))
    gap = float(sizes[is_few].mean() - sizes[~is_few].mean())
    per_call = max(least, (few - many) / gap if gap > 1e-6 else 0.0)
    return float(np.sqrt(max(0.0, many - per_call * sizes[~is_few].mean()))), float(per_call)


def _widened(found: Baseline, around: Figures, slots: npt.NDArray[np.int64], counts: Figures) -> Baseline:
    """Widen the scatter where its tail is heavier than a normal one's."""
    scatter = found.spread[slots]
    if found.form is not Form.TOTAL:
        scatter = np.sqrt(scatter**2 + found.per_call / counts)
    scores = np.abs(around / scatter)
    scores = scores[~np.isnan(scores)]
    # Both tails are looked at together.
    wide = max(1.0, float(np.quantile(scores, 2 * TAIL_SHARE - 1)) / TAIL_AT)
    return Baseline(found.form, found.profile, found.level, found.spread * wide, found.per_call * wide**2)


def _medians_by(values: Figures, groups: npt.NDArray[np.int64], number: int) -> Figures:
    """Return the median of each group's known values; NaN for a group without any."""
    is_known = ~np.isnan(values)
    values, groups = values[is_known], groups[is_known]
    order = np.lexsort((values, groups))
    values = values[order]
    counts = np.bincount(groups, minlength=number)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    found = np.full(number, np.nan)
    has = counts > 0
    low = starts[has] + (counts[has] - 1) // 2
    high = starts[has] + counts[has] // 2
    found[has] = (values[low] + values[high]) / 2
    return found


def _median(values: Figures) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else float("nan")
