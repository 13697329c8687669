"""What every provider's adapter promises, through its real SDK, against the simulator: one table row for each.

To add a provider: a row in `SUBJECTS`. What it cannot do is said there; everything else is tested.
"""

import asyncio
import json
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel

from ai_router.errors import (
    AuthenticationError,
    ContextLengthError,
    InvalidRequestError,
    MalformedAnswerError,
    ModelNotFoundError,
    ProviderConnectionError,
    ProviderError,
    ProviderQuotaError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
    RefusalError,
    StreamInterruptedError,
)
from ai_router.providers import BUILT_IN
from ai_router.providers.base import Provider
from ai_router.repair import repair_json
from ai_router.schemas import answer_form
from ai_router.types import (
    Blob,
    EmbeddingRequest,
    FinishReason,
    Message,
    ProviderAnswer,
    ProviderRequest,
    Tool,
    ToolCall,
)
from tests.providers.simulator import Entry, Reply, Simulator
from tests.providers.simulator.wires.base import UNKNOWN_MODEL, WRONG_KEY
from usage.types import TokenUsage

KEY = "a-secret-key-0123456789"
SECRET = "the cat's name is Behemoth"
# The smallest picture there is: one pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001010000000037"
    "6ef9240000000a49444154789c636000000002000148afa4710000000049454e44ae426082"
)
FIND = Tool(
    "find",
    "Finds a word.",
    {
        "type": "object",
        "properties": {"word": {"type": "string"}},
        "required": ["word"],
        "additionalProperties": False,
    },
)


@dataclass(frozen=True)
class Subject:
    """A provider under test, and what it differs in.

    Args:
        provider: Its name in `BUILT_IN`.
        model: A model that the simulator prices.
        options: More arguments of the adapter.
        name: Name of the test where a provider stands in more than one row.
        embedding_model: A model for vectors; empty where the provider has none.
        tells: What the usage on its wire distinguishes: `cached`, `cache_write`, `reasoning`.
        tells_stream_usage: Whether its streams say what they used.
        has_refusal: Whether its form has refusals apart from texts.
        context_code: The code with which it says that a request is too long.
        context_message: Its words for that, where it has no code.
        has_raw_arguments: Whether arguments of tools cross its wire as the model wrote them, and not as an object.
        has_error_ids: Whether its errors come with the request's id.
        form_in_stream: Whether it can be held to a schema in a stream.
    """

    provider: str
    model: str
    options: tuple[tuple[str, str], ...] = ()
    name: str = ""
    embedding_model: str = ""
    tells: frozenset[str] = frozenset({"cached", "cache_write", "reasoning"})
    tells_stream_usage: bool = True
    has_refusal: bool = True
    context_code: str = "context_length_exceeded"
    context_message: str = ""
    has_raw_arguments: bool = True
    has_error_ids: bool = True
    form_in_stream: bool = True

    def __str__(self) -> str:
        return self.name or self.provider


NOTHING: frozenset[str] = frozenset()
SUBJECTS = [
    Subject("openai", "gpt-4.1-mini", embedding_model="text-embedding-3-small"),
    Subject(
        "openai",
        "gpt-5.4-mini",
        name="openai-responses-for-tools",
        embedding_model="text-embedding-3-small",
    ),
    Subject("openai", "gpt-5.4-pro", name="openai-responses", embedding_model="text-embedding-3-small"),
    Subject("azure", "gpt-4.1-mini", embedding_model="text-embedding-3-small"),
    Subject(
        "azure",
        "gpt-4.1-mini",
        name="azure-deployments",
        options=(("api_version", "2026-04-01"),),
        embedding_model="text-embedding-3-small",
    ),
    Subject("azure", "gpt-5.4-pro", name="azure-responses", embedding_model="text-embedding-3-small"),
    Subject("groq", "openai/gpt-oss-20b", tells=frozenset({"cached", "reasoning"}), form_in_stream=False),
    Subject(
        "grok",
        "grok-4.3",
        tells=frozenset({"cached", "reasoning"}),
        context_code="Client specified an invalid argument",
        context_message="This model's maximum prompt length is 1000000 but the request contains 2000000 tokens.",
    ),
    Subject(
        "anthropic",
        "claude-haiku-4-5",
        context_code="",
        context_message="prompt is too long: 210000 tokens > 200000 maximum",
        has_raw_arguments=False,
    ),
    Subject(
        "gemini",
        "gemini-3.5-flash-lite",
        embedding_model="gemini-embedding-001",
        tells=frozenset({"cached", "reasoning"}),
        context_code="",
        context_message="The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
        has_raw_arguments=False,
        has_error_ids=False,
    ),
    Subject(
        "ollama",
        "qwen3:8b",
        embedding_model="nomic-embed-text",
        tells=NOTHING,
        context_code="",
        context_message="the request exceeds the available context size",
    ),
    Subject(
        "lm_studio",
        "qwen3-8b",
        embedding_model="text-embedding-nomic-embed-text-v1.5",
        tells=NOTHING,
        tells_stream_usage=False,
        context_code="",
        context_message="The number of tokens to keep is greater than the context length.",
    ),
    Subject(
        "anthropic",
        "claude-haiku-5-5",
        has_refusal=False,
        has_raw_arguments=False,
        context_code="",
        context_message="prompt is too long: 1000001 tokens > 1000000 maximum",
    ),
    Subject(
        "gemini",
        "gemini-3.8-flash",
        embedding_model="gemini-embedding-001",
        tells=frozenset({"cached", "reasoning"}),
        has_refusal=False,
        has_raw_arguments=False,
        has_error_ids=False,
        context_code="",
        context_message="The input token count (1000001) exceeds the maximum number of tokens allowed (1000000).",
    ),
    Subject("vllm", "Qwen/Qwen3-8B", embedding_model="Qwen/Qwen3-8B", tells=NOTHING),
]


