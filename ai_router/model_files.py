"""Models and prices of the site as a YAML file: read and checked as a whole, applied as a whole, and written back."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError as Refused
from django.db import models, transaction
from pydantic import Field, field_serializer, field_validator, model_validator

from ai_router.modelbook import BOOK
from ai_router.models import CatalogModel, ModelPrice
from ai_router.pricebook import OWN
from ai_router.service_tiers import tier_named
from ai_router.types import provider_choices
from ai_router.yaml_files import Changes, Part, read_yaml, write_yaml
from usage.types import NANOUSD_PER_USD

VERSION = 1
# More than any model costs, and less than the column holds.
MOST_USD_PER_MILLION = 1_000_000
PRICES = ("input", "cached_input", "cache_write", "output")


class _Named(Part):
    """What is said of one model of one provider."""

    provider: str
    model: str = Field(min_length=1, max_length=120)

    @field_validator("provider")
    @classmethod
    def _provider_exists(cls, provider: str) -> str:
        known = dict(provider_choices())
        if provider not in known:
            message = f"there is no provider {provider!r}; known are {', '.join(known)}"
            raise ValueError(message)
        return provider

    def row(self) -> models.Model:
        """Return the row that says the same."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _can_be_kept(self) -> "_Named":
        try:
            self.row().full_clean(validate_unique=False, validate_constraints=False)
        except Refused as error:
            words = "; ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
            raise ValueError(words) from error
        return self


class ModelEntry(_Named):
    """A model; what is left out is as with the one that it is based on."""

    based_on: str = ""
    costs_as_base: bool = False
    context_window: int | None = None
    max_output: int | None = None
    reasoning_effort: str = ""
    reasoning_allowance: int | None = None
    takes_images: bool | None = None
    takes_documents: bool | None = None
    takes_tools: bool | None = None
    has_schema: bool | None = None
    takes_sampling: bool | None = None
    embeds: bool | None = None
    needs_responses: str = ""
    note: str = ""

    @property
    def key(self) -> dict[str, Any]:
        """What tells it from the others."""
        return {"provider": self.provider, "model": self.model}

    def __str__(self) -> str:
        return f"model {self.provider}/{self.model}"

    def row(self) -> CatalogModel:
        """Return the row that says the same."""
        return CatalogModel(**self.model_dump())


class PriceEntry(_Named):
    """A price, in dollars for a million tokens, of a model's tier from a moment on."""

    tier: str = ""
    since: datetime = Field(alias="from")
    input: Decimal = Field(ge=0, le=MOST_USD_PER_MILLION, decimal_places=9)
    cached_input: Decimal | None = Field(None, ge=0, le=MOST_USD_PER_MILLION, decimal_places=9)
    cache_write: Decimal | None = Field(None, ge=0, le=MOST_USD_PER_MILLION, decimal_places=9)
    output: Decimal = Field(ge=0, le=MOST_USD_PER_MILLION, decimal_places=9)
    note: str = ""

    @field_validator("since", mode="before")
    @classmethod
    def _is_a_moment(cls, since: Any) -> Any:
        """Take a day as its first moment."""
        return datetime.combine(since, time()) if type(since) is date else since

    @field_validator("since")
    @classmethod
    def _is_utc(cls, since: datetime) -> datetime:
        return since.astimezone(UTC) if since.tzinfo else since.replace(tzinfo=UTC)

    @field_serializer("since")
    def _is_written_short(self, since: datetime) -> date | datetime:
        """Write the first moment of a day as the day."""
        return since.date() if since.time() == time() else since

    @field_validator("tier")
    @classmethod
    def _is_a_tier(cls, tier: str) -> str:
        return tier_named(tier)

    @property
    def key(self) -> dict[str, Any]:
        """What tells it from the others."""
        return {
            "provider": self.provider,
            "model": self.model,
            "service_tier": self.tier,
            "effective_from": self.since,
        }

    def __str__(self) -> str:
        return f"price {self.row()}"

    def row(self) -> ModelPrice:
        """Return the row that says the same."""
        dollars = {f"{name}_nanousd_per_million": getattr(self, name) for name in PRICES}
        money = {name: None if value is None else int(value * NANOUSD_PER_USD) for name, value in dollars.items()}
        return ModelPrice(**self.key, **money, note=self.note)


