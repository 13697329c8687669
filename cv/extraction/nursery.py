"""The process that stands ready with the readers loaded, and forks a child process for each document.

Started as `python -m cv.extraction.nursery` with a socket as standard input. It reads no document itself, so a child
begins without anything of an earlier one; nobody's variables are in its environment. A message on the socket is one
byte with three open files: a connection of the caller's own, which takes back the child's exit code, and the standard
input and output of `cv.extraction.child`. A caller that closes its connection has given up, and the child is ended; when
the last caller is gone, or none came for a while, this process ends too.
"""

import gc
import importlib
import os
import resource
import selectors
import signal
import socket
from contextlib import suppress

from cv.extraction import child
from cv.extraction.readers import READERS

# What readers import on first use.
ON_FIRST_USE = ("cv.extraction.rendering", "cv.structured", "pypdfium2", "PIL.PngImagePlugin", "encodings.utf_16")
IDLE_SECONDS = 300
MAX_FILES = 1024
# In new objects: after so many more than have gone, the collector looks for those that hold each other.
GARBAGE = 100_000


def main() -> None:
    """Serve until the last caller is gone, or none came for `IDLE_SECONDS`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_FILES, hard))
    for name in (*set(READERS.values()), *ON_FIRST_USE):
        importlib.import_module(name)
    # What is loaded now lives as long as the process: children need not look through it, which would copy its memory.
    # A child lives for one document, and leaves little behind that only the collector finds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)
    with socket.socket(fileno=0) as callers:
        _Nursery(callers).serve()


class _Nursery:
    """The children that read at the moment, and the connections of those who wait for them."""

    def __init__(self, callers: socket.socket) -> None:
        self._callers = callers
        self._waiting: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        # A signal only wakes the loop: each child that has ended is asked for there.
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)  # noqa: FBT003 - the socket's own signature
        signal.set_wakeup_fd(self._waker.fileno())
        signal.signal(signal.SIGCHLD, _ignore)
        self._selector.register(callers, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)

    def serve(self) -> None:
        """Fork children for callers until there are none."""
        while True:
            ready = self._selector.select(None if self._waiting else IDLE_SECONDS)
            if not ready:
                return
            for key, _ in ready:
                if key.fileobj is self._woken:
                    self._woken.recv(4096)
                    self._reap()
                elif key.fileobj is not self._callers:
                    self._give_up(key.data)
                elif not self._accept():
                    self._end_all()
                    return

    def _accept(self) -> bool:
        """Fork a child for the next document; return False when no caller is left."""
        message, files, _, _ = socket.recv_fds(self._callers, 1, 3)
        if not message:
            return False
        connection = socket.socket(fileno=files[0])
        try:
            pid = os.fork()
        except OSError:
            connection.close()
        else:
            if not pid:
                _become_child(source=files[1], output=files[2])
            # Readable when the caller closes the other end: nothing is ever sent this way.
            self._waiting[pid] = connection
            self._selector.register(connection, selectors.EVENT_READ, pid)
        for file in files[1:]:
            os.close(file)
        return True

    def _give_up(self, pid: int) -> None:
        """End a child whose caller has closed the connection, unless it has ended in the same moment."""
        if pid in self._waiting:
            self._selector.unregister(self._waiting[pid])
            os.kill(pid, signal.SIGKILL)

    def _end_all(self) -> None:
        for pid in self._waiting:
            os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        """Tell the callers of all children that have ended how they did."""
        while self._waiting:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            connection = self._waiting.pop(pid)
            if connection.fileno() in self._selector.get_map():
                self._selector.unregister(connection)
            # Where nobody waits any more, nobody is told.
            with connection, suppress(OSError):
                connection.sendall(b"%d" % os.waitstatus_to_exitcode(status))


def _become_child(*, source: int, output: int) -> None:
    """Answer one request in a process that has just been forked, and end it; nothing of other callers stays open."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(source, 0)
        os.dup2(output, 1)
        os.closerange(3, MAX_FILES)
        code = child.main()
    finally:
        os._exit(code)


def _ignore(*_: object) -> None:
    """Take a signal that wakes the loop."""


if __name__ == "__main__":
    main()
