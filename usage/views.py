"""Pages of `usage`."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from usage.budgets import list_standings
from usage.models import Call
from usage.overview import load_overview
from usage.periods import PERIODS, find_period

CALLS_PER_PAGE = 25


@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """Show a person their own calls, what each cost, and what left this server for it."""
    period = find_period(request.GET.get("period", ""))
    user_id = cast("int", request.user.pk)
    overview = load_overview(hours=period.hours, user_id=user_id)
    calls = Call.objects.filter(user_id=user_id, created_at__gte=overview.since).prefetch_related("attempts")
    context = {
        "period": period,
        "periods": PERIODS,
        "overview": overview,
        "standings": list_standings(user_id=user_id),
        "calls": Paginator(calls, CALLS_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "usage/mine.html", context)
