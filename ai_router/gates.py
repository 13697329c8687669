"""Who may ask a provider next: limits of providers, and fair turns where calls have to wait.

Waiting calls are served by start-time fair queueing (Goyal, Vin and Cheng, 1996): each person's calls stand one behind
the other in virtual time, a call starts where the person's last one ended or where service is now, and the earliest
start is served first. So the call of somebody who has none waiting comes after at most two calls of each other person,
however many those have. A person with a larger share takes less virtual time for each call.

A gate belongs to one event loop and is only touched there. Each process hands out its own turns.
"""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from ai_router.counters import Measure, Refusal, Taken
from ai_router.errors import ProviderBusyError
from ai_router.limits import NO_LIMIT, Admission, ProviderLimit

# While a limit that other processes share is reached, it is asked again at least this often.
# How long counters of other processes may take to answer; their own time-out is half of it.
ASKING_SECONDS = 0.5
POLL_SECONDS = 0.25
# How long a call waits for a provider's turn where another candidate could answer.
BRIEF_SECONDS = 1.0


class FairQueue:
    """Waiting calls in the order in which they are served."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._now = 0.0
        self._heap: list[tuple[float, int, asyncio.Future[Any]]] = []
        self._ends: dict[str, float] = {}
        self._numbers = itertools.count()

    def join(self, whose: str, share: int, turn: "asyncio.Future[Any]") -> None:
        """Stand in line, behind one's own calls."""
        start = max(self._now, self._ends.get(whose, 0.0))
        self._ends[whose] = start + 1 / share
        heapq.heappush(self._heap, (start, next(self._numbers), turn))

    def first(self) -> "asyncio.Future[Any] | None":
        """Return the next turn. Turns that were given, or whose caller went away, are taken out."""
        while self._heap and self._heap[0][2].done():
            heapq.heappop(self._heap)
        if not self._heap:
            self._now = 0.0
            self._ends.clear()
            return None
        self._now = max(self._now, self._heap[0][0])
        return self._heap[0][2]


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to ask a provider once; `taken` is what the shared counters have of it."""

    taken: Taken | None = None


class Gate:
    """The way to one provider."""

    def __init__(self) -> None:
        """Nobody asks, nobody waits."""
        self._limit = NO_LIMIT
        self._running = 0
        self._queue = FairQueue()
        self._asks: dict[asyncio.Future[Pass], Callable[[], Taken | Refusal]] = {}
        self._changed = asyncio.Event()
        self._porter: asyncio.Task[None] | None = None

    async def enter(self, admission: Admission, limit: ProviderLimit, *, tokens: int, seconds: float) -> Pass:
        """Wait for leave to ask, for so many seconds at most.

        Raises:
            TimeoutError: There was none in time.
        """
        self._limit = limit
        ask = admission.asking(limit, tokens=tokens) if limit.bounds else None
        if not limit.is_remote and self._has_room and self._queue.first() is None:
            taken = ask() if ask else None
            if not isinstance(taken, Refusal):
                self._running += 1
                return Pass(taken)
        turn: asyncio.Future[Pass] = asyncio.get_running_loop().create_future()
        if ask:
            self._asks[turn] = ask
        self._queue.join(admission.whose, admission.share, turn)
        if self._porter is None:
            self._porter = asyncio.create_task(self._hand_out())
        try:
            # Counters elsewhere take a moment to answer at all.
            async with asyncio.timeout(max(seconds, ASKING_SECONDS) if limit.is_remote else seconds):
                return await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                # It was given in the moment in which the caller went.
                self.leave(turn.result(), {Measure.REQUESTS: 0, Measure.TOKENS: 0})
            turn.cancel()
            self._changed.set()
            raise
        finally:
            self._asks.pop(turn, None)

    def leave(self, leave: Pass, used: Mapping[Measure, int]) -> None:
        """Let the next one in, and tell the counters what was used."""
        self._running -= 1
        self._changed.set()
        if leave.taken is not None:
            counters = leave.taken.counters
            if counters.is_remote:
                asyncio.get_running_loop().run_in_executor(None, counters.give_back, leave.taken, used)
            else:
                counters.give_back(leave.taken, used)

    def close(self) -> None:
        """Send everybody away."""
        if self._porter is not None:
            self._porter.cancel()

    @property
    def _has_room(self) -> bool:
        return not self._limit.running_at_once or self._running < self._limit.running_at_once

    async def _hand_out(self) -> None:
        """Give turns for as long as somebody waits."""
        try:
            while (turn := self._queue.first()) is not None:
                self._changed.clear()
                if not self._has_room:
                    await self._changed.wait()
                    continue
                self._running += 1
                answer = await self._ask_counters(turn)
                if isinstance(answer, Refusal):
                    self._running -= 1
                    with suppress(TimeoutError):
                        async with asyncio.timeout(min(answer.retry_seconds, POLL_SECONDS)):
                            await self._changed.wait()
                elif turn.done():
                    self.leave(answer, {Measure.REQUESTS: 0, Measure.TOKENS: 0})
                else:
                    turn.set_result(answer)
        finally:
            self._porter = None

    async def _ask_counters(self, turn: "asyncio.Future[Pass]") -> Pass | Refusal:
        """Count the request against the provider's limits."""
        ask = self._asks.get(turn)
        if ask is None:
            return Pass()
        answer = await asyncio.to_thread(ask) if self._limit.is_remote else ask()
        return answer if isinstance(answer, Refusal) else Pass(answer)


class Gates:
    """The gates of one event loop, a gate for each provider."""

    def __init__(self) -> None:
        """Make gates when they are first asked for."""
        self._gates: dict[str, Gate] = {}

    @asynccontextmanager
    async def slot(
        self, admission: Admission | None, provider: str, *, tokens: int, seconds: float, model: str = ""
    ) -> AsyncIterator[dict[Measure, int]]:
        """Hold leave to ask a provider once; what is written into the yielded dict is what was really used.

        Raises:
            ProviderBusyError: The provider's limits at this site left no room in so many seconds.
        """
        used: dict[Measure, int] = {}
        limit = admission.limit_of(provider) if admission else NO_LIMIT
        if admission is None or limit is NO_LIMIT:
            yield used
            return
        gate = self._gates.setdefault(provider, Gate())
        try:
            leave = await gate.enter(admission, limit, tokens=tokens, seconds=seconds)
        except TimeoutError as error:
            message = f"{provider} is asked as often as this site allows"
            raise ProviderBusyError(message, provider=provider, model=model, retry_after=seconds) from error
        try:
            yield used
        finally:
            gate.leave(leave, used)

    def close(self) -> None:
        """Send everybody away."""
        for gate in self._gates.values():
            gate.close()
