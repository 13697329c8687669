"""The adapter's own promises, which the router's tests do not show."""

import asyncio

import pytest
from pydantic import BaseModel, Field

from ai_router.errors import ProviderConnectionError, ProviderError, RefusalError, StreamInterruptedError
from ai_router.providers.openai import OpenAIProvider
from ai_router.schemas import answer_form, strict_schema
from ai_router.types import Message, ProviderAnswer, ProviderRequest
from tests.providers.simulator import Reply, strict_problem
from usage.types import TokenUsage


class Place(BaseModel):
    """Where."""

    city: str = Field(default="", max_length=20)
    country: str | None = None


class Person(BaseModel):
    """Who."""

    name: str = Field(description="As on the CV")
    home: Place = Field(default_factory=Place, description="Where they live")
    others: list[Place] = []
    title: str = ""


def ask(**more) -> ProviderRequest:
    values = {"model": "gpt-5.4-mini", "messages": (Message("user", "Who?"),), "max_output_tokens": 50}
    return ProviderRequest(**{**values, **more})


@pytest.fixture
async def provider(simulator):
    client = OpenAIProvider(api_key="a-key", base_url=simulator.base_url)
    yield client
    await client.close()


async def test_an_answer_has_its_usage_counted_once_and_its_request_id(provider, simulator):
    simulator.script(Reply(text="Nobody.", cached_tokens=4, reasoning_tokens=6))

    answer = await provider.complete(ask())

    entry = simulator.closed_books()[0]
    assert (answer.text, answer.request_id) == ("Nobody.", entry.request_id)
    assert answer.usage == TokenUsage(
        input_tokens=entry.input_tokens - 4,
        cached_input_tokens=4,
        output_tokens=entry.output_tokens - 6,
        reasoning_tokens=6,
    )


async def test_a_stream_ends_with_the_whole_answer(provider, simulator):
    simulator.script(Reply(text="Nobody at all.", reasoning_tokens=6))

    *pieces, answer = [piece async for piece in provider.stream(ask())]

    assert isinstance(answer, ProviderAnswer)
    assert "".join(pieces) == answer.text == "Nobody at all."
    assert answer.usage.reasoning_tokens == 6
    assert answer.request_id == "req_1"


async def test_only_what_is_set_is_sent(provider, simulator):
    await provider.complete(ask())
    await provider.complete(
        ask(model="gpt-4.1-mini", temperature=0.2, reasoning_effort="low", client_request_id="call-1")
    )

    plain, full = (entry.request for entry in simulator.closed_books())
    assert set(plain) == {"model", "messages", "max_completion_tokens", "store"}
    assert plain["store"] is False
    assert (full["temperature"], full["reasoning_effort"]) == (0.2, "low")
    assert simulator.books[1].client_request_id == "call-1"


async def test_a_form_is_sent_as_a_strict_schema(provider, simulator):
    answer = await provider.complete(ask(form=answer_form(Person)))

    form = simulator.books[0].request["response_format"]["json_schema"]
    assert (form["name"], form["strict"]) == ("Person", True)
    assert strict_problem(form["schema"]) == ""
    assert Person.model_validate_json(answer.text)


def test_a_strict_schema_keeps_names_and_descriptions_and_drops_what_is_not_taken():
    schema = strict_schema(Person)

    assert schema["required"] == ["name", "home", "others", "title"]
    assert schema["properties"]["name"] == {"type": "string", "description": "As on the CV"}
    assert schema["properties"]["home"]["description"] == "Where they live"
    assert schema["properties"]["home"]["additionalProperties"] is False
    assert "maxLength" not in schema["$defs"]["Place"]["properties"]["city"]
    assert "default" not in str(schema)


async def test_errors_name_the_status_and_never_the_text(provider, simulator):
    simulator.script(Reply(status=400, code="invalid_value", headers={"Retry-After": "7"}))

    with pytest.raises(ProviderError) as caught:
        await provider.complete(ask())

    assert str(caught.value) == "openai answered 400 (invalid_value)"
    assert (caught.value.http_status, caught.value.request_id, caught.value.retry_after) == (400, "req_1", 7.0)


async def test_a_refusal_in_a_stream_is_billed(provider, simulator):
    simulator.script(Reply(refusal="I will not."))

    with pytest.raises(RefusalError) as caught:
        [piece async for piece in provider.stream(ask())]

    assert caught.value.usage.output_tokens == simulator.closed_books()[0].output_tokens


async def test_nobody_there_is_a_connection_error(unused_tcp_port_factory):
    client = OpenAIProvider(api_key="a-key", base_url=f"http://127.0.0.1:{unused_tcp_port_factory()}/v1")

    with pytest.raises(ProviderConnectionError):
        await client.complete(ask())
    await client.close()


async def test_closing_the_iterator_closes_the_connection(provider, simulator):
    simulator.script(Reply(text="one two three four", fault="hang", pieces=2))
    stream = provider.stream(ask())
    await anext(stream)

    await stream.aclose()

    await asyncio.to_thread(simulator.closed_books)


async def test_an_interrupted_stream_keeps_its_request_id(provider, simulator):
    simulator.script(Reply(text="one two three four", fault="cut", pieces=2))

    with pytest.raises(StreamInterruptedError) as caught:
        [piece async for piece in provider.stream(ask())]

    assert caught.value.request_id == "req_1"
