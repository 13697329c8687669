"""What is unusual at this hour of the week, over the roll-ups, with its likely cause in words."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from usage.alerts.book import Finding, take_stock
from usage.alerts.subjects import user_names
from usage.anomalies.causes import Cause, Explanation, Segment, Sums, Traffic, explain, usual_of
from usage.models import AlertRule
from usage.money import format_usd
from usage.periods import find_zone
from usage.rollups import Cell, Only, read
from usage.types import EMBEDDED_PROVIDER, AlertKind, AttemptStatus, Watched

if TYPE_CHECKING:
    from usage.anomalies.detection import Episode
    from usage.anomalies.measures import Figures

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
# How far back is learnt, and how much of the end is looked at anew with each look.
LEARNT, LOOKED_AT = 12 * WEEK, 8 * 24
# The cause is sought in the first hours of what is unusual, against the same hours of so many weeks.
HOURS_EXPLAINED, WEEKS_COMPARED = 24, 4
# An hour is looked at when the calls that were opened in it have had time to end.
LATE = timedelta(minutes=4)
BROKEN = (AttemptStatus.FAILED.value, AttemptStatus.REJECTED.value)
DIMENSION_WORDS = {"user": "user", "task": "task", "provider": "provider", "model": "model"}


def look_for_unusual(*, now: datetime | None = None) -> None:
    """Tell what is unusual in the hours that have passed, each measure with its likely cause."""
    now = now or timezone.now()
    until = (now - LATE).replace(minute=0, second=0, microsecond=0)
    findings: list[Finding] = []
    scopes: dict[tuple[str, str], list[AlertRule]] = defaultdict(list)
    for rule in AlertRule.objects.filter(kind=AlertKind.UNUSUAL, is_on=True):
        scopes[rule.task_type, rule.provider].append(rule)
    for (task_type, provider), rules in scopes.items():
        only = Only(task_type=task_type or None, provider=provider or None)
        findings += _look(rules, only, until)
    take_stock("unusual", findings, now=now)


def _look(rules: Sequence[AlertRule], only: Only, until: datetime) -> list[Finding]:
    """Look at the measures of some rules, over the calls that they are for."""
    from usage.anomalies.detection import find_episodes
    from usage.anomalies.measures import hours_of_week, track_of

    start, sums = hourly_sums(only, until)
    number = len(sums["calls"])
    slots = hours_of_week((start + place * HOUR for place in range(number)), zone_of_the_site())
    findings = []
    for rule in rules:
        track = track_of(rule.measure, sums)
        episodes = find_episodes(track, slots, since=max(0, number - LOOKED_AT), limit=rule.limit)
        for episode in episodes:
            if episode.ended_at is None and sums["calls"][episode.began_at :].sum() >= rule.fewest:
                findings.append(_finding(rule, only, episode, start))
                break
    return findings


def zone_of_the_site() -> tzinfo:
    """Return the zone by whose clocks people here live."""
    return find_zone(settings.ALERTS_TIME_ZONE)


def hourly_sums(
    only: Only, until: datetime, *, learnt: timedelta = LEARNT, with_free: bool = True
) -> tuple[datetime, "Mapping[str, Figures]"]:
    """Return the first hour of which something is known, and sums for every hour from then until just before `until`.

    Nothing is known from before `learnt`. `with_free` says whether to count the free calls of priced models, which takes two queries more.
    """
    import numpy as np

    cells = read(since=until - learnt, until=until, step="hour", by=["status"], only=only)
    start = min((cell.start for cell in cells if cell.start), default=until)
    number = (until - start) // HOUR
    names = [*Sums.__slots__, "tokens"]
    found: dict[str, Figures] = {name: np.zeros(number) for name in names}
    for cell in cells:
        place = _place(cell, start)
        for name, figure in figures_of(cell, status=str(cell.names[0])).items():
            found[name][place] += figure
    found["tokens"] = found["input_tokens"] + found["cached_tokens"] + found["output_tokens"]
    for cell in _free_of_charge(only, until) if with_free else ():
        found["zero_cost"][_place(cell, start)] += cell.sums.free_attempts
    return start, found


def _place(cell: Cell, start: datetime) -> int:
    return ((cell.start or start) - start) // HOUR


def _free_of_charge(only: Only, until: datetime) -> list[Cell]:
    """Return the answers that cost nothing, of models that have cost something before."""
    if only.provider == EMBEDDED_PROVIDER:
        return []
    models = read(since=until - LEARNT, until=until, by=["provider", "model"], only=only)
    priced = {cell.names for cell in models if cell.sums.cost_nanousd}
    answered = Only(task_type=only.task_type, provider=only.provider, status=AttemptStatus.SUCCEEDED.value)
    cells = read(since=until - LEARNT, until=until, step="hour", by=["provider", "model"], only=answered)
    return [cell for cell in cells if cell.names in priced and cell.sums.free_attempts]


def figures_of(cell: Cell, *, status: str) -> dict[str, float]:
    """Return a cell's figures by the names that baselines and causes know."""
    sums = cell.sums
    return {
        "calls": sums.calls,
        "cached": sums.cache_hits,
        "attempts": sums.attempts,
        "failed": sums.attempts if status in BROKEN else 0,
        "timed": sums.calls - sums.cache_hits,
        "latency_ms": sums.latency_ms,
        "input_tokens": sums.input_tokens + sums.cache_write_tokens,
        "cached_tokens": sums.cached_input_tokens,
        "output_tokens": sums.total_output_tokens,
        "cost_nanousd": sums.cost_nanousd,
        "unpriced": sums.unpriced_calls,
    }


