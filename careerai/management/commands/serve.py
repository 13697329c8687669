"""Web server and worker in one process tree."""

import errno
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from careerai.health import failing_checks
from careerai.serving import ChildGaveUpError, Supervisor, bind


class Command(BaseCommand):
    """`manage.py serve`."""

    help = "Serve the site: a web server and a worker for background tasks, in one process tree."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen at (default: %(default)s)")
        parser.add_argument(
            "--concurrency",
            type=int,
            default=settings.CELERY_WORKER_CONCURRENCY,
            help="background tasks at the same time (default: %(default)s)",
        )

    def handle(self, *, host: str, port: int, concurrency: int, **_: Any) -> None:
        if concurrency < 1 or not 0 <= port <= 65535:
            message = "--concurrency must be at least 1, and --port between 0 (any free one) and 65535."
            raise CommandError(message)
        if failing := failing_checks():
            problems = "; ".join(f"{name}: {problem}" for name, problem in failing.items())
            message = f"The site is not ready ({problems}). 'manage.py setup_site' prepares it."
            raise CommandError(message)
        listener = _listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.stdout.write(f"CareerAI is at http://{shown}:{listener.getsockname()[1]}  (stop with Ctrl-C)")
        self.stdout.flush()
        try:
            Supervisor(listener, concurrency=concurrency, say=self._say).run()
        except ChildGaveUpError as error:
            raise CommandError(str(error)) from None

    def _say(self, text: str) -> None:
        self.stderr.write(self.style.WARNING(text))


def _listen(host: str, port: int) -> socket.socket:
    try:
        return bind(host, port)
    except OSError as error:
        code = error.errno
        if code == errno.EADDRINUSE:
            message = (
                f"Port {port} of {host} is in use. Stop the program that uses it, or choose another one with --port."
            )
        elif code == errno.EACCES:
            message = f"Port {port} may not be used by this account. Choose one above 1023 with --port."
        else:
            message = f"Cannot listen at {host!r}, port {port}: {error}."
        raise CommandError(message) from None