def connect(subject: Subject, simulator: Simulator, *, key: str = KEY, base_url: str = "") -> Provider:
    """Return the adapter, connected as the router would."""
    module, _, adapter = BUILT_IN[subject.provider].adapter.partition(":")
    address = base_url or simulator.url(subject.provider)
    client: Provider = getattr(import_module(module), adapter)(api_key=key, base_url=address, **dict(subject.options))
    return client


@pytest.fixture(params=SUBJECTS, ids=str)
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.param
    return found


@pytest.fixture
async def provider(subject: Subject, simulator: Simulator) -> AsyncIterator[Provider]:
    client = connect(subject, simulator)
    yield client
    await client.close()


def ask(subject: Subject, **more: Any) -> ProviderRequest:
    values: dict[str, Any] = {
        "model": subject.model,
        "messages": (Message("system", "Be brief."), Message("user", SECRET)),
        "max_output_tokens": 500,
        "timeout_seconds": 20.0,
    }
    return ProviderRequest(**{**values, **more})


async def collect(provider: Provider, request: ProviderRequest) -> tuple[str, ProviderAnswer]:
    """Read a stream to its end; return the text of its pieces, and the whole answer."""
    *pieces, answer = [piece async for piece in provider.stream(request)]
    assert isinstance(answer, ProviderAnswer)
    return "".join(piece for piece in pieces if isinstance(piece, str)), answer


async def failure(provider: Provider, request: ProviderRequest, *, is_stream: bool = False) -> ProviderError:
    """Return the error of a request, which repeats neither the text nor the key."""
    with pytest.raises(ProviderError) as caught:
        await (collect(provider, request) if is_stream else provider.complete(request))
    assert SECRET not in str(caught.value)
    assert KEY not in str(caught.value)
    return caught.value


async def closed_books(simulator: Simulator) -> list[Entry]:
    """Return the books once every answer has ended, which connections that are closed here may have to be told first."""
    return await asyncio.to_thread(simulator.closed_books)


def expected_usage(subject: Subject, simulator: Simulator) -> TokenUsage:
    """Return the books' last line as the router counts: each token once, as far as the wire tells them apart."""
    entry = simulator.closed_books()[-1]
    cached = entry.cached_tokens if "cached" in subject.tells else 0
    cache_write = entry.cache_write_tokens if "cache_write" in subject.tells else 0
    reasoning = entry.reasoning_tokens if "reasoning" in subject.tells else 0
    return TokenUsage(
        input_tokens=entry.input_tokens - cached - cache_write,
        cached_input_tokens=cached,
        cache_write_tokens=cache_write,
        output_tokens=entry.output_tokens - reasoning,
        reasoning_tokens=reasoning,
    )


COUNTED = {"cached_tokens": 4, "cache_write_tokens": 2, "reasoning_tokens": 6}


async def test_a_whole_answer(subject, provider, simulator):
    simulator.script(Reply(text="Nobody at all.", **COUNTED))

    answer = await provider.complete(ask(subject))

    assert (answer.text, answer.model, answer.finish_reason) == ("Nobody at all.", subject.model, FinishReason.STOP)
    assert answer.usage == expected_usage(subject, simulator)
    assert answer.request_id == simulator.books[0].request_id
    assert (simulator.books[0].vendor, simulator.books[0].model) == (subject.provider, subject.model)


