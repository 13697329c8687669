"""Readers that leave, processes that die, many callers at once."""

import asyncio
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_router import failures, router
from ai_router.errors import AllProvidersFailedError
from ai_router.planning import Plan
from ai_router.streaming import Relay
from ai_router.types import StreamEnded, StreamRestarted, TextDelta
from tests.ai_router.books import assert_books_agree
from tests.ai_router.conftest import OFFLINE_TEXT, Subject
from tests.providers.simulator import Reply
from usage.ledger import reconcile_expired_calls
from usage.models import Call

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "Roses are red, violets are blue."


async def read(events):
    return [event async for event in events]


async def test_a_reader_who_leaves_pays_for_what_was_written(spec, simulator):
    simulator.script(Reply(text=TEXT, fault="hang", pieces=3))
    events = router.stream(spec, Subject())

    seen = [await anext(events) for _ in range(3)]
    await events.aclose()

    line = await Call.objects.aget()
    assert "".join(event.text for event in seen) == "Roses are red, "
    assert (line.status, line.is_estimated) == ("cancelled", True)
    assert line.output_tokens > 0
    await sync_to_async(assert_books_agree)(simulator)


async def test_a_reader_whose_task_is_cancelled_pays_for_what_was_written(spec, simulator):
    simulator.script(Reply(text=TEXT, fault="hang", pieces=2))
    seen = []

    async def reader() -> None:
        async for event in router.stream(spec, Subject()):
            seen.append(event)  # noqa: PERF401 - what was seen until then counts

    task = asyncio.ensure_future(reader())
    while len(seen) < 2:
        await asyncio.sleep(0.01)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await Call.objects.aget()).status == "cancelled"
    await sync_to_async(assert_books_agree)(simulator)


async def test_a_reader_who_leaves_while_the_call_is_opened_pays_for_what_was_written(spec, simulator, monkeypatch):
    simulator.script(Reply(text=TEXT, fault="hang", pieces=2))
    is_asked, may_go_on, start = threading.Event(), threading.Event(), Relay.start

    def start_and_stay(relay: Relay[str], plan: Plan[str]) -> None:
        start(relay, plan)
        while not plan.journal.shown:
            time.sleep(0.005)
        is_asked.set()
        may_go_on.wait(10)

    monkeypatch.setattr(Relay, "start", start_and_stay)
    task = asyncio.ensure_future(anext(router.stream(spec, Subject())))
    await asyncio.to_thread(is_asked.wait, 10)

    task.cancel()
    await asyncio.sleep(0)
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task

    call = await Call.objects.aget()
    assert (call.status, call.output_tokens > 0) == ("cancelled", True)
    await sync_to_async(assert_books_agree)(simulator)


async def test_a_stream_whose_request_cannot_begin_is_booked_as_failed(spec, simulator, monkeypatch):
    def fail(_relay: Relay[str], _plan: Plan[str]) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    monkeypatch.setattr(Relay, "start", fail)
    with pytest.raises(RuntimeError):
        await anext(router.stream(spec, Subject()))

    call = await Call.objects.aget()
    assert (call.status, call.error_class, call.cost_nanousd) == ("failed", "RuntimeError", 0)


async def test_a_stream_that_somebody_kills_is_finished_by_the_next_candidate(spec, simulator):
    simulator.script(Reply(text=TEXT * 20, piece_seconds=0.02))
    events = router.stream(spec, Subject())

    first = await anext(events)
    simulator.kill()
    *_, last = await read(events)

    assert isinstance(first, TextDelta)
    assert last.result.output == OFFLINE_TEXT
    await sync_to_async(assert_books_agree)(simulator)


async def test_a_form_is_shown_when_it_is_finished(form_spec, simulator):
    simulator.script(Reply(text='{"title": "Garden", "lines": ["Roses", "Lilies"]}'))

    *deltas, last = await read(router.stream(form_spec, Subject()))

    assert [event.text for event in deltas] == ["Garden\n", "Roses\n", "Lilies"]
    assert isinstance(last, StreamEnded)
    await sync_to_async(assert_books_agree)(simulator)


async def test_a_form_with_a_preview_is_shown_while_it_is_written(form_spec, simulator):
    spec = replace(form_spec, may_stream=True, preview=lambda raw: raw.partition('"title": "')[2].partition('"')[0])
    simulator.script(Reply(text='{"title": "A long garden path", "lines": ["Roses"]}'))

    *deltas, last = await read(router.stream(spec, Subject()))

    assert "".join(event.text for event in deltas) == "A long garden path"
    assert len(deltas) > 1
    assert last.result.output == "A long garden path\nRoses"


async def test_without_a_key_the_embedded_engine_is_streamed(spec):
    *deltas, last = await read(router.stream(spec, Subject()))

    assert "".join(event.text for event in deltas) == OFFLINE_TEXT
    assert last.result.provider == "embedded"


async def test_an_embedded_engine_that_fails_is_booked(spec):
    def fail(_inputs):
        raise LookupError("nothing to write about")

    with pytest.raises(LookupError):
        await read(router.stream(replace(spec, embedded=fail), Subject()))

    line = await Call.objects.aget()
    assert (line.status, line.error_class, line.cost_nanousd) == ("failed", "LookupError", 0)


