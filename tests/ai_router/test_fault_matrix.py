"""Faults of every kind, alone and in pairs: what the caller gets, that the ledger equals the provider's books, that no hold stays.

Each single fault strikes the first of two models, in a whole answer, before a stream's first text and after it. The embedded
engine stands behind both, unless a provider is asked for by name.
"""

import asyncio
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from ai_router import failures, router
from ai_router.breaker import BreakerState
from ai_router.copies import forget_copies
from ai_router.errors import AllProvidersFailedError
from ai_router.loop import provider_loop
from ai_router.models import Route, RouteCandidate
from ai_router.types import Message, ProviderRequest, StreamRestarted, TaskResult, TextDelta
from careerai import redis_cache
from tests.ai_router.books import assert_books_agree
from tests.ai_router.conftest import OFFLINE_TEXT, Subject
from tests.careerai.test_redis_cache import listening
from tests.providers.simulator import Reply
from tests.statements import before_every_statement, gone
from usage.behind import behind, close_behind
from usage.models import Attempt, Budget, BudgetHold, BudgetWindow, Call

pytestmark = pytest.mark.django_db

SMALL, LARGE = "gpt-5.4-nano", "gpt-5.4-mini"
# Another vendor's, through an SDK, a key and a wire of its own.
OTHER = "claude-haiku-4-5"
GOOD = "Roses are red, violets are blue."
SLOW = 60.0
WHOLE, BEFORE, AFTER = "whole", "before the first text", "after the first text"


@dataclass(frozen=True)
class Fault:
    """A fault, and what the table says of it."""

    error: str
    reply: dict[str, Any]
    modes: tuple[str, ...] = (WHOLE, BEFORE)
    # Who answers then: the same model again, the next model, or the rules.
    then: str = "next"
    in_mode: dict[str, dict[str, Any]] = field(default_factory=dict)
    error_in_mode: dict[str, str] = field(default_factory=dict)


CUT = "StreamInterruptedError"
FAULTS = {
    "reset": Fault("ProviderConnectionError", {"fault": "reset"}, then="again"),
    "stall": Fault("ProviderTimeoutError", {"fault": "stall"}, error_in_mode={BEFORE: "FirstTokenTimeoutError"}),
    "silent": Fault("FirstTokenTimeoutError", {"fault": "silent"}, (BEFORE,)),
    "408": Fault("ProviderTimeoutError", {"status": 408}),
    "504": Fault("ProviderTimeoutError", {"status": 504}),
    "429": Fault("RateLimitError", {"status": 429}),
    "429, a short hint": Fault("RateLimitError", {"status": 429, "headers": {"Retry-After": "0"}}, then="again"),
    "429, a hint beyond the deadline": Fault("RateLimitError", {"status": 429, "headers": {"Retry-After": "900"}}),
    "quota": Fault("ProviderQuotaError", {"status": 429, "code": "insufficient_quota"}, then="rules"),
    "402": Fault("ProviderQuotaError", {"status": 402}, then="rules"),
    "401": Fault("AuthenticationError", {"status": 401}, then="rules"),
    "403": Fault("AuthenticationError", {"status": 403}),
    "404": Fault("ModelNotFoundError", {"status": 404, "code": "model_not_found"}),
    "500": Fault("ProviderUnavailableError", {"status": 500}, then="again"),
    "502, a page": Fault("ProviderUnavailableError", {"status": 502, "fault": "html"}, then="again"),
    "503": Fault("ProviderUnavailableError", {"status": 503}, then="again"),
    "529": Fault("ProviderUnavailableError", {"status": 529}, then="again"),
    "too long": Fault("ContextLengthError", {"status": 400, "code": "context_length_exceeded"}, then="rules"),
    "400": Fault("InvalidRequestError", {"status": 400, "code": "invalid_request_error"}, then="rules"),
    "content": Fault("ContentFilterError", {"status": 400, "code": "content_policy_violation"}),
    "refusal": Fault("RefusalError", {"refusal": "I cannot help with that."}),
    "filtered": Fault("RefusalError", {"finish_reason": "content_filter"}, (WHOLE, AFTER)),
    "empty": Fault("MalformedAnswerError", {"fault": "empty"}, (WHOLE,)),
    "broken JSON": Fault(
        "MalformedAnswerError",
        {"fault": "malformed"},
        (WHOLE, BEFORE, AFTER),
        in_mode={BEFORE: {"pieces": 0}},
        error_in_mode={BEFORE: CUT, AFTER: CUT},
    ),
    "cut": Fault(CUT, {"fault": "cut"}, (BEFORE, AFTER), in_mode={BEFORE: {"pieces": 0}}),
    "silence": Fault(CUT, {"fault": "hang"}, (AFTER,)),
    "no end": Fault(CUT, {"fault": "end"}, (BEFORE, AFTER), in_mode={BEFORE: {"pieces": 0}}),
    "an error in a 200": Fault(CUT, {"fault": "error"}, (BEFORE, AFTER), in_mode={BEFORE: {"pieces": 0}}),
    "verifier": Fault("InvalidOutputError", {"text": "forbidden fruit"}, (WHOLE, AFTER), then="again"),
}
SINGLE = [(name, mode) for name, fault in FAULTS.items() for mode in fault.modes]


