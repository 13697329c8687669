"""What the operator's pages are asked to show: a period and names, read from an address and written back into one.

An address holds everything, so that it can be sent to somebody else. A value that cannot be is a `FilterError` with
words for whoever wrote it; figures are never shown for something else than what was asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from usage.errors import FilterError
from usage.periods import DEFAULT_PERIOD, PERIODS
from usage.reports import UNKNOWN_PROVIDER
from usage.rollups import Dimension, Only
from usage.types import CallStatus

# What costs may be told apart by, on a page.
SPLITS: Mapping[str, Dimension] = {"provider": "provider", "task": "task_type", "model": "model", "user": "user"}
# Calls of the site itself; no account can have such a name.
NOBODY = "(nobody)"
LONGEST_NAME = 150
MAX_DAYS = 400
# To a later one no time can be added.
LAST_YEAR = 9_000


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for, as it stands in the address; empty is everything.

    `since` and `until` (days such as `2026-11-01`, or hours such as `2026-11-01T14`, in UTC) take the place of a period
    that ends now; `until` is the last day or hour that counts.
    """

    period: str = DEFAULT_PERIOD.key
    since: str = ""
    until: str = ""
    task: str = ""
    provider: str = ""
    model: str = ""
    user: str = ""
    group: str = ""
    status: str = ""
    error: str = ""
    by: str = "provider"

    def query(self, **changes: str) -> str:
        """Return the query of an address for this with changes; what is as it is by default is left out."""
        changed, usual = replace(self, **changes), Filter()
        if changed.since:
            changed = replace(changed, period=usual.period)
        values = {one.name: getattr(changed, one.name) for one in fields(Filter)}
        return urlencode({name: value for name, value in values.items() if value != getattr(usual, name)})

    @property
    def report_query(self) -> str:
        """The query of the API's report of the same, without its form; empty for what reports are not asked for."""
        if self.user == NOBODY or "T" in self.since + self.until:
            return ""
        hours = next((str(period.hours) for period in PERIODS if period.key == self.period), "")
        when = {"since": self.since, "until": self.until} if self.since else {"hours": hours}
        return urlencode({name: value for name, value in {**when, **self.named, "by": self.by}.items() if value})

    @property
    def named(self) -> dict[str, str]:
        """What narrows it beside the time, by name."""
        names = ("task", "provider", "model", "user", "group", "status", "error")
        return {name: value for name in names if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter that was understood: `since` to just before `until` (None: now), and which calls."""

    filter: Filter
    since: datetime
    until: datetime | None
    only: Only

    @property
    def words(self) -> str:
        """The period in words."""
        for period in PERIODS:
            if not self.filter.since and period.key == self.filter.period:
                return f"last {period.label}"
        return f"{self.filter.since} to {self.filter.until or 'now'}, UTC"


def read_filter(values: Mapping[str, str]) -> Filter:
    """Return what an address asks for, as it stands there; other parameters are left alone."""
    known = {one.name: values.get(one.name, "").strip() for one in fields(Filter)}
    return Filter(**{name: value for name, value in known.items() if value})


def understand(asked: Filter, *, now: datetime | None = None) -> Asked:
    """Return the period and the calls that a filter means.

    Raises:
        FilterError: A value cannot be; it says which, and what would do.
    """
    for name, value in {**asked.named, "since": asked.since, "until": asked.until}.items():
        if len(value) > LONGEST_NAME or not value.isprintable():
            raise FilterError(name, "This is too long, or no text, and can be no name.")
    if asked.by not in SPLITS:
        raise FilterError("by", f"{asked.by!r} cannot be told apart; choose one of {', '.join(SPLITS)}.")
    if asked.status and asked.status not in CallStatus.values:
        raise FilterError("status", f"{asked.status!r} is no status; choose one of {', '.join(CallStatus.values)}.")
    since, until = _period(asked, now or timezone.now())
    only = Only(
        users=_users(asked),
        task_type=asked.task or None,
        provider="" if asked.provider == UNKNOWN_PROVIDER else asked.provider or None,
        model="" if asked.model == UNKNOWN_PROVIDER else asked.model or None,
        status=asked.status or None,
        error_class=asked.error or None,
    )
    return Asked(asked, since, until, only)


def _period(asked: Filter, now: datetime) -> tuple[datetime, datetime | None]:
    """Return the bounds of the period."""
    if not asked.since:
        if asked.until:
            raise FilterError("since", "Give the first day as well.")
        for period in PERIODS:
            if period.key == asked.period:
                return now - timedelta(hours=period.hours), None
        names = ", ".join(period.key for period in PERIODS)
        raise FilterError("period", f"{asked.period!r} is no period; choose one of {names}, or give since and until.")
    since, _ = _moment("since", asked.since)
    until = None
    if asked.until:
        last, length = _moment("until", asked.until)
        until = last + length
    end = until or now
    if since >= end:
        raise FilterError("since", "The period ends before it begins.")
    if end - since > timedelta(days=MAX_DAYS):
        raise FilterError("since", f"The period is longer than {MAX_DAYS} days; reports of the API may be.")
    return since, until if until is not None and until < now else None


def _moment(name: str, text: str) -> tuple[datetime, timedelta]:
    """Return the beginning of a day or an hour in UTC, and how long it is."""
    if not is_plain(text):
        raise FilterError(name, f"Write {text!r} with the digits 0 to 9.")
    for form, length in (("%Y-%m-%d", timedelta(days=1)), ("%Y-%m-%dT%H", timedelta(hours=1))):
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if moment.year < LAST_YEAR:
            return moment, length
    raise FilterError(name, f"{text!r} is no day such as 2026-11-01, and no hour such as 2026-11-01T14.")


def is_plain(text: str) -> bool:
    """Whether all figures of a text are 0 to 9: Python reads those of other scripts too, and underscores between them."""
    return text.isascii() and "_" not in text


def _users(asked: Filter) -> tuple[int, ...] | None:
    """Return the accounts whose calls are asked for; None for everybody's."""
    found: set[int] | None = None
    if asked.user == NOBODY:
        found = {0}
    elif asked.user:
        found = set(get_user_model().objects.filter(username=asked.user).values_list("pk", flat=True))
        if not found:
            raise FilterError("user", f"There is no user {asked.user!r}.")
    if asked.group:
        group = Group.objects.filter(name=asked.group).first()
        if group is None:
            raise FilterError("group", f"There is no group {asked.group!r}.")
        members = set(group.user_set.values_list("pk", flat=True))
        found = members if found is None else found & members
    return None if found is None else tuple(sorted(found))


def slot_of(start: datetime, *, is_hourly: bool) -> str:
    """Return an hour or a day as an address has it."""
    return f"{start.astimezone(UTC):%Y-%m-%dT%H}" if is_hourly else f"{start.astimezone(UTC):%Y-%m-%d}"
