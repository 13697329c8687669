"""Conversations of other programs: messages, tools and forms that they bring themselves, on the same three acts."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import wait
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async

from ai_router.cache import Recall, look_up, recalling, replay
from ai_router.calling import start_asking
from ai_router.errors import AllProvidersFailedError, InvalidOutputError
from ai_router.loop import CLOSING_SECONDS, Running
from ai_router.naming import Target
from ai_router.planning import Plan, Question, make_steps, open_plan, quote_of
from ai_router.ranking import rank
from ai_router.repair import repair_json
from ai_router.routing import Choice, reconsider
from ai_router.settling import opened, settle_failure, settle_hit, settle_success, start_relay
from ai_router.steps import Journal, Outcome
from ai_router.streaming import Relay
from ai_router.types import (
    AnswerForm,
    CacheScope,
    Candidate,
    FinishReason,
    Message,
    ProviderAnswer,
    Quote,
    Sampling,
    StreamEnded,
    TaskResult,
    TextDelta,
    Tool,
)

PROMPT_VERSION = "free"
WATCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class StreamBegan:
    """The first event of a stream of text: whose text it is."""

    call_id: UUID
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a program says and asks for.

    Args:
        messages: The conversation so far; system messages stand first.
        max_output_tokens: Bound of the answer.
        is_bound_total: Whether the bound includes what the model thinks; otherwise the catalog's allowance comes on top.
        form: The form of the answer.
        tools: What the model may ask to have called; the program calls it.
        tool_choice: As in `ProviderRequest`.
        sampling: As in `ProviderRequest`.
    """

    messages: tuple[Message, ...]
    max_output_tokens: int
    is_bound_total: bool = False
    form: AnswerForm | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: str = ""
    sampling: Sampling = field(default_factory=Sampling)


def converse(
    conversation: Conversation,
    target: Target,
    *,
    user: Any,
    request_id: str = "",
    watch: Callable[[], None] | None = None,
) -> TaskResult[ProviderAnswer]:
    """Answer a conversation; blocks until it is done.

    `watch` is called every second; what it raises stops the provider, and what was used is settled.

    Raises:
        BudgetExceededError: A hard budget leaves no room; nothing was written.
        AllProvidersFailedError: No candidate answered.
    """
    began = time.monotonic()
    question = _question(conversation, target)
    target = _reconsidered(target, question, user)
    with recalling(question, target.choice, user=user) as recall:
        if recall.hit is not None:
            return settle_hit(question, recall.hit, user=user, request_id=request_id, began=began)
        plan = open_plan(question, target.choice, user=user, request_id=request_id)
        try:
            outcome = _start(plan).wait() if watch is None else _wait_watched(_start(plan), watch)
        except BaseException as error:
            settle_failure(plan, error)
            raise
        return settle_success(plan, outcome, recall)


async def aconverse(
    conversation: Conversation, target: Target, *, user: Any, request_id: str = ""
) -> TaskResult[ProviderAnswer]:
    """Do the same without blocking. Cancelled, it stops the provider and settles what was used."""
    began = time.monotonic()
    question = _question(conversation, target)
    recall = await _look_up(question, target, user)
    if recall.hit is not None:
        return await sync_to_async(settle_hit)(question, recall.hit, user=user, request_id=request_id, began=began)
    plan = await opened(sync_to_async(_open)(question, target, user=user, request_id=request_id), lambda plan: plan)
    try:
        outcome = await _wait(_start(plan), plan.journal)
    except BaseException as error:
        await asyncio.shield(sync_to_async(settle_failure)(plan, error))
        raise
    return await sync_to_async(settle_success)(plan, outcome, recall)


async def converse_in_pieces(
    conversation: Conversation, target: Target, *, user: Any, request_id: str = ""
) -> AsyncGenerator[StreamBegan | TextDelta | StreamEnded[ProviderAnswer], None]:
    """Yield the answer while it is written; the last event has all of it, with its tool calls. Raises as `converse` does.

    Before the first text comes `StreamBegan`; an answer without text is the last event alone.

    Nothing that was yielded is taken back: once there is text no other candidate is asked. A stream that breaks off then
    ends with what there is, `is_complete` False. Closing the iterator early stops the provider and settles what was used.
    """
    began = time.monotonic()
    question = _question(conversation, target, is_shown=True)
    recall = await _look_up(question, target, user)
    if recall.hit is not None:
        result = await sync_to_async(settle_hit)(question, recall.hit, user=user, request_id=request_id, began=began)
        pieces = list(replay(question, recall.hit, lambda answer: answer.text))
        if pieces:
            yield StreamBegan(result.call_id, recall.hit.candidate)
        for piece in pieces:
            yield piece
        yield StreamEnded(result)
        return
    relay: Relay[ProviderAnswer] = Relay()

    def begin() -> Plan[ProviderAnswer]:
        plan = _open(question, target, user=user, request_id=request_id)
        start_relay(relay, plan)
        return plan

    plan = await opened(sync_to_async(begin)(), lambda plan: plan, relay)
    try:
        has_begun = False
        async with aclosing(_relay(plan, relay)) as events:
            async for event in events:
                if isinstance(event, Outcome):
                    result = await sync_to_async(settle_success)(plan, event, recall)
                    continue
                if not has_begun and plan.journal.shown_by is not None:
                    has_begun = True
                    yield StreamBegan(plan.call_id, plan.journal.shown_by)
                yield event
    except BaseException as error:
        await asyncio.shield(sync_to_async(settle_failure)(plan, error))
        raise
    yield StreamEnded(result)


