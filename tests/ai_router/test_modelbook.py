"""Facts of models: the site's own catalog, on a base, on what comes with the application."""

import pytest
from django.core.exceptions import ValidationError

from ai_router import modelbook, router
from ai_router.catalog import UNKNOWN, facts_of
from ai_router.checks import check_models
from ai_router.copies import forget_copies
from ai_router.modelbook import BOOK, MOST_KEPT, facts_in_force
from ai_router.models import CatalogModel, ModelPrice, Pool, PoolCandidate, Route, RoutingRule
from ai_router.naming import listed_models
from ai_router.pricebook import price_of
from ai_router.types import Candidate, TaskType
from tests.ai_router.conftest import Subject
from tests.providers.simulator import Reply
from usage.models import Call

TUNED = "ft:gpt-4.1-mini-2025-04-14:acme::Bx1"


def say(provider: str = "openai", model: str = TUNED, **facts) -> CatalogModel:
    row = CatalogModel(provider=provider, model=model, **facts)
    row.full_clean()
    row.save()
    forget_copies()
    return row


@pytest.mark.parametrize(
    ("provider", "model", "like"),
    [
        ("openai", TUNED, "gpt-4.1-mini"),
        ("azure", "gpt-4o-mini-2024-07-18.ft-abc", "gpt-4o-mini"),
        ("openrouter", "anthropic/claude-haiku-4.5", "claude-haiku-4"),
        ("openrouter", "openai/gpt-oss-120b", "openai/gpt-oss-120b"),
    ],
)
def test_other_names_of_a_known_model(provider, model, like):
    assert facts_of(model, provider=provider) == facts_of(like)
    assert facts_of(model, provider=provider).is_known


@pytest.mark.parametrize("model", ["qwen3:8b", "Qwen/Qwen3-8B", "deepseek-r1:14b"])
def test_open_models_that_think_have_room_for_it(model):
    facts = facts_of(model, provider="vllm")

    assert facts.reasoning_allowance == 4_000
    # How large a window is, is what the server was started with.
    assert (facts.context_window, facts.has_schema) == (None, True)
    assert facts_of("llama3.2", provider="ollama").reasoning_allowance == 0


def test_an_unknown_model_has_room_to_think_and_is_said_to_be_unknown():
    assert facts_of("house-model") is UNKNOWN
    assert not UNKNOWN.is_known
    assert UNKNOWN.reasoning_allowance > 0


@pytest.mark.django_db
def test_what_the_site_says_goes_before_the_base_and_the_base_before_the_name():
    say(context_window=50_000, takes_images=False)

    facts, base = facts_in_force(Candidate("openai", TUNED)), facts_of("gpt-4.1-mini")

    assert (facts.context_window, facts.takes_images) == (50_000, False)
    assert (facts.max_output, facts.takes_documents) == (base.max_output, True)
    # Another provider's model of the same name is another one.
    assert facts_in_force(Candidate("azure", TUNED)).context_window == base.context_window


@pytest.mark.django_db
def test_a_deployment_is_as_the_model_that_it_is_based_on():
    say("azure", "chat-prod", based_on="gpt-5.4-mini", costs_as_base=True)

    assert facts_in_force(Candidate("azure", "chat-prod")) == facts_of("gpt-5.4-mini")
    assert price_of("azure", "chat-prod") == price_of("azure", "gpt-5.4-mini")
    assert price_of("azure", "chat-prod", tier="batch") == price_of("azure", "gpt-5.4-mini", tier="batch")


@pytest.mark.django_db
def test_a_base_gives_no_price_unless_the_site_says_so():
    say("azure", "tuned-prod", based_on="gpt-5.4-mini")

    assert price_of("azure", "tuned-prod") is None
    ModelPrice.objects.create(
        provider="azure", model="tuned-prod", input_nanousd_per_million=1, output_nanousd_per_million=1
    )
    CatalogModel.objects.update(costs_as_base=True)
    forget_copies()
    assert price_of("azure", "tuned-prod").source.startswith("site")


@pytest.mark.django_db
def test_a_row_about_a_base_holds_for_its_fine_tunings():
    say(model="gpt-4.1-mini-2025-04-14", max_output=1_000)

    assert facts_in_force(Candidate("openai", TUNED)).max_output == 1_000
    say(max_output=500)
    assert facts_in_force(Candidate("openai", TUNED)).max_output == 500


@pytest.mark.django_db
def test_bases_in_a_circle_end():
    say(model="a", based_on="b", max_output=1)
    say(model="b", based_on="a", context_window=9)

    facts = facts_in_force(Candidate("openai", "a"))

    assert (facts.max_output, facts.context_window, facts.is_known) == (1, 9, True)


