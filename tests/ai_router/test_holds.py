"""What a call holds covers whatever it does: no way to a provider spends what was not held."""

from contextlib import suppress

import pytest

from ai_router import router
from ai_router.errors import AllProvidersFailedError
from ai_router.models import ModelPrice
from ai_router.types import TaskType
from tests.ai_router.books import assert_books_agree
from tests.ai_router.conftest import OFFLINE_TEXT, Subject
from tests.providers.simulator import Reply
from usage.errors import BudgetExceededError
from usage.models import Budget, BudgetWindow, Call

pytestmark = pytest.mark.django_db(transaction=True)


def ask(**more):
    return router.generate(task_type=TaskType.COVER_LETTER, prompt="a verse", max_output_tokens=100, **more)


@pytest.fixture
def unpriced(simulator, settings):
    """A model that nobody knows the price of."""
    settings.AI_PROVIDERS["openai"]["model"] = "a-model-of-our-own"
    return simulator


def test_a_model_without_a_price_holds_at_the_ceiling(unpriced, settings):
    settings.AI_UNPRICED_USD_PER_MILLION = 50
    budget = Budget.objects.create(name="Site", limit_nanousd=10**12)

    # The simulator does not sell this model; what matters here is what was held.
    with suppress(AllProvidersFailedError):
        ask(provider="openai")

    call = Call.objects.get()
    # At 50 dollars a million, a token is 50,000 nano-dollars; the bound alone is 100 tokens, twice.
    assert call.held_nanousd >= 2 * 100 * 50_000
    assert call.held_nanousd % 50_000 == 0
    assert BudgetWindow.objects.get(budget=budget).held_nanousd == 0


def test_a_hard_budget_stops_a_model_without_a_price(unpriced, spec):
    Budget.objects.create(name="Site", limit_nanousd=1_000_000)

    with pytest.raises(BudgetExceededError):
        ask(provider="openai")

    assert not unpriced.closed_books()
    assert router.run(spec, Subject()).output == OFFLINE_TEXT


def test_a_quote_for_a_model_without_a_price_stays_unknown(unpriced, spec):
    quote = router.estimate(spec, Subject())[0]

    assert (quote.expected_nanousd, quote.low_nanousd, quote.high_nanousd) == (None, None, None)


def test_a_free_model_is_asked_when_every_budget_is_used_up(simulator):
    ModelPrice.objects.create(
        provider="openai", model="gpt-5.4-mini", input_nanousd_per_million=0, output_nanousd_per_million=0
    )
    Budget.objects.create(name="Site", limit_nanousd=0)

    result = ask(provider="openai")

    assert (result.provider, result.cost_nanousd) == ("openai", 0)


@pytest.mark.parametrize(
    "replies",
    [
        [Reply(text="this is forbidden " * 30)] * 2,
        [Reply(status=503), Reply(text="this is forbidden " * 30), Reply(text="a verse " * 60)],
        [Reply(status=504), Reply(status=504)],
        [Reply(text="x " * 300, reasoning_tokens=40)] * 3,
    ],
)
def test_repairs_and_retries_spend_what_was_held(simulator, spec, replies):
    simulator.script(*replies)
    budget = Budget.objects.create(name="Site", limit_nanousd=10**12)

    router.run(spec, Subject())

    call = Call.objects.get()
    assert call.cost_nanousd <= call.held_nanousd
    assert BudgetWindow.objects.get(budget=budget).spent_nanousd == call.cost_nanousd == simulator.billed_nanousd
    assert_books_agree(simulator)
