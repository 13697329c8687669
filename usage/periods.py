"""The periods that a person may choose on pages, and the days and months of budgets."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from usage.types import BudgetPeriod

EVER = datetime(1970, 1, 1, tzinfo=UTC)
# A rolling window of N hours is kept in slices of N minutes.
SLICES = 60


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


@lru_cache(maxsize=64)
def find_zone(name: str) -> tzinfo:
    """Return the time zone of an IANA name such as `Europe/Berlin`; UTC for none.

    Raises:
        ValueError: This machine knows no zone of that name.
    """
    if name in {"", "UTC"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        message = f"{name!r} is no time zone that this machine knows."
        raise ValueError(message) from error


def window_bounds(period: str, now: datetime, zone: tzinfo = UTC) -> tuple[datetime, datetime | None]:
    """Return when the window around `now` begins and just before when it ends, in UTC.

    A day begins when clocks of the zone first show its midnight, or, where they skip it, something later. What has no end
    of its own (a total, the last hours) begins with the epoch.
    """
    if period not in {BudgetPeriod.DAY, BudgetPeriod.MONTH}:
        return EVER, None
    first = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if period == BudgetPeriod.MONTH:
        first = first.replace(day=1)
    following = _next(period, first)
    if _instant(following, zone) <= now:
        # Clocks were set back across a midnight that they had shown already.
        first, following = following, _next(period, following)
    return _instant(first, zone), _instant(following, zone)


def _next(period: str, first: datetime) -> datetime:
    """Return the day, or the month, after one."""
    if period == BudgetPeriod.DAY:
        return first + timedelta(days=1)
    return (first + timedelta(days=32)).replace(day=1)


def _instant(local: datetime, zone: tzinfo) -> datetime:
    """Return the first instant at which clocks of the zone show this, or, where they skip it, something later."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def slice_start(moment: datetime, hours: int) -> datetime:
    """Return when the slice around a moment begins, in a rolling window of so many hours."""
    length = timedelta(hours=hours) / SLICES
    return EVER + (moment - EVER) // length * length


def slice_ends_to_count(starts_at: datetime, hours: int) -> datetime:
    """Return from when on nothing of a slice lies within the last hours any more."""
    return starts_at + timedelta(hours=hours) / SLICES + timedelta(hours=hours)
