"""Child processes that read documents, by way of the process that forks them."""

import atexit
import json
import os
import socket
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cv.extraction.limits import ExtractionLimits

PROJECT_DIR = Path(__file__).resolve().parent.parent.parent
COMMAND = [sys.executable, "-P", "-m", "cv.extraction.nursery"]
# None of this process's variables, so that no key can leak through a flaw in a reader.
ENVIRONMENT = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
    "PYTHONPATH": str(PROJECT_DIR),
    "PATH": os.defpath,
}
REPLY_BYTES = 16
# A nursery may end, as nobody has come for long, while it is asked.
ATTEMPTS = 2


class _NurseryProcess:
    """The nursery (see `cv.extraction.nursery`) of this process, started on first use and whenever it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._pid = 0
        atexit.register(self._close)
        os.register_at_fork(after_in_child=self._forget)

    def send(self, *files: int) -> None:
        """Hand over open files for one more child.

        Raises:
            OSError: It can't be started.
        """
        with self._lock:
            try:
                socket.send_fds(self._socket or self._start(), [b"."], files)
            except (BrokenPipeError, ConnectionResetError):
                self._close()
                with suppress(ChildProcessError):
                    os.waitpid(self._pid, 0)
                socket.send_fds(self._start(), [b"."], files)

    def _start(self) -> socket.socket:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._pid = os.posix_spawn(
                sys.executable,
                COMMAND,
                ENVIRONMENT,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, theirs.fileno(), 0),
                    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                ],
            )
        return self._socket

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _forget(self) -> None:
        """Leave the nursery to the process that this one was forked from."""
        self._lock = threading.Lock()
        self._close()


_nursery = _NurseryProcess()


def run_child(data: bytes, *, limits: ExtractionLimits, wait_seconds: float, **request: Any) -> tuple[int, bytes]:
    """Give `data` to a child process, and return its exit code, negative for a signal, and what it wrote.

    Raises:
        TimeoutError: It took longer than `wait_seconds`, and was ended.
        ChildProcessError: No child can be started.
    """
    line = json.dumps({"limits": asdict(limits), **request}).encode() + b"\n"
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as output:
        source.write(line)
        source.write(data)
        for _ in range(ATTEMPTS):
            # Also writes what is still in the buffer.
            source.seek(0)
            reply = _ask(source.fileno(), output.fileno(), wait_seconds)
            if reply:
                output.seek(0)
                return int(reply), output.read()
    message = "The process that starts readers has ended twice."
    raise ChildProcessError(message)


def _ask(source: int, output: int, wait_seconds: float) -> bytes:
    """Return the exit code of a child with these files as standard input and output, empty where the nursery has ended instead."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _nursery.send(theirs.fileno(), source, output)
        ours.settimeout(wait_seconds)
        try:
            return ours.recv(REPLY_BYTES)
        except ConnectionResetError:
            return b""
