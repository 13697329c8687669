"""The ledger to look at: the list of calls, the calls behind a figure, and each call with its attempts."""

import json
from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from usage.board import known_names, sum_up
from usage.call_lists import CallPage, list_calls, narrow_to_busy_hours, read_place
from usage.decision_records import explain_call
from usage.errors import FilterError
from usage.filters import Asked, Filter, read_filter, understand
from usage.linked_series import frame_of
from usage.models import Attempt, Call
from usage.money import format_usd
from usage.rollups import ASKED, Dimension, Only, read
from usage.types import CallStatus

MOST_COUNTED = 10_000
STATUS_COLOURS = {
    CallStatus.OPEN: "info",
    CallStatus.SUCCEEDED: "success",
    CallStatus.INCOMPLETE: "warning",
    CallStatus.CANCELLED: "warning",
    CallStatus.FAILED: "danger",
    CallStatus.UNKNOWN: "danger",
}


class ReadOnly:
    """Nothing can be added, changed or deleted: the ledger is evidence."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class WhoseFilter(admin.SimpleListFilter):
    """Calls of people, or what the site asked beside them."""

    title = "made for"
    parameter_name = "made_for"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("people", "People"), ("shadow", "Shadow traffic")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        if self.value() == "people":
            return queryset.filter(purpose="")
        return queryset.filter(shadow_of__isnull=False) if self.value() == "shadow" else queryset


class KnownNameFilter(admin.SimpleListFilter):
    """The names that the roll-ups know: to gather them from the lines would read them all."""

    name: Dimension

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = {str(cell.names[0]) for cell in read(by=[self.name], counted=ASKED)}
        return [(name, name) for name in sorted(names) if name]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        value = self.value()
        if not value:
            return queryset
        only = Only(**{self.name: value})  # type: ignore[arg-type]  # names are those of its fields
        return narrow_to_busy_hours(queryset.filter(**{self.name: value}), only, rare=MOST_COUNTED)


class TaskFilter(KnownNameFilter):
    """Calls of one task."""

    title, parameter_name, name = "task type", "task_type__exact", "task_type"


class ProviderFilter(KnownNameFilter):
    """Calls that one provider answered."""

    title, parameter_name, name = "provider", "provider__exact", "provider"


class StatusFilter(KnownNameFilter):
    """Calls that ended so, or that run."""

    title, parameter_name, name = "status", "status__exact", "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(CallStatus.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        # What runs is in no roll-up, and found by an index.
        if self.value() == CallStatus.OPEN:
            return queryset.filter(status=CallStatus.OPEN)
        return super().queryset(request, queryset)


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """Pages of a list that may have millions of rows: nobody pages further than `MOST_COUNTED`, so no more are counted."""

    @cached_property
    def count(self) -> int:
        """How many there are, or one more than is counted at most."""
        return int(self.object_list.order_by()[: MOST_COUNTED + 1].count())  # type: ignore[attr-defined]  # a queryset


@admin.register(Call)
class CallAdmin(ReadOnly, ModelAdmin):
    """Every call, newest first."""

    list_display = ("created_at", "task_type", "user", "answered_by", "tokens", "cost", "latency", "shown_status")
    paginator = CappedPaginator
    list_filter = (
        StatusFilter,
        TaskFilter,
        ProviderFilter,
        "is_cached",
        WhoseFilter,
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("id", "request_id", "user__username", "user__email", "model", "error_class")
    show_full_result_count = False

    def get_urls(self) -> list[Any]:
        """Add the page of the calls behind a figure."""
        return [
            path("behind/", self.admin_site.admin_view(self.behind_view), name="usage_call_behind"),
            *super().get_urls(),
        ]

    def behind_view(self, request: HttpRequest) -> HttpResponse:
        """Show the calls behind a figure of the first page, newest first, with what they add up to."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = read_filter(request.GET.dict())
        context = self.admin_site.each_context(request) | {"title": "Calls behind a figure", "filter": asked}
        try:
            context |= _behind(asked, request.GET.get("before", ""))
            status = 200
        except FilterError as error:
            context |= {"problem": error}
            status = 400
        return TemplateResponse(request, "admin/usage/behind.html", context, status=status)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what is known of a call; nothing of it can be changed."""
        call = self.get_object(request, object_id)
        if call is None:
            messages.warning(request, "There is no such call; its line may be in the archive.")
            return redirect("admin:usage_call_changelist")
        if request.method != "GET" or not self.has_view_permission(request, call):
            raise PermissionDenied
        usual = Filter()
        context = self.admin_site.each_context(request) | {
            "title": "Call",
            "opts": self.opts,
            "record": explain_call(call),
            "raw": json.dumps(call.decision, indent=2, ensure_ascii=False),
            "of_user": replace(usual, user=call.user.get_username() if call.user else "").query(),
            "of_task": replace(usual, task=call.task_type).query(),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/usage/call_record.html", context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        found: QuerySet[Call] = super().get_queryset(request)
        return found.select_related("user")

    @display(description="Answered by")
    def answered_by(self, call: Call) -> str:
        return f"{call.provider}/{call.model}" if call.provider else "–"

    @display(description="Tokens in / out")
    def tokens(self, call: Call) -> str:
        return f"{call.total_input_tokens:,} / {call.total_output_tokens:,}"

    @display(description="Cost", ordering="cost_nanousd")
    def cost(self, call: Call) -> str:
        return "–" if call.status == CallStatus.OPEN else format_usd(call.cost_nanousd)

    @display(description="Took", ordering="latency_ms")
    def latency(self, call: Call) -> str:
        return "–" if call.latency_ms is None else f"{call.latency_ms / 1000:.1f} s"

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def shown_status(self, call: Call) -> tuple[str, str]:
        return call.status, call.get_status_display()


def _behind(asked: Filter, before: str) -> dict[str, Any]:
    """Return what the page of the calls behind a figure shows.

    Raises:
        FilterError: The address asks for something that cannot be.
    """
    place = read_place(before) if before else None
    if before and place is None:
        raise FilterError("before", f"{before!r} is no place in the list; begin with the newest calls again.")
    now = timezone.now()
    known_names(asked)
    meant = frame_of(understand(asked, now=now), now).asked
    page = list_calls(since=meant.since, until=meant.until, only=meant.only, before=place)
    return {
        "asked": meant,
        "total": sum_up(meant),
        "rows": _rows(page, meant),
        "narrowed": [(name, value, asked.query(**{name: ""})) for name, value in asked.named.items()],
        "newest": asked.query() if place else None,
        "older": f"{asked.query()}&before={page.next}" if page.next else "",
        "board": replace(asked, status="", error="").query(),
    }


def _rows(page: CallPage, asked: Asked) -> list[tuple[Call, int | None]]:
    """Return the calls, each with what the provider or model that is asked for got of its cost."""
    names = {name: value for name in ("provider", "model") if (value := getattr(asked.only, name))}
    calls = {call.pk: call for call in page.calls}
    prefetch_related_objects(page.calls, "user")
    if not names:
        return [(call, None) for call in calls.values()]
    parts: dict[Any, int] = dict.fromkeys(calls, 0)
    for call_id, cost in Attempt.objects.filter(call__in=calls, **names).values_list("call_id", "cost_nanousd"):
        parts[call_id] += cost or 0
    return [(call, parts[call.pk]) for call in calls.values()]
