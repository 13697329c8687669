"""Files as rows: CSV with whatever stands before its head, JSON, and JSON line by line."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from usage.errors import InvoiceFormError
from usage.invoices.types import LineError

# Google writes what the invoice is about before the head of the table.
MOST_BEFORE_HEAD = 25
MOST_CHARACTERS = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """A row with the number of its line, and its values by the names of the columns, in small letters."""

    line: int
    values: Mapping[str, Any]

    def text(self, *names: str) -> str:
        """Return the first of these columns that says something."""
        return next((text for name in names if (text := str(self.values.get(name) or "").strip())), "")


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: its rows, the names of its columns, and what stood before them."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    before: Mapping[str, str] = field(default_factory=dict)


def decode(content: bytes) -> str:
    """Return the text of a file.

    Raises:
        InvoiceFormError: It is too large, or no text.
    """
    if len(content) > MOST_CHARACTERS:
        message = f"The file is larger than {MOST_CHARACTERS // 1024 // 1024} MB. Export fewer days at a time."
        raise InvoiceFormError(message)
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"The file is no text (byte {error.start} is not UTF-8). Export it as CSV or JSON."
        raise InvoiceFormError(message) from None
    if not text.strip():
        message = "The file is empty."
        raise InvoiceFormError(message)
    return text


def read_json(text: str) -> Any | None:
    """Return what a file of JSON, or of JSON line by line, says, with exact numbers; None where it is neither.

    Raises:
        InvoiceFormError: It begins as JSON and is broken.
    """
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        return json.loads(text, parse_float=Decimal)
    except RecursionError:
        message = "The file is nested more deeply than any invoice."
        raise InvoiceFormError(message) from None
    except json.JSONDecodeError as whole:
        lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        found = []
        for number, line in lines:
            try:
                found.append(json.loads(line, parse_float=Decimal))
            except (ValueError, RecursionError):
                place = whole.lineno if number == 1 else number
                message = f"Line {place}: this is not JSON."
                raise InvoiceFormError(message) from None
        return found
    except ValueError:
        message = "The file has a number of thousands of digits."
        raise InvoiceFormError(message) from None


def read_table(text: str, heads: Iterator[frozenset[str]] | list[frozenset[str]]) -> Table | None:
    """Return a file of CSV whose head has all columns of one of `heads`; None where it has no such head."""
    wanted = list(heads)
    for delimiter in (",", ";", "\t"):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        before: dict[str, str] = {}
        try:
            for _, cells in zip(range(MOST_BEFORE_HEAD), reader, strict=False):
                names = tuple(cell.strip().lower() for cell in cells)
                if any(head <= set(names) for head in wanted):
                    return Table(names, tuple(_rows(reader, names)), before)
                if len(cells) > 1:
                    before[names[0]] = cells[1].strip()
        except csv.Error as error:
            message = f"Line {reader.line_num}: this is not CSV ({error})."
            raise InvoiceFormError(message) from None
    return None


def _rows(reader: Any, names: tuple[str, ...]) -> Iterator[Row]:
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield Row(reader.line_num, dict(zip(names, cells, strict=False)))


def read_day(text: str) -> date:
    """Return the day of a date, a moment or a number of seconds since 1970; moments of a zone are taken to UTC.

    Raises:
        LineError: It is none of them.
    """
    plain = text.strip()
    try:
        if plain.isdecimal() and len(plain) >= 9:
            return datetime.fromtimestamp(int(plain), UTC).date()
        moment = datetime.fromisoformat(plain.removesuffix(" UTC"))
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError, OSError):
        message = f"{text!r} is no date such as 2026-11-20"
        raise LineError(message) from None
