"""The operator's first page: what calls cost, who spends it, what is wrong, and what is to come."""

from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from usage.board import load_board
from usage.errors import FilterError
from usage.filters import SPLITS, Filter, read_filter, understand
from usage.models import Alert
from usage.periods import PERIODS
from usage.standings import list_standings
from usage.today import compare_today

SHOWN_ALERTS = 5


def add_figures(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the figures to the context of the admin's index; for staff who may not see calls it stays as it is.

    Budgets and alerts are there for who may see these as well. An address that asks for something that cannot be gets a
    `problem` in place of figures.
    """
    if not request.user.has_perm("usage.view_call"):
        return context
    # How calls ended is told apart on the page, and narrowed in the list behind it.
    asked = replace(read_filter(request.GET.dict()), status="", error="")
    context |= {"filter": asked, "periods": PERIODS, "splits": _splits(asked), "choices": _choices(asked)}
    try:
        meant = understand(asked)
        board = load_board(meant)
    except FilterError as error:
        return context | {"problem": error}
    sees_budgets, sees_alerts = (request.user.has_perm(f"usage.view_{name}") for name in ("budget", "alert"))
    open_alerts = Alert.objects.open().for_operators().filter(acknowledged_at=None)
    return context | {
        "board": board,
        # Learning what is usual for many users together takes too long for a page.
        "today": None if asked.group else compare_today(meant.only),
        "standings": list_standings() if sees_budgets else None,
        "alerts": list(open_alerts[:SHOWN_ALERTS]) if sees_alerts else [],
    }


def overview_page(request: HttpRequest) -> HttpResponse:
    """Show the administration's first page, with status 400 where its address asks for something that cannot be."""
    response = admin.site.index(request)
    if "problem" in (response.context_data or {}):
        response.status_code = 400
    return response


def _splits(asked: Filter) -> list[tuple[str, str, bool]]:
    """Return what may be told apart: its name, the query of its page, and whether it is."""
    return [(name, asked.query(by=name), name == asked.by) for name in SPLITS]


def _choices(asked: Filter) -> list[tuple[str, str, bool]]:
    """Return the periods that end now: label, query, and whether it is the one."""
    return [
        (
            period.label,
            asked.query(period=period.key, since="", until=""),
            not asked.since and period.key == asked.period,
        )
        for period in PERIODS
    ]
