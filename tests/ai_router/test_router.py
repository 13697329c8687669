"""The router's three acts through the real SDK against the simulator; the ledger equals its books."""

import pytest

from ai_router import router
from ai_router.errors import AllProvidersFailedError, NoProviderAvailableError
from ai_router.types import FinishReason, StreamEnded, StreamRestarted, TaskType, TextDelta
from tests.ai_router.conftest import OFFLINE_TEXT, Subject
from tests.providers.simulator import Reply
from usage.models import Call

pytestmark = pytest.mark.django_db


def test_without_a_key_the_embedded_engine_answers_and_nobody_is_asked(spec, owner):
    result = router.run(spec, Subject(), user=owner)

    line = Call.objects.get(id=result.call_id)
    assert result.output == OFFLINE_TEXT
    assert (result.provider, result.cost_nanousd) == ("embedded", 0)
    assert (line.status, line.provider, line.held_nanousd, line.user) == ("succeeded", "embedded", 0, owner)


def test_a_provider_answers_and_is_booked_at_what_it_billed(spec, simulator):
    simulator.script(Reply(text="Roses are red.", cached_tokens=9, reasoning_tokens=17))

    result = router.run(spec, Subject())

    (entry,) = simulator.closed_books()
    line = Call.objects.get(id=result.call_id)
    assert result.output == "Roses are red."
    assert (line.status, line.provider, line.model) == ("succeeded", "openai", "gpt-5.4-mini")
    assert line.cost_nanousd == result.cost_nanousd == entry.cost_nanousd > 0
    assert (line.cached_input_tokens, line.reasoning_tokens) == (9, 17)
    assert line.input_tokens + line.cached_input_tokens == entry.input_tokens
    assert line.output_tokens + line.reasoning_tokens == entry.output_tokens
    assert not line.is_estimated
    assert line.held_nanousd > line.cost_nanousd


def test_a_form_is_asked_for_in_strict_mode_and_finished(form_spec, simulator):
    simulator.script(Reply(text='{"title": "Garden", "lines": ["Roses"]}'))

    result = router.run(form_spec, Subject())

    assert result.output == "Garden\nRoses"
    assert simulator.books[0].request["response_format"]["json_schema"]["strict"] is True


def test_when_the_provider_is_down_the_embedded_engine_answers(spec, simulator):
    simulator.script(Reply(status=401, code="invalid_api_key"))

    result = router.run(spec, Subject())

    assert result.output == OFFLINE_TEXT
    assert [attempt.error_class for attempt in result.attempts] == ["AuthenticationError", ""]
    assert Call.objects.get(id=result.call_id).cost_nanousd == 0


def test_a_provider_asked_for_by_name_is_the_only_one(spec, simulator):
    simulator.script(Reply(status=404))

    with pytest.raises(AllProvidersFailedError):
        router.run(spec, Subject(), provider="openai")

    assert Call.objects.get().status == "failed"
    with pytest.raises(NoProviderAvailableError):
        router.run(spec, Subject(), provider="groq")


def test_a_free_prompt_needs_a_provider(simulator, settings):
    result = router.generate(task_type=TaskType.COVER_LETTER, prompt="Say hello.", system="Be brief.")

    assert result.provider == "openai"
    assert simulator.billed_nanousd == result.cost_nanousd
    settings.AI_PROVIDERS = {}
    with pytest.raises(NoProviderAvailableError):
        router.generate(task_type=TaskType.COVER_LETTER, prompt="Say hello.")


async def _read(events):
    return [event async for event in events]


@pytest.mark.django_db(transaction=True)
async def test_a_stream_shows_the_text_as_it_comes(spec, simulator):
    simulator.script(Reply(text="Roses are red, violets are blue."))

    *deltas, last = await _read(router.stream(spec, Subject()))

    assert isinstance(last, StreamEnded)
    assert len(deltas) == 6
    assert "".join(delta.text for delta in deltas) == last.result.output == "Roses are red, violets are blue."
    assert last.result.cost_nanousd == simulator.billed_nanousd


@pytest.mark.django_db(transaction=True)
async def test_a_stream_that_is_cut_is_finished_by_the_embedded_engine(spec, simulator):
    simulator.script(Reply(text="Roses are red, violets are blue.", fault="cut", pieces=3))

    events = await _read(router.stream(spec, Subject()))

    at = events.index(StreamRestarted("embedded", "rules"))
    assert "".join(event.text for event in events[:at]) == "Roses are red, "
    assert "".join(event.text for event in events[at + 1 : -1]) == OFFLINE_TEXT
    assert isinstance(events[0], TextDelta)
    assert events[-1].result.is_complete
    assert events[-1].result.cost_nanousd == simulator.billed_nanousd > 0


@pytest.mark.django_db(transaction=True)
async def test_a_stream_that_is_cut_with_nobody_to_go_on_is_marked_incomplete(spec, simulator):
    simulator.script(Reply(text="Roses are red, violets are blue.", fault="cut", pieces=3))

    *_, last = await _read(router.stream(spec, Subject(), provider="openai"))

    line = await Call.objects.aget()
    assert last.result.output == "Roses are red, "
    assert (last.result.is_complete, last.result.finish_reason) == (False, FinishReason.INCOMPLETE)
    assert (line.status, line.cost_nanousd, line.is_estimated) == ("incomplete", simulator.billed_nanousd, True)


def test_a_line_outlives_the_longest_call(spec, settings):
    settings.AI_DEADLINE_SECONDS = 3_600

    result = router.run(spec, Subject())

    line = Call.objects.get(id=result.call_id)
    assert (line.expires_at - line.created_at).total_seconds() == pytest.approx(7_200, abs=60)


def test_the_routers_own_time_is_told_from_the_waiting(spec, simulator):
    simulator.script(Reply(text="Roses are red.", delay_seconds=0.3))

    result = router.run(spec, Subject())

    line = Call.objects.get(id=result.call_id)
    assert 0 < line.overhead_us <= result.overhead_us
    assert line.latency_ms >= 300 + line.overhead_us / 1000 - 1
