"""A slow candidate is helped by another one; both are booked, and the extra cost is bounded."""

import asyncio
import time
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from celery.signals import worker_process_shutdown
from django.utils import timezone

from ai_router import hedging, router
from ai_router.breaker import Breaker
from ai_router.failures import HANG
from ai_router.hedging import FLOOR_SECONDS, Hedging, Loss
from ai_router.keys import Key
from ai_router.loop import close_provider_loop, provider_loop
from ai_router.models import Route, RouteCandidate
from ai_router.types import Candidate, Message, ProviderRequest, StreamRestarted, TextDelta
from ai_router.upstream import Line, Upstream
from tests.ai_router.books import assert_books_agree
from tests.ai_router.conftest import OFFLINE_TEXT, Subject
from tests.providers.simulator import Reply
from usage.behind import behind, close_behind
from usage.ledger import reconcile_expired_calls
from usage.models import Attempt, BudgetHold, Call

SMALL, LARGE = "gpt-5.4-nano", "gpt-5.4-mini"
SLOW = 30.0
# Long enough for a hedge to win, and short enough to wait for.
LATE = 0.6
GOOD = "Roses are red, violets are blue."


@pytest.fixture
def two_models(db, simulator, settings):
    """A route with two models, and hedging after a tenth of a second, for which there is an allowance."""
    settings.AI_HEDGE_SECONDS = 0.1
    RouteCandidate.objects.all().delete()
    for task_type in ("cover_letter", "cv_parsing"):
        route, _ = Route.objects.get_or_create(task_type=task_type)
        for position, model in enumerate((SMALL, LARGE), 1):
            RouteCandidate.objects.create(route=route, provider="openai", model=model, position=position)
    # The first request of a process loads the SDK, which takes longer than a hedge waits.
    loop = provider_loop()
    provider = loop.upstream.connections.to("openai", api_key="simulated")
    loop.start(provider.complete(ProviderRequest(SMALL, (Message("user", "Hello"),), 10))).wait()
    simulator.closed_books()
    simulator.books.clear()
    allow(5.0)
    return simulator


def allow(hedges: float) -> None:
    provider_loop().upstream.hedging.allowance._balance = hedges


def tried() -> list[tuple[str, str, str]]:
    return [(a.model, a.status, a.error_class) for a in Attempt.objects.order_by("ordinal")]


def settle(simulator) -> None:
    """Wait until those who have lost have come to their end, and what they used is in the ledger."""
    simulator.closed_books()
    deadline = time.monotonic() + 5
    while Call.objects.filter(status="open").exists() or provider_loop().upstream.hedging.losers:
        assert time.monotonic() < deadline
        behind().flush()
        time.sleep(0.01)
    close_behind()
    assert_books_agree(simulator)


@pytest.mark.django_db(transaction=True)
def test_a_slow_candidate_is_helped_by_the_next(two_models, spec):
    two_models.script(Reply(text="late, and at length", delay_seconds=LATE), Reply(text=GOOD))

    result = router.run(spec, Subject())

    assert (result.output, result.model) == (GOOD, LARGE)
    # The answer does not wait for the one that has lost; what that one costs is held until it is known.
    assert [attempt.model for attempt in result.attempts] == [LARGE]
    assert Call.objects.get().status == "open"
    settle(two_models)
    assert tried() == [(SMALL, "cancelled", "LostToHedge"), (LARGE, "succeeded", "")]
    call = Call.objects.get()
    assert (call.status, call.is_estimated, call.model) == ("succeeded", False, LARGE)
    assert call.latency_ms < 1_000 * LATE
    assert not BudgetHold.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_is_first_wins_and_the_helper_is_booked(two_models, spec):
    two_models.script(Reply(text=GOOD, delay_seconds=0.3), Reply(text="late", delay_seconds=LATE))

    result = router.run(spec, Subject())

    assert (result.output, result.model) == (GOOD, SMALL)
    settle(two_models)
    assert tried() == [(SMALL, "succeeded", ""), (LARGE, "cancelled", "LostToHedge")]
    assert not Call.objects.get().is_estimated


@pytest.mark.django_db(transaction=True)
def test_one_that_fails_after_it_has_lost_is_written_down_as_that(two_models, spec):
    two_models.script(Reply(status=500, delay_seconds=LATE), Reply(text=GOOD))

    result = router.run(spec, Subject())

    assert result.model == LARGE
    settle(two_models)
    assert tried() == [(SMALL, "failed", "ProviderUnavailableError"), (LARGE, "succeeded", "")]


@pytest.mark.django_db
def test_one_for_whom_there_is_no_room_is_closed_and_booked_at_the_most(two_models, spec, monkeypatch):
    monkeypatch.setattr("ai_router.racing.MOST_LOSERS", 0)
    two_models.script(Reply(text="late", delay_seconds=SLOW), Reply(text=GOOD))

    router.run(spec, Subject())

    call = Call.objects.get()
    assert tried() == [(SMALL, "cancelled", "LostToHedge"), (LARGE, "succeeded", "")]
    assert Attempt.objects.get(model=SMALL).output_tokens >= spec.max_output_tokens
    assert two_models.billed_nanousd < call.cost_nanousd <= call.held_nanousd
    assert call.is_estimated


