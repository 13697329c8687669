"""Through the whole router, for every provider: the ledger equals the books, and what fails fails clearly, with a line."""

import pytest
from pydantic import BaseModel

from ai_router import router
from ai_router.errors import (
    AllProvidersFailedError,
    AuthenticationError,
    MalformedAnswerError,
    ModelNotFoundError,
    ProviderConnectionError,
)
from ai_router.providers import BUILT_IN
from ai_router.types import StreamEnded, TaskType
from tests.ai_router.books import assert_books_agree
from tests.providers.simulator import Reply
from tests.providers.simulator.wires import ADDRESSES
from tests.providers.simulator.wires.base import UNKNOWN_MODEL, WRONG_KEY
from usage.models import Call

pytestmark = pytest.mark.django_db(transaction=True)

SPEAKING = [name for name, row in BUILT_IN.items() if name in ADDRESSES and row.is_installed]
MODELS = {"ollama": "qwen3:8b", "lm_studio": "qwen3-8b", "vllm": "Qwen/Qwen3-8B"}
COUNTS = {"cached_tokens": 3, "reasoning_tokens": 5}


@pytest.fixture(params=SPEAKING)
def provider(request, simulator, settings):
    """A provider that is set up alone, with the model that the simulator prices."""
    name = request.param
    row = {"api_key": "a-key", "base_url": simulator.url(name), "model": MODELS.get(name, "")}
    settings.AI_PROVIDERS = {name: row | ({"api_version": ""} if name == "azure" else {})}
    return name


def ask(provider):
    return router.generate(task_type=TaskType.FAST_SUMMARY, prompt="Sum it up.", provider=provider)


def test_the_ledger_equals_the_books_of_each_provider(provider, simulator):
    counts = {} if BUILT_IN[provider].is_local else COUNTS
    simulator.script(Reply(text="It is brief.", **counts))

    result = ask(provider)

    assert (result.output, result.provider) == ("It is brief.", provider)
    assert_books_agree(simulator)
    assert (result.cost_nanousd == 0) == BUILT_IN[provider].is_local


class Subject(BaseModel):
    """What is to be written about."""

    topic: str = "gardens"


@pytest.mark.parametrize("provider", [name for name in SPEAKING if name != "lm_studio"], indirect=True)
async def test_the_ledger_equals_the_books_of_each_providers_streams(provider, simulator, spec):
    counts = {} if BUILT_IN[provider].is_local else COUNTS
    simulator.script(Reply(text="It is brief.", **counts))

    *_, last = [event async for event in router.stream(spec, Subject(), provider=provider)]

    assert isinstance(last, StreamEnded)
    assert (last.result.output, last.result.provider) == ("It is brief.", provider)
    await _books_agree(simulator)


async def _books_agree(simulator):
    from asgiref.sync import sync_to_async

    await sync_to_async(assert_books_agree)(simulator)


CASES = {
    "an unknown model": ({"model": UNKNOWN_MODEL}, Reply(), ModelNotFoundError),
    "a bad key": ({"api_key": WRONG_KEY}, Reply(), AuthenticationError),
    "a dead address": ({"base_url": "http://127.0.0.1:9"}, Reply(), ProviderConnectionError),
    "a malformed answer": ({}, Reply(text="So.", fault="malformed"), MalformedAnswerError),
    "150 MB": ({}, Reply(text="So.", size_bytes=150_000_000), MalformedAnswerError),
}


@pytest.mark.parametrize("case", CASES)
def test_what_fails_fails_clearly_with_a_line(provider, simulator, settings, case):
    changed, reply, expected = CASES[case]
    settings.AI_PROVIDERS = {provider: settings.AI_PROVIDERS[provider] | changed}
    simulator.script(reply)

    with pytest.raises(AllProvidersFailedError) as caught:
        ask(provider)

    call = Call.objects.get()
    attempt = call.attempts.last()
    assert type(caught.value.last) is expected
    assert (call.status, attempt.error_class, attempt.provider) == ("failed", expected.__name__, provider)
    assert attempt.error_message.startswith(provider)
    assert "a-key" not in attempt.error_message
    assert all(entry.sent_bytes < 120_000_000 for entry in simulator.closed_books())
