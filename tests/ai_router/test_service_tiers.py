"""An answer is priced by the tier that it names, and a hold covers the dearest that may come."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ai_router import pricing, router
from ai_router.models import ModelPrice
from ai_router.pricebook import names_tier, price_of, prices_of_answer, tariff_of
from ai_router.pricing import FREE, find_prices
from ai_router.providers.chat_answer import read_usage
from ai_router.service_tiers import tier_named
from ai_router.types import Candidate, TaskType
from tests.providers.simulator import Reply
from usage.models import Attempt, Budget, BudgetWindow, Call
from usage.types import TokenUsage

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
MINI = Candidate("openai", "gpt-5.4-mini")


@pytest.fixture(autouse=True)
def _nothing_said_yet():
    """What nobody prices is reported once in an hour."""
    pricing._prices_in_hour.cache_clear()
    pricing._say_unpriced.cache_clear()


def per_million(prices) -> tuple[str, ...]:
    """Input, cached input and output, in dollars for a million tokens; what has no price is left out."""
    tiers = (prices.input, prices.cached_input or prices.input, prices.output)
    return tuple(f"{price[0][1].normalize():f}" for price in tiers if price)


def own_price(candidate: Candidate, dollars: float, tier: str = "") -> None:
    ModelPrice.objects.create(
        provider=candidate.provider,
        model=candidate.model,
        service_tier=tier,
        effective_from=datetime(2026, 1, 1, tzinfo=UTC),
        input_nanousd_per_million=round(dollars * 10**9),
        output_nanousd_per_million=round(dollars * 10**9),
    )


def ask(**more):
    return router.generate(task_type=TaskType.COVER_LETTER, prompt="a verse", max_output_tokens=100, **more)


@pytest.mark.parametrize(
    ("provider", "model", "tier", "expected"),
    [
        ("openai", "gpt-5.4-mini", "batch", ("0.375", "0.0375", "2.25")),
        ("openai", "gpt-5.4-mini", "flex", ("0.375", "0.0375", "2.25")),
        ("openai", "gpt-5.4-mini", "priority", ("1.5", "0.15", "9")),
        ("anthropic", "claude-haiku-5-5", "batch", ("0.05", "0.005", "0.25")),
        # What has no tier in the price list: the share that the provider promises for all of its models.
        ("openai", "text-embedding-3-small", "batch", ("0.01", "0.01")),
        ("azure", "gpt-5.4-mini", "batch", ("0.375", "0.075", "2.25")),
        ("gemini", "gemini-3.8-flash", "flex", ("0.375", "0.075", "1.875")),
        ("groq", "llama-3.3-70b-versatile", "batch", ("0.295", "0.295", "0.395")),
        ("groq", "llama-3.3-70b-versatile", "flex", ("0.59", "0.59", "0.79")),
        ("grok", "grok-4.3", "batch", ("1", "0.16", "2")),
    ],
)
def test_published_prices_of_tiers(provider, model, tier, expected):
    found = find_prices(provider, model, at=NOVEMBER, tier=tier)

    assert per_million(found) == expected
    assert tier in found.source


@pytest.mark.parametrize(
    ("provider", "model", "tier"),
    [
        ("anthropic", "claude-haiku-5-5", "priority"),
        ("groq", "openai/gpt-oss-120b", "performance"),
        ("openai", "gpt-5.4-mini", "scale"),
        ("openai", "house-model-7", "batch"),
        # xAI takes some of its models in batches only, and promises no share for all.
        ("grok", "grok-4.5", "batch"),
    ],
)
def test_a_tier_that_nobody_prices_is_unknown_and_loud(caplog, provider, model, tier):
    assert find_prices(provider, model, tier=tier) is None
    assert f"the tier '{tier}' of {provider}/{model}" in caplog.text


@pytest.mark.parametrize(
    ("sent", "cached", "written", "reasoning", "ticks"), [(204, 192, 1, 82, 2_087_200), (204, 128, 2, 62, 2_244_800)]
)
def test_xais_batches_cost_what_xai_says_they_do(sent, cached, written, reasoning, ticks):
    # What real answers of grok-4.3 in a batch told, in August 2026; a tick is a tenth of a nano-dollar.
    told = {
        "prompt_tokens": sent,
        "completion_tokens": written,
        "total_tokens": sent + written + reasoning,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }

    assert find_prices("grok", "grok-4.3", at=NOVEMBER, tier="batch").cost(read_usage(told)) * 10 == ticks


@pytest.mark.django_db
def test_whether_a_tier_has_a_price_of_its_own_is_asked_without_a_word(caplog):
    own_price(Candidate("grok", "grok-4.5"), 1, "batch")
    own_price(Candidate("grok", "grok-4.3"), 1)

    named = {model: names_tier("grok", f"grok-{model}", tier="batch") for model in ("4.3", "4.5", "4.7", "4.20")}

    assert named == {"4.3": False, "4.5": True, "4.7": False, "4.20": True}
    assert not caplog.text


@pytest.mark.parametrize("name", ["", "default", "auto", "on_demand", "standard", "SERVICE_TIER_STANDARD"])
def test_words_for_the_standard_tier(name):
    assert tier_named(name) == ""
    assert tier_named("SERVICE_TIER_PRIORITY") == "priority"


@pytest.mark.django_db
def test_a_tier_of_the_sites_own_comes_first():
    own_price(MINI, 4)
    own_price(MINI, 7, "priority")

    assert per_million(price_of("openai", MINI.model, tier="priority")) == ("7", "7", "7")
    # Half, as OpenAI promises for batches of every model; of the priority tier it promises no share.
    assert per_million(price_of("openai", MINI.model, tier="batch")) == ("2", "2", "2")
    assert price_of("openai", MINI.model, tier="scale") is None
    assert price_of("openai", MINI.model, tier="default").source.startswith("site: from")


@pytest.mark.django_db
def test_machines_of_the_site_are_free_by_whichever_tier():
    assert price_of("ollama", "qwen3:8b", tier="priority") is FREE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("named", "price"), [("", "0.75"), ("default", "0.75"), ("flex", "0.375"), ("priority", "1.5")]
)
def test_an_answer_is_priced_by_the_tier_that_it_names(simulator, named, price):
    simulator.script(Reply(text="a verse", service_tier=named, cached_tokens=2))

    result = ask(provider="openai")

    attempt = Attempt.objects.get()
    assert attempt.unit_prices["input"] == price
    assert attempt.unit_prices["tier"] == (named or "default")
    assert result.cost_nanousd == attempt.cost_nanousd
    entry = simulator.closed_books()[0]
    factor = Decimal(price) / Decimal("0.75")
    assert attempt.cost_nanousd == pytest.approx(int(entry.cost_nanousd * factor), abs=1)


@pytest.mark.django_db(transaction=True)
def test_openai_is_asked_for_the_tier_whose_price_is_held(simulator):
    ask(provider="openai")

    assert simulator.books[0].request["service_tier"] == "default"
    assert tariff_of(MINI).others == ()


@pytest.mark.django_db(transaction=True)
def test_the_tier_that_the_site_asks_for_is_sent_and_priced_and_the_dearest_held(simulator, settings):
    held = {}
    for asked in ("default", "flex", "priority", "auto"):
        settings.AI_SERVICE_TIERS = {"openai": asked}
        ask(provider="openai")
        held[asked] = Call.objects.latest("created_at").held_nanousd

    assert [entry.request["service_tier"] for entry in simulator.books] == ["default", "flex", "priority", "auto"]
    assert held["flex"] == held["default"]
    assert held["priority"] == held["auto"] == 2 * held["default"]
    prices = [attempt.unit_prices["input"] for attempt in Attempt.objects.order_by("started_at")]
    assert prices == ["0.75", "0.375", "1.5", "0.75"]


@pytest.mark.django_db
def test_a_tier_that_the_site_has_a_price_for_may_come_unasked(settings):
    settings.AI_SERVICE_TIERS = {}
    own_price(Candidate("anthropic", "claude-haiku-5-5"), 3, "priority")
    own_price(Candidate("anthropic", "claude-haiku-5-5"), 1, "batch")

    tariff = tariff_of(Candidate("anthropic", "claude-haiku-5-5"))

    assert [per_million(prices)[0] for prices in (tariff.prices, *tariff.others)] == ["0.1", "3"]


@pytest.mark.django_db(transaction=True)
def test_an_answer_of_a_tier_without_a_price_has_no_cost_and_pays_what_was_held(simulator, caplog):
    budget = Budget.objects.create(name="Site", limit_nanousd=10**12)
    simulator.script(Reply(text="a verse", service_tier="scale"))

    result = ask(provider="openai")

    call = Call.objects.get()
    assert (result.cost_nanousd, call.cost_nanousd) == (None, None)
    assert Attempt.objects.get().unit_prices == {"tier": "scale"}
    assert "the tier 'scale' of openai/gpt-5.4-mini" in caplog.text
    assert BudgetWindow.objects.get(budget=budget).spent_nanousd == call.held_nanousd > 0


@pytest.mark.parametrize(
    ("provider", "model", "named"),
    [
        ("anthropic", "claude-haiku-5-5", "standard"),
        ("gemini", "gemini-3.8-flash", "standard"),
        ("groq", "openai/gpt-oss-120b", "flex"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_each_vendor_names_its_tier(simulator, settings, provider, model, named):
    settings.AI_PROVIDERS = {provider: {"api_key": "simulated", "base_url": simulator.url(provider), "model": model}}
    settings.AI_SERVICE_TIERS = {"groq": "flex"}

    ask(provider=provider)

    attempt = Attempt.objects.get()
    assert attempt.unit_prices["tier"] == named
    assert attempt.cost_nanousd == simulator.closed_books()[0].cost_nanousd


@pytest.mark.django_db
def test_gemini_names_a_tier_that_was_asked_for(simulator, settings):
    settings.AI_PROVIDERS = {
        "gemini": {"api_key": "simulated", "base_url": simulator.url("gemini"), "model": "gemini-3.8-flash"}
    }
    settings.AI_SERVICE_TIERS = {"gemini": "flex"}

    ask(provider="gemini")

    assert Attempt.objects.get().unit_prices | {"output": ""} == {
        "input": "0.375",
        "cached_input": "0.075",
        "cache_write": "0.375",
        "output": "",
        "unit": "USD per million tokens",
        "source": "genai-prices: google/gemini-3.8-flash, flex at 50 %",
        "tier": "flex",
    }


def test_an_answer_that_names_no_tier_has_the_one_that_was_asked_for():
    asked, usage = FREE, TokenUsage(input_tokens=10)

    assert prices_of_answer(MINI, asked, asked="flex", named="", at=NOVEMBER) is asked
    assert prices_of_answer(MINI, asked, asked="flex", named="flex", at=NOVEMBER) is asked
    assert prices_of_answer(MINI, asked, asked="flex", named="default", at=NOVEMBER).cost(usage) == 7_500
