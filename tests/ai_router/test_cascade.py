"""A cheap model is asked first where that pays, a better one where its answer is rejected; what pays is learned."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ai_router import router, tallies
from ai_router.cascade import KEPT_PER_ANSWER, Odds, add_answer, cheap_then_better, expected_cost, make_ladder
from ai_router.models import ModelOutcome, OutcomeMark, Route, RouteCandidate
from ai_router.outcomes import learn_outcomes
from ai_router.situation import Situation, Tally, Traits
from ai_router.steps import Step
from ai_router.types import Candidate, TaskType
from benchmarks.cascade import simulate
from tests.ai_router.conftest import Subject
from tests.providers.simulator import Reply
from usage.models import Call


def step(model: str, cost: int | None) -> Step:
    return Step(Candidate("p", model), None, 0, 0, None, "", None, cost, cost, None)


NANO, MINI, FULL = step("gpt-5.4-nano", 10), step("gpt-5.4-mini", 40), step("gpt-5.4", 200)


def knowing(**rates: tuple[float, float]):
    """Return a look-up of tallies, by the last word of the model's name."""
    known = {name: Tally(passed, rejected) for name, (passed, rejected) in rates.items()}
    return lambda candidate, _later: known.get(candidate.model.rpartition("-")[2], Tally())


def orders(steps, tally, calls=400):
    return [cheap_then_better(steps, Situation(call_id=str(call), tally=tally)) for call in range(calls)]


def test_a_ladder_holds_what_is_better_than_all_that_is_cheaper():
    dear_and_small = step("gemini-2.5-flash-lite", 500)
    unpriced = step("gpt-6", None)

    assert make_ladder([FULL, dear_and_small, unpriced, NANO, MINI], Situation()) == [NANO, MINI, FULL]


def test_a_long_ladder_keeps_its_cheapest_steps_and_its_best():
    steps = [step(f"house-{number}", number) for number in range(1, 9)]
    traits = {one.candidate: Traits(quality=number) for number, one in enumerate(steps, 1)}

    ladder = make_ladder(steps, Situation(traits=traits))

    assert [one.candidate.model for one in ladder] == ["house-1", "house-2", "house-3", "house-4", "house-8"]


def test_what_passes_is_asked_first_and_the_best_stands_behind_it():
    found = orders([FULL, MINI, NANO], knowing(nano=(90, 10), mini=(95, 5)))

    assert sum(order[0] is NANO for order in found) > 390
    assert all(order.index(FULL) > order.index(NANO) for order in found if order[0] is NANO)


def test_what_never_passes_is_skipped_but_now_and_then_tried():
    found = orders([NANO, FULL], knowing(nano=(1, 99)), calls=4_000)

    tried = sum(order[0] is NANO for order in found) / len(found)
    assert 0.005 < tried < 0.15
    assert all(set(map(id, order)) == {id(NANO), id(FULL)} for order in found)


def test_a_new_price_counts_at_once():
    tally = knowing(nano=(80, 20))
    dear = step("gpt-5.4-nano", 190)

    assert sum(order[0] is NANO for order in orders([NANO, FULL], tally)) > 380
    assert sum(order[0] is dear for order in orders([dear, FULL], tally)) < 40


def test_a_model_whose_answers_cost_more_than_predicted_is_priced_so():
    def tally(candidate, _later):
        return Tally(50, 50, paid=150_000, expected=10_000) if candidate == NANO.candidate else Tally()

    assert sum(order[0] is NANO for order in orders([NANO, FULL], knowing(nano=(50, 50)))) > 380
    assert sum(order[0] is NANO for order in orders([NANO, FULL], tally)) < 200


def test_the_same_call_is_decided_the_same_way():
    tally = knowing(nano=(5, 5))

    assert orders([NANO, MINI, FULL], tally, 50) == orders([FULL, NANO, MINI], tally, 50)


def test_without_a_price_the_order_is_the_routes():
    steps = [step("b", None), step("a", None)]

    assert cheap_then_better(steps, Situation()) == steps


odds = st.builds(Odds, first=st.floats(0, 1), later=st.floats(0, 1), cost=st.floats(0, 1e9))


@given(chain=st.lists(odds, min_size=1, max_size=5))
def test_a_chain_costs_at_least_its_first_link_and_at_most_all(chain):
    cost = expected_cost(chain)

    assert chain[0].cost <= cost <= sum(link.cost for link in chain) + 1e-3


def test_a_chain_costs_what_is_left_after_each_rejection():
    assert expected_cost([Odds(0.8, 0.1, 10), Odds(0.9, 0.5, 40), Odds(1, 1, 200)]) == pytest.approx(
        10 + 0.2 * 40 + 0.2 * 0.5 * 200
    )


@given(answers=st.lists(st.booleans(), max_size=300))
def test_a_tally_never_weighs_more_than_its_window(answers):
    tally = Tally()
    for has_passed in answers:
        tally = add_answer(tally, has_passed=has_passed, paid=2.0, expected=1.0)

    assert tally.answers <= 1 / (1 - KEPT_PER_ANSWER)
    assert tally.paid == pytest.approx(2 * tally.expected)


def test_it_converges_follows_drift_and_prices_and_costs_little_more_than_knowing_all():
    phases = simulate(calls=1_200, seed=7)

    for phase in phases:
        assert phase.solved["cascade"] == phase.solved["always best"]
        assert phase.cost["cascade"] < 0.5 * phase.cost["always best"]
        assert phase.cost["cascade"] < 1.35 * phase.cost["best fixed chain"]
        assert phase.adapted_after is not None


# What is learned from the ledger


