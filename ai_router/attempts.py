"""One request to one candidate, from the first byte sent to its line in the journal."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Generic, TypeVar

from ai_router.errors import (
    FirstTokenTimeoutError,
    MalformedAnswerError,
    ProviderError,
    ProviderTimeoutError,
    StreamInterruptedError,
)
from ai_router.failures import HANG, Money, rule_of
from ai_router.hedging import Loss, LostError
from ai_router.loop import Running
from ai_router.pace import Pace
from ai_router.pricebook import prices_of_answer
from ai_router.pricing import Prices, cost_of
from ai_router.privacy import Unveiling, Veil
from ai_router.steps import CallRequest, Journal, Outcome, Step
from ai_router.sticky import cache_key_for
from ai_router.tokens import count_messages, count_text
from ai_router.types import FinishReason, Message, Out, ProviderAnswer, ProviderRequest, StreamRestarted, TextDelta
from ai_router.upstream import Upstream
from usage.types import AttemptRecord, AttemptStatus, TokenUsage

logger = logging.getLogger(__name__)

T = TypeVar("T")
Show = Callable[[TextDelta | StreamRestarted], None]
# How the line of a request reads that was cancelled because its hedge was faster, or the other way round.
LOST_TO_HEDGE = "LostToHedge"
# An answer may have so many characters for each token of its bound, and so many more; nothing that was asked for is longer.
MOST_PER_TOKEN = 40
MOST_BESIDES = 10_000


@dataclass(slots=True)
class Errand(Generic[Out]):
    """What the attempts of one call share: what is asked, where it is written down, until when, and who reads along.

    `deadline` is a moment of the monotonic clock; `show` is None where whole answers are asked for. `running` hands over
    the answer before all of the work has ended; None where nobody would take it.
    """

    request: CallRequest[Out]
    journal: Journal
    upstream: Upstream
    deadline: float
    show: Show | None
    running: Running[Outcome[Out]] | None = None

    @property
    def is_committed(self) -> bool:
        """Whether the reader has text that cannot be taken back."""
        return bool(self.journal.shown) and not self.request.may_restart

    def is_late(self, seconds: float) -> bool:
        """Whether the call's time is over in so many seconds."""
        return time.monotonic() + seconds >= self.deadline


def speed_key(errand: Errand[Out], step: Step) -> Hashable:
    """Return what the times of a candidate are kept by: whole answers take longer than first tokens, and tasks differ."""
    return step.candidate, errand.request.task_type, errand.show is not None


