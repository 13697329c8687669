"""One candidate's turn: its attempts, its keys, its retries and its one repair."""

import asyncio
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic

from django.conf import settings

from ai_router.attempts import Attempt, Errand, speed_key
from ai_router.counters import Measure
from ai_router.errors import (
    ContextLengthError,
    InvalidOutputError,
    PrivacyError,
    ProviderBusyError,
    ProviderError,
)
from ai_router.failures import seconds_before_retry
from ai_router.gates import BRIEF_SECONDS
from ai_router.hedging import Loss
from ai_router.steps import Outcome, Step
from ai_router.types import Message, Out

PROBLEMS_IN_REPAIR = 12


def _nobody_else() -> None:
    """Commit where nobody else is at work."""


@dataclass(slots=True, eq=False)
class Turn(Generic[Out]):
    """What one candidate may do for a call.

    Args:
        errand: The call.
        step: The candidate.
        has_next: Whether another candidate stands ready.
        may_repair: Whether the hold has room for a repair.
        commit: Called when the reader gets the first text, or the answer is accepted.
    """

    errand: Errand[Out]
    step: Step
    has_next: bool = False
    may_repair: bool = True
    commit: Callable[[], None] = field(default=_nobody_else)
    attempt: Attempt[Out] | None = None

    def is_larger(self, error: ContextLengthError) -> bool:
        """Whether the window is larger than that of the candidate which was too small; unknown windows are not."""
        steps = self.errand.request.steps
        failed = next(
            (s for s in steps if (s.candidate.provider, s.candidate.model) == (error.provider, error.model)), None
        )
        window = self.step.context_window
        return bool(window and failed and window > (failed.context_window or 0))

    @property
    def speed_key(self) -> Hashable:
        """What a candidate's times are kept by: whole answers take longer than first tokens, and tasks differ."""
        return speed_key(self.errand, self.step)

    def lose(self, loss: Loss | None) -> None:
        """Say that somebody else has won, so that the attempt which is under way is written down as that."""
        if self.attempt and self.attempt.is_under_way:
            self.attempt.lose(loss)

    @property
    def is_asking(self) -> bool:
        """Whether a request is under way."""
        return self.attempt is not None and self.attempt.is_under_way

    async def until_accepted(self) -> Outcome[Out]:
        """Return the candidate's accepted answer, or raise how it failed for good."""
        asked = self.errand.request.messages_for(self.step)
        messages = asked
        tries = 0
        while True:
            tries += 1
            try:
                return await self._ask(messages)
            except ProviderBusyError:
                self.errand.journal.passed_over.append([str(self.step.candidate), "limit of this site"])
                raise
            except InvalidOutputError as error:
                attempt = self.attempt
                # An answer that was cut at its bound would be cut again.
                if (
                    attempt is None
                    or not attempt.text
                    or attempt.is_cut
                    or not self.may_repair
                    or self.errand.is_committed
                ):
                    raise
                self.may_repair, tries = False, 0
                messages = (*asked, *self._repair(attempt.text, error))
            except ProviderError as error:
                if self.attempt and self._has_another_key(self.attempt):
                    tries -= 1
                    continue
                await self._wait_or_raise(error, tries)

    async def _ask(self, messages: tuple[Message, ...]) -> Outcome[Out]:
        """Wait for the provider's turn, which its limits at this site may delay, and ask once.

        Raises:
            ProviderBusyError: There was no turn in time; the provider was not asked.
        """
        errand, step = self.errand, self.step
        seconds = BRIEF_SECONDS if self.has_next else float(settings.AI_QUEUE_SECONDS)
        async with errand.upstream.gates.slot(
            errand.request.admission,
            step.candidate.provider,
            tokens=step.input_tokens + step.expected_output_tokens,
            seconds=min(seconds, errand.deadline - time.monotonic()),
            model=step.candidate.model,
        ) as used:
            attempt = self.attempt = Attempt(errand, step, messages, commit=self.commit, has_next=self.has_next)
            try:
                return await attempt.run()
            finally:
                used[Measure.TOKENS] = attempt.tokens

    def _repair(self, text: str, error: InvalidOutputError) -> tuple[Message, ...]:
        """Return what asks for a repair; with placeholders, where the candidate gets them. What cannot be hidden is not sent."""
        messages = _repair(text, error)
        if not self.step.is_veiled:
            return messages
        try:
            return self.errand.request.veil.hide(messages, is_beginning=False)
        except PrivacyError:
            raise error from None

    def _has_another_key(self, attempt: Attempt[Out]) -> bool:
        """Whether the failure spoke of the key, and another key of the candidate is well: it is asked at once."""
        upstream, candidate = self.errand.upstream, self.step.candidate
        is_parked = upstream.keys.rest_of(attempt.line.key, candidate.model) is not None
        return (
            is_parked
            and not self.errand.is_committed
            and not upstream.why_not(candidate)
            and not self.errand.is_late(0.0)
        )

    async def _wait_or_raise(self, error: ProviderError, tries: int) -> None:
        """Wait until the candidate may be asked again, or raise the error where that is of no use."""
        upstream = self.errand.upstream
        seconds = seconds_before_retry(error, tries=tries, has_next=self.has_next)
        if (
            seconds is None
            or self.errand.is_committed
            or self.errand.is_late(seconds)
            or upstream.is_open(self.step.candidate)
            or not upstream.retries.spend()
        ):
            raise error
        with self.errand.journal.waiting:
            await asyncio.sleep(seconds)


def _repair(text: str, error: InvalidOutputError) -> tuple[Message, Message]:
    """Show the candidate its answer and what is wrong with it."""
    problems = "\n".join(f"- {problem}" for problem in error.problems[:PROBLEMS_IN_REPAIR])
    return (
        Message("assistant", text),
        Message("user", f"This answer cannot be used:\n{problems}\nGive the whole answer again, with this put right."),
    )
