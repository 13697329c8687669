"""The second act of a call: ask the candidates, one after the other, until one answers well. Network, no database.

Text of a stream is shown from its first piece on. Until then another candidate may take over unseen; afterwards the
reader is told to drop what was shown (`StreamRestarted`).
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from ai_router.errors import (
    AllProvidersFailedError,
    ContextLengthError,
    FirstTokenTimeoutError,
    InvalidOutputError,
    ProviderError,
    ProviderTimeoutError,
    StreamInterruptedError,
)
from ai_router.failures import Money, NextCandidate, RetryBudget, rule_of, seconds_before_retry
from ai_router.pricing import cost_of
from ai_router.providers import Connections
from ai_router.providers.base import Provider
from ai_router.steps import CallRequest, Journal, Outcome, Step
from ai_router.tokens import count_messages, count_text
from ai_router.types import FinishReason, Message, Out, ProviderAnswer, ProviderRequest, StreamRestarted, TextDelta
from usage.types import AttemptRecord, AttemptStatus, TokenUsage

logger = logging.getLogger(__name__)

T = TypeVar("T")
Show = Callable[[TextDelta | StreamRestarted], None]
PROBLEMS_IN_REPAIR = 12


async def ask_candidates(
    request: CallRequest[Out],
    journal: Journal,
    *,
    connections: Connections,
    retries: RetryBudget,
    show: Show | None = None,
) -> Outcome[Out]:
    """Return the first accepted answer; `journal` is kept whole at every moment.

    Args:
        request: What is asked, and of whom.
        journal: Gets every attempt as it ends.
        connections: The clients of the loop that this runs on.
        retries: The process's budget of retries.
        show: Gets the text while it is written; None asks for whole answers.

    Raises:
        AllProvidersFailedError: Nobody answered well; the cause is how the last candidate failed.
    """
    retries.earn()
    deadline = time.monotonic() + request.limits.deadline
    last: ProviderError | None = None
    for step in request.steps:
        if isinstance(last, ContextLengthError) and not _is_larger(step, request.steps, last):
            continue
        asking = _Asking(request, step, journal, connections.to(step.candidate.provider), retries, deadline, show)
        try:
            return await asking.until_accepted()
        except ProviderError as error:
            last = error
            rule = rule_of(error)
            if rule.parks_seconds:
                journal.parked[step.candidate.provider] = rule.parks_seconds
            if not _may_go_on(rule.following, request, journal) or time.monotonic() >= deadline:
                break
    raise AllProvidersFailedError(journal.attempts, last=last) from last


def _may_go_on(following: NextCandidate, request: CallRequest[Out], journal: Journal) -> bool:
    """Whether the next candidate may be asked."""
    if journal.shown and not request.may_restart:
        return False
    if following is NextCandidate.IF_TASK_ALLOWS:
        return request.falls_back_on_refusal
    return following is not NextCandidate.NO


def _is_larger(step: Step, steps: tuple[Step, ...], error: ContextLengthError) -> bool:
    """Whether the candidate's window is larger than that of the one which was too small; unknown windows are not."""
    failed = next(
        (s for s in steps if (s.candidate.provider, s.candidate.model) == (error.provider, error.model)), None
    )
    return bool(step.context_window and failed and step.context_window > (failed.context_window or 0))


@dataclass(slots=True)
class _Asking(Generic[Out]):
    """One candidate's turn: its attempts, retries and its one repair."""

    request: CallRequest[Out]
    step: Step
    journal: Journal
    provider: Provider
    retries: RetryBudget
    deadline: float
    show: Show | None

    async def until_accepted(self) -> Outcome[Out]:
        """Return the candidate's accepted answer, or raise how it failed for good."""
        messages = self.request.messages
        tries, is_repaired = 0, False
        while True:
            tries += 1
            attempt = _Attempt(self, messages)
            try:
                return await attempt.run()
            except InvalidOutputError as error:
                # An answer that was cut at its bound would be cut again.
                if is_repaired or not attempt.text or attempt.is_cut or self._is_committed:
                    raise
                is_repaired, tries = True, 0
                messages = (*self.request.messages, *_repair(attempt.text, error))
            except ProviderError as error:
                await self._wait_or_raise(error, tries)

    @property
    def _is_committed(self) -> bool:
        """Whether the reader has text that cannot be taken back."""
        return bool(self.journal.shown) and not self.request.may_restart

    async def _wait_or_raise(self, error: ProviderError, tries: int) -> None:
        """Wait until the candidate may be asked again, or raise the error where that is of no use."""
        if self._is_committed:
            raise error
        seconds = seconds_before_retry(error, tries=tries)
        if seconds is None or time.monotonic() + seconds >= self.deadline or not self.retries.spend():
            raise error
        await asyncio.sleep(seconds)


