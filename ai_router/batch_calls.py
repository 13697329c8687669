"""One request of a batch, on the acts of every other call: planned and held before it is sent, settled by its result."""

import hashlib
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ai_router.batch_types import BatchResult
from ai_router.cache import Recall, look_up
from ai_router.conversations import prepare
from ai_router.errors import (
    AllProvidersFailedError,
    CancelledByUserError,
    ProviderError,
    ProviderTimeoutError,
    RouterError,
)
from ai_router.failures import Money, rule_of
from ai_router.models import BatchItem, QueuedRequest, RequestStatus
from ai_router.planning import BatchTerms, Plan, Question, as_batched, make_steps, open_plan
from ai_router.pricebook import names_tier, price_of
from ai_router.pricing import cost_of
from ai_router.privacy import Veil
from ai_router.providers import PROVIDERS, takes_batches
from ai_router.ranking import rank
from ai_router.routing import Choice
from ai_router.service_tiers import BATCH
from ai_router.settling import settle_failure, settle_success
from ai_router.speech import answer_of, conversation_of, target_of
from ai_router.steps import CallRequest, Outcome, Step
from ai_router.tokens import count_text
from ai_router.types import Candidate, FinishReason, Message, ProviderAnswer, ProviderRequest
from usage.models import Call
from usage.types import AttemptRecord, AttemptStatus, CallStatus, TokenUsage


class RequestGoneError(RouterError):
    """The request was deleted, so that nobody knows any more what it asked."""


# Providers' own time limits hold; this only has to be one.
TIMEOUT_SECONDS = 120.0


def cheaper_in_a_batch(request: QueuedRequest) -> Step | None:
    """Return who would answer the request first, at its batches' price; None where that is nobody who has cheaper batches.

    An answer that is kept already costs nothing, so it needs no batch.

    Raises:
        RouterError: Nobody may answer it.
    """
    question, choice = _asked(request)
    if not choice.hosted or look_up(question, choice, user=request.asker).hit is not None:
        return None
    messages = question.messages()
    steps = make_steps(question, choice.hosted, messages, messages)
    batched = {step.candidate: cheaper for step in steps if (cheaper := _cheaper(step)) is not None}
    ranking = rank(choice, [batched.get(step.candidate, step) for step in steps], question)
    return batched.get(ranking.steps[0].candidate)


def plan_item(item: BatchItem, *, expires_at: datetime) -> Plan[ProviderAnswer]:
    """Hold what an item may cost and write its call's line; a second time, nothing is held again.

    Raises:
        BudgetExceededError: A hard budget leaves no room; nothing was written.
        RouterError: The request may not be sent any more.
    """
    plan, _ = _open(item, expires_at=expires_at)
    item.sent, item.digest = _sent(plan), _digest(plan)
    return plan


def request_to_provider(plan: Plan[ProviderAnswer]) -> ProviderRequest:
    """Return what the provider is sent of a planned item."""
    step = plan.request.steps[0]
    return plan.request.to_provider(step, plan.request.messages_for(step), timeout_seconds=TIMEOUT_SECONDS)


def release_item(item: BatchItem) -> None:
    """Give back what an item holds that nobody was sent; nothing is done where it holds nothing."""
    if Call.objects.filter(pk=item.call_id, status=CallStatus.OPEN).exists():
        plan, _ = _reopen(item)
        settle_failure(plan, CancelledByUserError())


def settle_item(item: BatchItem, result: BatchResult) -> dict[str, Any] | None:
    """Book what an item cost, and return its answer as plain data; None where there is none that can be used.

    A second call books nothing again, and returns the same.
    """
    plan, recall = _reopen(item)
    if result.answer is not None:
        return _settle_answer(item, plan, recall, result.answer)
    if result.error is None and not _is_wanted(item):
        _note(item, plan, AttemptStatus.CANCELLED, TokenUsage())
        settle_failure(plan, CancelledByUserError())
        return None
    error = result.error or ProviderTimeoutError(
        f"{item.batch.provider} did not do it before the batch ended",
        provider=item.batch.provider,
        model=item.batch.model,
    )
    usage = _used(plan, error) if result.error else TokenUsage()
    _note(item, plan, AttemptStatus.FAILED, usage, error=error)
    settle_failure(plan, AllProvidersFailedError(plan.journal.attempts, last=error))
    return None


def _settle_answer(
    item: BatchItem, plan: Plan[ProviderAnswer], recall: Recall[ProviderAnswer], answer: ProviderAnswer
) -> dict[str, Any] | None:
    """Check an answer as any other, and book it; one that nobody waits for any more is booked as cancelled."""
    request = plan.request
    usage = answer.usage or _estimate(plan, answer.text)
    if not request.steps or not _is_wanted(item):
        _note(item, plan, AttemptStatus.CANCELLED, usage, request_id=answer.request_id)
        settle_failure(plan, CancelledByUserError())
        return None
    if not request.veil.is_empty:
        text = request.veil.restore(answer.text, in_json=request.form is not None)
        answer = replace(answer, text=text, tool_calls=request.veil.restore_calls(answer.tool_calls))
    candidate = request.steps[0].candidate
    try:
        output = request.accept(answer, candidate, plan.journal)
    except ProviderError as error:
        _note(item, plan, AttemptStatus.REJECTED, usage, error=error, request_id=answer.request_id)
        settle_failure(plan, AllProvidersFailedError(plan.journal.attempts, last=error))
        return None
    _note(item, plan, AttemptStatus.SUCCEEDED, usage, request_id=answer.request_id)
    is_complete = answer.finish_reason is not FinishReason.LENGTH
    outcome = Outcome(output, candidate, answer.finish_reason, is_complete=is_complete, answer=answer)
    return answer_of(settle_success(plan, outcome, recall))