class Attempt(Generic[Out]):
    """One request to one candidate, from the first byte sent to its line in the journal."""

    def __init__(
        self,
        errand: Errand[Out],
        step: Step,
        messages: tuple[Message, ...],
        *,
        commit: Callable[[], None],
        has_next: bool,
    ) -> None:
        """Begin now."""
        self.errand = errand
        self.step = step
        self.messages = messages
        self.line = errand.upstream.enter(step.candidate, errand.request.prefixes)
        self.is_probe = not self.line.breaker.is_closed
        self.veil = errand.request.veil if step.is_veiled else Veil()
        # What the provider wrote, and the same with personal data put back.
        self.received = ""
        self.text = ""
        self.began_at = datetime.now(UTC)
        self.clock = time.monotonic()
        self.first_token_ms: int | None = None
        self.answer: ProviderAnswer | None = None
        self.tokens = 0
        # What other attempts showed belongs to them until this one shows something.
        self.has_shown = False
        self._commit = commit
        # A slow text is better than none.
        self._has_stand_in = has_next or errand.request.ends_offline
        self._pace: Pace | None = None
        self.is_under_way = True
        self._has_lost = False
        self._is_judged = False
        self._loss: Loss | None = None

    @property
    def is_heard(self) -> bool:
        """Whether the model has begun to answer."""
        return self.first_token_ms is not None or self.answer is not None

    def lose(self, loss: Loss | None) -> None:
        """Take it that somebody else has won: nothing is shown any more, and the answer will not count."""
        self._has_lost, self._loss = True, loss
        if loss and (loss.is_death or self.is_probe):
            # Whoever comes next shall not wait until this one has ended.
            self._is_judged = True
            self.errand.upstream.judge(self.line, HANG, LOST_TO_HEDGE)

    async def run(self) -> Outcome[Out]:
        """Ask, check the answer, and write the journal however it ends."""
        try:
            answer = await (self._complete() if self.errand.show is None else self._stream(self.errand.show))
            self.answer, self.text = answer, answer.text
            self._end_if_lost()
            errand = self.errand
            accept = partial(errand.request.accept, answer, self.step.candidate, errand.journal)
            output = accept() if errand.request.is_accepted_at_once else await asyncio.to_thread(accept)
            self._end_if_lost()
        except LostError:
            self._write_down(AttemptStatus.CANCELLED, None)
            raise
        except ProviderError as error:
            self._write_down(AttemptStatus.REJECTED if self.answer else AttemptStatus.FAILED, error)
            if self._has_lost:
                raise LostError from error
            raise
        except asyncio.CancelledError:
            # Nobody says how much of a whole answer was written, and billed, when its hedge was faster.
            is_dark = self._has_lost and self.errand.show is None
            self._write_down(AttemptStatus.CANCELLED, None, money=Money.MOST if is_dark else Money.INPUT_AND_SEEN)
            raise
        except Exception as error:
            # The task itself refuses the answer for good; it is billed all the same.
            self._write_down(AttemptStatus.REJECTED if self.answer else AttemptStatus.FAILED, error)
            raise
        self._commit()
        self._write_down(AttemptStatus.SUCCEEDED, None)
        return Outcome(output, self.step.candidate, answer.finish_reason, is_complete=not self.is_cut, answer=answer)

    def _end_if_lost(self) -> None:
        """Go no further with an answer that does not count; what it used is known."""
        if self._has_lost:
            raise LostError

    @property
    def is_cut(self) -> bool:
        """Whether the answer reached its bound."""
        return self.answer is not None and self.answer.finish_reason is FinishReason.LENGTH

    async def _complete(self) -> ProviderAnswer:
        """Ask for a whole answer, within the attempt's time."""
        answer = await self._within(self._seconds_left(), self.line.provider.complete(self._provider_request()))
        self.received = answer.text
        if len(answer.text) > self._most_characters:
            raise self._endless(answer.usage)
        return self._unveiled(answer)

    @property
    def _most_characters(self) -> int:
        return MOST_PER_TOKEN * self.step.max_output_tokens + MOST_BESIDES

    def _endless(self, usage: TokenUsage | None = None) -> MalformedAnswerError:
        """Say that the answer is far longer than it may be, whatever it says."""
        candidate = self.step.candidate
        message = f"{candidate.provider} wrote far more than it was asked for"
        return MalformedAnswerError(message, provider=candidate.provider, model=candidate.model, usage=usage)

    async def _stream(self, show: Show) -> ProviderAnswer:
        """Ask for an answer in pieces and show them as they come."""
        limits = self.errand.request.limits
        request = self._provider_request()
        unveiling = Unveiling(self.veil, in_json=request.form is not None)
        async with aclosing(self.line.provider.stream(request)) as pieces:
            seconds = limits.first_token
            late: type[ProviderError] = FirstTokenTimeoutError
            while True:
                piece = await self._within(min(seconds, self._seconds_left()), anext(pieces), late=late)
                if isinstance(piece, ProviderAnswer):
                    if not self._has_lost:
                        self._take(unveiling.end(), show)
                    return self._unveiled(piece)
                seconds, late = limits.idle, StreamInterruptedError
                if self._has_lost:
                    self.received += piece
                    continue
                self._keep_pace(piece)
                if piece:
                    self._hear(piece)
                    self._take(unveiling.add(piece), show)

    def _unveiled(self, answer: ProviderAnswer) -> ProviderAnswer:
        """Put personal data back into an answer."""
        if self.veil.is_empty:
            return answer
        text = self.veil.restore(answer.text, in_json=self.errand.request.form is not None)
        return replace(answer, text=text, tool_calls=self.veil.restore_calls(answer.tool_calls))

    def _hear(self, piece: str) -> None:
        """Keep a piece as the provider wrote it; where nothing is shown before the end, the first one commits."""
        self.received += piece
        if len(self.received) > self._most_characters:
            raise self._endless()
        if self.first_token_ms is None:
            self.first_token_ms = self._milliseconds()
            if self.errand.request.preview is None:
                self._commit()

    def _keep_pace(self, piece: str) -> None:
        """Count a piece, and give up a stream that has all but stalled where somebody else can write."""
        candidate = self.step.candidate
        if self._pace is None:
            self._pace = Pace(self.errand.upstream.paces.slowest(candidate))
        self._pace.add(piece)
        if self._has_stand_in and not self.errand.is_committed and self._pace.is_stalled():
            message = f"{candidate.provider} all but stalled"
            raise StreamInterruptedError(message, provider=candidate.provider, model=candidate.model)

    def _take(self, piece: str, show: Show) -> None:
        """Add a piece, and show what it adds to the visible text."""
        self.text += piece
        preview = self.errand.request.preview
        if preview is None or not piece:
            return
        visible, journal = preview(self.text), self.errand.journal
        if visible and not self.has_shown:
            self.has_shown = True
            self._commit()
            if journal.shown:
                show(StreamRestarted(self.step.candidate.provider, self.step.candidate.model))
            journal.shown, journal.shown_by = "", self.step.candidate
        if self.has_shown:
            self._show_more(visible, show)

    def _show_more(self, visible: str, show: Show) -> None:
        """Show what is new; a preview that took something back begins anew."""
        journal, candidate = self.errand.journal, self.step.candidate
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
            with self.errand.journal.waiting:
                async with asyncio.timeout(max(0.0, seconds)):
                    return await work
        except TimeoutError as error:
            candidate = self.step.candidate
            raise late(
                f"{candidate.provider} gave nothing for {seconds:.0f} s",
                provider=candidate.provider,
                model=candidate.model,
            ) from error

    def _provider_request(self) -> ProviderRequest:
        step, request = self.step, self.errand.request
        return request.to_provider(
            step,
            self.messages,
            timeout_seconds=self._seconds_left() + 1,
            prompt_cache_key=cache_key_for(step, request.prefixes, is_known=request.is_beginning_known),
        )

    def _seconds_left(self) -> float:
        """Return what is left of the attempt's time and of the call's."""
        attempt_ends = self.clock + self.errand.request.limits.attempt
        return max(0.0, min(attempt_ends, self.errand.deadline) - time.monotonic())

    def _milliseconds(self) -> int:
        return round((time.monotonic() - self.clock) * 1000)

    def _write_down(self, status: AttemptStatus, error: Exception | None, *, money: Money = Money.NOTHING) -> None:
        """Add the attempt to the journal, at what the provider said it billed or else at our estimate."""
        provider_error = error if isinstance(error, ProviderError) else None
        if provider_error is not None:
            money = rule_of(provider_error).money
        usage = self._usage(provider_error, money)
        self.tokens = usage.total_input_tokens + usage.total_output_tokens
        tier = self.answer.service_tier if self.answer else ""
        cost, unit_prices = cost_of(usage, self._prices(tier), tier=tier)
        record = AttemptRecord(
            provider=self.step.candidate.provider,
            model=self.step.candidate.model,
            status=status,
            started_at=self.began_at,
            duration_ms=self._milliseconds(),
            usage=usage,
            cost_nanousd=cost,
            unit_prices=dict(unit_prices),
            first_token_ms=self.first_token_ms,
            error_class=type(error).__name__ if error else LOST_TO_HEDGE if self._has_lost else "",
            error_message=str(error) if provider_error else "",
            http_status=provider_error.http_status if provider_error else None,
            provider_request_id=(self.answer and self.answer.request_id)
            or (provider_error.request_id if provider_error else ""),
        )
        self.is_under_way = False
        self.errand.journal.add(record)
        self.errand.upstream.leave(self.line, record, error=provider_error, harm=self._harm(status, error))
        if error is not None:
            logger.info("%s: %s after %d ms", self.step.candidate, record.error_class, record.duration_ms)

    def _prices(self, tier: str) -> Prices | None:
        """Return what an answer of a tier costs; one that names none has the tier that was asked for."""
        step = self.step
        return prices_of_answer(step.candidate, step.prices, asked=step.service_tier, named=tier, at=self.began_at)

    def _harm(self, status: AttemptStatus, error: Exception | None) -> int | None:
        """Teach the delays and paces, and return what the attempt counts in the breaker; None where it says nothing."""
        hedging, key = self.errand.upstream.hedging, speed_key(self.errand, self.step)
        if self._is_judged:
            return None
        if status is AttemptStatus.CANCELLED and self.answer is None:
            if self._loss is not None and self._loss.is_usual:
                hedging.learn(key, self._loss.patience)
            return None
        if isinstance(error, ProviderError) and (harm := rule_of(error).harm):
            return harm
        if self.answer is not None:
            spent = self._milliseconds() if self.errand.show is None else self.first_token_ms
            if spent is not None and self.errand.upstream.is_warm(self.line, self.clock):
                hedging.learn(key, spent / 1000)
            if self._pace:
                self.errand.upstream.paces.learn(
                    self.step.candidate, tokens=self._pace.tokens, seconds=self._pace.seconds
                )
        return 0

    def _usage(self, error: ProviderError | None, money: Money) -> TokenUsage:
        """Return what was used: reported where it was, counted here and marked as an estimate where not."""
        if self.answer is not None:
            return self.answer.usage or self._estimate(Money.INPUT_AND_SEEN)
        if error is not None and error.usage is not None:
            return error.usage
        if error is not None and error.written:
            self.received = error.written
        return self._estimate(money)

    def _estimate(self, money: Money) -> TokenUsage:
        """Count what was sent and seen."""
        if money is Money.NOTHING:
            return TokenUsage()
        step = self.step
        provider, model = step.candidate.provider, step.candidate.model
        seen = 0
        if money is Money.MOST:
            seen = step.max_output_tokens
        elif money is Money.INPUT_AND_SEEN:
            seen = min(count_text(self.received, provider=provider, model=model), step.max_output_tokens)
        repair = self.messages[len(self.errand.request.messages_for(step)) :]
        added = count_messages(repair, provider=provider, model=model)
        return TokenUsage(input_tokens=step.input_tokens + added, output_tokens=seen, is_estimated=True)
