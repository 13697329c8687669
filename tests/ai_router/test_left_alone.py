"""Without Redis, whoever looks sees what other processes of the machine leave alone."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from django.test import Client

from ai_router.errors import AuthenticationError
from ai_router.failures import HANG
from ai_router.keys import keys_of
from ai_router.left_alone import MOST_NOTICES, note, noted
from ai_router.shared_states import Kind, Notice
from ai_router.status import status
from ai_router.types import Candidate
from ai_router.upstream import Line, Upstream
from usage.types import AttemptRecord, AttemptStatus

MODEL = Candidate("openai", "gpt-5.4-mini")


@pytest.fixture
def worker(settings) -> Upstream:
    """What a process knows that is not the one that is asked."""
    settings.AI_PROVIDERS = {"openai": {"api_key": "sk-one-of-the-tests", "base_url": "", "model": ""}}
    settings.REDIS_URL = ""
    upstream = Upstream()
    upstream.shared = None
    return upstream


def notice(number: int = 0, seconds: float = 60.0) -> Notice:
    return Notice(Kind.BREAKER, "openai", f"model-{number}", "key", seconds, "Timeout")


@pytest.mark.django_db
def test_breakers_and_keys_of_a_worker_are_in_status_and_figures(worker):
    (key,) = keys_of("openai")
    line = Line(MODEL, key, worker.breakers.of((MODEL, key.id)), None)
    record = AttemptRecord("openai", MODEL.model, AttemptStatus.FAILED, datetime.now(UTC), 5)
    for _ in range(5):
        worker.judge(line, HANG, "ProviderTimeoutError")
    worker.keys.take(key)
    worker.leave(line, record, error=AuthenticationError("no", provider="openai", status_code=401), harm=None)

    openai = next(one for one in status().providers if one.name == "openai")
    text = Client().get("/metrics").content.decode()

    assert [(one.model, one.state) for one in openai.breakers] == [(MODEL.model, "open")]
    assert [one.state for one in openai.keys] == ["dead"]
    assert 'ai_breakers_open{model="gpt-5.4-mini",provider="openai"} 1.0' in text
    assert 'ai_keys_resting{provider="openai",state="dead"} 1.0' in text
    assert 'ai_provider_state{provider="openai"} 3.0' in text


def test_what_is_over_is_gone_and_what_is_told_twice_stands_once(settings):
    note(notice(1, seconds=-1))
    note(notice(2, seconds=5))
    note(notice(2, seconds=60))

    assert [(one.model, one.seconds > 50) for one in noted()] == [("model-2", True)]


def test_a_flood_of_names_does_not_fill_the_disk(settings):
    entries = {
        str(number): {**_plain(notice(number)), "until": time.time() + 60 + number} for number in range(MOST_NOTICES)
    }
    settings.AI_LEFT_ALONE_FILE.write_text(json.dumps(entries))

    note(notice(1_000, seconds=3_600))

    models = {one.model for one in noted()}
    note(Notice(Kind.KEY, "openai", "invented-1", "key", 3_600.0))

    assert models == {one.model for one in noted()}
    assert len(models) == MOST_NOTICES
    assert "model-1000" in models


def _plain(one: Notice) -> dict[str, object]:
    return {
        name: getattr(one, name) for name in ("kind", "provider", "model", "key_id", "seconds", "reason", "is_dead")
    }


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"a": 1}', '{"a": {"until": "soon"}}'])
def test_a_broken_file_says_nothing_and_is_written_anew(settings, broken):
    settings.AI_LEFT_ALONE_FILE.write_text(broken)
    assert noted() == []

    note(notice())

    assert len(noted()) == 1


def test_a_disk_that_takes_nothing_stops_nobody(settings, tmp_path, caplog):
    settings.AI_LEFT_ALONE_FILE = tmp_path / "file" / "left_alone.json"
    (tmp_path / "file").write_text("no folder")

    note(notice())

    assert "could not be written down" in caplog.text
    assert noted() == []


def test_several_processes_write_one_after_the_other(settings):
    code = (
        "import sys; from pathlib import Path; from django.conf import settings\n"
        "settings.configure(AI_LEFT_ALONE_FILE=Path(sys.argv[1]))\n"
        "from ai_router.left_alone import note; from ai_router.shared_states import Kind, Notice\n"
        "for number in range(20): note(Notice(Kind.BREAKER, 'p', sys.argv[2] + str(number), 'k', 60.0))"
    )
    command = [sys.executable, "-c", code, str(settings.AI_LEFT_ALONE_FILE)]

    processes = [subprocess.Popen([*command, name]) for name in "ab"]

    assert [process.wait() for process in processes] == [0, 0]
    assert len(noted()) == 40