async def test_a_stream_ends_with_the_whole_answer(subject, provider, simulator):
    simulator.script(Reply(text="Nobody at all.", **COUNTED))

    text, answer = await collect(provider, ask(subject))

    assert text == answer.text == "Nobody at all."
    assert answer.finish_reason is FinishReason.STOP
    assert answer.usage == (expected_usage(subject, simulator) if subject.tells_stream_usage else None)
    assert answer.request_id == simulator.books[0].request_id


@pytest.mark.parametrize("is_stream", [False, True])
async def test_an_answer_that_reached_its_bound_says_so(subject, provider, simulator, is_stream):
    simulator.script(Reply(text="one two three four five six seven eight nine ten eleven twelve"))
    request = ask(subject, max_output_tokens=5)

    answer = (await collect(provider, request))[1] if is_stream else await provider.complete(request)

    assert answer.finish_reason is FinishReason.LENGTH
    assert answer.text.startswith("one two")


@pytest.mark.parametrize("is_stream", [False, True])
async def test_tools_are_offered_and_called(subject, provider, simulator, is_stream):
    second = '{"word": "bro' if subject.has_raw_arguments else '{"word": "broom"}'
    wanted = [
        {"name": "find", "arguments": {"word": "rose, a long one"}, "id": "call-a"},
        {"name": "find", "arguments": second, "id": "call-b"},
    ]
    simulator.script(Reply(tool_calls=wanted))
    request = ask(subject, tools=(FIND,), tool_choice="auto")

    answer = (await collect(provider, request))[1] if is_stream else await provider.complete(request)

    assert answer.finish_reason is FinishReason.TOOL_CALLS
    assert [call.name for call in answer.tool_calls] == ["find", "find"]
    assert json.loads(answer.tool_calls[0].arguments) == {"word": "rose, a long one"}
    assert answer.tool_calls[1].arguments == second
    assert len({call.id for call in answer.tool_calls}) == 2


async def test_a_tool_answers_and_the_model_goes_on(subject, provider, simulator):
    call = ToolCall("call-a", "find", '{"word": "rose"}')
    messages = (
        Message("user", "Find a rose."),
        Message("assistant", "", tool_calls=(call,)),
        Message("tool", "In the garden.", tool_call_id="call-a"),
    )
    simulator.script(Reply(text="It is in the garden."))

    answer = await provider.complete(ask(subject, messages=messages, tools=(FIND,)))

    assert answer.text == "It is in the garden."
    assert "In the garden." in json.dumps(simulator.books[0].request)


class Place(BaseModel):
    """A form."""

    city: str
    people: int
    rivers: list[str]


@pytest.mark.parametrize("is_stream", [False, True])
async def test_an_answer_has_the_form(subject, provider, simulator, is_stream):
    if is_stream and not subject.form_in_stream:
        simulator.script(Reply(text='Here it is:\n```json\n{"city": "Ghent", "people": 1, "rivers": ["Leie"]}\n```'))
    request = ask(subject, form=answer_form(Place))

    answer = (await collect(provider, request))[1] if is_stream else await provider.complete(request)

    sent = json.dumps(simulator.books[0].request)
    assert "rivers" in sent
    assert Place.model_validate_json(repair_json(answer.text))


async def test_a_picture_is_shown(subject, provider, simulator):
    simulator.script(Reply(text="A dot."))
    picture = Message("user", "What is this?", blobs=(Blob(PIXEL, "image/png", "dot.png"),))

    answer = await provider.complete(ask(subject, messages=(picture,)))

    assert answer.text == "A dot."
    assert simulator.closed_books()[0].input_tokens > 700


async def test_a_text_document_is_read_by_every_model(subject, provider, simulator):
    simulator.script(Reply(text="Read."))
    note = Message("user", "Sum it up.", blobs=(Blob(b"Roses need pruning.", "text/plain", "note.txt"),))

    await provider.complete(ask(subject, messages=(note,)))

    sent = json.dumps(simulator.books[0].request)
    assert "Roses need pruning." in sent or b64encode(b"Roses need pruning.").decode() in sent


async def test_texts_become_vectors_or_a_clear_error(subject, provider, simulator):
    request = EmbeddingRequest(subject.embedding_model or subject.model, ("a rose", "a rose", "a whale"))
    if not subject.embedding_model:
        with pytest.raises(InvalidRequestError):
            await provider.embed(request)
        assert simulator.books == []
        return

    answer = await provider.embed(request)

    first, second, third = answer.vectors
    assert first == second != third
    assert sum(value * value for value in first) == pytest.approx(1, abs=1e-5)
    assert answer.usage == TokenUsage(input_tokens=simulator.closed_books()[0].input_tokens)


