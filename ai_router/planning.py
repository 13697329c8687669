"""The first act of a call: decide who may answer, what it may cost at most, and write its line in the ledger."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic
from uuid import UUID, uuid4

from django.conf import settings

from ai_router import traces
from ai_router.errors import PrivacyError
from ai_router.experiments import Enrolment
from ai_router.forecast import Exchange, forecast_output
from ai_router.freezes import token_of
from ai_router.limits import Admission, admit, admit_beside
from ai_router.modelbook import facts_in_force
from ai_router.pricebook import Tariff, price_of, tariff_of
from ai_router.pricing import Prices
from ai_router.privacy import Veil
from ai_router.providers import leaves_the_site, load_adapter
from ai_router.ranking import Ranking, rank
from ai_router.routing import EMBEDDED, Choice
from ai_router.service_tiers import BATCH
from ai_router.steps import Accept, CallRequest, Journal, Limits, Step
from ai_router.sticky import BEGINNINGS
from ai_router.token_ratios import read_count
from ai_router.tokens import Count, Reading, count_parts, encoding_of
from ai_router.types import (
    AnswerForm,
    CacheScope,
    Candidate,
    Message,
    Out,
    PersonalKind,
    ProviderAnswer,
    Quote,
    Sampling,
    TaskType,
    Terms,
    Tool,
)
from usage import tracing
from usage.errors import BudgetExceededError
from usage.ledger import open_call
from usage.types import BY_BUDGET, BudgetAction, TokenUsage

logger = logging.getLogger(__name__)

# A call whose process died is settled by the reconciler once this has passed, and twice the deadline of a call.
MIN_HOLD_SECONDS = 900
# What vendors add to a request is not published, so a hold is a little larger than our count.
HOLD_MARGIN_TOKENS = 64
HOLD_MARGIN_SHARE = 0.05
# A repair sends the answer back, with at most this many tokens of what is wrong with it.
REPAIR_TOKENS = 1_000
# For so many output tokens the price of the output is compared with that of the input.
WEIGHED_TOKENS = 1_000


@dataclass(frozen=True, slots=True)
class Question(Generic[Out]):
    """What is to be asked, before it is known of whom.

    `recheck` does what `accept` does, to a kept answer; `variant` tells requests apart that are otherwise the same;
    `is_accepted_at_once` says that `accept` takes no time worth a thread of its own; `enrolment` is its arm of an experiment;
    `is_foreign` says that another program brings the form, the tools and the words that end the answer.
    """

    task_type: TaskType
    messages: Callable[[], tuple[Message, ...]]
    accept: Accept[Out]
    max_output_tokens: int
    is_bound_total: bool = False
    form: AnswerForm | None = None
    preview: Callable[[str], str] | None = None
    falls_back_on_refusal: bool = True
    prompt_version: str = ""
    personal: Callable[[], Sequence[tuple[PersonalKind, str]]] = tuple
    tools: tuple[Tool, ...] = ()
    tool_choice: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    may_restart: bool = True
    cache_scope: CacheScope = CacheScope.NONE
    cache_seconds: int | None = None
    variant: str = ""
    recheck: Callable[[ProviderAnswer, Candidate], Out] | None = None
    is_accepted_at_once: bool = False
    enrolment: Enrolment | None = None
    is_foreign: bool = False


@dataclass(slots=True)
class Plan(Generic[Out]):
    """An opened call: what is asked of whom in which order, and what may be spent on it.

    `has_owner` says that it is a person's, or made beside a person's, who can read what left for it.
    """

    call_id: UUID
    request: CallRequest[Out]
    ends_offline: bool
    held_nanousd: int
    decision: dict[str, Any]
    journal: Journal = field(default_factory=Journal)
    began: float = field(default_factory=time.monotonic)
    opened: float = field(default_factory=time.monotonic)
    has_owner: bool = True
    trace: Any = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What marks a call that the site makes for itself beside another one, in the ledger and for budgets."""

    purpose: str
    shadow_of_id: UUID


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """How a call is held that goes into a batch of its only candidate's provider.

    It costs what the provider's batches cost at `opened_at`, is asked once, and is not counted against limits per minute:
    providers have a queue of their own for batches. `is_open` says that its line is written already.
    """

    call_id: UUID
    key: str
    opened_at: datetime
    expires_at: datetime
    is_open: bool = False