def test_many_callers_at_once_are_each_booked_once(spec, simulator):
    simulator.script(*(Reply(text=f"{TEXT} {number}", delay_seconds=0.01 * (number % 3)) for number in range(24)))

    def call(_number: int) -> str:
        try:
            return router.run(spec, Subject()).output
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        outputs = list(pool.map(call, range(24)))

    assert len(set(outputs)) == 24
    assert Call.objects.filter(status="succeeded").count() == 24
    assert_books_agree(simulator)


def test_a_caller_who_is_interrupted_closes_the_connection_and_books_it(spec, simulator):
    # As often as a slow attempt might be helped by another.
    simulator.script(*[Reply(fault="stall")] * 4)

    def interrupt_once_asked() -> None:
        while not simulator.books or not simulator.books[0].input_tokens:
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    # Who runs tests in the background of a script has them ignore interrupts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Thread(target=interrupt_once_asked).start()
        with pytest.raises(KeyboardInterrupt):
            router.run(spec, Subject())
    finally:
        signal.signal(signal.SIGINT, before)

    assert Call.objects.get().status == "cancelled"
    assert_books_agree(simulator)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_process_that_dies_leaves_an_open_line_that_is_settled_later(spec, simulator):
    simulator.script(Reply(fault="stall"))
    connections.close_all()
    child = os.fork()
    if child == 0:
        router.run(spec, Subject())
        os._exit(0)
    while not simulator.books or not simulator.books[0].input_tokens:
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)

    (line,) = Call.objects.all()
    assert (line.status, line.cost_nanousd) == ("open", None)
    assert reconcile_expired_calls(now=timezone.now() + timedelta(hours=1)) == 1
    line.refresh_from_db()
    assert (line.status, line.cost_nanousd) == ("unknown", line.held_nanousd)
    assert line.cost_nanousd >= simulator.billed_nanousd > 0


async def test_a_preview_that_takes_text_back_begins_anew(form_spec, simulator):
    def preview(raw: str) -> str:
        return "Roses" if raw.count(" ") < 4 else "Lilies"

    simulator.script(Reply(text='{"title": "A garden", "lines": ["of many kinds"]}'))

    *events, last = await read(router.stream(replace(form_spec, may_stream=True, preview=preview), Subject()))

    assert events == [TextDelta("Roses"), StreamRestarted("openai", "gpt-5.4-mini"), TextDelta("Lilies")]
    assert last.result.is_complete


async def test_a_shown_text_that_cannot_be_finished_is_no_result(form_spec, simulator):
    spec = replace(form_spec, may_stream=True, preview=lambda raw: raw)
    simulator.script(Reply(text='{"title": "A garden", "lines": []}', fault="cut", pieces=2))

    with pytest.raises(AllProvidersFailedError):
        await read(router.stream(spec, Subject(), provider="openai"))

    line = await Call.objects.aget()
    assert (line.status, line.error_class) == ("failed", "StreamInterruptedError")


async def test_a_shown_text_that_was_refused_afterwards_is_no_result(spec, simulator):
    simulator.script(Reply(text="forbidden fruit"), Reply(text="forbidden fruit"))

    with pytest.raises(AllProvidersFailedError):
        await read(router.stream(spec, Subject(), provider="openai"))

    await sync_to_async(assert_books_agree)(simulator)


REPLIES = st.builds(
    Reply,
    text=st.sampled_from([TEXT, "forbidden fruit", "Short."]),
    status=st.sampled_from([200, 200, 200, 200, 400, 404, 408, 422, 429, 500, 503, 504]),
    fault=st.sampled_from(["", "", "", "reset", "cut", "end", "error", "malformed", "empty"]),
    pieces=st.integers(min_value=0, max_value=5),
    refusal=st.sampled_from(["", "", "", "I will not."]),
    finish_reason=st.sampled_from(["stop", "stop", "content_filter"]),
    cached_tokens=st.integers(min_value=0, max_value=40),
    reasoning_tokens=st.integers(min_value=0, max_value=200),
    has_usage=st.booleans(),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(replies=st.lists(REPLIES, max_size=6), is_streamed=st.booleans())
def test_whatever_a_provider_does_the_ledger_equals_its_books(spec, simulator, monkeypatch, replies, is_streamed):
    monkeypatch.setattr(failures, "BACKOFF_SECONDS", 0.0)
    Call.objects.all().delete()
    simulator.replies.clear()
    simulator.defaults = Reply(text="Short.")
    simulator.books.clear()
    # Without usage the counted tokens are all there is: what came from a cache or was thought is not seen.
    simulator.script(
        *(replace(reply, cached_tokens=0, reasoning_tokens=0) if is_unreported(reply) else reply for reply in replies)
    )

    if is_streamed:
        result = async_to_sync(read)(router.stream(spec, Subject()))[-1].result
    else:
        result = router.run(spec, Subject())

    assert result.output in {TEXT, "Short.", OFFLINE_TEXT}
    assert_books_agree(simulator)


def is_unreported(reply: Reply) -> bool:
    """Whether the router hears nothing of what was used."""
    return not reply.has_usage or bool(reply.fault) or reply.status != 200


@pytest.mark.parametrize("run_reader", [async_to_sync, lambda reader: lambda: asyncio.run(reader())])
def test_a_reader_who_fails_without_closing_still_pays(spec, simulator, run_reader):
    async def reader() -> None:
        async for _event in router.stream(spec, Subject()):
            raise LookupError("the reader gives up")

    simulator.script(Reply(text=TEXT, fault="hang", pieces=1))

    with pytest.raises(LookupError):
        run_reader(reader)()

    assert Call.objects.get().status == "cancelled"
    assert_books_agree(simulator)
