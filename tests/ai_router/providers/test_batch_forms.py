"""The batches of OpenAI, Azure, Groq, xAI, Anthropic and Gemini through their SDKs, without the router around them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ai_router.batch_types import BatchResult
from ai_router.catalog import facts_of
from ai_router.errors import (
    AuthenticationError,
    ContextLengthError,
    InvalidRequestError,
    MalformedAnswerError,
    ModelNotFoundError,
    ProviderUnavailableError,
    RateLimitError,
)
from ai_router.providers import load_adapter
from ai_router.types import AnswerForm, Message, ProviderRequest
from tests.providers.simulator import BatchReply, Reply, Simulator

DEPLOYMENTS = "gpt-5.4-mini=gpt-5.4-mini-batch, gpt-5.4-pro=gpt-5.4-pro-batch"
MODELS = {
    "openai": "gpt-5.4-mini",
    "azure": "gpt-5.4-mini",
    "groq": "openai/gpt-oss-120b",
    "grok": "grok-4.3",
    "anthropic": "claude-haiku-5-5",
    "gemini": "gemini-3.8-flash",
}
# Vendors that keep a batch until it is deleted, with all that is in it.
KEPT_WHOLE = ("anthropic", "gemini")
SINCE = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def simulator() -> Any:
    server = Simulator()
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=MODELS)
async def provider(simulator, request) -> AsyncIterator[Any]:
    made = connect(simulator, request.param)
    yield made
    await made.close()


def connect(simulator: Simulator, name: str, key: str = "simulated") -> Any:
    more = {"batch_deployments": DEPLOYMENTS} if name == "azure" else {}
    return load_adapter(name)(api_key=key, base_url=simulator.url(name), **more)


def ask(provider: Any, model: str = "") -> ProviderRequest:
    model = model or MODELS[provider.name]
    return ProviderRequest(model, (Message("user", "Hello."),), 50, facts=facts_of(model))


async def send(provider: Any, key: str = "key", **named: ProviderRequest) -> str:
    requests = named or {"first": ask(provider), "second": ask(provider)}
    batch_id: str = await provider.send_batch(key, requests, window_seconds=86_400)
    return batch_id


async def test_results_have_the_names_of_their_requests(provider, simulator):
    simulator.script(Reply(text="One."), Reply(text="Two.", finish_reason="length"))

    batch_id = await send(provider)
    progress = await provider.look_at_batch(batch_id)
    results = {result.name: result.answer for result in await provider.read_batch(batch_id, model="any")}

    assert (progress.is_ended, progress.finished, progress.total) == (True, 2, 2)
    assert {name: answer.text for name, answer in results.items()} == {"first": "One.", "second": "Two."}
    assert results["second"].finish_reason == "length"
    assert results["first"].usage.total_input_tokens > 0


async def test_what_fails_and_what_is_not_done_are_told_apart(provider, simulator):
    simulator.batches.script(BatchReply(ending="expired", done=2))
    simulator.script(Reply(status=429), Reply(refusal="No."))

    batch_id = await send(provider, a=ask(provider), b=ask(provider), c=ask(provider))
    await provider.look_at_batch(batch_id)
    results = {result.name: result for result in await provider.read_batch(batch_id, model="any")}

    assert isinstance(results["a"].error, RateLimitError)
    assert results["b"].error.usage.total_output_tokens > 0
    undone = results.get("c", BatchResult("c"))
    assert (undone.answer, undone.error) == (None, None)


async def test_a_batch_is_stopped_and_forgotten(provider, simulator):
    simulator.batches.script(BatchReply(looks=-1))

    batch_id = await send(provider)
    await provider.cancel_batch(batch_id)
    progress = await provider.look_at_batch(batch_id)
    await provider.forget_batch(batch_id)

    assert progress.is_ended
    assert not simulator.batches.files
    assert simulator.batches.all[0].is_deleted is (provider.name in KEPT_WHOLE)


async def test_a_batch_is_found_again(provider, simulator):
    batch_id = await send(provider, "ours")

    assert await provider.find_batch("ours", size=2, since=SINCE, others=()) == batch_id
    assert await provider.find_batch("ours", size=2, since=SINCE, others={batch_id}) in {"", batch_id}
    if provider.name == "anthropic":
        assert not await provider.find_batch("ours", size=3, since=SINCE, others=())
        assert not await provider.find_batch("ours", size=2, since=datetime.now(UTC), others=())
        assert not await provider.find_batch("ours", size=2, since=SINCE, others={batch_id})
    else:
        assert not await provider.find_batch("theirs", size=2, since=SINCE, others=())


async def test_a_batch_is_found_behind_many_others(provider, simulator):
    if provider.name == "anthropic":
        pytest.skip("only the newest are looked at")
    batch_id = await send(provider, "ours")
    named = {"name": "theirs"}
    others = [replace(simulator.batches.all[0], id=f"other_{n}", metadata=named, file_id="theirs") for n in range(150)]
    simulator.batches.all += others

    assert await provider.find_batch("ours", size=2, since=SINCE, others=()) == batch_id


async def test_what_the_provider_refuses_leaves_nothing_behind(provider, simulator):
    simulator.batches.script(BatchReply(status=400))

    with pytest.raises(InvalidRequestError):
        await send(provider)

    assert not simulator.batches.files


async def test_errors_about_batches_are_those_of_everything_else(provider, simulator):
    with pytest.raises(ModelNotFoundError):
        await provider.look_at_batch("batches/unknown" if provider.name == "gemini" else "unknown")
    wrong = connect(simulator, provider.name, "wrong-key")
    any_id = "batches/any"
    for asking in (
        send(wrong),
        wrong.look_at_batch(any_id),
        wrong.find_batch("any", size=1, since=SINCE, others=()),
        wrong.read_batch(any_id, model="any"),
        wrong.cancel_batch(any_id),
        wrong.forget_batch(any_id),
    ):
        with pytest.raises(AuthenticationError):
            await asking
    await wrong.close()


@pytest.mark.parametrize(
    "line",
    [
        b"no JSON",
        b'{"custom_id": "a", "result": {"type": "errored"}}',
        b'{"custom_id": "a", "response": {"status_code": 200, "body": {}}}',
        b'{"custom_id": "a", "response": null, "error": {"code": "odd"}}',
        b'{"custom_id": "a", "result": {"type": "succeeded", "message": {}}}',
        b"[]",
    ],
)
async def test_a_broken_line_is_no_answer(provider, simulator, line):
    batch_id = await send(provider)
    await provider.look_at_batch(batch_id)
    simulator.batches.files[f"{batch_id}-output"] = line
    simulator.batches.broken_lines = [line]

    try:
        results = await provider.read_batch(batch_id, model="any")
    except MalformedAnswerError:
        return
    assert all(result.answer is None for result in results)
    assert {type(result.error) for result in results} <= {MalformedAnswerError, ProviderUnavailableError}


@pytest.mark.parametrize("name", ["openai", "azure"])
async def test_a_model_that_takes_responses_only_is_asked_in_that_form(simulator, name):
    openai = connect(simulator, name)
    simulator.script(Reply(text="Thought through."))

    batch_id = await send(openai, only=ask(openai, "gpt-5.4-pro"))
    await openai.look_at_batch(batch_id)
    (result,) = await openai.read_batch(batch_id, model="gpt-5.4-pro")

    assert simulator.batches.all[0].lines[0][1] == "/v1/responses"
    assert result.answer.text == "Thought through."
    with pytest.raises(InvalidRequestError):
        await send(openai, one=ask(openai), other=ask(openai, "gpt-5.4-pro"))
    await openai.close()


async def test_forms_go_into_batches_as_everywhere_else(provider, simulator):
    form = AnswerForm("word", {"type": "object", "properties": {"w": {"type": "string"}}, "required": ["w"],
                               "additionalProperties": False})  # fmt: skip
    simulator.script(Reply(text='{"w": "hello"}'))

    batch_id = await send(provider, only=replace(ask(provider), form=form))
    await provider.look_at_batch(batch_id)
    (result,) = await provider.read_batch(batch_id, model="any")

    assert result.answer.text == '{"w": "hello"}'


@pytest.mark.parametrize("version", ["", "2024-10-21"])
async def test_azure_takes_batches_at_deployments_of_their_own(simulator, version):
    azure = load_adapter("azure")(
        api_key="simulated", base_url=simulator.url("azure"), api_version=version, batch_deployments=DEPLOYMENTS
    )

    batch_id = await send(azure)
    progress = await azure.look_at_batch(batch_id)

    assert (progress.is_ended, progress.expires_at) == (True, None)
    assert {line[2]["model"] for line in simulator.batches.all[0].lines} == {"gpt-5.4-mini-batch"}
    assert [result.error for result in await azure.read_batch(batch_id, model="any")] == [None, None]
    with pytest.raises(InvalidRequestError, match="AZURE_OPENAI_BATCH_DEPLOYMENTS"):
        await send(azure, only=ask(azure, "gpt-5.4-nano"))
    await azure.close()


@pytest.mark.parametrize(("seconds", "window"), [(3_600, "24h"), (86_400, "24h"), (200_000, "2d"), (10**6, "7d")])
async def test_groq_is_told_how_long_a_batch_may_take(simulator, seconds, window):
    groq = load_adapter("groq")(api_key="simulated", base_url=simulator.url("groq"))

    await groq.send_batch("key", {"only": ask(groq)}, window_seconds=seconds)

    assert simulator.batches.all[0].window == window
    await groq.close()


async def test_xai_says_how_a_batch_stands_by_counting(simulator):
    grok = connect(simulator, "grok")
    simulator.batches.script(
        BatchReply(looks=2), BatchReply(ending="failed"), BatchReply(looks=-1), BatchReply(ending="expired")
    )
    running, rejected, stopped, expired = [await send(grok, str(number)) for number in range(4)]

    looks = [await grok.look_at_batch(running) for _ in range(3)]
    await grok.cancel_batch(stopped)
    others = [await grok.look_at_batch(batch_id) for batch_id in (rejected, stopped, expired)]

    assert [(look.state, look.total, look.is_ended) for look in looks] == [
        ("validating", 0, False), ("in_progress", 2, False), ("completed", 2, True),
    ]  # fmt: skip
    assert [(look.state, look.is_ended) for look in others] == [
        ("rejected", True), ("cancelled", True), ("expired", True),
    ]  # fmt: skip
    assert timedelta(days=29) < looks[0].expires_at - datetime.now(UTC) <= timedelta(days=31)
    assert [await grok.read_batch(batch_id, model="any") for batch_id in (rejected, expired)] == [[], []]
    await grok.close()


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (b'{"batch_result": {"error": {"code": 1, "message": "stopped"}}}', None),
        (b'{"batch_result": {"error": {"code": 8, "message": "too many"}}}', RateLimitError),
        (b'{"batch_result": {"error": {"code": "14"}}}', ProviderUnavailableError),
        (b'{"batch_result": {"error": {"code": 3, "message": "prompt length"}, "response": {}}}', ContextLengthError),
        (b'{"error_message": "something else"}', ProviderUnavailableError),
        (b'{"batch_result": {"response": {"image": {}}, "error": {"code": 0}}}', MalformedAnswerError),
        (b'{"batch_result": []}', MalformedAnswerError),
    ],
)
async def test_what_xai_tells_of_a_request_that_has_no_answer(simulator, told, error):
    grok = connect(simulator, "grok")
    batch_id = await send(grok)
    simulator.batches.broken_lines = [told]

    (result,) = await grok.read_batch(batch_id, model="any")

    assert (result.answer, type(result.error) if result.error else None) == (None, error)
    await grok.close()


@pytest.mark.parametrize("fault", ["", "large", "endless", "no rows"])
async def test_the_answers_of_xai_come_in_pages_and_none_is_missed(simulator, monkeypatch, fault):
    grok = connect(simulator, "grok")
    batch_id = await send(grok, **{str(number): ask(grok) for number in range(90)})
    await grok.look_at_batch(batch_id)
    if fault == "large":
        # No page is too large by itself.
        monkeypatch.setattr("ai_router.providers.grok_batches.MAX_ANSWER_BYTES", 48_000)
    elif fault == "endless":
        monkeypatch.setattr("tests.providers.simulator.batches.ROWS_OF_XAI", 0)
    elif fault:
        simulator.batches.broken_lines = [b'], "results": {}, "other": [']

    if fault:
        with pytest.raises(MalformedAnswerError):
            await grok.read_batch(batch_id, model="any")
    else:
        results = await grok.read_batch(batch_id, model="any")
        assert {result.name for result in results if result.answer} == {str(number) for number in range(90)}
    await grok.close()
