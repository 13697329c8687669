"""LiteLLM, an optional extra: what its adapter promises against the simulator where it is installed, and that it is not loaded otherwise."""

import importlib
import json
import os
import subprocess
import sys
from contextlib import aclosing

import pytest
from django.conf import settings as django_settings
from pydantic import BaseModel

from ai_router import router
from ai_router.errors import (
    AuthenticationError,
    ContextLengthError,
    InvalidRequestError,
    ModelNotFoundError,
    ProviderConnectionError,
    ProviderError,
    ProviderQuotaError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
    StreamInterruptedError,
)
from ai_router.keys import keys_of
from ai_router.providers import PROVIDERS, is_on
from ai_router.repair import repair_json
from ai_router.schemas import answer_form
from ai_router.types import EmbeddingRequest, FinishReason, Message, ProviderAnswer, ProviderRequest, TaskType, Tool
from tests.providers.simulator import Reply
from tests.providers.simulator.wires.base import UNKNOWN_MODEL, WRONG_KEY
from usage.models import Attempt

# LiteLLM itself uses what pydantic has given up.
pytestmark = pytest.mark.filterwarnings("ignore:Accessing the:DeprecationWarning")
is_installed = PROVIDERS["litellm"].is_installed
installed = pytest.mark.skipif(not is_installed, reason="the extra litellm is not installed")
both = pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
MODEL = "openai/gpt-4.1-mini"
KEY = "a-secret-key-0123456789"
FIND = Tool("find", "Finds a word.", {"type": "object", "properties": {"word": {"type": "string"}}})


class Place(BaseModel):
    """A form."""

    city: str
    rivers: list[str]


@pytest.mark.skipif(is_installed, reason="the extra litellm is installed")
def test_without_the_extra_it_says_what_to_install():
    with pytest.raises(ImportError, match="install the extra `litellm`"):
        importlib.import_module("ai_router.providers.litellm")


def test_it_is_on_where_a_model_is_named_and_needs_no_key(settings, monkeypatch):
    monkeypatch.setattr("ai_router.providers._is_installed", lambda package: True)
    settings.AI_PROVIDERS = {"litellm": {"api_key": "", "base_url": "", "model": ""}}
    assert not is_on("litellm")

    settings.AI_PROVIDERS = {"litellm": {"api_key": "", "base_url": "", "model": MODEL}}
    assert is_on("litellm")
    assert [key.secret for key in keys_of("litellm")] == [""]


def test_it_is_not_loaded_by_the_site(tmp_path):
    (tmp_path / "litellm.py").write_text("raise SystemExit('litellm was imported')")
    program = (
        "import django; django.setup(); from ai_router import router; from ai_router.providers import PROVIDERS, is_on;"
        "assert PROVIDERS['litellm'].is_installed; assert not is_on('litellm'); import sys; assert 'litellm' not in sys.modules"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "DJANGO_SETTINGS_MODULE": "careerai.settings"}
    environment.pop("LITELLM_MODEL", None)

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=django_settings.BASE_DIR, env=environment, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture
async def provider(simulator):
    from ai_router.providers.litellm import LiteLLMProvider

    client = LiteLLMProvider(api_key=KEY, base_url=simulator.url("litellm"))
    yield client
    await client.close()


def ask(**more) -> ProviderRequest:
    values = {
        "model": MODEL,
        "messages": (Message("system", "Be brief."), Message("user", "Who is there?")),
        "max_output_tokens": 500,
        "timeout_seconds": 20.0,
        "client_request_id": "call-1",
    }
    return ProviderRequest(**{**values, **more})


async def asked(provider, request, *, is_stream: bool) -> ProviderAnswer:
    if not is_stream:
        return await provider.complete(request)
    *pieces, answer = [piece async for piece in provider.stream(request)]
    assert "".join(pieces) == answer.text
    return answer


async def failure(provider, request, *, is_stream: bool = False) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await asked(provider, request, is_stream=is_stream)
    assert KEY not in str(caught.value)
    assert "Who is there?" not in str(caught.value)
    return caught.value


@installed
@both
async def test_an_answer_with_its_usage(provider, simulator, is_stream):
    simulator.script(Reply(text="Nobody at all.", cached_tokens=4, reasoning_tokens=6))

    answer = await asked(provider, ask(), is_stream=is_stream)

    (entry,) = simulator.closed_books()
    assert (answer.text, answer.model, answer.finish_reason) == ("Nobody at all.", MODEL, FinishReason.STOP)
    assert (answer.usage.cached_input_tokens, answer.usage.reasoning_tokens) == (4, 6)
    assert answer.usage.total_input_tokens == entry.input_tokens
    assert answer.usage.total_output_tokens == entry.output_tokens
    assert entry.client_request_id == "call-1"


