"""The retired SDK of Gemini's: where it is installed it works, and where not it is off and says so."""

import importlib
import importlib.util
import sys

import pytest

from ai_router.errors import (
    AuthenticationError,
    MalformedAnswerError,
    ModelNotFoundError,
    ProviderConnectionError,
    ProviderError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
    RefusalError,
    StreamInterruptedError,
)
from ai_router.providers.legacy_gemini_form import Parts, old_schema
from ai_router.schemas import answer_form
from ai_router.types import Blob, EmbeddingRequest, FinishReason, Message, ProviderAnswer, ProviderRequest, Tool
from tests.ai_router.conftest import Verse
from tests.providers.simulator import Reply

MODEL = "gemini-2.5-flash-lite"
WEATHER = Tool("weather", "Tells the weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
is_installed = "google" in sys.modules or importlib.util.find_spec("google") is not None
is_installed = is_installed and importlib.util.find_spec("google.ai") is not None
installed = pytest.mark.skipif(not is_installed, reason="the extra legacy-gemini is not installed")


def ask(**more) -> ProviderRequest:
    values = {
        "model": MODEL,
        "messages": (Message("system", "You answer."), Message("user", "Who?")),
        "max_output_tokens": 50,
    }
    return ProviderRequest(**{**values, **more})


@pytest.mark.skipif(is_installed, reason="the extra legacy-gemini is installed")
def test_without_its_package_it_says_what_to_install():
    with pytest.raises(ImportError, match="install the extra `legacy-gemini`, or use `gemini`"):
        importlib.import_module("ai_router.providers.legacy_gemini")


def test_a_schema_has_no_references_and_types_in_capitals():
    schema = {
        "type": "object",
        "properties": {
            "home": {"$ref": "#/$defs/Place"},
            "kind": {"const": "cv"},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["home", "kind", "note"],
        "$defs": {"Place": {"type": "object", "properties": {"inner": {"$ref": "#/$defs/Place"}}}},
    }

    found = old_schema(schema)

    assert found["type_"] == found["properties"]["home"]["type_"] == "OBJECT"
    assert found["properties"]["kind"] == {"type_": "STRING", "enum": ["cv"], "format_": "enum"}
    assert found["properties"]["note"] == {"type_": "STRING", "nullable": True}
    assert "$ref" not in str(found)


def test_what_the_total_has_beyond_prompt_and_answer_was_thought():
    parts = Parts()

    parts.take({"usage_metadata": {"prompt_token_count": 10, "candidates_token_count": 4, "total_token_count": 20}})

    assert (parts.usage.input_tokens, parts.usage.output_tokens, parts.usage.reasoning_tokens) == (10, 4, 6)


@pytest.fixture
async def provider(simulator):
    from ai_router.providers.legacy_gemini import LegacyGeminiProvider

    client = LegacyGeminiProvider(api_key="a-key", base_url=simulator.url("legacy_gemini"))
    yield client
    await client.close()


async def asked(provider, request, *, is_stream: bool) -> ProviderAnswer:
    if not is_stream:
        return await provider.complete(request)
    return [piece async for piece in provider.stream(request)][-1]


@installed
@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
class TestInstalled:
    async def test_an_answer(self, provider, simulator, is_stream):
        simulator.script(Reply(text="Nobody at all.", cached_tokens=4, reasoning_tokens=6))

        answer = await asked(provider, ask(client_request_id="call-1"), is_stream=is_stream)

        entry = simulator.closed_books()[0]
        assert (answer.text, answer.finish_reason, entry.client_request_id) == (
            "Nobody at all.",
            FinishReason.STOP,
            "call-1",
        )
        assert answer.usage.total_input_tokens == entry.input_tokens
        assert answer.usage.total_output_tokens == entry.output_tokens
        assert (answer.usage.cached_input_tokens, answer.usage.reasoning_tokens) == (4, 6)

    async def test_forms_tools_and_documents(self, provider, simulator, is_stream):
        simulator.script(Reply(tool_calls=[{"name": "weather", "arguments": {"city": "Ulm"}}]), Reply(text="{}"))
        blobs = (Blob(b"%PDF-1.7", "application/pdf"),)

        answer = await asked(
            provider,
            ask(tools=(WEATHER,), tool_choice="weather", messages=(Message("user", "Rain?", blobs=blobs),)),
            is_stream=is_stream,
        )
        call = answer.tool_calls[0]
        talk = (
            Message("user", "Rain?"),
            Message("assistant", "", tool_calls=(call,)),
            Message("tool", "wet", tool_call_id=call.id),
        )
        last = await asked(provider, ask(messages=talk, form=answer_form(Verse)), is_stream=is_stream)

        assert (answer.finish_reason, call.name, call.arguments) == (
            FinishReason.TOOL_CALLS,
            "weather",
            '{"city": "Ulm"}',
        )
        assert last.text == "{}"

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (403, AuthenticationError),
            (404, ModelNotFoundError),
            (429, RateLimitError),
            (503, ProviderUnavailableError),
            (504, ProviderTimeoutError),
        ],
    )
    async def test_the_status_decides_the_error(self, provider, simulator, *, is_stream, status, error):
        simulator.script(Reply(status=status))

        with pytest.raises(error):
            await asked(provider, ask(), is_stream=is_stream)

        assert len(simulator.closed_books()) == 1

    async def test_a_refusal(self, provider, simulator, is_stream):
        simulator.script(Reply(refusal="I will not."))

        with pytest.raises(RefusalError):
            await asked(provider, ask(), is_stream=is_stream)

    async def test_a_server_that_hangs_up_or_is_silent(self, provider, simulator, is_stream):
        simulator.script(Reply(fault="reset"), Reply(fault="stall"))

        with pytest.raises(ProviderConnectionError):
            await asked(provider, ask(), is_stream=is_stream)
        with pytest.raises(ProviderTimeoutError):
            await asked(provider, ask(timeout_seconds=0.3), is_stream=is_stream)


