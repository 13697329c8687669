"""The calls behind a figure, newest first, a page at a time: quick in a ledger of millions, however rare they are.

Nothing is counted over the lines. The roll-ups say in which hours there are such calls at all, and only the lines of as
many hours as fill a page are read, by the index of their time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils import timezone

from usage.models import Attempt, Call
from usage.periods import EVER
from usage.rollups import ASKED, COST_AND_CALLS, EVERYTHING, Only, read
from usage.types import CallStatus

PAGE = 50
HOUR = timedelta(hours=1)
# Where there are many calls, a page is full with the last day; a whole long period is only looked through for rare ones.
LOOKED_THROUGH = (timedelta(days=1), timedelta(days=8))
# From an earlier or a later one no time can be counted.
FIRST_YEAR, LAST_YEAR = 1970, 9_000
# More parts of time than these are no condition any more.
MOST_SPANS = 200
# What a call has, or one of its requests.
OF_REQUESTS = ("provider", "model", "error_class")
# What lines are narrowed by, where that is no column of its own.
DECIDED = {"experiment": "decision__experiment__name", "arm": "decision__experiment__arm"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: just behind this call. Written as `2026-11-21T13:30:00.123456_<id>`, in UTC."""

    created_at: datetime
    call_id: UUID

    def __str__(self) -> str:
        return f"{self.created_at.astimezone(UTC).replace(tzinfo=None).isoformat()}_{self.call_id}"


@dataclass(frozen=True, slots=True)
class CallPage:
    """Some calls, and where the next page begins; None on the last one."""

    calls: list[Call]
    next: Place | None


def read_place(text: str) -> Place | None:
    """Return a place as an address has it; None for what is none."""
    moment, _, identity = text.partition("_")
    try:
        place = Place(datetime.fromisoformat(moment).replace(tzinfo=UTC), UUID(identity))
    except ValueError:
        return None
    return place if FIRST_YEAR <= place.created_at.year < LAST_YEAR else None


def list_calls(
    *,
    since: datetime,
    until: datetime | None = None,
    only: Only = EVERYTHING,
    statuses: Sequence[CallStatus] = (),
    before: Place | None = None,
    limit: int = PAGE,
) -> CallPage:
    """Return ended calls of a period, newest first.

    Args:
        since: Beginning of the period.
        until: The first moment after it; None for now.
        only: Which calls. Provider, model and class of error are the call's own, or those of one of its requests; the provider
            `""` is that of calls which nobody answered.
        statuses: How they ended; empty for all.
        before: Where to begin; None for the newest.
        limit: How many at most.
    """
    end = until or timezone.now()
    if before:
        end = min(end, before.created_at + timedelta(microseconds=1))
    matching = _matching(only, statuses, before)
    found: list[Call] = []
    for first, last in _spans(since, end, only, statuses, limit + 1):
        found += matching.filter(created_at__gte=first, created_at__lt=last)[: limit + 1 - len(found)]
        if len(found) > limit:
            page = found[:limit]
            return CallPage(page, Place(page[-1].created_at, page[-1].pk))
    return CallPage(found, None)


def narrow_to_busy_hours(calls: QuerySet[Call], only: Only, *, rare: int) -> QuerySet[Call]:
    """Return the same calls, with the hours that have such ones as a condition where there are fewer than `rare` in all.

    Else a list of calls of a rare kind would read all lines there are, to find as many as it shows.
    """
    total = sum(cell.sums.calls + cell.sums.attempts for cell in read(only=only, counted=ASKED))
    if total >= rare:
        return calls
    spans = list(_spans(EVER, timezone.now(), only, (), rare))
    within = Q(pk__in=[])
    if len(spans) > MOST_SPANS:
        spans = [(spans[-1][0], spans[0][1])]
    for first, last in spans:
        within |= Q(created_at__gte=first, created_at__lt=last)
    return calls.filter(within)


def _spans(
    since: datetime, end: datetime, only: Only, statuses: Sequence[CallStatus], wanted: int
) -> Iterator[tuple[datetime, datetime]]:
    """Return the parts of a period in which there may be such calls, the newest first; none is longer than a page needs."""
    for begin, stop in _stretches(since, end):
        span: tuple[datetime, datetime] | None = None
        calls = 0
        for hour, count in _busy_hours(begin, stop, only, statuses):
            first, last = max(hour, begin), min(hour + HOUR, stop)
            if span and (calls >= wanted or span[0] != last):
                yield span
                span, calls = None, 0
            span = (first, span[1] if span else last)
            calls += count
        if span:
            yield span


def _stretches(since: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Return the parts of the period in which to look, the newest first."""
    stop = end
    for length in LOOKED_THROUGH:
        begin = max(since, end - length)
        if begin >= stop:
            return
        yield begin, stop
        stop = begin
    if since < stop:
        yield since, stop


def _busy_hours(
    begin: datetime, stop: datetime, only: Only, statuses: Sequence[CallStatus]
) -> list[tuple[datetime, int]]:
    """Return the hours in which there may be such calls, the latest first, and about how many there are in each."""
    first, last = (moment.replace(minute=0, second=0, microsecond=0) for moment in (begin, stop))
    of_requests = {only.provider, only.model, only.error_class} != {None}
    ended = only
    if of_requests:
        # How a request ended is not how its call did: hours are sought that have both.
        ended = replace(only, provider=None, model=None, error_class=None)
        asked = replace(only, status=None)
        hours = {cell.start for cell in read(since=first, until=last + HOUR, step="hour", only=asked, counted=ASKED)}
    counts: dict[datetime, int] = {}
    ends = read(since=first, until=last + HOUR, step="hour", by=["status"], only=ended, counted=COST_AND_CALLS)
    for cell in ends:
        is_meant = not statuses or cell.names[0] in statuses
        if cell.start and cell.sums.calls and is_meant and (not of_requests or cell.start in hours):
            counts[cell.start] = counts.get(cell.start, 0) + (0 if of_requests else cell.sums.calls)
    return sorted(counts.items(), reverse=True)


def _matching(only: Only, statuses: Sequence[CallStatus], before: Place | None) -> QuerySet[Call]:
    """Return the calls that are meant, of any time."""
    calls = Call.objects.order_by("-created_at", "-pk")
    if before:
        calls = calls.filter(
            Q(created_at__lt=before.created_at) | Q(created_at=before.created_at, pk__lt=before.call_id)
        )
    # Without a status the time is the index to go by.
    calls = calls.alias(ended=Concat("status", Value(""))).exclude(ended=CallStatus.OPEN)
    if statuses:
        calls = calls.filter(status__in=statuses)
    if only.users is not None:
        nobody = Q(user=None) if 0 in only.users else Q()
        calls = calls.filter(Q(user__in=[key for key in only.users if key]) | nobody)
    asked = {name: value for name in OF_REQUESTS if (value := getattr(only, name)) is not None}
    others = {DECIDED.get(name, name): value for name, value in only.names().items() if name not in asked}
    calls = calls.filter(**others)
    if asked:
        calls = calls.filter(Q(**asked) | Exists(Attempt.objects.filter(call=OuterRef("pk"), **asked)))
    return calls
