"""Has the site watched, in the worker: every few seconds for what runs away, less often for what takes longer.

Four threads of the worker's main process: one looks for what runs away, one adds up days that are over, one does all else, and one
sends messages, so that neither a long look nor an address that does not answer keeps anybody from being stopped. Of several workers one takes each turn. Nothing else is needed, neither beat nor a server.
"""

import logging
import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError, connections
from django.utils import timezone

from usage.alerts.delivery import deliver_due
from usage.alerts.limits import look_at_budgets, look_at_limits
from usage.alerts.runaways import look_for_runaways
from usage.alerts.unusual import look_for_unusual
from usage.models import WatchTurn
from usage.rollup_later import make_later_rows

logger = logging.getLogger(__name__)

ROUND_SECONDS = 5.0
Look = Callable[[], object]
# What is looked at, and every how many seconds.
LOOKS: dict[str, tuple[Look, float]] = {
    "runaways": (look_for_runaways, ROUND_SECONDS),
    "budgets": (look_at_budgets, 30.0),
    "limits": (look_at_limits, 120.0),
    "unusual": (look_for_unusual, 600.0),
    "sums": (make_later_rows, 300.0),
}


def take_turn(name: str, seconds: float, *, now: datetime | None = None) -> bool:
    """Whether it is time, and this caller's turn."""
    now = now or timezone.now()
    # A little early is in time: rounds are as long as the shortest pause.
    next_at = now + timedelta(seconds=seconds * 0.9)
    if WatchTurn.objects.filter(name=name, due_at__lte=now).update(due_at=next_at):
        return True
    _, is_new = WatchTurn.objects.get_or_create(name=name, defaults={"due_at": next_at})
    return is_new


def watch_once(names: Collection[str] | None = None) -> None:
    """Take every look, or those of the names, whose turn it is; one that fails keeps no other from being taken."""
    for name, (look, seconds) in LOOKS.items():
        if names is not None and name not in names:
            continue
        try:
            if take_turn(name, seconds):
                look()
        except DatabaseError:
            logger.warning("The look for %s could not be taken", name, exc_info=True)


class Watch:
    """A thread that does something again and again, until the worker ends."""

    def __init__(self, name: str, do: Look, *, round_seconds: float = ROUND_SECONDS) -> None:
        """Make the thread; `start` starts it."""
        self._do = do
        self._round_seconds = round_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the current round."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                self._do()
            except DatabaseError:
                logger.warning("The watch could not reach the database", exc_info=True)
            finally:
                # The pool forks new children at any time; none may inherit an open connection.
                connections.close_all()
            if self._stopping.wait(self._round_seconds):
                return


def make_watches() -> list[Watch]:
    """Return the threads of one worker."""
    urgent, long = {"runaways"}, {"sums"}
    return [
        Watch("runaways", partial(watch_once, urgent)),
        Watch("sums", partial(watch_once, long)),
        Watch("watch", partial(watch_once, LOOKS.keys() - urgent - long)),
        Watch("alerts", partial(deliver_due)),
    ]