@installed
@both
async def test_tools_are_called_and_forms_are_kept(provider, simulator, is_stream):
    simulator.script(Reply(tool_calls=[{"name": "find", "arguments": {"word": "rose"}, "id": "call-a"}]))

    answer = await asked(provider, ask(tools=(FIND,), tool_choice="auto"), is_stream=is_stream)

    assert answer.finish_reason is FinishReason.TOOL_CALLS
    assert [(call.id, call.name) for call in answer.tool_calls] == [("call-a", "find")]
    assert json.loads(answer.tool_calls[0].arguments) == {"word": "rose"}
    formed = await asked(provider, ask(form=answer_form(Place)), is_stream=is_stream)
    assert Place.model_validate_json(repair_json(formed.text))
    assert simulator.books[1].request["response_format"]["type"] == "json_schema"


@installed
@both
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(status=400), InvalidRequestError),
        (Reply(status=401), AuthenticationError),
        (Reply(status=402), ProviderQuotaError),
        (Reply(status=429, headers={"Retry-After": "7"}), RateLimitError),
        (Reply(status=429, message="Please check your plan and billing details."), ProviderQuotaError),
        (Reply(status=500), ProviderUnavailableError),
        (Reply(status=503), ProviderUnavailableError),
        (Reply(status=400, code="context_length_exceeded", message="maximum context length"), ContextLengthError),
    ],
    ids=lambda value: f"{value.status} {value.message}" if isinstance(value, Reply) else "",
)
async def test_each_refusal_has_its_class(provider, simulator, is_stream, reply, expected):
    simulator.script(reply)

    error = await failure(provider, ask(), is_stream=is_stream)

    assert type(error) is expected
    assert error.retry_after == (7.0 if reply.headers else None)
    assert len(simulator.closed_books()) == 1, "it asked again by itself"


@installed
async def test_what_goes_wrong_on_the_way(provider, simulator, unused_tcp_port):
    from ai_router.providers.litellm import LiteLLMProvider

    simulator.script(Reply(fault="stall"))
    assert type(await failure(provider, ask(timeout_seconds=0.5))) is ProviderTimeoutError
    assert type(await failure(provider, ask(model=f"openai/{UNKNOWN_MODEL}"))) is ModelNotFoundError
    stranger = LiteLLMProvider(api_key=WRONG_KEY, base_url=simulator.url("litellm"))
    assert type(await failure(stranger, ask())) is AuthenticationError
    nobody = LiteLLMProvider(api_key=KEY, base_url=f"http://127.0.0.1:{unused_tcp_port}")
    assert isinstance(await failure(nobody, ask()), ProviderConnectionError | ProviderUnavailableError)
    assert isinstance(await failure(provider, ask(model="no-such-vendor/model")), InvalidRequestError)


@installed
@pytest.mark.parametrize("fault", ["cut", "end", "error"])
async def test_a_stream_that_breaks_off_keeps_what_it_wrote(provider, simulator, fault):
    simulator.script(Reply(text="one two three four five", fault=fault))

    error = await failure(provider, ask(), is_stream=True)

    assert type(error) is StreamInterruptedError
    assert error.written == "one two three "
    # It counts for itself where nobody said what was used: an estimate is ours to make, and to mark.
    assert error.usage is None


@installed
async def test_a_reader_who_leaves_closes_the_connection(provider, simulator):
    simulator.script(Reply(text="one two three four", fault="hang", pieces=2))
    async with aclosing(provider.stream(ask())) as pieces:
        await anext(pieces)


@installed
async def test_texts_become_vectors(provider, simulator):
    answer = await provider.embed(EmbeddingRequest("openai/text-embedding-3-small", ("a rose", "a rose", "a whale")))

    first, second, third = answer.vectors
    assert first == second != third
    assert answer.usage.input_tokens == simulator.closed_books()[0].input_tokens


@installed
@pytest.mark.django_db(transaction=True)
def test_a_call_through_the_router_is_priced_by_our_tables(simulator, settings):
    settings.AI_PROVIDERS = {"litellm": {"api_key": KEY, "base_url": simulator.url("litellm"), "model": MODEL}}
    simulator.script(Reply(text="a verse"))

    result = router.generate(task_type=TaskType.COVER_LETTER, prompt="a verse", provider="litellm")

    attempt = Attempt.objects.get()
    assert (result.provider, result.model, attempt.model) == ("litellm", MODEL, MODEL)
    assert attempt.cost_nanousd == simulator.closed_books()[0].cost_nanousd