REFUSED = {
    "a bad request": (Reply(status=400), InvalidRequestError),
    "an unknown field": (Reply(status=422), InvalidRequestError),
    "a key that is not taken": (Reply(status=401), AuthenticationError),
    "a forbidden model": (Reply(status=403), AuthenticationError),
    "nobody pays": (Reply(status=402), ProviderQuotaError),
    "too many requests": (Reply(status=429, headers={"Retry-After": "7"}), RateLimitError),
    "out of time": (Reply(status=408), ProviderTimeoutError),
    "a broken server": (Reply(status=500), ProviderUnavailableError),
    "an overloaded server": (Reply(status=503), ProviderUnavailableError),
    "more than overloaded": (Reply(status=529), ProviderUnavailableError),
    "a gateway out of time": (Reply(status=504), ProviderTimeoutError),
    "a page of a gateway": (Reply(status=502, fault="html"), ProviderUnavailableError),
    "a connection that is reset": (Reply(fault="reset"), ProviderConnectionError),
    "a page instead of an answer": (Reply(fault="html"), MalformedAnswerError),
}


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
async def test_each_refusal_has_its_class(subject, provider, simulator, is_stream, subtests):
    for case, (reply, expected) in REFUSED.items():
        simulator.books.clear()
        simulator.script(reply)
        with subtests.test(case):
            error = await failure(provider, ask(subject), is_stream=is_stream)

            assert type(error) is expected
            assert error.provider == subject.provider
            (entry,) = await closed_books(simulator)  # More than one: an SDK asked again by itself.
            if reply.status != 200 and not reply.fault:
                assert error.http_status == reply.status
                assert error.request_id == (entry.request_id if subject.has_error_ids else "")
            assert error.retry_after == (7.0 if reply.headers else None)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_a_request_that_is_too_long_is_told_from_a_wrong_one(subject, provider, simulator, is_stream):
    simulator.script(Reply(status=400, code=subject.context_code, message=subject.context_message))

    assert type(await failure(provider, ask(subject), is_stream=is_stream)) is ContextLengthError


async def test_an_unknown_model_and_a_wrong_key_are_told(subject, provider, simulator):
    assert type(await failure(provider, ask(subject, model=UNKNOWN_MODEL))) is ModelNotFoundError

    stranger = connect(subject, simulator, key=WRONG_KEY)
    error = await failure(stranger, ask(subject))
    await stranger.close()

    assert type(error) is AuthenticationError
    assert WRONG_KEY not in str(error)


MANGLED = {
    "half a body": Reply(text="Well met, stranger.", fault="malformed"),
    "nothing in it": Reply(fault="empty"),
    "an error with status 200": Reply(fault="error"),
    "bytes that are no text": Reply(text="Well met.", fault="utf8"),
    "150 MB": Reply(text="Well", size_bytes=150_000_000),
}


async def test_what_is_no_answer_is_malformed(subject, provider, simulator, subtests):
    for case, reply in MANGLED.items():
        simulator.books.clear()
        simulator.script(reply)
        with subtests.test(case):
            assert type(await failure(provider, ask(subject))) is MalformedAnswerError
            (entry,) = await closed_books(simulator)
            assert entry.sent_bytes < 120_000_000, "it was read whole"


@pytest.mark.parametrize("fault", ["cut", "frame"])
async def test_an_answer_that_breaks_off_is_an_error(subject, provider, simulator, fault):
    simulator.script(Reply(text="Well met, stranger.", fault=fault))

    assert isinstance(await failure(provider, ask(subject)), ProviderConnectionError | MalformedAnswerError)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_what_is_asked_is_not_sent_on_to_another_address(subject, provider, simulator, is_stream):
    reached: list[int] = []

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append(1)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as elsewhere:
        port = elsewhere.sockets[0].getsockname()[1]
        simulator.script(Reply(status=307, headers={"Location": f"http://127.0.0.1:{port}/v1/messages"}))
        await failure(provider, ask(subject), is_stream=is_stream)

    assert not reached


@pytest.mark.parametrize("is_stream", [False, True])
async def test_a_server_that_says_nothing_runs_out_of_time(subject, provider, simulator, is_stream):
    simulator.script(Reply(fault="stall"))

    error = await failure(provider, ask(subject, timeout_seconds=0.3), is_stream=is_stream)

    assert type(error) is ProviderTimeoutError


