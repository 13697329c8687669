"""Today against what is usual at these hours of the week: the baselines that anomalies are found with, for people to see.

What is usual is learnt from the weeks before today, once a day, and kept in the cache of this process or of the site.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.utils import timezone

from usage.alerts.unusual import HOUR, figures_of, hourly_sums, zone_of_the_site
from usage.rollups import Cell, Only, read
from usage.types import Watched

if TYPE_CHECKING:
    from usage.anomalies.baselines import Baseline
    from usage.anomalies.measures import Track

MEASURES = (Watched.COST, Watched.VOLUME, Watched.TOKENS_PER_CALL, Watched.ERRORS, Watched.LATENCY)
PLOTTED = (Watched.COST, Watched.VOLUME)
# How many standard deviations still are as usual.
WIDE = 2.0
# What is usual holds for a day; a little longer, as it is asked for until its last second.
KEPT_SECONDS = 25 * 3600


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of today: what was seen (None: it is to come) and what is usual; and both, of 100 that the plot has."""

    start: datetime
    seen: float | None
    usual: float
    seen_percent: float = 0.0
    usual_percent: float = 0.0


@dataclass(frozen=True, slots=True)
class Compared:
    """A measure of today so far; `low` and `high` are between what it usually is by now. `hours` are empty for averages."""

    measure: Watched
    seen: float
    usual: float
    low: float
    high: float
    usual_day: float
    hours: tuple[Hour, ...] = ()

    @property
    def verdict(self) -> str:
        """`more`, `less` or `usual`."""
        if self.seen > self.high:
            return "more"
        return "less" if self.seen < self.low else "usual"


def compare_today(only: Only, *, now: datetime | None = None) -> list[Compared]:
    """Return how today stands, by the clocks of the site; empty where less than two weeks are known.

    One query, and another one, over the hours of six weeks, when what is usual today is not known yet.
    """
    now = now or timezone.now()
    starts = _hours_of_today(now)
    usual = _learn(only, starts[0])
    if not usual:
        return []
    cells = read(since=starts[0], step="hour", by=["status"], only=only)
    seen = _sums(cells, starts)
    passed = [min(1.0, max(0.0, (now - start) / HOUR)) for start in starts]
    return [
        one
        for measure in MEASURES
        if measure in usual
        if (one := _compare(measure, usual[measure], seen, starts, passed))
    ]


