"""Money is exact, whole and never guessed."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_router.models import ModelPrice
from ai_router.pricebook import prices_in_force
from ai_router.pricing import FREE, Prices, cost_of, find_prices
from ai_router.types import Candidate
from usage.types import TokenUsage

tokens = st.integers(min_value=0, max_value=2_000_000)
usages = st.builds(TokenUsage, tokens, tokens, tokens, tokens, tokens)
dollars = st.decimals(min_value=0, max_value=200, places=6)


def flat(price: object) -> tuple[tuple[int, Decimal], ...]:
    return ((0, Decimal(str(price))),)


@given(usages, dollars, dollars, dollars, dollars)
def test_the_cost_is_the_exact_sum_rounded_once(usage, sent, cached, written_to_cache, written):
    prices = Prices(flat(sent), flat(written), flat(cached), flat(written_to_cache))

    exact = (
        usage.input_tokens * Fraction(sent)
        + usage.cached_input_tokens * Fraction(cached)
        + usage.cache_write_tokens * Fraction(written_to_cache)
        + (usage.output_tokens + usage.reasoning_tokens) * Fraction(written)
    ) * 1000
    assert prices.cost(usage) == int(exact + Fraction(1, 2))


@given(usages, usages, dollars, dollars)
def test_more_tokens_never_cost_less(one, other, sent, written):
    prices = Prices(flat(sent), flat(written))
    both = TokenUsage(
        *(
            getattr(one, name) + getattr(other, name)
            for name in TokenUsage.__dataclass_fields__
            if name != "is_estimated"
        )
    )

    assert prices.cost(both) >= max(prices.cost(one), prices.cost(other))


def test_a_large_request_is_repriced_as_a_whole():
    prices = Prices(((0, Decimal(1)), (200, Decimal(2))), ((0, Decimal(10)), (200, Decimal(15))))

    assert prices.cost(TokenUsage(input_tokens=200, output_tokens=1)) == 200_000 + 10_000
    assert prices.cost(TokenUsage(input_tokens=150, cached_input_tokens=51, output_tokens=1)) == 402_000 + 15_000


def test_a_missing_price_is_unknown_only_where_it_is_needed():
    input_only = Prices(flat(1), ())

    assert input_only.cost(TokenUsage(input_tokens=3)) == 3_000
    assert input_only.cost(TokenUsage(input_tokens=3, reasoning_tokens=1)) is None
    assert cost_of(TokenUsage(input_tokens=1), None) == (None, {})
    assert cost_of(TokenUsage(), None) == (0, {})


def test_the_prices_that_were_applied_are_kept():
    applied = find_prices("openai", "gpt-5.4", at=datetime(2026, 11, 1, tzinfo=UTC)).applied_to(
        TokenUsage(input_tokens=300_000)
    )

    assert (applied["input"], applied["cached_input"], applied["output"]) == ("5", "0.5", "22.5")
    assert applied["unit"] == "USD per million tokens"
    assert "gpt-5.4" in applied["source"]


def test_published_prices_have_a_history():
    before, after = (find_prices("openai", "gpt-5.6-luna", at=datetime(2026, month, 1, tzinfo=UTC)) for month in (7, 9))

    assert before.input[0][1] > after.input[0][1]


def test_a_model_that_nobody_prices_is_unknown_and_loud(caplog):
    assert find_prices("openai", "house-model-2") is None
    assert "ai_unpriced" in caplog.text
    assert FREE.cost(TokenUsage(input_tokens=5, output_tokens=5)) == 0


@pytest.mark.django_db
def test_a_price_of_the_site_comes_first_from_its_date_on():
    mini, house = Candidate("openai", "gpt-5.4-mini"), Candidate("openai", "house-model-3")
    for candidate, year, price in ((mini, 2026, 7_000_000_000), (house, 2025, 1_500_000), (house, 2030, 9)):
        ModelPrice.objects.create(
            provider=candidate.provider,
            model=candidate.model,
            effective_from=datetime(year, 6, 1, tzinfo=UTC),
            input_nanousd_per_million=price,
            output_nanousd_per_million=price,
        )

    early = prices_in_force([mini, house], at=datetime(2026, 5, 1, tzinfo=UTC))
    late = prices_in_force([mini, house], at=datetime(2026, 7, 1, tzinfo=UTC))

    assert early[mini].source.startswith("genai-prices")
    assert late[mini].cost(TokenUsage(input_tokens=1)) == 7_000
    assert late[house].cost(TokenUsage(input_tokens=2_000_000)) == 3_000_000
    assert late[house].source.startswith("site")
