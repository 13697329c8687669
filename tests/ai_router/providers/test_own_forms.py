"""What the vendors with a form of their own add to the contract, through their real SDKs against the simulator."""

import asyncio
from contextlib import aclosing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from ai_router.errors import (
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    InvalidRequestError,
    MalformedAnswerError,
    ModelNotFoundError,
    ProviderError,
    ProviderQuotaError,
    ProviderUnavailableError,
    RateLimitError,
    RefusalError,
    StreamInterruptedError,
)
from ai_router.providers import PROVIDERS, Connections
from ai_router.schemas import answer_form
from ai_router.types import (
    AnswerForm,
    Blob,
    EmbeddingRequest,
    FinishReason,
    Message,
    ProviderAnswer,
    ProviderRequest,
    Tool,
    ToolCall,
)
from tests.providers.simulator import Reply

VENDORS = ["anthropic", "gemini"]
WEATHER = Tool("weather", "Tells the weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
CALL = {"id": "call_1", "name": "weather", "arguments": {"city": "Ulm"}}


class Place(BaseModel):
    """Where."""

    city: str = Field(default="", max_length=20, pattern="^[A-Z]")
    kind: str = Field(default="town", json_schema_extra={"const": "town"})
    size: int = Field(default=1, ge=0, le=9)


class Person(BaseModel):
    """Who."""

    name: str = Field(description="As on the CV")
    home: Place = Field(default_factory=Place, description="Where they live")
    others: list[Place] = []
    title: str | None = None


@pytest.fixture(params=VENDORS)
def vendor(request):
    return request.param


@pytest.fixture
async def provider(vendor, simulator, settings):
    """The vendor's adapter, made as the router makes it."""
    settings.AI_PROVIDERS = {vendor: {"api_key": "a-key", "base_url": simulator.url(vendor), "model": ""}}
    connections = Connections()
    yield connections.to(vendor, api_key=settings.AI_PROVIDERS[vendor]["api_key"])
    await connections.close()


@pytest.fixture
def ask(vendor):
    def make(**more) -> ProviderRequest:
        values = {
            "model": PROVIDERS[vendor].default_model,
            "messages": (Message("system", "You answer."), Message("user", "Who?")),
            "max_output_tokens": 50,
        }
        return ProviderRequest(**{**values, **more})

    return make


async def streamed(provider, request) -> tuple[list[str], ProviderAnswer]:
    pieces = [piece async for piece in provider.stream(request)]
    assert isinstance(pieces[-1], ProviderAnswer)
    return [piece for piece in pieces[:-1] if piece], pieces[-1]


async def asked(provider, request, *, is_stream: bool) -> ProviderAnswer:
    return (await streamed(provider, request))[1] if is_stream else await provider.complete(request)


both = pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])


@both
async def test_an_answer_has_its_usage_counted_once(provider, simulator, ask, is_stream):
    simulator.script(Reply(text="Nobody at all.", cached_tokens=4, cache_write_tokens=3, reasoning_tokens=6))

    answer = await asked(provider, ask(client_request_id="call-1"), is_stream=is_stream)

    entry = simulator.closed_books()[0]
    assert (answer.text, answer.finish_reason) == ("Nobody at all.", FinishReason.STOP)
    assert answer.request_id
    assert entry.client_request_id == "call-1"
    assert (answer.usage.cached_input_tokens, answer.usage.reasoning_tokens) == (4, 6)
    assert answer.usage.total_input_tokens == entry.input_tokens
    assert answer.usage.total_output_tokens == entry.output_tokens


@pytest.fixture
def runner(vendor, simulator, settings):
    """A loop that lasts over several examples, and the vendor's adapter on it."""
    settings.AI_PROVIDERS = {vendor: {"api_key": "a-key", "base_url": simulator.url(vendor), "model": ""}}
    with asyncio.Runner() as loop:
        connections = Connections()
        yield lambda ask: loop.run(ask(connections.to(vendor, api_key=settings.AI_PROVIDERS[vendor]["api_key"])))
        loop.run(connections.close())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cached=st.integers(0, 60),
    written=st.integers(0, 60),
    thought=st.integers(0, 500),
    variant=st.sampled_from(["", "cumulative", "duplicate", "late"]),
)
@both
def test_the_buckets_add_up_to_the_vendors_own_total(
    runner, simulator, ask, *, is_stream, cached, written, thought, variant
):
    simulator.script(
        Reply(text="So.", cached_tokens=cached, cache_write_tokens=written, reasoning_tokens=thought, usage=variant)
    )

    usage = runner(lambda provider: asked(provider, ask(), is_stream=is_stream)).usage
    entry = simulator.closed_books()[-1]
    assert (usage.total_input_tokens, usage.total_output_tokens) == (entry.input_tokens, entry.output_tokens)
    assert min(usage.input_tokens, usage.output_tokens) >= 0