def test_a_process_that_ends_settles_what_has_lost(two_models, transactional_db, spec, settings):
    """Closing the loop books it at the most, and leaves the line to the spool; nothing stays open."""
    two_models.script(Reply(text="late", delay_seconds=SLOW), Reply(text=GOOD))
    router.run(spec, Subject())

    close_provider_loop()
    close_behind()

    call = Call.objects.get()
    assert (call.status, call.is_estimated) == ("succeeded", True)
    assert two_models.billed_nanousd <= call.cost_nanousd <= call.held_nanousd


def test_a_child_of_the_worker_that_ends_settles_what_has_lost(two_models, transactional_db, spec):
    """It ends without what is registered for the exit of a process."""
    two_models.script(Reply(text="late", delay_seconds=SLOW), Reply(text=GOOD))
    router.run(spec, Subject())

    worker_process_shutdown.send(sender=None, pid=1, exitcode=0)

    call = Call.objects.get()
    assert (call.status, call.is_estimated) == ("succeeded", True)
    assert two_models.billed_nanousd <= call.cost_nanousd <= call.held_nanousd


def test_what_a_killed_process_left_open_counts_as_held_and_no_less_than_was_billed(
    two_models, transactional_db, spec, monkeypatch
):
    """Of an answer that was given while a slower one was under way nothing is on record until that one has ended."""
    two_models.script(Reply(text="late", delay_seconds=SLOW), Reply(text=GOOD))
    monkeypatch.setattr("ai_router.settling._book", lambda *_, **__: None)
    router.run(spec, Subject())
    close_provider_loop()

    reconciled = reconcile_expired_calls(now=timezone.now() + timedelta(days=1))

    call = Call.objects.get()
    assert (reconciled, call.status, call.is_estimated) == (1, "unknown", True)
    assert two_models.billed_nanousd <= call.cost_nanousd == call.held_nanousd


@pytest.mark.django_db(transaction=True)
def test_without_an_allowance_a_slow_candidate_is_waited_for_until_it_seems_dead(two_models, spec, monkeypatch):
    monkeypatch.setattr(hedging, "LEAST_DEAD_SECONDS", 0.2)
    allow(-100.0)
    two_models.script(Reply(text=GOOD, delay_seconds=0.2), Reply(text="late", delay_seconds=1.0), Reply(text=GOOD))

    waited_for = router.run(spec, Subject())
    given_up = router.run(spec, Subject())

    assert (waited_for.model, given_up.model) == (SMALL, LARGE)
    assert len(waited_for.attempts) == 1
    # The breaker does not wait until it has ended.
    (breaker,) = [b for (candidate, _), b in provider_loop().upstream.breakers.items() if candidate.model == SMALL]
    assert [harm for _, harm in breaker._events] == [0, HANG]
    settle(two_models)
    assert [harm for _, harm in breaker._events] == [0, HANG]


@pytest.mark.django_db(transaction=True)
def test_before_anything_is_learned_nobody_waits_for_the_whole_time_out(two_models, spec, settings):
    settings.AI_HEDGE_SECONDS, settings.AI_ATTEMPT_SECONDS = 0.0, 2
    allow(0.0)
    two_models.script(Reply(fault="stall"), Reply(text=GOOD))

    result = router.run(spec, Subject())

    # It has not waited for the end of the first one, whom nobody blames before that.
    assert [attempt.model for attempt in result.attempts] == [LARGE]
    (breaker,) = [b for (candidate, _), b in provider_loop().upstream.breakers.items() if candidate.model == SMALL]
    assert not breaker._events
    settle(two_models)
    assert tried() == [(SMALL, "failed", "ProviderTimeoutError"), (LARGE, "succeeded", "")]
    assert [harm for _, harm in breaker._events] == [HANG]


@pytest.mark.django_db
def test_a_candidate_alone_is_asked_a_second_time_in_the_place_of_its_repair(simulator, spec, settings):
    settings.AI_HEDGE_SECONDS = 0.1
    allow(5.0)
    simulator.script(Reply(text="late", delay_seconds=SLOW), Reply(text="forbidden fruit"))

    # The helper's answer is refused, and there is no room for its repair.
    settings.AI_DEADLINE_SECONDS = 2
    result = router.run(spec, Subject())

    assert result.output == OFFLINE_TEXT
    assert [a.error_class for a in result.attempts if a.provider == "openai"] == [
        "ProviderTimeoutError",
        "InvalidOutputError",
    ]
    assert_books_agree(simulator)


@pytest.mark.django_db
def test_a_helper_that_fails_leaves_the_first_at_work(two_models, spec):
    two_models.script(Reply(text=GOOD, delay_seconds=0.6), Reply(status=400, code="bad"))

    result = router.run(spec, Subject())

    assert (result.output, result.model) == (GOOD, SMALL)
    assert tried() == [(SMALL, "succeeded", ""), (LARGE, "failed", "InvalidRequestError")]
    assert_books_agree(two_models)


