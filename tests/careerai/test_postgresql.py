"""Connections to PostgreSQL that are handed on: to whom, when, and when not."""

import gc
import os
import threading
import warnings

import pytest
from django.db import OperationalError, connection, connections, transaction

from careerai.postgresql.spares import MOST_IDLE_SECONDS, MOST_SECONDS, SPARES

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="only of PostgreSQL"),
]


@pytest.fixture(autouse=True)
def _none_is_spare():
    connection.close_pool()
    yield
    connection.close_pool()


def backend() -> int:
    """Return which process of the server answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def in_a_thread(work):
    """Do the work in a thread of its own, which closes its connection as a request does, and return what came of it."""
    found = []

    def run() -> None:
        try:
            found.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def end_on_the_server(process_id: int) -> None:
    """Let the server end a connection, as it does when it is restarted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process_id])


def test_the_next_thread_has_the_last_one_s_connection():
    first = in_a_thread(backend)

    assert in_a_thread(backend) == first


def test_two_at_the_same_time_never_share_one():
    both_are_there = threading.Barrier(2, timeout=60)

    def work() -> int:
        found = backend()
        both_are_there.wait()
        return found

    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(in_a_thread(work))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(seen)) == 2


def test_one_that_the_server_has_ended_is_replaced():
    backend()
    dead = in_a_thread(backend)
    end_on_the_server(dead)

    assert in_a_thread(backend) != dead


def test_one_in_the_middle_of_a_transaction_is_not_handed_on():
    def break_off() -> int:
        with transaction.atomic():
            found = backend()
            connections.close_all()
        return found

    first = in_a_thread(break_off)

    assert in_a_thread(backend) != first


def test_it_commits_by_itself_whatever_was_done_with_it_before():
    def without_autocommit() -> int:
        connection.set_autocommit(False)
        found = backend()
        connection.rollback()
        return found

    first = in_a_thread(without_autocommit)

    assert in_a_thread(lambda: (backend(), connection.get_autocommit())) == (first, True)


@pytest.mark.parametrize("change", ["idle", "old"])
def test_one_that_is_too_old_or_was_idle_for_too_long_is_closed(change, monkeypatch):
    first = in_a_thread(backend)
    gone = {"idle": MOST_IDLE_SECONDS, "old": MOST_SECONDS}[change]
    name = {"idle": "MOST_IDLE_SECONDS", "old": "MOST_SECONDS"}[change]
    monkeypatch.setattr(f"careerai.postgresql.spares.{name}", -gone)

    assert in_a_thread(backend) != first


def test_no_more_are_kept_than_the_site_wants():
    most = connection.settings_dict["OPTIONS"]["spare_connections"]
    all_are_there = threading.Barrier(most + 2, timeout=60)

    def work() -> None:
        backend()
        all_are_there.wait()

    threads = [threading.Thread(target=in_a_thread, args=[work]) for _ in range(most + 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(SPARES._kept[connection._key]) == most


def test_with_none_wanted_each_has_its_own(monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "spare_connections", 0)

    def first_and_second() -> tuple[int, int]:
        first = backend()
        connection.close()
        return first, backend()

    first, second = in_a_thread(first_and_second)

    assert first != second


def test_a_server_that_is_gone_is_told_of_at_once(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    def ask() -> str:
        with pytest.raises(OperationalError) as error:
            backend()
        return str(error.value)

    assert "refused" in in_a_thread(ask)


def test_a_forked_child_makes_its_own_and_leaves_the_parent_s_alone():
    mine = in_a_thread(backend)
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        own = in_a_thread(backend)
        gc.collect()
        os.write(writing, b"own" if own != mine else b"the parent's")
        os._exit(0)
    os.waitpid(child, 0)

    assert os.read(reading, 20) == b"own"
    assert in_a_thread(backend) == mine


def test_a_connection_that_is_closed_twice_is_kept_once():
    def close_twice() -> int:
        found = backend()
        connection.close()
        connection.close()
        return found

    first = in_a_thread(close_twice)

    assert len(SPARES._kept[connection._key]) == 1
    assert in_a_thread(backend) == first
