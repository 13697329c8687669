"""Of which budget a person is told before something begins that may cost money."""

import pytest

from ai_router.quotes import offer_of
from ai_router.types import Candidate, Quote, TaskType
from usage.models import Budget, BudgetWindow
from usage.types import BudgetPeriod

pytestmark = pytest.mark.django_db
USD = 10**9
QUOTES = [Quote(Candidate("openai", "a"), 40, 30, 60, 100)]


def make_budget(owner, name: str, *, limit: int, spent: int, **more) -> Budget:
    budget = Budget.objects.create(name=name, user=owner, limit_nanousd=limit, period=BudgetPeriod.TOTAL, **more)
    offer_of(QUOTES, task_type=TaskType.COVER_LETTER, user=owner)
    BudgetWindow.objects.filter(budget=budget).update(spent_nanousd=spent)
    return budget


def told(owner) -> str:
    offer = offer_of(QUOTES, task_type=TaskType.COVER_LETTER, user=owner)
    return offer.budget.budget.name if offer and offer.budget else ""


def test_a_budget_is_told_of_from_its_own_warning_on(owner):
    budget = make_budget(owner, "mine", limit=10 * USD, spent=6 * USD)
    assert told(owner) == ""

    Budget.objects.filter(pk=budget.pk).update(warn_percent=60)
    assert told(owner) == "mine"

    Budget.objects.filter(pk=budget.pk).update(warn_percent=95)
    BudgetWindow.objects.filter(budget=budget).update(spent_nanousd=9 * USD)
    assert told(owner) == ""


def test_a_small_budget_with_room_does_not_hide_a_large_one_that_is_nearly_used(owner):
    make_budget(owner, "a day's", limit=USD, spent=0)
    make_budget(owner, "the month's", limit=100 * USD, spent=98 * USD)

    assert told(owner) == "the month's"