@pytest.fixture(autouse=True)
def _no_time_is_lost(monkeypatch):
    monkeypatch.setattr(failures, "BACKOFF_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def budget(db) -> Budget:
    return Budget.objects.create(name="site", limit_nanousd=10**12, is_hard=True)


@pytest.fixture
def two_models(simulator):
    """A route with two models of a provider whose SDK is loaded, and the embedded engine behind them."""
    RouteCandidate.objects.all().delete()
    for task_type in ("cover_letter", "cv_parsing"):
        route, _ = Route.objects.get_or_create(task_type=task_type)
        for position, model in enumerate((SMALL, LARGE), 1):
            RouteCandidate.objects.create(route=route, provider="openai", model=model, position=position)
    load_sdk(simulator)
    return simulator


@pytest.fixture
def two_vendors(two_models, settings):
    """The same with a model of another vendor in the second place, for faults that come in pairs."""
    row = {"api_key": "simulated", "base_url": two_models.url("anthropic"), "model": OTHER}
    settings.AI_PROVIDERS = {**settings.AI_PROVIDERS, "anthropic": row}
    RouteCandidate.objects.filter(position=2).update(provider="anthropic", model=OTHER)
    load_sdk(two_models, "anthropic", OTHER)
    return two_models


def load_sdk(simulator, provider: str = "openai", model: str = SMALL) -> None:
    """Make the first request, which takes seconds, before time limits of one second count."""
    loop = provider_loop()
    adapter = loop.upstream.connections.to(provider, api_key="simulated")
    loop.start(adapter.complete(ProviderRequest(model, (Message("user", "Hello"),), 10))).wait()
    simulator.closed_books()
    simulator.books.clear()


def ask(spec, mode: str = WHOLE, **how) -> tuple[TaskResult[str], str, int]:
    """Return the result, the text that a reader had before their eyes at the end, and how often it began anew."""
    if mode == WHOLE:
        result = router.run(spec, Subject(), **how)
        return result, result.output, 0
    shown, restarts = "", 0
    for event in async_to_sync(read)(router.stream(spec, Subject(), **how)):
        if isinstance(event, TextDelta):
            shown += event.text
        elif isinstance(event, StreamRestarted):
            shown, restarts = "", restarts + 1
        else:
            result = event.result
    return result, shown, restarts


async def read(events) -> list[Any]:
    return [event async for event in events]


def assert_settled(simulator, *, requests: int) -> None:
    """The ledger equals the books, no hold is left, nothing is under way, and not more was asked than this."""
    assert_books_agree(simulator)
    assert len(simulator.books) <= requests
    assert not BudgetHold.objects.exclude(held_nanousd=0).exists()
    windows = list(BudgetWindow.objects.filter(budget__name="site"))
    assert sum(window.held_nanousd for window in windows) == 0
    assert sum(window.spent_nanousd for window in windows) == simulator.billed_nanousd
    assert not any(provider_loop().upstream.keys.in_flight.values())


def tried() -> list[tuple[str, str]]:
    attempts = Attempt.objects.exclude(provider="embedded").order_by("call__created_at", "ordinal")
    return [(attempt.model, attempt.error_class) for attempt in attempts]


@pytest.mark.parametrize(("name", "mode"), SINGLE, ids=[f"{name}: {mode}" for name, mode in SINGLE])
def test_one_fault(name, mode, two_models, spec, settings):
    fault = FAULTS[name]
    if fault.reply.get("fault") in {"stall", "silent", "hang"}:
        settings.AI_ATTEMPT_SECONDS = settings.AI_FIRST_TOKEN_SECONDS = settings.AI_IDLE_SECONDS = 1
    two_models.script(
        Reply(**{"text": GOOD, **fault.reply, **fault.in_mode.get(mode, {})}), Reply(text=GOOD), Reply(text=GOOD)
    )

    result, shown, restarts = ask(spec, mode)

    error = fault.error_in_mode.get(mode, fault.error)
    following = {"again": [(SMALL, "")], "next": [(LARGE, "")], "rules": []}[fault.then]
    assert tried() == [(SMALL, error), *following]
    assert result.model == (following[0][0] if following else "rules")
    assert result.output == shown == (GOOD if following else OFFLINE_TEXT)
    assert restarts == (mode == AFTER)
    assert result.is_complete
    assert Call.objects.get().status == "succeeded"
    assert_settled(two_models, requests=2)


@pytest.fixture(params=["refuses", "is silent"])
def redis_gone(request, settings, unused_tcp_port):
    """A Redis that is not there, or takes the connection and says nothing."""
    redis_cache._away_until.clear()
    backend = "careerai.redis_cache.SteadyRedisCache"
    if request.param == "refuses":
        address = f"redis://127.0.0.1:{unused_tcp_port}/0"
        settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": address}}
        yield
    else:
        with listening() as (address, _):
            settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": address}}
            yield
    redis_cache._away_until.clear()


@pytest.mark.parametrize("mode", [WHOLE, AFTER])
def test_a_provider_that_fails_and_redis_gone(mode, two_vendors, redis_gone, spec, settings):
    settings.REDIS_URL = settings.CACHES["default"]["LOCATION"]
    two_vendors.script(
        Reply(text=GOOD, status=504) if mode == WHOLE else Reply(text=GOOD, fault="cut"), Reply(text=GOOD)
    )
    began = time.monotonic()

    result, shown, _ = ask(spec, mode)

    assert (result.output, shown, result.model) == (GOOD, GOOD, OTHER)
    assert time.monotonic() - began < 10
    assert_settled(two_vendors, requests=2)


def test_everybody_down_and_redis_gone(two_vendors, redis_gone, spec):
    two_vendors.defaults = Reply(status=503)

    result, _, _ = ask(spec)

    assert result.output == OFFLINE_TEXT
    assert_settled(two_vendors, requests=3)


def test_a_slow_database_and_a_reader_who_is_gone(two_models, spec):
    # One piece: what is on its way to a reader who leaves is sent, and not received.
    two_models.script(Reply(text=GOOD, fault="hang", pieces=1))

    async def look_and_leave() -> None:
        events = router.stream(spec, Subject())
        await anext(events)
        await events.aclose()

    with before_every_statement(lambda: time.sleep(0.02)):
        async_to_sync(look_and_leave)()

    assert Call.objects.get().status == "cancelled"
    assert_settled(two_models, requests=1)


def test_a_reader_who_leaves_during_a_restart(two_models, spec):
    two_models.script(Reply(text=GOOD, fault="cut"), Reply(text=GOOD, delay_seconds=SLOW))

    async def leave_at_the_second() -> None:
        events = router.stream(spec, Subject())
        async for _event in events:
            if len(two_models.books) == 2:
                break
        await events.aclose()

    async def leave_while_nothing_comes() -> None:
        reading = asyncio.ensure_future(leave_at_the_second())
        while len(two_models.books) < 2:
            await asyncio.sleep(0.01)
        reading.cancel()
        await asyncio.wait({reading})

    async_to_sync(leave_while_nothing_comes)()

    assert [model for model, _ in tried()] == [SMALL, LARGE]
    assert Call.objects.get().status == "cancelled"
    assert_settled(two_models, requests=2)


def test_a_reader_who_leaves_twice(two_models, spec):
    two_models.script(Reply(text=GOOD, fault="hang", pieces=1))

    async def leave_and_be_stopped_while_leaving() -> None:
        events = router.stream(spec, Subject())
        await anext(events)
        leaving = asyncio.ensure_future(events.aclose())
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait({leaving})

    async_to_sync(leave_and_be_stopped_while_leaving)()

    assert [model for model, _ in tried()] == [SMALL]
    assert Call.objects.get().status == "cancelled"
    assert_settled(two_models, requests=1)


@pytest.mark.parametrize("mode", ["available", "fast"])
@pytest.mark.django_db(transaction=True)
def test_the_database_gone_between_opening_and_settling(mode, two_vendors, spec, settings):
    settings.AI_LEDGER = mode
    two_vendors.script(Reply(text=GOOD, status=504), Reply(text=GOOD))
    with ExitStack() as stack:

        def finish(_inputs, answer) -> str:
            stack.enter_context(before_every_statement(gone))
            return str(answer)

        result, _, _ = ask(replace(spec, finish=finish))

    assert result.output == GOOD
    assert behind().flush()
    close_behind()
    assert_settled(two_vendors, requests=2)


def test_a_dead_key_and_a_tired_one(two_models, spec, settings):
    settings.AI_PROVIDER_KEYS = {"openai": ["second", "third"]}
    two_models.script(
        Reply(status=401), Reply(status=429, headers={"Retry-After": "60"}), Reply(text=GOOD), Reply(text="Once more.")
    )

    first, _, _ = ask(spec)
    second, _, _ = ask(spec)

    assert (first.output, second.output) == (GOOD, "Once more.")
    assert tried() == [(SMALL, "AuthenticationError"), (SMALL, "RateLimitError"), (SMALL, ""), (SMALL, "")]
    assert_settled(two_models, requests=4)


def test_all_keys_dead_for_a_model_and_the_other_model_limited(two_models, spec, settings):
    settings.AI_PROVIDER_KEYS = {"openai": ["second"]}
    two_models.script(Reply(status=403), Reply(status=403), Reply(status=429), Reply(status=429))

    result, _, _ = ask(spec)

    assert result.output == OFFLINE_TEXT
    assert tried() == [(SMALL, "AuthenticationError")] * 2 + [(LARGE, "RateLimitError")] * 2
    assert_settled(two_models, requests=4)


@pytest.mark.parametrize("mode", [WHOLE, BEFORE])
def test_both_candidates_hang(mode, two_models, spec, settings):
    settings.AI_ATTEMPT_SECONDS = settings.AI_FIRST_TOKEN_SECONDS = 1
    two_models.script(Reply(fault="stall"), Reply(fault="stall"))

    result, shown, _ = ask(spec, mode)

    assert result.output == shown == OFFLINE_TEXT
    assert_settled(two_models, requests=2)


def test_both_candidates_hang_while_they_race(two_models, spec, settings):
    settings.AI_ATTEMPT_SECONDS = 1
    settings.AI_HEDGE_SECONDS = 0.1
    two_models.script(Reply(fault="stall"), Reply(fault="stall"))

    result, _, _ = ask(spec)

    assert result.output == OFFLINE_TEXT
    assert_settled(two_models, requests=2)


def test_the_deadline_ends_everything(two_models, spec, settings):
    settings.AI_DEADLINE_SECONDS = 1
    two_models.script(Reply(fault="stall"), Reply(text=GOOD))
    began = time.monotonic()

    result, _, _ = ask(spec)

    assert result.output == OFFLINE_TEXT
    assert time.monotonic() - began < 8
    assert_settled(two_models, requests=1)


def test_a_helper_that_wins_and_is_cut_after_the_first_text(two_models, spec, settings):
    settings.AI_HEDGE_SECONDS = 0.1
    two_models.script(
        Reply(text="late", delay_seconds=SLOW), Reply(text=GOOD, fault="cut"), Reply(text="Lilies are white.")
    )

    result, shown, restarts = ask(spec, AFTER)

    assert (result.output, shown, restarts) == ("Lilies are white.", "Lilies are white.", 1)
    assert tried() == [(SMALL, "LostToHedge"), (LARGE, CUT), (SMALL, "")]
    assert_settled(two_models, requests=3)


def test_everybody_cut_after_the_first_text_and_no_rules(simulator, spec):
    load_sdk(simulator)
    simulator.script(Reply(text=GOOD, fault="cut"))

    result, shown, _ = ask(spec, AFTER, provider="openai")

    assert (result.is_complete, result.finish_reason, result.output) == (False, "incomplete", "Roses are red, ")
    assert shown == result.output
    assert Call.objects.get().status == "incomplete"
    assert_settled(simulator, requests=1)


def test_an_open_breaker_and_an_empty_budget(two_models, spec, budget):
    two_models.defaults = Reply(status=500)
    for _ in range(5):
        ask(spec)
    states = {candidate.model: breaker.state for (candidate, _), breaker in provider_loop().upstream.breakers.items()}
    asked = len(two_models.books)
    Budget.objects.filter(pk=budget.pk).update(limit_nanousd=1)
    forget_copies()

    result, _, _ = ask(spec)

    assert states == {SMALL: BreakerState.OPEN, LARGE: BreakerState.OPEN}
    assert result.output == OFFLINE_TEXT
    assert len(two_models.books) == asked
    assert_settled(two_models, requests=asked)


def test_an_open_breaker_is_passed_over_and_said_so(two_models, spec):
    two_models.script(*[reply for _ in range(5) for reply in (Reply(status=504), Reply(text=GOOD))])
    for _ in range(2):
        ask(spec)
    two_models.replies.clear()
    two_models.script(Reply(text=GOOD))

    result, _, _ = ask(spec)

    assert result.model == LARGE
    assert [f"openai/{SMALL}", "circuit breaker is open"] in Call.objects.get(id=result.call_id).decision["passed_over"]
    assert_settled(two_models, requests=5)


def test_an_open_breaker_is_asked_where_nobody_else_can_answer(simulator, spec):
    load_sdk(simulator)
    simulator.defaults = Reply(status=504)
    for _ in range(3):
        with pytest.raises(AllProvidersFailedError):
            ask(spec, provider="openai")
    simulator.defaults = Reply(text=GOOD)

    result, _, _ = ask(spec, provider="openai")

    assert result.output == GOOD
    assert len(simulator.books) == 4
    assert_books_agree(simulator)


@pytest.mark.parametrize("mode", [WHOLE, AFTER])
def test_an_answer_of_a_hundred_megabytes_is_none(mode, two_models, spec):
    two_models.script(Reply(text=GOOD, size_bytes=150_000_000), Reply(text=GOOD))

    result, shown, _ = ask(spec, mode)

    call = Call.objects.get()
    assert (result.output, shown, result.model) == (GOOD, GOOD, LARGE)
    assert tried()[0] == (SMALL, "MalformedAnswerError")
    assert call.status == "succeeded"
    # Of a stream that is left, no more is booked than the bound of its answer.
    assert mode == WHOLE or call.cost_nanousd <= call.held_nanousd


@pytest.mark.parametrize("status", [503, 504, 429])
@pytest.mark.parametrize("ends_offline", [True, False])
def test_a_full_outage_is_not_made_worse(status, ends_offline, two_models, spec):
    """At most 1.15 requests for each call, however many candidates there are."""
    two_models.defaults = Reply(status=status)
    calls = 60

    for _ in range(calls):
        if ends_offline:
            assert ask(spec)[0].output == OFFLINE_TEXT
        else:
            with pytest.raises(AllProvidersFailedError):
                router.generate(task_type=spec.task_type, prompt="Write.", max_output_tokens=50)

    assert len(two_models.books) <= 1.15 * calls
    assert Call.objects.count() == calls
    assert not any(provider_loop().upstream.keys.in_flight.values())


def test_the_first_calls_of_a_process_do_not_make_an_outage_worse_either(simulator, spec):
    load_sdk(simulator)
    simulator.defaults = Reply(status=503)

    for _ in range(20):
        ask(spec)

    assert len(simulator.books) <= 1.15 * 20
