"""Connections that nobody uses now, kept by the process for whoever comes next.

A web request has a thread of its own, and with it a connection of its own; making one costs as much as twenty queries, and
what the server had prepared for the last one is gone. Here the next request takes the last one's. Nobody ever waits:
where none is spare, or the server is gone, Django makes a connection or says at once why it cannot. (A pool with a fixed
size makes callers wait for each other, also a call inside a call for itself, and, while the server is down, for its time-out.)
"""

import os
import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from psycopg import Error
from psycopg.pq import TransactionStatus

# Firewalls forget connections without traffic after some minutes, and nobody is told.
MOST_IDLE_SECONDS = 120.0
# A server's process grows with what it has read; and a name may mean another server by now.
MOST_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Spare:
    """A connection, when it was made, and since when nobody uses it, in seconds of the monotonic clock."""

    connection: Any
    made_at: float
    idle_since: float

    def is_young(self, now: float) -> bool:
        """Whether it is neither too old nor was left alone for too long."""
        return now - self.made_at < MOST_SECONDS and now - self.idle_since < MOST_IDLE_SECONDS

    def is_well(self) -> bool:
        """Whether the server still answers on it; a round trip."""
        try:
            self.connection.execute("")
        except Error:
            return False
        return True


class Spares:
    """The spare connections of a process, by whose they may become."""

    def __init__(self) -> None:
        """Have none."""
        self._lock = threading.Lock()
        self._kept: dict[Hashable, list[Spare]] = {}
        self._of_the_parent: list[Spare] = []

    def take(self, key: Hashable) -> tuple[Any, float] | None:
        """Return the connection that was used last of those that still answer, and when it was made; None where there is none."""
        while True:
            with self._lock:
                kept = self._kept.get(key)
                spare = kept.pop() if kept else None
            if spare is None:
                return None
            if spare.is_young(time.monotonic()) and spare.is_well():
                return spare.connection, spare.made_at
            spare.connection.close()

    def keep(self, key: Hashable, connection: Any, *, made_at: float, most: int) -> None:
        """Keep a connection, or close it where it is in the middle of something, too old, or one too many."""
        now = time.monotonic()
        spare = Spare(connection, made_at, now)
        if not (spare.is_young(now) and _is_idle(connection)):
            connection.close()
            return
        with self._lock:
            kept = [*self._kept.get(key, ()), spare]
            self._kept[key] = [one for one in kept if one.is_young(now)][-most:] if most else []
            over = [one for one in kept if one not in self._kept[key]]
        for one in over:
            one.connection.close()

    def close(self, key: Hashable) -> None:
        """Close those that are kept by a key."""
        with self._lock:
            kept = self._kept.pop(key, [])
        for spare in kept:
            spare.connection.close()

    def leave_to_parent(self) -> None:
        """Use none of them in a forked child: they are the parent's. They stay referenced, so that nobody closes them here."""
        self._lock = threading.Lock()
        self._of_the_parent += [spare for kept in self._kept.values() for spare in kept]
        self._kept.clear()


def _is_idle(connection: Any) -> bool:
    """Whether it is open, between two transactions, and commits by itself from now on."""
    if connection.closed or connection.info.transaction_status != TransactionStatus.IDLE:
        return False
    try:
        connection.autocommit = True
    except Error:
        return False
    return True


SPARES = Spares()
os.register_at_fork(after_in_child=SPARES.leave_to_parent)
