"""The third act of a call: book each attempt and the true cost, release the hold, exactly once."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar
from uuid import uuid4

from asgiref.sync import sync_to_async

from ai_router import traces
from ai_router.cache import Hit, Recall
from ai_router.errors import AllProvidersFailedError, CancelledByUserError
from ai_router.freezes import token_of
from ai_router.latency import LATENCIES
from ai_router.outbound import outbound_of
from ai_router.planning import Plan, Question
from ai_router.routing import EMBEDDED
from ai_router.steps import Outcome
from ai_router.sticky import BEGINNINGS
from ai_router.streaming import Relay
from ai_router.types import Candidate, Out, TaskResult
from usage.ledger import book_cached_call, settle_call
from usage.types import AttemptStatus, CallStatus, TokenUsage

T = TypeVar("T")
BROKEN = (AttemptStatus.FAILED, AttemptStatus.REJECTED)

NOTHING_KEPT: Recall[Any] = Recall()


def settle_success(plan: Plan[Any], outcome: Outcome[Out], recall: Recall[Any] = NOTHING_KEPT) -> TaskResult[Out]:
    """Book an answered call, complete or not, keep its answer where it may be kept, and return its result."""
    if recall.place is not None:
        plan.decision["cache"] = "miss"
    attempts = tuple(plan.journal.attempts)
    _settle(
        plan,
        CallStatus.SUCCEEDED if outcome.is_complete else CallStatus.INCOMPLETE,
        provider=outcome.candidate.provider,
        model=outcome.candidate.model,
        error_class="" if outcome.is_complete else _last_error(plan),
    )
    costs = [attempt.cost_nanousd for attempt in attempts]
    cost_nanousd = None if None in costs else sum(cost or 0 for cost in costs)
    recall.keep(outcome, cost_nanousd=cost_nanousd, is_first=outcome.candidate == _first(plan))
    return TaskResult(
        output=outcome.output,
        call_id=plan.call_id,
        provider=outcome.candidate.provider,
        model=outcome.candidate.model,
        usage=_total(plan),
        cost_nanousd=cost_nanousd,
        finish_reason=outcome.finish_reason,
        is_complete=outcome.is_complete,
        attempts=attempts,
        overhead_us=_overhead_us(plan),
    )


def start_relay(relay: Relay[Out], plan: Plan[Out]) -> None:
    """Have the candidates of an open plan asked; where that cannot begin, the call is booked as failed before this raises."""
    try:
        relay.start(plan)
    except BaseException as error:
        settle_failure(plan, error)
        raise


async def opened(
    opening: Coroutine[Any, Any, T], plan_of: Callable[[T], Plan[Any] | None], relay: Relay[Any] | None = None
) -> T:
    """Wait for what opens a plan in a thread, and may start its `relay` there.

    Where the reader goes away meanwhile, who is asked already is stopped, and the call settled at once.
    """
    running = asyncio.ensure_future(opening)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError as error:
        # A reader who is stopped while leaving does not stop this.
        await asyncio.shield(_give_up(running, plan_of, relay, error))
        raise


async def _give_up(
    opening: "asyncio.Future[T]",
    plan_of: Callable[[T], Plan[Any] | None],
    relay: Relay[Any] | None,
    error: BaseException,
) -> None:
    """Settle a call whose reader has gone away before it was open."""
    with suppress(Exception):
        plan = plan_of(await opening)
        if plan is not None:
            if relay is not None:
                await relay.close()
            await sync_to_async(settle_failure)(plan, error)


def settle_hit(question: Question[Any], hit: Hit[Out], *, user: Any, request_id: str, began: float) -> TaskResult[Out]:
    """Book a call that was answered from the cache, and return its result: nothing was asked, used or paid."""
    call_id, looked_up = uuid4(), time.monotonic()
    trace = traces.begin(call_id, question.task_type, began=began, prompt_version=question.prompt_version)
    book_cached_call(
        call_id=call_id,
        user_id=getattr(user, "pk", None),
        token_id=token_of(user),
        task_type=question.task_type,
        provider=hit.candidate.provider,
        model=hit.candidate.model,
        saved_nanousd=hit.saved_nanousd,
        latency_ms=round((time.monotonic() - began) * 1000),
        prompt_version=question.prompt_version,
        request_id=request_id,
        decision={"cache": hit.source},
    )
    traces.finish(
        trace,
        task_type=question.task_type,
        began=began,
        opened=looked_up,
        settling=looked_up,
        attempts=(),
        status=CallStatus.SUCCEEDED.value,
        cache=hit.source,
    )
    return TaskResult(
        output=hit.output,
        call_id=call_id,
        provider=hit.candidate.provider,
        model=hit.candidate.model,
        usage=TokenUsage(),
        cost_nanousd=0,
        finish_reason=hit.answer.finish_reason,
        is_cached=True,
    )


def settle_failure(plan: Plan[Any], error: BaseException) -> None:
    """Book a call that came to nothing: failed, or, where it was stopped from outside, cancelled."""
    is_failure = isinstance(error, Exception) and not isinstance(error, CancelledByUserError)
    _settle(
        plan,
        CallStatus.FAILED if is_failure else CallStatus.CANCELLED,
        error_class=_last_error(plan) if isinstance(error, AllProvidersFailedError) else type(error).__name__,
    )


def _settle(plan: Plan[Any], status: CallStatus, *, error_class: str, provider: str = "", model: str = "") -> None:
    """Write the attempts and what they add up to, and who was passed over, once all requests of the call have ended."""
    journal = plan.journal
    how: dict[str, Any] = {
        "call_id": plan.call_id,
        "status": status,
        "latency_ms": round((time.monotonic() - plan.began) * 1000),
        "provider": provider,
        "model": model,
        "error_class": error_class,
        "overhead_us": _overhead_us(plan),
    }
    if journal.ended is None or journal.ended.done():
        _book(plan, **how)
    else:
        # The answer does not wait for a hedge that has lost; the hold does.
        journal.ended.add_done_callback(lambda _: _book(plan, **how, may_wait=False))
    if plan.request.admission:
        plan.request.admission.settle(sum(_tokens(attempt.usage) for attempt in journal.attempts))
    LATENCIES.observe(journal.attempts)
    _note_beginning(plan)


def _book(plan: Plan[Any], **how: Any) -> None:
    """Settle the call with all that its journal has."""
    journal = plan.journal
    plan.decision["passed_over"] += journal.passed_over
    plan.decision["tried"] = [
        [f"{attempt.provider}/{attempt.model}", attempt.error_class or attempt.status.value]
        for attempt in journal.attempts
    ]
    if journal.repaired:
        plan.decision["repaired"] = journal.repaired
    settling = time.monotonic()
    settle_call(attempts=journal.attempts, decision=plan.decision, outbound=outbound_of(plan), **how)
    traces.finish(
        plan.trace,
        task_type=plan.request.task_type,
        began=plan.began,
        opened=plan.opened,
        settling=settling,
        attempts=journal.attempts,
        status=str(how["status"]),
        error_class=how["error_class"],
        overhead_us=how["overhead_us"],
        cache=plan.decision.get("cache", ""),
    )


def _overhead_us(plan: Plan[Any]) -> int:
    """Return the router's own time so far, in microseconds: all of the call but the waiting for providers."""
    return max(0, round((time.monotonic() - plan.began - plan.journal.waiting.so_far) * 1_000_000))


