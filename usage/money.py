"""Money at the edges: nano-dollars as numbers for programs and as words for people."""

from usage.types import NANOUSD_PER_USD

UNKNOWN_PRICE = "unknown"


def usd_number(nanousd: int) -> float:
    """Return dollars for JSON. Written out, the number is exact to the nano-dollar below one million dollars.

    A double keeps every decimal of up to 15 significant digits apart, and its shortest form is that decimal; one
    million dollars in nano-dollars has 16. No sum is ever made of these numbers.
    """
    return nanousd / NANOUSD_PER_USD


def usd_text(nanousd: int | None) -> str | None:
    """Return dollars as an exact decimal number in a string: `0.0123`, `0`; None where the price is unknown."""
    if nanousd is None:
        return None
    sign, amount = ("-", -nanousd) if nanousd < 0 else ("", nanousd)
    dollars, fraction = divmod(amount, NANOUSD_PER_USD)
    return f"{sign}{dollars}.{fraction:09d}".rstrip("0").rstrip(".")


def format_usd(nanousd: int | None) -> str:
    """Return an amount as people read it: `$12.30`, `$0.0123`, `$0.000004`, `unknown` where the price is.

    From a dollar up it has cents; below, four decimals, or as many as two significant digits need. An amount that is
    not zero never reads as zero. Halves are rounded up, in integers.
    """
    if nanousd is None:
        return UNKNOWN_PRICE
    if nanousd < 0:
        return f"-{format_usd(-nanousd)}"
    decimals = _decimals(nanousd)
    unit = 10 ** (9 - decimals)
    rounded = (nanousd + unit // 2) // unit
    dollars, fraction = divmod(rounded, 10**decimals)
    digits = f"{fraction:0{decimals}d}"
    return f"${dollars:,}.{digits[:4]}{digits[4:].rstrip('0')}"


def _decimals(nanousd: int) -> int:
    """Return how many decimals show an amount: cents for zero and for dollars, more the smaller it is."""
    if nanousd == 0 or nanousd >= NANOUSD_PER_USD:
        return 2
    leading_zeros = 9 - len(str(nanousd))
    return min(9, max(4, leading_zeros + 2))
