"""What vendors ask for their models, as `genai-prices` knows it, without what that package takes in memory.

The package builds every model of every vendor before it answers a first question. `data/prices.jsonl` is the same data, a
line a model, made by `manage.py refresh_prices`; of it only the vendors that are asked about are read. Where another
version of the package is installed than the one the file was made from, the package is read instead, and the log says so.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genai_prices import types as package

logger = logging.getLogger(__name__)

TABLE = Path(__file__).parent / "data" / "prices.jsonl"
PACKAGE = "genai-prices"
# A model is named with a compact date by some gateways, and with dashes in the lists.
COMPACT_DATE = re.compile(r"(?<=-)(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)")
# The one name that stands for no vendor: the model's name begins with the vendor's then.
GATEWAY = "litellm"

# `(start, price)`, in dollars per million tokens (or thousand searches): above `start` tokens of input, all cost that.
Tiers = tuple[tuple[int, Decimal], ...]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """A model on a vendor's price list.

    Args:
        provider: The vendor that was asked about, by its name in the lists.
        name: The model's name in them.
        row: The line of the model, as the file has it.
        is_own: Whether it is on this vendor's own list, not on the one of whoever made the model.
    """

    provider: str
    name: str
    row: Row
    is_own: bool

    def prices_at(self, moment: datetime, context: Mapping[str, str] | None = None) -> dict[str, Tiers]:
        """Return the prices by the package's names for them (`input_mtok`, `cache_read_mtok`, …).

        Args:
            moment: When the request is made; one without a time zone is UTC.
            context: What the request was besides, such as `{"processing": "batch"}` or `{"service_tier": "flex"}`: a price
                that the vendor has for it replaces the plain one.
        """
        moment = _in_utc(moment)
        dated: Sequence[Row] = self.row["prices"]
        found = dict(next((one for one in reversed(dated) if _is_active(one, moment)), dated[0])["is"])
        overrides: dict[str, Any] = {}
        for variant in self._variants_at(moment) if context else ():
            if variant["when"].items() <= (context or {}).items():
                overrides = {**variant["is"], **overrides}
        return {name: _tiers(price) for name, price in {**found, **overrides}.items()}

    def is_priced_for(self, context: Mapping[str, str], moment: datetime) -> bool:
        """Whether the vendor has prices for just this context at a moment."""
        return any(variant["when"] == context for variant in self._variants_at(_in_utc(moment)))

    def _variants_at(self, moment: datetime) -> Iterator[Row]:
        """Yield what the vendor's own list has for special contexts; there is nothing in it of whoever resells."""
        variants = self.row.get("variants", ()) if self.is_own else ()
        return (variant for variant in variants if _is_active(variant, moment))


@lru_cache(maxsize=512)
def find_model(provider: str, model: str) -> PublishedModel | None:
    """Return a model of a vendor by any of the names that the lists know it by, or None."""
    model = model.lower()
    if provider.lower() == GATEWAY and "/" in model:
        named, _, rest = model.partition("/")
        if named and _find_vendor(named):
            provider, model = named, rest
    vendor = _find_vendor(provider)
    if vendor is None and provider.lower() == GATEWAY:
        vendor = next((row for row in _vendors() if _fits(row.get("models"), model)), None)
    if vendor is None:
        return None
    return _find_model(vendor, model) or _find_model(vendor, _with_dashes(model))


def _find_vendor(name: str) -> Row | None:
    name = name.lower().strip()
    vendors = _vendors()
    exact = next((row for row in vendors if row["vendor"] == name), None)
    return exact or next((row for row in vendors if _fits(row.get("match"), name)), None)


def _find_model(vendor: Row, model: str) -> PublishedModel | None:
    for name in (vendor["vendor"], *vendor.get("resells", ())):
        for row in _models(name):
            if _fits(row["match"], model):
                return PublishedModel(vendor["vendor"], row["model"], row, is_own=name == vendor["vendor"])
    return None


def _with_dashes(model: str) -> str:
    """Write a date as the lists do: `gpt-5.2-20251211` becomes `gpt-5.2-2025-12-11`."""

    def dashed(found: re.Match[str]) -> str:
        try:
            return date(*(int(part) for part in found.groups())).isoformat()
        except ValueError:
            return found[0]

    return COMPACT_DATE.sub(dashed, model)


