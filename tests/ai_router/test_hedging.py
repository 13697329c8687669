"""A slow candidate is helped by another one; both are booked, and the extra cost is bounded."""

import asyncio

import pytest
from asgiref.sync import sync_to_async

from ai_router import router
from ai_router.hedging import FLOOR_SECONDS, Hedging
from ai_router.loop import provider_loop
from ai_router.models import Route, RouteCandidate
from ai_router.types import Message, ProviderRequest, StreamRestarted, TextDelta
from tests.ai_router.books import assert_books_agree
from tests.ai_router.conftest import OFFLINE_TEXT, Subject
from tests.providers.simulator import Reply
from usage.models import Attempt, Call

SMALL, LARGE = "gpt-5.4-nano", "gpt-5.4-mini"
SLOW = 30.0
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


@pytest.mark.django_db
def test_a_slow_candidate_is_helped_by_the_next(two_models, spec):
    two_models.script(Reply(text="late", delay_seconds=SLOW), Reply(text=GOOD))

    result = router.run(spec, Subject())

    assert (result.output, result.model) == (GOOD, LARGE)
    assert tried() == [(SMALL, "cancelled", "LostToHedge"), (LARGE, "succeeded", "")]
    assert Call.objects.get().status == "succeeded"
    assert_books_agree(two_models)


@pytest.mark.django_db
def test_whoever_is_first_wins_and_the_helper_is_booked(two_models, spec):
    two_models.script(Reply(text=GOOD, delay_seconds=0.5), Reply(text="late", delay_seconds=SLOW))

    result = router.run(spec, Subject())

    assert (result.output, result.model) == (GOOD, SMALL)
    assert tried() == [(SMALL, "succeeded", ""), (LARGE, "cancelled", "LostToHedge")]
    assert_books_agree(two_models)


@pytest.mark.django_db
def test_without_an_allowance_a_slow_candidate_is_waited_for_until_it_seems_dead(two_models, spec, settings):
    allow(-100.0)
    two_models.script(Reply(text=GOOD, delay_seconds=0.2), Reply(text="late", delay_seconds=SLOW), Reply(text=GOOD))

    waited_for = router.run(spec, Subject())
    given_up = router.run(spec, Subject())

    assert (waited_for.model, given_up.model) == (SMALL, LARGE)
    assert len(waited_for.attempts) == 1
    assert_books_agree(two_models)


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


def test_the_delay_is_learned_and_has_a_floor():
    hedging = Hedging()
    for number in range(19):
        hedging.learn("quick", 0.001)
        hedging.learn("slow", 1.0 + number / 100)
    assert hedging.delay("slow") is None

    hedging.learn("quick", 0.001)
    hedging.learn("slow", 9.0)

    assert hedging.delay("quick") == FLOOR_SECONDS
    assert hedging.delay("slow") == 9.0
    for _ in range(200):
        hedging.learn("slow", 0.5)
    assert hedging.delay("slow") == 0.5