@installed
@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
async def test_an_answer_that_does_not_end_is_not_read_on(provider, simulator, monkeypatch, *, is_stream):
    monkeypatch.setattr("ai_router.providers.legacy_gemini_transport.MAX_ANSWER_BYTES", 2**20)
    simulator.script(Reply(text="Well", size_bytes=150_000_000))

    with pytest.raises(MalformedAnswerError):
        await asked(provider, ask(timeout_seconds=30), is_stream=is_stream)

    entry = simulator.closed_books()[0]
    assert entry.sent_bytes < 50_000_000


@installed
@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
async def test_what_is_asked_is_not_sent_on_to_another_address(provider, simulator, *, is_stream):
    elsewhere = f"{simulator.url('legacy_gemini')}/v1beta/models/{MODEL}:generateContent"
    simulator.script(Reply(status=307, headers={"Location": elsewhere}), Reply(text="Nobody."))

    with pytest.raises(ProviderError):
        await asked(provider, ask(), is_stream=is_stream)

    assert len(simulator.closed_books()) == 1


@installed
async def test_a_stream_that_breaks_off(provider, simulator):
    simulator.script(Reply(text="One two three four five.", fault="cut", pieces=2))

    with pytest.raises(StreamInterruptedError):
        await asked(provider, ask(), is_stream=True)


@installed
async def test_vectors_and_models(provider):
    found = await provider.embed(EmbeddingRequest("gemini-embedding-001", ("roses", "violets"), dimensions=8))

    assert [len(vector) for vector in found.vectors] == [8, 8]
    assert MODEL in await provider.list_models()


@installed
async def test_a_wrong_key(simulator):
    from ai_router.providers.legacy_gemini import LegacyGeminiProvider

    client = LegacyGeminiProvider(api_key="wrong-key", base_url=simulator.url("legacy_gemini"))

    with pytest.raises(AuthenticationError):
        await client.complete(ask())

    await client.close()
