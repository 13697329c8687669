"""Calls go on without the database, within a bound, and every one is booked once in the end."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.statements import before_every_statement, gone
from tests.usage.conftest import make_attempt
from usage import behind as behind_module
from usage import booking
from usage.behind import Room, behind, close_behind, replay, replay_left_records
from usage.errors import BudgetExceededError, LedgerUnavailableError
from usage.ledger import book_cached_call, open_call, reconcile_expired_calls, settle_call
from usage.models import Attempt, Budget, BudgetHold, BudgetWindow, Call
from usage.records import OpenedCall, SettledCall, read_record, write_record
from usage.rollup_repair import find_differences
from usage.spool import Spool, files_of_the_dead
from usage.types import CallStatus

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _closed_afterwards():
    yield
    close_behind()


@pytest.fixture
def fast(settings):
    settings.AI_LEDGER = "fast"


@pytest.fixture
def available(settings):
    settings.AI_LEDGER = "available"


def open_one(call_id: UUID | None = None, held: int = 1_000, **more: object) -> UUID:
    call_id = call_id or uuid4()
    values = {"user_id": None, "task_type": "x", "expires_at": timezone.now() + timedelta(minutes=5)} | more
    open_call(call_id=call_id, held_nanousd=held, **values)
    return call_id


def settle(call_id: UUID, cost: int = 700, latency_ms: int = 5) -> bool:
    attempts = [make_attempt(cost_nanousd=cost)]
    return settle_call(
        call_id=call_id, status=CallStatus.SUCCEEDED, attempts=attempts, latency_ms=latency_ms, model="small-1"
    )


def no_database():
    """Let every statement of every thread fail as it does when the server is gone."""
    return before_every_statement(gone)


def written(call_id: UUID) -> tuple[str, int | None, int]:
    line = Call.objects.get(id=call_id)
    return line.status, line.cost_nanousd, line.attempts.count()


def test_a_fast_call_is_written_behind_and_booked_once(fast):
    call_id = open_one()
    assert settle(call_id)
    assert not settle(call_id, 9_000)

    assert behind().flush()

    assert written(call_id) == ("succeeded", 700, 1)
    assert not list(Path(behind()._spool._folder).glob("*.jsonl"))


def test_calls_that_wait_are_written_together_but_for_those_that_cannot_be(fast, owner, monkeypatch):
    one_by_one = []
    write_late = booking.write_late
    monkeypatch.setattr(
        booking, "write_late", lambda opened, settled: one_by_one.append(opened.call_id) or write_late(opened, settled)
    )
    monkeypatch.setattr(behind_module, "WRITTEN_TOGETHER", 3)
    behind()._writing.acquire()
    calls = [open_one(user_id=owner.pk if number % 2 else None) for number in range(8)]
    for number, call_id in enumerate(calls[:7]):
        settle(call_id, 100 + number, latency_ms=10**number)
    known = Call.objects.create(id=calls[4], task_type="x", created_at=timezone.now(), expires_at=timezone.now())
    behind()._writing.release()

    assert behind().flush()

    assert one_by_one == calls[3:6]
    assert [written(call_id) for call_id in calls[:7]] == [("succeeded", 100 + n, 1) for n in range(7)]
    assert Call.objects.get(id=calls[7]).status == "open"
    assert known.pk == calls[4]
    assert list(find_differences()) == []


def test_a_fast_call_does_not_touch_the_database_while_calls_come(fast, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(behind_module, "FRESH_SECONDS", 600)
    # Here the test itself says when records are written.
    monkeypatch.setattr(behind_module.Behind, "_write_on", lambda _: None)
    Budget.objects.create(name="site", limit_nanousd=2_500)
    settle(open_one(held=1_000), 400)
    assert behind().flush()

    with django_assert_num_queries(0):
        settle(open_one(held=1_000), 500)
        open_one(held=1_000)
    with pytest.raises(BudgetExceededError):
        open_one(held=1_000)

    assert behind().flush()
    window = BudgetWindow.objects.get()
    assert (window.spent_nanousd, window.held_nanousd) == (900, 1_000)


def test_the_thread_writes_by_itself(fast):
    call_id = open_one()
    settle(call_id)

    for _ in range(2_000):
        if Call.objects.filter(id=call_id).exists():
            break
        threading.Event().wait(0.01)

    assert written(call_id) == ("succeeded", 700, 1)


def test_a_call_that_runs_while_others_are_written_is_open_and_holds(fast):
    budget = Budget.objects.create(name="site", limit_nanousd=10_000)
    call_id = open_one(held=4_000)

    assert behind().flush()

    assert (Call.objects.get(id=call_id).status, BudgetHold.objects.get().held_nanousd) == ("open", 4_000)
    settle(call_id)
    assert behind().flush()
    window = BudgetWindow.objects.get(budget=budget)
    assert (written(call_id), window.held_nanousd, window.spent_nanousd) == (("succeeded", 700, 1), 0, 700)


@pytest.mark.parametrize("mode", ["durable", "available", "fast"])
def test_a_cached_answer_is_booked_in_every_mode(mode, settings):
    settings.AI_LEDGER = mode
    values = {"user_id": None, "task_type": "x", "provider": "openai", "model": "small-1", "latency_ms": 0}
    here, later = uuid4(), uuid4()

    book_cached_call(call_id=here, saved_nanousd=50, **values)
    with no_database():
        book_cached_call(call_id=later, saved_nanousd=60, **values)
    behind().flush()

    lines = Call.objects.in_bulk([here, later])
    assert [(lines[key].status, lines[key].is_cached, lines[key].cost_nanousd) for key in (here, later)] == [
        ("succeeded", True, 0)
    ] * 2
    assert (lines[here].saved_nanousd, lines[later].saved_nanousd) == (50, 60)


def test_a_hard_budget_is_never_passed_by_calls_that_wait(fast):
    Budget.objects.create(name="site", limit_nanousd=2_500)

    refused = []

    def spend():
        for _ in range(4):
            try:
                open_one(held=500)
            except BudgetExceededError as error:
                refused.append(error)
        connection.close()

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    behind().flush()
    assert BudgetWindow.objects.get().held_nanousd == 2_500
    assert (Call.objects.count(), len(refused)) == (5, 11)


def test_what_calls_did_not_need_is_free_again_at_once(fast):
    Budget.objects.create(name="site", limit_nanousd=1_009)

    for _ in range(10):
        settle(open_one(held=1_000), 1)

    behind().flush()
    assert (Call.objects.count(), BudgetWindow.objects.get().spent_nanousd) == (10, 10)


def test_without_the_database_a_durable_call_is_refused():
    with no_database(), pytest.raises(LedgerUnavailableError) as caught:
        open_one()

    assert caught.value.status_code == 503
    assert not Call.objects.exists()


@pytest.mark.parametrize("mode", ["durable", "available", "fast"])
def test_a_settlement_that_the_database_does_not_take_is_booked_later(mode, settings):
    settings.AI_LEDGER = mode
    budget = Budget.objects.create(name="site", limit_nanousd=10_000)
    call_id = open_one()
    if mode == "fast":
        behind().flush()

    with no_database():
        assert settle(call_id)
        assert not behind().flush()

    assert Call.objects.get(id=call_id).status == "open"
    assert behind().flush()
    assert written(call_id) == ("succeeded", 700, 1)
    assert (BudgetWindow.objects.get(budget=budget).spent_nanousd, BudgetHold.objects.count()) == (700, 0)


def test_a_settlement_that_comes_after_the_write_off_takes_its_place():
    call_id = open_one(expires_at=timezone.now() - timedelta(seconds=1))
    with no_database():
        settle(call_id)
    reconcile_expired_calls()
    assert Call.objects.get(id=call_id).status in {"unknown", "succeeded"}

    assert behind().flush()

    assert written(call_id) == ("succeeded", 700, 1)


@pytest.mark.parametrize("mode", ["available", "fast"])
def test_without_the_database_calls_go_on_and_are_written_when_it_is_back(mode, settings):
    settings.AI_LEDGER = mode
    Budget.objects.create(name="site", limit_nanousd=5_000)
    settle(open_one(), 700)
    behind().flush()

    with no_database():
        running = open_one()
        ended = open_one()
        settle(ended, 900)
    assert Call.objects.count() == 1

    assert behind().flush()
    assert Call.objects.get(id=running).status == "open"
    assert written(ended) == ("succeeded", 900, 1)
    window = BudgetWindow.objects.get()
    assert (window.spent_nanousd, window.held_nanousd) == (1_600, 1_000)


def test_without_the_database_a_hard_budget_counts_from_what_was_last_seen(available):
    Budget.objects.create(name="site", limit_nanousd=3_000)
    settle(open_one(), 1_000)
    settle(open_one(), 0)

    with no_database():
        open_one(held=2_000)
        with pytest.raises(BudgetExceededError):
            open_one(held=1)
        open_one(held=0)


def test_without_the_database_nobody_spends_whose_budgets_are_not_known(available, owner):
    open_one()

    with no_database():
        with pytest.raises(LedgerUnavailableError):
            open_one(user_id=owner.pk)
        open_one(user_id=owner.pk, held=0)


@pytest.mark.parametrize("mode", ["available", "fast"])
def test_no_more_than_the_bound_goes_on_without_the_database(mode, settings):
    settings.AI_LEDGER = mode
    settings.AI_LEDGER_WAITING_CALLS, settings.AI_LEDGER_WAITING_NANOUSD = 3, 10_000
    open_one()
    behind().flush()

    with no_database():
        with pytest.raises(LedgerUnavailableError):
            open_one(held=10_001)
        for _ in range(3):
            open_one()
        with pytest.raises(LedgerUnavailableError, match="3 records wait"):
            open_one()
    behind().flush()
    with no_database():
        open_one(held=9_000)
        with pytest.raises(LedgerUnavailableError):
            open_one(held=1_001)


def test_a_slow_database_and_a_reader_that_is_gone(available):
    """The line is written, the database then is locked by somebody for longer than anybody waits."""
    call_id = open_one()
    if connection.vendor != "sqlite":
        pytest.skip("a lock on the whole database is SQLite's")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.execute("BEGIN IMMEDIATE")

        attempts = [make_attempt(cost_nanousd=300)]
        assert settle_call(call_id=call_id, status=CallStatus.CANCELLED, attempts=attempts, latency_ms=1)

        other.rollback()
    assert Call.objects.get(id=call_id).status in {"open", "cancelled"}
    assert behind().flush()
    assert written(call_id) == ("cancelled", 300, 1)


def test_a_killed_process_leaves_nothing_unbooked(tmp_path, fast):
    spool, count = tmp_path / "left", 4
    worker = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("ledger_worker.py")), str(spool), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **_environment()},
    )
    try:
        ids = [UUID(worker.stdout.readline().strip()) for _ in range(count)]
        assert replay_left_records(spool) == 0, "its process lives"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        worker.stdin.close()

    Budget.objects.create(name="site", limit_nanousd=150)
    copies = [read_record(line) for path in sorted(spool.glob("*.jsonl")) for line in path.read_bytes().splitlines()]
    assert replay_left_records(spool) == len(copies) == 2 * count - 1
    assert replay_left_records(spool) == 0
    replay(copies)

    assert Call.objects.get(id=ids[0]).status == "open"
    assert [written(call_id) for call_id in ids[1:]] == [("succeeded", 60 + n, 1) for n in range(1, count)]
    window = BudgetWindow.objects.get()
    assert (window.held_nanousd, window.spent_nanousd) == (100, 61 + 62 + 63)
    assert not list(spool.iterdir())


def _environment() -> dict[str, str]:
    """Point a child at the database of the tests."""
    row = connection.settings_dict
    if connection.vendor == "sqlite":
        return {"DATABASE_URL": f"sqlite:///{row['NAME']}"}
    return {"DATABASE_URL": f"postgres://{row['USER']}@{row['HOST']}:{row['PORT']}/{row['NAME']}"}


def test_replaying_twice_books_once():
    Budget.objects.create(name="site", limit_nanousd=100)
    now = timezone.now()
    opened = OpenedCall(uuid4(), None, "x", 5_000, now, now + timedelta(minutes=5), providers={"openai": 5_000})
    settled = SettledCall(opened.call_id, CallStatus.SUCCEEDED, (make_attempt(cost_nanousd=4_000),), 5, now)

    replay([opened])
    replay([opened, settled])
    replay([opened, settled, settled])

    window = BudgetWindow.objects.get()
    assert written(opened.call_id) == ("succeeded", 4_000, 1)
    assert (window.spent_nanousd, window.held_nanousd, Attempt.objects.count()) == (4_000, 0, 1)


def test_what_was_paid_for_somebody_who_is_gone_is_booked_for_nobody(owner):
    now = timezone.now()
    opened = OpenedCall(uuid4(), owner.pk + 1_000, "x", 5, now, now + timedelta(minutes=5))

    replay([opened])

    assert Call.objects.get().user is None


def test_half_a_line_is_reported_and_stops_nothing(tmp_path, caplog):
    now = timezone.now()
    spool = Spool(tmp_path / "left")
    opened = OpenedCall(uuid4(), None, "x", 5, now, now + timedelta(minutes=5))
    spool.append(write_record(opened))
    spool.append('{"kind": "settle", "call_id": "')
    spool.close()

    assert replay_left_records(tmp_path / "left") == 1

    assert Call.objects.get().id == opened.call_id
    assert "ledger_spool_broken: line 2" in caplog.text


def test_files_of_a_process_that_lives_are_its_own(tmp_path):
    spool = Spool(tmp_path)
    spool.append("{}")

    with files_of_the_dead(tmp_path) as files:
        assert files == []
    spool.close()
    with files_of_the_dead(tmp_path) as files:
        assert [path.read_text() for path in files] == ["{}\n"]
        files[0].unlink()
    assert not list(tmp_path.iterdir())


def test_a_forked_child_leaves_the_waiting_calls_to_its_parent(fast):
    call_id = open_one()
    first = behind()
    child = os.fork()
    if child == 0:
        os._exit(0 if behind() is not first else 1)
    assert os.waitpid(child, 0)[1] == 0

    settle(call_id)
    assert behind() is first
    assert behind().flush()
    assert written(call_id) == ("succeeded", 700, 1)


def test_of_many_people_those_are_remembered_who_came_last(monkeypatch):
    monkeypatch.setattr("usage.behind.MOST_KEPT", 3)
    room, now = Room(), timezone.now()
    calls = [OpenedCall(uuid4(), user_id, "x", 5, now, now) for user_id in range(6)]

    for call in (*calls[:4], calls[2]):
        room.remember(call, [])
    assert [key[0] for key in room._windows] == [1, 3, 2]
    room.renew(calls[4:])

    assert [key[0] for key in room._windows] == [2, 4, 5]


def test_windows_read_while_records_are_written_are_read_again(fast):
    Budget.objects.create(name="site", limit_nanousd=1_000)
    room, now = Room(), timezone.now()
    call = OpenedCall(uuid4(), None, "x", 600, now, now + timedelta(minutes=5))
    read = room._read

    def read_while_another_is_written(call: OpenedCall, *, may_read: bool):
        windows = read(call, may_read=may_read)
        if room._generation == 0:
            open_one(held=600)
            behind().flush()
            room.give_back([])
        return windows

    with patch.object(room, "_read", read_while_another_is_written), pytest.raises(BudgetExceededError):
        room.take(call, may_read=True)


text = st.text(max_size=20)


money = st.integers(0, 10**15)


@given(
    message=text,
    held=money,
    providers=st.none() | st.dictionaries(text, money, max_size=3),
    user_id=st.none() | st.integers(1),
    cost=st.none() | money,
)
def test_records_are_read_as_they_were_written(message, held, providers, user_id, cost):
    now = timezone.now()
    opened = OpenedCall(uuid4(), user_id, message, held, now, now, decision={"why": message}, providers=providers)
    attempt = make_attempt(cost_nanousd=cost, error_message=message, unit_prices={"input": "1.5"})
    settled = SettledCall(opened.call_id, CallStatus.FAILED, (attempt, attempt), 7, now, decision=None)

    assert read_record(write_record(opened)) == opened
    assert read_record(write_record(settled)) == settled


@given(st.text(max_size=60) | st.just("{}") | st.just('{"kind": "open"}') | st.just("[1]"))
def test_anything_else_is_not_a_record(line):
    with pytest.raises(ValueError):  # noqa: PT011 - of any kind
        read_record(line)
