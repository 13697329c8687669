"""Texts to vectors: batched, cached text by text, on the same three acts and in the same ledger as every other call.

All vectors of one call come from one model. Whoever compares vectors keeps the model's name with them.
"""

import logging
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from ai_router import traces
from ai_router.embedding_calls import EmbeddingJob, Veiled, ask_embedders
from ai_router.embedding_store import keep_vectors, kept_vectors
from ai_router.errors import (
    AllProvidersFailedError,
    CancelledByUserError,
    EmbeddingInputError,
    NoProviderAvailableError,
)
from ai_router.freezes import heed_freezes, token_of
from ai_router.limits import admit
from ai_router.loop import provider_loop
from ai_router.modelbook import facts_in_force
from ai_router.planning import MIN_HOLD_SECONDS, Question, ceiling_prices, needs_veil
from ai_router.pricebook import prices_in_force
from ai_router.pricing import Prices
from ai_router.privacy import Veil
from ai_router.providers import PROVIDERS
from ai_router.routing import AUTO, EMBEDDED, Choice, choose_candidates
from ai_router.tokens import count_text
from ai_router.types import Candidate, Message, TaskType
from usage.errors import BudgetExceededError
from usage.ledger import book_cached_call, open_call, settle_call
from usage.types import (
    BY_BUDGET,
    AttemptRecord,
    AttemptStatus,
    BudgetAction,
    CallStatus,
    Outbound,
    TokenUsage,
)

logger = logging.getLogger(__name__)

OFFLINE = EMBEDDED.provider
OFFLINE_DIMENSIONS = 384
MOST_TEXTS = 10_000
# What an unknown model surely takes, and the length that the offline engines read.
SAFE_WINDOW_TOKENS = 8_192
Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class EmbeddingResult:
    """One vector for each text, in the same order; `cached` counts those that were not asked for."""

    vectors: tuple[Vector, ...] = field(repr=False)
    provider: str
    model: str
    call_id: UUID
    usage: TokenUsage
    cost_nanousd: int | None
    cached: int = 0
    attempts: tuple[AttemptRecord, ...] = ()

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return len(self.vectors[0])


@dataclass(slots=True)
class _Order:
    """What is asked for, and what of it is known."""

    texts: tuple[str, ...]
    dimensions: int | None
    user_id: int | None
    request_id: str
    call_id: UUID
    began: float
    kept: dict[int, Vector] = field(default_factory=dict)
    token_id: int | None = None

    @property
    def missing(self) -> list[int]:
        """The places whose vectors are not known."""
        return [number for number in range(len(self.texts)) if number not in self.kept]


def embed(
    texts: Sequence[str],
    *,
    user: Any = None,
    model: str = AUTO,
    dimensions: int | None = None,
    request_id: str = "",
    use_cache: bool = True,
) -> EmbeddingResult:
    """Turn texts into vectors; blocks until it is done.

    Args:
        texts: What is embedded; none may be empty or longer than the model's window.
        user: Whose call it is in the ledger, and whose vectors are kept for the next time.
        model: `auto` follows the route of embeddings, which ends in the offline engine; `embedded` only uses that; a
            provider, or `<provider>/<model>`, only that one.
        dimensions: How many numbers a vector shall have, where the model can; None leaves the model's own.
        request_id: Goes into the ledger.
        use_cache: Whether vectors of the same texts may be reused, and these kept.

    Raises:
        EmbeddingInputError: There is no text, a text is empty or too long, or there are too many.
        NoProviderAvailableError: A provider was asked for by name that is not set up or has no embeddings.
        UserRateLimitedError: A limit of the person, the task or the site is reached.
        BudgetExceededError: A hard budget leaves no room, and the offline engine may not answer.
        FrozenError: The calls of this token, user or task were stopped.
        AllProvidersFailedError: No candidate answered.
    """
    order = _Order(
        tuple(texts),
        dimensions,
        getattr(user, "pk", None),
        request_id,
        uuid4(),
        time.monotonic(),
        token_id=token_of(user),
    )
    _check_texts(order.texts)
    choice = _choose(model, order.texts, user)
    hosted, ends_offline = choice.hosted, choice.ends_offline
    if dimensions is not None:
        # The offline vectors have one length.
        ends_offline = ends_offline and dimensions == OFFLINE_DIMENSIONS
    if not hosted and not ends_offline:
        message = "no provider of embeddings is set up that can do this"
        raise NoProviderAvailableError(message)
    hosted = _able(order.texts, hosted, ends_offline=ends_offline)
    owner_id = order.user_id if use_cache and settings.AI_CACHE else None
    if hosted and owner_id is not None:
        order.kept = kept_vectors(hosted[0], order.texts, dimensions=dimensions, user_id=owner_id)
        if not order.missing:
            return _from_cache(order, hosted[0])
    result, new = _ask(order, hosted, ends_offline=ends_offline, rule=choice.rule)
    if owner_id is not None and result.provider != OFFLINE:
        keep_vectors(Candidate(result.provider, result.model), new, dimensions=dimensions, user_id=owner_id)
    return result