def _asked(request: QueuedRequest) -> tuple[Question[ProviderAnswer], Choice]:
    return prepare(conversation_of(request.body), target_of(request.body), user=request.asker)


def _cheaper(step: Step) -> Step | None:
    """Return a step as its provider's batch does it, where that is known to be cheaper."""
    provider, model = step.candidate.provider, step.candidate.model
    if not takes_batches(provider, model):
        return None
    if PROVIDERS[provider].batches_by_price and not names_tier(provider, model, tier=BATCH):
        return None
    batched = as_batched(step)
    known, otherwise = batched.expected_nanousd, step.expected_nanousd
    return batched if known is not None and (otherwise is None or known < otherwise) else None


def _open(item: BatchItem, *, expires_at: datetime) -> tuple[Plan[ProviderAnswer], Recall[ProviderAnswer]]:
    """Plan an item's call, or plan it again as it was; its line is written, and its cost held, the first time only."""
    row, batch = item.request, item.batch
    if row is None:
        raise RequestGoneError
    question, choice = _asked(row)
    choice = replace(choice, hosted=(Candidate(batch.provider, batch.model),), ends_offline=False)
    terms = BatchTerms(
        item.call_id,
        str(batch.key),
        opened_at=item.held_at or datetime.now(UTC),
        expires_at=expires_at,
        is_open=Call.objects.filter(pk=item.call_id).exists(),
    )
    task_id = row.background_task_id
    plan = open_plan(question, choice, user=row.asker, request_id=task_id.hex if task_id else "", batch=terms)
    recall = look_up(question, choice, user=row.asker) if terms.is_open else Recall[ProviderAnswer]()
    return plan, recall


def _reopen(item: BatchItem) -> tuple[Plan[ProviderAnswer], Recall[ProviderAnswer]]:
    """Return an item's plan as it was when it was sent; without what was asked, where that is gone or would be sent otherwise now."""
    plan: Plan[ProviderAnswer] | None = None
    recall = Recall[ProviderAnswer]()
    with suppress(RouterError):
        plan, recall = _open(item, expires_at=datetime.now(UTC))
    if plan is None or _digest(plan) != item.digest:
        plan, recall = _without_request(item), Recall()
    since = (datetime.now(UTC) - (item.held_at or datetime.now(UTC))).total_seconds()
    # The time at the provider is no time of ours.
    plan.began, plan.journal.waiting.seconds = time.monotonic() - since, since
    return plan, recall


def _without_request(item: BatchItem) -> Plan[ProviderAnswer]:
    """Return a plan that only settles: nobody can be given the answer."""
    call = Call.objects.get(pk=item.call_id)
    sent = tuple(Message(role, text) for role, text in item.sent)
    request: CallRequest[ProviderAnswer] = CallRequest(
        call_id=str(item.call_id),
        task_type=call.task_type,
        messages=sent,
        veil=Veil(),
        veiled_messages=sent,
        steps=(),
        ends_offline=False,
        accept=lambda answer, _candidate, _journal: answer,
    )
    return Plan(item.call_id, request, ends_offline=False, held_nanousd=call.held_nanousd, decision=call.decision)


def _sent(plan: Plan[ProviderAnswer]) -> list[list[str]]:
    """Return role and text of the messages as the provider gets them."""
    return [[message.role, message.content] for message in plan.request.messages_for(plan.request.steps[0])]


def _digest(plan: Plan[ProviderAnswer]) -> str:
    """Return the digest of what the provider is sent, as it gets it."""
    sent = repr((_sent(plan), plan.request.terms_for(plan.request.steps[0])))
    return hashlib.sha256(sent.encode(errors="surrogatepass")).hexdigest()


def _is_wanted(item: BatchItem) -> bool:
    """Whether somebody still waits for the item's answer."""
    waiting = (RequestStatus.QUEUED, RequestStatus.BATCHED)
    return QueuedRequest.objects.filter(batch_item=item, status__in=waiting, is_forgotten=False).exists()


def _used(plan: Plan[ProviderAnswer], error: ProviderError) -> TokenUsage:
    """Return what a failed request used: reported, or else as the table of failures says."""
    if error.usage is not None:
        return error.usage
    money = rule_of(error).money
    # A request that a provider timed out in its own batch is none that it bills.
    return _estimate(plan, error.written) if money is Money.INPUT_AND_SEEN else TokenUsage()


def _estimate(plan: Plan[ProviderAnswer], text: str) -> TokenUsage:
    """Count what was sent and came back, where the provider does not say it."""
    sent = plan.request.steps[0].input_tokens if plan.request.steps else 0
    return TokenUsage(input_tokens=sent, output_tokens=count_text(text, provider=""), is_estimated=True)


def _note(
    item: BatchItem,
    plan: Plan[ProviderAnswer],
    status: AttemptStatus,
    usage: TokenUsage,
    *,
    error: ProviderError | None = None,
    request_id: str = "",
) -> None:
    """Write the attempt down, at the price of the moment in which it was held; how long it took nobody knows."""
    batch = item.batch
    prices = price_of(batch.provider, batch.model, tier=BATCH, at=item.held_at)
    cost, unit_prices = cost_of(usage, prices, tier=BATCH)
    plan.journal.add(
        AttemptRecord(
            provider=batch.provider,
            model=batch.model,
            status=status,
            started_at=batch.sent_at or datetime.now(UTC),
            duration_ms=0,
            usage=usage,
            cost_nanousd=cost,
            unit_prices=dict(unit_prices),
            error_class=type(error).__name__ if error else "",
            error_message=str(error) if error else "",
            http_status=error.http_status if error else None,
            provider_request_id=request_id or (error.request_id if error else ""),
        )
    )