@both
async def test_a_vendor_that_does_not_say_what_it_used(provider, simulator, ask, is_stream):
    simulator.script(Reply(text="So.", has_usage=False))

    assert (await asked(provider, ask(), is_stream=is_stream)).usage is None


@both
async def test_a_form_is_asked_for_in_the_words_that_the_vendor_knows(provider, simulator, ask, is_stream):
    simulator.script(Reply(text='{"name": "Ada"}'))

    answer = await asked(provider, ask(form=answer_form(Person)), is_stream=is_stream)

    assert answer.text == '{"name": "Ada"}'
    assert "properties" in str(simulator.books[0].request)


async def test_any_json_object_can_be_asked_for(provider, simulator, ask):
    simulator.script(Reply(text="{}"))

    await provider.complete(ask(form=AnswerForm("anything", {})))

    assert "json" in str(simulator.books[0].request).lower()


@both
async def test_tools_go_out_and_calls_come_back(provider, simulator, ask, is_stream):
    second = {"id": "call_2", "name": "weather", "arguments": {"city": "Bern", "days": [1, 2]}}
    simulator.script(Reply(tool_calls=[CALL, second]))

    answer = await asked(provider, ask(tools=(WEATHER,), tool_choice="required"), is_stream=is_stream)

    assert answer.finish_reason is FinishReason.TOOL_CALLS
    assert [(call.id, call.name) for call in answer.tool_calls] == [("call_1", "weather"), ("call_2", "weather")]
    assert [call.arguments for call in answer.tool_calls] == ['{"city": "Ulm"}', '{"city": "Bern", "days": [1, 2]}']


@both
async def test_a_text_may_come_before_a_call(provider, simulator, ask, is_stream):
    simulator.script(Reply(text="I will look.", tool_calls=[{"id": "call_1", "name": "weather"}]))

    answer = await asked(provider, ask(tools=(WEATHER,)), is_stream=is_stream)

    assert (answer.text, answer.tool_calls[0].arguments) == ("I will look.", "{}")


@pytest.mark.parametrize("choice", ["auto", "none", "required", "weather"])
async def test_the_choice_of_a_tool_is_told(provider, simulator, ask, choice):
    simulator.script(Reply(text="So."))

    await provider.complete(ask(tools=(WEATHER,), tool_choice=choice))

    told = str(simulator.books[0].request).lower()
    assert {"auto": "auto", "none": "none", "required": "any", "weather": "'weather'"}[choice] in told


async def test_results_of_tools_go_back(provider, simulator, ask):
    simulator.script(
        Reply(tool_calls=[CALL, {"id": "call_2", "name": "weather", "arguments": {}}]), Reply(text="Rain.")
    )
    begun = ask(tools=(WEATHER,))
    calls = (await provider.complete(begun)).tool_calls
    talk = (
        *begun.messages,
        Message("assistant", "", tool_calls=calls),
        Message("tool", "wet", tool_call_id="call_1"),
        Message("tool", '{"sun": 3}', tool_call_id="call_2"),
    )

    answer = await provider.complete(ask(messages=talk, tools=(WEATHER,)))

    assert answer.text == "Rain."
    assert simulator.closed_books()[1].status == 200


async def test_a_talk_that_began_with_another_vendor_goes_on(provider, simulator, ask):
    call = ToolCall("other|call:1", "weather", '{"city": ', opaque="other:xyz")
    talk = (
        Message("user", "And now?"),
        Message("assistant", "", tool_calls=(call,)),
        Message("tool", "", tool_call_id=call.id),
        Message("user", "Well?"),
    )
    simulator.script(Reply(text="So."))

    await provider.complete(ask(messages=talk, tools=(WEATHER,)))

    assert simulator.closed_books()[0].status == 200