def open_plan(
    question: Question[Out],
    choice: Choice,
    *,
    user: Any,
    request_id: str,
    began: float | None = None,
    beside: Beside | None = None,
    batch: BatchTerms | None = None,
) -> Plan[Out]:
    """Hold the worst-case cost and write the call's line.

    Where a budget has no room for all candidates, the dearest is left out, and so on down to the embedded engine. `began`
    is the moment of the monotonic clock in which the caller came. What is asked `beside` another call is in no limit of people,
    tasks or the site. `batch` says how it goes into one.

    Raises:
        UserRateLimitedError: A limit of the person, the task or the site is reached; nothing was counted or written.
        BudgetExceededError: A hard budget leaves no room for any candidate; nothing was written.
    """
    began = time.monotonic() if began is None else began
    call_id = batch.call_id if batch else uuid4()
    messages = question.messages() if choice.hosted else ()
    choice, veil, veiled, veiled_terms = _hide_personal_data(question, choice, messages)
    steps = make_steps(question, choice.hosted, messages, veiled, veiled_terms=veiled_terms)
    if batch:
        steps = [as_batched(step, at=batch.opened_at) for step in steps]
    ranking = rank(choice, steps, question, call_id=str(call_id))
    steps, decision = ranking.steps, _decision(choice, ranking)
    if steps:
        # In this thread: on the loop, an import would hold up all other calls.
        load_adapter(steps[0].candidate.provider)
    held, admission = _admit_and_hold(
        steps,
        ends_offline=choice.ends_offline,
        decision=decision,
        line={
            "call_id": call_id,
            "user_id": getattr(user, "pk", None),
            "token_id": token_of(user),
            "task_type": question.task_type,
            "expires_at": datetime.now(UTC)
            + timedelta(seconds=max(MIN_HOLD_SECONDS, 2 * settings.AI_DEADLINE_SECONDS)),
            "prompt_version": question.prompt_version,
            "request_id": request_id,
            **({"purpose": beside.purpose, "shadow_of_id": beside.shadow_of_id} if beside else {}),
        },
        batch=batch,
    )
    trace = traces.begin(call_id, question.task_type, began=began, prompt_version=question.prompt_version)
    request = CallRequest(
        call_id=str(call_id),
        trace_parent=tracing.header(trace) if trace is not None else "",
        task_type=question.task_type,
        ends_offline=choice.ends_offline,
        messages=messages,
        veil=veil,
        veiled_messages=veiled,
        steps=tuple(steps),
        accept=question.accept,
        form=question.form,
        preview=question.preview,
        falls_back_on_refusal=question.falls_back_on_refusal,
        tools=question.tools,
        tool_choice=question.tool_choice,
        sampling=question.sampling,
        may_restart=question.may_restart,
        is_accepted_at_once=question.is_accepted_at_once,
        prefixes=ranking.prefixes,
        is_beginning_known=BEGINNINGS.knows(ranking.prefixes),
        limits=call_limits(),
        admission=admission,
        veiled_terms=veiled_terms,
    )
    has_owner = beside is not None or getattr(user, "pk", None) is not None
    return Plan(call_id, request, choice.ends_offline, held, decision, began=began, has_owner=has_owner, trace=trace)


def call_limits() -> Limits:
    """Return the time limits of a call, as the site has set them."""
    return Limits(
        deadline=settings.AI_DEADLINE_SECONDS,
        attempt=settings.AI_ATTEMPT_SECONDS,
        first_token=settings.AI_FIRST_TOKEN_SECONDS,
        idle=settings.AI_IDLE_SECONDS,
        hedge=settings.AI_HEDGE_SECONDS,
    )


