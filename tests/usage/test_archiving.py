"""Old lines leave for files; their sums stay, whenever the process is killed."""

import gzip
import json
import threading
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from tests.usage.conftest import make_attempt, move_line
from usage import archived_spending, archiving, corrections
from usage.archiving import archive_lines
from usage.budget_windows import reset_windows
from usage.corrections import correct_cost
from usage.errors import BrokenArchiveError
from usage.ledger import reconcile_expired_calls, settle_call
from usage.models import Archive, ArchivedSpending, Budget, Call
from usage.rollup_repair import find_differences, rebuild
from usage.rollups import read
from usage.standings import list_standings
from usage.types import CallStatus

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=50)


@pytest.fixture
def old(settled_line, open_line, owner):
    """Two days to archive, one that is too young, and a call of the first day that is still open."""
    for number in range(5):
        move_line(settled_line(user=owner, cost=100 + number).pk, LONG_AGO + timedelta(minutes=number))
    move_line(settled_line(cost=None).pk, LONG_AGO + timedelta(days=1))
    move_line(settled_line().pk, NOW - timedelta(days=3))
    running = open_line()
    Call.objects.filter(pk=running).update(created_at=LONG_AGO)
    return running


def archived(folder) -> list[dict]:
    lines = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt") as file:
            lines += [json.loads(line) for line in file]
    return lines


def sums():
    return {
        (cell.start, cell.names): cell.sums for cell in read(step="hour", by=["user", "provider"], with_latencies=True)
    }


def test_lines_go_and_sums_stay(old, tmp_path):
    lines, before = {str(pk) for pk in Call.objects.values_list("pk", flat=True)}, sums()

    done = archive_lines(tmp_path, older_than_days=40, now=NOW)

    assert (done.files, done.calls, done.attempts) == (2, 6, 6)
    kept = {str(pk) for pk in Call.objects.values_list("pk", flat=True)}
    assert (len(kept), {line["id"] for line in archived(tmp_path)}) == (2, lines - kept)
    assert [line["attempts"][0]["cost_nanousd"] for line in archived(tmp_path)] == [100, 101, 102, 103, 104, None]
    assert sums() == before
    assert list(find_differences()) == []
    rebuild()
    assert sums() == before


