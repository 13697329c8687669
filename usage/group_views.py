"""The page of a group's figures and budgets, for those who own it: sums, never a text, and nothing of others."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from usage.overview import load_overview
from usage.owned_groups import groups_owned_by, members_of
from usage.periods import PERIODS, find_period
from usage.reports import BreakdownRow
from usage.rollups import Only, Sums, read
from usage.standings import list_standings
from usage.types import CallStatus

MEMBERS_SHOWN = 25


@login_required
def group(request: HttpRequest, group_id: int) -> HttpResponse:
    """Show an owner what the group's members of today used in a period, and how the group's budgets stand."""
    shown = _group_of(request.user, group_id)
    period = find_period(request.GET.get("period", ""))
    members = members_of(shown)
    overview = load_overview(hours=period.hours, users=tuple(members))
    context = {
        "group": shown,
        "members": len(members),
        "period": period,
        "periods": PERIODS,
        "overview": overview,
        "by_member": _by_member(members, overview.since),
        "standings": list_standings(groups=[shown]),
    }
    return render(request, "usage/group.html", context)


def _by_member(members: Mapping[int, str], since: datetime) -> list[BreakdownRow]:
    """Return what each of these people used since a moment, who cost most first; in one query, over weeks and days.

    Of many, those who cost least are one row together.
    """
    found: dict[int, Sums] = defaultdict(Sums)
    failed = Counter[int]()
    for cell in read(since=since, by=["user", "status"], only=Only(users=tuple(members))):
        user, status = cell.names
        found[user] += cell.sums
        failed[user] += 0 if status == CallStatus.SUCCEEDED else cell.sums.calls
    most = sorted(found, key=lambda user: (-found[user].cost_nanousd, members[user]))
    # Nobody is alone among the others.
    shown, others = (most, []) if len(most) <= MEMBERS_SHOWN + 1 else (most[:MEMBERS_SHOWN], most[MEMBERS_SHOWN:])
    rows = [_row(members[user], found[user], failed[user]) for user in shown]
    if others:
        together = sum((found[user] for user in others), start=Sums())
        rows.append(_row(f"{len(others):,} others", together, sum(failed[user] for user in others)))
    return rows


def _row(name: str, sums: Sums, failed: int) -> BreakdownRow:
    return BreakdownRow(
        name,
        sums.calls,
        failed,
        sums.unpriced_calls,
        sums.total_input_tokens,
        sums.total_output_tokens,
        sums.cost_nanousd,
    )


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
