"""A cost that was wrong is set right by a new line; every sum follows."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from ai_router.health import look_back
from tests.usage.conftest import make_attempt, move_line
from usage import budget_windows
from usage.archiving import archive_lines
from usage.budget_windows import reset_windows
from usage.corrections import correct_cost
from usage.decision_records import explain_call
from usage.errors import UncorrectableError
from usage.ledger import book_cached_call, open_call, reconcile_expired_calls, settle_call
from usage.models import Archive, AuditEntry, Budget, BudgetWindow, Call, Correction
from usage.reports import summarise_usage
from usage.rollup_repair import find_differences
from usage.rollups import read
from usage.standings import list_standings
from usage.types import BY_BUDGET, AttemptStatus, CallStatus

pytestmark = pytest.mark.django_db
ADD = "/admin/usage/correction/add/"


def total() -> tuple[int, int, int, int]:
    sums = [cell.sums for cell in read()]
    return tuple(
        sum(getattr(one, name) for one in sums) for name in ("cost_nanousd", "calls", "attempts", "unpriced_calls")
    )


@pytest.mark.parametrize("cost", [0, 900, 2_000])
def test_every_sum_follows_and_no_line_is_changed(settled_line, staff, cost):
    Budget.objects.create(name="site", limit_nanousd=10_000)
    Budget.objects.create(
        name="of the provider", limit_nanousd=10_000, provider="openai", period="rolling", rolling_hours=5
    )
    call, other = settled_line(user=staff), settled_line(cost=30)
    before = list(call.attempts.values())

    correct_cost(call.pk, cost_nanousd=cost, reason="refunded", by=staff)

    call.refresh_from_db()
    lines = list(call.attempts.values())
    assert (lines[:1], len(lines)) == (before, 2)
    assert (call.cost_nanousd, sum(line["cost_nanousd"] for line in lines)) == (cost, cost)
    assert total() == (cost + other.cost_nanousd, 2, 2, 0)
    assert [standing.spent_nanousd for standing in list_standings()] == [cost + 30, cost + 30]
    assert list(find_differences()) == []
    correction, entry = Correction.objects.get(), AuditEntry.objects.latest("pk")
    assert (correction.cost_before_nanousd, correction.cost_after_nanousd, correction.made_by) == (1_500, cost, staff)
    assert (entry.actor, entry.reason, entry.changes) == (staff, "refunded", {"cost_nanousd": [1_500, cost]})


@pytest.mark.parametrize("period", ["day", "total", "rolling"])
def test_what_runs_goes_on_holding_and_what_was_counted_stays(settled_line, open_line, staff, period):
    budget = Budget.objects.create(
        name="site", limit_nanousd=10_000, period=period, rolling_hours=5 if period == "rolling" else None
    )
    quota = Budget.objects.create(name="quota", limit_nanousd=10, unit="calls")
    call, running = settled_line(), open_line(held_nanousd=400)
    before = set(budget.windows.values_list("pk", flat=True))

    for cost in (2_000, 70, 0):
        correct_cost(call.pk, cost_nanousd=cost, reason="refunded", by=staff)
        (window,) = budget.windows.all()
        assert (window.spent_nanousd, window.held_nanousd) == (cost, 400)
    settle_call(call_id=running, status=CallStatus.SUCCEEDED, attempts=[make_attempt(cost_nanousd=9)], latency_ms=1)

    (window,) = budget.windows.all()
    assert ({window.pk}, window.spent_nanousd, window.held_nanousd) == (before, 9, 0)
    assert sum(item.spent_nanousd for item in window.slices.all()) == (9 if period == "rolling" else 0)
    assert list(quota.windows.values_list("spent_nanousd", "held_nanousd")) == [(2, 0)]
    reset_windows(budget)
    assert {standing.spent_nanousd for standing in list_standings()} == {9, 2}


def test_a_budget_of_one_provider_pays_what_is_known_in_the_end(open_line, staff):
    Budget.objects.create(name="groq", limit_nanousd=10_000, provider="groq")
    first, second = open_line(held_nanousd=500), open_line(held_nanousd=700)
    for call_id in (first, second):
        unpriced = make_attempt(cost_nanousd=None, provider="groq")
        settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[unpriced], latency_ms=1, provider="groq")
    assert [standing.spent_nanousd for standing in list_standings()] == [1_200]

    for cost in (40, 90):
        correct_cost(first, cost_nanousd=cost, reason="the price is known now", by=staff)
        assert [standing.spent_nanousd for standing in list_standings()] == [700 + cost]


def test_a_correction_of_a_former_day_leaves_its_window_in_the_history(settled_line, staff):
    budget = Budget.objects.create(name="site", limit_nanousd=10_000, period="day")
    call = settled_line()
    move_line(call.pk, timezone.now() - timedelta(days=2))
    reset_windows(budget)

    for cost in (900, 30):
        correct_cost(call.pk, cost_nanousd=cost, reason="refunded", by=staff)
        assert list(budget.windows.values_list("spent_nanousd", flat=True)) == [cost]


def test_a_budget_that_is_changed_meanwhile_counts_anew(settled_line, staff, monkeypatch):
    budget = Budget.objects.create(name="site", limit_nanousd=10_000)
    call, find = settled_line(), budget_windows.find_windows
    turns = []

    def find_and_lose(**asked):
        windows = find(**asked)
        turns.append(windows)
        if len(turns) == 1:
            reset_windows(budget)
        return windows

    monkeypatch.setattr(budget_windows, "find_windows", find_and_lose)
    correct_cost(call.pk, cost_nanousd=3, reason="refunded", by=staff)

    assert len(turns) == 2
    assert [standing.spent_nanousd for standing in list_standings()] == [3]
    assert (Correction.objects.count(), call.attempts.count()) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_corrections_among_calls_that_are_opened_and_settled_keep_all_sums_the_same(staff):
    site = Budget.objects.create(name="site", limit_nanousd=10**9)
    recent = Budget.objects.create(name="hours", limit_nanousd=10**9, period="rolling", rolling_hours=5)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        settled = []
        try:
            for turn in range(6):
                call_id = uuid4()
                expires_at = timezone.now() + timedelta(minutes=5)
                open_call(call_id=call_id, user_id=None, task_type="x", held_nanousd=50, expires_at=expires_at)
                if turn == 4:
                    continue
                attempts = [make_attempt(cost_nanousd=10 + number)]
                settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=attempts, latency_ms=1)
                settled.append(call_id)
                correct_cost(settled[turn // 2], cost_nanousd=100 * number + turn, reason="wrong price", by=staff)
        except BaseException as error:
            errors.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    lines = sum(Call.objects.exclude(status="open").values_list("cost_nanousd", flat=True))
    assert lines == sum(cell.sums.cost_nanousd for cell in read())
    for budget in (site, recent):
        assert list(budget.windows.values_list("spent_nanousd", "held_nanousd")) == [(lines, 4 * 50)]
    assert sum(recent.windows.get().slices.values_list("spent_nanousd", flat=True)) == lines
    assert list(find_differences()) == []


def test_an_unknown_price_becomes_known(open_line, staff):
    call_id = open_line()
    attempts = [make_attempt(cost_nanousd=None, provider="groq", model="new-1"), make_attempt(cost_nanousd=40)]
    settle_call(
        call_id=call_id,
        status=CallStatus.SUCCEEDED,
        attempts=attempts,
        latency_ms=1,
        provider="openai",
        model="small-1",
    )
    assert total() == (40, 1, 2, 1)

    for cost in (100, 40):
        correct_cost(call_id, cost_nanousd=cost, reason="the price is known now", by=staff)
        assert total() == (cost, 1, 2, 0)

    by_provider = {cell.names[0]: cell.sums.cost_nanousd for cell in read(by=["provider"])}
    assert by_provider == {"openai": 40, "groq": 0}
    assert Call.objects.get(pk=call_id).receivers == ["groq/new-1", "openai/small-1"]
    assert list(find_differences()) == []


def test_budgets_count_what_was_of_unknown_price_at_its_true_cost(open_line, staff):
    for provider in ("", "openai"):
        Budget.objects.create(name=f"of {provider}", limit_nanousd=100_000, provider=provider)
    call_id = open_line()
    settle_call(
        call_id=call_id,
        status=CallStatus.SUCCEEDED,
        attempts=[make_attempt(cost_nanousd=None)],
        latency_ms=1,
        provider="openai",
        model="small-1",
    )

    correct_cost(call_id, cost_nanousd=40, reason="the price is known now", by=staff)

    assert [one.spent_nanousd for one in list_standings()] == [40, 40]


def test_a_correction_is_no_call_of_a_quota(staff):
    Budget.objects.create(name="ten", limit_nanousd=10, unit="calls")
    book_cached_call(
        call_id=(call_id := uuid4()),
        user_id=None,
        task_type="x",
        provider="openai",
        model="m",
        saved_nanousd=3,
        latency_ms=1,
    )

    correct_cost(call_id, cost_nanousd=40, reason="it was billed", by=staff)

    assert [one.spent_nanousd for one in list_standings()] == [0]


@pytest.mark.parametrize(("cost", "after"), [(1_500, 2_000), (None, 40)])
def test_a_budget_without_an_end_keeps_what_was_archived(settled_line, staff, tmp_path, cost, after):
    for name, more in {"ever": {}, "groq": {"provider": "groq"}, "openai": {"provider": "openai"}}.items():
        Budget.objects.create(name=name, limit_nanousd=100_000, period="total", **more)
    Budget.objects.create(name="quota", limit_nanousd=100, period="total", unit="calls")
    old, call = settled_line(), settled_line(cost=cost)
    list_standings()
    move_line(old.pk, timezone.now() - timedelta(days=60))
    archive_lines(tmp_path, older_than_days=40, now=timezone.now())

    correct_cost(call.pk, cost_nanousd=after, reason="refunded", by=staff)

    spent = {one.budget.name: one.spent_nanousd for one in list_standings()}
    # What the provider's own budget paid for the unknown price is not known any more, so it keeps that.
    of_provider = 1_500 + after + (5_000 if cost is None else 0)
    assert spent == {"ever": 1_500 + after, "groq": 0, "openai": of_provider, "quota": 2}


def test_what_somebody_holds_stays_held(settled_line, open_line, staff):
    Budget.objects.create(name="site", limit_nanousd=10_000)
    call, running = settled_line(), open_line(held_nanousd=700)

    correct_cost(call.pk, cost_nanousd=100, reason="refunded", by=staff)
    assert [(one.held_nanousd, one.spent_nanousd) for one in list_standings()] == [(700, 100)]
    settle_call(call_id=running, status=CallStatus.SUCCEEDED, attempts=[make_attempt(cost_nanousd=60)], latency_ms=1)

    assert [(one.held_nanousd, one.spent_nanousd) for one in list_standings()] == [(0, 160)]


def test_statistics_count_no_request_more(settled_line, staff):
    call = settled_line()
    before = summarise_usage(hours=24, provider="openai")

    correct_cost(call.pk, cost_nanousd=500, reason="refunded", by=staff)

    after = summarise_usage(hours=24, provider="openai")
    assert (after.total_requests, after.failed_requests) == (before.total_requests, before.failed_requests)
    assert after.cost_nanousd == 500
    assert len(look_back().samples) == 1
    assert [line.outcome for line in explain_call(call).candidates] == ["Succeeded"]


def test_what_cannot_be_set_right_says_why(open_line, settled_line, staff):
    open_call(
        call_id=(lost := uuid4()),
        user_id=None,
        task_type="x",
        held_nanousd=5,
        expires_at=timezone.now() - timedelta(seconds=1),
    )
    reconcile_expired_calls()
    settled = settled_line().pk
    refusals = [
        (uuid4(), 1, "r", "no such call"),
        (open_line(), 1, "r", "is running"),
        (lost, 1, "r", "written off"),
        (settled, 1_500, "r", "costs that already"),
        (settled, -1, "r", "less than nothing"),
        (settled, 1, " ", "Say why"),
    ]

    for call_id, cost, reason, said in refusals:
        with pytest.raises(UncorrectableError, match=said):
            correct_cost(call_id, cost_nanousd=cost, reason=reason, by=staff)

    assert not Correction.objects.exists()


def test_an_archive_has_what_was_set_right_and_is_compared_to_the_nano_dollar(settled_line, staff, tmp_path):
    call = settled_line()
    move_line(call.pk, timezone.now() - timedelta(days=60))
    correct_cost(call.pk, cost_nanousd=900, reason="refunded", by=staff)
    archive_lines(tmp_path, older_than_days=40, now=timezone.now())

    archive = Archive.objects.get()
    assert (archive.calls, archive.attempts, archive.cost_nanousd) == (1, 1, 900)
    assert list(find_differences()) == []

    Archive.objects.update(cost_nanousd=899)

    assert [difference.by for difference in find_differences()] == [{"cost_nanousd": 1}]


def test_the_administration_makes_corrections_and_changes_none(client_for, staff, settled_line):
    client, call = client_for(staff), settled_line()

    assert str(call.pk) in client.get(ADD, {"call": call.pk}).content.decode()
    assert f"{ADD}?call={call.pk}" in client.get(f"/admin/usage/call/{call.pk}/change/").content.decode()
    wrong = client.post(ADD, {"call_id": uuid4(), "cost": "1", "reason": "refunded"})
    assert "There is no such call" in wrong.content.decode()
    assert "required" in client.post(ADD, {"call_id": call.pk, "cost": "0.5"}).content.decode()
    done = client.post(ADD, {"call_id": call.pk, "cost": "0.0000009", "reason": "refunded, ticket 7"})

    assert done.status_code == 302
    correction = Correction.objects.get()
    assert (correction.cost_after_nanousd, correction.made_by, correction.reason) == (900, staff, "refunded, ticket 7")
    listed = client.get("/admin/usage/correction/").content.decode()
    assert "refunded, ticket 7" in listed
    shown = f"/admin/usage/correction/{correction.pk}/"
    assert "$0.0000009" in client.get(f"{shown}change/").content.decode()
    assert client.post(f"{shown}change/", {"reason": "other"}).status_code == 403
    assert client.post(f"{shown}delete/").status_code == 403


def test_archives_are_only_looked_at(client_for, staff):
    archive = Archive.objects.create(day="2026-01-02", part=1, file="usage-2026-01-02-1.jsonl.gz", digest="0" * 64)
    client, address = client_for(staff), "/admin/usage/archive/"

    assert archive.file in client.get(address).content.decode()
    assert client.get(f"{address}{archive.pk}/change/").status_code == 200
    assert client.get(f"{address}add/").status_code == 403
    assert client.post(f"{address}{archive.pk}/delete/").status_code == 403


def test_a_line_that_sets_right_is_marked(settled_line, staff):
    call = settled_line()
    correct_cost(call.pk, cost_nanousd=1, reason="refunded", by=staff)

    line = call.attempts.last()

    assert (line.status, line.error_class, line.is_request) == (AttemptStatus.CANCELLED, "Correction", False)
    assert (line.error_message, line.total_input_tokens) == ("refunded", 0)


@pytest.mark.parametrize("counts_anew", [False, True])
def test_a_groups_budget_is_set_right_if_it_counted_the_call_whoever_is_a_member_by_now(
    open_line, staff, owner, stranger, counts_anew
):
    group, others = Group.objects.create(name="north"), Group.objects.create(name="south")
    shared = Budget.objects.create(name="of north", limit_nanousd=100_000, group=group)
    Budget.objects.create(name="each of north", limit_nanousd=100_000, group=group, is_per_user=True)
    Budget.objects.create(name="of south", limit_nanousd=100_000, group=others)

    def call_of(user):
        call_id = open_line(user_id=user.pk)
        settle_call(
            call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[make_attempt(cost_nanousd=50)], latency_ms=1
        )
        return call_id

    def spent() -> dict[str, int]:
        list_standings()
        return {
            f"{window.budget.name} {window.user_key or ''}".strip(): window.spent_nanousd
            for window in BudgetWindow.objects.select_related("budget")
        }

    each = f"each of north {owner.pk}"
    owner.groups.add(group)
    own, foreign = call_of(owner), call_of(stranger)
    assert spent() == {"of north": 50, "of south": 0, each: 50}
    # The one leaves, the other one joins.
    owner.groups.clear()
    group.user_set.add(stranger)
    others.user_set.set([owner])
    if counts_anew:
        reset_windows(shared)
        assert spent()["of north"] == 50

    correct_cost(own, cost_nanousd=20, reason="refunded", by=staff)
    correct_cost(foreign, cost_nanousd=7, reason="refunded", by=staff)

    found = spent()
    assert (found["of north"], found["of south"], found[each]) == (7 if counts_anew else 20, 0, 20)
    reset_windows(shared)
    assert spent()["of north"] == 7


# Who was passed over when the call was made may have been asked after all, and their hold was paid; a budget leaves out before.
@pytest.mark.parametrize("passed_over", [[], ["groq/small", "groq/large"]])
def test_what_a_provider_held_counts_for_an_unknown_price_however_often_it_is_counted(
    open_line, staff, owner, stranger, passed_over
):
    group = Group.objects.create(name="north")
    group.user_set.add(owner)
    budgets = [Budget.objects.create(name="groq", limit_nanousd=100_000, provider="groq")]
    budgets.append(Budget.objects.create(name="of north", limit_nanousd=100_000, provider="groq", group=group))
    providers = {"openai": 300, "groq": 700}
    held = {"openai/small": 300, "groq/small": 400, "groq/large": 300, "groq/huge": 9_000}
    decision = {
        "candidates": [{"candidate": name, "held_nanousd": amount} for name, amount in held.items()],
        "passed_over": [["groq/huge", f"{BY_BUDGET}'groq'"]],
    }
    ended = decision | {
        "passed_over": [*decision["passed_over"], *([name, "circuit breaker is open"] for name in passed_over)]
    }
    unpriced = make_attempt(provider="groq", cost_nanousd=None)
    calls = []
    for _ in range(2):
        calls.append(open_line(user_id=owner.pk, held_nanousd=1_000, providers=providers, decision=decision))
        settle_call(call_id=calls[-1], status=CallStatus.SUCCEEDED, attempts=[unpriced], latency_ms=1, decision=ended)

    def spent() -> list[int]:
        return [one.spent_nanousd for one in list_standings()]

    assert spent() == [1_400, 1_400]
    for budget in budgets:
        reset_windows(budget)
    assert spent() == [1_400, 1_400]

    # Whoever joins brings nothing into a window that counts already.
    other = open_line(user_id=stranger.pk, providers={"groq": 5_000})
    settle_call(
        call_id=other,
        status=CallStatus.SUCCEEDED,
        attempts=[make_attempt(provider="groq", cost_nanousd=9)],
        latency_ms=1,
    )
    group.user_set.add(stranger)
    correct_cost(calls[0], cost_nanousd=40, reason="the price is known now", by=staff)
    assert spent() == [749, 740]
