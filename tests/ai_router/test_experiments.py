"""Arms are drawn fairly and for good, evidence survives looking at it all the time, and what is certain ends an experiment."""

import math
import random
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ai_router import router, trials
from ai_router.copies import forget_copies
from ai_router.evidence import FEWEST_VALUES, Mean, Rate, is_higher, is_lower
from ai_router.experiments import Arm, draw
from ai_router.models import CallAcceptance, Experiment, ExperimentArm, PromptText, Route, RouteCandidate, RoutingRule
from ai_router.models.experiments import ExperimentState, Goal
from ai_router.outcomes import learn_outcomes
from ai_router.types import TaskType, Wishes
from tests.ai_router.conftest import Subject
from tests.providers.simulator import Reply
from usage.models import Call

# Assignment


def test_everybody_stays_in_their_arm_and_arms_get_their_shares():
    arms = [Arm(1, "a", weight=1), Arm(2, "b", weight=3)]
    users = [f"user {number}" for number in range(8_000)]

    drawn = [draw(7, arms, user) for user in users]

    assert drawn == [draw(7, arms, user) for user in users]
    # Four standard deviations of a share of 8,000.
    assert Counter(arm.name for arm in drawn)["a"] / len(users) == pytest.approx(0.25, abs=0.02)


def test_another_experiment_divides_people_anew():
    arms = [Arm(1, "a"), Arm(2, "b")]
    users = [f"user {number}" for number in range(4_000)]

    same = sum(draw(1, arms, user) == draw(2, arms, user) for user in users) / len(users)

    assert same == pytest.approx(0.5, abs=0.04)


def test_only_those_whose_arm_was_taken_out_are_moved():
    arms = [Arm(1, "a"), Arm(2, "b"), Arm(3, "c")]
    left = [arms[0], Arm(2, "b", is_on=False), arms[2]]
    users = [f"user {number}" for number in range(3_000)]

    before = [draw(1, arms, user).name for user in users]
    after = [draw(1, left, user).name for user in users]

    assert all(new == old for old, new in zip(before, after, strict=True) if old != "b")
    moved = Counter(new for old, new in zip(before, after, strict=True) if old == "b")
    assert set(moved) == {"a", "c"}
    assert moved["a"] / moved.total() == pytest.approx(0.5, abs=0.07)
    assert draw(1, [Arm(1, "a", is_on=False)], "user 1") is None


# Evidence


@given(hits=st.integers(0, 3_000), misses=st.integers(0, 3_000), alpha=st.floats(0.001, 0.2))
def test_the_interval_of_a_rate_holds_the_share_that_was_seen(hits, misses, alpha):
    rate = Rate(hits, misses)

    low, high = rate.interval(alpha)

    assert 0 <= low <= rate.share <= high <= 1
    wide_low, wide_high = rate.interval(alpha / 2)
    assert wide_low <= low + 1e-9
    assert wide_high >= high - 1e-9


def test_evidence_against_a_rate_is_a_fair_bet():
    """Under the true rate its mean is one, at any number of answers: the sum over all outcomes."""
    for rate, count in [(0.5, 7), (0.9, 30), (0.05, 12)]:
        mean = sum(
            math.comb(count, hits) * rate**hits * (1 - rate) ** (count - hits)
            * math.exp(Rate(hits, count - hits).log_evidence(rate))
            for hits in range(count + 1)
        )  # fmt: skip
        assert mean == pytest.approx(1)


ALPHA = 0.05
RUNS = 200


def false_stops(stops_at_once, runs=RUNS):
    return sum(stops_at_once(random.Random(seed)) for seed in range(runs)) / runs  # noqa: S311


def most_allowed(runs=RUNS):
    """The chance of error, and three standard deviations of a share of so many runs."""
    return ALPHA + 3 * (ALPHA * (1 - ALPHA) / runs) ** 0.5


@pytest.mark.parametrize("rate", [0.5, 0.9])
def test_looking_after_every_answer_at_equal_arms_seldom_finds_a_winner(rate):
    def stops(chance):
        counts = [[0, 0], [0, 0]]
        for _ in range(400):
            for count in counts:
                count[chance.random() < rate] += 1
            one, other = (Rate(hits, misses) for misses, hits in counts)
            if is_higher(one, other, alpha=ALPHA / 2) or is_higher(other, one, alpha=ALPHA / 2):
                return True
        return False

    assert false_stops(stops) <= most_allowed()


