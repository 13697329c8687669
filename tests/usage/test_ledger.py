"""The ledger's promise: every call is booked, once, at what it cost."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ai_router.tasks import Reconciler
from tests.usage.conftest import make_attempt
from usage.booking import sums
from usage.ledger import open_call, reconcile_expired_calls, settle_call
from usage.models import Attempt, Call
from usage.types import AttemptStatus, CallStatus, TokenUsage

pytestmark = pytest.mark.django_db


def test_an_open_line_holds_its_worst_case_and_has_no_cost_yet(open_line, owner):
    call_id = open_line(user_id=owner.pk, held_nanousd=7, prompt_version="cover_letter/v1", decision={"why": "route"})

    line = Call.objects.get(id=call_id)
    assert (line.status, line.held_nanousd, line.cost_nanousd, line.user) == ("open", 7, None, owner)
    assert (line.prompt_version, line.decision, line.settled_at) == ("cover_letter/v1", {"why": "route"}, None)


def test_a_call_cannot_be_opened_twice(open_line):
    call_id = open_line()

    with pytest.raises(IntegrityError):
        open_call(call_id=call_id, user_id=None, task_type="cover_letter", held_nanousd=0, expires_at=timezone.now())


def test_a_negative_hold_is_refused():
    with pytest.raises(ValueError, match="negative"):
        open_call(call_id=uuid4(), user_id=None, task_type="cover_letter", held_nanousd=-1, expires_at=timezone.now())

    assert not Call.objects.exists()


def test_settling_writes_every_attempt_and_their_sums(open_line):
    call_id = open_line(decision={"why": "route"})
    failed = make_attempt(
        provider="groq",
        status=AttemptStatus.FAILED,
        cost_nanousd=200,
        usage=TokenUsage(input_tokens=3, is_estimated=True),
        error_class="StreamInterruptedError",
        error_message="x" * 900,
        http_status=200,
    )
    answered = make_attempt(
        usage=TokenUsage(
            input_tokens=10, cached_input_tokens=2, cache_write_tokens=1, output_tokens=5, reasoning_tokens=4
        ),
        unit_prices={"input": "1.25"},
        first_token_ms=80,
    )

    is_first = settle_call(
        call_id=call_id,
        status=CallStatus.SUCCEEDED,
        attempts=[failed, answered],
        latency_ms=400,
        provider="openai",
        model="small-1",
    )

    line = Call.objects.get(id=call_id)
    assert is_first
    assert (line.status, line.cost_nanousd, line.latency_ms, line.first_token_ms) == ("succeeded", 1_700, 400, 80)
    tokens = (line.input_tokens, line.cached_input_tokens, line.cache_write_tokens)
    assert (*tokens, line.output_tokens, line.reasoning_tokens) == (13, 2, 1, 5, 4)
    assert line.is_estimated
    assert line.settled_at is not None
    assert line.decision == {"why": "route"}
    assert [(row.ordinal, row.provider, row.cost_nanousd) for row in line.attempts.all()] == [
        (1, "groq", 200),
        (2, "openai", 1_500),
    ]
    assert len(line.attempts.get(ordinal=1).error_message) == 500
    assert line.attempts.get(ordinal=2).unit_prices == {"input": "1.25"}


def test_a_second_settlement_changes_nothing(open_line):
    call_id = open_line()
    settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[make_attempt()], latency_ms=1)
    before = Call.objects.values().get(id=call_id)

    is_first = settle_call(
        call_id=call_id, status=CallStatus.FAILED, attempts=[make_attempt(cost_nanousd=9)] * 2, latency_ms=2
    )

    assert not is_first
    assert Call.objects.values().get(id=call_id) == before
    assert Attempt.objects.filter(call_id=call_id).count() == 1


def test_settling_an_unheard_of_call_changes_nothing():
    assert not settle_call(call_id=uuid4(), status=CallStatus.FAILED, attempts=[make_attempt()], latency_ms=1)
    assert not Attempt.objects.exists()


def test_one_unknown_price_makes_the_cost_unknown(open_line):
    call_id = open_line()

    attempts = [make_attempt(), make_attempt(cost_nanousd=None)]
    settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=attempts, latency_ms=1)

    assert Call.objects.get(id=call_id).cost_nanousd is None


def test_a_cached_answer_costs_nothing_and_a_new_decision_replaces_the_old(open_line):
    call_id = open_line(decision={"why": "route"})

    settle_call(
        call_id=call_id,
        status=CallStatus.SUCCEEDED,
        attempts=[],
        latency_ms=1,
        is_cached=True,
        decision={"why": "cache"},
    )

    line = Call.objects.get(id=call_id)
    assert (line.cost_nanousd, line.is_cached, line.decision) == (0, True, {"why": "cache"})


def test_a_call_is_never_settled_as_open(open_line):
    with pytest.raises(ValueError, match="open"):
        settle_call(call_id=open_line(), status=CallStatus.OPEN, attempts=[], latency_ms=1)


def test_expired_lines_are_written_off_at_their_held_amount(open_line):
    now = timezone.now()
    lost = open_line(held_nanousd=900, expires_at=now - timedelta(seconds=1))
    running = open_line(expires_at=now + timedelta(seconds=1))

    assert reconcile_expired_calls(now=now) == 1

    line = Call.objects.get(id=lost)
    assert (line.status, line.cost_nanousd, line.is_estimated) == ("unknown", 900, True)
    assert line.settled_at is not None
    assert Call.objects.get(id=running).status == CallStatus.OPEN
    assert reconcile_expired_calls(now=now) == 0


def test_a_late_settlement_takes_the_place_of_the_estimate_once(open_line):
    call_id = open_line(held_nanousd=900, expires_at=timezone.now() - timedelta(seconds=1))
    reconcile_expired_calls()

    assert settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[make_attempt()], latency_ms=1)
    assert not settle_call(call_id=call_id, status=CallStatus.FAILED, attempts=[make_attempt()] * 2, latency_ms=1)
    assert reconcile_expired_calls() == 0

    line = Call.objects.get(id=call_id)
    assert (line.status, line.cost_nanousd, line.is_estimated, line.error_class) == ("succeeded", 1_500, False, "")
    assert line.attempts.count() == 1


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**15)), max_size=8))
def test_the_cost_is_the_exact_sum_or_unknown(costs):
    total = sums([make_attempt(cost_nanousd=cost) for cost in costs])["cost_nanousd"]

    assert total == (None if None in costs else sum(c for c in costs if c is not None))


@pytest.mark.django_db(transaction=True)
def test_a_worker_settles_expired_lines_by_itself(open_line):
    call_id = open_line(held_nanousd=900, expires_at=timezone.now() - timedelta(seconds=1))
    reconciler = Reconciler(round_seconds=0.01)

    reconciler.start()
    while Call.objects.get(id=call_id).status == CallStatus.OPEN:
        time.sleep(0.01)
    reconciler.stop()

    assert Call.objects.get(id=call_id).cost_nanousd == 900
