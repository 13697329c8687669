"""OpenAI: the costs and usage of its API for organizations (`/v1/organization/costs`, `/usage/…`), and the same as CSV."""

from collections.abc import Iterator
from typing import Any

from usage.invoices.buckets import Item, items_of
from usage.invoices.tables import Row, read_day
from usage.invoices.types import BilledLine, check_currency, read_amount, read_count

COSTS = "organization.costs.result"
COST_COLUMNS = frozenset({"start_time", "amount_value"})
USAGE_COLUMNS = frozenset({"start_time", "num_model_requests", "input_tokens", "output_tokens"})


def is_costs(body: Any) -> bool:
    """Whether it is an answer of the costs API."""
    return any("amount" in item.values and item.start.isdecimal() for item in items_of(body))


def is_usage(body: Any) -> bool:
    """Whether it is an answer of the usage API."""
    return any("num_model_requests" in item.values for item in items_of(body))


def cost_line(item: Item) -> BilledLine:
    """Read a result of the costs API; an empty day says that nothing was billed."""
    amount = item.values.get("amount") or {"value": 0}
    check_currency(amount.get("currency"))
    return BilledLine(read_day(item.start), _model(item.values.get("line_item")), read_amount(amount.get("value", 0)))


def usage_line(item: Item) -> BilledLine:
    """Read a result of the usage API; its input has what came from the cache."""
    values = item.values
    return BilledLine(
        read_day(item.start),
        str(values.get("model") or ""),
        requests=read_count(values.get("num_model_requests")),
        input_tokens=read_count(values.get("input_tokens")),
        output_tokens=read_count(values.get("output_tokens")),
    )


def cost_row(row: Row) -> Iterator[BilledLine]:
    """Read a row of the costs as CSV."""
    check_currency(row.text("amount_currency"))
    amount = row.text("amount_value")
    yield BilledLine(_day(row), _model(row.text("line_item")), read_amount(amount or 0))


def usage_row(row: Row) -> Iterator[BilledLine]:
    """Read a row of the usage as CSV."""
    yield BilledLine(
        _day(row),
        row.text("model"),
        requests=read_count(row.text("num_model_requests")),
        input_tokens=read_count(row.text("input_tokens")),
        output_tokens=read_count(row.text("output_tokens")),
    )


def _day(row: Row) -> Any:
    return read_day(row.text("start_time", "start_time_iso"))


def _model(line_item: Any) -> str:
    """Return the model of a line such as `gpt-5-nano, input_tokens`; other lines keep their name."""
    return str(line_item or "").partition(", ")[0].strip()