BROKEN_OFF = {
    "cut": Reply(text="one two three four five", fault="cut"),
    "a broken frame": Reply(text="one two three four five", fault="frame"),
    "ended without an end": Reply(text="one two three four five", fault="end"),
    "an error inside": Reply(text="one two three four five", fault="error"),
    "broken JSON": Reply(text="one two three four five", fault="malformed"),
}


async def test_a_stream_that_breaks_off_keeps_what_it_wrote(subject, provider, simulator, subtests):
    for case, reply in BROKEN_OFF.items():
        simulator.books.clear()
        simulator.script(reply)
        with subtests.test(case):
            error = await failure(provider, ask(subject), is_stream=True)

            assert type(error) is StreamInterruptedError
            assert error.written == "one two three "
            assert error.request_id == simulator.books[0].request_id


async def test_a_stream_without_an_end_is_cut(subject, provider, simulator):
    simulator.script(Reply(text="Well", size_bytes=150_000_000))

    error = await failure(provider, ask(subject), is_stream=True)

    assert type(error) is MalformedAnswerError
    assert (await closed_books(simulator))[0].sent_bytes < 120_000_000, "it was read on"


async def test_a_reader_who_leaves_closes_the_connection(subject, provider, simulator):
    simulator.script(Reply(text="one two three four", fault="hang", pieces=2))
    async with aclosing(provider.stream(ask(subject))) as pieces:
        await anext(pieces)

    await closed_books(simulator)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_a_refusal_is_billed(subject, provider, simulator, is_stream):
    reply = Reply(refusal="I will not.") if subject.has_refusal else Reply(text="I", finish_reason="content_filter")
    simulator.script(reply)

    error = await failure(provider, ask(subject), is_stream=is_stream)

    assert type(error) is RefusalError
    if subject.tells_stream_usage or not is_stream:
        assert error.usage == expected_usage(subject, simulator)


VARIANTS = {
    "none": (Reply(text="Well met.", has_usage=False), False),
    "all zero": (Reply(text="Well met.", usage="zero"), False),
    "in each chunk": (Reply(text="Well met.", usage="cumulative"), True),
    "twice": (Reply(text="Well met.", usage="duplicate"), True),
    "late": (Reply(text="Well met.", usage="late"), True),
}


@pytest.mark.parametrize("is_stream", [False, True])
async def test_usage_is_the_last_report_or_none(subject, provider, simulator, is_stream, subtests):
    request = ask(subject)
    for case, (reply, is_told) in VARIANTS.items():
        simulator.script(reply)
        with subtests.test(case):
            answer = (await collect(provider, request))[1] if is_stream else await provider.complete(request)

            assert answer.usage == (expected_usage(subject, simulator) if is_told else None)


async def test_models_are_listed(subject, provider, simulator):
    assert subject.model in await provider.list_models()
    assert simulator.books == []

    stranger = connect(subject, simulator, key=WRONG_KEY)
    with pytest.raises(AuthenticationError):
        await stranger.list_models()
    await stranger.close()
    simulator.script(Reply(status=503, endpoint="models"))
    with pytest.raises(ProviderUnavailableError):
        await provider.list_models()


@pytest.mark.parametrize("is_stream", [False, True])
async def test_nobody_there_is_a_connection_error(subject, simulator, unused_tcp_port_factory, is_stream):
    address = f"http://127.0.0.1:{unused_tcp_port_factory()}"
    client = connect(subject, simulator, base_url=address)

    error = await failure(client, ask(subject), is_stream=is_stream)
    await client.close()

    assert type(error) is ProviderConnectionError


async def test_it_can_be_closed_at_any_time_and_twice(subject, provider, simulator):
    await provider.complete(ask(subject))

    await provider.close()
    await provider.close()


async def test_no_request_leaves_the_machine(subject, simulator, only_loopback):
    client = connect(subject, simulator, base_url="http://provider.example.org")

    error = await failure(client, ask(subject))
    await client.close()

    assert type(error) is ProviderConnectionError
    assert only_loopback == ["provider.example.org"]


def test_every_provider_stands_in_the_table():
    # What needs a package that is not among the site's own has tests of its own.
    assert {subject.provider for subject in SUBJECTS} == {name for name, row in BUILT_IN.items() if not row.package}


def test_the_guard_knows_this_machine(only_loopback, simulator):
    with socket.create_connection(("127.0.0.1", simulator.port), timeout=5):
        pass
    with pytest.raises(OSError, match="tests do not leave"):
        socket.create_connection(("192.0.2.1", 443), timeout=5)

    assert only_loopback == ["192.0.2.1"]