def quote(conversation: Conversation, target: Target) -> list[Quote]:
    """Return what each candidate is expected to cost, in the order of asking; calls nobody."""
    question, messages = _question(conversation, target), conversation.messages
    steps = rank(target.choice, make_steps(question, target.choice.hosted, messages, messages), question).steps
    return [quote_of(step) for step in steps]


def prepare(conversation: Conversation, target: Target, *, user: Any) -> tuple[Question[ProviderAnswer], Choice]:
    """Return what is asked and who may answer, for whom plans and settles the call otherwise.

    Raises:
        RequestDeniedError: A rule refuses such requests.
    """
    question = _question(conversation, target)
    return question, _reconsidered(target, question, user).choice


def _question(conversation: Conversation, target: Target, *, is_shown: bool = False) -> Question[ProviderAnswer]:
    """Say what is asked. An answer that is not drawn by chance is kept for the user: the same request gets it again."""
    return Question(
        target.task_type,
        messages=lambda: conversation.messages,
        accept=_any_answer if is_shown or conversation.form is None else _in_form,
        max_output_tokens=conversation.max_output_tokens,
        is_bound_total=conversation.is_bound_total,
        form=conversation.form,
        preview=_whole_text if is_shown else None,
        prompt_version=PROMPT_VERSION,
        tools=conversation.tools,
        tool_choice=conversation.tool_choice,
        sampling=conversation.sampling,
        is_foreign=True,
        may_restart=False,
        cache_scope=CacheScope.USER if conversation.sampling.temperature == 0 else CacheScope.NONE,
    )


async def _look_up(question: Question[ProviderAnswer], target: Target, user: Any) -> Recall[ProviderAnswer]:
    """Ask the cache; nothing is done where it is not used."""
    if question.cache_scope is CacheScope.NONE:
        return Recall()
    return await sync_to_async(_look_up_now)(question, target, user)


def _look_up_now(question: Question[ProviderAnswer], target: Target, user: Any) -> Recall[ProviderAnswer]:
    return look_up(question, _reconsidered(target, question, user).choice, user=user)


def _open(question: Question[ProviderAnswer], target: Target, *, user: Any, request_id: str) -> Plan[ProviderAnswer]:
    return open_plan(question, _reconsidered(target, question, user).choice, user=user, request_id=request_id)


def _reconsidered(target: Target, question: Question[ProviderAnswer], user: Any) -> Target:
    """Return the target with what rules say of this very request."""
    return replace(target, choice=reconsider(target.choice, target.task_type, question=question, user=user))


def _start(plan: Plan[ProviderAnswer]) -> "Running[Outcome[ProviderAnswer]]":
    return start_asking(plan.request, plan.journal)


def _wait_watched(running: "Running[Outcome[ProviderAnswer]]", watch: Callable[[], None]) -> Outcome[ProviderAnswer]:
    """Block until the work is done, and let somebody look every second whether it still should be."""
    try:
        while not wait([running.result], timeout=WATCH_SECONDS).done:
            watch()
    except BaseException:
        running.cancel()
        wait([running.ended], timeout=CLOSING_SECONDS)
        raise
    return running.result.result()


async def _wait(running: "Running[Outcome[ProviderAnswer]]", journal: Journal) -> Outcome[ProviderAnswer]:
    """Wait for the work; cancelled, let it close before the cancellation goes on."""
    try:
        return await asyncio.shield(asyncio.wrap_future(running.result))
    except asyncio.CancelledError:
        journal.ended = running.ended
        await running.stop()
        raise


async def _relay(
    plan: Plan[ProviderAnswer], relay: Relay[ProviderAnswer]
) -> AsyncGenerator[TextDelta | Outcome[ProviderAnswer], None]:
    """Yield the text and the outcome; text that broke off is an outcome too."""
    try:
        async with aclosing(relay.events()) as events:
            async for event in events:
                if isinstance(event, TextDelta | Outcome):
                    yield event
    except AllProvidersFailedError:
        journal = plan.journal
        if not journal.shown or journal.shown_by is None:
            raise
        cut = ProviderAnswer(journal.shown, journal.shown_by.model, None, FinishReason.INCOMPLETE)
        yield Outcome(cut, journal.shown_by, FinishReason.INCOMPLETE, is_complete=False)


def _any_answer(answer: ProviderAnswer, _candidate: Candidate, _journal: Journal) -> ProviderAnswer:
    return answer


def _in_form(answer: ProviderAnswer, candidate: Candidate, journal: Journal) -> ProviderAnswer:
    """Take an answer that is a JSON object, or can be read as one.

    One that was cut at its bound says so itself, and tool calls come without a form.
    """
    if answer.tool_calls or answer.finish_reason is FinishReason.LENGTH or _is_object(answer.text):
        return answer
    try:
        repaired = repair_json(answer.text, may_be_cut=True)
    except ValueError:
        repaired = ""
    if not _is_object(repaired):
        raise InvalidOutputError(
            "the answer is no JSON object",
            provider=candidate.provider,
            model=candidate.model,
            problems=["the answer is not one JSON object and nothing else"],
            usage=answer.usage,
        )
    journal.repaired.append(str(candidate))
    return replace(answer, text=repaired)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


_whole_text: Callable[[str], str] = str
