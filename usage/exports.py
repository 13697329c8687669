"""A report as rows of JSON or CSV, written out one by one."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from usage.insights import Forecast, ReportRow
from usage.models import Call
from usage.money import usd_text

PERCENTILES = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
FIGURES = (
    "calls",
    "succeeded",
    "failed",
    "success_rate",
    "errors_by_class",
    "requests",
    "input_tokens",
    "output_tokens",
    "cost_usd",
    "unpriced_calls",
    "cost_per_document_usd",
    "cache_hits",
    "cache_hit_rate",
    "saved_usd",
    *PERCENTILES,
)

CALL_COLUMNS = (
    "id",
    "created_at",
    "task",
    "status",
    "provider",
    "model",
    "sent_to",
    "also_sent_to",
    "is_cached",
    "input_tokens",
    "output_tokens",
    "cost_usd",
    "latency_ms",
    "error_class",
)


def row_values(row: ReportRow, by: Sequence[str], people: dict[int, str]) -> dict[str, Any]:
    """Return a row by its columns; money is decimal dollars in a text, exact to the nano-dollar."""
    sums = row.sums
    names = {
        name: people.get(int(value), "") if name == "user" else value for name, value in zip(by, row.names, strict=True)
    }
    percentiles = {name: sums.latency_percentile(share) for name, share in PERCENTILES.items()}
    return {
        **({"start": row.start.isoformat()} if row.start else {}),
        **names,
        "calls": sums.calls,
        "succeeded": row.succeeded,
        "failed": sums.calls - row.succeeded,
        "success_rate": row.success_rate,
        "errors_by_class": row.errors,
        "requests": sums.attempts,
        "input_tokens": sums.total_input_tokens,
        "output_tokens": sums.total_output_tokens,
        "cost_usd": usd_text(sums.cost_nanousd),
        "unpriced_calls": sums.unpriced_calls,
        "cost_per_document_usd": usd_text(row.cost_per_document_nanousd),
        "cache_hits": sums.cache_hits,
        "cache_hit_rate": row.cache_hit_rate,
        "saved_usd": usd_text(sums.saved_nanousd),
        **{name: None if value is None else round(value) for name, value in percentiles.items()},
    }


def call_values(call: Call) -> dict[str, Any]:
    """Return a person's own call by the columns of their export: what it was, who saw it, what it cost; no text of it."""
    return {
        "id": str(call.pk),
        "created_at": call.created_at.isoformat(),
        "task": call.task_type,
        "status": call.status,
        "provider": call.provider,
        "model": call.model,
        "sent_to": " ".join(call.receivers),
        "also_sent_to": " ".join(call.shadow_receivers),
        "is_cached": call.is_cached,
        "input_tokens": call.total_input_tokens,
        "output_tokens": call.total_output_tokens,
        "cost_usd": usd_text(call.cost_nanousd),
        "latency_ms": call.latency_ms,
        "error_class": call.error_class,
    }


def forecast_values(forecast: Forecast | None) -> dict[str, str] | None:
    """Return a forecast by its names; None where there is none."""
    if forecast is None:
        return None
    return {
        "month": f"{forecast.month:%Y-%m}",
        "spent_usd": str(usd_text(forecast.spent_nanousd)),
        "expected_usd": str(usd_text(forecast.expected_nanousd)),
        "low_usd": str(usd_text(forecast.low_nanousd)),
        "high_usd": str(usd_text(forecast.high_nanousd)),
    }


def write_json(
    rows: Iterable[dict[str, Any]], *, since: datetime, until: datetime, forecast: dict[str, str] | None
) -> Iterator[str]:
    """Return the pieces of an object with the period, the rows and the forecast."""
    yield f'{{"since": {json.dumps(since.isoformat())}, "until": {json.dumps(until.isoformat())}, "rows": ['
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n{json.dumps(row)}"
    yield f'\n], "forecast": {json.dumps(forecast)}}}\n'


def write_calls(rows: Iterable[dict[str, Any]], *, since: datetime, until: datetime) -> Iterator[str]:
    """Return the pieces of an object with the period and the calls."""
    yield f'{{"since": {json.dumps(since.isoformat())}, "until": {json.dumps(until.isoformat())}, "calls": ['
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n{json.dumps(row)}"
    yield "\n]}\n"


def write_csv(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    """Return the lines of a table with a heading. Texts that a spreadsheet would compute get an apostrophe before them."""
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_cell(row[name]) for name in columns])


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        return "; ".join(f"{name} {count}" for name, count in sorted(value.items()))
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


class _Echo:
    """A file that hands on what is written to it."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line
