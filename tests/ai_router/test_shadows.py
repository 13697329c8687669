"""Shadow traffic: asked beside real calls, by its own money, seen by nobody, never twice."""

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ai_router import router, shadow_runs, shadows, trials
from ai_router.agreement import agreement_of
from ai_router.copies import forget_copies
from ai_router.limits import BOOK
from ai_router.models import (
    BackgroundTask,
    Experiment,
    ExperimentArm,
    PromptText,
    RateLimit,
    Route,
    RouteCandidate,
    RoutingRule,
    ShadowRequest,
)
from ai_router.models.experiments import ExperimentKind, ExperimentState, Goal
from ai_router.outcomes import learn_outcomes
from ai_router.scheduling import reconcile
from ai_router.shadows import REPEATABLE, Served, allow_shadows
from ai_router.trials import Pair
from ai_router.types import StreamEnded, TaskType
from tests.ai_router.conftest import Subject
from tests.providers.simulator import Reply
from usage.models import Budget, Call, OutboundText
from usage.types import CallStatus

pytestmark = pytest.mark.django_db

NANO = {"provider": "openai", "model": "gpt-5.4-nano", "name": "small"}
USD = 10**9


@pytest.fixture(autouse=True)
def _repeatable(spec, form_spec, monkeypatch):
    """The tasks of these tests, found again by their prompt."""
    monkeypatch.setattr(shadows, "REPEATABLE", REPEATABLE.copy())
    monkeypatch.setattr(shadow_runs, "REPEATABLE", shadows.REPEATABLE)
    allow_shadows(lambda: spec, Subject)


@pytest.fixture(autouse=True)
def _route(simulator):
    """One model for each task."""
    for task in (TaskType.COVER_LETTER, TaskType.CV_PARSING):
        route = Route.objects.get(task_type=task)
        route.candidates.all().delete()
        RouteCandidate.objects.create(route=route, provider="openai", model="gpt-5.4", position=1)
    forget_copies()


def shadow_of(*arms, task=TaskType.COVER_LETTER, usd=1.0, share=100, **more) -> Experiment:
    experiment = Experiment.objects.create(
        name=f"e {uuid4()}", kind=ExperimentKind.SHADOW, task_type=task, share_percent=share,
        budget_nanousd=round(usd * USD), **more,
    )  # fmt: skip
    for position, arm in enumerate([{"name": "served"}, *arms]):
        ExperimentArm.objects.create(experiment=experiment, position=position, **{"name": f"arm {position}", **arm})
    assert not experiment.why_not_ready()
    trials.start(experiment)
    forget_copies()
    return experiment


def models(simulator) -> list[str]:
    return [entry.model for entry in simulator.books]


def shadow_line() -> Call:
    return Call.objects.get(purpose__startswith="shadow:")


# What is asked, and what is counted


def test_a_call_is_asked_once_more_and_both_answers_are_a_pair(spec, simulator, owner, run_tasks):
    experiment = shadow_of(NANO)

    result = router.run(spec, Subject(), user=owner)

    assert models(simulator) == ["gpt-5.4"]
    assert result.model == "gpt-5.4"
    run_tasks(skip_delays=True)
    assert models(simulator) == ["gpt-5.4", "gpt-5.4-nano"]
    line = shadow_line()
    assert (line.user, line.shadow_of_id, line.purpose) == (None, result.call_id, f"shadow:{experiment.pk}")
    assert (line.model, line.status) == ("gpt-5.4-nano", CallStatus.SUCCEEDED)
    assert line.decision["shadow"]["arm"] == "small"
    served, small = experiment.arms.all()
    for arm, cost in ((served, result.cost_nanousd), (small, line.cost_nanousd)):
        assert (arm.calls, arm.passed, arm.rejected, arm.priced, arm.timed) == (1, 1, 0, 1, 1)
        assert arm.usd == pytest.approx(cost / USD)
    assert (small.better, small.worse, small.compared) == (0, 0, 0)
    assert not ShadowRequest.objects.exists()
    assert BackgroundTask.objects.get().priority == 0
    # The ledger teaches what models are worth, and counts no arm a second time.
    learn_outcomes(now=timezone.now() + timedelta(seconds=10))
    small.refresh_from_db()
    assert small.calls == 1


def test_a_stream_is_asked_again_too(spec, simulator, owner, run_tasks):
    shadow_of(NANO)

    async def read() -> StreamEnded:
        async for event in router.stream(spec, Subject(), user=owner):
            if isinstance(event, StreamEnded):
                return event
        raise AssertionError

    ended = async_to_sync(read)()
    run_tasks(skip_delays=True)

    assert shadow_line().shadow_of_id == ended.result.call_id