def _first(plan: Plan[Any]) -> Candidate | None:
    """Return the candidate that was to be asked first."""
    return plan.request.steps[0].candidate if plan.request.steps else None


def _note_beginning(plan: Plan[Any]) -> None:
    """Tell who has served the beginning of the request, so that the next one with the same goes there."""
    served = [attempt for attempt in plan.journal.attempts if attempt.status == AttemptStatus.SUCCEEDED]
    if plan.request.prefixes and served and served[-1].provider != EMBEDDED.provider:
        candidate = Candidate(served[-1].provider, served[-1].model)
        used = served[-1].usage
        cached = used.cached_input_tokens + used.cache_write_tokens
        BEGINNINGS.note(plan.request.prefixes, candidate, cached_tokens=cached)


def _tokens(usage: TokenUsage) -> int:
    return usage.total_input_tokens + usage.total_output_tokens


def _last_error(plan: Plan[Any]) -> str:
    """Return how the last attempt failed."""
    failed = [attempt.error_class for attempt in plan.journal.attempts if attempt.status in BROKEN]
    return failed[-1] if failed else ""


def _total(plan: Plan[Any]) -> TokenUsage:
    """Add up the tokens of all attempts."""
    used = [attempt.usage for attempt in plan.journal.attempts]
    return TokenUsage(
        input_tokens=sum(usage.input_tokens for usage in used),
        cached_input_tokens=sum(usage.cached_input_tokens for usage in used),
        cache_write_tokens=sum(usage.cache_write_tokens for usage in used),
        output_tokens=sum(usage.output_tokens for usage in used),
        reasoning_tokens=sum(usage.reasoning_tokens for usage in used),
        is_estimated=any(usage.is_estimated for usage in used),
    )
