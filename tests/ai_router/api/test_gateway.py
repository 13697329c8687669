"""OpenAI's SDK and curl against the gateway, as their users would."""

import asyncio
import json
import subprocess
import time

import httpx2
import openai
import pytest
from asgiref.sync import sync_to_async

from ai_router.errors import UnknownModelError
from ai_router.naming import find_target
from careerai.accounts.tokens import create_token
from tests.ai_router.books import assert_books_agree
from tests.providers.simulator import Reply
from usage.models import Budget, Call

pytestmark = pytest.mark.django_db(transaction=True)
HELLO = [{"role": "user", "content": "Say hello."}]
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def line(**wanted: object) -> Call:
    """Return the one line of the ledger, once it is settled."""
    deadline = time.monotonic() + 10
    while Call.objects.exclude(status="open").filter(**wanted).count() != 1 and time.monotonic() < deadline:
        time.sleep(0.02)
    return Call.objects.get()


def test_a_conversation_is_answered_and_booked(client, simulator, owner):
    simulator.script(Reply(text="Hello there.", cached_tokens=3))

    raw = client.chat.completions.with_raw_response.create(
        model="auto",
        messages=[{"role": "developer", "content": "Be brief."}, *HELLO],
        temperature=0.5,
        top_p=0.9,
        seed=7,
        stop=["END"],
        max_completion_tokens=50,
        user="somebody",
        metadata={"a": "b"},
    )

    answer = raw.parse()
    booked = line()
    entry = simulator.closed_books()[0]
    assert answer.choices[0].message.content == "Hello there."
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (entry.input_tokens, entry.output_tokens)
    assert answer.usage.prompt_tokens_details.cached_tokens == 3
    assert (booked.user, booked.task_type, booked.status) == (owner, "chat", "succeeded")
    assert raw.headers["x-careerai-provider"] == "openai"
    assert raw.headers["x-careerai-model"] == answer.model == "gpt-5.4-mini"
    assert raw.headers["x-careerai-call-id"] == str(booked.pk)
    assert raw.headers["x-careerai-cost-usd"] == f"{booked.cost_nanousd / 1e9:.9f}".rstrip("0")
    assert raw.headers["x-request-id"] == booked.request_id
    sent = entry.request
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    # A model that thinks refuses a temperature.
    assert ("temperature" in sent, sent["max_completion_tokens"]) == (False, 50)
    assert_books_agree(simulator)