def test_an_arm_may_have_another_text_for_the_same_model(spec, simulator, run_tasks):
    text = PromptText.objects.create(prompt="verse/v1", system="You sing.", user='Sing {{ topic|data:"topic" }}')
    shadow_of({"name": "song", "prompt_text": text})

    router.run(spec, Subject())
    run_tasks(skip_delays=True)

    assert models(simulator) == ["gpt-5.4", "gpt-5.4"]
    assert shadow_line().prompt_version == "verse/v1+1"
    assert Call.objects.get(purpose="").prompt_version == "verse/v1"


def test_who_passes_where_the_other_does_not_is_counted(spec, simulator, run_tasks):
    experiment = shadow_of(NANO)
    # The served model is refused twice, and the rules answer; then the arm passes.
    simulator.script(Reply(text="forbidden"), Reply(text="forbidden"), Reply(text="Roses."))
    router.run(spec, Subject(), use_cache=False)
    run_tasks(skip_delays=True)
    simulator.script(Reply(text="Roses."), Reply(text="forbidden"), Reply(text="forbidden"))
    router.run(spec, Subject(), use_cache=False)
    run_tasks(skip_delays=True)

    served, small = experiment.arms.all()
    assert (served.passed, served.rejected) == (1, 1)
    assert (small.passed, small.rejected, small.better, small.worse) == (1, 1, 1, 1)


def test_an_outage_of_the_arm_is_no_pair(spec, simulator, run_tasks):
    experiment = shadow_of(NANO)
    simulator.script(Reply(text="Roses."), Reply(status=404))

    router.run(spec, Subject())
    run_tasks(skip_delays=True)

    served, small = experiment.arms.all()
    assert (served.calls, small.calls, small.passed, small.rejected) == (0, 1, 0, 0)
    assert shadow_line().status == CallStatus.FAILED


def test_structured_answers_are_compared(form_spec, simulator, run_tasks):
    allow_shadows(lambda: form_spec, Subject)
    experiment = shadow_of(NANO, task=TaskType.CV_PARSING)
    simulator.script(
        Reply(text='{"title": "Roses", "lines": ["Red", "White"]}'),
        Reply(text='{"title": "roses", "lines": ["White", "Blue"]}'),
    )

    router.run(form_spec, Subject())
    run_tasks(skip_delays=True)

    small = experiment.arms.last()
    assert (small.compared, small.agreement) == (1, pytest.approx(2 / 3))
    assert shadow_line().decision["shadow"]["agreement"] == pytest.approx(2 / 3, abs=1e-4)


# Who is never asked


def test_only_a_share_of_the_calls_is_drawn(spec, simulator, monkeypatch):
    shadow_of(NANO, share=30)
    lots = iter([29, 30, 99, 0])
    monkeypatch.setattr(shadows.secrets, "randbelow", lambda _most: next(lots))

    calls = [router.run(spec, Subject(), use_cache=False).call_id for _ in range(4)]

    assert set(ShadowRequest.objects.values_list("call_id", flat=True)) == {calls[0], calls[3]}


@pytest.mark.parametrize("more", [{"provider": "embedded"}, {"provider": "openai"}])
def test_what_a_person_decided_is_not_second_guessed(spec, simulator, owner, more):
    shadow_of(NANO)

    router.run(spec, Subject(), user=owner, **more)

    assert not ShadowRequest.objects.exists()


def test_kept_answers_rules_and_other_prompts_take_no_part(spec, simulator, owner):
    shadow_of(NANO, prompt="other/v1")
    router.run(spec, Subject(topic="a"), user=owner)
    Experiment.objects.update(prompt="")
    forget_copies()
    assert router.run(spec, Subject(topic="a"), user=owner).is_cached
    RoutingRule.objects.create(name="All", strategy="quality", conditions={"tasks": ["cover_letter"]})
    forget_copies()
    router.run(spec, Subject(topic="b"), user=owner)

    assert not ShadowRequest.objects.exists()


def test_what_stays_on_the_site_is_not_sent_elsewhere_to_compare(spec, simulator, settings, owner):
    settings.AI_PROVIDERS |= {"ollama": {"api_key": "", "base_url": simulator.base_url, "model": "llama"}}
    RouteCandidate.objects.filter(route__task_type="cover_letter").update(provider="ollama", model="llama")
    shadow_of(NANO)

    router.run(spec, Subject(), user=owner)

    assert Call.objects.get().provider == "ollama"
    assert not ShadowRequest.objects.exists()


