"""Calls that PostgreSQL opens and settles by one statement each: when it does, and when it must not."""

import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from usage import at_once, budget_windows
from usage.ledger import open_call, settle_call
from usage.models import Attempt, Budget, BudgetHold, BudgetWindow, Call
from usage.rollup_repair import find_differences
from usage.types import AttemptRecord, AttemptStatus, BudgetPeriod, CallStatus, TokenUsage

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="only of PostgreSQL")


def opened() -> UUID:
    call_id, expires_at = uuid4(), timezone.now() + timedelta(minutes=15)
    open_call(
        call_id=call_id,
        user_id=None,
        task_type="email",
        held_nanousd=900,
        expires_at=expires_at,
        providers={"groq": 900},
    )
    return call_id


def settled(call_id: UUID, cost_nanousd: int | None = 500) -> bool:
    used = TokenUsage(100, 0, 0, 20)
    attempt = AttemptRecord("groq", "m", AttemptStatus.SUCCEEDED, timezone.now(), 100, used, cost_nanousd=cost_nanousd)
    return settle_call(
        call_id=call_id,
        status=CallStatus.SUCCEEDED,
        attempts=[attempt],
        latency_ms=100,
        provider="groq",
        model="m",
        decision={"strategy": "preferred"},
    )


@pytest.mark.django_db
def test_a_call_without_budgets_is_two_statements():
    with CaptureQueriesContext(connection) as seen:
        call_id = opened()
        assert settled(call_id)

    assert len(seen) == 2
    assert Call.objects.get().cost_nanousd == Attempt.objects.get().cost_nanousd == 500


@pytest.mark.django_db
def test_budgets_cost_one_statement_more_however_many_they_are():
    for name in ("a", "b", "c"):
        Budget.objects.create(name=name, limit_nanousd=10_000)
    settled(opened())

    with CaptureQueriesContext(connection) as opening:
        call_id = opened()
    held = set(BudgetWindow.objects.values_list("held_nanousd", flat=True))
    with CaptureQueriesContext(connection) as settling:
        assert settled(call_id)

    # Budgets are read, and hold.
    assert (len(opening), len(settling)) == (2, 1)
    assert held == {900}
    assert set(BudgetWindow.objects.values_list("held_nanousd", "spent_nanousd")) == {(0, 1_000)}
    assert not BudgetHold.objects.exists()


@pytest.mark.django_db
def test_what_the_last_call_met_is_only_tried_first():
    budget = Budget.objects.create(name="a", limit_nanousd=10_000)
    without = opened()
    Budget.objects.all().delete()
    assert settled(without)
    with_none = opened()
    budget = Budget.objects.create(name="b", limit_nanousd=10_000)
    assert settled(with_none)
    held = opened()
    at_once.SEEN.budgets = False
    assert settled(held)

    assert BudgetWindow.objects.values_list("budget", "held_nanousd", "spent_nanousd").get() == (budget.pk, 0, 1_500)
    assert not BudgetHold.objects.exists()
    assert not list(find_differences())


@pytest.mark.django_db
def test_a_budget_of_the_last_hours_is_paid_step_by_step():
    Budget.objects.create(name="a", limit_nanousd=10_000)
    Budget.objects.create(name="b", limit_nanousd=10_000, period=BudgetPeriod.ROLLING, rolling_hours=5)

    assert settled(opened())

    assert set(BudgetWindow.objects.values_list("held_nanousd", "spent_nanousd")) == {(0, 500)}
    assert not BudgetHold.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_settlement_that_waits_while_a_budget_takes_the_call_over_pays_it():
    call_id, is_taken, may_end = opened(), threading.Event(), threading.Event()
    Budget.objects.create(name="new", limit_nanousd=10_000)

    def take_over() -> None:
        with transaction.atomic():
            budget_windows.find_windows(user_id=None, task_type="email", providers=None, now=timezone.now())
            is_taken.set()
            assert may_end.wait(60)
        connections.close_all()

    def settle() -> None:
        settled(call_id)
        connections.close_all()

    threads = [threading.Thread(target=work) for work in (take_over, settle)]
    threads[0].start()
    assert is_taken.wait(60)
    threads[1].start()
    with connection.cursor() as cursor:
        for _ in range(6_000):
            cursor.execute(
                "SELECT pid, pg_sleep(0.01) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone():
                break
            cursor.execute("SELECT pg_sleep(0.01)")
    may_end.set()
    for thread in threads:
        thread.join(60)

    assert Call.objects.get().status == CallStatus.SUCCEEDED
    assert BudgetWindow.objects.values_list("held_nanousd", "spent_nanousd").get() == (0, 500)
    assert not BudgetHold.objects.exists()


@pytest.mark.django_db
def test_what_runs_with_every_call_is_prepared():
    for _ in range(2):
        settled(opened())

    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE 'WITH line AS%%'")
        assert cursor.fetchone()[0] >= 1
