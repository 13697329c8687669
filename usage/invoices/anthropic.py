"""Anthropic: the cost and usage reports of its API for administrators, and the exports of its console as CSV."""

from collections.abc import Iterator, Mapping
from typing import Any

from usage.invoices.buckets import Item, items_of
from usage.invoices.tables import Row, read_day
from usage.invoices.types import BilledLine, check_currency, read_amount, read_count

CENTS = 100
COST_COLUMNS = frozenset({"usage_date_utc", "cost_usd"})
USAGE_COLUMNS = frozenset({"usage_date_utc", "usage_output_tokens"})
INPUT_COLUMNS = (
    "usage_input_tokens_no_cache",
    "usage_input_tokens_cache_write_5m",
    "usage_input_tokens_cache_write_1h",
    "usage_input_tokens_cache_read",
)


def is_costs(body: Any) -> bool:
    """Whether it is a cost report."""
    return any("amount" in item.values and not item.start.isdecimal() for item in items_of(body))


def is_usage(body: Any) -> bool:
    """Whether it is a usage report."""
    return any("uncached_input_tokens" in item.values for item in items_of(body))


def cost_line(item: Item) -> BilledLine:
    """Read a result of the cost report, whose amounts are cents with decimals."""
    values = item.values
    check_currency(values.get("currency"))
    name = values.get("model") or values.get("description") or ""
    return BilledLine(read_day(item.start), str(name), read_amount(values.get("amount") or 0, per_usd=CENTS))


def usage_line(item: Item) -> BilledLine:
    """Read a result of the usage report."""
    values = item.values
    written = values.get("cache_creation")
    writes = written.values() if isinstance(written, Mapping) else [values.get("cache_creation_input_tokens")]
    plain = (values.get("uncached_input_tokens"), values.get("cache_read_input_tokens"), *writes)
    return BilledLine(
        read_day(item.start),
        str(values.get("model") or ""),
        input_tokens=sum(read_count(tokens) for tokens in plain),
        output_tokens=read_count(values.get("output_tokens")),
    )


def cost_row(row: Row) -> Iterator[BilledLine]:
    """Read a row of the costs as the console exports them."""
    yield BilledLine(read_day(row.text("usage_date_utc")), row.text("model"), read_amount(row.text("cost_usd") or 0))


def usage_row(row: Row) -> Iterator[BilledLine]:
    """Read a row of the usage as the console exports it."""
    yield BilledLine(
        read_day(row.text("usage_date_utc")),
        row.text("model_version", "model"),
        input_tokens=sum(read_count(row.text(name)) for name in INPUT_COLUMNS),
        output_tokens=read_count(row.text("usage_output_tokens")),
    )
