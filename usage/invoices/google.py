"""Google Cloud billing: the report and the cost table as CSV, and the export to BigQuery as JSON. Days are those of Los Angeles."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from usage.invoices.tables import Row, read_day
from usage.invoices.types import BilledLine, LineError, check_currency, read_amount

TIME_ZONE = "America/Los_Angeles"
REPORT_COLUMNS = frozenset({"date", "sku description"})
TABLE_COLUMNS = frozenset({"usage start date", "sku description"})
AMOUNTS = ("unrounded subtotal ($)", "subtotal ($)", "unrounded cost ($)", "cost ($)", "cost")
SERVICES = ("gemini", "generative language", "vertex ai")
WORDS = "pro|flash|ultra|nano|lite|live|native|image|audio|tts|preview|embedding"
MODEL = re.compile(rf"gemini[ -](?:(?:\d+(?:\.\d+)?)(?:[ -](?:{WORDS})\b)*|embedding(?:[ -]\d+)?)", re.IGNORECASE)


def is_rows(body: Any) -> bool:
    """Whether it is rows of the export to BigQuery."""
    rows = body if isinstance(body, list) else [body]
    return bool(rows) and all(isinstance(row, Mapping) and "sku" in row and "cost" in row for row in rows)


def read_rows(body: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the rows of the export with their numbers."""
    yield from enumerate(body if isinstance(body, list) else [body], 1)


def bigquery_line(row: Mapping[str, Any]) -> BilledLine | None:
    """Read a row of the export, with its credits; None where it is of another service."""
    service, sku = (_described(row.get(name)) for name in ("service", "sku"))
    if not _is_ours(service, sku):
        return None
    check_currency(row.get("currency"))
    amount = read_amount(row["cost"])
    credits_of_row = row.get("credits") or []
    amount += sum((read_amount(credit.get("amount", 0)) for credit in credits_of_row), read_amount(0))
    return BilledLine(_local_day(str(row.get("usage_start_time", ""))), model_of(sku), amount)


def row_line(row: Row, before: Mapping[str, str]) -> Iterator[BilledLine]:
    """Read a row of the report or of the cost table; one of another service says nothing."""
    sku = row.text("sku description")
    if not sku or not _is_ours(row.text("service description"), sku):
        return
    check_currency(row.text("currency") or before.get("currency"))
    first = read_day(row.text("date", "usage start date"))
    last = row.text("usage end date")
    if last and (read_day(last) - first).days > 1:
        message = f"it is for {first} to {last}; export the report by day"
        raise LineError(message)
    amount = row.text(*AMOUNTS)
    yield BilledLine(first, model_of(sku), read_amount(amount or 0))


def model_of(sku: str) -> str:
    """Return the model that an article is about, such as `gemini-2.5-flash`; the article's name where it names none."""
    found = MODEL.search(sku)
    return re.sub(r"[ -]+", "-", found.group().strip().lower()) if found else sku[:120]


def _described(part: Any) -> str:
    return str(part.get("description") or "") if isinstance(part, Mapping) else str(part or "")


def _is_ours(service: str, sku: str) -> bool:
    text = f"{service} {sku}".lower()
    return "gemini" in text or any(name in service.lower() for name in SERVICES)


def _local_day(text: str) -> Any:
    plain = text.strip().replace(" UTC", "+00:00")
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return read_day(text)
    return moment.astimezone(ZoneInfo(TIME_ZONE)).date() if moment.tzinfo else moment.date()