@pytest.mark.django_db
def test_a_first_that_fails_leaves_the_helper_at_work(two_models, spec):
    two_models.script(Reply(status=500, delay_seconds=0.4), Reply(text=GOOD, delay_seconds=0.8))
    provider_loop().upstream.retries._balance = 0.0

    result = router.run(spec, Subject())

    assert (result.output, result.model) == (GOOD, LARGE)
    assert tried() == [(SMALL, "failed", "ProviderUnavailableError"), (LARGE, "succeeded", "")]
    assert_books_agree(two_models)


async def read(events):
    return [event async for event in events]


@pytest.mark.django_db(transaction=True)
async def test_the_first_text_of_a_stream_wins(two_models, spec):
    two_models.script(Reply(text="late", delay_seconds=SLOW), Reply(text=GOOD, piece_seconds=0.05))

    *events, last = await read(router.stream(spec, Subject()))

    assert "".join(event.text for event in events) == GOOD == last.result.output
    assert await sync_to_async(tried)() == [(SMALL, "cancelled", "LostToHedge"), (LARGE, "succeeded", "")]
    await sync_to_async(assert_books_agree)(two_models)


@pytest.mark.django_db(transaction=True)
async def test_a_helper_that_wins_and_is_cut_gives_the_first_another_turn(two_models, spec):
    two_models.script(
        Reply(text="late", delay_seconds=SLOW), Reply(text=GOOD, fault="cut", pieces=3), Reply(text="Lilies are white.")
    )

    *events, last = await read(router.stream(spec, Subject()))

    assert StreamRestarted("openai", SMALL) in events
    assert (last.result.output, last.result.model) == ("Lilies are white.", SMALL)
    assert await sync_to_async(tried)() == [
        (SMALL, "cancelled", "LostToHedge"),
        (LARGE, "failed", "StreamInterruptedError"),
        (SMALL, "succeeded", ""),
    ]
    await sync_to_async(assert_books_agree)(two_models)


@pytest.mark.django_db(transaction=True)
async def test_a_first_that_wins_and_is_cut_gives_the_helper_another_turn(two_models, spec):
    two_models.script(
        Reply(text=GOOD, fault="cut", pieces=3, delay_seconds=0.5),
        Reply(text="late", delay_seconds=SLOW),
        Reply(text="Lilies are white."),
    )

    *_, last = await read(router.stream(spec, Subject()))

    assert (last.result.output, last.result.model) == ("Lilies are white.", LARGE)
    await sync_to_async(assert_books_agree)(two_models)


@pytest.mark.django_db(transaction=True)
async def test_a_reader_who_leaves_during_a_race_pays_for_both(two_models, spec):
    two_models.script(Reply(text="a", delay_seconds=SLOW), Reply(text="b", delay_seconds=SLOW))
    events = router.stream(spec, Subject())
    reading = asyncio.ensure_future(anext(events))
    while len(two_models.books) < 2:
        await asyncio.sleep(0.01)

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await events.aclose()

    assert await sync_to_async(tried)() == [(SMALL, "cancelled", ""), (LARGE, "cancelled", "")]
    assert (await Call.objects.aget()).status == "cancelled"
    await sync_to_async(assert_books_agree)(two_models)


@pytest.mark.django_db(transaction=True)
async def test_a_stream_that_has_begun_is_not_helped(two_models, spec, settings):
    settings.AI_HEDGE_SECONDS = 0.4
    two_models.script(Reply(text=GOOD, piece_seconds=0.1))

    *events, last = await read(router.stream(spec, Subject()))

    assert isinstance(events[0], TextDelta)
    assert len(last.result.attempts) == 1


def test_a_short_silence_is_no_proof_of_death():
    assert not Loss(patience=0.1, elapsed=0.9).is_death
    assert Loss(patience=0.1, elapsed=1.0).is_death
    assert not Loss(patience=1.0, elapsed=2.9).is_death
    assert not Loss(patience=1.0, elapsed=9.0, is_usual=False).is_death


def test_what_waited_for_the_first_connection_teaches_nothing():
    upstream = Upstream()
    line = Line(Candidate("openai", SMALL), Key("openai", "k", "environment", "id"), Breaker(), None)
    before = time.monotonic()

    assert not upstream.is_warm(line, before)
    assert not upstream.is_warm(line, before)
    assert upstream.is_warm(line, time.monotonic())


def test_the_delay_is_learned_and_has_a_floor():
    hedging = Hedging()
    for number in range(19):
        hedging.learn("quick", 0.001)
        hedging.learn("slow", 1.0 + number / 100)
    assert hedging.delay("slow") is None

    hedging.learn("quick", 0.001)
    hedging.learn("slow", 9.0)

    assert hedging.delay("quick") == FLOOR_SECONDS
    # One outlier of twenty is beyond the 95th percentile, two are not.
    assert hedging.delay("slow") == 1.18
    for _ in range(10):
        hedging.learn("slow", 9.0)
    assert hedging.delay("slow") == 9.0
    for _ in range(200):
        hedging.learn("slow", 0.5)
    assert hedging.delay("slow") == 0.5
