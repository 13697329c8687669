"""The only way to a language model: plan, call, settle."""

import asyncio
import importlib
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Generic

from asgiref.sync import sync_to_async

from ai_router.answers import acceptance, answer_offline, kept_acceptance, read_answer
from ai_router.cache import Recall, look_up, recalling, replay
from ai_router.calling import start_asking
from ai_router.errors import (
    AllProvidersFailedError,
    NoProviderAvailableError,
    ProviderTimeoutError,
    StreamInterruptedError,
)
from ai_router.experiments import Enrolment, enrol, record_acceptance
from ai_router.freezes import heed_freezes
from ai_router.planning import Plan, Question, make_steps, open_plan, quote_of
from ai_router.privacy import personal_values
from ai_router.prompts import prompt_in_force
from ai_router.ranking import rank
from ai_router.routing import AUTO, EMBEDDED, choose_candidates
from ai_router.schemas import answer_form
from ai_router.selection import Selection, selection_of
from ai_router.settling import opened, settle_failure, settle_hit, settle_success, start_relay
from ai_router.shadows import sample
from ai_router.steps import Outcome
from ai_router.streaming import Relay
from ai_router.types import (
    CacheScope,
    FinishReason,
    In,
    Message,
    Out,
    Quote,
    StrategyName,
    StreamEnded,
    StreamEvent,
    StreamRestarted,
    TaskResult,
    TaskSpec,
    TaskType,
    TextDelta,
    Wishes,
)

if TYPE_CHECKING:
    from ai_router.embeddings import embed
    from ai_router.status import status

__all__ = ["embed", "estimate", "generate", "record_acceptance", "run", "select", "status", "stream"]

# What no text needs: loaded when it is first used.
ELSEWHERE = {"embed": "ai_router.embeddings", "status": "ai_router.status"}

FREE_PROMPT_OUTPUT_TOKENS = 2_000
# What stands on a call's line where the version of its prompt does.
FREE_PROMPT = "free"


def __getattr__(name: str) -> Any:
    if name not in ELSEWHERE:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(ELSEWHERE[name]), name)


@dataclass(frozen=True, slots=True)
class _Beginning(Generic[Out]):
    """A stream before its first word: what is asked, what the cache knows, and the plan where it does not know enough."""

    question: Question[Out]
    recall: Recall[Out]
    plan: Plan[Out] | None = None


def run(
    spec: TaskSpec[In, Out],
    inputs: In,
    *,
    user: Any = None,
    optimize_cost: bool = False,
    provider: str = AUTO,
    wishes: Wishes | None = None,
    request_id: str = "",
    use_cache: bool = True,
    variant: str = "",
) -> TaskResult[Out]:
    """Do a task, typed in and typed out; blocks until it is done.

    Args:
        spec: The task.
        inputs: Its inputs.
        user: Whose call it is in the ledger; None for commands.
        optimize_cost: Order the route's candidates by predicted cost, cheapest first.
        provider: `auto` follows the route; a provider's name uses only that one, and falls back to nothing else.
        wishes: What else the caller wants of the routing: a strategy, bounds, what rules ask for.
        request_id: Goes into the ledger.
        use_cache: Whether a kept answer may be given, and this one kept.
        variant: Requests with different ones are never given each other's answers, such as two versions of a letter.

    Raises:
        NoProviderAvailableError: A provider was asked for by name that is not set up; nothing was written.
        BudgetExceededError: A hard budget leaves no room, and no free candidate may answer.
        AllProvidersFailedError: No candidate answered.
    """
    began = time.monotonic()
    question = _question(spec, inputs, user=user, use_cache=use_cache, variant=variant)
    choice = choose_candidates(
        spec.task_type, provider=provider, optimize_cost=optimize_cost, wishes=wishes, question=question, user=user
    )
    with recalling(question, choice, user=user) as recall:
        if recall.hit is not None:
            return settle_hit(question, recall.hit, user=user, request_id=request_id, began=began)
        plan = open_plan(question, choice, user=user, request_id=request_id, began=began)
        try:
            outcome = _ask(plan, spec, inputs)
        except BaseException as error:
            settle_failure(plan, error)
            raise
        return _settle(plan, outcome, recall, spec=spec, inputs=inputs, user=user)


