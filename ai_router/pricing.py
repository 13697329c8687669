"""What a request costs, in integer nano-dollars (10⁻⁹ USD).

Prices come from the data set that `genai-prices` carries in its package; nothing is asked over the network. A price
that is not known is None, and loud, never 0.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from usage.types import TokenUsage

logger = logging.getLogger(__name__)

# Names of our providers in the price data, where they differ.
PRICE_PROVIDER_IDS = {"gemini": "google", "grok": "x-ai"}
# Dollars per million tokens are so many femto-dollars (10⁻¹⁵ USD) per token: whole numbers, for prices of nine decimals.
FEMTOUSD_PER_TOKEN = Decimal(1_000_000_000)
FEMTOUSD_PER_NANOUSD = 1_000_000

Tiers = tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of one model, in dollars per million tokens.

    Each is a list of `(start, price)`: once a request's whole input is above `start` tokens, all its tokens cost that
    price. An empty list is a price that is not known; cached input without a price of its own costs what input costs.
    """

    input: Tiers
    output: Tiers
    cached_input: Tiers = ()
    cache_write: Tiers = ()
    source: str = ""

    def cost(self, usage: TokenUsage) -> int | None:
        """Return the cost in nano-dollars, half a nano-dollar rounded up; None where a price that it needs is unknown."""
        size, total = usage.total_input_tokens, 0
        for tokens, tiers in (
            (usage.input_tokens, self.input),
            (usage.cached_input_tokens, self.cached_input or self.input),
            (usage.cache_write_tokens, self.cache_write or self.input),
            (usage.total_output_tokens, self.output),
        ):
            if not tokens:
                continue
            price = _femtousd_at(tiers, size)
            if price is None:
                return None
            total += tokens * price
        return (total + FEMTOUSD_PER_NANOUSD // 2) // FEMTOUSD_PER_NANOUSD

    def applied_to(self, usage: TokenUsage) -> dict[str, str]:
        """Return the unit prices that `cost` used, as they are kept with the ledger line."""
        size = usage.total_input_tokens
        named = {
            "input": self.input,
            "cached_input": self.cached_input or self.input,
            "cache_write": self.cache_write or self.input,
            "output": self.output,
        }
        prices = {name: _price_at(tiers, size) for name, tiers in named.items()}
        known = {name: f"{price.normalize():f}" for name, price in prices.items() if price is not None}
        return {**known, "unit": "USD per million tokens", "source": self.source}


FREE = Prices(input=((0, Decimal(0)),), output=((0, Decimal(0)),), source="free")


def find_prices(provider: str, model: str, *, at: datetime | None = None) -> Prices | None:
    """Return the prices of a model at a moment (default: now), or None, with a warning, where nobody knows them."""
    moment = at or datetime.now(UTC)
    return _prices_in_hour(provider, model, moment.replace(minute=0, second=0, microsecond=0))


@lru_cache(maxsize=256)
def _prices_in_hour(provider: str, model: str, hour: datetime) -> Prices | None:
    """Look the prices up; kept for the hour, so that an unknown one is reported again in the next."""
    import genai_prices

    try:
        found = genai_prices.calc_price(
            genai_prices.Usage(input_tokens=0, output_tokens=0),
            model_ref=model,
            provider_id=PRICE_PROVIDER_IDS.get(provider, provider),
            genai_request_timestamp=hour,
        )
    except LookupError:
        logger.warning("ai_unpriced: no price is known for %s/%s; its calls have no cost", provider, model)
        return None
    price = found.model_price
    return Prices(
        input=_tiers(price.input_mtok),
        output=_tiers(price.output_mtok),
        cached_input=_tiers(price.cache_read_mtok),
        cache_write=_tiers(price.cache_write_mtok),
        source=f"genai-prices: {found.provider.id}/{found.model.id}",
    )


def is_published(provider: str, model: str) -> bool:
    """Whether the published price lists have the model under this provider."""
    from genai_prices import data_snapshot

    provider_id = PRICE_PROVIDER_IDS.get(provider, provider)
    try:
        data_snapshot.get_snapshot().find_provider_model(model, None, provider_id, None)
    except LookupError:
        return False
    return True


def cost_of(usage: TokenUsage, prices: Prices | None) -> tuple[int | None, Mapping[str, Any]]:
    """Return cost and applied unit prices; cost is None where prices are unknown and something was used."""
    if prices is None:
        is_nothing = usage.total_input_tokens + usage.total_output_tokens == 0
        return (0 if is_nothing else None), {}
    return prices.cost(usage), prices.applied_to(usage)


def _tiers(price: Any) -> Tiers:
    """Turn a price of the data set, plain or by size of the request, into tiers."""
    if price is None:
        return ()
    if isinstance(price, Decimal):
        return ((0, price),)
    return ((0, price.base), *((tier.start, tier.price) for tier in price.tiers))


@lru_cache(maxsize=2_048)
def _femtousd(tiers: Tiers) -> tuple[tuple[int, int], ...]:
    """Return the tiers in femto-dollars per token; what is finer than that is rounded."""
    return tuple((start, int((price * FEMTOUSD_PER_TOKEN).to_integral_value(ROUND_HALF_UP))) for start, price in tiers)


def _femtousd_at(tiers: Tiers, input_tokens: int) -> int | None:
    """Return the price of a token for a request of this size."""
    found = None
    for start, price in _femtousd(tiers):
        if start == 0 or input_tokens > start:
            found = price
    return found


def _price_at(tiers: Tiers, input_tokens: int) -> Decimal | None:
    """Return the price for a request of this size; the first tier also holds for an empty one."""
    prices = [price for start, price in tiers if start == 0 or input_tokens > start]
    return prices[-1] if prices else None
