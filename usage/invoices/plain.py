"""Any table with a day, a model and an amount in US dollars: what is typed off a page, or exported in a form not known here."""

from collections.abc import Iterator, Mapping

from usage.invoices.tables import Row, read_day
from usage.invoices.types import BilledLine, check_currency, read_amount, read_count

DAYS = ("date", "day", "usage_date", "usage date", "start_time", "timestamp")
MODELS = ("model", "model_name", "model name", "model id", "model_id")
AMOUNTS = ("cost_usd", "amount_usd", "cost ($)", "cost (usd)", "cost", "amount", "total_cost", "total", "spend", "usd")
HEADS = [frozenset({day, amount}) for day in DAYS for amount in AMOUNTS]


def row_line(row: Row, before: Mapping[str, str]) -> Iterator[BilledLine]:
    """Read a row; one that sums up says nothing."""
    day = row.text(*DAYS)
    if not day or day.lower().startswith(("total", "sum")):
        return
    check_currency(row.text("currency") or before.get("currency"))
    yield BilledLine(
        read_day(day),
        row.text(*MODELS),
        read_amount(row.text(*AMOUNTS) or 0),
        requests=read_count(row.text("requests", "num_requests", "calls")),
        input_tokens=read_count(row.text("input_tokens", "prompt_tokens")),
        output_tokens=read_count(row.text("output_tokens", "completion_tokens")),
    )