def generate(
    *,
    task_type: TaskType,
    prompt: str,
    system: str = "",
    user: Any = None,
    optimize_cost: bool = False,
    provider: str = AUTO,
    complexity: float | None = None,
    wishes: Wishes | None = None,
    max_output_tokens: int = FREE_PROMPT_OUTPUT_TOKENS,
    request_id: str = "",
    use_cache: bool = False,
) -> TaskResult[str]:
    """Answer a free prompt on the route of `task_type`; blocks until it is done.

    With a `complexity` from 0 to 1, whoever fits it best is asked first, as `select` says. With `use_cache` the user may
    be given the answer that the same prompt got before.

    The embedded engine has rules for tasks, none for free prompts: without a hosted provider this raises
    `NoProviderAvailableError`, `UnfitRequestError` where none of them can do it, otherwise as `run` does.
    """
    began = time.monotonic()
    if complexity is not None:
        wishes = replace(wishes or Wishes(), complexity=complexity)
    cache_scope = CacheScope.USER if use_cache else CacheScope.NONE
    enrolment = enrol(task_type, FREE_PROMPT, user)
    question = _free_question(task_type, system, prompt, max_output_tokens, cache_scope, enrolment=enrolment)
    choice = choose_candidates(
        task_type, provider=provider, optimize_cost=optimize_cost, wishes=wishes, question=question, user=user
    )
    if not choice.hosted:
        heed_freezes(replace(choice, ends_offline=False), task_type, user)
        message = f"no hosted provider is set up for {task_type.value!r}"
        raise NoProviderAvailableError(message)
    with recalling(question, choice, user=user) as recall:
        if recall.hit is not None:
            return settle_hit(question, recall.hit, user=user, request_id=request_id, began=began)
        plan = open_plan(question, replace(choice, ends_offline=False), user=user, request_id=request_id, began=began)
        try:
            outcome = _ask_hosted(plan)
        except BaseException as error:
            settle_failure(plan, error)
            raise
        return settle_success(plan, outcome, recall)


async def stream(
    spec: TaskSpec[In, Out],
    inputs: In,
    *,
    user: Any = None,
    optimize_cost: bool = False,
    provider: str = AUTO,
    wishes: Wishes | None = None,
    request_id: str = "",
    use_cache: bool = True,
    variant: str = "",
) -> AsyncIterator[StreamEvent[Out]]:
    """Do a task whose text is shown while it is written; the last event is `StreamEnded`. Raises as `run` does.

    When a provider breaks off, the next candidate begins anew (`StreamRestarted` where text was shown). Where there is
    no next one, the text that was shown becomes an incomplete result, which nobody has verified. A kept answer is shown in
    pieces like any other. Closing the iterator early stops the provider and settles what was used.
    """
    began = time.monotonic()
    relay: Relay[Out] = Relay()

    def begin() -> _Beginning[Out]:
        question = _question(spec, inputs, user=user, use_cache=use_cache, variant=variant)
        choice = choose_candidates(
            spec.task_type, provider=provider, optimize_cost=optimize_cost, wishes=wishes, question=question, user=user
        )
        # A reader of a stream does not wait for another's: its first words would come last.
        recall = look_up(question, choice, user=user)
        if recall.hit is not None:
            return _Beginning(question, recall)
        plan = open_plan(question, choice, user=user, request_id=request_id, began=began)
        start_relay(relay, plan)
        return _Beginning(question, recall, plan)

    # All of it may touch the database; one way into a thread and back costs less than one for each.
    beginning = await opened(sync_to_async(begin)(), lambda beginning: beginning.plan, relay)
    question, recall, plan = beginning.question, beginning.recall, beginning.plan
    if plan is None:
        if recall.hit is not None:
            for piece in replay(question, recall.hit, spec.text_of):
                yield piece
            yield StreamEnded(
                await sync_to_async(settle_hit)(question, recall.hit, user=user, request_id=request_id, began=began)
            )
        return
    try:
        async with aclosing(_ask_and_show(plan, spec, inputs, relay)) as events:
            async for event in events:
                if isinstance(event, Outcome):
                    result = await sync_to_async(_settle)(plan, event, recall, spec=spec, inputs=inputs, user=user)
                else:
                    yield event
    except BaseException as error:
        await asyncio.shield(sync_to_async(settle_failure)(plan, error))
        raise
    yield StreamEnded(result)


