"""`probe_providers`: every provider that is on is asked, and one that fails makes the command fail."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.providers.simulator import Reply
from usage.models import Call

pytestmark = pytest.mark.django_db


def probe(*arguments: str) -> str:
    out = StringIO()
    call_command("probe_providers", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def three(settings, simulator):
    """OpenAI, Gemini and Anthropic are on."""
    settings.AI_PROVIDERS = {
        name: {"api_key": "a-key", "base_url": simulator.url(name), "model": ""}
        for name in ("openai", "gemini", "anthropic")
    }


def test_one_that_is_off_is_said_to_be_off(settings):
    settings.AI_PROVIDERS = {}

    found = probe()

    assert "openai        off" in found
    assert "None of them is on" in found


def test_each_that_is_on_is_asked_for_its_models(three, simulator):
    found = probe("openai", "gemini", "anthropic")

    assert found.count("good") == found.count("price known") == 3
    assert simulator.books == []


def test_a_tiny_request_says_what_it_cost(three, simulator):
    simulator.script(Reply(text="Ready"))

    found = probe("gemini", "--complete")

    call = Call.objects.get()
    assert (call.provider, call.status) == ("gemini", "succeeded")
    assert call.cost_nanousd == simulator.billed_nanousd > 0
    assert "answered, cost $0.0" in found


def test_a_refused_key_fails(three, simulator, settings):
    settings.AI_PROVIDERS["anthropic"]["api_key"] = "wrong-key"
    simulator.script(Reply(status=401, endpoint="models"))

    with pytest.raises(CommandError, match="Failed: anthropic"):
        probe("anthropic", "openai")


def test_each_of_several_keys_is_asked(three, simulator, settings):
    settings.AI_PROVIDER_KEYS = {"gemini": ["wrong-key"]}
    simulator.script(Reply(endpoint="models"), Reply(status=401, endpoint="models"))

    with pytest.raises(CommandError, match="Failed: gemini"):
        probe("gemini")


def test_a_model_that_the_provider_does_not_list_fails(three, settings):
    settings.AI_PROVIDERS["gemini"]["model"] = "gemini-0"

    with pytest.raises(CommandError, match="Failed: gemini"):
        probe("gemini")


def test_a_model_without_a_price_is_said(three, settings, simulator, monkeypatch):
    monkeypatch.setitem(simulator_prices()["gemini"], "gemini-unheard-of", simulator_prices()["ollama"]["qwen3:8b"])
    settings.AI_PROVIDERS["gemini"]["model"] = "gemini-unheard-of"

    assert "PRICE NOT KNOWN" in probe("gemini")


def simulator_prices():
    from tests.providers.simulator.prices import PRICES

    return PRICES


def test_an_answer_that_fails_fails_the_probe(three, simulator):
    simulator.script(Reply(status=402))

    with pytest.raises(CommandError, match="Failed: openai"):
        probe("openai", "--complete")


def test_findings_as_json(three):
    (found,) = json.loads(probe("openai", "--json"))

    assert (found["provider"], found["is_on"], found["error"], found["is_model_known"]) == ("openai", True, "", True)


def test_an_unknown_name_is_an_error():
    with pytest.raises(CommandError, match="Unknown: openia"):
        probe("openia")
