"""Strategies order what they are given: nothing lost, nothing invented, the same again for the same call."""

import logging
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_router import checks
from ai_router.complexity import count_fields, estimate_complexity
from ai_router.latency import LATENCIES, Latencies
from ai_router.situation import Situation, Traits
from ai_router.steps import Step
from ai_router.strategies import (
    EXPLORED_SHARE,
    STRATEGIES,
    find_strategy,
    put_in_order,
    scores,
    strategy_names,
)
from ai_router.tiers import tier_of
from ai_router.types import Candidate, StrategyName, Wishes
from usage.types import AttemptRecord, AttemptStatus, TokenUsage

NAMES = ("gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "grok-4", "gemini-2.5-flash", "llama-3.1-8b-instant", "house-model")


def step(model: str = "gpt-5.4", cost: int | None = 100, *, tokens: int = 100) -> Step:
    return Step(
        Candidate("p", model), None, 1_000, 2_000, None, "", cost, cost, cost, cost, expected_output_tokens=tokens
    )


def models(steps: list[Step]) -> list[str]:
    return [one.candidate.model for one in steps]


def attempt(model: str, ms: int, *, tokens: int = 100, first: int | None = None, status: str = "succeeded"):
    return AttemptRecord(
        "p",
        model,
        AttemptStatus(status),
        datetime.now(UTC),
        ms,
        TokenUsage(output_tokens=tokens),
        first_token_ms=first,
    )


several = st.lists(st.sampled_from(NAMES), unique=True).flatmap(
    lambda names: st.tuples(*(st.integers(0, 10**9) | st.none() for _ in names)).map(
        lambda costs: [step(name, cost) for name, cost in zip(names, costs, strict=True)]
    )
)
situations = st.builds(
    Situation,
    call_id=st.uuids().map(str),
    traits=st.dictionaries(
        st.sampled_from(NAMES).map(lambda name: Candidate("p", name)),
        st.builds(Traits, weight=st.integers(0, 5), quality=st.integers(1, 9) | st.none()),
    ),
    complexity=st.floats(0, 1),
    wishes=st.builds(Wishes, cost_sensitive=st.booleans(), speed_priority=st.booleans()),
)


@pytest.mark.parametrize("name", list(STRATEGIES))
@given(steps=several, situation=situations)
def test_no_candidate_is_lost_or_invented_and_the_order_is_the_same_again(name, steps, situation):
    ordered = put_in_order(name, steps, situation)

    assert sorted(models(ordered)) == sorted(models(steps))
    assert put_in_order(name, steps, replace(situation, reasons={})) == ordered


@pytest.mark.parametrize("name", [StrategyName.COST_OPTIMIZED, StrategyName.WEIGHTED, StrategyName.QUALITY])
@given(data=st.data(), situation=situations)
def test_the_order_does_not_hang_on_the_order_of_the_input(name, data, situation):
    names = data.draw(st.lists(st.sampled_from(NAMES), unique=True))
    # Weight 0 and equal prices are ordered as listed: they are left out here.
    positive = {candidate: replace(own, weight=own.weight + 1) for candidate, own in situation.traits.items()}
    situation = replace(situation, traits=positive)
    steps = [step(model, 100 + number) for number, model in enumerate(names)]
    shuffled = data.draw(st.permutations(steps))

    assert put_in_order(name, shuffled, situation) == put_in_order(name, steps, situation)


def test_weights_are_the_shares_of_first_questions():
    steps = [step("a"), step("b"), step("c")]
    traits = {Candidate("p", "a"): Traits(6), Candidate("p", "b"): Traits(3), Candidate("p", "c"): Traits(0)}

    orders = [put_in_order("weighted", steps, Situation(call_id=str(n), traits=traits)) for n in range(3_000)]

    first = Counter(models(order)[0] for order in orders)
    assert first["a"] / 3_000 == pytest.approx(2 / 3, abs=0.05)
    assert first["c"] == 0
    assert {models(order)[-1] for order in orders} == {"c"}


def test_a_changed_weight_only_moves_calls_towards_it():
    steps = [step("a"), step("b")]

    def first(call: int, weight: int) -> str:
        traits = {Candidate("p", "a"): Traits(weight)}
        return models(put_in_order("weighted", steps, Situation(call_id=str(call), traits=traits)))[0]

    assert all(first(call, 2) == "a" for call in range(500) if first(call, 1) == "a")


def test_the_fastest_is_asked_first_by_what_it_takes_for_this_answer():
    LATENCIES.observe([attempt("quick-start", 2_200, first=200), attempt("quick-writer", 1_600, first=1_500)])
    situation = Situation(call_id="x")

    short = [step("quick-writer", tokens=10), step("quick-start", tokens=10)]
    long = [step("quick-start", tokens=1_000), step("quick-writer", tokens=1_000)]

    assert models(put_in_order("least_latency", short, situation)) == ["quick-start", "quick-writer"]
    assert models(put_in_order("least_latency", long, situation)) == ["quick-writer", "quick-start"]


def test_what_nobody_has_measured_comes_last_and_now_and_then_first():
    LATENCIES.observe([attempt("known", 500)])
    steps = [step("new"), step("known")]

    orders = [models(put_in_order("least_latency", steps, Situation(call_id=str(n)))) for n in range(2_000)]

    share = sum(order[0] == "new" for order in orders) / 2_000
    assert share == pytest.approx(EXPLORED_SHARE, abs=0.03)


def test_a_slow_answer_counts_at_once_and_is_forgiven_bit_by_bit():
    latencies, candidate = Latencies(), Candidate("p", "m")

    def seconds(now: float) -> float:
        return latencies.expected_seconds(candidate, output_tokens=0, now=now)

    latencies.observe([attempt("m", 1_000, first=100)], now=0)
    latencies.observe([attempt("m", 9_000, first=8_000)], now=1)
    at_once = seconds(1)
    latencies.observe([attempt("m", 1_000, first=100)], now=11)
    soon = seconds(11)
    latencies.observe([attempt("m", 1_000, first=100)], now=300)

    assert at_once == pytest.approx(8.0)
    assert 4 < soon < 8
    assert seconds(300) == pytest.approx(0.1, abs=0.01)
    assert latencies.expected_seconds(candidate, output_tokens=0, now=2_000) is None


def test_a_quick_failure_does_not_look_fast_and_a_slow_one_looks_slow():
    latencies, candidate = Latencies(), Candidate("p", "m")
    latencies.observe([attempt("m", 2_000, first=1_000)], now=0)
    latencies.observe([attempt("m", 5, tokens=0, status="failed")], now=1)
    assert latencies.expected_seconds(candidate, output_tokens=0, now=1) == 1.0

    latencies.observe([attempt("m", 30_000, tokens=0, status="failed")], now=2)
    assert latencies.expected_seconds(candidate, output_tokens=0, now=2) == 30.0


def test_processes_with_one_cache_share_what_they_measure(monkeypatch):
    monkeypatch.setattr("ai_router.latency.is_shared", lambda: True)
    here, there = Latencies(), Latencies()
    here.observe([attempt("seen-here", 1_000, first=100)], now=100)
    there.observe([attempt("seen-there", 2_000, first=200)], now=101)
    assert here.expected_seconds(Candidate("p", "seen-there"), output_tokens=0, now=101) is None

    here.observe([], now=110)

    assert here.expected_seconds(Candidate("p", "seen-there"), output_tokens=0, now=110) == pytest.approx(0.2)
    assert there.expected_seconds(Candidate("p", "seen-here"), output_tokens=0, now=110) == pytest.approx(0.1)


def test_measures_are_bounded():
    latencies = Latencies()
    latencies.observe([attempt(f"m{n}", 100) for n in range(2_000)])

    assert len(latencies._measures) == 500


def test_the_best_comes_first_and_of_equals_the_cheaper():
    steps = [step("gpt-5.4-nano", 1), step("grok-4", 50), step("gpt-5.4", 40), step("unheard-of", 2)]

    order = put_in_order("quality", steps, Situation())
    own = put_in_order("quality", steps, Situation(traits={Candidate("p", "unheard-of"): Traits(quality=9)}))

    assert models(order) == ["gpt-5.4", "grok-4", "gpt-5.4-nano", "unheard-of"]
    assert models(own)[0] == "unheard-of"


@pytest.mark.parametrize(
    ("model", "tier"),
    [
        ("gpt-5.4", 4),
        ("gpt-5.4-pro", 5),
        ("gpt-5.4-mini", 2),
        ("gpt-5.4-nano", 1),
        ("gemini-2.5-flash-lite", 1),
        ("gemini-2.5-pro", 4),
        ("claude-haiku-4-5", 2),
        ("claude-sonnet-4-5", 4),
        ("claude-opus-4-5", 5),
        ("llama-3.3-70b-versatile", 3),
        ("openai/gpt-oss-120b", 3),
        ("grok-4-fast", 2),
        ("our-own-model", None),
    ],
)
def test_a_tier_is_read_off_the_name(model, tier):
    assert tier_of(model) == tier


def test_an_easy_request_goes_to_a_small_model_and_a_hard_one_to_a_strong_one():
    steps = [step("gpt-5.4", 1_000), step("gpt-5.4-nano", 100)]

    assert models(put_in_order("balanced", steps, Situation(complexity=0.0)))[0] == "gpt-5.4-nano"
    assert models(put_in_order("balanced", steps, Situation(complexity=1.0)))[0] == "gpt-5.4"
    frugal = Situation(complexity=0.6, wishes=Wishes(cost_sensitive=True))
    assert models(put_in_order("balanced", steps, frugal))[0] == "gpt-5.4-nano"


def test_speed_decides_where_it_has_priority():
    LATENCIES.observe([attempt("gpt-5.4", 10_000), attempt("gpt-5.4-nano", 500)])
    steps = [step("gpt-5.4", 110), step("gpt-5.4-nano", 100)]
    hurried = Situation(complexity=0.7, wishes=Wishes(speed_priority=True))

    assert models(put_in_order("balanced", steps, Situation(complexity=0.7)))[0] == "gpt-5.4"
    assert models(put_in_order("balanced", steps, hurried))[0] == "gpt-5.4-nano"


@given(steps=several, situation=situations)
def test_scores_are_between_nothing_and_one(steps, situation):
    assert all(0 <= score <= 1 for score in scores(steps, situation).values())


def test_complexity_grows_with_length_form_and_tools():
    form = {
        "properties": {"a": {"type": "object", "properties": {"b": {}, "c": {}}}},
        "$defs": {"d": {"properties": {"e": {}}}},
    }
    easy = estimate_complexity(input_tokens=100, max_output_tokens=200)
    long = estimate_complexity(input_tokens=20_000, max_output_tokens=200)
    hard = estimate_complexity(input_tokens=20_000, max_output_tokens=8_000, schema=form, tools=8)

    assert count_fields(form) == 4
    assert easy < 0.01 < long < hard <= 1


@pytest.mark.parametrize("wrong", [-0.1, 1.5])
def test_a_complexity_out_of_range_is_refused(wrong):
    with pytest.raises(ValueError, match="0 to 1"):
        Wishes(complexity=wrong)


def backwards(steps, situation):
    """A strategy of a site's own, which also loses one and invents another."""
    return [step("invented"), *reversed(steps[1:])]


def no_order(steps: list[Step], situation: Situation) -> None:
    """A strategy that forgets to return anything."""


def test_a_strategy_that_returns_nothing_leaves_the_candidates_as_listed(settings):
    settings.AI_STRATEGIES = {"forgetful": f"{__name__}:no_order"}
    listed = [step("a"), step("b")]

    assert put_in_order("forgetful", listed, Situation()) == listed


def test_a_strategy_of_the_sites_own_is_used_and_loses_nobody(settings):
    settings.AI_STRATEGIES = {"backwards": f"{__name__}:backwards"}
    settings_module = find_strategy("backwards")

    order = put_in_order("backwards", [step("a"), step("b"), step("c")], Situation())

    assert settings_module([step("a")], Situation()) == [step("invented")]
    assert models(order) == ["c", "b", "a"]
    assert "backwards" in strategy_names()
    assert checks.check_settings(None) == []


@pytest.mark.parametrize(
    "own",
    [
        {"gone": "no.such.module:f"},
        {"gone": "math:no_such"},
        {"gone": "math:pi"},
        {"gone": ""},
        {"quality": "math:sin"},
        {"": "math:sin"},
    ],
)
def test_a_strategy_that_cannot_be_used_is_found_by_a_check(own, settings):
    settings.DEFAULT_AI_PROVIDER = ""
    settings.AI_STRATEGIES = own

    assert [message.id for message in checks.check_settings(None)] == ["ai_router.E006"]


def test_a_strategy_that_is_gone_leaves_the_order_of_the_route(caplog):
    with caplog.at_level(logging.ERROR):
        assert models(put_in_order("gone", [step("b"), step("a")], Situation())) == ["b", "a"]

    assert "gone" in caplog.text
