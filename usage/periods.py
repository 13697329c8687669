"""The periods that a person may choose on pages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Period:
    """A period that ends now."""

    key: str
    label: str
    hours: int


PERIODS = (
    Period("24h", "24 hours", 24),
    Period("7d", "7 days", 7 * 24),
    Period("30d", "30 days", 30 * 24),
    Period("90d", "90 days", 90 * 24),
)
DEFAULT_PERIOD = PERIODS[2]


def find_period(key: str) -> Period:
    """Return the period with that key; the default one for anything else, as old links should still open."""
    return next((period for period in PERIODS if period.key == key), DEFAULT_PERIOD)
