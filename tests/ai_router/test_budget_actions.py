"""What budgets do to calls that run through the whole router: save, leave free candidates, stop; the free route answers."""

from datetime import UTC, datetime

import httpx2
import pytest

from ai_router import router
from ai_router.copies import forget_copies
from ai_router.models import ModelPrice, Route, RouteCandidate
from ai_router.types import TaskType
from tests.ai_router.api import conftest
from tests.ai_router.books import assert_books_agree
from tests.ai_router.conftest import OFFLINE_TEXT, Subject
from tests.providers.simulator import Reply
from usage.behind import close_behind
from usage.errors import BudgetExceededError
from usage.models import Budget, BudgetWindow, Call
from usage.standings import list_standings
from usage.types import BudgetAction, BudgetPeriod, BudgetUnit, LedgerMode

live_url, token = conftest.live_url, conftest.token
pytestmark = pytest.mark.django_db(transaction=True)
DEAR, FAIR, CHEAP = "gpt-5.4-mini", "gpt-5.4-nano", "gpt-4.1-mini"


@pytest.fixture(params=[LedgerMode.DURABLE, LedgerMode.FAST])
def any_ledger(request, settings):
    """Budgets act the same however lines are written."""
    settings.AI_LEDGER = request.param
    close_behind()
    yield
    close_behind()


@pytest.fixture
def route(simulator):
    """A route of three models of one provider, the dearest first, and the rules behind them."""
    row, _ = Route.objects.get_or_create(task_type=TaskType.COVER_LETTER)
    row.candidates.all().delete()
    for position, model in enumerate((DEAR, FAIR, CHEAP)):
        RouteCandidate.objects.create(route=row, provider="openai", model=model, position=position)
    return row


@pytest.fixture
def budget():
    """A budget of which exactly 80 percent is used."""

    def make(**more: object) -> Budget:
        row = Budget.objects.create(**{"name": "Letters", "limit_nanousd": 10**12, **more})
        list_standings()
        BudgetWindow.objects.filter(budget=row).update(spent_nanousd=row.limit_nanousd // 10 * 8)
        return row

    return make


def newest() -> Call:
    return Call.objects.order_by("-created_at")[0]


def make_free(model: str) -> None:
    ModelPrice.objects.create(provider="openai", model=model, input_nanousd_per_million=0, output_nanousd_per_million=0)


def test_from_its_warning_on_a_budget_has_the_cheapest_asked_first(any_ledger, route, budget, spec, simulator):
    budget(at_warning=BudgetAction.DOWNGRADE)

    result = router.run(spec, Subject())

    assert (result.provider, result.model) == ("openai", CHEAP)
    assert [entry.model for entry in simulator.books] == [CHEAP]


def test_the_decision_says_which_budget_made_a_call_save(route, budget, spec):
    budget(at_warning=BudgetAction.DOWNGRADE)

    router.run(spec, Subject())

    decision = newest().decision
    assert decision["saving"] == "Letters"
    assert [row["candidate"].rpartition("/")[2] for row in decision["candidates"]] == [CHEAP, FAIR, DEAR, "rules"]


@pytest.mark.parametrize("has_free_model", [True, False])
def test_from_its_warning_on_a_budget_can_leave_free_candidates_only(  # noqa: PLR0917 - fixtures
    any_ledger, route, budget, spec, simulator, has_free_model
):
    if has_free_model:
        make_free(FAIR)
    budget(at_warning=BudgetAction.FREE)

    result = router.run(spec, Subject())

    assert (result.provider, result.model) == (("openai", FAIR) if has_free_model else ("embedded", "rules"))
    assert len(simulator.books) == has_free_model


def test_whoever_asks_for_a_model_by_name_is_told_that_only_free_ones_answer(route, budget, spec, simulator):
    budget(at_warning=BudgetAction.FREE)

    with pytest.raises(BudgetExceededError) as refused:
        router.run(spec, Subject(), provider="openai")

    assert "“Letters” is nearly used up, and leaves only what is free." in refused.value.user_message
    assert simulator.books == []


def test_a_stop_lets_nobody_stand_in_for_who_would_have_been_paid(any_ledger, route, spec, simulator):
    Budget.objects.create(name="Letters", limit_nanousd=1, at_limit=BudgetAction.STOP)

    with pytest.raises(BudgetExceededError) as refused:
        router.run(spec, Subject())

    assert refused.value.action == BudgetAction.STOP
    assert router.run(spec, Subject(), provider="embedded").output == OFFLINE_TEXT
    make_free(DEAR)
    forget_copies()
    assert router.run(spec, Subject()).model == DEAR
    assert len(simulator.books) == 1


def test_a_quota_leaves_the_rules_when_its_calls_are_made(any_ledger, route, spec, simulator, owner):
    Budget.objects.create(name="One a day", limit_nanousd=1, unit=BudgetUnit.CALLS, is_per_user=True, period="day")

    results = [router.run(spec, Subject(topic=topic), user=owner).provider for topic in ("roses", "lilies", "ferns")]

    assert results == ["openai", "embedded", "embedded"]
    assert len(simulator.books) == 1
    with pytest.raises(BudgetExceededError, match="used up"):
        router.run(spec, Subject(), user=owner, provider="openai")


def test_a_program_is_stopped_at_the_first_call_over_its_budget_and_told_when_it_resets(
    live_url, token, simulator, owner, spec
):
    asked = {"prompt": "Count.", "max_output_tokens": 20}
    simulator.script(*[Reply(text="One.") for _ in range(2)])

    def ask() -> httpx2.Response:
        return httpx2.post(f"{live_url}/api/v1/ai/generate/", json=asked, headers={"Authorization": f"Bearer {token}"})

    assert ask().status_code == 200
    first = newest()
    budget = Budget.objects.create(
        name="Each of us", limit_nanousd=first.cost_nanousd + first.held_nanousd, is_per_user=True,
        period=BudgetPeriod.DAY, time_zone="Asia/Tokyo",
    )  # fmt: skip
    assert ask().status_code == 200
    refused = ask()

    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (402, "budget_exceeded")
    left = budget.limit_nanousd - sum(Call.objects.values_list("cost_nanousd", flat=True))
    assert (
        f"The budget “Each of us” is used up: {budget.shown(left)} of {budget.shown(budget.limit_nanousd)} left"
        in (error["message"])
    )
    assert "There is room again from" in error["message"]
    assert "at 00:00 Asia/Tokyo" in error["message"]
    resets_at = datetime.fromisoformat(error["retry_after"])
    assert resets_at.astimezone(UTC).hour == 15
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert len(simulator.books) == Call.objects.count() == 2
    assert_books_agree(simulator)
    assert router.run(spec, Subject(), user=owner).output == OFFLINE_TEXT
