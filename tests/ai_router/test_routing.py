"""Who is asked, and in which order."""

import contextlib
from dataclasses import replace
from importlib import import_module
from uuid import uuid4

import pytest
from django.utils import timezone

from ai_router import router
from ai_router.catalog import UNKNOWN
from ai_router.errors import NoProviderAvailableError
from ai_router.models import Route, RouteCandidate
from ai_router.planning import _hold
from ai_router.providers import PROVIDERS, ProviderRow
from ai_router.routes import default_providers
from ai_router.routing import choose_candidates, default_model
from ai_router.steps import Step
from ai_router.types import Candidate, TaskType
from tests.ai_router.conftest import Subject
from tests.providers.simulator import Reply
from usage.errors import BudgetExceededError
from usage.models import Budget, Call

pytestmark = pytest.mark.django_db


@pytest.fixture
def four_providers(settings, monkeypatch):
    """All four providers of the task map, with keys; two of them without an adapter of their own yet."""
    rows = {
        name: ProviderRow("ai_router.providers.openai:OpenAIProvider", f"{name}-default")
        for name in ("openai", "groq", "gemini", "grok")
    }
    monkeypatch.setattr("ai_router.routing.PROVIDERS", rows)
    monkeypatch.setattr("ai_router.providers.PROVIDERS", rows)
    settings.AI_PROVIDERS = {name: {"api_key": "k", "base_url": "", "model": ""} for name in rows}
    settings.DEFAULT_AI_PROVIDER = settings.DEFAULT_AI_MODEL = ""
    return rows


@pytest.mark.parametrize(
    ("task_type", "first"),
    [
        (TaskType.CV_PARSING, "openai"),
        (TaskType.CV_TAILORING, "openai"),
        (TaskType.COVER_LETTER, "openai"),
        (TaskType.EMAIL_DRAFTING, "grok"),
        (TaskType.FAST_SUMMARY, "groq"),
        (TaskType.JOB_ANALYSIS, "gemini"),
        (TaskType.JOB_MATCHING, "gemini"),
    ],
)
def test_each_task_has_its_first_choice_and_then_the_others(task_type, first, four_providers):
    choice = choose_candidates(task_type)

    assert choice.hosted[0] == Candidate(first, f"{first}-default")
    assert {candidate.provider for candidate in choice.hosted} == set(four_providers)
    assert choice.ends_offline


def test_the_seeded_routes_are_the_ones_in_code():
    for route in Route.objects.prefetch_related("candidates"):
        assert [row.provider for row in route.candidates.all()] == default_providers(TaskType(route.task_type))
    assert Route.objects.count() == len(TaskType)


def test_a_site_without_routes_follows_the_ones_in_code(four_providers):
    Route.objects.all().delete()

    assert choose_candidates(TaskType.FAST_SUMMARY).hosted[0].provider == "groq"


def test_a_route_is_followed_as_it_was_edited(four_providers):
    route = Route.objects.get(task_type=TaskType.COVER_LETTER)
    route.candidates.all().delete()
    for position, (provider, model, is_enabled) in enumerate(
        [
            ("grok", "grok-x", True),
            ("groq", "", False),
            ("openai", "", True),
            ("embedded", "", True),
            ("gemini", "", True),
        ]
    ):
        RouteCandidate.objects.create(
            route=route, provider=provider, model=model, is_enabled=is_enabled, position=position
        )

    choice = choose_candidates(TaskType.COVER_LETTER)

    assert [str(candidate) for candidate in choice.hosted] == ["grok/grok-x", "openai/openai-default"]


def test_an_emptied_route_leaves_the_embedded_engine(four_providers):
    RouteCandidate.objects.all().delete()

    assert choose_candidates(TaskType.COVER_LETTER).hosted == ()


def test_providers_without_a_key_are_passed_over(four_providers, settings):
    settings.AI_PROVIDERS = {"grok": settings.AI_PROVIDERS["grok"]}

    choice = choose_candidates(TaskType.COVER_LETTER)

    assert [candidate.provider for candidate in choice.hosted] == ["grok"]
    assert ("openai", "no key") in choice.passed_over


def test_the_default_provider_comes_first_with_the_default_model(four_providers, settings):
    settings.DEFAULT_AI_PROVIDER, settings.DEFAULT_AI_MODEL = "gemini", "gemini-x"

    choice = choose_candidates(TaskType.COVER_LETTER)

    assert str(choice.hosted[0]) == "gemini/gemini-x"
    assert len(choice.hosted) == 4


def test_the_default_provider_may_be_the_embedded_engine(four_providers, settings):
    settings.DEFAULT_AI_PROVIDER = "embedded"

    assert choose_candidates(TaskType.COVER_LETTER).hosted == ()
    assert choose_candidates(TaskType.COVER_LETTER, provider="openai").hosted


def test_a_model_is_taken_from_the_nearest_setting(four_providers, settings):
    assert default_model("openai") == "openai-default"
    settings.DEFAULT_AI_MODEL = "general"
    assert (default_model("openai"), default_model("groq")) == ("general", "groq-default")
    settings.AI_PROVIDERS["openai"]["model"] = "own"
    assert default_model("openai") == "own"


