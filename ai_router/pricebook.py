"""The prices that hold at this site: its own where the operator has entered some, the published ones elsewhere."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from ai_router.copies import Copy
from ai_router.models import CatalogModel, ModelPrice
from ai_router.price_data import Tiers
from ai_router.pricing import FREE, Prices, find_prices, lists_tier, price_tier
from ai_router.providers import PROVIDERS
from ai_router.service_tiers import AUTO, BATCH, STANDARD, TIERS_OF_AUTO, asked_tier, tier_named
from ai_router.types import Candidate
from usage.types import NANOUSD_PER_USD

KEPT_SECONDS = 5
NANOUSD_PER_USD_EXACT = Decimal(NANOUSD_PER_USD)


@dataclass(frozen=True, slots=True)
class Own:
    """The site's own prices of each candidate by tier, the newest first, and which candidates cost what another one costs."""

    prices: Mapping[Candidate, Mapping[str, Sequence[tuple[datetime, Prices]]]] = field(default_factory=dict)
    bases: Mapping[Candidate, Candidate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a request to a candidate is priced by before its answer has named a tier.

    Args:
        asked: The tier that the request names, in the provider's words; empty where it names none.
        prices: What that tier costs; None where nobody knows.
        others: What the other tiers cost that the provider may serve instead: a hold covers the dearest.
    """

    asked: str
    prices: Prices | None
    others: tuple[Prices | None, ...] = ()


def prices_in_force(
    candidates: Iterable[Candidate], *, at: datetime | None = None, tier: str = STANDARD
) -> Mapping[Candidate, Prices | None]:
    """Return the prices of each candidate's tier at a moment (default: now); None where nobody knows them."""
    moment, own = at or datetime.now(UTC), OWN.get()
    return {candidate: _price(own, candidate, tier, moment) for candidate in candidates}


def price_of(provider: str, model: str, *, tier: str = STANDARD, at: datetime | None = None) -> Prices | None:
    """Return the prices of one model's tier, such as `batch`, at a moment (default: now); None where nobody knows them.

    A tier's price is the site's own; else, where the site has a price of its own for the model, the share of it that the
    provider promises for the tier; else the published one.
    """
    return _price(OWN.get(), Candidate(provider, model), tier_named(tier), at or datetime.now(UTC))


def names_tier(provider: str, model: str, *, tier: str) -> bool:
    """Whether the site, or else the published lists, have a price of its own for a model's tier now.

    A price that would only follow from another one is none, and nothing is logged.
    """
    own, moment = OWN.get(), datetime.now(UTC)
    candidate = _payer(own, Candidate(provider, model))
    if _own_price(own, candidate, tier, moment) is not None:
        return True
    if _own_price(own, candidate, STANDARD, moment) is not None:
        return False
    return lists_tier(candidate.provider, candidate.model, tier=tier)


def tariff_of(candidate: Candidate) -> Tariff:
    """Return what a request that is sent now is priced by, and held by."""
    own, moment = OWN.get(), datetime.now(UTC)
    asked = asked_tier(candidate.provider)
    tier = tier_named(asked)
    prices = _price(own, candidate, tier, moment)
    others = [_price(own, candidate, other, moment) for other in _others(own, candidate, asked)]
    if tier:
        # A provider that has no room in the tier serves by the standard one.
        others.append(_price(own, candidate, STANDARD, moment))
    return Tariff(asked, prices, tuple(others))


def prices_of_answer(
    candidate: Candidate, prices: Prices | None, *, asked: str, named: str, at: datetime
) -> Prices | None:
    """Return what an answer costs that names a tier: `prices`, those of the tier that was asked for, unless it is another.

    Asks no database: the site's own prices are those that were read last, when the call was planned.
    """
    tier = tier_named(named)
    if not named or tier == tier_named(asked):
        return prices
    return _price(OWN.peek() or Own(), candidate, tier, at)


def _others(own: Own, candidate: Candidate, asked: str) -> Iterable[str]:
    """Name the tiers that a provider may choose by itself: those of `auto`, or those that the site has a price for."""
    if asked == AUTO:
        return TIERS_OF_AUTO
    if asked:
        return ()
    return [tier for tier in own.prices.get(_payer(own, candidate), ()) if tier not in {STANDARD, BATCH}]


def _price(own: Own, candidate: Candidate, tier: str, moment: datetime) -> Prices | None:
    """Return the site's own price, or else what everybody pays: nothing for a model on the site's own machines."""
    candidate = _payer(own, candidate)
    found = _own_price(own, candidate, tier, moment)
    if found is not None:
        return found
    row = PROVIDERS.get(candidate.provider)
    if row and row.is_local:
        return FREE
    standard = _own_price(own, candidate, STANDARD, moment) if tier else None
    if standard is not None:
        return price_tier(standard, provider=candidate.provider, model=candidate.model, tier=tier)
    return find_prices(candidate.provider, candidate.model, at=moment, tier=tier)


def _payer(own: Own, candidate: Candidate) -> Candidate:
    """Return the candidate whose price holds: its base's for a deployment or another name, unless it has one of its own."""
    return candidate if candidate in own.prices else own.bases.get(candidate, candidate)


def _own_price(own: Own, candidate: Candidate, tier: str, moment: datetime) -> Prices | None:
    """Return the newest of the site's own prices that has begun."""
    tiers = own.prices.get(candidate)
    if tiers is None:
        return None
    return next((prices for since, prices in tiers.get(tier, ()) if since <= moment), None)


def _read_own() -> Own:
    """Read all prices of the site."""
    found: dict[Candidate, dict[str, list[tuple[datetime, Prices]]]] = {}
    for row in ModelPrice.objects.order_by("-effective_from"):
        tiers = found.setdefault(Candidate(row.provider, row.model), defaultdict(list))
        tiers[row.service_tier].append((row.effective_from, _prices(row)))
    deployments = CatalogModel.objects.filter(costs_as_base=True).exclude(based_on="")
    return Own(
        found,
        {Candidate(row.provider, row.model): Candidate(row.provider, row.based_on) for row in deployments},
    )


def _prices(row: ModelPrice) -> Prices:
    return Prices(
        input=_tiers(row.input_nanousd_per_million),
        output=_tiers(row.output_nanousd_per_million),
        cached_input=_tiers(row.cached_input_nanousd_per_million),
        cache_write=_tiers(row.cache_write_nanousd_per_million),
        source=f"site: {f'{row.service_tier} ' if row.service_tier else ''}from {row.effective_from.isoformat()}",
    )


def _tiers(nanousd_per_million: int | None) -> Tiers:
    """Return one price for requests of every size."""
    return () if nanousd_per_million is None else ((0, Decimal(nanousd_per_million) / NANOUSD_PER_USD_EXACT),)


# A new price is seen after `KEPT_SECONDS` at the latest.
OWN = Copy(_read_own, seconds=KEPT_SECONDS)