def make_steps(
    question: Question[Any],
    candidates: Sequence[Candidate],
    messages: Sequence[Message],
    veiled_messages: Sequence[Message],
    *,
    veiled_terms: Terms | None = None,
) -> list[Step]:
    """Count and price the request for each candidate, as it is sent to that one."""
    plain_terms = Terms(question.form, question.tools)
    counts: dict[tuple[bool, str], Count] = {}
    steps = []
    for candidate in candidates:
        is_veiled = needs_veil(candidate.provider)
        encoding = encoding_of(candidate.provider, candidate.model)
        count = counts.get((is_veiled, encoding))
        if count is None:
            outgoing = veiled_messages if is_veiled else messages
            terms = (veiled_terms if is_veiled else None) or plain_terms
            count = count_parts(outgoing, form=terms.form, tools=terms.tools, encoding=encoding)
            counts[is_veiled, encoding] = count
        sent = read_count(count, candidate, is_structured=bool(question.form or question.tools))
        steps.append(_make_step(question, candidate, tariff_of(candidate), sent, is_veiled=is_veiled))
    return steps


def _hide_personal_data(
    question: Question[Any], choice: Choice, messages: tuple[Message, ...]
) -> tuple[Choice, Veil, tuple[Message, ...], Terms | None]:
    """Put placeholders into the messages and, where another program brings them, into what goes out beside them.

    Where that fails, those who may not see the data are not asked.

    Raises:
        PrivacyError: Nobody is left to ask.
    """
    if not any(needs_veil(candidate.provider) for candidate in choice.hosted):
        return choice, Veil(), messages, None
    veil = Veil(question.personal())
    try:
        terms = None
        if question.is_foreign:
            terms = veil.hide_terms(Terms(question.form, question.tools, question.sampling.stop), messages)
        return choice, veil, veil.hide(messages), terms
    except PrivacyError:
        trusted = tuple(candidate for candidate in choice.hosted if not needs_veil(candidate.provider))
        if not trusted and not choice.ends_offline:
            raise
        logger.warning("ai_privacy: personal data could not be hidden; only this site's own engines were asked")
        refused = tuple(
            (str(candidate), "personal data could not be hidden")
            for candidate in choice.hosted
            if candidate not in trusted
        )
        return replace(choice, hosted=trusted, passed_over=(*choice.passed_over, *refused)), Veil(), messages, None


def needs_veil(provider: str) -> bool:
    """Whether a provider gets placeholders: all do, but for those on the site's own machines and those the site exempts."""
    return settings.AI_PRIVACY and provider not in settings.AI_PRIVACY_EXEMPT and leaves_the_site(provider)


def quote_of(step: Step) -> Quote:
    """Return what a candidate is expected to cost, for the reader."""
    most = None if step.expected_nanousd is None else step.held_nanousd
    return Quote(step.candidate, step.expected_nanousd, step.low_nanousd, step.high_nanousd, most)


def _make_step(
    question: Question[Any],
    candidate: Candidate,
    tariff: Tariff,
    sent: Reading,
    *,
    is_veiled: bool,
) -> Step:
    prices = tariff.prices
    facts = facts_in_force(candidate)
    bound = question.max_output_tokens + (0 if question.is_bound_total else facts.reasoning_allowance)
    forecast = forecast_output(
        task_type=question.task_type,
        prompt_version=question.prompt_version,
        candidate=candidate,
        bound=bound,
        input_weight=lambda: _input_weight(prices, sent.expected),
    )
    return Step(
        candidate=candidate,
        prices=prices,
        input_tokens=sent.expected,
        max_output_tokens=bound,
        context_window=facts.context_window,
        reasoning_effort=facts.reasoning_effort,
        low_nanousd=_cost_of(prices, sent.expected, forecast.low),
        expected_nanousd=_cost_of(prices, sent.expected, forecast.expected),
        high_nanousd=_cost_of(prices, sent.expected, forecast.high),
        held_nanousd=max(_held_for(each, sent.at_most, bound) for each in (prices, *tariff.others)),
        expected_output_tokens=forecast.expected.written,
        is_veiled=is_veiled,
        service_tier=tariff.asked,
        facts=facts,
        reading=sent,
    )