def test_the_served_answer_is_kept_and_the_arms_never(spec, simulator, owner, run_tasks):
    shadow_of(NANO)
    simulator.script(Reply(text="Roses."), Reply(text="Weeds."))
    router.run(spec, Subject(), user=owner)
    run_tasks(skip_delays=True)

    again = router.run(spec, Subject(), user=owner)

    assert (again.is_cached, again.output) == (True, "Roses.")


# Privacy


def test_the_arm_gets_placeholders_and_the_person_sees_what_left(spec, simulator, owner, client_for, run_tasks):
    shadow_of(NANO)

    router.run(spec, Subject(topic="Write to kim@example.org."), user=owner)
    run_tasks(skip_delays=True)

    line = shadow_line()
    said = " ".join(text for _, text in OutboundText.objects.get(call=line, user=owner).messages)
    assert "[EMAIL_1]" in said
    assert "kim@" not in said
    page = client_for(owner).get(reverse("usage:mine")).content.decode()
    assert "also to openai/gpt-5.4-nano" in page


def test_a_person_who_leaves_takes_waiting_requests_along(spec, simulator, owner, run_tasks):
    shadow_of(NANO)
    router.run(spec, Subject(), user=owner)

    owner.delete()
    run_tasks(skip_delays=True)

    assert not ShadowRequest.objects.exists()
    assert models(simulator) == ["gpt-5.4"]


# Money


def test_nobodys_limits_and_budgets_but_its_own_and_the_sites_are_touched(spec, simulator, owner, run_tasks):
    experiment = shadow_of(NANO)
    Budget.objects.create(name="each", is_per_user=True, limit_nanousd=USD)
    Budget.objects.create(name="site", limit_nanousd=USD)
    RateLimit.objects.create(task_type="cover_letter", requests_per_minute=1)
    BOOK.forget()

    router.run(spec, Subject(), user=owner)
    run_tasks(skip_delays=True)

    line, own = shadow_line(), Call.objects.get(user=owner)
    spent = {window.budget.name: window.spent_nanousd for window in _windows()}
    name = f"Shadow traffic: {experiment.name}"
    assert spent == {"each": own.cost_nanousd, "site": own.cost_nanousd + line.cost_nanousd, name: line.cost_nanousd}


def _windows():
    return [window for budget in Budget.objects.all() for window in budget.windows.select_related("budget")]


def test_it_ends_when_its_budget_has_no_room(spec, simulator, run_tasks):
    experiment = shadow_of(NANO, usd=0.000_001)

    router.run(spec, Subject())
    run_tasks(skip_delays=True)

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.STOPPED
    assert "budget" in experiment.verdict
    assert models(simulator) == ["gpt-5.4"]
    assert not Budget.objects.filter(is_active=True).exists()
    assert not ShadowRequest.objects.exists()


def test_a_budget_of_the_site_costs_only_the_comparison(spec, simulator, run_tasks):
    experiment = shadow_of(NANO)
    router.run(spec, Subject())
    Budget.objects.create(name="site", limit_nanousd=1)

    run_tasks(skip_delays=True)

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.RUNNING
    assert models(simulator) == ["gpt-5.4"]


def test_without_its_own_hard_budget_nothing_is_asked(spec, simulator, run_tasks):
    experiment = shadow_of(NANO)
    router.run(spec, Subject())
    Budget.objects.update(is_hard=False)

    run_tasks(skip_delays=True)

    experiment.refresh_from_db()
    assert "taken away" in experiment.verdict
    assert models(simulator) == ["gpt-5.4"]


def test_a_budget_that_goes_in_the_last_moment_holds_nothing_and_nothing_is_asked(
    spec, simulator, run_tasks, monkeypatch
):
    shadow_of(NANO)
    router.run(spec, Subject())
    open_plan = shadow_runs.open_plan

    def open_late(*arguments, **more):
        Budget.objects.update(is_active=False)
        return open_plan(*arguments, **more)

    monkeypatch.setattr(shadow_runs, "open_plan", open_late)
    run_tasks(skip_delays=True)

    assert models(simulator) == ["gpt-5.4"]
    assert shadow_line().status == CallStatus.CANCELLED


# Behind everything else, and once


