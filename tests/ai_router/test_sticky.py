"""Requests with the same long beginning stay with whoever served it, as long as that saves something."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ai_router import router
from ai_router.models import Route, RouteCandidate
from ai_router.pricing import Prices
from ai_router.situation import Situation, Traits
from ai_router.steps import Step
from ai_router.sticky import KEPT_SECONDS, MAX_BEGINNINGS, Beginnings, cache_key_for, prefixes_of
from ai_router.strategies import put_in_order
from ai_router.types import Candidate, Message, TaskType
from tests.providers.simulator import Reply
from usage.models import Call

LONG = "All that is known of roses. " * 400


def messages(tail: str = "", system: str = LONG) -> tuple[Message, ...]:
    return Message("system", system), Message("user", tail)


def step(model: str, *, cached: str | None = "0.1", cost: int = 10_000) -> Step:
    tiers = ((0, Decimal(1)),)
    kept = ((0, Decimal(cached)),) if cached else ()
    return Step(Candidate("p", model), Prices(tiers, tiers, kept), 3_000, 100, None, "", cost, cost, cost, cost)


def test_the_same_beginning_has_the_same_hashes_and_another_owner_has_others():
    first, second = prefixes_of(messages("a"), owner="1"), prefixes_of(messages("b" * 9_000), owner="1")

    assert 0 < len(first) < len(second)
    assert first[:2] == second[:2]
    assert set(first).isdisjoint(prefixes_of(messages("a"), owner="2"))
    assert set(first).isdisjoint(prefixes_of(messages("a", system="x" + LONG), owner="1"))
    keys = {cache_key_for(step("a"), one, is_known=False) for one in (first, second)}
    assert len(keys) == 1
    assert keys != {""}


def test_a_short_request_has_none():
    assert prefixes_of(messages(system="Be brief."), owner="1") == ()
    assert prefixes_of((), owner="1") == ()
    assert cache_key_for(step("a"), (), is_known=True) == ""


def test_a_provider_that_charges_for_keeping_is_asked_to_when_a_beginning_comes_again():
    tiers = ((0, Decimal(1)),)
    dear = replace(step("a"), prices=Prices(tiers, tiers, tiers, ((0, Decimal("1.25")),)))

    assert cache_key_for(dear, (b"1",), is_known=False) == ""
    assert cache_key_for(dear, (b"1",), is_known=True) == b"1".hex()


def test_a_very_long_request_costs_a_bounded_number_of_hashes():
    assert len(prefixes_of(messages("x" * 1_000_000), owner="1")) == 16


def test_what_is_saved_is_the_price_of_what_is_kept():
    beginnings, steps = Beginnings(), [step("a"), step("b"), step("c", cached=None)]
    prefixes = (b"1", b"2")
    beginnings.note(prefixes, Candidate("p", "a"), cached_tokens=0, now=0)
    beginnings.note((b"other",), Candidate("p", "b"), cached_tokens=0, now=0)

    # Two blocks are 2,048 tokens, at nine tenths of a dollar less for a million.
    assert beginnings.savings(prefixes, steps, now=1) == {Candidate("p", "a"): 2_048 * 900}
    assert beginnings.savings((b"1", b"new"), steps, now=1) == {Candidate("p", "a"): 1_024 * 900}
    assert beginnings.savings(prefixes, steps, now=KEPT_SECONDS + 1) == {}
    beginnings.note(prefixes, Candidate("p", "c"), cached_tokens=9, now=0)
    assert beginnings.savings(prefixes, steps, now=1) == {}


def test_a_provider_that_does_not_keep_it_after_all_is_forgotten():
    beginnings, candidate = Beginnings(), Candidate("p", "a")
    beginnings.note((b"1",), candidate, cached_tokens=0, now=0)
    beginnings.note((b"1",), candidate, cached_tokens=900, now=1)
    assert beginnings.savings((b"1",), [step("a")], now=2)
    assert beginnings.knows((b"1", b"2"), now=2)
    assert not beginnings.knows((b"2",), now=2)

    beginnings.note((b"1",), candidate, cached_tokens=0, now=3)
    assert beginnings.savings((b"1",), [step("a")], now=4) == {}


def test_memory_is_bounded():
    beginnings = Beginnings()
    for number in range(MAX_BEGINNINGS + 500):
        beginnings.note((str(number).encode(),), Candidate("p", "a"), cached_tokens=0, now=0)

    assert len(beginnings._served) == MAX_BEGINNINGS


@pytest.mark.parametrize(("saving", "first"), [(0, "cheap"), (900, "cheap"), (1_100, "kept")])
def test_the_saving_must_beat_what_the_strategy_gains(saving, first):
    situation = Situation(savings={Candidate("p", "kept"): saving})

    order = put_in_order("cost_optimized", [step("kept", cost=11_000), step("cheap", cost=10_000)], situation)

    assert order[0].candidate.model == first


def test_a_draw_by_weight_stays_where_the_beginning_is_kept():
    traits = {Candidate("p", "never"): Traits(weight=0)}
    steps = [step("a"), step("b"), step("never")]

    def first(call: int, kept: str) -> str:
        situation = Situation(call_id=str(call), traits=traits, savings={Candidate("p", kept): 5})
        return put_in_order("weighted", steps, situation)[0].candidate.model

    assert {first(call, "a") for call in range(50)} == {"a"}
    assert "never" not in {first(call, "never") for call in range(50)}


@pytest.mark.django_db
def test_a_call_goes_back_to_whoever_served_its_beginning(simulator, owner, stranger):
    route = Route.objects.get(task_type=TaskType.CHAT)
    route.candidates.all().delete()
    Route.objects.filter(pk=route.pk).update(strategy="cost_optimized")
    # The second is cheaper by less than a kept beginning saves.
    for position, model in enumerate(("gpt-4.1-mini", "gpt-4o-mini")):
        RouteCandidate.objects.create(route=route, provider="openai", model=model, position=position)
    ask = {"task_type": TaskType.CHAT, "prompt": "Name one.", "system": LONG * 6, "max_output_tokens": 20}
    simulator.script(Reply(status=404), Reply(text="Rosa."), Reply(text="Rosa.", cached_tokens=9_000))

    served = router.generate(**ask, user=owner).model
    again = router.generate(**ask, user=owner).model
    other = router.generate(**ask, user=stranger).model

    assert (served, again, other) == ("gpt-4.1-mini", "gpt-4.1-mini", "gpt-4o-mini")
    reasons = [row.get("why", "") for call in Call.objects.all() for row in call.decision["candidates"]]
    assert any("still keeps the beginning" in reason for reason in reasons)