def _fits(clause: Row | None, text: str) -> bool:
    """Whether a text in small letters is one that the clause means."""
    if clause is None:
        return False
    ((kind, value),) = clause.items()
    if kind == "or":
        return any(_fits(one, text) for one in value)
    if kind == "and":
        return all(_fits(one, text) for one in value)
    if kind == "regex":
        return re.search(value, text) is not None
    compared: Mapping[str, bool] = {
        "equals": text == value,
        "starts_with": text.startswith(value),
        "ends_with": text.endswith(value),
        "contains": value in text,
    }
    return compared[kind]


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _is_active(row: Row, moment: datetime) -> bool:
    """Whether a price holds at a moment in UTC: from its date on, or between two times of each day."""
    if "since" in row:
        return moment.date() >= date.fromisoformat(row["since"])
    if "daily" not in row:
        return True
    start, end = (time.fromisoformat(one) for one in row["daily"])
    now = moment.time()
    return start <= now < end if start <= end else now >= start or now < end


def _tiers(price: Any) -> Tiers:
    if isinstance(price, str):
        return ((0, Decimal(price)),)
    return tuple((start, Decimal(one)) for start, one in price)


@lru_cache(maxsize=1)
def _vendors() -> tuple[Row, ...]:
    return tuple(json.loads(line) for line in _lines() if line.startswith('{"vendor"'))


@lru_cache(maxsize=8)
def _models(vendor: str) -> tuple[Row, ...]:
    """Read the models of one vendor."""
    start, models, is_its = f'{{"vendor": "{vendor}"', [], False
    for line in _lines():
        if line.startswith('{"vendor"'):
            is_its = line.startswith(start)
        elif is_its:
            models.append(line)
    # In one piece, so that the names in it are kept once.
    return tuple(json.loads(f"[{','.join(models)}]"))


def _lines() -> Iterator[str]:
    """Yield the lines of the file, or what they would be for another version of the package."""
    if not _is_file_current():
        yield from table_of_the_package()
        return
    with TABLE.open(encoding="utf-8") as file:
        yield from file


@lru_cache(maxsize=1)
def _is_file_current() -> bool:
    """Whether the file was made from the package that is installed, if one is."""
    from importlib.metadata import PackageNotFoundError, version

    with TABLE.open(encoding="utf-8") as file:
        made_from = json.loads(next(file))["version"]
    try:
        installed = version(PACKAGE)
    except PackageNotFoundError:
        return True
    if installed == made_from:
        return True
    logger.warning(
        "ai_prices: the price table was made from %s %s, but %s is installed: that is read instead, and takes more memory. "
        "`manage.py refresh_prices` makes a new table.",
        PACKAGE,
        made_from,
        installed,
    )
    return False


def table_of_the_package() -> Iterator[str]:
    """Yield the lines of the table for the package that is installed."""
    from importlib.metadata import version

    from genai_prices import data

    yield _line(version=version(PACKAGE))
    for vendor in data.providers:
        yield _line(
            vendor=vendor.id,
            match=_clause(vendor.provider_match),
            models=_clause(vendor.model_match),
            resells=vendor.fallback_model_providers,
        )
        for model in vendor.models:
            dated = model.prices if isinstance(model.prices, list) else [model]
            yield _line(
                model=model.id,
                match=_clause(model.match),
                prices=[_priced(one) for one in dated],
                variants=[{"when": one.when, **_priced(one)} for one in model.price_variants or ()],
            )


def _line(**values: Any) -> str:
    return json.dumps({name: value for name, value in values.items() if value}, ensure_ascii=False) + "\n"


def _priced(row: "package.ModelInfo | package.ConditionalPrice | package.PriceVariant") -> dict[str, Any]:
    """Return when a price holds, and what it is."""
    when = getattr(row, "constraint", None)
    found: dict[str, Any] = {}
    if when is not None:
        found = (
            {"since": when.start_date.isoformat()}
            if hasattr(when, "start_date")
            else {"daily": [_utc(when.start_time), _utc(when.end_time)]}
        )
    prices = vars(row.prices)
    return {**found, "is": {name: _price(price) for name, price in prices.items() if price is not None}}


def _utc(moment: time) -> str:
    if moment.tzinfo is None:
        return moment.isoformat()
    return datetime.combine(date(1970, 1, 1), moment).astimezone(UTC).time().isoformat()


def _price(price: "Decimal | package.TieredPrices") -> str | list[tuple[int, str]]:
    if isinstance(price, Decimal):
        return str(price)
    return [(0, str(price.base)), *((tier.start, str(tier.price)) for tier in price.tiers)]


def _clause(clause: Any) -> dict[str, Any] | None:
    """Return a clause as the file has it; words in small letters, as they are compared."""
    if clause is None:
        return None
    ((name, value),) = vars(clause).items()
    if isinstance(value, list):
        return {name.rstrip("_"): [_clause(one) for one in value]}
    return {name: value if name == "regex" else value.lower()}
