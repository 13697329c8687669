"""The page of a group's figures and budgets, for those who own it: sums, never a text, and nothing of others."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from usage.insights import report
from usage.overview import load_overview
from usage.owned_groups import groups_owned_by, members_of
from usage.periods import PERIODS, find_period
from usage.reports import BreakdownRow
from usage.rollups import Only
from usage.standings import list_standings


@login_required
def group(request: HttpRequest, group_id: int) -> HttpResponse:
    """Show an owner what the group's members of today used in a period, and how the group's budgets stand."""
    shown = _group_of(request.user, group_id)
    period = find_period(request.GET.get("period", ""))
    members = members_of(shown)
    overview = load_overview(hours=period.hours, users=tuple(members))
    rows = report(since=overview.since, by=["user"], only=Only(users=tuple(members)))
    by_member = [
        BreakdownRow(
            members.get(int(row.names[0]), ""),
            row.sums.calls,
            row.sums.calls - row.succeeded,
            row.sums.unpriced_calls,
            row.sums.total_input_tokens,
            row.sums.total_output_tokens,
            row.sums.cost_nanousd,
        )
        for row in rows
    ]
    context = {
        "group": shown,
        "members": len(members),
        "period": period,
        "periods": PERIODS,
        "overview": overview,
        "by_member": sorted(by_member, key=lambda row: (-row.cost_nanousd, row.name)),
        "standings": list_standings(groups=[shown]),
    }
    return render(request, "usage/group.html", context)


def _group_of(user: Any, group_id: int) -> Group:
    """Return a group that somebody may look at: one that they own, for operators any.

    Raises:
        PermissionDenied: There is none of the number that they may; whether there is another is not told.
    """
    seen = Group.objects.all() if user.is_staff and user.has_perm("usage.view_call") else groups_owned_by(user)
    found = seen.filter(pk=group_id).first()
    if found is None:
        raise PermissionDenied
    return found
