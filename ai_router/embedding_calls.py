"""The call act of embeddings: batches to one candidate after the other. Network, no database."""

import asyncio
import time
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.conf import settings

from ai_router.counters import Measure
from ai_router.errors import (
    AllProvidersFailedError,
    InvalidOutputError,
    ProviderBusyError,
    ProviderError,
    ProviderTimeoutError,
)
from ai_router.failures import Money, NextCandidate, rule_of, seconds_before_retry
from ai_router.gates import BRIEF_SECONDS
from ai_router.limits import Admission
from ai_router.planning import needs_veil
from ai_router.pricing import Prices, cost_of
from ai_router.providers import leaves_the_site
from ai_router.tokens import count_text
from ai_router.types import Candidate, EmbeddingAnswer, EmbeddingRequest
from ai_router.upstream import Upstream
from usage.types import AttemptRecord, AttemptStatus, TokenUsage

# Most texts and most tokens of one request, by provider: OpenAI's and Google's published limits, a safe guess elsewhere.
BATCHES: Mapping[str, tuple[int, int]] = {
    "openai": (2_048, 250_000),
    "azure": (2_048, 250_000),
    "gemini": (100, 18_000),
}
OTHER_BATCHES = (128, 50_000)
Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Veiled:
    """A text with placeholders in place of personal data, and how many values of each kind those stand for."""

    text: str
    hidden: Mapping[str, int]


@dataclass(slots=True)
class EmbeddingJob:
    """What is asked of whom, and what came of it; `attempts` is whole at every moment.

    Args:
        call_id: Our id of the call.
        hosted: The candidates, in the order of asking.
        prices: What each costs.
        texts: What the first candidate is asked for: the others of `all_texts` are known of it.
        all_texts: What any other is asked for.
        dimensions: How many numbers a vector shall have.
        veiled: What is sent in place of a text to those who may not see personal data.
        admission: Whose turn it takes where a provider's limits make requests wait.
        sent: What left the site, with what was hidden in it.
        passed_over: Who was not asked, and why.
    """

    call_id: str
    hosted: tuple[Candidate, ...]
    prices: Mapping[Candidate, Prices | None]
    texts: tuple[str, ...]
    all_texts: tuple[str, ...]
    dimensions: int | None
    veiled: Mapping[str, Veiled]
    admission: Admission | None = None
    attempts: list[AttemptRecord] = field(default_factory=list)
    sent: dict[str, Mapping[str, int]] = field(default_factory=dict)
    passed_over: list[list[str]] = field(default_factory=list)


async def ask_embedders(job: EmbeddingJob, *, upstream: Upstream) -> tuple[Candidate, list[Vector]]:
    """Return the vectors of the first candidate that gives all of them.

    Raises:
        AllProvidersFailedError: None did.
    """
    if upstream.shared is not None:
        await upstream.shared.begin()
    upstream.retries.earn()
    deadline = time.monotonic() + settings.AI_DEADLINE_SECONDS
    last: ProviderError | None = None
    for number, candidate in enumerate(job.hosted):
        has_next = number + 1 < len(job.hosted)
        if has_next and (reason := upstream.why_not(candidate)):
            upstream.turn_away(candidate)
            job.passed_over.append([str(candidate), reason])
            continue
        texts = job.texts if number == 0 else job.all_texts
        try:
            vectors: list[Vector] = []
            for batch in _batches(candidate, texts):
                vectors += await _Batch(job, candidate, batch, upstream, deadline, has_next).vectors()
        except ProviderError as error:
            last = error
            if rule_of(error).following is NextCandidate.NO or time.monotonic() >= deadline:
                break
        else:
            return candidate, vectors
    raise AllProvidersFailedError(job.attempts, last=last) from last


