"""Values of invoices."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, Overflow

from usage.types import NANOUSD_PER_USD

MOST_USD = Decimal(10**9)


class LineError(ValueError):
    """A line of a file cannot be taken for what it should be; says why."""


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line of a provider's file. `amount_usd` is None in files that only count what was used."""

    day: date
    model: str = ""
    amount_usd: Decimal | None = None
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


def read_amount(text: object, *, per_usd: int = 1) -> Decimal:
    """Return an amount in dollars, exactly as it is written; `per_usd` is how many of its units make one.

    Raises:
        LineError: It is no amount.
    """
    plain = str(text).strip().replace("$", "").replace(",", "").replace("\N{MINUS SIGN}", "-")
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1]}"
    try:
        amount = Decimal(plain) / per_usd
    except (InvalidOperation, Overflow):
        message = f"{text!r} is no amount of money"
        raise LineError(message) from None
    if not amount.is_finite() or abs(amount) > MOST_USD:
        message = f"{text!r} is no amount of money that can be right"
        raise LineError(message)
    return amount


def read_count(value: object) -> int:
    """Return a whole number of tokens or requests; nothing is none.

    Raises:
        LineError: It is no whole number of at least 0.
    """
    if value is None or not (plain := str(value).strip().replace(",", "")):
        return 0
    try:
        count = Decimal(plain)
    except InvalidOperation:
        count = Decimal(-1)
    # In this order: written out, 1e9999999 is a number of ten million digits.
    if not count.is_finite() or not 0 <= count <= 2**62 or count != int(count):
        message = f"{value!r} is no whole number of at least 0"
        raise LineError(message)
    return int(count)


def check_currency(currency: object) -> None:
    """Refuse any other currency than US dollars, in which prices and budgets are.

    Raises:
        LineError: It is another one.
    """
    name = str(currency or "USD").strip().upper()
    if name != "USD":
        message = f"the amount is in {name}; only US dollars can be compared"
        raise LineError(message)


def to_nanousd(amount: Decimal) -> int:
    """Return a sum in nano-dollars; what providers write beyond these is rounded once, half to even."""
    return int((amount * NANOUSD_PER_USD).to_integral_value(ROUND_HALF_EVEN))
