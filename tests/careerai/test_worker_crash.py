"""`kill -9` of a real worker in the middle of its work: another one finishes it, and the effect happens once.

The servers are those of the run: SQLite and a folder by default, what DATABASE_URL, REDIS_URL and CELERY_BROKER_URL name else.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from tests.databases import own_database

HERE = Path(__file__).parent
TIMEOUT_SECONDS = 180


class Site:
    """The process that makes rows and tells how they stand."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.log = Path(environment["CAREERAI_DATA_DIR"]) / "worker.log"
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "crash_site.py")],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, word: str) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def wait(self, true: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not true(state := self.ask("state")):
            assert time.monotonic() < deadline, f"{state}\n{self.log.read_text()}"
            time.sleep(0.1)
        return dict(state)


@pytest.fixture
def environment(tmp_path: Path, migrated: str) -> Iterator[dict[str, str]]:
    with own_database(tmp_path, template=migrated) as database_url:
        yield {
            **os.environ,
            "PYTHONPATH": str(settings.BASE_DIR),
            "DJANGO_SETTINGS_MODULE": "careerai.settings",
            "CAREERAI_DATA_DIR": str(tmp_path),
            "DATABASE_URL": database_url,
            "CELERY_QUEUE": f"crash-{uuid4().hex[:12]}",
            "HOLD_MARK": str(tmp_path / "mark"),
        }


@pytest.fixture
def site(environment: dict[str, str]) -> Iterator[Site]:
    site = Site(environment)
    with site.process:
        site.ask("prepare")
        yield site
        site.process.kill()


@contextmanager
def worker(environment: dict[str, str], hold: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker; it is killed, with its whole process group, when the block is left."""
    log = Path(environment["CAREERAI_DATA_DIR"]) / "worker.log"
    with (
        log.open("ab") as output,
        subprocess.Popen(
            [sys.executable, str(HERE / "crash_worker.py")],
            cwd=settings.BASE_DIR,
            env={**environment, "HOLD": hold},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def until_it_holds(process: subprocess.Popen[bytes], environment: dict[str, str]) -> None:
    mark = Path(environment["HOLD_MARK"])
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not mark.exists():
        is_late = time.monotonic() > deadline or process.poll() is not None
        assert not is_late, (mark.parent / "worker.log").read_text()
        time.sleep(0.05)
    mark.unlink()


def test_a_parse_and_a_tailoring_whose_workers_are_killed_finish_once(site, environment):
    site.ask("upload")
    with worker(environment, hold="cv.parse:2") as process:
        until_it_holds(process, environment)
    killed = site.ask("state")
    assert killed["tasks"] == {"cv.parse": ["running", 1]}
    assert killed["versions"] == 0

    with worker(environment, hold="jobs.tailor:end") as process:
        parsed = site.wait(lambda state: state["parses"] == ["done"])
        assert parsed["tasks"]["cv.parse"] == ["done", 2]
        assert parsed["versions"] == 1
        site.ask("tailor")
        until_it_holds(process, environment)
    killed = site.ask("state")
    assert killed["tasks"]["jobs.tailor"] == ["running", 1]
    assert killed["changes"] == []

    with worker(environment):
        done = site.wait(lambda state: state["tailored"] == ["done"])
    assert done["tasks"] == {"cv.parse": ["done", 2], "jobs.tailor": ["done", 2]}
    assert done["versions"] == 1
    assert done["changes"] == list(range(1, len(done["changes"]) + 1))
    assert done["changes"]
    assert done["open_calls"] == 0
