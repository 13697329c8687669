"""When something is not as usual any more: hours that stick out, levels that have shifted, and slow drifts.

Three charts look at the same scores (how many standard deviations an hour is from what is usual):

- an exponentially weighted moving average of the scores, clipped so that no single hour sets it off (Roberts, 1959);
- an hour that is very far out, or two one behind the other that are far out, for what must be seen at once;
- a cumulative sum of daily means against what was usual four weeks ago (Page, 1954), for what grows too slowly to be seen
  by those, because what is usual grows with it. It is not kept for totals: that a site is used more is no anomaly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from usage.anomalies.baselines import HOURS_OF_DAY, HOURS_OF_WEEK, Baseline, fit_baseline
from usage.anomalies.measures import Figures, Form, Track, value_at

# What is usual is learnt from the weeks before, anew each day; nothing is said before there are two.
LEARN_HOURS, FIRST_HOURS = 6 * HOURS_OF_WEEK, 2 * HOURS_OF_WEEK
# The weight of the newest hour, and how far a score counts.
WEIGHT, CLIP = 0.2, 5.0
# An alarm goes off at `LIMIT` standard deviations of the moving average, and is over after so many hours below `CALM` of it.
LIMIT, CALM, CALM_HOURS = 4.6, 0.4, 6
DEVIATION = float(np.sqrt(WEIGHT / (2 - WEIGHT)))
# How far out two hours must be to be an alarm at once, or one alone, and at least how many times what is usual.
SPIKE, ALONE, SPIKE_TIMES = 3.0, 7.0, 1.8
# The slow chart, in standard deviations of a day's mean: what it forgives, how much a day counts, where it goes off.
SLACK, DAY_CLIP, DRIFT = 0.75, 2.0, 8.0
DRIFT_HOURS = 4 * HOURS_OF_WEEK


class Chart(StrEnum):
    """Which chart set off the alarm."""

    SPIKE = "spike"
    SHIFT = "shift"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class Episode:
    """A time in which a measure was not as usual. Hours are places in the track.

    Args:
        chart: What set off the alarm.
        began_at: The hour in which it seems to have begun.
        found_at: The hour after which the alarm went off.
        ended_at: The first hour that is as usual again; None where it goes on.
        is_more: Whether there is more than usual.
        usual: What would have been usual, over the hours since it began; in the measure's unit.
        seen: What there was instead.
    """

    chart: Chart
    began_at: int
    found_at: int
    ended_at: int | None
    is_more: bool
    usual: float
    seen: float


@dataclass(slots=True)
class _Hour:
    """An hour, compared with what is usual then; the score is NaN where nothing is known."""

    place: int
    score: float
    times: float
    usual: float


def find_episodes(track: Track, slots: npt.NDArray[np.int64], *, since: int, limit: float = LIMIT) -> list[Episode]:
    """Return the times from the hour `since` on in which a measure was not as usual.

    What is usual on a day comes from the six weeks before it, as far as they are in the track. It is made of medians, so a
    new level is unusual for a week, and usual from then on.

    Args:
        track: The measure.
        slots: The hour of the week of each hour.
        since: The hour with which to begin to look.
        limit: How many standard deviations of the moving average are an alarm.
    """
    found = [*_fast(track, slots, since, limit)]
    if track.recipe.form is not Form.TOTAL:
        # What the charts of hours have seen is no drift.
        seen = [range(one.began_at, len(slots) if one.ended_at is None else one.ended_at) for one in found]
        found += [one for one in _slow(track, slots, since) if not any(one.found_at in part for part in seen)]
    return sorted(found, key=lambda episode: episode.found_at)


def _fast(track: Track, slots: npt.NDArray[np.int64], since: int, limit: float) -> Iterator[Episode]:
    """Walk the two charts of hours."""
    average, calm, started = 0.0, 0, since
    episode: Episode | None = None
    before: _Hour | None = None
    for hour in _compare(track, slots, since):
        if np.isnan(hour.score):
            continue
        score = float(np.clip(hour.score, -CLIP, CLIP))
        if average * score <= 0:
            started = hour.place
        average += WEIGHT * (score - average)
        size = abs(average) / DEVIATION / limit
        if episode is not None:
            has_turned = average * (1 if episode.is_more else -1) < 0
            calm = calm + 1 if size < CALM else 0
            if calm == CALM_HOURS or has_turned:
                yield _ended(track, slots, episode, hour.place)
                episode, average = None, average if has_turned else 0.0
        if episode is None and (chart := _alarm(track, average, size, before, hour)):
            began_at = before.place if chart is Chart.SPIKE and before and hour.score < ALONE else started
            episode, calm = Episode(chart, began_at, hour.place, None, score > 0, hour.usual, 0.0), 0
        before = hour
    if episode is not None:
        yield _ended(track, slots, episode, None)


def _alarm(track: Track, average: float, size: float, before: _Hour | None, hour: _Hour) -> Chart | None:
    """Return which chart an hour sets off."""
    if average < 0 and not track.recipe.is_two_sided:
        return None
    if size > 1:
        return Chart.SHIFT
    if hour.score > ALONE and hour.times > SPIKE_TIMES:
        return Chart.SPIKE
    are_two = before is not None and min(before.score, hour.score) > SPIKE
    if are_two and before is not None and min(before.times, hour.times) > SPIKE_TIMES:
        return Chart.SPIKE
    return None


def _compare(track: Track, slots: npt.NDArray[np.int64], since: int) -> Iterator[_Hour]:
    """Compare each hour with what was usual before its day."""
    baseline: Baseline | None = None
    for place in range(since, len(slots)):
        if baseline is None or (place - since) % HOURS_OF_DAY == 0:
            if place >= FIRST_HOURS:
                baseline = fit_baseline(track, slots, since=max(0, place - LEARN_HOURS), until=place)
            if baseline is None:
                continue
        slot, level = int(slots[place]), float(track.levels[place])
        usual_level = baseline.level_at(slot)
        score = (level - usual_level) / baseline.scatter_at(slot, float(track.counts[place]))
        usual = value_at(track, usual_level)
        yield _Hour(place, score, float(track.values[place]) / max(usual, 1e-12), usual)


def _ended(track: Track, slots: npt.NDArray[np.int64], episode: Episode, ended_at: int | None) -> Episode:
    """Return an episode with what was seen in it and what would have been usual."""
    until = len(slots) if ended_at is None else ended_at
    places = range(episode.began_at, max(until, episode.found_at + 1))
    baseline = fit_baseline(track, slots, since=max(0, episode.began_at - LEARN_HOURS), until=episode.began_at)
    seen = float(np.nanmean(track.values[places.start : places.stop]))
    usual = episode.usual
    if baseline is not None:
        known = [place for place in places if not np.isnan(track.values[place])]
        usual = float(np.mean([value_at(track, baseline.level_at(int(slots[place]))) for place in known]))
    return Episode(episode.chart, episode.began_at, episode.found_at, ended_at, episode.is_more, usual, seen)


def _slow(track: Track, slots: npt.NDArray[np.int64], since: int) -> Iterator[Episode]:
    """Walk the chart of days: how far each is from what was usual four weeks before the look began."""
    learnt_until = len(slots) - DRIFT_HOURS
    if learnt_until < FIRST_HOURS:
        return
    baseline = fit_baseline(track, slots, since=max(0, learnt_until - LEARN_HOURS), until=learnt_until)
    if baseline is None:
        return
    days = _daily_scores(track, slots, baseline, since=max(0, learnt_until - LEARN_HOURS))
    past, present = days[: -DRIFT_HOURS // HOURS_OF_DAY], days[-DRIFT_HOURS // HOURS_OF_DAY :]
    spread = _spread_of_days(past)
    up, began = 0.0, 0
    for number, score in enumerate(present):
        if np.isnan(score):
            continue
        if up <= 0:
            began = number
        up = max(0.0, up + min(float(score) / spread, DAY_CLIP) - SLACK)
        if up > DRIFT:
            place = learnt_until + number * HOURS_OF_DAY
            if place + HOURS_OF_DAY > since:
                start = learnt_until + began * HOURS_OF_DAY
                last = min(place + HOURS_OF_DAY, len(slots)) - 1
                episode = Episode(Chart.DRIFT, start, last, None, is_more=True, usual=0.0, seen=0.0)
                yield _ended(track, slots, episode, None)
            return


def _daily_scores(track: Track, slots: npt.NDArray[np.int64], baseline: Baseline, *, since: int) -> Figures:
    """Return the mean of each day's scores; NaN for a day with fewer than four known hours."""
    places = np.arange(since, len(slots))
    scores = np.array(
        [
            (track.levels[place] - baseline.level_at(int(slots[place])))
            / baseline.scatter_at(int(slots[place]), float(track.counts[place]))
            for place in places
        ]
    )
    scores = np.clip(scores, -CLIP, CLIP)
    days = scores[len(scores) % HOURS_OF_DAY :].reshape(-1, HOURS_OF_DAY)
    known = (~np.isnan(days)).sum(axis=1)
    sums = np.nansum(days, axis=1)
    return np.where(known >= 4, sums / np.maximum(known, 1), np.nan)


def _spread_of_days(days: Figures) -> float:
    known = days[~np.isnan(days)]
    if known.size < 7:
        return 1.0
    spread = 1.4826 * float(np.median(np.abs(known - np.median(known))))
    return max(spread, 1 / float(np.sqrt(HOURS_OF_DAY)))