def test_a_provider_by_name_must_be_on(four_providers, settings):
    settings.AI_PROVIDERS = {}

    with pytest.raises(NoProviderAvailableError, match="groq"):
        choose_candidates(TaskType.COVER_LETTER, provider="groq")


@pytest.fixture
def three_models(simulator):
    """A route of three models of one provider, the dearest first."""
    route = Route.objects.get(task_type=TaskType.COVER_LETTER)
    route.candidates.all().delete()
    for position, model in enumerate(("gpt-5.4-mini", "house-model-4", "gpt-5.4-nano", "gpt-4.1-mini")):
        RouteCandidate.objects.create(route=route, provider="openai", model=model, position=position)
    return route


def test_cheapest_first_orders_by_this_request_and_unknown_prices_last(three_models, spec, simulator):
    simulator.script(Reply(text="Roses."))

    result = router.run(spec, Subject(), optimize_cost=True)
    quotes = router.estimate(spec, Subject(), optimize_cost=True)

    order = ["gpt-4.1-mini", "gpt-5.4-nano", "gpt-5.4-mini", "house-model-4", "rules"]
    assert [quote.candidate.model for quote in quotes] == order
    assert result.model == order[0]
    decision = Call.objects.get().decision
    assert decision["strategy"] == "cost_optimized"
    assert [row["candidate"].rpartition("/")[2] for row in decision["candidates"]] == order


def test_a_quote_is_an_interval_that_holds_what_is_paid(three_models, spec, simulator):
    quotes = {quote.candidate.model: quote for quote in router.estimate(spec, Subject())}
    result = router.run(spec, Subject())

    quote = quotes[result.model]
    assert 0 < quote.low_nanousd < quote.expected_nanousd < quote.high_nanousd < quote.most_nanousd
    assert result.cost_nanousd <= quote.most_nanousd
    assert quotes["house-model-4"].expected_nanousd is None
    assert quotes["rules"].most_nanousd == 0
    assert Call.objects.count() == 1
    assert len(simulator.books) == 1


def test_without_a_key_a_quote_is_the_free_engine(spec):
    assert [(str(quote.candidate), quote.high_nanousd) for quote in router.estimate(spec, Subject())] == [
        ("embedded/rules", 0)
    ]


def test_a_budget_without_room_leaves_out_the_dearest_candidate(three_models, spec, simulator):
    held = {quote.candidate.model: quote.most_nanousd or 0 for quote in router.estimate(spec, Subject())}
    Budget.objects.create(name="small", limit_nanousd=held["gpt-5.4-nano"] + held["gpt-4.1-mini"])

    result = router.run(spec, Subject())

    line = Call.objects.get()
    assert ["openai/gpt-5.4-mini", "budget 'small'"] in line.decision["passed_over"]
    assert line.held_nanousd == held["gpt-5.4-nano"] + held["gpt-4.1-mini"]
    assert result.provider == "openai"


def test_a_providers_budget_leaves_out_its_own_candidates():
    def step(provider: str, held: int) -> Step:
        return Step(Candidate(provider, "m"), None, 0, 0, None, "", None, None, None, held)

    Budget.objects.create(name="its own", provider="groq", limit_nanousd=99)
    steps = [step("groq", 60), step("groq", 70), step("openai", 5_000)]
    decision = {"passed_over": []}
    line = {"call_id": uuid4(), "user_id": None, "task_type": "cover_letter", "expires_at": timezone.now()}

    held = _hold(steps, ends_offline=True, decision=decision, line=line)

    assert held == 5_060
    assert [str(step.candidate) for step in steps] == ["groq/m", "openai/m"]
    assert decision["passed_over"] == [["groq/m", "budget 'its own'"]]


def test_a_budget_without_any_room_leaves_the_embedded_engine(three_models, spec, simulator):
    RouteCandidate.objects.filter(model="house-model-4").delete()
    Budget.objects.create(name="none", limit_nanousd=1)

    assert router.run(spec, Subject()).provider == "embedded"
    assert simulator.books == []


def test_a_budget_without_room_refuses_a_provider_asked_for_by_name(spec, simulator):
    Budget.objects.create(name="none", limit_nanousd=1)

    with pytest.raises(BudgetExceededError):
        router.run(spec, Subject(), provider="openai")

    assert not Call.objects.exists()
    assert simulator.books == []


def test_a_request_longer_than_the_window_is_not_sent_there(spec, simulator, monkeypatch):
    monkeypatch.setattr("ai_router.catalog.MODELS", {"gpt-5": replace_window(250)})

    result = router.run(spec, Subject(topic="rose " * 200))

    assert result.provider == "embedded"
    assert simulator.books == []
    assert "window" in Call.objects.get().decision["passed_over"][-1][1]


def replace_window(size: int):
    return replace(UNKNOWN, context_window=size)


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_has_an_adapter_that_loads(name):
    row = PROVIDERS[name]
    module, _, adapter = row.adapter.partition(":")
    if row.extra:
        with contextlib.suppress(ImportError):
            assert hasattr(import_module(module), adapter)
    else:
        assert hasattr(import_module(module), adapter)
