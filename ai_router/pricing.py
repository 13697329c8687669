"""What a request costs, in integer nano-dollars (10⁻⁹ USD).

Prices come from the data of `genai-prices` (`price_data`); nothing is asked over the network. It has prices of service
tiers for many models; for the others the shares of `service_tiers.SHARES` apply. A price that is not known, of a tier
neither, is None, and loud, never 0.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from ai_router.price_data import PublishedModel, Tiers, find_model
from ai_router.service_tiers import BATCH, SHARES, STANDARD, Share
from usage.types import TokenUsage

logger = logging.getLogger(__name__)

# Names of our providers in the price data, where they differ.
PRICE_PROVIDER_IDS = {"gemini": "google", "grok": "x-ai"}
# Dollars per million tokens are so many femto-dollars (10⁻¹⁵ USD) per token: whole numbers, for prices of nine decimals.
FEMTOUSD_PER_TOKEN = Decimal(1_000_000_000)
FEMTOUSD_PER_NANOUSD = 1_000_000


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
        known = {name: _written(price) for name, price in prices.items() if price is not None}
        return {**known, "unit": "USD per million tokens", "source": self.source}

    def shared(self, share: Share, tier: str) -> "Prices":
        """Return what a tier costs that is priced as a share of these."""
        return Prices(
            input=_times(self.input, share.plain),
            output=_times(self.output, share.plain),
            cached_input=_times(self.cached_input, share.cached),
            cache_write=_times(self.cache_write, share.cached),
            source=f"{self.source}, {tier} at {share.plain * 100:.0f} %",
        )


@lru_cache(maxsize=1024)
def _written(price: Decimal) -> str:
    return f"{price.normalize():f}"


FREE = Prices(input=((0, Decimal(0)),), output=((0, Decimal(0)),), source="free")


def find_prices(provider: str, model: str, *, at: datetime | None = None, tier: str = STANDARD) -> Prices | None:
    """Return the prices of a model's tier at a moment (default: now), or None, with a warning, where nobody knows them."""
    moment = at or datetime.now(UTC)
    return _prices_in_hour(provider, model, moment.replace(minute=0, second=0, microsecond=0), tier)


def price_tier(standard: Prices, *, provider: str, model: str, tier: str) -> Prices | None:
    """Return what a tier costs by the share that the provider promises for all of its models.

    None, with a warning, where it promises none: what is faster costs more, and by how much is not guessed.
    """
    share = SHARES.get((provider, tier))
    if share is None:
        _say_unpriced(provider, model, tier, datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
        return None
    return standard.shared(share, tier)


@lru_cache(maxsize=512)
def _prices_in_hour(provider: str, model: str, hour: datetime, tier: str) -> Prices | None:
    """Look the prices up; kept for the hour, so that an unknown one is reported again in the next."""
    found = find_model(PRICE_PROVIDER_IDS.get(provider, provider), model)
    if found is None:
        _say_unpriced(provider, model, tier, hour)
        return None
    standard = _prices(found.prices_at(hour), f"genai-prices: {found.provider}/{found.name}")
    if tier == STANDARD:
        return standard
    listed = _listed_tier(found, tier, hour)
    return listed or price_tier(standard, provider=provider, model=model, tier=tier)


def _listed_tier(found: PublishedModel, tier: str, hour: datetime) -> Prices | None:
    """Return the price of a tier that the price list has for the model at this time; None where it has none.

    A model that is resold (Azure's of OpenAI) has the maker's prices there, and none of the seller's tiers.
    """
    asked = _asked_of_list(tier)
    if not found.is_priced_for(asked, hour):
        return None
    return _prices(found.prices_at(hour, asked), f"genai-prices: {found.provider}/{found.name}, {tier}")


def _asked_of_list(tier: str) -> dict[str, str]:
    """Return a tier as the price list names it."""
    return {"processing": BATCH} if tier == BATCH else {"service_tier": tier}


def _prices(listed: Mapping[str, Tiers], source: str) -> Prices:
    """Turn prices of the list into ours."""
    return Prices(
        input=listed.get("input_mtok", ()),
        output=listed.get("output_mtok", ()),
        cached_input=listed.get("cache_read_mtok", ()),
        cache_write=listed.get("cache_write_mtok", ()),
        source=source,
    )


@lru_cache(maxsize=512)
def _say_unpriced(provider: str, model: str, tier: str, hour: datetime) -> None:
    """Warn of a price that nobody knows, once in an hour."""
    what = f"the tier {tier!r} of {provider}/{model}" if tier else f"{provider}/{model}"
    logger.warning("ai_unpriced: no price is known for %s; its calls have no cost", what)


def lists_tier(provider: str, model: str, *, tier: str) -> bool:
    """Whether the published price lists have a price of their own for the model's tier now."""
    found = find_model(PRICE_PROVIDER_IDS.get(provider, provider), model)
    return found is not None and found.is_priced_for(_asked_of_list(tier), datetime.now(UTC))


def is_published(provider: str, model: str) -> bool:
    """Whether the published price lists have the model under this provider."""
    return find_model(PRICE_PROVIDER_IDS.get(provider, provider), model) is not None


def cost_of(usage: TokenUsage, prices: Prices | None, *, tier: str = "") -> tuple[int | None, Mapping[str, Any]]:
    """Return cost and applied unit prices; cost is None where prices are unknown and something was used.

    `tier` is what the provider calls the tier that it served, and is kept with the unit prices.
    """
    named = {"tier": tier} if tier else {}
    if prices is None:
        is_nothing = usage.total_input_tokens + usage.total_output_tokens == 0
        return (0 if is_nothing else None), named
    return prices.cost(usage), {**prices.applied_to(usage), **named}


def _times(tiers: Tiers, share: Decimal) -> Tiers:
    """Return a share of a price."""
    return tuple((start, price * share) for start, price in tiers)


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
