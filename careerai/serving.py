"""The processes of `manage.py serve`: a web server and a worker, and the supervisor that keeps them together.

`python -m careerai.serving web|worker` is one child. A child ends when its supervisor does, however that ended: it
holds the reading end of a pipe that nobody writes to, and takes its end for the supervisor's.
"""

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from uuid import uuid4

from billiard import active_children
from django.conf import settings

TERM_SECONDS = 6.0
QUIT_SECONDS = 3.0
POLL_SECONDS = 0.2
MAX_RESTARTS = 5
RESTART_WINDOW_SECONDS = 60.0


class ChildGaveUpError(Exception):
    """A child ended over and over."""


@dataclass
class Child:
    """One process, and how to start it again."""

    name: str
    arguments: list[str]
    pass_fds: tuple[int, ...]
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start the process."""
        self.starts.append(time.monotonic())
        command = [sys.executable, "-m", "careerai.serving", *self.arguments]
        self.process = subprocess.Popen(command, pass_fds=self.pass_fds, cwd=settings.BASE_DIR)  # noqa: S603

    def send(self, signal_number: int) -> None:
        """Send a signal, if the process still runs."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal_number)

    def starts_too_often(self) -> bool:
        """Tell whether it was started so often lately that another start will not help."""
        since = time.monotonic() - RESTART_WINDOW_SECONDS
        self.starts = [start for start in self.starts if start >= since]
        return len(self.starts) > MAX_RESTARTS


class Supervisor:
    """Starts the children, starts them again when they die, and ends them when it is told to end."""

    def __init__(self, listener: socket.socket, *, concurrency: int, say: Callable[[str], None]) -> None:
        """Take a listening socket; nothing is started yet."""
        self._say = say
        self._stopping = threading.Event()
        lifeline, self._lifeline_end = os.pipe()
        fds = (lifeline, listener.fileno())
        line = ["--lifeline", str(lifeline)]
        self.children = [
            Child("web server", ["web", *line, "--listener", str(listener.fileno())], fds),
            Child("worker", ["worker", *line, "--concurrency", str(concurrency)], fds[:1]),
        ]

    def run(self) -> None:
        """Run until SIGTERM or SIGINT.

        Raises:
            ChildGaveUpError: A child cannot be kept alive; the other one was ended too.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            for child in self.children:
                child.start()
            while not self._stopping.wait(POLL_SECONDS):
                for child in self.children:
                    self._look_after(child)
        finally:
            self._end_children()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _look_after(self, child: Child) -> None:
        if child.process is None or (code := child.process.poll()) is None:
            return
        reason = f"signal {-code}" if code < 0 else f"exit status {code}"
        if child.starts_too_often():
            message = f"The {child.name} ended {MAX_RESTARTS + 1} times within a minute, last by {reason}; see the lines above."
            raise ChildGaveUpError(message)
        self._say(f"The {child.name} ended ({reason}); it is started again.")
        child.start()

    def _end_children(self) -> None:
        """End the children: first ask, then insist (a worker puts its tasks back), then kill."""
        for number, patience_seconds in ((signal.SIGTERM, TERM_SECONDS), (signal.SIGQUIT, QUIT_SECONDS)):
            for child in self.children:
                child.send(number)
            if self._have_ended(patience_seconds):
                return
        for child in self.children:
            child.send(signal.SIGKILL)

    def _have_ended(self, patience_seconds: float) -> bool:
        deadline = time.monotonic() + patience_seconds
        for child in self.children:
            if child.process:
                try:
                    child.process.wait(timeout=max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    return False
        return True


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens there.

    Raises:
        OSError: The address is taken, not allowed or not this machine's.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def main(arguments: list[str]) -> None:
    """Run one child."""
    parser = argparse.ArgumentParser(prog="careerai.serving")
    parser.add_argument("role", choices=["web", "worker"])
    parser.add_argument("--lifeline", type=int, required=True)
    parser.add_argument("--listener", type=int)
    parser.add_argument("--concurrency", type=int, default=2)
    options = parser.parse_args(arguments)
    threading.Thread(target=_end_with_supervisor, args=[options.lifeline], name="lifeline", daemon=True).start()
    if options.role == "web":
        _run_web(options.listener)
    else:
        _run_worker(options.concurrency)


def _end_with_supervisor(lifeline: int) -> None:
    """Wait for the supervisor's end, then end as well: in good order, or at once where that takes too long."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGQUIT)
    time.sleep(QUIT_SECONDS)
    for process in active_children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    os._exit(1)


def _run_web(listener: int) -> None:
    import uvicorn

    # Access lines would hold links that reset a password; a proxy in front writes its own.
    config = uvicorn.Config(
        "careerai.asgi:application",
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    signal.signal(signal.SIGQUIT, lambda *_: os._exit(1))
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=listener)])


def _run_worker(concurrency: int) -> None:
    from celery.platforms import SecurityWarning

    from careerai.celery import app

    # Celery warns of root for the sake of pickled messages; ours are JSON only.
    warnings.simplefilter("ignore", SecurityWarning)
    app.worker_main(
        [
            "--quiet",
            "worker",
            # A name of its own: RabbitMQ refuses a second worker of the same name, or one that is started again too soon.
            f"--hostname=careerai-{uuid4().hex[:8]}@%h",
            f"--concurrency={concurrency}",
            f"--loglevel={settings.LOG_LEVEL}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


if __name__ == "__main__":
    main(sys.argv[1:])
