"""What is usual, what is not, and why: pure functions of made-up hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from usage.anomalies.baselines import fit_baseline
from usage.anomalies.causes import _EFFECTS, DIMENSIONS, Cause, Segment, Sums, explain, usual_of
from usage.anomalies.detection import Chart, find_episodes
from usage.anomalies.measures import RECIPES, hours_of_week, track_of, value_at
from usage.types import Watched

WEEK = 168
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def slots_of(hours: int, *, start: datetime = MONDAY, zone=UTC):
    return hours_of_week((start + timedelta(hours=place) for place in range(hours)), zone)


def busy_site(weeks: int = 8, *, seed: int = 1, level: float = 100.0, zone=UTC, start: datetime = MONDAY):
    """Return sums by the hour of a site with a rhythm of the day and the week."""
    rng = np.random.default_rng(seed)
    slots = slots_of(weeks * WEEK, start=start, zone=zone)
    rhythm = (0.3 + 0.7 * np.exp(-(((slots % 24 - 13) / 4) ** 2))) * np.where(slots >= 120, 0.4, 1.0)
    calls = rng.poisson(level * rhythm).astype(float)
    tokens = calls * 1_000 * rng.lognormal(0, 0.5 / np.sqrt(np.maximum(calls, 1)))
    failed = rng.binomial(calls.astype(int), 0.01).astype(float)
    sums = {
        "calls": calls,
        "attempts": calls + failed,
        "failed": failed,
        "timed": calls.copy(),
        "latency_ms": calls * 1_500 * rng.lognormal(0, 0.6 / np.sqrt(np.maximum(calls, 1))),
        "tokens": tokens,
        "cost_nanousd": tokens * 2_000,
        "unpriced": np.zeros_like(calls),
        "zero_cost": np.zeros_like(calls),
    }
    return sums, slots


def episodes(measure, sums, slots, *, weeks_looked_at: int = 2):
    return find_episodes(track_of(measure, sums), slots, since=len(slots) - weeks_looked_at * WEEK)


@pytest.mark.parametrize("measure", RECIPES)
def test_a_site_that_is_as_usual_sets_off_no_alarm(measure):
    sums, slots = busy_site()

    assert episodes(measure, sums, slots) == []


@pytest.mark.parametrize(
    ("measure", "figures"),
    [
        (Watched.COST, ["cost_nanousd"]),
        (Watched.VOLUME, ["calls", "attempts", "timed", "tokens", "cost_nanousd", "latency_ms"]),
        (Watched.TOKENS_PER_CALL, ["tokens"]),
        (Watched.LATENCY, ["latency_ms"]),
    ],
)
def test_half_as_much_again_is_found_within_hours_and_three_times_as_much_within_two(measure, figures):
    for times, hours in ((1.5, 15), (3.0, 2)):
        sums, slots = busy_site()
        at = len(slots) - 100
        for name in figures:
            sums[name][at:] *= times

        found = episodes(measure, sums, slots)

        assert [episode.is_more for episode in found] == [True]
        assert at <= found[0].found_at < at + hours
        assert abs(found[0].began_at - at) <= 3
        assert found[0].ended_at is None
        assert found[0].seen / found[0].usual == pytest.approx(times, rel=0.15)


@pytest.mark.parametrize(
    ("measure", "figure"),
    [(Watched.ERRORS, "failed"), (Watched.UNPRICED, "unpriced"), (Watched.ZERO_COST, "zero_cost")],
)
def test_a_share_of_calls_that_goes_wrong_is_found_and_is_over_when_it_is(measure, figure):
    sums, slots = busy_site()
    at = len(slots) - 100
    sums[figure][at : at + 30] += np.round(sums["calls"][at : at + 30] * 0.2)

    (found,) = episodes(measure, sums, slots)

    assert at <= found.found_at < at + 3
    assert found.ended_at is not None
    assert at + 30 <= found.ended_at < at + 50


def test_fewer_calls_than_usual_are_found_and_fewer_failures_are_good_news():
    sums, slots = busy_site()
    at = len(slots) - 60
    for name in sums:
        sums[name][at:] *= 0.3

    assert [episode.is_more for episode in episodes(Watched.VOLUME, sums, slots)] == [False]
    sums, slots = busy_site()
    sums["failed"][at:] = 0
    assert episodes(Watched.ERRORS, sums, slots) == []


def test_what_grows_too_slowly_to_be_seen_by_the_hour_is_found_as_drift():
    sums, slots = busy_site(weeks=12)
    ramp = np.ones(len(slots))
    ramp[-3 * WEEK :] = np.exp(np.linspace(0, 0.35, 3 * WEEK))
    sums["latency_ms"] *= ramp

    found = episodes(Watched.LATENCY, sums, slots, weeks_looked_at=3)

    assert Chart.DRIFT in {episode.chart for episode in found}


@pytest.mark.parametrize("hours", [0, 1, 50, 2 * WEEK - 1])
def test_a_site_without_a_history_is_told_nothing(hours):
    sums = {name: values[:hours] for name, values in busy_site()[0].items()}

    for measure in RECIPES:
        assert find_episodes(track_of(measure, sums), slots_of(hours), since=0) == []


def test_hours_without_calls_and_gaps_of_days_are_no_alarm_for_means():
    sums, slots = busy_site()
    for name in sums:
        sums[name][-200:-120] = 0

    for measure in (Watched.TOKENS_PER_CALL, Watched.LATENCY, Watched.ERRORS, Watched.UNPRICED):
        assert episodes(measure, sums, slots) == []


def test_a_single_user_who_comes_now_and_then_is_hardly_ever_unusual():
    found, hours = 0, 8 * WEEK
    for seed in range(4):
        rng = np.random.default_rng(seed)
        calls = np.where(rng.random(hours) < 0.03, rng.integers(1, 15, hours), 0).astype(float)

        found += len(episodes(Watched.VOLUME, {"calls": calls}, slots_of(hours)))

    assert found <= 2


def test_clocks_that_are_set_move_what_is_usual_along():
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 2, 16, tzinfo=UTC)
    sums, slots = busy_site(zone=zone, start=start, level=400)

    assert slots[(datetime(2026, 3, 29, 1, tzinfo=UTC) - start) // timedelta(hours=1)] % 24 == 3
    for measure in (Watched.COST, Watched.VOLUME):
        assert episodes(measure, sums, slots, weeks_looked_at=3) == []
        assert episodes(measure, sums, slots_of(len(slots), start=start), weeks_looked_at=3) != []


def test_an_hour_that_has_its_own_way_every_week_is_usual():
    sums, slots = busy_site()
    for name in sums:
        sums[name][slots == 27] *= 6

    assert episodes(Watched.VOLUME, sums, slots) == []
    baseline = fit_baseline(track_of(Watched.VOLUME, sums), slots, until=len(slots))
    track = track_of(Watched.VOLUME, sums)
    assert value_at(track, baseline.level_at(27)) > 3 * value_at(track, baseline.level_at(51))


def traffic(**changes) -> dict[Segment, Sums]:
    """Return an hour of two users, two tasks and two providers; a change multiplies a figure of one name."""
    found = {}
    for user, calls in (("anna", 30), ("ben", 10)):
        for task, provider in (("chat", "groq"), ("cover_letter", "openai")):
            segment = Segment(user, task, provider, f"{provider}-1")
            times = {
                name: factor
                for name, (dimension, value, factor) in changes.items()
                if getattr(segment, dimension) == value
            }
            number = calls * times.get("volume", 1)
            failed = number * (times.get("failures", 1) - 1)
            asked = number + failed
            tokens = asked * 1_000 * times.get("length", 1)
            price = (5_000 if provider == "openai" else 500) * times.get("price", 1)
            found[segment] = Sums(
                calls=number,
                attempts=asked,
                failed=failed,
                timed=number,
                latency_ms=asked * 900 * times.get("slowness", 1),
                input_tokens=tokens,
                output_tokens=tokens / 4,
                cost_nanousd=tokens * 2 * price,
                unpriced=number if times.get("nameless") else 0,
                zero_cost=number if times.get("gratis") else 0,
            )
    return found


@pytest.mark.parametrize(
    ("measure", "change", "cause", "who"),
    [
        (Watched.COST, {"volume": ("user", "ben", 6)}, Cause.VOLUME, ("user", "ben")),
        (Watched.COST, {"length": ("task", "chat", 20)}, Cause.TOKENS, ("task", "chat")),
        (Watched.COST, {"price": ("provider", "groq", 20)}, Cause.PRICE, ("provider", "groq")),
        (Watched.COST, {"failures": ("provider", "groq", 20)}, Cause.ERRORS, ("provider", "groq")),
        (Watched.VOLUME, {"volume": ("user", "ben", 6)}, Cause.VOLUME, ("user", "ben")),
        (Watched.TOKENS_PER_CALL, {"length": ("task", "chat", 4)}, Cause.TOKENS, ("task", "chat")),
        (Watched.ERRORS, {"failures": ("provider", "openai", 1.5)}, Cause.ERRORS, ("provider", "openai")),
        (Watched.LATENCY, {"slowness": ("provider", "openai", 3)}, Cause.SPEED, ("provider", "openai")),
        (
            Watched.LATENCY,
            {"length": ("task", "chat", 3), "slowness": ("task", "chat", 3)},
            Cause.TOKENS,
            ("task", "chat"),
        ),
        (Watched.UNPRICED, {"nameless": ("provider", "groq", 1)}, Cause.PRICE, ("provider", "groq")),
        (Watched.ZERO_COST, {"gratis": ("provider", "groq", 1)}, Cause.PRICE, ("provider", "groq")),
    ],
)
def test_the_cause_is_named_with_whose_calls_it_is(measure, change, cause, who):
    told = explain(measure, now=traffic(**change), usual=traffic())

    assert told.cause == cause
    assert who in told.who


def test_a_dearer_model_for_the_same_calls_is_another_mix_and_fewer_cache_hits_are_the_cache():
    usual = {
        Segment("anna", "chat", "groq", "small"): Sums(
            calls=100, attempts=50, cached=50, input_tokens=1e5, cost_nanousd=1e6
        )
    }
    dear = {
        Segment("anna", "chat", "openai", "large"): Sums(
            calls=100, attempts=50, cached=50, input_tokens=1e5, cost_nanousd=9e6
        )
    }
    uncached = {
        Segment("anna", "chat", "groq", "small"): Sums(calls=100, attempts=100, input_tokens=2e5, cost_nanousd=2e6)
    }

    assert explain(Watched.COST, now=dear, usual=usual).cause == Cause.MIX
    assert explain(Watched.COST, now=uncached, usual=usual).cause == Cause.CACHE


def test_somebody_new_is_named_and_a_change_of_all_names_nobody():
    new = traffic() | {
        Segment("carl", "chat", "groq", "groq-1"): Sums(calls=500, attempts=500, input_tokens=1e6, cost_nanousd=4e9)
    }
    all_of_them = {
        segment: Sums(
            **{name: 2 * getattr(sums, name) for name in ("calls", "attempts", "input_tokens", "cost_nanousd")}
        )
        for segment, sums in traffic().items()
    }

    assert ("user", "carl") in explain(Watched.COST, now=new, usual=traffic()).who
    assert explain(Watched.VOLUME, now=all_of_them, usual=traffic()).who == ()


def test_nothing_at_all_is_explained_by_nothing():
    for measure in RECIPES:
        assert explain(measure, now={}, usual={}).share == 0.0


sums = st.builds(
    Sums,
    calls=st.integers(1, 1000).map(float),
    attempts=st.integers(1, 2000).map(float),
    input_tokens=st.integers(1, 10**6).map(float),
    output_tokens=st.integers(0, 10**6).map(float),
    cost_nanousd=st.integers(1, 10**12).map(float),
)
hours = st.dictionaries(st.builds(Segment, *(st.sampled_from(["", "a", "b"]) for _ in DIMENSIONS)), sums, max_size=3)


@settings(max_examples=30)
@given(now=hours, usual=hours)
def test_what_the_factors_add_is_the_change_of_cost(now, usual):
    effects = _EFFECTS[Watched.COST](now, usual)

    change = sum(one.cost_nanousd for one in now.values()) - sum(one.cost_nanousd for one in usual.values())
    added = sum(effects.total(cause) for cause in list(effects.by_cause))
    assert added == pytest.approx(change, rel=1e-6, abs=1e-3)


def test_what_is_usual_is_the_mean_of_earlier_hours():
    segment = Segment("anna")

    found = usual_of([{segment: Sums(calls=10)}, {segment: Sums(calls=20)}, {}, {}], over=2)

    assert found[segment].calls == pytest.approx(15)
