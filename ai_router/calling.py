"""The second act of a call: ask the candidates, one after the other, until one answers well. Network, no database.

Text of a stream is shown from its first piece on. Until then another candidate may take over unseen; afterwards the
reader is told to drop what was shown (`StreamRestarted`).
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Generic

from ai_router.attempts import Attempt, Errand, Show
from ai_router.errors import (
    AllProvidersFailedError,
    ContextLengthError,
    InvalidOutputError,
    PrivacyError,
    ProviderError,
)
from ai_router.failures import NextCandidate, rule_of, seconds_before_retry
from ai_router.steps import CallRequest, Journal, Outcome, Step
from ai_router.types import Message, Out
from ai_router.upstream import Upstream

PROBLEMS_IN_REPAIR = 12


async def ask_candidates(
    request: CallRequest[Out], journal: Journal, *, upstream: Upstream, show: Show | None = None
) -> Outcome[Out]:
    """Return the first accepted answer; `journal` is kept whole at every moment.

    Args:
        request: What is asked, and of whom.
        journal: Gets every attempt as it ends.
        upstream: What the loop that this runs on knows of the providers.
        show: Gets the text while it is written; None asks for whole answers.

    Raises:
        AllProvidersFailedError: Nobody answered well; the cause is how the last candidate failed.
    """
    upstream.retries.earn()
    errand = Errand(request, journal, upstream, time.monotonic() + request.limits.deadline, show)
    last: ProviderError | None = None
    for number, step in enumerate(request.steps, 1):
        if isinstance(last, ContextLengthError) and not _is_larger(step, request.steps, last):
            continue
        try:
            return await _Turn(errand, step, has_next=number < len(request.steps)).until_accepted()
        except ProviderError as error:
            last = error
            rule = rule_of(error)
            if rule.parks_seconds:
                journal.parked[step.candidate.provider] = rule.parks_seconds
            if not _may_go_on(rule.following, errand) or time.monotonic() >= errand.deadline:
                break
    raise AllProvidersFailedError(journal.attempts, last=last) from last


def _may_go_on(following: NextCandidate, errand: Errand[Out]) -> bool:
    """Whether the next candidate may be asked."""
    if errand.is_committed:
        return False
    if following is NextCandidate.IF_TASK_ALLOWS:
        return errand.request.falls_back_on_refusal
    return following is not NextCandidate.NO


def _is_larger(step: Step, steps: tuple[Step, ...], error: ContextLengthError) -> bool:
    """Whether the candidate's window is larger than that of the one which was too small; unknown windows are not."""
    failed = next(
        (s for s in steps if (s.candidate.provider, s.candidate.model) == (error.provider, error.model)), None
    )
    return bool(step.context_window and failed and step.context_window > (failed.context_window or 0))


@dataclass(slots=True)
class _Turn(Generic[Out]):
    """One candidate's turn: its attempts, retries and its one repair."""

    errand: Errand[Out]
    step: Step
    has_next: bool

    async def until_accepted(self) -> Outcome[Out]:
        """Return the candidate's accepted answer, or raise how it failed for good."""
        asked = self.errand.request.messages_for(self.step)
        messages = asked
        tries, is_repaired = 0, False
        while True:
            tries += 1
            attempt = Attempt(self.errand, self.step, messages)
            try:
                return await attempt.run()
            except InvalidOutputError as error:
                # An answer that was cut at its bound would be cut again.
                if is_repaired or not attempt.text or attempt.is_cut or self.errand.is_committed:
                    raise
                is_repaired, tries = True, 0
                messages = (*asked, *self._repair(attempt.text, error))
            except ProviderError as error:
                await self._wait_or_raise(error, tries)

    def _repair(self, text: str, error: InvalidOutputError) -> tuple[Message, ...]:
        """Return what asks for a repair; with placeholders, where the candidate gets them. What cannot be hidden is not sent."""
        messages = _repair(text, error)
        if not self.step.is_veiled:
            return messages
        try:
            return self.errand.request.veil.hide(messages, is_beginning=False)
        except PrivacyError:
            raise error from None

    async def _wait_or_raise(self, error: ProviderError, tries: int) -> None:
        """Wait until the candidate may be asked again, or raise the error where that is of no use."""
        if self.errand.is_committed:
            raise error
        seconds = seconds_before_retry(error, tries=tries, has_next=self.has_next)
        is_late = seconds is None or time.monotonic() + seconds >= self.errand.deadline
        if seconds is None or is_late or not self.errand.upstream.retries.spend():
            raise error
        await asyncio.sleep(seconds)


def _repair(text: str, error: InvalidOutputError) -> tuple[Message, Message]:
    """Show the candidate its answer and what is wrong with it."""
    problems = "\n".join(f"- {problem}" for problem in error.problems[:PROBLEMS_IN_REPAIR])
    return (
        Message("assistant", text),
        Message("user", f"This answer cannot be used:\n{problems}\nGive the whole answer again, with this put right."),
    )
