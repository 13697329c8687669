"""Counting against limits in this process: what was asked in the last minute, and what runs now.

A minute is kept in seconds: what was counted in one second counts until a whole minute has passed since its end. So no
stretch of sixty seconds ever holds more than the limit, and what was counted counts for a second too long at most.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

WINDOW_SECONDS = 60
# Nobody knows when a running call will end; this is when it is worth trying again.
RUNNING_RETRY_SECONDS = 2.0
# Every so many times, windows that hold nothing any more are dropped.
SWEEP_EVERY = 2_048


class Measure(StrEnum):
    """What a limit counts."""

    REQUESTS = "requests"
    TOKENS = "tokens"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Bound:
    """One limit that a call has to keep: where it is counted, what, how much at most, and what the call takes of it.

    A call that alone takes more than the limit takes the whole of it, so that it is made when nothing else is counted.
    """

    key: str
    measure: Measure
    most: int
    cost: int = 1

    @property
    def taken(self) -> int:
        """What is counted for the call."""
        return min(self.cost, self.most)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was counted for a call: by the name `ticket`, in the second `second` of the counters' own clock."""

    ticket: str
    second: int
    bounds: tuple[Bound, ...]
    counters: "Counters"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The bound that had no room for the longest time, and in how many seconds it will; nothing was counted."""

    bound: Bound
    retry_seconds: float


class Counters(Protocol):
    """Where limits are counted: in this process, or, where `is_remote`, on a server, which takes time to ask."""

    is_remote: bool

    def take(self, bounds: Sequence[Bound], *, ticket: str, lease_seconds: float) -> Taken | Refusal:
        """Count the call against all bounds, or, where one has no room, against none.

        What is running counts until it is given back, and for `lease_seconds` at most.
        """

    def give_back(self, taken: Taken, used: Mapping[Measure, int]) -> None:
        """End what is running, and count what a measure really took (0 for nothing) in place of what was thought."""

    def used(self, bounds: Sequence[Bound]) -> list[tuple[int, float]]:
        """Return what each bound has counted now, and in how many seconds all of that is forgotten."""


class Window:
    """What was counted in the last minute, by the second."""

    __slots__ = ("seconds", "total")

    def __init__(self) -> None:
        """Start with nothing."""
        self.total = 0
        self.seconds: deque[list[int]] = deque()

    def trim(self, now: float) -> None:
        """Forget what is older than a minute."""
        while self.seconds and self.seconds[0][0] + 1 + WINDOW_SECONDS <= now:
            self.total -= self.seconds.popleft()[1]

    def add(self, second: int, amount: int) -> None:
        """Count in the present second."""
        self.total += amount
        if self.seconds and self.seconds[-1][0] >= second:
            self.seconds[-1][1] += amount
        else:
            self.seconds.append([second, amount])

    def correct(self, second: int, amount: int) -> None:
        """Change what was counted in a second, unless it is forgotten already."""
        for item in self.seconds:
            if item[0] == second:
                change = max(amount, -item[1])
                item[1] += change
                self.total += change
                return

    def seconds_until_room(self, amount: int, now: float) -> float:
        """Return in how many seconds so much less will be counted."""
        for second, counted in self.seconds:
            amount -= counted
            if amount <= 0:
                return max(0.0, second + 1 + WINDOW_SECONDS - now)
        return float(WINDOW_SECONDS)


class MemoryCounters:
    """Counts in this process; exact for all its threads."""

    is_remote = False

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with nothing counted."""
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[str, Window] = {}
        self._leases: dict[str, dict[str, float]] = {}
        self._until_sweep = SWEEP_EVERY

    def take(self, bounds: Sequence[Bound], *, ticket: str, lease_seconds: float) -> Taken | Refusal:
        """Count the call against all bounds, or against none."""
        with self._lock:
            now = self._clock()
            refusals = [refusal for bound in bounds if (refusal := self._refusal(bound, now)) is not None]
            if refusals:
                return max(refusals, key=lambda refusal: refusal.retry_seconds)
            second = int(now)
            for bound in bounds:
                if bound.measure is Measure.RUNNING:
                    self._leases.setdefault(bound.key, {})[ticket] = now + lease_seconds
                else:
                    self._windows.setdefault(bound.key, Window()).add(second, bound.taken)
            self._sweep(now)
        return Taken(ticket, second, tuple(bounds), self)

    def give_back(self, taken: Taken, used: Mapping[Measure, int]) -> None:
        """End what is running, and put right what was counted."""
        with self._lock:
            for bound in taken.bounds:
                if bound.measure is Measure.RUNNING:
                    self._leases.get(bound.key, {}).pop(taken.ticket, None)
                elif bound.measure in used and bound.key in self._windows:
                    self._windows[bound.key].correct(taken.second, used[bound.measure] - bound.taken)

    def used(self, bounds: Sequence[Bound]) -> list[tuple[int, float]]:
        """Return what each bound has counted now, and in how many seconds all of that is forgotten."""
        with self._lock:
            now = self._clock()
            return [self._used(bound, now) for bound in bounds]

    def _refusal(self, bound: Bound, now: float) -> Refusal | None:
        """Return why there is no room."""
        if bound.measure is Measure.RUNNING:
            is_full = len(self._running(bound.key, now)) + bound.taken > bound.most
            return Refusal(bound, RUNNING_RETRY_SECONDS) if is_full else None
        window = self._windows.get(bound.key)
        if window is None:
            return None
        window.trim(now)
        too_much = window.total + bound.taken - bound.most
        return Refusal(bound, window.seconds_until_room(too_much, now)) if too_much > 0 else None

    def _running(self, key: str, now: float) -> dict[str, float]:
        """Return the leases that still hold; one that nobody gave back ends by itself."""
        leases = self._leases.get(key, {})
        for ticket in [ticket for ticket, until in leases.items() if until <= now]:
            del leases[ticket]
        return leases

    def _used(self, bound: Bound, now: float) -> tuple[int, float]:
        if bound.measure is Measure.RUNNING:
            return len(self._running(bound.key, now)), 0.0
        window = self._windows.get(bound.key)
        if window is None:
            return 0, 0.0
        window.trim(now)
        return window.total, window.seconds_until_room(window.total, now) if window.total else 0.0

    def _sweep(self, now: float) -> None:
        """Now and then drop what holds nothing, so that memory does not grow with everybody who ever came."""
        self._until_sweep -= 1
        if self._until_sweep:
            return
        self._until_sweep = SWEEP_EVERY
        for window in self._windows.values():
            window.trim(now)
        self._windows = {key: window for key, window in self._windows.items() if window.seconds}
        self._leases = {key: leases for key in list(self._leases) if (leases := self._running(key, now))}
