"""A comparison in words and figures, for terminals and programs."""

from collections.abc import Iterator
from typing import Any

from usage.invoices.comparing import Comparison, DayRow, ModelRow, Pair
from usage.invoices.importing import Imported
from usage.money import format_usd, usd_number


def share(pair: Pair | None) -> str:
    """Return the captured share for people."""
    captured = pair.captured if pair else None
    return "–" if captured is None else f"{captured:.2%}"


def invoice_lines(found: Comparison | None) -> Iterator[str]:
    """Yield the days as lines of text, their models below them where they differ, and the sums."""
    if found is None:
        yield "Later files tell of all its days."
        return
    yield f"{'day':<12}{'billed':>16}{'ledger':>16}{'difference':>16}  captured"
    for day in found.days:
        yield _line(str(day.day), day)
        if day.cost and day.cost.difference:
            for row in day.models:
                yield _line(f"  {row.model or '(no model)'}", row)
    yield _line("all", ModelRow("", found.cost, found.tokens))


def _line(name: str, row: DayRow | ModelRow) -> str:
    if row.cost:
        amounts = (row.cost.billed, row.cost.ledger, row.cost.difference)
        figures = "".join(f"{format_usd(amount):>16}" for amount in amounts)
        line = f"{name:<12}{figures}  {share(row.cost)}"
    elif row.tokens:
        counts = (row.tokens.billed, row.tokens.ledger, row.tokens.difference)
        line = f"{name:<12}" + "".join(f"{count:>10,} tokens"[-16:].rjust(16) for count in counts)
        line += f"  {share(row.tokens)}"
    else:
        line = name
    return f"{line}  ({row.unpriced} attempts without a price)" if row.unpriced else line


def invoice_answer(imported: Imported, found: Comparison | None) -> dict[str, Any]:
    """Return all of it for programs; money is a number in dollars, exact to the nano-dollar."""
    invoice = imported.invoice
    return {
        "provider": invoice.provider,
        "form": invoice.form,
        "time_zone": invoice.time_zone,
        "first_day": str(invoice.first_day),
        "last_day": str(invoice.last_day),
        "lines": invoice.lines,
        "passed_over": invoice.passed_over,
        "is_known": imported.is_known,
        **({"days": [_plain_day(day) for day in found.days], **_plain(found.cost, found.tokens)} if found else {}),
    }


def _plain_day(day: DayRow) -> dict[str, Any]:
    models = [{"model": row.model, **_plain(row.cost, row.tokens)} for row in day.models]
    return {"day": str(day.day), **_plain(day.cost, day.tokens), "unpriced_attempts": day.unpriced, "models": models}


def _plain(cost: Pair | None, tokens: Pair | None) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    if cost:
        plain |= {
            "billed_usd": usd_number(cost.billed),
            "ledger_usd": usd_number(cost.ledger),
            "difference_usd": usd_number(cost.difference),
            "captured": cost.captured,
        }
    if tokens:
        plain |= {"billed_tokens": tokens.billed, "ledger_tokens": tokens.ledger, "captured_tokens": tokens.captured}
    return plain
