"""How fast a text is written, and when that is so slow that somebody else had better write it."""

import time
from collections import deque
from collections.abc import Callable
from statistics import median

from ai_router.recent import Recent
from ai_router.types import Candidate

# The stretch of a stream that is looked at, and what a stream must have had before it counts for what is usual.
SPAN_SECONDS = 10.0
MIN_TOKENS = 40
CHARACTERS_PER_TOKEN = 4
# Tokens per second below which nobody waits, and the share of a candidate's usual pace.
SLOWEST = 0.5
SLOWEST_SHARE = 0.1
MIN_STREAMS = 5
KEPT_STREAMS = 50


class Paces:
    """The usual pace of each candidate, in tokens per second."""

    def __init__(self) -> None:
        """Start without experience."""
        self._kept: Recent[Candidate, deque[float]] = Recent(lambda: deque(maxlen=KEPT_STREAMS))

    def learn(self, candidate: Candidate, *, tokens: float, seconds: float) -> None:
        """Keep the pace of a finished stream; a short one says little."""
        if tokens >= MIN_TOKENS and seconds > 0:
            self._kept.of(candidate).append(tokens / seconds)

    def slowest(self, candidate: Candidate) -> float:
        """Return the pace below which a stream of the candidate has stalled."""
        kept = self._kept.get(candidate, ())
        return max(SLOWEST, SLOWEST_SHARE * median(kept)) if len(kept) >= MIN_STREAMS else SLOWEST


class Pace:
    """The pace of one stream, from its first piece on. A piece without text counts as one token: the model is at work."""

    def __init__(self, slowest: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with the first piece."""
        self._clock = clock
        self._slowest = slowest
        self._began = clock()
        self._last = self._began
        self._pieces: deque[tuple[float, float]] = deque()
        self._in_span = 0.0
        self.tokens = 0.0

    @property
    def seconds(self) -> float:
        """How long it took from the first piece to the last."""
        return self._last - self._began

    def add(self, piece: str) -> None:
        """Count a piece."""
        self._last = self._clock()
        tokens = max(1.0, len(piece) / CHARACTERS_PER_TOKEN)
        self._pieces.append((self._last, tokens))
        self._in_span += tokens
        self.tokens += tokens

    def is_stalled(self) -> bool:
        """Whether the last stretch was slower than the slowest."""
        now = self._clock()
        while self._pieces and self._pieces[0][0] < now - SPAN_SECONDS:
            self._in_span -= self._pieces.popleft()[1]
        return now - self._began >= SPAN_SECONDS and self._in_span < self._slowest * SPAN_SECONDS
