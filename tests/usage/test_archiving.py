"""Old lines leave for files; their sums stay, whenever the process is killed."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command

from tests.usage.conftest import move_line
from usage import archiving
from usage.archiving import archive_lines
from usage.errors import BrokenArchiveError
from usage.models import Archive, Call
from usage.rollup_repair import find_differences, rebuild
from usage.rollups import read

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


def test_a_file_that_has_changed_deletes_nothing(old, tmp_path):
    with patch.object(archiving, "_remove", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        archive_lines(tmp_path, older_than_days=40, now=NOW)
    (path,) = tmp_path.glob("*.gz")
    path.write_bytes(b"")

    with pytest.raises(BrokenArchiveError, match=path.name):
        archive_lines(tmp_path, older_than_days=40, now=NOW)

    assert Call.objects.count() == 8


def test_the_command_says_what_it_did(old, tmp_path, capsys):
    call_command("archive_usage", "--output", str(tmp_path), "--json", "--days", "32")

    assert json.loads(capsys.readouterr().out)["files"] in {0, 2}
    with pytest.raises(CommandError, match="--days 31"):
        call_command("archive_usage", "--days", "31")