def _check_texts(texts: Sequence[str]) -> None:
    """Refuse what no model takes."""
    if not texts:
        raise EmbeddingInputError("there is no text")
    if len(texts) > MOST_TEXTS:
        message = f"there are {len(texts)} texts; at most {MOST_TEXTS} go into one call"
        raise EmbeddingInputError(message)
    for number, text in enumerate(texts):
        if not text.strip():
            message = f"text {number} is empty"
            raise EmbeddingInputError(message, position=number)


def _choose(model: str, texts: Sequence[str], user: Any) -> Choice:
    """Return who may be asked, in this order, as rules and the route say.

    Raises:
        NoProviderAvailableError: A provider was asked for by name that is not set up or not known.
        RequestDeniedError: A rule refuses such requests.
    """
    provider, _, name = model.partition("/")
    if provider not in {AUTO, OFFLINE} and provider not in PROVIDERS:
        message = f"provider {provider!r} is not known"
        raise NoProviderAvailableError(message)
    chosen = choose_candidates(TaskType.EMBEDDING, provider=provider, question=_question(texts), user=user)
    choice = heed_freezes(chosen, TaskType.EMBEDDING, user)
    hosted = tuple(replace(candidate, model=name) for candidate in choice.hosted) if name else choice.hosted
    return replace(choice, hosted=tuple(candidate for candidate in hosted if candidate.model))


def _question(texts: Sequence[str]) -> Question[Any]:
    """Return the request as rules look at it: how long it is, and that it has nothing beside its texts."""
    return Question(
        TaskType.EMBEDDING,
        messages=lambda: tuple(Message("user", text) for text in texts),
        accept=lambda answer, _candidate, _journal: answer,
        max_output_tokens=0,
    )


def _able(texts: Sequence[str], hosted: Sequence[Candidate], *, ends_offline: bool) -> tuple[Candidate, ...]:
    """Leave out the candidates whose window is too small for a text.

    Raises:
        EmbeddingInputError: It is too long for all of them. The offline engine is no way out: it only reads a beginning.
    """
    if not hosted:
        return ()
    longest = max(range(len(texts)), key=lambda number: len(texts[number]))
    tokens = {
        candidate: count_text(texts[longest], provider=candidate.provider, model=candidate.model)
        for candidate in hosted
    }
    able = tuple(one for one in hosted if tokens[one] <= (facts_in_force(one).context_window or SAFE_WINDOW_TOKENS))
    if not able:
        message = f"text {longest} has about {min(tokens.values())} tokens, more than the model reads"
        raise EmbeddingInputError(message, position=longest)
    return able


