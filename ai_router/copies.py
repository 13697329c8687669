"""Copies, in this process, of what every call reads and hardly anybody changes."""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from django.db import DatabaseError

logger = logging.getLogger(__name__)

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
_all: "WeakSet[Copy[Any]]" = WeakSet()


class Copy(Generic[T]):
    """A value that is read again once it is older than `seconds`.

    While one thread reads it anew, the others are given the old one. A database that does not answer leaves the old one
    in force as well; only the first reading raises.
    """

    def __init__(self, read: Callable[[], T], *, seconds: float) -> None:
        """Keep how it is read, and for how long it holds."""
        self._read = read
        self._seconds = seconds
        self._reading = threading.Lock()
        self._kept: tuple[T, float] | None = None
        _all.add(self)

    def get(self) -> T:
        """Return the value, at most `seconds` old while the database answers."""
        kept = self._kept
        if kept is not None and (time.monotonic() < kept[1] or not self._reading.acquire(blocking=False)):
            return kept[0]
        if kept is None:
            self._reading.acquire()
        try:
            value = self._read()
        except DatabaseError:
            if kept is None:
                raise
            logger.warning("What is kept for routing could not be read again; the old copy stays", exc_info=True)
            value = kept[0]
        finally:
            self._reading.release()
        self._kept = (value, time.monotonic() + self._seconds)
        return value

    def peek(self) -> T | None:
        """Return the value as it was last read; None where it was not."""
        kept = self._kept
        return kept[0] if kept else None

    def forget(self) -> None:
        """Have it read again by the next who asks, as after an edit in this process."""
        self._kept = None


class Copies(Generic[K, T]):
    """A copy for each key; at most `most` of them, then all begin anew."""

    def __init__(self, read: Callable[[K], T], *, seconds: float, most: int = 500) -> None:
        """Keep how a value is read, and for how long it holds."""
        self._read = read
        self._seconds = seconds
        self._most = most
        self._kept: dict[K, Copy[T]] = {}

    def get(self, key: K) -> T:
        """Return the key's value, at most `seconds` old while the database answers."""
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= self._most:
                self._kept.clear()
            found = self._kept.setdefault(key, Copy(lambda: self._read(key), seconds=self._seconds))
        return found.get()


def forget_copies() -> None:
    """Forget every copy in this process."""
    for copy in list(_all):
        copy.forget()
