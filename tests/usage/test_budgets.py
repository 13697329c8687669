"""Budgets: no call passes a hard limit, and everything that is held is given back or paid."""

import json
import logging
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.usage.conftest import make_attempt
from usage.budget_windows import reset_windows
from usage.errors import BudgetExceededError
from usage.ledger import open_call, reconcile_expired_calls, settle_call
from usage.models import Budget, BudgetHold, BudgetWindow, Call
from usage.periods import window_bounds
from usage.standings import list_standings
from usage.types import BudgetPeriod, CallStatus

pytestmark = pytest.mark.django_db


def make_budget(limit: int = 10_000, **more: object) -> Budget:
    return Budget.objects.create(**{"name": f"budget {Budget.objects.count()}", "limit_nanousd": limit, **more})


def standing(budget: Budget) -> tuple[int, int]:
    """What the budget's only window has held and spent."""
    window = BudgetWindow.objects.get(budget=budget)
    return window.held_nanousd, window.spent_nanousd


def settle(call_id, *costs, status=CallStatus.SUCCEEDED, **more):
    attempts = [make_attempt(cost_nanousd=cost, **more) for cost in costs]
    return settle_call(call_id=call_id, status=status, attempts=attempts, latency_ms=1)


def test_a_call_is_held_then_paid(open_line):
    budget = make_budget()

    call_id = open_line(held_nanousd=4_000)
    assert standing(budget) == (4_000, 0)

    settle(call_id, 1_500)
    assert standing(budget) == (0, 1_500)
    assert not BudgetHold.objects.exists()

    settle(call_id, 9_000)
    assert standing(budget) == (0, 1_500)


def test_a_hard_budget_refuses_what_has_no_room_and_writes_nothing(open_line):
    budget = make_budget(10_000, name="the site", period=BudgetPeriod.DAY)
    open_line(held_nanousd=6_000)

    with pytest.raises(BudgetExceededError, match="the site") as caught:
        open_line(held_nanousd=4_001)

    tomorrow = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert caught.value.resets_at == tomorrow
    assert f"{tomorrow:%d %B %Y}" in caught.value.user_message
    assert Call.objects.count() == 1
    assert standing(budget) == (6_000, 0)
    open_line(held_nanousd=4_000)
    assert standing(budget) == (10_000, 0)


def test_a_refusal_by_the_second_budget_gives_back_what_the_first_held(open_line):
    wide, narrow = make_budget(10_000), make_budget(10)

    with pytest.raises(BudgetExceededError):
        open_line(held_nanousd=11)

    assert standing(wide) == (0, 0)
    assert standing(narrow) == (0, 0)


def test_a_call_that_costs_nothing_is_never_refused(open_line):
    make_budget(0)

    settle(open_line(held_nanousd=0), 0)

    with pytest.raises(BudgetExceededError):
        open_line(held_nanousd=1)


def test_a_soft_budget_only_warns(open_line, caplog):
    budget = make_budget(1_000, is_hard=False, name="gentle")

    with caplog.at_level(logging.WARNING):
        settle(open_line(held_nanousd=5_000), 600)
        assert not caplog.records
        settle(open_line(held_nanousd=5_000), 600)
        settle(open_line(held_nanousd=5_000), 600)

    assert standing(budget) == (0, 1_800)
    assert [record.getMessage() for record in caplog.records] == ["Soft budget 'gentle' is used up."]


def test_a_budget_counts_only_what_it_names(open_line, owner, stranger):
    of_owner, of_task = make_budget(user=owner), make_budget(task_type="cv_parsing")

    open_line(user_id=owner.pk, held_nanousd=1)
    open_line(user_id=stranger.pk, task_type="cv_parsing", held_nanousd=20)
    open_line(user_id=owner.pk, task_type="cv_parsing", held_nanousd=300)
    open_line(held_nanousd=4_000)

    assert standing(of_owner) == (301, 0)
    assert standing(of_task) == (320, 0)


def test_a_budget_for_each_user_counts_each_apart_and_commands_not_at_all(open_line, owner, stranger):
    budget = make_budget(100, is_per_user=True)

    open_line(user_id=owner.pk, held_nanousd=100)
    open_line(user_id=stranger.pk, held_nanousd=70)
    open_line(held_nanousd=5_000)
    with pytest.raises(BudgetExceededError):
        open_line(user_id=owner.pk, held_nanousd=1)

    held = BudgetWindow.objects.filter(budget=budget).values_list("user_key", "held_nanousd")
    assert dict(held) == {owner.pk: 100, stranger.pk: 70}


def test_a_budget_is_for_one_user_or_for_each(owner):
    with pytest.raises(IntegrityError):
        make_budget(user=owner, is_per_user=True)


