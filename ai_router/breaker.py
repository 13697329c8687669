"""A circuit breaker: a candidate that keeps failing is left alone, tried by single probes, and given its traffic back bit by bit.

closed → open: the harm of the last minute is half of its requests or more (ten requests at least), or five in a row. A plain failure
harms by one, a request that hangs by three: it costs its reader the whole time-out (`FailureRule.harm`).
open → probing: after five seconds, twice as long after each failed return, up to five minutes.
probing → returning: two probes, one at a time, went well. returning: a tenth of the requests is let in, a tenth more after
each that went well, until the breaker is closed. A failure on the way opens it again.
"""

import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum

WINDOW_SECONDS = 60.0
WINDOW_REQUESTS = 200
MIN_REQUESTS = 10
HARM_SHARE = 0.5
HARM_IN_A_ROW = 5
FIRST_OPEN_SECONDS = 5.0
LONGEST_OPEN_SECONDS = 300.0
PROBES = 2
SHARE_STEP = 0.1


class BreakerState(StrEnum):
    """How a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"
    RETURNING = "returning"


class Breaker:
    """The state of one provider, model and key. Not for several threads at once."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start closed."""
        self._clock = clock
        self.state = BreakerState.CLOSED
        self.open_until = 0.0
        self.openings = 0
        self._open_seconds = FIRST_OPEN_SECONDS
        self._events: deque[tuple[float, int]] = deque(maxlen=WINDOW_REQUESTS)
        self._row = 0
        self._is_probed = False
        self._successes = 0
        self._share = 0.0
        self._due = 0.0

    @property
    def is_closed(self) -> bool:
        """Whether everybody is let in."""
        return self.state is BreakerState.CLOSED

    def now(self) -> float:
        """Return the moment on its clock."""
        return self._clock()

    def lets_in(self) -> bool:
        """Whether the next request would be let in; changes nothing."""
        if self.state is BreakerState.CLOSED:
            return True
        if self.state is BreakerState.RETURNING:
            return self._due + self._share >= 1
        return not self._is_probed and self._clock() >= self.open_until

    def enter(self) -> None:
        """Count a request in; one that comes although nobody is let in is the probe."""
        if self.state is BreakerState.OPEN and self._clock() >= self.open_until:
            self.state, self._successes = BreakerState.PROBING, 0
        if self.state is BreakerState.PROBING:
            self._is_probed = True
        elif self.state is BreakerState.RETURNING:
            self._due = max(0.0, self._due + self._share - 1)

    def turn_away(self) -> None:
        """Count a request that was not let in: the next is closer to its share."""
        if self.state is BreakerState.RETURNING:
            self._due += self._share

    def leave(self) -> None:
        """Let a request out that came to no verdict."""
        self._is_probed = False

    def record(self, harm: int) -> bool:
        """Let a request out: nought harm is a success. Returns whether this opened the breaker."""
        now = self._clock()
        self._is_probed = False
        if self.state is BreakerState.CLOSED:
            return self._count(harm, now)
        if harm and self.state is not BreakerState.OPEN:
            self.open(min(self._open_seconds * 2, LONGEST_OPEN_SECONDS))
            return True
        if not harm:
            self._come_back()
        return False

    def adopt(self, seconds: float) -> None:
        """Let nobody in for so long, as another process has found out; one that probes finds out itself."""
        if self.state in {BreakerState.CLOSED, BreakerState.RETURNING}:
            self.open(seconds)
        elif self.state is BreakerState.OPEN:
            self.open_until = max(self.open_until, self._clock() + seconds)

    def open(self, seconds: float) -> None:
        """Let nobody in for so long."""
        self.state = BreakerState.OPEN
        self.openings += 1
        self._open_seconds = seconds
        self.open_until = self._clock() + seconds
        self._events.clear()
        self._row = 0

    def _count(self, harm: int, now: float) -> bool:
        """Add to the window, and open where the harm is too much."""
        while self._events and self._events[0][0] < now - WINDOW_SECONDS:
            self._events.popleft()
        if not self._events:
            self._row = 0
        self._events.append((now, harm))
        self._row = self._row + harm if harm else 0
        if not harm:
            return False
        total = sum(harm for _, harm in self._events)
        is_too_much = len(self._events) >= MIN_REQUESTS and total >= HARM_SHARE * len(self._events)
        if is_too_much or self._row >= HARM_IN_A_ROW:
            self.open(FIRST_OPEN_SECONDS)
            return True
        return False

    def _come_back(self) -> None:
        """Go one step towards closed; an answer to a request of before the opening is no step while it is open."""
        if self.state is BreakerState.PROBING:
            self._successes += 1
            if self._successes >= PROBES:
                self.state, self._share, self._due = BreakerState.RETURNING, SHARE_STEP, 0.0
        elif self.state is BreakerState.RETURNING:
            self._share += SHARE_STEP
            if self._share >= 1:
                self.state, self._open_seconds = BreakerState.CLOSED, FIRST_OPEN_SECONDS
