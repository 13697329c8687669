"""A candidate's turn, and a second one that begins early while the first is slow."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic

from ai_router.errors import ProviderError
from ai_router.failures import NextCandidate, rule_of
from ai_router.hedging import (
    DEAD_FACTOR,
    DEFAULT_SHARE,
    DRAIN_SECONDS,
    FLOOR_SECONDS,
    LOOK_SECONDS,
    MOST_LOSERS,
    Loss,
    LostError,
)
from ai_router.steps import Outcome, Step
from ai_router.turns import Turn
from ai_router.types import Out


class Race(Generic[Out]):
    """The turn of `first`, helped by the next of `waiting` where it is slow; the one that commits first wins.

    A stream that has lost is closed. A whole answer that has lost comes to its end behind the winner's, which is handed
    over at once: so it is booked at what its provider says that it was.

    The hold of a call covers each candidate once, with its repair. Where no other candidate waits, the same one is asked
    a second time, which takes the place of its repair. A loser may be asked again at the end, without a repair.
    """

    def __init__(self, first: Turn[Out], waiting: deque[Turn[Out]]) -> None:
        """Run on the loop of the caller, in the task of the caller."""
        self.first = first
        self.waiting = waiting
        self.second: Turn[Out] | None = None
        self.winner: Turn[Out] | None = None
        self._helper: asyncio.Task[Outcome[Out]] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[Any] | None = None
        self._asked_twice: list[Step] = []
        self._loser: Turn[Out] | None = None
        self._loop = asyncio.get_running_loop()
        first.has_next = bool(waiting)

    async def run(self) -> Outcome[Out]:
        """Return the winner's answer, or raise how the turn failed for good."""
        if self.first.errand.request.limits.hedge is not None:
            self._task = asyncio.current_task()
            self.first.commit = self._first_commits
            self._arm(min(self._patience(), LOOK_SECONDS))
        try:
            outcome = await self.first.until_accepted()
            if self._loser is not None:
                self._hand_over(outcome)
            return outcome
        except LostError:
            if self._closing:
                self._closing.cancel()
            return await self._answer_of_helper()
        except asyncio.CancelledError:
            # Either the helper has won, or the whole call is stopped; both at once is a stop.
            has_won = self._helper is not None and self.winner is self.second
            if not has_won or self._task is None or self._task.uncancel() > 0:
                raise
            return await self._answer_of_helper()
        except ProviderError as error:
            self._task = None
            if self._helper is None or self._ends_the_call(error):
                raise
            if self.winner is self.first:
                self._come_again(self.second)
                raise
            return await self._helper
        finally:
            await self._close()

    async def _answer_of_helper(self) -> Outcome[Out]:
        """Return what the winning helper writes; where it fails after all, the first may have another turn."""
        if self._helper is None:
            raise asyncio.CancelledError
        try:
            return await self._helper
        except ProviderError:
            self._come_again(self.first)
            raise

    def _come_again(self, loser: Turn[Out] | None) -> None:
        """Let a loser wait for another turn, without a repair: the hold has room for that."""
        if loser and not any(loser.step is step for step in self._asked_twice):
            self.waiting.append(Turn(loser.errand, loser.step, may_repair=False))

    def _ends_the_call(self, error: ProviderError) -> bool:
        """Whether nobody else may answer after this failure."""
        following = rule_of(error).following
        is_refused = following is NextCandidate.IF_TASK_ALLOWS and not self.first.errand.request.falls_back_on_refusal
        return following is NextCandidate.NO or is_refused

    def _patience(self) -> float:
        """Return how long the first may be silent: as the site says, else as it was learned, else a part of its time."""
        limits = self.first.errand.request.limits
        most = limits.attempt if self.first.errand.show is None else limits.first_token
        return self._usual() or DEFAULT_SHARE * most

    def _usual(self) -> float | None:
        """Return the delay that was set or learned; None while there is none."""
        errand = self.first.errand
        return errand.request.limits.hedge or errand.upstream.hedging.delay(self.first.speed_key)

    def _arm(self, seconds: float) -> None:
        self._timer = self._loop.call_later(seconds, self._look)

    def _elapsed(self) -> float:
        """Return how long the first's present attempt has lasted."""
        return time.monotonic() - self.first.attempt.clock if self.first.attempt else 0.0

    def _look(self) -> None:
        """Begin the second turn where it is time and there is room for it; else look again later."""
        attempt, patience = self.first.attempt, self._patience()
        if self.winner or (attempt and attempt.is_heard):
            return
        if attempt is None:
            # It still waits for the provider's turn.
            self._arm(LOOK_SECONDS)
            return
        if self._elapsed() < patience:
            # What is usual may be learned meanwhile.
            self._arm(min(patience - self._elapsed(), LOOK_SECONDS))
            return
        second = self._choose()
        if second is None or self.first.errand.is_late(patience):
            return
        upstream = self.first.errand.upstream
        is_given_up = attempt.is_probe or self._elapsed() >= DEAD_FACTOR * patience
        if (is_given_up and second in self.waiting) or upstream.hedging.may_spend(self.first.step, second.step):
            self._help(second)
        else:
            self._arm(max(FLOOR_SECONDS, DEAD_FACTOR * patience - self._elapsed()))

    def _choose(self) -> Turn[Out] | None:
        """Return who would help: the next candidate that is well, else the same again where the hold has room."""
        first = self.first
        for turn in self.waiting:
            if not first.errand.upstream.why_not(turn.step.candidate):
                return turn
        return Turn(first.errand, first.step, may_repair=False) if first.may_repair else None

    def _help(self, second: Turn[Out]) -> None:
        """Begin the second turn."""
        if second in self.waiting:
            self.waiting.remove(second)
        else:
            self.first.may_repair = False
            self._asked_twice.append(second.step)
        second.has_next = bool(self.waiting)
        second.commit = self._second_commits
        self.second = second
        self._helper = self._loop.create_task(second.until_accepted())
        self._helper.add_done_callback(self._helper_ended)

    def _helper_ended(self, helper: "asyncio.Task[Outcome[Out]]") -> None:
        """Hand over its answer where the first still comes to its end; how it failed is in the journal already."""
        is_answered = not helper.cancelled() and helper.exception() is None
        if is_answered and self._loser is self.first:
            self._hand_over(helper.result())

    def _first_commits(self) -> None:
        """Let the first win."""
        if self.winner is None:
            self.winner = self.first
            if self.second and self._helper:
                self._let_go(self.second, None, self._helper.cancel)

    def _second_commits(self) -> None:
        """Let the helper win; nothing to do where the first has failed before."""
        if self.winner is None:
            self.winner = self.second
            if self._task:
                loss = Loss(self._patience(), self._elapsed(), is_usual=self._usual() is not None)
                self._let_go(self.first, loss, self._task.cancel)

    def _let_go(self, loser: Turn[Out], loss: Loss | None, close: Callable[[], object]) -> None:
        """Leave a whole answer to its end where there is room for that, and close anything else."""
        errand = self.first.errand
        is_asking = loser.is_asking
        loser.lose(loss)
        if is_asking and errand.show is not None:
            # What its provider has sent already is billed, and still on its way.
            self._closing = self._loop.call_later(DRAIN_SECONDS, close)
        elif is_asking and errand.running is not None and errand.upstream.hedging.losers < MOST_LOSERS:
            errand.upstream.hedging.losers += 1
            self._loser = loser
        else:
            close()

    def _hand_over(self, outcome: Outcome[Out]) -> None:
        """Give the answer to the caller while the loser is still under way."""
        errand = self.first.errand
        if errand.running is not None:
            errand.journal.ended = errand.running.ended
            errand.running.hand_over(outcome)

    async def _close(self) -> None:
        """End what still runs; its line is in the journal before this returns."""
        for timer in (self._timer, self._closing):
            if timer:
                timer.cancel()
        try:
            if self._helper and not self._helper.done():
                if self._loser is None:
                    self._helper.cancel()
                await self._end_of_helper(self._helper)
        finally:
            self.first.errand.upstream.hedging.losers -= self._loser is not None

    async def _end_of_helper(self, helper: "asyncio.Task[Outcome[Out]]") -> None:
        try:
            await asyncio.wait({helper})
        except asyncio.CancelledError:
            helper.cancel()
            await asyncio.wait({helper})
            raise