async def test_pictures_and_documents_go_along(provider, simulator, ask):
    blobs = (
        Blob(b"\x89PNG", "image/png"),
        Blob(b"%PDF-1.7", "application/pdf", "cv.pdf"),
        Blob("Grüße".encode(), "text/plain", "note.txt"),
    )
    simulator.script(Reply(text="So."))

    await provider.complete(ask(messages=(Message("user", "What is it?", blobs=blobs),)))

    told = str(simulator.books[0].request)
    assert "image/png" in told
    assert "application/pdf" in told
    assert "text/plain" in told


async def test_what_is_set_is_sent_where_the_vendor_takes_it(provider, simulator, ask):
    simulator.script(Reply(text="So."))

    await provider.complete(
        ask(temperature=0.5, top_p=0.9, stop=("END",), seed=7, prompt_cache_key="shared", service_tier="priority")
    )

    assert "END" in str(simulator.books[0].request)


@both
async def test_a_refusal_is_an_error_with_what_it_cost(provider, simulator, ask, is_stream):
    simulator.script(Reply(refusal="I will not."))

    with pytest.raises(RefusalError) as raised:
        await asked(provider, ask(), is_stream=is_stream)

    assert raised.value.written == "I will not."
    assert raised.value.usage.total_output_tokens == simulator.closed_books()[0].output_tokens


async def test_a_wrong_key_and_an_unknown_model(vendor, simulator, settings, ask):
    settings.AI_PROVIDERS = {vendor: {"api_key": "wrong-key", "base_url": simulator.url(vendor), "model": ""}}
    connections = Connections()
    with pytest.raises(AuthenticationError):
        await connections.to(vendor, api_key=settings.AI_PROVIDERS[vendor]["api_key"]).complete(ask())
    settings.AI_PROVIDERS = {vendor: {"api_key": "a-key", "base_url": simulator.url(vendor), "model": ""}}
    with pytest.raises(ModelNotFoundError):
        await connections.to(vendor, api_key=settings.AI_PROVIDERS[vendor]["api_key"]).complete(
            ask(model="no-such-model")
        )
    await connections.close()


@pytest.mark.parametrize("fault", ["cut", "end", "error", "malformed"])
async def test_a_stream_that_breaks_off(provider, simulator, ask, fault):
    simulator.script(Reply(text="One two three four five.", fault=fault, pieces=2))

    with pytest.raises(StreamInterruptedError) as raised:
        await streamed(provider, ask())

    assert raised.value.written == "One two "


@both
async def test_an_answer_without_an_end_is_not_read(provider, simulator, ask, is_stream, monkeypatch):
    for module in ("transport", "gemini_transport"):
        monkeypatch.setattr(f"ai_router.providers.{module}.MAX_ANSWER_BYTES", 2**20)
    simulator.script(Reply(text="So.", size_bytes=200 * 2**20))

    with pytest.raises((MalformedAnswerError, StreamInterruptedError)):
        await asked(provider, ask(), is_stream=is_stream)


async def test_a_reader_that_goes_away_closes_the_connection(provider, simulator, ask):
    simulator.script(Reply(text="One two three four five.", piece_seconds=0.2))

    async with aclosing(provider.stream(ask())) as stream:
        async for piece in stream:
            if piece:
                break
    del stream

    async with asyncio.timeout(10):
        while not simulator.books[0].is_closed:
            await asyncio.sleep(0.01)
    assert simulator.books[0].output_tokens < 5


