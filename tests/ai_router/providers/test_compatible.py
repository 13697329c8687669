"""A server of OpenAI's form that the site knows by its address alone: no code is needed."""

import pytest

from ai_router import router
from ai_router.checks import check_settings
from ai_router.errors import AllProvidersFailedError
from ai_router.models import RouteCandidate
from ai_router.providers import PROVIDERS, is_on, leaves_the_site
from ai_router.types import TaskType
from careerai.env import Address
from tests.providers.simulator import Reply
from usage.models import Call


@pytest.fixture
def mistral(settings, simulator):
    """The settings that `AI_COMPATIBLE_PROVIDERS=mistral=…`, its key and its model make."""
    settings.AI_COMPATIBLE_PROVIDERS = {"mistral": Address(simulator.base_url, is_local=False)}
    settings.AI_PROVIDERS = {
        "mistral": {
            "name": "mistral",
            "api_key": "a-key",
            "base_url": simulator.base_url,
            "model": "mistral-small-latest",
        }
    }


@pytest.mark.django_db
def test_it_is_asked_priced_and_booked_under_its_name(mistral, simulator):
    simulator.script(Reply(text="Bonjour."))

    result = router.generate(task_type=TaskType.FAST_SUMMARY, prompt="Hello?", provider="mistral")

    call = Call.objects.get()
    assert (result.output, call.provider, call.model) == ("Bonjour.", "mistral", "mistral-small-latest")
    # `genai-prices` knows the vendor by the same name.
    assert call.cost_nanousd


@pytest.mark.django_db
def test_its_errors_bear_its_name(mistral, simulator):
    simulator.script(Reply(status=404))

    with pytest.raises(AllProvidersFailedError, match="mistral/mistral-small-latest: ModelNotFoundError"):
        router.generate(task_type=TaskType.FAST_SUMMARY, prompt="Hello?", provider="mistral")


@pytest.mark.django_db
def test_a_route_may_name_it(mistral):
    candidate = RouteCandidate(provider="mistral", position=1)

    candidate.clean_fields(exclude=["route"])

    assert ("mistral", "mistral") in RouteCandidate._meta.get_field("provider").flatchoices


def test_a_hosted_one_needs_a_key_and_a_local_one_does_not(settings, mistral):
    settings.AI_COMPATIBLE_PROVIDERS["llama"] = Address("http://127.0.0.1:8080/v1", is_local=True)
    settings.AI_PROVIDERS["llama"] = {"api_key": "", "base_url": "http://127.0.0.1:8080/v1", "model": ""}

    assert (is_on("mistral"), leaves_the_site("mistral")) == (True, True)
    assert (is_on("llama"), leaves_the_site("llama")) == (True, False)

    settings.AI_PROVIDERS["mistral"]["api_key"] = ""
    assert not is_on("mistral")
    assert {"mistral", "llama", "openai"} <= set(PROVIDERS)


def test_the_check_asks_for_a_model(settings, mistral):
    settings.AI_PROVIDERS["mistral"]["model"] = ""

    assert "ai_router.W010" in [message.id for message in check_settings(None)]


def test_the_check_says_what_to_install(settings):
    settings.AI_PROVIDERS = {"legacy_gemini": {"api_key": "a-key", "base_url": "", "model": ""}}
    if PROVIDERS["legacy_gemini"].is_installed:
        pytest.skip("the extra legacy-gemini is installed")

    (message,) = [message for message in check_settings(None) if message.id == "ai_router.W002"]

    assert "legacy-gemini" in (message.hint or "")
    assert not is_on("legacy_gemini")
