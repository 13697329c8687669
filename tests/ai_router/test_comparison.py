"""Models side by side, as the ledger has them."""

import statistics
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ai_router import router
from ai_router.comparison import compare_models
from ai_router.intervals import FEWEST, mean, percentile, rate, wilson
from ai_router.models import CallAcceptance
from usage.ledger import open_call, settle_call
from usage.models import Call
from usage.types import AttemptRecord, AttemptStatus, CallStatus

ADDRESS = "/api/v1/ai/models/compare/"
MINI, NANO = ("openai", "gpt-5.4-mini"), ("openai", "gpt-5.4-nano")
GOOD, BAD, DOWN = AttemptStatus.SUCCEEDED, AttemptStatus.REJECTED, AttemptStatus.FAILED


def attempt(
    model: tuple[str, str], status: AttemptStatus, *, ms: int = 100, cost: int | None = 1_000_000
) -> AttemptRecord:
    return AttemptRecord(*model, status, timezone.now(), ms, cost_nanousd=cost)


def call(*attempts: AttemptRecord, user=None, task: str = "cover_letter", hours_ago: float = 0) -> Call:
    call_id, last = uuid4(), attempts[-1]
    open_call(
        call_id=call_id, user_id=user.pk if user else None, task_type=task, held_nanousd=0, expires_at=timezone.now()
    )
    status = CallStatus.SUCCEEDED if last.status == GOOD else CallStatus.FAILED
    settle_call(
        call_id=call_id, status=status, attempts=attempts, latency_ms=1, provider=last.provider, model=last.model
    )
    Call.objects.filter(pk=call_id).update(created_at=timezone.now() - timedelta(hours=hours_ago))
    return Call.objects.get(pk=call_id)


def figures(**more):
    return {(one.task, one.model): one for one in compare_models(**{"hours": 24, **more})}


@pytest.mark.django_db
def test_answers_repairs_escalations_and_outages_are_told_apart(django_assert_num_queries):
    call(attempt(NANO, GOOD))
    call(attempt(NANO, BAD, ms=300), attempt(NANO, GOOD, ms=200))
    call(attempt(NANO, BAD), attempt(NANO, BAD), attempt(MINI, GOOD, cost=9_000_000))
    call(attempt(NANO, DOWN, cost=0), attempt(MINI, GOOD, cost=None))
    call(attempt(NANO, AttemptStatus.CANCELLED, cost=500), attempt(MINI, GOOD, cost=1_000_000))

    with django_assert_num_queries(2):
        found = figures()

    nano, mini = found["cover_letter", NANO[1]], found["cover_letter", MINI[1]]
    assert (nano.answers, nano.failures, nano.unpriced) == (3, 1, 0)
    assert nano.passed.value == pytest.approx(2 / 3)
    assert nano.usd.value == pytest.approx((0.001 + 0.002 + 0.002) / 3)
    assert nano.cost_nanousd == 5_000_500
    assert nano.p95_ms.value == pytest.approx(500, abs=6)
    assert (mini.answers, mini.failures, mini.unpriced) == (3, 0, 1)
    assert (mini.passed.value, mini.usd.count) == (1.0, 2)
    assert mini.usd.value == pytest.approx(0.005)


@pytest.mark.django_db
def test_a_refusal_is_an_answer_and_the_embedded_engine_is_not_verified():
    refusal = AttemptRecord(*NANO, DOWN, timezone.now(), 5, error_class="RefusalError")
    call(refusal, attempt(("embedded", "rules"), GOOD, cost=0))

    found = figures()

    assert found["cover_letter", NANO[1]].passed.value == 0
    rules = found["cover_letter", "rules"]
    assert (rules.answers, rules.passed.count, rules.passed.value) == (1, 0, None)


@pytest.mark.django_db
def test_the_period_the_task_and_the_person_are_chosen(owner, stranger):
    call(attempt(NANO, GOOD), user=owner)
    call(attempt(NANO, GOOD), user=stranger)
    call(attempt(NANO, GOOD), user=owner, task="cv_parsing")
    call(attempt(NANO, GOOD), user=owner, hours_ago=30)

    assert figures()["cover_letter", NANO[1]].answers == 2
    assert figures(hours=48)["cover_letter", NANO[1]].answers == 3
    assert set(figures(task="cv_parsing")) == {("cv_parsing", NANO[1])}
    assert figures(user_id=owner.pk)["cover_letter", NANO[1]].answers == 1


@pytest.mark.django_db
def test_what_people_took_reaches_the_model_that_they_saw(owner):
    taken, refused = (call(attempt(NANO, BAD), attempt(MINI, GOOD), user=owner) for _ in range(2))
    router.record_acceptance(taken.pk, True)
    router.record_acceptance(refused.pk, False)
    CallAcceptance.objects.create(call_id=uuid4(), is_accepted=True)

    found = figures()

    mini = found["cover_letter", MINI[1]].accepted
    assert (mini.count, mini.value) == (2, 0.5)
    assert found["cover_letter", NANO[1]].accepted.count == 0