def as_batched(step: Step, *, at: datetime | None = None) -> Step:
    """Return what a step costs in a batch of its provider's, at a moment (default: now); nobody repairs an answer there."""
    prices = price_of(step.candidate.provider, step.candidate.model, tier=BATCH, at=at)
    sent = _with_margin(step.most_input_tokens)
    return replace(
        step,
        prices=prices,
        low_nanousd=None,
        expected_nanousd=_cost(prices, step.input_tokens, step.expected_output_tokens),
        high_nanousd=None,
        held_nanousd=_dearest(prices or ceiling_prices(), sent, step.max_output_tokens),
        service_tier="",
    )


def _held_for(prices: Prices | None, sent: int, bound: int) -> int:
    """Return what is held for a candidate; where its price is unknown, what it costs at the site's ceiling."""
    known = _worst_case(prices, sent, bound)
    if known is not None:
        return known
    return _worst_case(ceiling_prices(), sent, bound) or 0


def ceiling_prices() -> Prices:
    """Return what is held by where a price is unknown."""
    ceiling = ((0, Decimal(settings.AI_UNPRICED_USD_PER_MILLION)),)
    return Prices(input=ceiling, output=ceiling, source="ceiling")


def _worst_case(prices: Prices | None, sent: int, bound: int) -> int | None:
    """Return the most that a candidate can cost: its answer at full length, sent back for repair, at full length again."""
    sent = _with_margin(sent)
    first, second = _dearest(prices, sent, bound), _dearest(prices, sent + bound + REPAIR_TOKENS, bound)
    return None if first is None or second is None else first + second


def _with_margin(sent: int) -> int:
    return round(sent * (1 + HOLD_MARGIN_SHARE)) + HOLD_MARGIN_TOKENS


def _dearest(prices: Prices | None, sent: int, written: int) -> int | None:
    """Return the cost where all of the input is billed as written to the provider's cache, if that is dearer."""
    plain = _cost(prices, sent, written)
    if plain is None or prices is None or not prices.cache_write:
        return plain
    return max(plain, prices.cost(TokenUsage(cache_write_tokens=sent, output_tokens=written)) or 0)


def _cost_of(prices: Prices | None, sent: int, exchange: Exchange) -> int | None:
    """Return what an exchange costs whose input has so many tokens; what a repair sends is a request of its own."""
    once = _cost(prices, sent, exchange.written)
    again = round(sent * (exchange.times_sent - 1))
    return once if once is None or not again else once + (_cost(prices, again, 0) or 0)


def _input_weight(prices: Prices | None, sent: int) -> float:
    """Return how many output tokens cost as much as an input of so many tokens; their number where a price is unknown."""
    once, written = _cost(prices, sent, 0), _cost(prices, 0, WEIGHED_TOKENS)
    return float(sent) if once is None or not written else WEIGHED_TOKENS * once / written


def _cost(prices: Prices | None, sent: int, written: int) -> int | None:
    return prices.cost(TokenUsage(input_tokens=sent, output_tokens=written)) if prices else None


def _admit_and_hold(
    steps: list[Step],
    *,
    ends_offline: bool,
    decision: dict[str, Any],
    line: dict[str, Any],
    batch: BatchTerms | None,
) -> tuple[int, Admission | None]:
    """Count the call against the limits, then hold its cost; one that asks nobody in the end is not counted."""
    if batch:
        return _hold_for_batch(steps, batch, decision=decision, line=line), None
    admission = _admit(steps, line) if steps else None
    try:
        held = _hold(steps, ends_offline=ends_offline, decision=decision, line=line)
    except BaseException:
        if admission:
            admission.cancel()
        raise
    if admission and not steps:
        admission.cancel()
    return held, admission


def _hold_for_batch(steps: list[Step], batch: BatchTerms, *, decision: dict[str, Any], line: dict[str, Any]) -> int:
    """Hold what the request may cost in its batch, unless that was done before."""
    decision["batch"] = batch.key
    if not batch.is_open:
        return _hold(
            steps,
            ends_offline=False,
            decision=decision,
            line=line | {"expires_at": batch.expires_at, "is_shared": True},
        )
    decision["held_nanousd"] = held = sum(step.held_nanousd or 0 for step in steps)
    return held


