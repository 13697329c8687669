"""Records of the ledger that are on disk and not in the database yet.

Each process appends to files of its own. A file is closed before its records go into the database, and deleted when all
of them are there; a process that is killed leaves its files, and another one replays them. Who is alive is told by a lock
on a file, which the system releases with the process. A record may be replayed twice: the ledger knows its calls.
"""

import contextlib
import fcntl
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from usage.records import Record, read_record

logger = logging.getLogger(__name__)

LOCKS, FILES = ".lock", ".jsonl"


class Spool:
    """The files of one process."""

    def __init__(self, folder: Path) -> None:
        """Make the folder, and a lock that says that this process lives."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._name = uuid4().hex
        self._number = 0
        self._lock = _take_lock(folder / f"{self._name}{LOCKS}")
        self._current: tuple[int, Path] | None = None

    def append(self, text: str) -> None:
        """Write a record as one line; it outlives this process from now on.

        Raises:
            OSError: The disk is full, or gone.
        """
        descriptor, _ = self._current or self._begin()
        line = f"{text}\n".encode()
        if os.write(descriptor, line) != len(line):
            # What follows must not be glued to half a line.
            self.close_file()
            message = "the ledger's spool could not be written whole"
            raise OSError(message)

    def close_file(self) -> Path | None:
        """Begin a new file with the next record; returns the one that is full, None where nothing was written."""
        if self._current is None:
            return None
        descriptor, path = self._current
        self._current = None
        os.close(descriptor)
        return path

    def close(self) -> None:
        """Give the lock back; files that are left are for others to replay."""
        self.close_file()
        if not any(self._folder.glob(f"{self._name}.*{FILES}")):
            (self._folder / f"{self._name}{LOCKS}").unlink(missing_ok=True)
        os.close(self._lock)

    def forget(self) -> None:
        """Close without a word what belongs to the parent process, in a child of it."""
        os.close(self._lock)
        self.close_file()

    def _begin(self) -> tuple[int, Path]:
        self._number += 1
        path = self._folder / f"{self._name}.{self._number:09d}{FILES}"
        self._current = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600), path
        return self._current


def _take_lock(path: Path) -> int:
    """Open and lock a file.

    Raises:
        BlockingIOError: Its process lives.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextlib.contextmanager
def files_of_the_dead(folder: Path) -> Iterator[list[Path]]:
    """Yield the files that processes left which are no more, oldest first within each; nobody else gets them meanwhile."""
    taken: dict[Path, int] = {}
    try:
        for lock in sorted(folder.glob(f"*{LOCKS}")) if folder.is_dir() else []:
            with contextlib.suppress(BlockingIOError, FileNotFoundError):
                taken[lock] = _take_lock(lock)
        yield [path for lock in taken for path in sorted(folder.glob(f"{lock.stem}.*{FILES}"))]
        for lock in taken:
            if not any(folder.glob(f"{lock.stem}.*{FILES}")):
                lock.unlink(missing_ok=True)
    finally:
        for descriptor in taken.values():
            os.close(descriptor)


def read_file(path: Path) -> list[Record]:
    """Return the records of a file; lines that are broken are reported and passed over."""
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            found.append(read_record(line))
        except ValueError:
            logger.error("ledger_spool_broken: line %d of %s cannot be read", number, path.name)
    return found