def estimate(
    spec: TaskSpec[In, Out],
    inputs: In,
    *,
    user: Any = None,
    optimize_cost: bool = False,
    provider: str = AUTO,
    wishes: Wishes | None = None,
) -> list[Quote]:
    """Return what each candidate of the task's route is expected to cost, in the order of asking; calls nobody.

    Raises:
        NoProviderAvailableError: A provider was asked for by name that is not set up.
    """
    question = _question(spec, inputs, user=user)
    choice = choose_candidates(
        spec.task_type, provider=provider, optimize_cost=optimize_cost, wishes=wishes, question=question, user=user
    )
    messages = question.messages() if choice.hosted else ()
    steps = rank(choice, make_steps(question, choice.hosted, messages, messages), question).steps
    quotes = [quote_of(step) for step in steps]
    return [*quotes, *([Quote(EMBEDDED, 0, 0, 0, 0)] if choice.ends_offline else [])]


def select(
    *,
    task_type: TaskType,
    prompt: str = "",
    system: str = "",
    user: Any = None,
    complexity: float | None = None,
    cost_sensitive: bool = False,
    speed_priority: bool = False,
    wishes: Wishes | None = None,
    max_output_tokens: int = FREE_PROMPT_OUTPUT_TOKENS,
) -> Selection:
    """Return who would be asked for a free prompt, in which order, and why; calls nobody.

    Unless `wishes` names a strategy, candidates are ordered by the score of `strategies.scores`: fitness for the complexity
    (estimated from the request where it is not given), cost and speed.

    Args:
        task_type: Decides the route.
        prompt: The prompt; its length counts.
        system: The system message.
        user: Whose call it would be; rules may look at that.
        complexity: How hard the request is, from 0 to 1.
        cost_sensitive: Cost weighs three times as much.
        speed_priority: Speed weighs six times as much.
        wishes: What else the caller wants; the three above go before it.
        max_output_tokens: Bound of the answer.

    Raises:
        UnfitRequestError: The route has candidates, and none of them can do it.
        RequestDeniedError: A rule refuses such requests.
    """
    wishes = wishes or Wishes()
    wishes = replace(
        wishes,
        strategy=wishes.strategy or StrategyName.BALANCED.value,
        complexity=wishes.complexity if complexity is None else complexity,
        cost_sensitive=cost_sensitive or wishes.cost_sensitive,
        speed_priority=speed_priority or wishes.speed_priority,
    )
    question = _free_question(task_type, system, prompt, max_output_tokens, CacheScope.NONE)
    choice = choose_candidates(task_type, wishes=wishes, question=question, user=user)
    if choice.hosted:
        choice = replace(choice, ends_offline=False)
    messages = question.messages()
    return selection_of(choice, rank(choice, make_steps(question, choice.hosted, messages, messages), question))


def _free_question(
    task_type: TaskType,
    system: str,
    prompt: str,
    max_output_tokens: int,
    cache_scope: CacheScope,
    *,
    enrolment: Enrolment | None = None,
) -> Question[str]:
    """Say what a free prompt asks: any text is an answer."""
    messages = (*([Message("system", system)] if system else []), Message("user", prompt))
    return Question(
        task_type,
        messages=lambda: messages,
        accept=lambda answer, _candidate, _journal: answer.text,
        max_output_tokens=max_output_tokens,
        prompt_version=FREE_PROMPT,
        cache_scope=cache_scope,
        is_accepted_at_once=True,
        enrolment=enrolment,
    )