def test_it_waits_for_peoples_work(spec, simulator, owner):
    shadow_of(NANO)
    router.run(spec, Subject(), user=owner)
    task = BackgroundTask.objects.get()
    BackgroundTask.objects.update(run_after=None)
    other = BackgroundTask.objects.create(name="jobs.write_letter", subject_id=1)

    shadow_runs_task(task)

    task.refresh_from_db()
    assert (task.state, task.failures) == ("queued", 0)
    assert task.run_after > timezone.now()
    other.delete()
    BackgroundTask.objects.update(run_after=None)
    shadow_runs_task(task)
    assert models(simulator) == ["gpt-5.4", "gpt-5.4-nano"]


def shadow_runs_task(task: BackgroundTask) -> None:
    from ai_router.tasks import ask_beside

    ask_beside(str(task.pk))


def test_what_a_dead_worker_asked_is_not_asked_again(spec, simulator, run_tasks):
    experiment = shadow_of(NANO)
    router.run(spec, Subject())
    # A worker marked it, asked, and was killed: its lease ends, and another takes the task over.
    ShadowRequest.objects.update(asked_at=timezone.now())
    BackgroundTask.objects.update(
        state="running", lease_owner="dead", lease_until=timezone.now() - timedelta(minutes=1)
    )

    shadow_runs_task(BackgroundTask.objects.get())

    assert models(simulator) == ["gpt-5.4"]
    assert experiment.arms.last().calls == 0
    assert not ShadowRequest.objects.exists()


def test_one_at_a_time_and_the_old_ones_never(spec, simulator, run_tasks):
    shadow_of(NANO)
    router.run(spec, Subject(), use_cache=False)
    router.run(spec, Subject(), use_cache=False)
    first, second = ShadowRequest.objects.order_by("pk")
    ShadowRequest.objects.filter(pk=first.pk).update(asked_at=timezone.now())
    BackgroundTask.objects.update(run_after=None)
    BackgroundTask.objects.filter(subject_id=first.pk).delete()

    shadow_runs_task(BackgroundTask.objects.get(subject_id=second.pk))
    assert models(simulator) == ["gpt-5.4", "gpt-5.4"]

    ShadowRequest.objects.filter(pk=second.pk).update(created_at=timezone.now() - timedelta(hours=2))
    run_tasks(skip_delays=True)
    assert models(simulator) == ["gpt-5.4", "gpt-5.4"]
    assert shadow_runs.forget_shadows(now=timezone.now() + timedelta(days=2)) == 1


def test_a_stopped_experiment_asks_nothing_more(spec, simulator, run_tasks):
    experiment = shadow_of(NANO)
    router.run(spec, Subject())

    trials.stop(experiment, "stopped by hand")
    run_tasks(skip_delays=True)

    assert models(simulator) == ["gpt-5.4"]
    assert not ShadowRequest.objects.exists()


def test_a_bug_leaves_no_text_behind(spec, simulator, run_tasks, monkeypatch):
    shadow_of(NANO)
    router.run(spec, Subject())
    monkeypatch.setattr(shadow_runs, "_open", lambda _again: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        run_tasks(skip_delays=True)

    assert not ShadowRequest.objects.exists()


def test_a_database_that_takes_no_note_costs_the_caller_nothing(spec, simulator, monkeypatch):
    shadow_of(NANO)

    def fail(*_arguments, **_more):
        raise DatabaseError

    monkeypatch.setattr(shadows, "_note", fail)

    assert router.run(spec, Subject()).model == "gpt-5.4"


def test_the_reconciler_rings_for_what_waits(spec, simulator):
    shadow_of(NANO)
    router.run(spec, Subject())
    BackgroundTask.objects.update(run_after=timezone.now() - timedelta(seconds=1))

    assert reconcile() == 1


# Verdicts


def pair(arm: ExperimentArm, *, served: bool, mine: bool, cost: int = USD, usual: int = USD) -> None:
    trials.add_pair(arm, Pair(Served("openai/gpt-5.4", served, usual, 1.0, None), mine, cost, 1.0))


def test_pairs_that_speak_for_the_arm_end_it():
    experiment = shadow_of(NANO)
    small = experiment.arms.last()

    for _ in range(40):
        pair(small, served=True, mine=True)
        pair(small, served=False, mine=True)
    trials.look()

    experiment.refresh_from_db()
    assert (experiment.state, experiment.winner) == (ExperimentState.STOPPED, small)


def test_an_arm_that_fails_where_the_served_answer_passes_is_taken_out_whatever_the_goal():
    experiment = shadow_of(NANO, goal=Goal.COST)
    small = experiment.arms.last()

    for _ in range(40):
        pair(small, served=True, mine=False, cost=1)
    trials.look()

    experiment.refresh_from_db()
    assert (experiment.state, experiment.winner.name) == (ExperimentState.STOPPED, "served")


def test_equal_pairs_prove_nothing_until_they_are_used_up():
    experiment = shadow_of(NANO, max_calls=90)
    small = experiment.arms.last()

    for number in range(89):
        pair(small, served=number % 2 == 0, mine=number % 2 == 1)
    trials.look()
    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.RUNNING
    pair(small, served=True, mine=True)
    trials.look()

    experiment.refresh_from_db()
    assert (experiment.state, experiment.winner) == (ExperimentState.STOPPED, None)


def test_looking_after_every_pair_of_equal_arms_seldom_finds_a_winner():
    """Answers to the same request fail together; that must not make the verdict bolder than its chance of error."""
    from ai_router.trials import Scales

    scales = Scales(Goal.PASSED, 0.05 / 2, served=1)
    wrong = 0
    for seed in range(300):
        chance = random.Random(seed)  # noqa: S311
        served, small = ExperimentArm(pk=1), ExperimentArm(pk=2)
        for _ in range(300):
            hard = chance.random() < 0.3
            one, other = (chance.random() < (0.4 if hard else 0.97) for _ in range(2))
            small.better += other > one
            small.worse += one > other
            if scales.passes_more(small, served) or scales.passes_more(served, small):
                wrong += 1
                break
    assert wrong / 300 <= 0.05 + 3 * (0.05 * 0.95 / 300) ** 0.5


# Agreement


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4), max_leaves=8))  # fmt: skip
def test_an_answer_agrees_with_itself(answer):
    assert agreement_of(answer, answer) in {1.0, None}


