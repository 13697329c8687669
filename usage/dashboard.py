"""The operator's first page: what calls cost, what went wrong, what is held."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from usage.budgets import list_standings
from usage.models import Call
from usage.overview import load_overview
from usage.periods import PERIODS, find_period
from usage.rollups import read
from usage.types import CallStatus

LATEST_FAILURES = 8
FAILED = (CallStatus.FAILED, CallStatus.INCOMPLETE, CallStatus.UNKNOWN)


def add_figures(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the figures to the context of the admin's index; for staff who may not see calls it stays as it is."""
    if not request.user.has_perm("usage.view_call"):
        return context
    period = find_period(request.GET.get("period", ""))
    overview = load_overview(hours=period.hours)
    recent = Call.objects.filter(created_at__gte=overview.since)
    return context | {
        "period": period,
        "periods": PERIODS,
        "overview": overview,
        "standings": list_standings(),
        "running": Call.objects.filter(status=CallStatus.OPEN).aggregate(
            calls=Count("pk"), held=Coalesce(Sum("held_nanousd"), 0)
        ),
        "errors": _count_errors(overview.since),
        "failures": recent.filter(status__in=FAILED).select_related("user")[:LATEST_FAILURES],
    }


def _count_errors(since: datetime) -> list[tuple[str, int]]:
    """Return the kinds of failure by how often they happened: the error's name, or how the call ended."""
    kinds = Counter[str]()
    for cell in read(since=since, by=["status", "error_class"]):
        status, error_class = cell.names
        if status in FAILED and cell.sums.calls:
            kinds[error_class or str(CallStatus(status).label)] += cell.sums.calls
    return kinds.most_common(LATEST_FAILURES)