def test_a_stream_comes_in_pieces_with_usage_when_it_is_asked_for(client, simulator):
    simulator.script(Reply(text="One two three four."))

    chunks = list(
        client.chat.completions.create(
            model="task:fast_summary", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
    )

    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert texts == ["One ", "two ", "three ", "four."]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == simulator.closed_books()[0].output_tokens
    assert len({chunk.id for chunk in chunks}) == 1
    assert line().task_type == "fast_summary"
    assert_books_agree(simulator)


def test_a_stream_says_nothing_of_usage_unless_asked(client, simulator):
    chunks = list(client.chat.completions.create(model="auto", messages=HELLO, stream=True))

    assert all(chunk.usage is None for chunk in chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert line().output_tokens > 0


async def test_the_async_client_reads_a_stream(live_url, token, simulator):
    simulator.script(Reply(text="One two."))

    async with openai.AsyncOpenAI(base_url=f"{live_url}/v1", api_key=token, max_retries=0) as client:
        stream = await client.chat.completions.create(model="auto", messages=HELLO, stream=True)
        texts = [chunk.choices[0].delta.content or "" async for chunk in stream]

    assert "".join(texts) == "One two."
    await sync_to_async(assert_books_agree)(simulator)


async def test_a_reader_who_leaves_stops_the_provider_and_pays_for_what_was_written(live_url, token, simulator):
    simulator.script(Reply(text="One two three four.", fault="hang", pieces=2))

    async with openai.AsyncOpenAI(base_url=f"{live_url}/v1", api_key=token, max_retries=0) as client:
        stream = await client.chat.completions.create(model="auto", messages=HELLO, stream=True)
        async for chunk in stream:
            if chunk.choices[0].delta.content == "two ":
                break
        await stream.close()

    booked = await sync_to_async(line)()
    assert (booked.status, booked.is_estimated) == ("cancelled", True)
    assert booked.output_tokens > 0
    await sync_to_async(assert_books_agree)(simulator)


async def test_a_caller_who_leaves_before_the_answer_stops_the_provider(live_url, token, simulator):
    simulator.script(Reply(fault="stall"))

    async with openai.AsyncOpenAI(base_url=f"{live_url}/v1", api_key=token, max_retries=0) as client:
        asking = asyncio.ensure_future(client.chat.completions.create(model="auto", messages=HELLO))
        while not simulator.books:
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    assert (await sync_to_async(line)()).status == "cancelled"
    await sync_to_async(simulator.closed_books)()


def test_a_stream_that_breaks_off_ends_in_an_error(client, simulator):
    simulator.script(Reply(text="One two three four.", fault="cut", pieces=2))
    seen = []

    with pytest.raises(openai.APIError, match="broke off"):
        seen.extend(
            chunk.choices[0].delta.content
            for chunk in client.chat.completions.create(model="auto", messages=HELLO, stream=True)
        )

    booked = line()
    assert (booked.status, len(simulator.books)) == ("incomplete", 1)
    assert_books_agree(simulator)


def test_a_stream_that_fails_before_its_first_text_has_a_status_of_its_own(client, simulator):
    simulator.script(Reply(status=400, code="bad_thing"))

    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="auto", messages=HELLO, stream=True)

    assert caught.value.code == "refused_by_provider"
    assert "bad_thing" in caught.value.message


def test_an_answer_has_the_form_that_was_asked_for(client, simulator):
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    simulator.script(Reply(text='```json\n{"city": "Riga"}\n```'))

    answer = client.chat.completions.create(
        model="openai/gpt-5.4-mini",
        messages=HELLO,
        response_format={"type": "json_schema", "json_schema": {"name": "Place", "schema": schema}},
    )

    assert json.loads(answer.choices[0].message.content) == {"city": "Riga"}
    sent = simulator.books[0].request["response_format"]["json_schema"]
    assert (sent["name"], sent["schema"], sent["strict"]) == ("Place", schema, False)


def test_an_answer_without_the_form_is_repaired_once(client, simulator):
    simulator.script(Reply(text="No JSON at all."), Reply(text='{"a": 1}'))

    answer = client.chat.completions.create(model="auto", messages=HELLO, response_format={"type": "json_object"})

    assert json.loads(answer.choices[0].message.content) == {"a": 1}
    assert line().attempts.count() == 2
    assert_books_agree(simulator)


@pytest.mark.parametrize("name", ["auto", "task:cv_parsing", "openai/gpt-5.4-nano", "gpt-5.4-nano"])
def test_a_model_goes_by_four_kinds_of_name(client, simulator, name):
    answer = client.chat.completions.create(model=name, messages=HELLO)

    assert answer.model == ("gpt-5.4-nano" if name.endswith("nano") else "gpt-5.4-mini")
    assert client.models.retrieve(name).id == name


@pytest.mark.parametrize("name", ["nonsense", "task:nonsense", "groq/llama", "embedded/rules", "x" * 250])
def test_an_unknown_model_is_not_found(client, name):
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model=name, messages=HELLO)

    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    assert Call.objects.count() == 0


def test_models_are_listed(client):
    listed = {model.id: model.owned_by for model in client.models.list()}

    assert listed["auto"] == listed["task:cover_letter"] == "careerai"
    assert listed["openai/gpt-5.4-mini"] == "openai"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nonsense")


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"frequency_penalty": 0.5}, "frequency_penalty"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"parallel_tool_calls": False}, "parallel_tool_calls"),
        ({"temperature": 3}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "pirate", "content": "Arr"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0]"),
        ({"messages": [{"role": "tool", "content": "4"}]}, "messages[0]"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"tool_choice": "required"}, None),
        (
            {"messages": [{"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": "http://127.0.0.1/private.png"}}
            ]}]},
            "messages[0].content[0].image_url.url",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]},
            "messages[0].content[0]",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_by_name(client, more, param):
    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/chat/completions", cast_to=object, body={"model": "auto", "messages": HELLO, **more})

    assert caught.value.param == param
    assert caught.value.type == "invalid_request_error"
    assert Call.objects.count() == 0