def _repair(text: str, error: InvalidOutputError) -> tuple[Message, Message]:
    """Show the candidate its answer and what is wrong with it."""
    problems = "\n".join(f"- {problem}" for problem in error.problems[:PROBLEMS_IN_REPAIR])
    return (
        Message("assistant", text),
        Message("user", f"This answer cannot be used:\n{problems}\nGive the whole answer again, with this put right."),
    )


class _Attempt(Generic[Out]):
    """One request to one candidate, from the first byte sent to its line in the journal."""

    def __init__(self, asking: _Asking[Out], messages: tuple[Message, ...]) -> None:
        self.asking = asking
        self.messages = messages
        self.text = ""
        self.began_at = datetime.now(UTC)
        self.clock = time.monotonic()
        self.first_token_ms: int | None = None
        self.answer: ProviderAnswer | None = None
        # What other attempts showed belongs to them until this one shows something.
        self.has_shown = False

    async def run(self) -> Outcome[Out]:
        """Ask, check the answer, and write the journal however it ends."""
        try:
            answer = await (self._complete() if self.asking.show is None else self._stream(self.asking.show))
            self.answer, self.text = answer, answer.text
            asking = self.asking
            output = await asyncio.to_thread(asking.request.accept, answer, asking.step.candidate, asking.journal)
        except ProviderError as error:
            self._write_down(AttemptStatus.REJECTED if self.answer else AttemptStatus.FAILED, error)
            raise
        except asyncio.CancelledError:
            self._write_down(AttemptStatus.CANCELLED, None, money=Money.INPUT_AND_SEEN)
            raise
        except Exception as error:
            # The task itself refuses the answer for good; it is billed all the same.
            self._write_down(AttemptStatus.REJECTED if self.answer else AttemptStatus.FAILED, error)
            raise
        self._write_down(AttemptStatus.SUCCEEDED, None)
        return Outcome(output, self.asking.step.candidate, answer.finish_reason, is_complete=not self.is_cut)

    @property
    def is_cut(self) -> bool:
        """Whether the answer reached its bound."""
        return self.answer is not None and self.answer.finish_reason is FinishReason.LENGTH

    async def _complete(self) -> ProviderAnswer:
        """Ask for a whole answer, within the attempt's time."""
        return await self._within(self._seconds_left(), self.asking.provider.complete(self._provider_request()))

    async def _stream(self, show: Show) -> ProviderAnswer:
        """Ask for an answer in pieces and show them as they come."""
        limits = self.asking.request.limits
        request = self._provider_request()
        async with aclosing(self.asking.provider.stream(request)) as pieces:
            seconds = limits.first_token
            late: type[ProviderError] = FirstTokenTimeoutError
            while True:
                piece = await self._within(min(seconds, self._seconds_left()), anext(pieces), late=late)
                if isinstance(piece, ProviderAnswer):
                    return piece
                seconds, late = limits.idle, StreamInterruptedError
                if piece:
                    self._take(piece, show)

    def _take(self, piece: str, show: Show) -> None:
        """Add a piece, and show what it adds to the visible text."""
        if self.first_token_ms is None:
            self.first_token_ms = self._milliseconds()
        self.text += piece
        preview = self.asking.request.preview
        if preview is None:
            return
        visible, journal = preview(self.text), self.asking.journal
        if visible and not self.has_shown:
            self.has_shown = True
            if journal.shown:
                show(StreamRestarted(self.asking.step.candidate.provider, self.asking.step.candidate.model))
            journal.shown, journal.shown_by = "", self.asking.step.candidate
        if self.has_shown:
            self._show_more(visible, show)

    def _show_more(self, visible: str, show: Show) -> None:
        """Show what is new; a preview that took something back begins anew."""
        journal, candidate = self.asking.journal, self.asking.step.candidate
        if not visible.startswith(journal.shown):
            show(StreamRestarted(candidate.provider, candidate.model))
            journal.shown = ""
        if len(visible) > len(journal.shown):
            show(TextDelta(visible[len(journal.shown) :]))
        journal.shown, journal.raw = visible, self.text

    async def _within(
        self, seconds: float, work: Awaitable[T], *, late: type[ProviderError] = ProviderTimeoutError
    ) -> T:
        """Wait for the work, at most so long."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                return await work
        except TimeoutError as error:
            candidate = self.asking.step.candidate
            raise late(
                f"{candidate.provider} gave nothing for {seconds:.0f} s",
                provider=candidate.provider,
                model=candidate.model,
            ) from error

    def _provider_request(self) -> ProviderRequest:
        step, request = self.asking.step, self.asking.request
        return ProviderRequest(
            model=step.candidate.model,
            messages=self.messages,
            max_output_tokens=step.max_output_tokens,
            form=request.form,
            tools=request.tools,
            tool_choice=request.tool_choice,
            temperature=request.sampling.temperature,
            top_p=request.sampling.top_p,
            stop=request.sampling.stop,
            seed=request.sampling.seed,
            timeout_seconds=self._seconds_left() + 1,
            reasoning_effort=step.reasoning_effort,
            client_request_id=request.call_id,
        )

    def _seconds_left(self) -> float:
        """Return what is left of the attempt's time and of the call's."""
        attempt_ends = self.clock + self.asking.request.limits.attempt
        return max(0.0, min(attempt_ends, self.asking.deadline) - time.monotonic())

    def _milliseconds(self) -> int:
        return round((time.monotonic() - self.clock) * 1000)

    def _write_down(self, status: AttemptStatus, error: Exception | None, *, money: Money = Money.NOTHING) -> None:
        """Add the attempt to the journal, at what the provider said it billed or else at our estimate."""
        provider_error = error if isinstance(error, ProviderError) else None
        if provider_error is not None:
            money = rule_of(provider_error).money
        usage = self._usage(provider_error, money)
        cost, unit_prices = cost_of(usage, self.asking.step.prices)
        record = AttemptRecord(
            provider=self.asking.step.candidate.provider,
            model=self.asking.step.candidate.model,
            status=status,
            started_at=self.began_at,
            duration_ms=self._milliseconds(),
            usage=usage,
            cost_nanousd=cost,
            unit_prices=dict(unit_prices),
            first_token_ms=self.first_token_ms,
            error_class=type(error).__name__ if error else "",
            error_message=str(error) if provider_error else "",
            http_status=provider_error.http_status if provider_error else None,
            provider_request_id=(self.answer and self.answer.request_id)
            or (provider_error.request_id if provider_error else ""),
        )
        self.asking.journal.attempts.append(record)
        if error is not None:
            logger.info("%s: %s after %d ms", self.asking.step.candidate, record.error_class, record.duration_ms)

    def _usage(self, error: ProviderError | None, money: Money) -> TokenUsage:
        """Return what was used: reported where it was, counted here and marked as an estimate where not."""
        if self.answer is not None:
            return self.answer.usage or self._estimate(Money.INPUT_AND_SEEN)
        if error is not None and error.usage is not None:
            return error.usage
        if error is not None and error.written:
            self.text = error.written
        return self._estimate(money)

    def _estimate(self, money: Money) -> TokenUsage:
        """Count what was sent and seen."""
        if money is Money.NOTHING:
            return TokenUsage()
        step = self.asking.step
        seen = count_text(self.text, provider=step.candidate.provider) if money is Money.INPUT_AND_SEEN else 0
        repair = self.messages[len(self.asking.request.messages) :]
        added = count_messages(repair, provider=step.candidate.provider)
        return TokenUsage(input_tokens=step.input_tokens + added, output_tokens=seen, is_estimated=True)