def _admit(steps: Sequence[Step], line: Mapping[str, Any]) -> Admission:
    """Let the call in by what its first candidate is thought to need; local rules are asked without limit."""
    if "purpose" in line:
        return admit_beside()
    tokens = steps[0].input_tokens + steps[0].expected_output_tokens
    return admit(user_id=line["user_id"], task_type=line["task_type"], tokens=tokens)


def _hold(steps: list[Step], *, ends_offline: bool, decision: dict[str, Any], line: dict[str, Any]) -> int:
    """Write the line with a hold for all candidates; left-out ones are taken from `steps`. Returns what is held."""
    is_saving = False
    while True:
        held = sum(step.held_nanousd or 0 for step in steps)
        decision["held_nanousd"] = held
        try:
            open_call(
                held_nanousd=held, decision=decision, providers=_held_by_provider(steps), is_saving=is_saving, **line
            )
        except BudgetExceededError as error:
            if error.action == BudgetAction.DOWNGRADE:
                is_saving = True
                _ask_cheapest_first(steps, decision, error)
            else:
                _leave_out(steps, decision, error, ends_offline=ends_offline)
        else:
            return held


def _ask_cheapest_first(steps: list[Step], decision: dict[str, Any], error: BudgetExceededError) -> None:
    """Put who is expected to cost least first; unknown prices last."""
    steps.sort(key=lambda step: (step.expected_nanousd is None, step.expected_nanousd or 0))
    places = {str(step.candidate): place for place, step in enumerate(steps)}
    decision["candidates"].sort(key=lambda one: places.get(one["candidate"], len(places)))
    decision["saving"] = error.budget_name


def _leave_out(steps: list[Step], decision: dict[str, Any], error: BudgetExceededError, *, ends_offline: bool) -> None:
    """Take from the steps whom the budget leaves no room for: the dearest one, or all that it is about.

    Raises:
        BudgetExceededError: Nobody is left; or the budget wants that nobody free stands in for who would have been paid.
    """
    at_fault = [step for step in steps if step.candidate.provider == error.provider] or steps
    if error.is_quota:
        gone = list(at_fault)
    elif error.is_used_up:
        gone = [max(at_fault, key=lambda step: step.held_nanousd or 0)] if at_fault else []
    else:
        gone = [step for step in at_fault if step.held_nanousd]
    left = [step for step in steps if step not in gone]
    is_free = not any(step.held_nanousd for step in left)
    if not gone or not (left or ends_offline) or (error.action == BudgetAction.STOP and is_free and steps[0] in gone):
        raise error
    decision["passed_over"] += [[str(step.candidate), f"{BY_BUDGET}{error.budget_name!r}"] for step in gone]
    steps[:] = left


def _held_by_provider(steps: Sequence[Step]) -> dict[str, int]:
    """Return the most that each provider can cost."""
    held: dict[str, int] = {}
    for step in steps:
        held[step.candidate.provider] = held.get(step.candidate.provider, 0) + (step.held_nanousd or 0)
    return held


def _decision(choice: Choice, ranking: Ranking) -> dict[str, Any]:
    """Record why these candidates, in this order, and what each was thought to cost."""
    candidates = [
        {
            "candidate": str(step.candidate),
            "input_tokens": step.input_tokens,
            **({"counted": step.reading.counted} if step.reading and step.reading.counted else {}),
            "expected_nanousd": step.expected_nanousd,
            "held_nanousd": step.held_nanousd,
            **({} if step.facts.is_known else {"facts": "unknown"}),
            **({"why": ranking.reasons[str(step.candidate)]} if str(step.candidate) in ranking.reasons else {}),
        }
        for step in ranking.steps
    ]
    if choice.ends_offline:
        candidates.append({"candidate": str(EMBEDDED), "expected_nanousd": 0, "held_nanousd": 0})
    return {
        "strategy": str(choice.strategy),
        **({"rule": choice.rule} if choice.rule else {}),
        **({"experiment": choice.experiment} if choice.experiment else {}),
        "candidates": candidates,
        "passed_over": [list(pair) for pair in (*choice.passed_over, *ranking.passed_over)],
    }
