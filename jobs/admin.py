"""Administration of `jobs`: what exists and when it was made, never what people wrote."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from jobs.models import Application, CoverLetter, Email, Match, Posting, PostingImport, TailoredCV


class MetadataAdmin(ModelAdmin):
    """Shows rows without their texts; nothing can be added or changed."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Posting)
class PostingAdmin(MetadataAdmin):
    """Postings: whose, where from and when."""

    list_display = ("id", "owner", "language", "posted_on", "valid_through", "created_at")
    list_filter = ("language", "created_at")
    list_select_related = ("owner",)
    fields = ("owner", "language", "source_url", "posted_on", "valid_through", "created_at")


@admin.register(PostingImport)
class PostingImportAdmin(MetadataAdmin):
    """Files of postings: how they went."""

    list_display = ("id", "owner", "status", "total", "created", "duplicates", "failed", "created_at")
    list_filter = ("status", "created_at")
    list_select_related = ("owner",)
    fields = ("owner", "status", "total", "created", "duplicates", "failed", "error_code", "created_at", "finished_at")


@admin.register(Match)
class MatchAdmin(MetadataAdmin):
    """Matches: bands and formula versions, to see what a new formula changes."""

    list_display = ("id", "owner", "band", "score", "formula_version", "created_at")
    list_filter = ("band", "formula_version", "created_at")
    list_select_related = ("owner",)
    fields = ("owner", "band", "score", "formula_version", "inputs_hash", "created_at")


WORK_FIELDS = ("owner", "status", "provider", "error_code", "call_id", "created_at", "finished_at")


@admin.register(TailoredCV)
class TailoredCVAdmin(MetadataAdmin):
    """Tailored CVs: how they went."""

    list_display = ("id", "owner", "status", "provider", "score_before", "error_code", "created_at", "finished_at")
    list_filter = ("status", "provider", "created_at")
    list_select_related = ("owner",)
    fields = (*WORK_FIELDS, "score_before")


@admin.register(CoverLetter)
class CoverLetterAdmin(MetadataAdmin):
    """Letters: how they went, never what they say."""

    list_display = ("id", "owner", "status", "tone", "length", "language", "provider", "error_code", "created_at")
    list_filter = ("status", "tone", "length", "language", "provider", "created_at")
    list_select_related = ("owner",)
    fields = (*WORK_FIELDS, "tone", "length", "language", "revision_wish", "is_edited")


@admin.register(Email)
class EmailAdmin(MetadataAdmin):
    """E-mails: kinds and how they went."""

    list_display = ("id", "owner", "kind", "status", "language", "provider", "error_code", "created_at")
    list_filter = ("kind", "status", "language", "provider", "created_at")
    list_select_related = ("owner",)
    fields = (*WORK_FIELDS, "kind", "language")


@admin.register(Application)
class ApplicationAdmin(MetadataAdmin):
    """Applications: how far they are, never what was noted."""

    list_display = ("id", "owner", "stage", "created_at", "updated_at")
    list_filter = ("stage", "created_at")
    list_select_related = ("owner",)
    fields = ("owner", "stage", "created_at", "updated_at")
