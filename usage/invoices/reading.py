"""Which form a file has, and what its lines say."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from usage.errors import InvoiceFormError
from usage.invoices import anthropic, google, openai, plain, tables, xai
from usage.invoices.buckets import items_of
from usage.invoices.types import BilledLine, LineError, to_nanousd
from usage.types import InvoiceKind

UTC = "UTC"
MOST_TOLD = 5
Said = BilledLine | None | Iterable[BilledLine]


@dataclass(frozen=True, slots=True)
class JsonForm:
    """A form of JSON: whether a file has it, its parts with their numbers, and what a part says."""

    name: str
    fits: Callable[[Any], bool]
    parts: Callable[[Any], Iterator[tuple[int, Any]]]
    read: Callable[[Any], Said]
    kind: InvoiceKind = InvoiceKind.COST
    time_zone: str = UTC


@dataclass(frozen=True, slots=True)
class TableForm:
    """A form of CSV: the columns that its head has at least, and what a row says."""

    name: str
    heads: list[frozenset[str]]
    read: Callable[[tables.Row, Mapping[str, str]], Said]
    kind: InvoiceKind = InvoiceKind.COST
    time_zone: str = UTC


def _items(body: Any) -> Iterator[tuple[int, Any]]:
    return ((item.number, item) for item in items_of(body))


def _alone(read: Callable[[tables.Row], Said]) -> Callable[[tables.Row, Mapping[str, str]], Said]:
    return lambda row, _before: read(row)


_COSTS, _USAGE = InvoiceKind.COST, InvoiceKind.USAGE
PLAIN = TableForm("Table of days", plain.HEADS, plain.row_line)
FORMS: dict[str, list[JsonForm | TableForm]] = {
    "openai": [
        JsonForm("OpenAI costs, JSON", openai.is_costs, _items, openai.cost_line),
        JsonForm("OpenAI usage, JSON", openai.is_usage, _items, openai.usage_line, _USAGE),
        TableForm("OpenAI costs, CSV", [openai.COST_COLUMNS], _alone(openai.cost_row)),
        TableForm("OpenAI usage, CSV", [openai.USAGE_COLUMNS], _alone(openai.usage_row), _USAGE),
    ],
    "anthropic": [
        JsonForm("Anthropic cost report, JSON", anthropic.is_costs, _items, anthropic.cost_line),
        JsonForm("Anthropic usage report, JSON", anthropic.is_usage, _items, anthropic.usage_line, _USAGE),
        TableForm("Anthropic costs, CSV", [anthropic.COST_COLUMNS], _alone(anthropic.cost_row)),
        TableForm("Anthropic usage, CSV", [anthropic.USAGE_COLUMNS], _alone(anthropic.usage_row), _USAGE),
    ],
    "gemini": [
        JsonForm(
            "Google billing export, JSON",
            google.is_rows,
            google.read_rows,
            google.bigquery_line,
            time_zone=google.TIME_ZONE,
        ),
        TableForm(
            "Google billing, CSV",
            [google.REPORT_COLUMNS, google.TABLE_COLUMNS],
            google.row_line,
            time_zone=google.TIME_ZONE,
        ),
    ],
    "grok": [JsonForm("xAI usage, JSON", xai.is_series, xai.read_points, xai.point_line)],
    "groq": [],
}
ALIASES = {"google": "gemini", "xai": "grok", "claude": "anthropic"}


@dataclass(frozen=True, slots=True)
class Billed:
    """What a provider bills for a model on a day, in nano-dollars; 0 where the file only counts what was used."""

    day: date
    model: str
    nanousd: int
    requests: int
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A file that was read: its form, the zone of its days, and its lines added up by day and model."""

    form: str
    kind: InvoiceKind
    time_zone: str
    lines: int
    passed_over: int
    billed: tuple[Billed, ...]


def read_statement(content: bytes, *, provider: str) -> Statement:
    """Read a provider's file in whichever of its forms it has.

    Raises:
        InvoiceFormError: It has none of them, or lines that cannot be read, which are named.
    """
    text = tables.decode(content)
    known = FORMS.get(provider, [])
    body = tables.read_json(text)
    if body is not None:
        for form in known:
            if isinstance(form, JsonForm) and form.fits(body):
                return _add_up(form, ((number, partial(form.read, part)) for number, part in form.parts(body)))
    else:
        for form in (*known, PLAIN):
            if isinstance(form, TableForm) and (table := tables.read_table(text, form.heads)):
                return _add_up(form, ((row.line, partial(form.read, row, table.before)) for row in table.rows))
    names = ", ".join(form.name for form in (*known, PLAIN))
    message = f"This is none of the forms that are known for {provider}: {names}."
    raise InvoiceFormError(message)


def _add_up(form: JsonForm | TableForm, parts: Iterable[tuple[int, Callable[[], Said]]]) -> Statement:
    """Read all parts, and add them up by day and model, exactly until the end."""
    sums: dict[tuple[date, str], list[Any]] = defaultdict(lambda: [Decimal(0), 0, 0, 0])
    problems: list[str] = []
    lines = passed_over = 0
    place = "Line" if isinstance(form, TableForm) else "Entry"
    for number, read in parts:
        try:
            said = read()
            found = [said] if isinstance(said, BilledLine) else list(said or ())
        except LineError as error:
            problems.append(f"{place} {number}: {error}.")
            continue
        except (TypeError, ValueError, AttributeError, KeyError, ArithmeticError):
            problems.append(f"{place} {number}: it is not as this form has it.")
            continue
        lines += 1
        passed_over += not found
        for line in found:
            figures = sums[line.day, line.model[:120]]
            figures[0] += line.amount_usd or 0
            figures[1] += line.requests
            figures[2] += line.input_tokens
            figures[3] += line.output_tokens
    if problems:
        more = f" And {len(problems) - MOST_TOLD} more." if len(problems) > MOST_TOLD else ""
        raise InvoiceFormError(" ".join(problems[:MOST_TOLD]) + more)
    if not sums:
        message = "No line of the file is about this provider's models."
        raise InvoiceFormError(message)
    billed = tuple(
        Billed(day, model, to_nanousd(figures[0]), *figures[1:]) for (day, model), figures in sorted(sums.items())
    )
    return Statement(form.name, form.kind, form.time_zone, lines, passed_over, billed)