@pytest.mark.parametrize("step", ["_digest", "Archive.save", "_remove", "Call.objects.filter"])
def test_a_kill_at_any_step_loses_and_doubles_nothing(old, tmp_path, step):
    before, target = sums(), {"Archive.save": Archive, "Call.objects.filter": archiving}.get(step, archiving)
    name = {"Archive.save": "save", "Call.objects.filter": "UUID"}.get(step, step)
    with patch.object(target, name, side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        archive_lines(tmp_path, older_than_days=40, now=NOW)
    assert sums() == before

    archive_lines(tmp_path, older_than_days=40, now=NOW)
    archive_lines(tmp_path, older_than_days=40, now=NOW)

    ids = [line["id"] for line in archived(tmp_path)]
    assert (len(ids), len(set(ids)), Call.objects.count()) == (6, 6, 2)
    assert list(find_differences()) == []


def test_what_is_settled_later_goes_to_a_file_of_its_own(old, tmp_path):
    archive_lines(tmp_path, older_than_days=40, now=NOW)
    Call.objects.filter(pk=old).update(expires_at=LONG_AGO)
    call_command("reconcile_usage", verbosity=0)

    archive_lines(tmp_path, older_than_days=40, now=NOW)

    assert [archive.part for archive in Archive.objects.filter(day=LONG_AGO.date())] == [1, 2]
    assert list(find_differences()) == []


def test_what_is_set_right_after_it_was_written_goes_to_another_file_as_it_is_then(old, staff, tmp_path):
    with patch.object(archiving, "_remove", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        archive_lines(tmp_path, older_than_days=40, now=NOW)
    line = Call.objects.get(cost_nanousd=100)
    correct_cost(line.pk, cost_nanousd=7, reason="refunded", by=staff)

    archive_lines(tmp_path, older_than_days=40, now=NOW)

    costs = [found["cost_nanousd"] for found in archived(tmp_path) if found["id"] == str(line.pk)]
    assert (costs, Call.objects.filter(pk=line.pk).exists()) == ([100, 7], False)
    assert [archive.calls for archive in Archive.objects.filter(day=LONG_AGO.date())] == [4, 1]
    assert list(find_differences()) == []


def test_a_file_that_has_changed_deletes_nothing(old, tmp_path):
    with patch.object(archiving, "_remove", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        archive_lines(tmp_path, older_than_days=40, now=NOW)
    (path,) = tmp_path.glob("*.gz")
    path.write_bytes(b"")

    with pytest.raises(BrokenArchiveError, match=path.name):
        archive_lines(tmp_path, older_than_days=40, now=NOW)

    assert Call.objects.count() == 8


def test_a_second_run_in_the_same_folder_leaves_all_to_the_first(old, tmp_path):
    settled_on, before = archiving._settled_on, sums()

    def interrupted(day):
        lines = list(settled_on(day))
        yield lines[0]
        with patch.object(archiving, "_settled_on", settled_on), pytest.raises(CommandError, match="at work"):
            call_command("archive_usage", "--output", str(tmp_path), "--days", "32")
        yield from lines[1:]

    with patch.object(archiving, "_settled_on", interrupted):
        archive_lines(tmp_path, older_than_days=40, now=NOW)

    assert (len({line["id"] for line in archived(tmp_path)}), Call.objects.count(), sums()) == (6, 2, before)
    assert list(find_differences()) == []


def test_the_command_says_what_it_did(old, tmp_path, capsys):
    call_command("archive_usage", "--output", str(tmp_path), "--json", "--days", "32")

    assert json.loads(capsys.readouterr().out)["files"] in {0, 2}
    with pytest.raises(CommandError, match="--days 31"):
        call_command("archive_usage", "--days", "31")


def test_a_budget_without_an_end_counts_archived_lines_when_it_counts_anew(open_line, owner, stranger, staff, tmp_path):
    group = Group.objects.create(name="north")
    group.user_set.add(owner)
    kinds = [{}, {"user": owner}, {"group": group}, {"is_per_user": True}, {"task_type": "cover_letter"}]
    kinds += [{"provider": "openai"}, {"provider": "groq"}, {"purpose": "shadow:1"}]
    budgets = [
        Budget.objects.create(name=f"{unit} {number}", limit_nanousd=10**12, period="total", unit=unit, **kind)
        for number, kind in enumerate(kinds)
        for unit in ("money", "calls")
    ]
    free = make_attempt(provider="embedded", cost_nanousd=0)
    unpriced = make_attempt(provider="groq", cost_nanousd=None)
    for attempts in ([make_attempt()], [make_attempt(), unpriced], [unpriced], [free], [free, make_attempt()], []):
        for user, more in ((owner, {}), (stranger, {"task_type": "fast_summary"}), (None, {"purpose": "shadow:1"})):
            call_id = open_line(user_id=user.pk if user else None, **more)
            settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=attempts, latency_ms=1)
    for known in ({}, {"decision": {"candidates": [{"candidate": "openai/small", "held_nanousd": 700}]}}):
        open_line(user_id=owner.pk, **known)
    reconcile_expired_calls(now=timezone.now() + timedelta(hours=1))
    correct_cost(
        Call.objects.filter(user=owner, cost_nanousd=1_500).first().pk, cost_nanousd=90, reason="less", by=staff
    )
    Call.objects.update(created_at=LONG_AGO)

    def spent() -> dict[str, int]:
        for budget in budgets:
            reset_windows(budget)
        shared = {one.budget.name: one.spent_nanousd for one in list_standings()}
        return shared | {f"{one.budget.name} of {owner}": one.spent_nanousd for one in list_standings(user_id=owner.pk)}

    before = spent()
    assert len(before) == len(budgets) + 2
    assert min(before.values()) > 0

    archive_lines(tmp_path, older_than_days=40, now=NOW)

    assert not Call.objects.exists()
    assert spent() == before
    # Of files that were written before it was kept what lines count for, it is read from them, once.
    ArchivedSpending.objects.all().delete()
    Archive.objects.update(is_counted=False)
    assert max(spent().values()) == 0
    assert [archive_lines(tmp_path, older_than_days=40, now=NOW).counted for _ in range(2)] == [1, 0]
    assert spent() == before
    budgets = [budget for budget in budgets if not budget.user_id]
    owner.delete()
    of_all = {budget.name for budget in budgets if not budget.group_id and not budget.is_per_user}
    assert {name: amount for name, amount in spent().items() if name in of_all} == {
        name: before[name] for name in of_all
    }


@pytest.mark.django_db(transaction=True)
def test_a_correction_and_the_end_of_its_line_do_not_wait_for_each_other(settled_line, staff, tmp_path, monkeypatch):
    line = settled_line(cost=100)
    move_line(line.pk, LONG_AGO)
    has_line, is_alone, errors = threading.Event(), threading.Event(), []
    keep_others_out, spent_in = archived_spending.keep_others_out, corrections.spent_in

    def keep_others_out_and_say() -> None:
        keep_others_out()
        is_alone.set()

    def spent_in_and_wait(*arguments):
        has_line.set()
        is_alone.wait(0.3)
        return spent_in(*arguments)

    def archive() -> None:
        try:
            has_line.wait(10)
            archive_lines(tmp_path, older_than_days=40, now=NOW)
        except BaseException as error:
            errors.append(error)
            raise
        finally:
            connection.close()

    monkeypatch.setattr(archived_spending, "keep_others_out", keep_others_out_and_say)
    monkeypatch.setattr(corrections, "spent_in", spent_in_and_wait)
    archiver = threading.Thread(target=archive)
    archiver.start()

    correct_cost(line.pk, cost_nanousd=7, reason="refunded", by=staff)
    archiver.join()

    assert (errors, Call.objects.count()) == ([], 0)
    assert ArchivedSpending.objects.get(provider="").spent_nanousd == 7