@pytest.mark.parametrize(
    ("more", "code", "reason"),
    [
        ({"max_tokens": 1_000_000}, "context_length_exceeded", "window of 400000 tokens"),
        ({"messages": [{"role": "user", "content": "far too long " * 160_000}]}, "context_length_exceeded", "window"),
        ({"max_tokens": 200_000}, "request_unfit", "writes 128000 tokens at most"),
    ],
)
def test_what_no_model_can_do_is_the_requests_fault(client, simulator, more, code, reason):
    with pytest.raises(openai.BadRequestError, match=reason) as caught:
        client.chat.completions.create(**{"model": "auto", "messages": HELLO, **more})

    assert (caught.value.code, caught.value.type) == (code, "invalid_request_error")
    assert not simulator.books
    assert not Call.objects.exists()


def test_what_asks_for_nothing_is_ignored(client):
    neutral = {"n": 1, "logprobs": False, "presence_penalty": 0, "frequency_penalty": 0.0, "logit_bias": None}

    answer = client.chat.completions.create(model="auto", messages=HELLO, **neutral, extra_body={"brand_new": True})

    assert answer.choices[0].message.content


def test_half_of_a_pair_of_surrogates_is_the_callers_fault_and_no_providers(live_url, token, simulator):
    broken = b'{"model": "auto", "messages": [{"role": "user", "content": "a \\ud83d b"}]}'
    whole = broken.replace(b"\\ud83d", b"\\ud83c\\udf39")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    refused, answered = (
        httpx2.post(f"{live_url}/v1/chat/completions", content=body, headers=headers) for body in (broken, whole)
    )

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_json")
    assert answered.status_code == 200
    assert simulator.closed_books()[0].request["messages"][-1]["content"] == "a \N{ROSE} b"
    assert [call.status for call in Call.objects.all()] == ["succeeded"]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[]", 400), (b'{"temperature": 1e400}', 400), (b"[" * 70 + b"]" * 70, 400)],
)
def test_a_body_that_cannot_be_read_is_refused(live_url, token, body, status):
    answer = httpx2.post(f"{live_url}/v1/chat/completions", content=body, headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, "invalid_json")


def test_a_body_that_is_too_large_is_refused(live_url, token, settings):
    settings.GATEWAY_MAX_BODY_BYTES = 1024 * 1024
    headers = {"Authorization": f"Bearer {token}"}

    def in_pieces():
        for _ in range(20):
            yield b" " * 100_000

    for content in (b" " * 2_000_000, in_pieces()):
        answer = httpx2.post(f"{live_url}/v1/chat/completions", content=content, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


@pytest.mark.parametrize("key", ["wrong", "careerai_wrong"])
def test_a_wrong_token_is_refused(live_url, key, simulator):
    client = openai.OpenAI(base_url=f"{live_url}/v1", api_key=key, max_retries=0)

    with pytest.raises(openai.AuthenticationError) as caught:
        client.models.list()

    assert caught.value.code == "invalid_api_key"
    assert simulator.books == []


def test_a_browser_session_opens_nothing(live_url, owner, client_for):
    session = client_for(owner).cookies["sessionid"].value

    answer = httpx2.get(f"{live_url}/v1/models", cookies={"sessionid": session})

    assert answer.status_code == 401


def test_a_spent_budget_is_told_as_a_spent_quota(client, simulator):
    Budget.objects.create(name="none", limit_nanousd=1)

    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model="auto", messages=HELLO)

    assert (caught.value.type, caught.value.code) == ("insufficient_quota", "insufficient_quota")
    assert caught.value.response.headers["x-should-retry"] == "false"
    assert int(caught.value.response.headers["Retry-After"]) > 0
    assert simulator.books == []