def _finding(rule: AlertRule, only: Only, episode: "Episode", start: datetime) -> Finding:
    """Put an episode into words."""
    began_at = start + episode.began_at * HOUR
    hours = min(episode.found_at - episode.began_at + 1, HOURS_EXPLAINED)
    told = explain(
        rule.measure,
        now=_traffic(only, began_at, hours),
        usual=usual_of(
            [_traffic(only, _weeks_before(began_at, week), hours) for week in range(1, WEEKS_COMPARED + 1)], over=1
        ),
        is_more=episode.is_more,
    )
    of = " ".join(part for part in ((only.task_type or "").replace("_", " "), only.provider or "") if part)
    seen, usual = _worded(rule.measure, episode.seen), _worded(rule.measure, episode.usual)
    label = Watched(rule.measure).label
    who = _who(told)
    return Finding(
        key=f"{rule.pk}:{rule.measure}",
        title=f"{label}{f' of {of}' if of else ''}: {seen}, usually {usual}",
        text=(
            f"Since {began_at:%d %B %Y, %H:%M} UTC. Likely cause: {Cause(told.cause).label}"
            f"{f', most of it by {who}' if who else ', everywhere'} ({told.share:.0%} of the change)."
        ),
        level=rule.level,
        rule=rule,
        facts={
            "measure": rule.measure,
            "chart": episode.chart.value,
            "seen": episode.seen,
            "usual": episode.usual,
            "cause": told.cause.value,
            "share": round(told.share, 3),
            "who": [list(pair) for pair in told.who],
        },
        began_at=began_at,
    )


def _weeks_before(moment: datetime, weeks: int) -> datetime:
    """Return when clocks showed the same, so many weeks before."""
    zone = zone_of_the_site()
    local = moment.astimezone(zone).replace(tzinfo=None) - weeks * WEEK
    return local.replace(tzinfo=zone).astimezone(UTC)


def _traffic(only: Only, since: datetime, hours: int) -> Traffic:
    """Return who did what in some hours."""
    cells = read(
        since=since,
        until=since + hours * HOUR,
        by=["user", "task_type", "provider", "model", "status"],
        only=only,
    )
    found: dict[Segment, Sums] = defaultdict(Sums)
    for cell in cells:
        user, task, provider, model, status = cell.names
        segment = Segment(str(user) if user else "", task, provider, model)
        figures = figures_of(cell, status=status)
        is_free = status == AttemptStatus.SUCCEEDED and provider != EMBEDDED_PROVIDER
        found[segment].add(Sums(**figures, zero_cost=cell.sums.free_attempts if is_free else 0))
    return dict(found)


def _who(told: Explanation) -> str:
    """Name whose calls it is, in words."""
    numbers = [int(name) for dimension, name in told.who if dimension == "user" and name.isdigit()]
    names = user_names(numbers) if numbers else {}
    return ", ".join(
        f"{DIMENSION_WORDS[dimension]} {names.get(int(name), name) if dimension == 'user' else name}"
        for dimension, name in told.who
    )


def _worded(measure: str, figure: float) -> str:
    if measure == Watched.COST:
        return f"{format_usd(round(figure))} an hour"
    if measure == Watched.LATENCY:
        return f"{figure:,.0f} ms"
    if measure in {Watched.ERRORS, Watched.UNPRICED, Watched.ZERO_COST}:
        return f"{figure:.1%}"
    if measure == Watched.VOLUME:
        return f"{figure:,.0f} an hour"
    return f"{figure:,.0f}"
