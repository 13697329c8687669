"""What providers bill beside what the ledger says, by day and model.

A day is that of the provider's file: from midnight to midnight of its zone. The ledger counts a call in the hour in which it was
opened and a provider in that in which it ended, so what runs over midnight is on two different days.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db.models import Max

from usage.models import BilledAmount
from usage.rollups import Only, Step, Sums, read
from usage.types import InvoiceKind

NO_MODEL = ""
DAY = timedelta(days=1)
DATED = re.compile(r"[-@ ](?:\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|latest|preview)$")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two figures of the same thing. `captured` is the share of the billed that the ledger has; None where nothing was billed."""

    billed: int
    ledger: int

    @property
    def difference(self) -> int:
        """What the ledger has too much, or, below zero, too little."""
        return self.ledger - self.billed

    @property
    def captured(self) -> float | None:
        """The ledger's share of the billed."""
        return self.ledger / self.billed if self.billed > 0 else None


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model on a day, or in all days: money in nano-dollars, tokens where the provider tells them."""

    model: str
    cost: Pair | None
    tokens: Pair | None
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day with its models."""

    day: date
    cost: Pair | None
    tokens: Pair | None
    models: tuple[ModelRow, ...]
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The days of one provider, newest last, and their sums."""

    provider: str
    time_zone: str
    days: tuple[DayRow, ...]
    models: tuple[ModelRow, ...]
    cost: Pair | None
    tokens: Pair | None


@dataclass(slots=True)
class _Figures:
    """What was found of a model on a day."""

    name: str = ""
    billed: int | None = None
    billed_tokens: int | None = None
    ledger: int = 0
    ledger_tokens: int = 0
    unpriced: int = 0


def compare(provider: str, *, since: date | None = None, until: date | None = None) -> Comparison | None:
    """Compare all days, or those from `since` to `until`, of which the provider has told; None where there is none."""
    amounts = BilledAmount.objects.filter(provider=provider).select_related("invoice").order_by("day", "model")
    if since:
        amounts = amounts.filter(day__gte=since)
    if until:
        amounts = amounts.filter(day__lte=until)
    rows = list(amounts)
    if not rows:
        return None
    # What is billed says which hours a day has; of the same day, what was used may be told by another clock.
    zone_of = {row.day: row.invoice.time_zone for row in sorted(rows, key=lambda row: row.kind == InvoiceKind.COST)}
    newest = max(rows, key=lambda row: row.invoice.imported_at).invoice.time_zone
    found: dict[tuple[date, str], _Figures] = defaultdict(_Figures)
    for row in rows:
        _take_billed(found[row.day, model_key(row.model)], row)
    for zone in set(zone_of.values()):
        days = sorted(day for day, own in zone_of.items() if own == zone)
        for day, model, sums in _ledger(provider, days, ZoneInfo(zone)):
            _take_ledger(found[day, model_key(model)], model, sums)
    return _compared(provider, newest, found)


def compared_providers() -> list[str]:
    """Return the providers of which something was imported, the latest first."""
    latest = BilledAmount.objects.order_by().values("provider").annotate(latest=Max("invoice__imported_at"))
    return [row["provider"] for row in latest.order_by("-latest")]


def model_key(name: str) -> str:
    """Return what is alike in all names of a model: no date, no folder, no case, no signs."""
    plain = name.strip().lower().removeprefix("models/").rpartition("/")[2]
    shorter = DATED.sub("", plain)
    return re.sub(r"[^a-z0-9]+", "", shorter) or plain


def _take_billed(figures: _Figures, row: BilledAmount) -> None:
    figures.name = figures.name or row.model
    if row.kind == InvoiceKind.COST:
        figures.billed = (figures.billed or 0) + row.billed_nanousd
    tokens = row.input_tokens + row.output_tokens
    if row.kind == InvoiceKind.USAGE or tokens:
        figures.billed_tokens = (figures.billed_tokens or 0) + tokens


def _take_ledger(figures: _Figures, model: str, sums: Sums) -> None:
    figures.name = model
    figures.ledger += sums.cost_nanousd
    figures.ledger_tokens += sums.total_input_tokens + sums.total_output_tokens
    figures.unpriced += sums.unpriced_attempts


def _ledger(provider: str, days: Sequence[date], zone: ZoneInfo) -> Iterable[tuple[date, str, Sums]]:
    """Return what the ledger has of these days, by day of the zone and model.

    Days beside each other are read together, where hours of UTC lie within one of them.
    """
    step: Step | None = "day" if zone.key == "UTC" else "hour"
    spans: Iterable[tuple[date, date]] = _spans(days)
    if any(_midnight(day, zone).minute or _midnight(day + DAY, zone).minute for day in days):
        step, spans = None, ((day, day) for day in days)
    for first, last in spans:
        begin, end = _midnight(first, zone), _midnight(last + DAY, zone)
        for cell in read(since=begin, until=end, step=step, by=["model"], only=Only(provider=provider)):
            if cell.sums.attempts or cell.sums.cost_nanousd:
                yield cell.start.astimezone(zone).date() if cell.start else first, cell.names[0], cell.sums


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _spans(days: Sequence[date]) -> Iterable[tuple[date, date]]:
    for _, group in groupby(enumerate(days), key=lambda pair: pair[1].toordinal() - pair[0]):
        beside = [day for _, day in group]
        yield beside[0], beside[-1]


def _compared(provider: str, time_zone: str, found: dict[tuple[date, str], _Figures]) -> Comparison:
    by_day: dict[date, list[_Figures]] = defaultdict(list)
    by_model: dict[str, list[_Figures]] = defaultdict(list)
    for (day, key), figures in found.items():
        by_day[day].append(figures)
        by_model[key].append(figures)
    days = []
    for day, parts in sorted(by_day.items()):
        has_cost = any(part.billed is not None for part in parts)
        has_tokens = any(part.billed_tokens is not None for part in parts)
        models = [_model_row([part], has_cost=has_cost, has_tokens=has_tokens) for part in parts]
        whole = _model_row(parts, has_cost=has_cost, has_tokens=has_tokens)
        days.append(DayRow(day, whole.cost, whole.tokens, _sorted(models), whole.unpriced))
    has_cost, has_tokens = any(day.cost for day in days), any(day.tokens for day in days)
    totals = [_model_row(parts, has_cost=has_cost, has_tokens=has_tokens) for parts in by_model.values()]
    return Comparison(
        provider,
        time_zone,
        tuple(days),
        _sorted(totals),
        _sum([day.cost for day in days if day.cost]) if has_cost else None,
        _sum([day.tokens for day in days if day.tokens]) if has_tokens else None,
    )


def _model_row(parts: Sequence[_Figures], *, has_cost: bool, has_tokens: bool) -> ModelRow:
    """Add up; where the provider told of the day's cost, a model that it left out was billed at nothing."""
    cost = Pair(sum(part.billed or 0 for part in parts), sum(part.ledger for part in parts))
    tokens = Pair(sum(part.billed_tokens or 0 for part in parts), sum(part.ledger_tokens for part in parts))
    return ModelRow(
        parts[0].name,
        cost if has_cost else None,
        tokens if has_tokens else None,
        sum(part.unpriced for part in parts),
    )


def _sum(pairs: Sequence[Pair]) -> Pair:
    return Pair(sum(pair.billed for pair in pairs), sum(pair.ledger for pair in pairs))


def _sorted(rows: Iterable[ModelRow]) -> tuple[ModelRow, ...]:
    """Return the rows, those with the largest difference first; a row of nothing at all says nothing."""

    def size(row: ModelRow) -> tuple[int, str]:
        pair = row.cost or row.tokens or Pair(0, 0)
        return -max(abs(pair.billed), abs(pair.ledger)), row.model

    told = [
        row for row in rows if row.model or any((pair.billed or pair.ledger) for pair in (row.cost, row.tokens) if pair)
    ]
    return tuple(sorted(told, key=size))