def _from_cache(order: _Order, candidate: Candidate) -> EmbeddingResult:
    """Book a call whose vectors are all known."""
    prices = prices_in_force([candidate])[candidate]
    tokens = sum(count_text(text, provider=candidate.provider, model=candidate.model) for text in order.texts)
    saved = prices.cost(TokenUsage(input_tokens=tokens)) if prices else None
    book_cached_call(
        call_id=order.call_id,
        user_id=order.user_id,
        token_id=order.token_id,
        task_type=TaskType.EMBEDDING.value,
        provider=candidate.provider,
        model=candidate.model,
        saved_nanousd=saved or 0,
        latency_ms=round((time.monotonic() - order.began) * 1000),
        request_id=order.request_id,
        decision={"cache": "memory or shared", "texts": len(order.texts)},
    )
    vectors = tuple(order.kept[number] for number in range(len(order.texts)))
    return EmbeddingResult(
        vectors, candidate.provider, candidate.model, order.call_id, TokenUsage(), 0, cached=len(vectors)
    )


def _ask(
    order: _Order, hosted: Sequence[Candidate], *, ends_offline: bool, rule: str
) -> tuple[EmbeddingResult, dict[str, Vector]]:
    """Hold, ask and settle; return the result, and the vectors that are new."""
    asked = tuple(order.texts[number] for number in order.missing)
    decision: dict[str, Any] = {
        "texts": len(order.texts),
        "cached": len(order.kept),
        **({"rule": rule} if rule else {}),
    }
    tokens = sum(map(count_text, asked)) if hosted else 0
    admission = admit(user_id=order.user_id, task_type=TaskType.EMBEDDING.value, tokens=tokens)
    try:
        hosted, prices = _hold(order, hosted, ends_offline=ends_offline, decision=decision)
    except BaseException:
        admission.cancel()
        raise
    job = EmbeddingJob(
        str(order.call_id),
        hosted,
        prices,
        asked,
        order.texts,
        order.dimensions,
        _veiled(order.texts, hosted),
        admission,
    )
    try:
        candidate, vectors = _answer(job, ends_offline=ends_offline)
    except BaseException as error:
        is_failure = isinstance(error, Exception) and not isinstance(error, CancelledByUserError)
        _settle(order, job, CallStatus.FAILED if is_failure else CallStatus.CANCELLED, decision, error=error)
        raise
    finally:
        admission.settle(sum(attempt.usage.input_tokens for attempt in job.attempts))
    _settle(order, job, CallStatus.SUCCEEDED, decision, candidate=candidate)
    exact = tuple(tuple(array("f", vector)) for vector in vectors)
    is_rest = len(exact) == len(asked) and bool(order.kept)
    known = dict(zip(order.missing, exact, strict=True)) | order.kept if is_rest else dict(enumerate(exact))
    costs = [attempt.cost_nanousd for attempt in job.attempts]
    result = EmbeddingResult(
        vectors=tuple(known[number] for number in range(len(order.texts))),
        provider=candidate.provider,
        model=candidate.model,
        call_id=order.call_id,
        usage=TokenUsage(
            input_tokens=sum(attempt.usage.input_tokens for attempt in job.attempts),
            is_estimated=any(attempt.usage.is_estimated for attempt in job.attempts),
        ),
        cost_nanousd=None if None in costs else sum(cost or 0 for cost in costs),
        cached=len(order.kept) if is_rest else 0,
        attempts=tuple(job.attempts),
    )
    return result, dict(zip(asked if is_rest else order.texts, exact, strict=True))