@pytest.mark.django_db
def test_a_fact_of_the_base_can_be_denied():
    say(model="gpt-5.4-mini", reasoning_effort="none", reasoning_allowance=0, needs_responses="never")

    facts = facts_in_force(Candidate("openai", "gpt-5.4-mini"))

    assert (facts.reasoning_effort, facts.reasoning_allowance, facts.needs_responses) == ("", 0, "")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"provider": "embedded"}, "provider"),
        ({"provider": "opnai"}, "provider"),
        ({"based_on": TUNED}, "based_on"),
        ({"costs_as_base": True}, "costs_as_base"),
        ({"context_window": 10, "max_output": 11}, "max_output"),
        ({"context_window": 0}, "context_window"),
        ({"needs_responses": "often"}, "needs_responses"),
    ],
)
@pytest.mark.django_db
def test_what_contradicts_itself_is_refused(facts, field):
    with pytest.raises(ValidationError) as caught:
        say(**facts)

    assert list(caught.value.message_dict) == [field]


@pytest.mark.django_db
def test_facts_are_read_once_for_many_calls(django_assert_num_queries):
    say(max_output=7)
    with django_assert_num_queries(1):
        for _ in range(50):
            assert facts_in_force(Candidate("openai", TUNED)).max_output == 7
            facts_in_force(Candidate("openai", "gpt-5.4"))


@pytest.mark.django_db
def test_names_that_callers_make_up_do_not_pile_up():
    for number in range(MOST_KEPT + 5):
        facts_in_force(Candidate("ollama", f"made-up-{number}"))

    assert len(BOOK.peek().found) <= MOST_KEPT


@pytest.mark.django_db
def test_an_unknown_model_is_reported_and_one_of_the_sites_own_machines_is_not(caplog):
    modelbook._say_unknown.cache_clear()

    for _ in range(3):
        facts_in_force(Candidate("openai", "house-model"))
    facts_in_force(Candidate("ollama", "house-model"))

    assert caplog.text.count("ai_unknown_model: nothing is known of openai/house-model") == 1
    assert "ollama" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_call_is_made_by_the_sites_own_facts(simulator, settings, form_spec):
    settings.AI_PROVIDERS["openai"]["model"] = "house-model"
    say(model="house-model", has_schema=False, reasoning_effort="high", reasoning_allowance=700)
    simulator.script(Reply(text='{"title": "A verse", "lines": ["one"]}'))

    router.run(form_spec, Subject(), provider="openai")

    asked = simulator.books[0].request
    assert (asked["reasoning_effort"], asked["max_completion_tokens"]) == ("high", 900)
    assert asked["response_format"] == {"type": "json_object"}


@pytest.mark.django_db(transaction=True)
def test_the_decision_says_that_nobody_knows_a_model(simulator, settings):
    settings.AI_PROVIDERS["openai"]["model"] = "house-model"
    simulator.script(Reply(text="a verse"))

    router.generate(task_type=TaskType.COVER_LETTER, prompt="a verse", provider="openai", max_output_tokens=50)

    assert Call.objects.get().decision["candidates"][0]["facts"] == "unknown"
    assert simulator.books[0].request["max_completion_tokens"] == 50 + UNKNOWN.reasoning_allowance


@pytest.mark.django_db
def test_a_site_knows_its_own_models_by_name(settings):
    settings.AI_PROVIDERS["openai"]["api_key"] = "a-key"
    say()

    assert Candidate("openai", TUNED) in listed_models()


@pytest.mark.django_db
def test_a_model_that_nobody_knows_on_a_route_is_a_warning_that_says_what_to_do():
    route = Route.objects.get(task_type=TaskType.COVER_LETTER)
    route.candidates.create(position=90, provider="openai", model="gtp-5.4-mini")
    route.candidates.create(position=91, provider="openai", model="off-model", is_enabled=False)
    route.candidates.create(position=92, provider="ollama", model="own-model")
    pool = Pool.objects.create(name="night")
    PoolCandidate.objects.create(pool=pool, position=1, provider="groq", model="lama-3")
    RoutingRule.objects.create(name="pins", action="pin", provider="anthropic", model="clod-5")
    RoutingRule.objects.create(name="known", action="pin", provider="anthropic", model="claude-haiku-4-5")

    found = check_models(None, databases=["default"])

    assert [message.msg.split(", of which")[0] for message in found] == [
        "The route Cover letter names openai/gtp-5.4-mini",
        "The pool night names groq/lama-3",
        "The rule pins names anthropic/clod-5",
    ]
    assert {message.id for message in found} == {"ai_router.W011"}
    assert "under “Models” in the admin" in found[0].hint
    say(model="gtp-5.4-mini")
    assert len(check_models(None, databases=["default"])) == 2
    assert check_models(None) == []