E = TypeVar("E", ModelEntry, PriceEntry)


def _each_once(entries: tuple[E, ...]) -> tuple[E, ...]:
    seen: set[tuple[Any, ...]] = set()
    for entry in entries:
        key = tuple(entry.key.values())
        if key in seen:
            message = f"{entry} stands there twice"
            raise ValueError(message)
        seen.add(key)
    return entries


class ModelFile(Part):
    """A whole file. What it does not name stays as it is, unless it is pruned."""

    version: int = VERSION
    models: tuple[ModelEntry, ...] = ()
    prices: tuple[PriceEntry, ...] = ()

    _models_once = field_validator("models")(_each_once)
    _prices_once = field_validator("prices")(_each_once)

    @field_validator("version")
    @classmethod
    def _is_ours(cls, version: int) -> int:
        if version != VERSION:
            message = f"this is version {version}; known is {VERSION}"
            raise ValueError(message)
        return version


def read_file(text: str) -> ModelFile:
    """Read and check a file.

    Raises:
        YamlFileError: It is no YAML, or not in the form; nothing was changed.
    """
    return read_yaml(text, ModelFile)


def apply_file(file: ModelFile, *, prune: bool = False, dry_run: bool = False) -> Changes:
    """Make the database say what the file says, all of it or nothing.

    Args:
        file: What to apply.
        prune: Delete the models and prices that the file does not name.
        dry_run: Undo everything at the end; what would have changed is returned all the same.
    """
    changes = Changes()
    with transaction.atomic():
        before = export_file()
        _apply(CatalogModel, before.models, file.models, changes, prune=prune)
        _apply(ModelPrice, before.prices, file.prices, changes, prune=prune)
        if dry_run:
            transaction.set_rollback(True)
    BOOK.forget()
    OWN.forget()
    return changes


def _apply(
    table: type[models.Model],
    before: Sequence[ModelEntry | PriceEntry],
    entries: Sequence[ModelEntry | PriceEntry],
    changes: Changes,
    *,
    prune: bool,
) -> None:
    old = {tuple(entry.key.values()): entry for entry in before}
    for entry in entries:
        if changes.note(str(entry), old.pop(tuple(entry.key.values()), None), entry):
            table._base_manager.filter(**entry.key).delete()
            entry.row().save()
    if prune:
        for entry in old.values():
            changes.deleted.append(str(entry))
            table._base_manager.filter(**entry.key).delete()


def export_file() -> ModelFile:
    """Return what the database says, as a file."""
    facts = list(ModelEntry.model_fields)
    return ModelFile.model_construct(
        version=VERSION,
        models=tuple(
            ModelEntry.model_construct(**{name: getattr(row, name) for name in facts})
            for row in CatalogModel.objects.all()
        ),
        prices=tuple(_price_entry(row) for row in ModelPrice.objects.all()),
    )


def _price_entry(row: ModelPrice) -> PriceEntry:
    money = {name: getattr(row, f"{name}_nanousd_per_million") for name in PRICES}
    said: dict[str, Any] = {
        "provider": row.provider,
        "model": row.model,
        "tier": row.service_tier,
        "since": row.effective_from.astimezone(UTC),
        "note": row.note,
        **{name: None if nanousd is None else Decimal(nanousd) / NANOUSD_PER_USD for name, nanousd in money.items()},
    }
    return PriceEntry.model_construct(**said)


def write_file(file: ModelFile) -> str:
    """Return the file as YAML; what has its usual value is left out."""
    return write_yaml({"version": VERSION, **file.model_dump(exclude_defaults=True, by_alias=True)})