@pytest.mark.django_db
def test_times_are_counted_in_steps_none_of_them_wide():
    times = [3, 199, 201, 1_999, 2_345, 19_950, 20_500, 199_000, 223_000]
    for task, ms in enumerate(times):
        call(attempt(NANO, GOOD, ms=ms), task=f"t{task}")

    found = figures()

    for task, ms in enumerate(times):
        assert found[f"t{task}", NANO[1]].p50_ms.value == pytest.approx(ms, rel=0.026)


# Intervals


def test_wilsons_interval_is_that_of_the_textbook():
    low, high = wilson(81, 263)

    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 5)[0] == 0
    assert wilson(5, 5)[1] == 1


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=200), st.sampled_from([0.5, 0.95]))
def test_a_percentile_is_one_of_the_values_within_its_bounds(values, share):
    groups = sorted((float(value), values.count(value)) for value in set(values))

    found = percentile(groups, share)

    assert found.value in values
    assert found.low is None or found.low <= found.value
    assert found.high is None or found.value <= found.high
    if share == 0.5:
        assert found.value == statistics.median_low(values)


def test_too_few_are_said_to_be_too_few():
    assert rate(3, 4).is_too_few
    assert rate(0, 0).value is None
    few, enough = mean(FEWEST - 1, 19, 19), mean(FEWEST, 20, 40)
    assert (few.is_too_few, few.low) == (True, None)
    assert not enough.is_too_few
    assert enough.low < 1 < enough.high
    assert percentile([(1.0, 10)], 0.95).high is None
    assert percentile([], 0.5).count == 0


# API and page


@pytest.mark.django_db
def test_a_person_sees_their_own_and_staff_sees_all(owner, stranger, staff, client_for, client):
    call(attempt(NANO, GOOD), user=owner)
    call(attempt(NANO, GOOD), user=stranger)
    call(attempt(NANO, GOOD))

    def answers(person) -> int:
        body = client_for(person).get(ADDRESS, {"task": "cover_letter", "hours": 24}).json()
        return sum(one["answers"] for one in body["models"])

    assert (answers(owner), answers(staff)) == (1, 3)
    assert client.get(ADDRESS).status_code == 401


@pytest.mark.django_db
def test_the_answer_has_bounds_and_says_what_is_too_few(owner, client_for):
    call(attempt(NANO, GOOD, cost=1_500_000), user=owner)

    body = client_for(owner).get(ADDRESS).json()

    assert body["period_hours"] == 168
    (one,) = body["models"]
    assert (one["provider"], one["model"], one["cost_usd"]) == (*NANO, 0.0015)
    assert one["passed"]["is_too_few"] is True
    assert one["passed"]["low"] < 1 == one["passed"]["high"]
    assert one["usd_per_answer"] == {"count": 1, "value": 0.0015, "low": None, "high": None, "is_too_few": True}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"hours": "0"}, "hours"),
        ({"hours": "-5"}, "hours"),
        ({"hours": "abc"}, "hours"),
        ({"hours": str(10**9)}, "hours"),
        ({"task": "knitting"}, "task"),
    ],
)
def test_bad_parameters_are_refused_in_the_error_form(owner, client_for, query, field):
    response = client_for(owner).get(ADDRESS, query)

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid"
    assert list(response.json()["error"]["fields"]) == [field]


@pytest.mark.django_db
def test_the_page_shows_plots_and_leads_to_the_calls(staff, owner, client_for):
    for _ in range(FEWEST):
        call(attempt(MINI, GOOD))
    call(attempt(NANO, BAD))
    address = reverse("admin:ai_router_compare")
    client = client_for(staff)

    page = " ".join(client.get(address, {"period": "24h", "task": "cover_letter"}).content.decode().split())

    assert "Passed the verifier" in page
    assert "83.9% to 100.0%, of 20" in page
    assert "too few to conclude anything: 1" in page
    assert "Nothing was asked" in client.get(address, {"task": "cv_parsing"}).content.decode()
    link = page.partition("usage/call/?")[2].partition('"')[0].replace("&amp;", "&")
    calls = client.get(reverse("admin:usage_call_changelist") + "?" + link)
    assert calls.status_code == 200
    assert "20 calls" in " ".join(calls.content.decode().split())
    assert client_for(owner).get(address).status_code == 302


@pytest.mark.django_db
def test_the_page_is_for_those_who_may_see_calls(stranger, client_for):
    stranger.is_staff = True
    stranger.save()

    assert client_for(stranger).get(reverse("admin:ai_router_compare")).status_code == 403