def test_the_true_rate_stays_within_its_interval_at_every_look():
    def leaves(chance):
        hits = 0
        for count in range(1, 501):
            hits += chance.random() < 0.8
            if Rate(hits, count - hits).log_evidence(0.8) >= -math.log(ALPHA):
                return True
        return False

    assert false_stops(leaves) <= most_allowed()


def test_looking_all_the_time_at_equal_costs_seldom_finds_a_cheaper_arm():
    def stops(chance):
        sums = [[0.0, 0.0], [0.0, 0.0]]
        for count in range(1, 601):
            for pair in sums:
                value = chance.lognormvariate(0, 0.7)
                pair[0] += value
                pair[1] += value * value
            one, other = (Mean(count, *pair) for pair in sums)
            if is_lower(one, other, alpha=ALPHA / 2) or is_lower(other, one, alpha=ALPHA / 2):
                return True
        return False

    assert false_stops(stops) <= most_allowed()


def test_a_real_difference_is_found():
    chance = random.Random(5)  # noqa: S311
    found = []
    for _ in range(30):
        good, bad = [0, 0], [0, 0]
        for count in range(1, 1_501):
            good[chance.random() < 0.9] += 1
            bad[chance.random() < 0.75] += 1
            assert not is_higher(Rate(bad[1], bad[0]), Rate(good[1], good[0]), alpha=ALPHA / 2)
            if is_higher(Rate(good[1], good[0]), Rate(bad[1], bad[0]), alpha=ALPHA / 2):
                found.append(count)
                break
    assert len(found) == 30
    assert sorted(found)[15] < 400


def test_nothing_is_said_of_few_costs_or_of_nothing():
    few = Mean(FEWEST_VALUES - 1, 1.0, 1.0)
    assert few.interval(0.05) is None
    assert not is_lower(few, Mean(500, 5e5, 5e8 + 1), alpha=0.05)
    assert is_lower(Mean(500, 500, 501), Mean(500, 1_000, 2_001), alpha=0.05)
    assert Rate(0, 0).interval(0.05) == (0.0, 1.0)
    assert not is_higher(Rate(0, 0), Rate(0, 9), alpha=0.5)


# On calls


@pytest.fixture
def route(simulator, db):
    """One model for the task."""
    route = Route.objects.get(task_type=TaskType.COVER_LETTER)
    route.candidates.all().delete()
    RouteCandidate.objects.create(route=route, provider="openai", model="gpt-5.4", position=1)
    return route


def experiment_of(*arms, **more) -> Experiment:
    experiment = Experiment.objects.create(name=f"e {uuid4()}", task_type=TaskType.COVER_LETTER, **more)
    for position, arm in enumerate(arms):
        ExperimentArm.objects.create(experiment=experiment, position=position, **{"name": f"arm {position}", **arm})
    trials.start(experiment)
    return experiment


def count() -> None:
    """Count and judge as a worker does in ten seconds."""
    learn_outcomes(now=timezone.now() + timedelta(seconds=10))
    trials.look()
    forget_copies()


NANO = {"provider": "openai", "model": "gpt-5.4-nano", "name": "small"}


def test_no_experiment_leaves_no_trace(route, spec):
    router.run(spec, Subject())

    assert "experiment" not in Call.objects.get().decision


def test_calls_are_told_apart_by_arm_and_counted_from_the_ledger(route, spec, simulator, owner):
    experiment = experiment_of({"name": "as it is"}, NANO)

    for _ in range(12):
        router.run(spec, Subject(), use_cache=False)
    mine = {router.run(spec, Subject(), user=owner, use_cache=False).model for _ in range(4)}
    count()
    count()

    assert len(mine) == 1
    calls = list(Call.objects.all())
    for call in calls:
        arm = call.decision["experiment"]["arm"]
        assert call.model == ("gpt-5.4-nano" if arm == "small" else "gpt-5.4")
        assert [row["candidate"] for row in call.decision["candidates"]][-1] == "embedded/rules"
    seen = Counter(call.decision["experiment"]["arm_id"] for call in calls)
    for arm in experiment.arms.all():
        own = [call for call in calls if call.decision["experiment"]["arm_id"] == arm.pk]
        assert (arm.calls, arm.passed, arm.rejected, arm.priced) == (seen[arm.pk], seen[arm.pk], 0, seen[arm.pk])
        assert arm.usd == pytest.approx(sum(call.cost_nanousd for call in own) / 1e9)
        assert arm.seconds == pytest.approx(sum(call.latency_ms for call in own) / 1e3)