@pytest.fixture
def two_models(simulator, db):
    """A cascade of a small model and a large one; the small one has passed so often that it is asked first."""
    route = Route.objects.get(task_type=TaskType.COVER_LETTER)
    route.candidates.all().delete()
    Route.objects.filter(pk=route.pk).update(strategy="cascade")
    for position, model in enumerate(("gpt-5.4", "gpt-5.4-nano")):
        RouteCandidate.objects.create(route=route, provider="openai", model=model, position=position)
    ModelOutcome.objects.create(
        task_type="cover_letter", prompt_version="verse/v1", provider="openai", model="gpt-5.4-nano", passed=200,
        updated_at=timezone.now(),
    )  # fmt: skip
    return route


def learn() -> int:
    """Learn as a worker does in ten seconds."""
    try:
        return learn_outcomes(now=timezone.now() + timedelta(seconds=10))
    finally:
        tallies.TALLIES.forget()


def test_a_rejected_answer_goes_to_the_better_model_and_is_learned_from(two_models, spec, simulator):
    simulator.script(Reply(text="forbidden"), Reply(text="forbidden again"), Reply(text="Roses."))

    result = router.run(spec, Subject())

    asked = [entry.request["model"] for entry in simulator.books]
    assert asked == ["gpt-5.4-nano", "gpt-5.4-nano", "gpt-5.4"]
    assert result.model == "gpt-5.4"
    line = Call.objects.get()
    assert [row["why"] for row in line.decision["candidates"][:2]] == [
        "100% of about 200 answers passed",
        "no answers yet",
    ]

    assert learn() == 1
    assert learn() == 0
    small, large = ModelOutcome.objects.order_by("is_escalation")
    assert (str(small), small.answers, small.is_escalation) == ("cover_letter: openai/gpt-5.4-nano", 1, False)
    assert (small.passed, small.rejected) == (pytest.approx(198), 1)
    assert (large.model, large.is_escalation, large.passed, large.rejected) == ("gpt-5.4", True, 1, 0)
    attempts = line.attempts.filter(model="gpt-5.4-nano")
    assert small.paid_nanousd == sum(attempt.cost_nanousd for attempt in attempts)
    assert small.expected_nanousd > 0


def test_a_repair_counts_as_one_answer_that_passed(two_models, spec, simulator):
    simulator.script(Reply(text="forbidden"), Reply(text="Roses."))
    router.run(spec, Subject())

    learn()

    only = ModelOutcome.objects.get()
    assert (only.model, only.answers, only.rejected) == ("gpt-5.4-nano", 1, 0)
    assert only.passed == pytest.approx(199)


def test_an_outage_says_nothing_of_answers(two_models, spec, simulator):
    simulator.script(Reply(status=404), Reply(text="Roses."))
    router.run(spec, Subject())

    learn()

    assert [(row.model, row.answers, row.is_escalation) for row in ModelOutcome.objects.all()] == [
        ("gpt-5.4", 1, False),
        ("gpt-5.4-nano", 0, False),
    ]


def test_what_was_learned_decides(two_models, spec, simulator):
    assert router.run(spec, Subject()).model == "gpt-5.4-nano"
    ModelOutcome.objects.update(rejected=200, passed=0)
    tallies.TALLIES.forget()

    first = [router.run(spec, Subject()).model for _ in range(12)]

    # One call in fifty tries the small one all the same.
    assert first.count("gpt-5.4") >= 9
    reasons = [row.decision["candidates"][1]["why"] for row in Call.objects.filter(model="gpt-5.4")]
    assert "skipped: does not pay" in reasons


def test_what_nobody_confirms_fades(db):
    long_ago = timezone.now() - timedelta(days=tallies.HALF_LIFE_DAYS)
    ModelOutcome.objects.create(
        task_type="t", provider="p", model="m", passed=80, rejected=20, answers=100, updated_at=long_ago
    )

    tally = tallies.tallies_of("t", "")(Candidate("p", "m"), False)

    assert (tally.passed, tally.rejected) == (pytest.approx(40, rel=0.01), pytest.approx(10, rel=0.01))


def test_two_workers_learn_a_call_once(two_models, spec, simulator, monkeypatch):
    router.run(spec, Subject())
    mark = OutcomeMark.objects.create(pk=1, learned_until=timezone.now() - timedelta(hours=1))
    held = OutcomeMark.objects.get(pk=1)
    learn()
    # The other one had read the mark before it was moved.
    monkeypatch.setattr(OutcomeMark.objects, "get_or_create", lambda **_: (held, False))

    assert learn() == 0
    assert ModelOutcome.objects.get().answers == 1
    mark.refresh_from_db()
    assert str(mark) == f"learned until {Call.objects.get().settled_at.isoformat()}"


def test_the_operator_sees_what_was_learned(staff, client_for):
    ModelOutcome.objects.create(
        task_type="cover_letter", prompt_version="cover_letter/v1", provider="openai", model="gpt-5.4-nano",
        passed=45, rejected=5, answers=900, paid_nanousd=60_000_000, expected_nanousd=50_000_000, seconds=100,
        updated_at=timezone.now(),
    )  # fmt: skip
    ModelOutcome.objects.create(
        task_type="gone_task", provider="openai", model="new", is_escalation=True, updated_at=timezone.now()
    )

    page = client_for(staff).get(reverse("admin:ai_router_modeloutcome_changelist")).content.decode()

    for text in (
        "Cover letter",
        "openai/gpt-5.4-nano",
        "90% (83%–94%)",
        "1.20 × predicted",
        "2.0 s",
        "after a rejection",
    ):
        assert text in page
    assert reverse("admin:ai_router_modeloutcome_add") not in page
