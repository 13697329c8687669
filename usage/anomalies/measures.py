"""What is watched of an hour, and how its figures are made comparable."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum

import numpy as np
import numpy.typing as npt

from usage.types import Watched

Figures = npt.NDArray[np.float64]
# Fewer calls than these in an hour say nothing of their mean.
FEWEST_CALLS = 5


class Form(Enum):
    """How a measure is made of sums, and with that, how it scatters."""

    TOTAL = "total"
    MEAN = "mean"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a measure is made: a sum, or a sum divided by another; and whether less than usual is worth an alarm."""

    form: Form
    above: str
    below: str = ""
    is_two_sided: bool = False


RECIPES: Mapping[str, Recipe] = {
    Watched.COST: Recipe(Form.TOTAL, "cost_nanousd", is_two_sided=True),
    Watched.VOLUME: Recipe(Form.TOTAL, "calls", is_two_sided=True),
    Watched.TOKENS_PER_CALL: Recipe(Form.MEAN, "tokens", "calls", is_two_sided=True),
    Watched.ERRORS: Recipe(Form.SHARE, "failed", "attempts"),
    Watched.LATENCY: Recipe(Form.MEAN, "latency_ms", "timed"),
    Watched.UNPRICED: Recipe(Form.SHARE, "unpriced", "calls"),
    Watched.ZERO_COST: Recipe(Form.SHARE, "zero_cost", "calls"),
}


@dataclass(frozen=True, slots=True)
class Track:
    """A measure hour by hour, as figures whose scatter does not depend on their size; NaN where nothing is known.

    Args:
        recipe: What it is made of.
        values: The measure itself.
        levels: The same, transformed: twice the square root of a total, the logarithm of a mean, the arcsine of the
            root of a share (Anscombe, 1948). A step up by half, or to three times as much, is then a step of a size.
        counts: On how many calls each figure rests; ones for totals.
        unit: What a call usually adds to a total.
    """

    recipe: Recipe
    values: Figures
    levels: Figures
    counts: Figures
    unit: float = 1.0


def track_of(measure: str, sums: Mapping[str, Figures]) -> Track:
    """Return a measure's track of sums by the hour.

    Args:
        measure: One of `Watched`.
        sums: For each figure of a recipe, its sum in each hour.
    """
    recipe = RECIPES[measure]
    above = np.asarray(sums[recipe.above], dtype=float)
    if recipe.form is Form.TOTAL:
        unit = _typical_unit(above, np.asarray(sums["calls"], dtype=float)) if recipe.above != "calls" else 1.0
        return Track(recipe, above, 2 * np.sqrt(np.maximum(above, 0) / unit + 3 / 8), np.ones_like(above), unit)
    below = np.asarray(sums[recipe.below], dtype=float)
    is_known = below >= FEWEST_CALLS
    counts = np.where(is_known, below, np.nan)
    values = above / counts
    if recipe.form is Form.MEAN:
        levels = np.log(np.maximum(values, 1e-9))
    else:
        levels = np.arcsin(np.sqrt(np.clip((above + 3 / 8) / (counts + 3 / 4), 0, 1)))
    return Track(recipe, values, levels, counts)


def _typical_unit(total: Figures, calls: Figures) -> float:
    """Return what a call usually adds to a total, so that it is counted in calls."""
    is_known = (calls > 0) & (total > 0)
    return float(np.median(total[is_known] / calls[is_known])) if is_known.any() else 1.0


def level_of(track: Track, value: float) -> float:
    """Return the level of a mean or a share, as `value_at` takes it."""
    if track.recipe.form is Form.MEAN:
        return float(np.log(max(value, 1e-9)))
    return float(np.arcsin(np.sqrt(np.clip(value, 0, 1))))


def value_at(track: Track, level: float) -> float:
    """Return what the measure is at a level, in its own unit."""
    if track.recipe.form is Form.MEAN:
        return float(np.exp(level))
    if track.recipe.form is Form.SHARE:
        return float(np.sin(np.clip(level, 0, np.pi / 2)) ** 2)
    return max(0.0, (max(0.0, level) / 2) ** 2 - 3 / 8) * track.unit


def hours_of_week(starts: Iterable[datetime], zone: tzinfo) -> npt.NDArray[np.int64]:
    """Return the hour of the week of each hour, from 0 (Monday, midnight) to 167, by clocks of a zone."""
    local = [start.astimezone(zone) for start in starts]
    return np.array([start.weekday() * 24 + start.hour for start in local], dtype=np.int64)