def test_a_rejected_answer_counts_against_the_arm_and_the_route_answers(route, spec, simulator):
    experiment = experiment_of({**NANO, "name": "control"}, NANO)
    simulator.script(Reply(text="forbidden"), Reply(text="forbidden"), Reply(text="Roses."))

    result = router.run(spec, Subject())
    count()

    assert result.model == "gpt-5.4"
    arm = experiment.arms.get(calls=1)
    assert (arm.passed, arm.rejected) == (0, 1)
    assert arm.usd == pytest.approx(Call.objects.get().cost_nanousd / 1e9)


def test_an_outage_of_the_arm_says_nothing_of_its_answers(route, spec, simulator):
    experiment = experiment_of({**NANO, "name": "control"}, NANO)
    simulator.script(Reply(status=404), Reply(text="Roses."))

    router.run(spec, Subject())
    count()

    arm = experiment.arms.get(calls=1)
    assert (arm.passed, arm.rejected) == (0, 0)


def test_prompts_are_compared_and_the_ledger_has_their_versions(route, spec, simulator):
    text = PromptText.objects.create(prompt="verse/v1", system="You sing.", user='Sing {{ topic|data:"topic" }}')
    experiment_of({}, {"name": "song", "prompt_text": text}, prompt="verse/v1")

    for _ in range(12):
        router.run(spec, Subject(), use_cache=False)

    versions = {call.decision["experiment"]["arm"]: call.prompt_version for call in Call.objects.all()}
    assert versions == {"arm 0": "verse/v1", "song": "verse/v1+1"}


def test_other_prompts_rules_wishes_and_names_take_no_part(route, spec, simulator):
    experiment_of({}, NANO, prompt="other/v1")
    router.run(spec, Subject())
    Experiment.objects.update(prompt="")
    forget_copies()
    router.run(spec, Subject(topic="b"), provider="openai")
    router.run(spec, Subject(topic="c"), wishes=Wishes(strategy="quality"))
    RoutingRule.objects.create(name="All", strategy="quality", conditions={"tasks": ["cover_letter"]})
    forget_copies()
    router.run(spec, Subject(topic="d"))

    assert Call.objects.count() == 4
    assert not [call for call in Call.objects.all() if "experiment" in call.decision]


def test_free_prompts_take_part(route, simulator):
    experiment_of({**NANO, "name": "control"}, NANO)

    result = router.generate(task_type=TaskType.COVER_LETTER, prompt="Roses?")

    assert result.model == "gpt-5.4-nano"
    assert Call.objects.get().decision["experiment"]["candidate"] == "openai/gpt-5.4-nano"


def test_what_a_user_did_first_is_counted_once_for_the_arm(route, spec, simulator):
    experiment = experiment_of({}, NANO, goal=Goal.ACCEPTED)
    first, second = (router.run(spec, Subject(topic=topic)) for topic in "ab")

    assert router.record_acceptance(first.call_id, True)
    assert not router.record_acceptance(first.call_id, False)
    assert router.record_acceptance(second.call_id, False)
    router.record_acceptance(uuid4(), True)
    count()
    count()

    arms = list(experiment.arms.all())
    assert (sum(arm.accepted for arm in arms), sum(arm.declined for arm in arms)) == (1, 1)
    # What the ledger does not know yet waits.
    assert CallAcceptance.objects.filter(is_counted=False).count() == 1


# Verdicts


def test_a_certain_winner_ends_it_and_calls_follow_the_route_again(route, spec, simulator):
    experiment = experiment_of(
        {"passed": 150, "rejected": 50, "calls": 200}, {**NANO, "passed": 195, "rejected": 5, "calls": 200}
    )

    count()

    experiment.refresh_from_db()
    assert (experiment.state, experiment.winner.name) == (ExperimentState.STOPPED, "small")
    assert "best" in experiment.verdict
    router.run(spec, Subject())
    assert "experiment" not in Call.objects.get().decision


def test_a_harmful_arm_is_taken_out_whatever_the_goal(db):
    bad = {**NANO, "passed": 120, "rejected": 80, "calls": 200}
    good = {"passed": 190, "rejected": 10, "calls": 200}
    experiment = experiment_of(good, bad, {**good, "name": "third"}, goal=Goal.COST)

    count()

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.RUNNING
    assert [arm.is_on for arm in experiment.arms.all()] == [True, False, True]


def test_where_only_the_control_is_left_it_ends(db):
    experiment = experiment_of(
        {"passed": 190, "rejected": 10}, {**NANO, "passed": 120, "rejected": 80}, goal=Goal.LATENCY
    )

    count()

    experiment.refresh_from_db()
    assert (experiment.state, experiment.winner.name) == (ExperimentState.STOPPED, "arm 0")