def test_a_providers_budget_holds_for_those_that_may_be_asked_and_pays_for_those_that_were(open_line):
    groq, openai, grok = (make_budget(provider=name) for name in ("groq", "openai", "grok"))

    call_id = open_line(held_nanousd=3_000, providers={"groq": 1_000, "openai": 2_000})
    assert (standing(groq), standing(openai)) == ((1_000, 0), (2_000, 0))
    attempts = [make_attempt(provider="groq", cost_nanousd=200), make_attempt(provider="openai", cost_nanousd=900)]
    settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=attempts, latency_ms=1)

    assert (standing(groq), standing(openai)) == ((0, 200), (0, 900))
    assert not grok.windows.exists()


def test_where_any_provider_may_be_asked_all_their_budgets_hold(open_line):
    groq = make_budget(100, provider="groq")

    with pytest.raises(BudgetExceededError) as caught:
        open_line(held_nanousd=101)

    assert caught.value.provider == "groq"
    assert standing(groq) == (0, 0)


def test_a_providers_budget_does_not_mind_what_others_cost(open_line):
    groq = make_budget(100, provider="groq")

    open_line(held_nanousd=5_100, providers={"groq": 100, "openai": 5_000})

    assert standing(groq) == (100, 0)


def test_an_unknown_price_pays_at_least_what_was_held(open_line):
    budget = make_budget()

    settle(open_line(held_nanousd=3_000), 10, None)
    assert standing(budget) == (0, 3_000)

    settle(open_line(held_nanousd=0), 10, None)
    assert standing(budget) == (0, 3_010)


def test_what_is_written_off_is_paid_as_held_until_a_late_settlement(open_line):
    budget, of_groq = make_budget(), make_budget(provider="groq")
    call_id = open_line(held_nanousd=900, expires_at=timezone.now() - timedelta(seconds=1), providers={"groq": 500})

    reconcile_expired_calls()
    assert (standing(budget), standing(of_groq)) == ((0, 900), (0, 500))

    settle(call_id, 350, provider="openai")
    assert (standing(budget), standing(of_groq)) == ((0, 350), (0, 0))
    assert not BudgetHold.objects.exists()


def test_a_new_budget_begins_with_what_the_ledger_has(open_line, settled_line, owner):
    running = open_line(held_nanousd=3_000, user_id=owner.pk)
    settled_line(cost=500, user=owner)
    settled_line(cost=None, user=owner)
    settled_line(cost=70, provider="groq")
    settled_line(cost=9_000, hours_ago=24 * 40)

    site, openai, of_owner = (
        make_budget(90_000),
        make_budget(90_000, provider="openai"),
        make_budget(90_000, user=owner),
    )
    open_line(held_nanousd=1, user_id=owner.pk)

    # The settled line without a price had held 5,000.
    assert standing(site) == (3_001, 5_570)
    assert standing(openai) == (3_001, 5_500)
    assert standing(of_owner) == (3_001, 5_500)
    settle(running, 100, provider="groq")
    assert standing(site) == (1, 5_670)
    assert standing(openai) == (1, 5_500)


def test_a_reset_budget_counts_anew_from_the_ledger(open_line):
    budget = make_budget()
    settle(open_line(), 400)
    running = open_line(held_nanousd=30)
    before = standing(budget)

    reset_windows(budget)
    assert [(item.held_nanousd, item.spent_nanousd) for item in list_standings()] == [before]

    settle(running, 5)
    assert standing(budget) == (0, 405)


def test_yesterdays_money_does_not_count_today_and_is_settled_in_its_own_window(open_line):
    budget = make_budget(100, period=BudgetPeriod.DAY)
    late = open_line(held_nanousd=100)
    BudgetWindow.objects.update(
        starts_at=timezone.now() - timedelta(days=2), ends_at=timezone.now() - timedelta(days=1)
    )
    Call.objects.update(created_at=timezone.now() - timedelta(days=1, hours=1))

    open_line(held_nanousd=60)
    settle(late, 80)

    windows = BudgetWindow.objects.filter(budget=budget).values_list("held_nanousd", "spent_nanousd")
    assert list(windows) == [(0, 80), (60, 0)]


def test_an_inactive_budget_refuses_nothing(open_line):
    make_budget(0, is_active=False)

    open_line(held_nanousd=10)

    assert list_standings() == []