def _batches(candidate: Candidate, texts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Cut the texts into requests of the size that the provider takes."""
    most_texts, most_tokens = BATCHES.get(candidate.provider, OTHER_BATCHES)
    batch: list[str] = []
    tokens = 0
    for text in texts:
        count = count_text(text, provider=candidate.provider, model=candidate.model)
        if batch and (len(batch) == most_texts or tokens + count > most_tokens):
            yield tuple(batch)
            batch, tokens = [], 0
        batch.append(text)
        tokens += count
    if batch:
        yield tuple(batch)


@dataclass(slots=True)
class _Batch:
    """One request of a job, and its retries."""

    job: EmbeddingJob
    candidate: Candidate
    texts: tuple[str, ...]
    upstream: Upstream
    deadline: float
    has_next: bool

    async def vectors(self) -> list[Vector]:
        """Return the vectors, in order, or raise how the candidate failed for good."""
        tries = 0
        while True:
            tries += 1
            try:
                return await self._take_turn()
            except ProviderBusyError:
                self.job.passed_over.append([str(self.candidate), "limit of this site"])
                raise
            except ProviderError as error:
                seconds = seconds_before_retry(error, tries=tries, has_next=self.has_next)
                is_late = seconds is None or time.monotonic() + seconds >= self.deadline
                if seconds is None or is_late or not self.upstream.retries.spend():
                    raise
                await asyncio.sleep(seconds)

    async def _take_turn(self) -> list[Vector]:
        """Wait for the provider's turn, which its limits at this site may delay, and ask once.

        Raises:
            ProviderBusyError: There was no turn in time; the provider was not asked.
        """
        seconds = BRIEF_SECONDS if self.has_next else float(settings.AI_QUEUE_SECONDS)
        async with self.upstream.gates.slot(
            self.job.admission,
            self.candidate.provider,
            tokens=sum(count_text(text, provider=self.candidate.provider) for text in self.texts),
            seconds=min(seconds, self.deadline - time.monotonic()),
            model=self.candidate.model,
        ) as used:
            before = len(self.job.attempts)
            try:
                return await self._attempt()
            finally:
                used[Measure.TOKENS] = sum(line.usage.input_tokens for line in self.job.attempts[before:])

    async def _attempt(self) -> list[Vector]:
        """Ask once, and write the attempt down however it ends."""
        if leaves_the_site(self.candidate.provider):
            self.job.sent.update((each.text, each.hidden) for each in self._sent())
        line = self.upstream.enter(self.candidate)
        began_at, clock = datetime.now(UTC), time.monotonic()
        answer: EmbeddingAnswer | None = None
        failure: BaseException | None = None
        try:
            answer = await self._answer(line.provider.embed(self._request()))
            if len(answer.vectors) != len(self.texts):
                message = f"{self.candidate.provider} gave {len(answer.vectors)} vectors for {len(self.texts)} texts"
                raise InvalidOutputError(message, provider=self.candidate.provider, model=self.candidate.model)
        except BaseException as error:
            failure = error
            raise
        finally:
            record = self._record(answer, failure, began_at, round((time.monotonic() - clock) * 1000))
            self.job.attempts.append(record)
            provider_error = failure if isinstance(failure, ProviderError) else None
            harm = 0 if failure is None else rule_of(provider_error).harm if provider_error else None
            self.upstream.leave(line, record, error=provider_error, harm=harm)
        return list(answer.vectors)

    async def _answer(self, work: Awaitable[EmbeddingAnswer]) -> EmbeddingAnswer:
        """Wait for the provider, at most as long as an attempt may take."""
        seconds = max(0.0, min(float(settings.AI_ATTEMPT_SECONDS), self.deadline - time.monotonic()))
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError as error:
            message = f"{self.candidate.provider} gave nothing for {seconds:.0f} s"
            raise ProviderTimeoutError(message, provider=self.candidate.provider, model=self.candidate.model) from error

    def _sent(self) -> list[Veiled]:
        """Return the texts as the candidate gets them."""
        if needs_veil(self.candidate.provider):
            return [self.job.veiled[text] for text in self.texts]
        return [Veiled(text, {}) for text in self.texts]

    def _request(self) -> EmbeddingRequest:
        return EmbeddingRequest(
            self.candidate.model,
            tuple(each.text for each in self._sent()),
            dimensions=self.job.dimensions,
            timeout_seconds=float(settings.AI_ATTEMPT_SECONDS) + 1,
            client_request_id=self.job.call_id,
        )

    def _record(
        self, answer: EmbeddingAnswer | None, failure: BaseException | None, began_at: datetime, milliseconds: int
    ) -> AttemptRecord:
        """Return the attempt's line, at what the provider says it billed, or at our count of the texts."""
        error = failure if isinstance(failure, ProviderError) else None
        usage = answer.usage if answer else None
        if usage is None and (failure is None or error is None or rule_of(error).money is not Money.NOTHING):
            sent = sum(
                count_text(each.text, provider=self.candidate.provider, model=self.candidate.model)
                for each in self._sent()
            )
            usage = TokenUsage(input_tokens=sent, is_estimated=True)
        cost, unit_prices = cost_of(usage or TokenUsage(), self.job.prices[self.candidate])
        if failure is None:
            status = AttemptStatus.SUCCEEDED
        else:
            status = AttemptStatus.FAILED if isinstance(failure, Exception) else AttemptStatus.CANCELLED
        return AttemptRecord(
            provider=self.candidate.provider,
            model=self.candidate.model,
            status=status,
            started_at=began_at,
            duration_ms=milliseconds,
            usage=usage or TokenUsage(),
            cost_nanousd=cost,
            unit_prices=dict(unit_prices),
            error_class=type(failure).__name__ if failure else "",
            error_message=str(error) if error else "",
            http_status=error.http_status if error else None,
            provider_request_id=(answer.request_id if answer else "") or (error.request_id if error else ""),
        )