def _question(
    spec: TaskSpec[In, Out], inputs: In, *, user: Any, use_cache: bool = True, variant: str = ""
) -> Question[Out]:
    """Say what a task asks; its prompt is only rendered where somebody is asked."""
    preview = spec.preview or (None if spec.answer_schema else _whole_text)
    enrolment = enrol(spec.task_type, spec.prompt, user)
    prompt = (enrolment.arm.prompt if enrolment else None) or prompt_in_force(spec.prompt)
    return Question(
        spec.task_type,
        messages=cache(lambda: prompt.render(inputs)),
        accept=acceptance(spec, inputs),
        max_output_tokens=spec.max_output_tokens,
        form=answer_form(spec.answer_schema) if spec.answer_schema else None,
        preview=preview if spec.may_stream else None,
        falls_back_on_refusal=spec.falls_back_on_refusal,
        prompt_version=prompt.version,
        cache_scope=spec.cache_scope if use_cache else CacheScope.NONE,
        cache_seconds=spec.cache_seconds,
        variant=variant,
        recheck=kept_acceptance(spec, inputs),
        personal=lambda: personal_values(inputs, spec.personal),
        enrolment=enrolment,
    )


def _whole_text(raw: str) -> str:
    """Show a plain text as it is."""
    return raw


def _settle(
    plan: Plan[Out], outcome: Outcome[Out], recall: Recall[Out], *, spec: TaskSpec[In, Out], inputs: In, user: Any
) -> TaskResult[Out]:
    """Book an answered call, and note it where shadow traffic is to ask it once more."""
    result = settle_success(plan, outcome, recall)
    sample(spec, inputs, plan, outcome, user=user)
    return result


def _ask(plan: Plan[Out], spec: TaskSpec[In, Out], inputs: In) -> Outcome[Out]:
    """Ask the hosted candidates, and then the task's own rules where the plan ends in them."""
    if plan.request.steps:
        try:
            return _ask_hosted(plan)
        except AllProvidersFailedError:
            if not plan.ends_offline:
                raise
    return answer_offline(spec, inputs, plan.journal)


def _ask_hosted(plan: Plan[Out]) -> Outcome[Out]:
    """Run the call act on the process's loop and wait for it."""
    return start_asking(plan.request, plan.journal).wait()


async def _ask_and_show(
    plan: Plan[Out], spec: TaskSpec[In, Out], inputs: In, relay: Relay[Out]
) -> AsyncGenerator[TextDelta | StreamRestarted | Outcome[Out], None]:
    """Yield the text while it is written, and the outcome last."""
    failure: AllProvidersFailedError | None = None
    if plan.request.steps:
        try:
            async with aclosing(_relay_text(plan, spec, relay)) as events:
                async for event in events:
                    yield event
        except AllProvidersFailedError as error:
            failure = error
        else:
            return
    if failure is not None and not plan.ends_offline:
        is_broken_off = isinstance(failure.last, StreamInterruptedError | ProviderTimeoutError)
        outcome = _incomplete(plan, spec, inputs) if is_broken_off else None
        if outcome is None:
            raise failure
        yield outcome
        return
    outcome = await sync_to_async(answer_offline)(spec, inputs, plan.journal)
    if plan.journal.shown:
        yield StreamRestarted(EMBEDDED.provider, EMBEDDED.model)
    for piece in _pieces(spec, outcome):
        yield piece
    yield outcome


async def _relay_text(
    plan: Plan[Out], spec: TaskSpec[In, Out], relay: Relay[Out]
) -> AsyncGenerator[TextDelta | StreamRestarted | Outcome[Out], None]:
    """Yield what the hosted candidates write; a text that may not be shown before it is checked comes at the end."""
    async with aclosing(relay.events()) as events:
        async for event in events:
            if isinstance(event, Outcome) and plan.request.preview is None:
                for piece in _pieces(spec, event):
                    yield piece
            yield event


def _pieces(spec: TaskSpec[In, Out], outcome: Outcome[Out]) -> list[TextDelta]:
    """Cut a finished text into lines."""
    return [TextDelta(line) for line in spec.text_of(outcome.output).splitlines(keepends=True)]


def _incomplete(plan: Plan[Out], spec: TaskSpec[In, Out], inputs: In) -> Outcome[Out] | None:
    """Make what was shown the result, unverified and marked incomplete; None where it is nothing, or cannot be read."""
    journal = plan.journal
    if not journal.shown or journal.shown_by is None:
        return None
    try:
        read, _ = read_answer(spec.answer_schema, journal.raw)
        output = spec.finish(inputs, read)
    except ValueError:
        return None
    return Outcome(output, journal.shown_by, FinishReason.INCOMPLETE, is_complete=False)