def test_what_counts_as_agreement():
    assert agreement_of({"a": "Berlin ", "b": [1, 2]}, {"a": "berlin", "b": [2, 1]}) == 1
    assert agreement_of({"a": 1}, {"b": 1}) == 0
    assert agreement_of({"a": "x" * 200, "b": None, "c": ""}, {"a": "y" * 200}) is None
    assert agreement_of({"a": ["1", "1"]}, {"a": ["1"]}) == pytest.approx(2 / 3)


# In the admin


def test_it_is_set_up_and_started_in_the_admin(staff, client_for):
    client = client_for(staff)
    form = {
        "name": "Small beside", "kind": "shadow", "task_type": "cover_letter", "prompt": "", "goal": "passed",
        "alpha": "0.05", "max_calls": "500", "share_percent": "20", "budget_nanousd": "2.50",
        "arms-TOTAL_FORMS": "2", "arms-INITIAL_FORMS": "0",
        "arms-0-position": "0", "arms-0-name": "served", "arms-0-weight": "1",
        "arms-1-position": "1", "arms-1-name": "small", "arms-1-weight": "1",
        "arms-1-provider": "openai", "arms-1-model": "gpt-5.4-nano",
    }  # fmt: skip
    add = reverse("admin:ai_router_experiment_add")
    assert "what it may cost" in client.post(add, form | {"budget_nanousd": ""}).content.decode()
    assert "Nobody sees these answers" in client.post(add, form | {"goal": "accepted"}).content.decode()

    client.post(add, form)
    experiment = Experiment.objects.get()
    figures = reverse("admin:ai_router_experiment_figures", args=[experiment.pk])
    client.post(figures, {"start": ""})

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.RUNNING
    budget = Budget.objects.get()
    assert (budget.limit_nanousd, budget.purpose, budget.is_hard) == (2_500_000_000, f"shadow:{experiment.pk}", True)
    page = " ".join(client.get(figures).content.decode().split())
    assert "what people got" in page
    assert "$0.00 of $2.50 spent" in page


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (NANO, {"name": "b", "provider": "openai"}, "comes first"),
        ({"name": "a"}, {"name": "b"}, "Every arm but the first"),
    ],
)
def test_arms_that_say_nothing_are_not_started(first, second, why):
    experiment = Experiment.objects.create(
        name="e", kind=ExperimentKind.SHADOW, task_type=TaskType.COVER_LETTER, budget_nanousd=1
    )
    for position, arm in enumerate((first, second)):
        ExperimentArm.objects.create(experiment=experiment, position=position, **arm)

    assert why in experiment.why_not_ready()


def test_a_split_needs_no_budget():
    Experiment(name="e", task_type=TaskType.COVER_LETTER).clean()
    with pytest.raises(ValidationError):
        Experiment(name="e", task_type=TaskType.COVER_LETTER, kind=ExperimentKind.SHADOW).clean()