def _hours_of_today(now: datetime) -> list[datetime]:
    """Return the beginnings of all hours of the day that clocks of the site show; 23 or 25 where they are set."""
    zone = zone_of_the_site()
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    first, end = (
        day.replace(tzinfo=zone).astimezone(UTC).replace(minute=0) for day in (midnight, midnight + timedelta(days=1))
    )
    return [first + HOUR * number for number in range((end - first) // HOUR)]


Learnt = tuple["Baseline", "Track"]


def _learn(only: Only, midnight: datetime) -> dict[Watched, Learnt]:
    """Return what is usual today, by measure; empty where too little is known."""
    key = f"usual:{hashlib.sha256(f'{midnight.isoformat()} {only!r}'.encode()).hexdigest()}"
    found: dict[Watched, Learnt] | None = cache.get(key)
    if found is None:
        found = _fit(only, midnight)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _fit(only: Only, midnight: datetime) -> dict[Watched, Learnt]:
    import numpy as np

    from usage.anomalies.baselines import fit_baseline
    from usage.anomalies.detection import FIRST_HOURS, LEARN_HOURS
    from usage.anomalies.measures import hours_of_week, track_of

    start, sums = hourly_sums(only, midnight, learnt=LEARN_HOURS * HOUR, with_free=False)
    number = len(sums["calls"])
    if number < FIRST_HOURS:
        return {}
    slots = hours_of_week((start + place * HOUR for place in range(number)), zone_of_the_site())
    nothing = np.empty(0)
    found: dict[Watched, Learnt] = {}
    for measure in MEASURES:
        track = track_of(measure, sums)
        if (baseline := fit_baseline(track, slots, until=number)) is not None:
            # Of the track, only its form and unit are asked for from now on.
            found[measure] = baseline, replace(track, values=nothing, levels=nothing, counts=nothing)
    return found


def _sums(cells: Sequence[Cell], starts: Sequence[datetime]) -> list[dict[str, float]]:
    """Return what each hour adds up to."""
    places = {start: number for number, start in enumerate(starts)}
    found: list[dict[str, float]] = [{} for _ in starts]
    for cell in cells:
        place = places.get(cell.start) if cell.start else None
        if place is not None:
            for name, figure in figures_of(cell, status=str(cell.names[0])).items():
                found[place][name] = found[place].get(name, 0.0) + figure
    for hour in found:
        hour["tokens"] = sum(hour.get(name, 0.0) for name in ("input_tokens", "cached_tokens", "output_tokens"))
    return found


def _compare(
    measure: Watched,
    learnt: Learnt,
    seen: Sequence[Mapping[str, float]],
    starts: Sequence[datetime],
    passed: Sequence[float],
) -> Compared | None:
    from usage.anomalies.measures import Form, hours_of_week, value_at

    baseline, track = learnt
    slots = [int(slot) for slot in hours_of_week(starts, zone_of_the_site())]
    levels = [baseline.level_at(slot) for slot in slots]
    usual = [value_at(track, level) for level in levels]
    above = [hour.get(track.recipe.above, 0.0) for hour in seen]
    if track.recipe.form is not Form.TOTAL:
        below = [hour.get(track.recipe.below, 0.0) for hour in seen]
        return _compare_average(measure, learnt, (sum(above), below), usual, slots[0])
    reach = [
        _deviation(track, level, baseline.scatter_at(slot, 1.0)) for level, slot in zip(levels, slots, strict=True)
    ]
    expected = sum(share * one for share, one in zip(passed, usual, strict=True))
    spread = WIDE * sum(share * one**2 for share, one in zip(passed, reach, strict=True)) ** 0.5
    most = max(*above, *usual) or 1.0
    hours = tuple(
        Hour(start, figure if share else None, one, round(100 * figure / most, 2), round(100 * one / most, 2))
        for start, figure, one, share in zip(starts, above, usual, passed, strict=True)
    )
    return Compared(
        measure,
        sum(above),
        expected,
        max(0.0, expected - spread),
        expected + spread,
        sum(usual),
        hours if measure in PLOTTED else (),
    )


def _deviation(track: "Track", level: float, scatter: float) -> float:
    """Return about one standard deviation of a total."""
    from usage.anomalies.measures import value_at

    return (value_at(track, level + scatter) - value_at(track, level - scatter)) / 2


def _compare_average(
    measure: Watched, learnt: Learnt, sums: tuple[float, Sequence[float]], usual: Sequence[float], slot: int
) -> Compared | None:
    """Compare an average over today's calls with that of calls which are usual in their hours; None of too few calls."""
    from usage.anomalies.measures import FEWEST_CALLS, Form, level_of, value_at

    baseline, track = learnt
    above, below = sums
    count = sum(below)
    if count < FEWEST_CALLS:
        return None
    if track.recipe.form is Form.SHARE:
        # Levels of shares are drawn a little away from zero, the more the fewer calls an hour has (see `track_of`).
        usual = [
            max(0.0, (one * (figure + 3 / 4) - 3 / 8) / figure) if figure else one
            for one, figure in zip(usual, below, strict=True)
        ]
    expected = sum(one * figure for one, figure in zip(usual, below, strict=True)) / count
    scatter = WIDE * baseline.scatter_at(slot, count)
    level = level_of(track, expected)
    low = value_at(track, level - scatter) if track.recipe.is_two_sided else 0.0
    return Compared(measure, above / count, expected, low, value_at(track, level + scatter), expected)