def test_without_a_difference_it_ends_when_the_calls_are_used_up(db):
    experiment = experiment_of(
        {"passed": 45, "rejected": 5, "calls": 50}, {**NANO, "passed": 46, "rejected": 4, "calls": 50}, max_calls=101
    )
    count()
    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.RUNNING

    Experiment.objects.update(max_calls=100)
    count()

    experiment.refresh_from_db()
    assert (experiment.state, experiment.winner) == (ExperimentState.STOPPED, None)


def test_a_cheaper_arm_wins_by_cost(db):
    same = {"passed": 200, "calls": 200, "priced": 200}
    experiment = experiment_of(
        {**same, "usd": 2.0, "usd_squared": 0.0201}, {**NANO, **same, "usd": 1.0, "usd_squared": 0.0051}, goal=Goal.COST
    )

    count()

    experiment.refresh_from_db()
    assert experiment.winner.name == "small"


def test_one_experiment_of_a_task_runs_at_a_time(db):
    experiment_of({}, NANO)

    with pytest.raises(IntegrityError), transaction.atomic():
        experiment_of({}, NANO)


# In the admin


def figures_page(client, experiment):
    return client.get(reverse("admin:ai_router_experiment_figures", args=[experiment.pk])).content.decode()


def test_it_is_set_up_started_watched_and_stopped_in_the_admin(staff, client_for):
    client = client_for(staff)
    form = {
        "name": "Small letters", "kind": "split", "task_type": "cover_letter", "prompt": "", "goal": "passed",
        "alpha": "0.05", "max_calls": "500", "share_percent": "10", "arms-TOTAL_FORMS": "2", "arms-INITIAL_FORMS": "0",
        "arms-0-position": "0", "arms-0-name": "as it is", "arms-0-weight": "1",
        "arms-1-position": "1", "arms-1-name": "small", "arms-1-weight": "1",
        "arms-1-provider": "openai", "arms-1-model": "gpt-5.4-nano",
    }  # fmt: skip
    answer = client.post(reverse("admin:ai_router_experiment_add"), form)

    experiment = Experiment.objects.get()
    figures = reverse("admin:ai_router_experiment_figures", args=[experiment.pk])
    assert answer.url == figures
    client.post(figures, {"start": ""})
    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.RUNNING
    experiment.arms.filter(name="small").update(calls=60, passed=57, rejected=3, priced=60, usd=0.6, usd_squared=0.007)
    page = figures_page(client, experiment)
    assert "95.0% of 60" in page
    assert "openai/gpt-5.4-nano" in page
    assert "$0.01" in page
    # What runs is not edited.
    change = reverse("admin:ai_router_experiment_change", args=[experiment.pk])
    assert client.post(change, {**form, "name": "Other"}).status_code == 403
    assert client.get(change).status_code == 200
    assert "Small letters" in client.get(reverse("admin:ai_router_experiment_changelist")).content.decode()

    client.post(figures, {"stop": ""})

    experiment.refresh_from_db()
    assert (experiment.state, experiment.verdict) == (ExperimentState.STOPPED, "stopped by hand")
    assert "Stopped" in figures_page(client, experiment)


def test_one_that_cannot_run_is_not_started(staff, client_for):
    client = client_for(staff)
    lonely = Experiment.objects.create(name="lonely", task_type=TaskType.COVER_LETTER)
    figures = reverse("admin:ai_router_experiment_figures", args=[lonely.pk])
    assert "needs two arms" in client.post(figures, {"start": ""}, follow=True).content.decode()
    for name in "ab":
        ExperimentArm.objects.create(experiment=lonely, name=name)
    experiment_of({}, NANO)

    assert "Another experiment" in client.post(figures, {"start": ""}, follow=True).content.decode()

    lonely.refresh_from_db()
    assert lonely.state == ExperimentState.DRAFT


def test_who_may_only_look_has_no_buttons(client_for, stranger):
    experiment = experiment_of({}, NANO)
    stranger.is_staff = True
    stranger.save()
    client = client_for(stranger)
    address = reverse("admin:ai_router_experiment_figures", args=[experiment.pk])
    assert client.get(address).status_code == 403
    stranger.user_permissions.add(Permission.objects.get(codename="view_experiment"))

    assert 'name="stop"' not in figures_page(client, experiment)
    assert client.post(address, {"stop": ""}).status_code == 403


def test_an_arm_without_a_known_provider_is_refused():
    for arm in (ExperimentArm(name="a", model="gpt-5.4"), ExperimentArm(name="a", provider="nobody")):
        with pytest.raises(ValidationError):
            arm.clean()