def test_what_is_left_of_ones_limits_stands_in_the_headers(client, simulator, settings):
    settings.AI_USER_REQUESTS_PER_MINUTE = 2

    for left in ("1", "0"):
        raw = client.chat.completions.with_raw_response.create(model="auto", messages=HELLO)
        assert (raw.headers["x-ratelimit-limit-requests"], raw.headers["x-ratelimit-remaining-requests"]) == ("2", left)
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model="auto", messages=HELLO)

    headers = caught.value.response.headers
    assert (caught.value.code, headers["x-should-retry"]) == ("rate_limit_exceeded", "true")
    assert 0 < int(headers["Retry-After"]) <= 120
    assert headers["x-ratelimit-remaining-requests"] == "0"
    assert len(simulator.books) == 2


def test_a_provider_that_is_busy_for_long_is_told_with_its_hint(client, simulator):
    simulator.script(*[Reply(status=429, headers={"retry-after": "600"})] * 3)

    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model="auto", messages=HELLO)

    assert caught.value.response.headers["Retry-After"] == "600"
    assert caught.value.response.headers["x-should-retry"] == "true"


def test_without_a_provider_the_gateway_says_so(live_url, token):
    client = openai.OpenAI(base_url=f"{live_url}/v1", api_key=token, max_retries=0)

    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="auto", messages=HELLO)

    assert (caught.value.status_code, caught.value.code) == (503, "no_provider")


def test_an_address_or_method_that_is_not_there_is_told_in_the_same_form(live_url, token):
    headers = {"Authorization": f"Bearer {token}"}

    lost = httpx2.get(f"{live_url}/v1/nothing/here", headers=headers)
    wrong = httpx2.get(f"{live_url}/v1/chat/completions", headers=headers)

    assert (lost.status_code, lost.json()["error"]["code"]) == (404, "unknown_url")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")


def curl(*arguments: str) -> str:
    done = subprocess.run(
        ["curl", "-sS", "-N", "--max-time", "20", *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_curl_is_answered_whole_and_in_pieces(live_url, token, simulator):
    simulator.script(Reply(text="Hello."), Reply(text="One two."))
    address = f"{live_url}/v1/chat/completions"
    headers = ["-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json"]
    body = {"model": "auto", "messages": HELLO}

    whole = json.loads(curl(address, *headers, "-d", json.dumps(body)))
    pieces = curl(address, *headers, "-d", json.dumps({**body, "stream": True}))

    assert whole["choices"][0]["message"]["content"] == "Hello."
    events = [part.removeprefix("data: ") for part in pieces.split("\n\n") if part]
    assert events[-1] == "[DONE]"
    assert "".join(json.loads(event)["choices"][0]["delta"].get("content", "") for event in events[:-1]) == "One two."


def test_one_persons_line_is_not_anothers(client, live_url, stranger, simulator):
    other = openai.OpenAI(base_url=f"{live_url}/v1", api_key=create_token(user=stranger, name="b")[1], max_retries=0)

    client.chat.completions.create(model="auto", messages=HELLO)
    other.chat.completions.create(model="auto", messages=HELLO)

    assert {call.user.username for call in Call.objects.all()} == {"owner", "stranger"}


@pytest.mark.parametrize(("temperature", "asked"), [(0, 1), (0.5, 2)])
def test_an_answer_that_is_not_drawn_by_chance_is_given_again(client, simulator, temperature, asked):
    simulator.script(*[Reply(text="One two three four five six seven.")] * 2)
    order = {"model": "auto", "messages": HELLO, "temperature": temperature}

    first = client.chat.completions.create(**order)
    again = client.chat.completions.create(**order)
    chunks = list(client.chat.completions.create(**order, stream=True)) if asked == 1 else []

    assert again.choices[0].message.content == first.choices[0].message.content
    assert len(simulator.closed_books()) == asked
    assert Call.objects.filter(is_cached=True).count() == (2 if asked == 1 else 0)
    if chunks:
        said = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
        assert "".join(said) == first.choices[0].message.content
        assert len([piece for piece in said if piece]) > 1


@pytest.mark.parametrize("name", ["openai/gpt\x00", "openai/" + "x" * 200, "gpt\ud800"])
def test_a_name_that_no_model_has_is_asked_of_nobody(name):
    with pytest.raises(UnknownModelError):
        find_target(name)