class TestAnthropic:
    @pytest.fixture
    def vendor(self):
        return "anthropic"

    async def test_it_has_no_embeddings(self, provider):
        with pytest.raises(InvalidRequestError):
            await provider.embed(EmbeddingRequest("claude-haiku-5-5", ("a",)))

    @pytest.mark.parametrize(
        ("code", "status", "error"),
        [("billing_error", 402, ProviderQuotaError), ("overloaded_error", 529, ProviderUnavailableError)],
    )
    async def test_its_words(self, provider, simulator, ask, *, code, status, error):
        simulator.script(Reply(status=status, code=code))

        with pytest.raises(error, match=code):
            await provider.complete(ask())

    async def test_an_older_model_is_told_the_form_in_words_and_how_to_sample(self, provider, simulator, ask):
        simulator.script(Reply(text="{}"))

        await provider.complete(ask(model="claude-3-haiku", form=answer_form(Person), temperature=1.7))

        request = simulator.books[0].request
        assert "output_config" not in request
        assert "JSON schema" in request["system"][-1]["text"]
        assert request["temperature"] == 1.0

    async def test_the_shared_beginning_is_marked(self, provider, simulator, ask):
        simulator.script(Reply(text="So."))

        await provider.complete(ask(prompt_cache_key="shared"))

        assert simulator.books[0].request["system"][-1]["cache_control"] == {"type": "ephemeral"}


class TestGemini:
    @pytest.fixture
    def vendor(self):
        return "gemini"

    async def test_texts_become_vectors(self, provider, simulator):
        request = EmbeddingRequest("gemini-embedding-001", ("roses", "violets", "roses"), dimensions=16)

        answer = await provider.embed(request)

        assert [len(vector) for vector in answer.vectors] == [16, 16, 16]
        assert answer.vectors[0] == answer.vectors[2] != answer.vectors[1]
        assert answer.usage is None or answer.usage.input_tokens == simulator.closed_books()[0].input_tokens

    async def test_a_vector_that_is_missing(self, provider, simulator):
        simulator.script(Reply(fault="empty"))

        with pytest.raises(MalformedAnswerError):
            await provider.embed(EmbeddingRequest("gemini-embedding-001", ("roses",)))

    async def test_a_request_that_is_not_taken_for_its_content(self, provider, simulator, ask):
        simulator.script(Reply(fault="empty", code="PROHIBITED_CONTENT"))

        with pytest.raises(ContentFilterError, match="PROHIBITED_CONTENT"):
            await provider.complete(ask())

    async def test_a_call_that_the_model_broke(self, provider, simulator, ask):
        simulator.script(Reply(tool_calls=[{"name": "weather", "arguments": '{"city": '}]))

        with pytest.raises(MalformedAnswerError, match="MALFORMED_FUNCTION_CALL"):
            await provider.complete(ask(tools=(WEATHER,)))

    async def test_nothing_is_stored_and_nothing_goes_on_by_itself(self, provider, simulator, ask):
        simulator.script(Reply(text="So.", finish_reason="CONTINUATION"))

        answer = await provider.complete(ask())

        assert answer.finish_reason is FinishReason.LENGTH
        assert len(simulator.closed_books()) == 1
        assert simulator.books[0].request["store"] is False


@pytest.mark.parametrize(
    ("vendor", "body", "error", "seconds"),
    [
        (
            "gemini",
            {"details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}]},
            RateLimitError,
            34.5,
        ),
        (
            "gemini",
            {"details": [{"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]},
            ProviderQuotaError,
            None,
        ),
        (
            "gemini",
            {"code": 400, "message": "The input token count (9) exceeds the maximum number of tokens"},
            ContextLengthError,
            None,
        ),
        ("gemini", {"code": 400, "status": "FAILED_PRECONDITION"}, ProviderQuotaError, None),
        ("anthropic", {"code": 400, "message": "prompt is too long: 9 tokens > 8 maximum"}, ContextLengthError, None),
        ("anthropic", {"code": 400, "message": "Your credit balance is too low"}, ProviderQuotaError, None),
        ("anthropic", {"code": 403, "message": "spend limit reached"}, ProviderQuotaError, None),
    ],
)
async def test_what_only_the_words_say(provider, simulator, ask, monkeypatch, *, vendor, body, error, seconds):
    from tests.providers.simulator.wires import WIRES

    wire = WIRES[f"/{vendor}/v1"]
    status = body.get("code", 429)
    said = wire.error(status, "", "")
    said["error"] |= body
    monkeypatch.setattr(wire, "error", lambda *_: said)
    simulator.script(Reply(status=status))

    with pytest.raises(ProviderError) as raised:
        await provider.complete(ask())

    assert type(raised.value) is error
    assert raised.value.retry_after == seconds