def test_standings_show_shared_budgets_to_the_operator_and_their_own_to_a_user(open_line, owner, stranger):
    site, each, own = make_budget(100), make_budget(50, is_per_user=True), make_budget(70, user=owner, period="total")
    make_budget(70, user=stranger)
    settle(open_line(user_id=owner.pk, held_nanousd=50), 10)
    open_line(user_id=owner.pk, held_nanousd=40)

    shared = {item.budget: item for item in list_standings()}
    mine = {item.budget: item for item in list_standings(user_id=owner.pk)}

    assert (shared[site].spent_nanousd, shared[site].held_nanousd, shared[site].used_nanousd) == (10, 40, 50)
    assert each not in shared
    assert set(mine) == {each, own}
    assert mine[each].is_passed
    assert not mine[own].is_passed
    assert mine[own].resets_at is None


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_instant_lies_in_its_window(now):
    for period in (BudgetPeriod.DAY, BudgetPeriod.MONTH):
        starts_at, ends_at = window_bounds(period, now)

        assert starts_at <= now < ends_at
        assert window_bounds(period, ends_at)[0] == ends_at
        assert (starts_at.day == ends_at.day == 1) or period == BudgetPeriod.DAY
    assert window_bounds(BudgetPeriod.TOTAL, now) == (datetime(1970, 1, 1, tzinfo=UTC), None)


STEPS = st.lists(st.tuples(st.sampled_from(["open", "settle", "lose", "late"]), st.integers(0, 60)), max_size=25)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_whatever_happens_the_windows_equal_the_ledger_and_the_limit_holds(steps):
    Call.objects.all().delete()
    Budget.objects.all().delete()
    budget, past = make_budget(100), timezone.now() - timedelta(seconds=1)
    open_ids = []
    for verb, amount in steps:
        if verb == "open":
            call_id = Call().id
            free = 100 - sum(Call.objects.values_list("cost_nanousd", flat=True).exclude(cost_nanousd=None))
            free -= sum(Call.objects.filter(status="open").values_list("held_nanousd", flat=True))
            try:
                open_call(call_id=call_id, user_id=None, task_type="x", held_nanousd=amount, expires_at=timezone.now())
                assert amount <= free
                open_ids.append((call_id, amount))
            except BudgetExceededError:
                assert amount > free
        elif open_ids:
            call_id, held = open_ids.pop()
            if verb in {"lose", "late"}:
                Call.objects.filter(id=call_id).update(expires_at=past)
                reconcile_expired_calls(now=past)
            if verb in {"settle", "late"}:
                assert settle(call_id, min(amount, held))

    held = sum(Call.objects.filter(status="open").values_list("held_nanousd", flat=True))
    spent = sum(Call.objects.exclude(status="open").values_list("cost_nanousd", flat=True))
    if steps and BudgetWindow.objects.exists():
        assert standing(budget) == (held, spent)
    assert held + spent <= 100


WORKER = Path(__file__).with_name("budget_worker.py")
LIMIT, LARGEST_HOLD = 4_000, 100


@pytest.fixture
def other_processes(transactional_db, tmp_path):
    """Runs the worker several times at once, on the test database, and returns their reports and a look at the books."""

    def run(processes: int):
        url, ask = _on_postgresql() if connection.vendor == "postgresql" else _on_sqlite(tmp_path / "shared.sqlite3")
        environment = {**os.environ, "DATABASE_URL": url, "CAREERAI_DATA_DIR": str(tmp_path)}
        workers = [
            subprocess.Popen([sys.executable, str(WORKER), str(seed)], env=environment, stdout=subprocess.PIPE)
            for seed in range(processes)
        ]
        reports = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
        return reports, ask

    return run


def _on_postgresql():
    config = connection.settings_dict
    login = f"{config['USER']}:{config['PASSWORD']}" if config["PASSWORD"] else config["USER"]

    def ask(query: str) -> list[tuple[int, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    return f"postgres://{login}@{config['HOST']}:{config['PORT']}/{config['NAME']}", ask


def _on_sqlite(path: Path):
    """A copy of the test database on disk, as the one in memory belongs to this process."""
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)

    def ask(query: str) -> list[tuple[int, ...]]:
        with closing(sqlite3.connect(path)) as copy:
            return copy.execute(query).fetchall()

    return f"sqlite:///{path}", ask


def test_processes_at_the_same_time_cannot_pass_the_limit(other_processes):
    make_budget(LIMIT, period=BudgetPeriod.TOTAL)
    make_budget(LIMIT, period=BudgetPeriod.MONTH)

    reports, ask = other_processes(3)

    ((spent,),) = ask("SELECT SUM(cost_nanousd) FROM usage_call WHERE status = 'succeeded'")
    assert spent == sum(report["paid"] for report in reports)
    assert ask("SELECT held_nanousd, spent_nanousd FROM usage_budgetwindow") == [(0, spent)] * 2
    assert ask("SELECT COUNT(*) FROM usage_call WHERE status = 'open'") == ask("SELECT COUNT(*) FROM usage_budgethold")
    assert not any(report["overshoot"] for report in reports)
    assert LIMIT - LARGEST_HOLD < spent <= LIMIT
    assert sum(report["refused"] for report in reports) > 0
