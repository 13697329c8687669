"""The prices that hold at this site: its own where the operator has entered some, the published ones elsewhere."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from ai_router.copies import Copy
from ai_router.models import ModelPrice
from ai_router.pricing import FREE, Prices, Tiers, find_prices
from ai_router.providers import PROVIDERS
from ai_router.types import Candidate
from usage.types import NANOUSD_PER_USD

KEPT_SECONDS = 5
NANOUSD_PER_USD_EXACT = Decimal(NANOUSD_PER_USD)


def prices_in_force(
    candidates: Iterable[Candidate], *, at: datetime | None = None
) -> Mapping[Candidate, Prices | None]:
    """Return the prices of each candidate at a moment (default: now); None where nobody knows them."""
    moment = at or datetime.now(UTC)
    own = {candidate: prices for since, candidate, prices in _OWN.get() if since <= moment}
    return {candidate: own.get(candidate) or _published(candidate, moment) for candidate in candidates}


def _published(candidate: Candidate, moment: datetime) -> Prices | None:
    """Return what everybody pays: nothing for a model on the site's own machines."""
    row = PROVIDERS.get(candidate.provider)
    return FREE if row and row.is_local else find_prices(candidate.provider, candidate.model, at=moment)


def _read_own() -> list[tuple[datetime, Candidate, Prices]]:
    """Read all prices of the site, the newest last."""
    rows = ModelPrice.objects.order_by("effective_from")
    return [(row.effective_from, Candidate(row.provider, row.model), _prices(row)) for row in rows]


def _prices(row: ModelPrice) -> Prices:
    return Prices(
        input=_tiers(row.input_nanousd_per_million),
        output=_tiers(row.output_nanousd_per_million),
        cached_input=_tiers(row.cached_input_nanousd_per_million),
        cache_write=_tiers(row.cache_write_nanousd_per_million),
        source=f"site: from {row.effective_from.isoformat()}",
    )


def _tiers(nanousd_per_million: int | None) -> Tiers:
    """Return one price for requests of every size."""
    return () if nanousd_per_million is None else ((0, Decimal(nanousd_per_million) / NANOUSD_PER_USD_EXACT),)


# A new price is seen after `KEPT_SECONDS` at the latest.
_OWN = Copy(_read_own, seconds=KEPT_SECONDS)
