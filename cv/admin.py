"""CVs for operators: how many, how large, how the readings went. What a CV says, and what it is called, is not shown."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from cv.models import CV, ParseRun
from cv.services import delete_cv


class ReadOnlyAdmin(ModelAdmin):
    """Rows that are looked at, not written."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CV)
class CVAdmin(ReadOnlyAdmin):
    """CVs by owner and state; deleting one deletes its files."""

    list_display = ("id", "owner", "reading_status", "version_count", "created_at", "updated_at")
    list_filter = ("created_at",)
    search_fields = ("=id", "owner__username", "owner__email")
    list_select_related = ("owner",)
    fields = ("owner", "reading_status", "version_count", "created_at", "updated_at")
    readonly_fields = fields
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CV]:
        return CV.objects.with_status().annotate(number_of_versions=Count("versions")).defer("title")

    @admin.display(description="Reading")
    def reading_status(self, cv: Any) -> str:
        return cv.reading_status or "imported"

    @admin.display(description="Versions")
    def version_count(self, cv: Any) -> int:
        return int(cv.number_of_versions)

    def delete_model(self, request: HttpRequest, obj: CV) -> None:
        delete_cv(cv=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[CV]) -> None:
        for cv in queryset:
            delete_cv(cv=cv)


@admin.register(ParseRun)
class ParseRunAdmin(ReadOnlyAdmin):
    """Readings: how each went, by whom, and why it failed."""

    list_display = (
        "id",
        "owner",
        "status",
        "error_code",
        "provider",
        "media_type",
        "size",
        "created_at",
        "finished_at",
    )
    list_filter = ("status", "error_code", "provider", "created_at")
    search_fields = ("=id", "=document__cv__id", "document__cv__owner__username", "=call_id")
    list_select_related = ("document__cv__owner",)
    fields = (
        "owner", "status", "error_code", "error_message", "provider", "media_type", "size", "call_id", "created_at", "finished_at",
    )  # fmt: skip
    readonly_fields = fields
    date_hierarchy = "created_at"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A reading goes with its CV; rows that the deletion of a CV takes along are checked one by one."""
        return request.resolver_match is not None and "cv_cv_" in (request.resolver_match.url_name or "")

    @admin.display(description="Owner", ordering="document__cv__owner")
    def owner(self, run: ParseRun) -> str:
        return str(run.document.cv.owner)

    @admin.display(description="Type")
    def media_type(self, run: ParseRun) -> str:
        return run.document.media_type

    @admin.display(description="Bytes", ordering="document__size_bytes")
    def size(self, run: ParseRun) -> int:
        return run.document.size_bytes
