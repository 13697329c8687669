"""The shared Chat Completions adapter: what is sent to whom, and what is read from answers that are nearly right."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_router.errors import InvalidRequestError, ModelNotFoundError, ProviderError
from ai_router.providers.azure import AzureProvider
from ai_router.providers.chat_answer import Parts, read_usage
from ai_router.providers.grok import GrokProvider
from ai_router.providers.groq import GroqProvider
from ai_router.providers.openai import OpenAIProvider
from ai_router.providers.openai_compatible import ANY_MODEL, OllamaProvider
from ai_router.types import AnswerForm, Blob, FinishReason, Message, ProviderRequest, Tool
from tests.providers.simulator import Reply
from usage.types import TokenUsage

FORM = AnswerForm(
    "Place",
    {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
)
PDF = Blob(b"%PDF-1.7 ...", "application/pdf", "cv.pdf")


def ask(**more) -> ProviderRequest:
    values = {"model": "gpt-4.1-mini", "messages": (Message("user", "Who?"),), "max_output_tokens": 50}
    return ProviderRequest(**{**values, **more})


async def sent_by(provider, simulator, request: ProviderRequest) -> dict:
    await provider.complete(request)
    await provider.close()
    return simulator.books[-1].request


FULL = {
    "temperature": 0.3,
    "top_p": 0.8,
    "stop": ("END",),
    "seed": 7,
    "service_tier": "flex",
    "prompt_cache_key": "a-beginning",
}


async def test_openai_is_sent_everything(simulator):
    body = await sent_by(OpenAIProvider(api_key="k", base_url=simulator.base_url), simulator, ask(**FULL))

    assert {name: body[name] for name in FULL} == FULL | {"stop": ["END"]}


async def test_others_are_sent_what_they_know(simulator):
    groq = await sent_by(GroqProvider(api_key="k", base_url=simulator.url("groq")), simulator, ask(**FULL))
    ollama = await sent_by(OllamaProvider(base_url=simulator.url("ollama")), simulator, ask(**FULL))

    assert groq["service_tier"] == "flex"
    assert not {"prompt_cache_key", "store"} & set(groq)
    assert not {"prompt_cache_key", "store", "service_tier", "max_completion_tokens"} & set(ollama)
    assert ollama["max_tokens"] == 50


async def test_a_model_that_thinks_is_not_told_how_to_sample(simulator):
    body = await sent_by(
        OpenAIProvider(api_key="k", base_url=simulator.base_url), simulator, ask(model="gpt-5.4-mini", **FULL)
    )

    assert not {"temperature", "top_p"} & set(body)


async def test_the_tier_that_was_used_comes_back(simulator):
    provider = OpenAIProvider(api_key="k", base_url=simulator.base_url)
    simulator.script(Reply(text="So.", service_tier="default"), Reply(text="So.", service_tier="flex"))

    whole = await provider.complete(ask(service_tier="flex"))
    *_, streamed = [item async for item in provider.stream(ask(service_tier="flex"))]
    await provider.close()

    assert (whole.service_tier, streamed.service_tier) == ("default", "flex")


@pytest.mark.parametrize(
    ("model", "kind", "is_described"),
    [("openai/gpt-oss-120b", "json_schema", False), ("llama-3.3-70b-versatile", "json_object", True)],
)
async def test_a_form_is_asked_for_as_strictly_as_the_model_can_be_held(simulator, model, kind, is_described):
    provider = GroqProvider(api_key="k", base_url=simulator.url("groq"))

    body = await sent_by(provider, simulator, ask(model=model, form=FORM))

    assert body["response_format"]["type"] == kind
    assert ("JSON schema" in body["messages"][0]["content"]) == is_described


async def test_groq_is_told_the_form_in_words_beside_tools(simulator):
    provider = GroqProvider(api_key="k", base_url=simulator.url("groq"))

    body = await sent_by(provider, simulator, ask(model="openai/gpt-oss-120b", form=FORM, tools=(Tool("find"),)))

    assert "response_format" not in body
    assert '"city"' in body["messages"][0]["content"]


async def test_a_named_tool_is_asked_for_in_the_words_of_each_form(simulator):
    provider = OpenAIProvider(api_key="k", base_url=simulator.base_url)
    tools = {"tools": (Tool("find"),), "tool_choice": "find"}

    await provider.complete(ask(**tools))
    await provider.complete(ask(model="gpt-5.4-mini", **tools))
    await provider.close()

    chat, responses = (entry.request["tool_choice"] for entry in simulator.closed_books())
    assert chat == {"type": "function", "function": {"name": "find"}}
    assert responses == {"type": "function", "name": "find"}


async def test_a_document_goes_to_those_who_take_it(simulator):
    message = Message("user", "Read it.", blobs=(PDF,))
    body = await sent_by(OpenAIProvider(api_key="k", base_url=simulator.base_url), simulator, ask(messages=(message,)))
    grok = GrokProvider(api_key="k", base_url=simulator.url("grok"))

    with pytest.raises(InvalidRequestError, match="application/pdf"):
        await grok.complete(ask(model="grok-4.3", messages=(message,)))
    await grok.close()

    assert body["messages"][0]["content"][1]["file"]["filename"] == "cv.pdf"
    assert len(simulator.closed_books()) == 1


async def test_any_model_is_the_first_that_the_server_lists(simulator):
    provider = OllamaProvider(base_url=simulator.url("ollama"))
    simulator.script(Reply(text="So."), Reply(text="So."))

    first = await provider.complete(ask(model=ANY_MODEL))
    *_, second = [item async for item in provider.stream(ask(model=ANY_MODEL))]
    await provider.close()

    listed = sorted(["qwen3:8b", "nomic-embed-text"])
    assert first.model == second.model == listed[0]


async def test_a_server_without_a_model_says_so(simulator, monkeypatch):
    monkeypatch.setattr("tests.providers.simulator.wires.base.Wire.model_names", lambda self: [])
    provider = OllamaProvider(base_url=simulator.url("ollama"))

    with pytest.raises(ModelNotFoundError, match="no model"):
        await provider.complete(ask(model=ANY_MODEL))
    await provider.close()


def test_azure_without_an_address_is_refused():
    with pytest.raises(ValueError, match="AZURE_OPENAI_ENDPOINT"):
        AzureProvider(api_key="k")


async def test_connections_are_used_again_also_after_streams(simulator):
    provider = OpenAIProvider(api_key="k", base_url=simulator.base_url)

    for _ in range(3):
        await provider.complete(ask())
        [item async for item in provider.stream(ask())]
    await asyncio.to_thread(simulator.closed_books)

    assert len(simulator._tasks) == 1
    await provider.close()


NUMBERS = st.integers(0, 10**6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(sent=NUMBERS, written=NUMBERS, cached=NUMBERS, cache_write=NUMBERS, reasoning=NUMBERS, is_beside=st.booleans())
def test_each_token_is_counted_once(*, sent, written, cached, cache_write, reasoning, is_beside):
    reasoning = reasoning if is_beside else min(reasoning, written)
    told = {
        "prompt_tokens": sent,
        "completion_tokens": written,
        "total_tokens": sent + written + (reasoning if is_beside else 0),
        "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": cache_write},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }

    usage = read_usage(told)

    if not sent and not written:
        assert usage is None
        return
    assert usage.total_input_tokens == sent
    assert usage.total_output_tokens == written + (reasoning if is_beside else 0)
    assert min(usage.input_tokens, usage.output_tokens) >= 0


@given(JSON)
def test_a_usage_of_any_form_is_read_or_not(told):
    found = read_usage(told)

    assert found is None or isinstance(found, TokenUsage)


@given(
    st.dictionaries(st.sampled_from(["choices", "usage", "x_groq", "service_tier"]), JSON, max_size=4)
    | st.fixed_dictionaries(
        {
            "choices": st.lists(
                st.dictionaries(
                    st.sampled_from(["delta", "message", "finish_reason"]),
                    JSON
                    | st.dictionaries(
                        st.sampled_from(["content", "refusal", "tool_calls"]),
                        JSON
                        | st.lists(
                            st.dictionaries(st.sampled_from(["index", "id", "function"]), JSON, max_size=3), max_size=2
                        ),
                    ),
                ),
                max_size=2,
            )
        }
    )
)
def test_a_body_of_any_form_is_read_without_an_error(body):
    parts = Parts()

    text = parts.take(body)

    assert parts.text == text
    assert isinstance(parts.reason, FinishReason)
    assert all(isinstance(call.arguments, str) for call in parts.tool_calls)


@pytest.mark.parametrize("code", ["prompt: the cat's name is Behemoth, and so on " * 3, "the key k-123 is wrong"])
async def test_what_a_provider_echoes_is_not_repeated(simulator, code):
    provider = OpenAIProvider(api_key="k-123", base_url=simulator.base_url)
    simulator.script(Reply(status=400, code=code))

    with pytest.raises(ProviderError) as caught:
        await provider.complete(ask())
    await provider.close()

    assert str(caught.value) == "openai answered 400"
