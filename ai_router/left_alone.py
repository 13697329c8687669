"""What the processes of a machine leave alone, for those who look: without Redis, nobody else would see a worker's breakers.

A small file in the data folder, read and written under a lock, whenever a breaker opens or a key is refused, which is rare. An
entry is gone when its time is over, whether its process lives or not. No call reads it: routing goes by what a process has
found itself, or by Redis (`shared_states`).
"""

import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from ai_router.shared_states import Kind, Notice

logger = logging.getLogger(__name__)

# So few that writing all of them anew takes no time worth telling.
MOST_NOTICES = 100


def note(notice: Notice) -> None:
    """Write down that something is left alone; a disk that does not take it stops nobody.

    That a key rests for one model alone is not worth it: names of models are invented by callers, and each would be written.
    """
    if notice.kind is Kind.KEY and notice.model:
        return
    try:
        with _opened(settings.AI_LEFT_ALONE_FILE) as file:
            entries = _read(file)
            entries[_place(notice)] = asdict(notice) | {"until": time.time() + notice.seconds}
            newest = sorted(entries.items(), key=lambda pair: pair[1]["until"])[-MOST_NOTICES:]
            file.seek(0)
            file.truncate()
            json.dump(dict(newest), file)
    except OSError:
        logger.warning("What is left alone could not be written down for other processes", exc_info=True)


def noted() -> list[Notice]:
    """Return what is left alone now, by any process of this machine, with the seconds that are left."""
    path: Path = settings.AI_LEFT_ALONE_FILE
    if not path.exists():
        return []
    try:
        with _opened(path) as file:
            entries = _read(file)
    except OSError:
        return []
    now = time.time()
    return [
        Notice(
            Kind(entry["kind"]),
            entry["provider"],
            entry["model"],
            entry["key_id"],
            entry["until"] - now,
            entry["reason"],
            entry["is_dead"],
        )
        for entry in entries.values()
    ]


def _place(notice: Notice) -> str:
    return f"{notice.kind}:{notice.provider}:{notice.model}:{notice.key_id}"


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _read(file: IO[str]) -> dict[str, dict[str, Any]]:
    """Return what still holds; a file that a crash has cut says nothing."""
    try:
        entries = json.load(file)
        return {place: entry for place, entry in entries.items() if entry["until"] > time.time()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}
