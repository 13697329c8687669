"""The calls of one person, page by page, newest first: each page begins where the last one ended, so that a far one costs no more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from usage.models import Attempt, Call

CALLS_PER_PAGE = 25
READ_AT_ONCE = 500
# Who got it; what a list does not show of an attempt is long.
RECEIVERS = Attempt.objects.defer("unit_prices", "error_message")


@dataclass(frozen=True, slots=True)
class CallPage:
    """Some calls, newest first. `newer` and `older` name the pages beside it; empty where there is none."""

    calls: list[Call]
    newer: str = ""
    older: str = ""


def read_calls(*, user_id: int, since: datetime, before: str = "", after: str = "") -> CallPage:
    """Return a page of a person's calls since a moment, with whom each was sent to.

    Args:
        user_id: Whose.
        since: No older ones.
        before: The name of a page: older than that; of nothing that is a name, the first page.
        after: The name of a page: the ones just newer than that.
    """
    own = _own_calls(user_id, since)
    if (place := _place(after)) is not None:
        return _just_newer(own, place)
    place = _place(before)
    rows = (
        _older(own, place)[: CALLS_PER_PAGE + 1] if place else own.order_by("-created_at", "-id")[: CALLS_PER_PAGE + 1]
    )
    found = list(rows)
    calls = found[:CALLS_PER_PAGE]
    return CallPage(calls, _name(calls[0]) if place and calls else "", _name(calls[-1]) if found[len(calls) :] else "")


def every_call(
    *, user_id: int, since: datetime, until: datetime | None = None, task_type: str = "", status: str = ""
) -> Iterator[Call]:
    """Yield a person's calls of a period, newest first, each with whom it was sent to; some hundred are read at once."""
    own = _own_calls(user_id, since)
    own = own.filter(created_at__lt=until) if until else own
    own = own.filter(task_type=task_type) if task_type else own
    own = own.filter(status=status) if status else own
    rows = list(own.order_by("-created_at", "-id")[:READ_AT_ONCE])
    while rows:
        yield from rows
        rows = list(_older(own, (rows[-1].created_at, rows[-1].pk))[:READ_AT_ONCE])


def _own_calls(user_id: int, since: datetime) -> QuerySet[Call]:
    """Return a person's calls since a moment, without what left for them and why, which may be long."""
    shadows = Call.objects.select_related("outbound").defer("decision", "outbound__messages", "outbound__hidden")
    return (
        Call.objects.filter(user_id=user_id, created_at__gte=since)
        .defer("decision", "outbound__messages", "outbound__hidden")
        .select_related("outbound")
        .prefetch_related(
            Prefetch("attempts", RECEIVERS), Prefetch("shadows", shadows), Prefetch("shadows__attempts", RECEIVERS)
        )
    )


def _just_newer(own: QuerySet[Call], place: tuple[datetime, UUID]) -> CallPage:
    """Return the page that ends just before a place; the first page where too little is newer."""
    moment, call_id = place
    newer = own.filter(created_at__gte=moment).filter(Q(created_at__gt=moment) | Q(id__gt=call_id))
    found = list(newer.order_by("created_at", "id")[: CALLS_PER_PAGE + 1])
    if len(found) <= CALLS_PER_PAGE:
        first = list(own.order_by("-created_at", "-id")[: CALLS_PER_PAGE + 1])
        return CallPage(first[:CALLS_PER_PAGE], "", _name(first[CALLS_PER_PAGE - 1]) if first[CALLS_PER_PAGE:] else "")
    calls = found[:CALLS_PER_PAGE][::-1]
    return CallPage(calls, _name(calls[0]), _name(calls[-1]))


def _older(own: QuerySet[Call], place: tuple[datetime, UUID]) -> QuerySet[Call]:
    """Return the calls before a place; the first condition alone is what the index follows."""
    moment, call_id = place
    older = own.filter(created_at__lte=moment).filter(Q(created_at__lt=moment) | Q(id__lt=call_id))
    return older.order_by("-created_at", "-id")


def _name(call: Call) -> str:
    """Name the place of a call in the list, for an address."""
    return f"{call.created_at:%Y%m%dT%H%M%S.%f}-{call.pk.hex}"


def _place(name: str) -> tuple[datetime, UUID] | None:
    """Read a name; None where it is none, as old links should still open."""
    moment, _, call_id = name.partition("-")
    try:
        return datetime.strptime(f"{moment}+0000", "%Y%m%dT%H%M%S.%f%z"), UUID(call_id)
    except ValueError:
        return None
