"""Tools, pictures and vectors through the gateway, by OpenAI's SDK and by Groq's."""

import base64
import json

import groq
import openai
import pytest

from tests.ai_router.books import assert_books_agree
from tests.providers.simulator import Reply
from usage.models import Call

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = [{"role": "user", "content": "How warm is it in Riga?"}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "temperature_in",
            "description": "Tells how warm it is in a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]
CALL = {"name": "temperature_in", "arguments": {"city": "Riga"}}
MODEL = "openai/gpt-4.1-mini"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_a_tool_is_called_and_its_result_answered(client, simulator):
    simulator.script(Reply(tool_calls=[CALL]), Reply(text="It is 20 degrees."))

    asked = client.chat.completions.create(model=MODEL, messages=QUESTION, tools=TOOLS, tool_choice="required")
    message = asked.choices[0].message
    call = message.tool_calls[0]
    told = [
        *QUESTION,
        message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "20"},
    ]
    answer = client.chat.completions.create(model=MODEL, messages=told, tools=TOOLS)

    assert asked.choices[0].finish_reason == "tool_calls"
    assert (call.function.name, json.loads(call.function.arguments)) == ("temperature_in", {"city": "Riga"})
    assert message.content is None
    assert answer.choices[0].message.content == "It is 20 degrees."
    first, second = (entry.request for entry in simulator.books)
    assert (first["tool_choice"], first["tools"][0]["function"]["name"]) == ("required", "temperature_in")
    assert second["messages"][1]["tool_calls"][0]["id"] == second["messages"][2]["tool_call_id"] == call.id
    assert second["messages"][2]["content"] == "20"
    assert_books_agree(simulator)


def test_a_streamed_tool_call_comes_in_one_piece(client, simulator):
    simulator.script(Reply(tool_calls=[CALL, {**CALL, "arguments": {"city": "Oslo"}}]))

    chunks = list(client.chat.completions.create(model=MODEL, messages=QUESTION, tools=TOOLS, stream=True))

    deltas = [chunk.choices[0].delta.tool_calls for chunk in chunks if chunk.choices[0].delta.tool_calls]
    assert len(deltas) == 1
    assert [(call.index, json.loads(call.function.arguments)["city"]) for call in deltas[0]] == [
        (0, "Riga"),
        (1, "Oslo"),
    ]
    assert chunks[-1].choices[0].finish_reason == "tool_calls"
    assert_books_agree(simulator)


def test_a_named_tool_is_asked_for_by_name(client, simulator):
    simulator.script(Reply(tool_calls=[CALL]))
    choice = {"type": "function", "function": {"name": "temperature_in"}}

    client.chat.completions.create(model=MODEL, messages=QUESTION, tools=TOOLS, tool_choice=choice)

    assert simulator.books[0].request["tool_choice"]["function"]["name"] == "temperature_in"


def test_a_picture_is_passed_on_as_it_is(client, simulator):
    address = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": address}}]

    client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": parts}])

    sent = simulator.books[0].request["messages"][0]["content"]
    assert any(part.get("image_url", {}).get("url") == address for part in sent)
    assert_books_agree(simulator)


def test_groqs_client_works_as_well(live_url, token, simulator):
    simulator.script(Reply(text="One two."), Reply(tool_calls=[CALL]))

    with groq.Groq(base_url=live_url, api_key=token, max_retries=0) as client:
        stream = client.chat.completions.create(model=MODEL, messages=QUESTION, stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        called = client.chat.completions.create(model=MODEL, messages=QUESTION, tools=TOOLS)

    assert text == "One two."
    assert called.choices[0].message.tool_calls[0].function.name == "temperature_in"


@pytest.mark.parametrize("name", ["auto", "openai/text-embedding-3-small", "text-embedding-3-small"])
def test_texts_become_vectors(client, simulator, name):
    raw = client.embeddings.with_raw_response.create(model=name, input=["Roses", "Lilies"])

    found = raw.parse()
    assert [item.index for item in found.data] == [0, 1]
    assert len(found.data[0].embedding) == len(found.data[1].embedding) > 1
    assert found.data[0].embedding != found.data[1].embedding
    assert found.usage.prompt_tokens == simulator.closed_books()[0].input_tokens > 0
    assert raw.headers["x-careerai-model"] == found.model == "text-embedding-3-small"
    assert Call.objects.get().task_type == "embedding"
    assert_books_agree(simulator)


def test_both_ways_to_write_vectors_say_the_same(client, simulator):
    packed = client.embeddings.create(model="auto", input="Roses").data[0].embedding
    plain = client.embeddings.create(model="auto", input="Roses", encoding_format="float").data[0].embedding

    assert packed == pytest.approx(plain, abs=1e-6)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": []}, "input"),
        ({"input": ["a", " "]}, "input[1]"),
        ({"input": [1, 2]}, "input"),
        ({"input": [[1, 2]]}, "input"),
        ({"input": "a", "dimensions": 0}, "dimensions"),
        ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
    ],
)
def test_what_cannot_become_a_vector_is_refused_by_name(client, simulator, body, param):
    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/embeddings", cast_to=object, body={"model": "auto", **body})

    assert caught.value.param == param
    assert Call.objects.count() == 0


def test_a_model_of_vectors_that_nobody_has_is_not_found(client):
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="nonsense", input="a")