def _hold(
    order: _Order, hosted: Sequence[Candidate], *, ends_offline: bool, decision: dict[str, Any]
) -> tuple[tuple[Candidate, ...], dict[Candidate, Prices | None]]:
    """Write the call's line and hold what it can cost; over budget, the offline engine is left where it may answer."""
    prices = dict(prices_in_force(hosted)) if hosted else {}
    held: dict[str, int] = {}
    for candidate in hosted:
        tokens = sum(count_text(text, provider=candidate.provider, model=candidate.model) for text in order.texts)
        # A batch that fails half-way may have been billed, and is asked again at most twice.
        cost = (prices[candidate] or ceiling_prices()).cost(TokenUsage(input_tokens=3 * tokens)) or 0
        held[candidate.provider] = held.get(candidate.provider, 0) + cost
    decision["candidates"] = [str(candidate) for candidate in hosted]
    seconds = max(MIN_HOLD_SECONDS, 2 * settings.AI_DEADLINE_SECONDS)
    line: dict[str, Any] = {
        "call_id": order.call_id,
        "user_id": order.user_id,
        "token_id": order.token_id,
        "task_type": TaskType.EMBEDDING.value,
        "expires_at": datetime.now(UTC) + timedelta(seconds=seconds),
        "request_id": order.request_id,
        "decision": decision,
    }
    try:
        # Vectors of one call come from one model, so that the order of asking stays.
        open_call(held_nanousd=sum(held.values()), providers=held, is_saving=True, **line)
    except BudgetExceededError as error:
        if not ends_offline or error.action == BudgetAction.STOP:
            raise
        decision["passed_over"] = [[str(candidate), f"{BY_BUDGET}{error.budget_name!r}"] for candidate in hosted]
        open_call(held_nanousd=0, providers={}, **line)
        return (), {}
    return tuple(hosted), prices


def _veiled(texts: Sequence[str], hosted: Sequence[Candidate]) -> dict[str, Veiled]:
    """Return the texts with placeholders for those who may not see personal data, each text on its own."""
    if not any(needs_veil(candidate.provider) for candidate in hosted):
        return {}
    return {text: _veil(text) for text in set(texts)}


def _veil(text: str) -> Veiled:
    veil = Veil()
    return Veiled(veil.hide((Message("user", text),), is_beginning=False)[0].content, veil.counts)


def _answer(job: EmbeddingJob, *, ends_offline: bool) -> tuple[Candidate, list[Vector]]:
    """Ask the hosted candidates, then the offline engine where it may answer."""
    if job.hosted:
        loop = provider_loop()
        try:
            return loop.start(ask_embedders(job, upstream=loop.upstream)).wait()
        except AllProvidersFailedError:
            if not ends_offline:
                raise
            logger.warning("no provider of embeddings answered; the offline engine does")
    # Numbers in bulk are loaded where they are needed, not with the router.
    from ai_router.offline_embeddings import offline_engine

    began_at, clock = datetime.now(UTC), time.monotonic()
    engine = offline_engine()
    candidate = Candidate(OFFLINE, engine.name)
    vectors = [tuple(row) for row in engine.encode(job.all_texts).tolist()]
    milliseconds = round((time.monotonic() - clock) * 1000)
    job.attempts.append(AttemptRecord(OFFLINE, engine.name, AttemptStatus.SUCCEEDED, began_at, milliseconds))
    return candidate, vectors


def _settle(
    order: _Order,
    job: EmbeddingJob,
    status: CallStatus,
    decision: dict[str, Any],
    *,
    candidate: Candidate | None = None,
    error: BaseException | None = None,
) -> None:
    failed = [attempt.error_class for attempt in job.attempts if attempt.error_class]
    if job.passed_over:
        decision["passed_over"] = [*decision.get("passed_over", ()), *job.passed_over]
    settling = time.monotonic()
    error_class = (failed[-1] if failed else type(error).__name__) if error else ""
    settle_call(
        call_id=order.call_id,
        status=status,
        attempts=job.attempts,
        latency_ms=round((settling - order.began) * 1000),
        provider=candidate.provider if candidate else "",
        model=candidate.model if candidate else "",
        error_class=error_class,
        decision=decision,
        outbound=_outbound(job),
    )
    traces.finish(
        traces.begin(order.call_id, TaskType.EMBEDDING, began=order.began),
        task_type=TaskType.EMBEDDING,
        began=order.began,
        opened=order.began,
        settling=settling,
        attempts=job.attempts,
        status=status.value,
        error_class=error_class,
    )


def _outbound(job: EmbeddingJob) -> Outbound | None:
    """Return the texts that left the site, each once, and what was hidden in them."""
    if not settings.AI_OUTBOUND_DAYS or not job.sent:
        return None
    hidden: Counter[str] = Counter()
    for counts in job.sent.values():
        hidden.update(counts)
    return Outbound([["user", text] for text in job.sent], dict(hidden))
