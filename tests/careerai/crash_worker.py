"""A real worker that stops in the middle of a task: `HOLD=cv.parse:2` at that progress, `…:end` inside the last transaction.

When it stops there it makes the file `HOLD_MARK`, and waits to be killed.
"""

import os
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from ai_router import scheduling  # noqa: E402
from careerai.celery import app  # noqa: E402

name, _, moment = os.environ.get("HOLD", ":").partition(":")
progress, end = scheduling._RunningWork.progress, scheduling._RunningWork.end


def hold() -> None:
    Path(os.environ["HOLD_MARK"]).touch()
    time.sleep(600)


def held_progress(self: Any, done: int, total: int, message: str = "") -> None:
    progress(self, done, total, message)
    if (self.task.name, str(done)) == (name, moment):
        hold()


def held_end(self: Any, *arguments: Any, **values: Any) -> None:
    end(self, *arguments, **values)
    if (self.task.name, "end") == (name, moment):
        hold()


scheduling._RunningWork.progress = held_progress
scheduling._RunningWork.end = held_end
app.worker_main(
    [
        "--quiet",
        "worker",
        f"--hostname=crash-{os.getpid()}@%h",
        "--concurrency=1",
        "--without-gossip",
        "--without-mingle",
        "--loglevel=INFO",
    ]
)
