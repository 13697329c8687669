"""Admin of the keys of providers: entered once, never shown again."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget

from ai_router.kept_keys import forget_keys
from ai_router.models import ProviderKey
from ai_router.sealing import UnreadableSecretError
from ai_router.status import status


class ProviderKeyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A key can be written and not read."""

    key = forms.CharField(
        label="Key",
        max_length=500,
        required=False,
        strip=True,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}, render_value=False),
        help_text="Kept sealed with SECRET_KEY. It is never shown again; leave it empty to keep the present one.",
    )

    class Meta:
        model = ProviderKey
        fields = ("provider", "name", "is_enabled")

    def clean(self) -> dict[str, Any]:
        """A new row needs its key; a key has no blanks inside."""
        cleaned = super().clean() or {}
        key = cleaned.get("key", "")
        if not key and not self.instance.sealed:
            self.add_error("key", "Enter the key.")
        if len(key.split()) > 1:
            self.add_error("key", "A key has no blanks: was something else pasted?")
        elif key:
            self.instance.set_secret(key)
        return cleaned


@admin.register(ProviderKey)
class ProviderKeyAdmin(ModelAdmin):
    """Keys of providers."""

    form = ProviderKeyForm
    list_display = ("provider", "name", "shown", "readable", "is_enabled", "changed_at")
    list_filter = ("provider", "is_enabled")
    fields = ("provider", "name", "key", "is_enabled")
    actions = ("seal_anew",)

    def get_urls(self) -> list[Any]:
        """Add the page of how the providers stand."""
        page = self.admin_site.admin_view(self.status_view)
        return [path("status/", page, name="ai_router_status"), *super().get_urls()]

    def status_view(self, request: HttpRequest) -> HttpResponse:
        """Show how the providers and their keys stand just now."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = status()
        health = found.health
        parts = [
            ("Errors", health.errors, 40),
            ("Latency", health.latency, 30),
            ("Cache", health.cache, 10),
            ("Anomalies", health.anomalies, 20),
        ]
        context = self.admin_site.each_context(request) | {
            "title": "Providers now",
            "status": found,
            "parts": parts,
            "shown": [provider for provider in found.providers if provider.state != "off"],
            "off": [provider.label for provider in found.providers if provider.state == "off"],
            "keys": [(provider.label, key) for provider in found.providers for key in provider.keys],
        }
        return TemplateResponse(request, "admin/ai_router/status.html", context)

    @admin.display(description="Key")
    def shown(self, row: ProviderKey) -> str:
        return f"…{row.ending}" if row.ending else "…"

    @display(description="Readable", boolean=True)
    def readable(self, row: ProviderKey) -> bool:
        """Whether the site still has the SECRET_KEY that it was sealed with."""
        try:
            row.secret()
        except UnreadableSecretError:
            return False
        return True

    @admin.action(description="Seal anew with the present SECRET_KEY")
    def seal_anew(self, request: HttpRequest, queryset: QuerySet[ProviderKey]) -> None:
        """After SECRET_KEY was changed, so that the old one can be taken out of SECRET_KEY_FALLBACKS."""
        unreadable = 0
        for row in queryset:
            try:
                row.set_secret(row.secret())
            except UnreadableSecretError:
                unreadable += 1
            else:
                row.save()
        forget_keys()
        self.message_user(request, f"Sealed anew: {len(queryset) - unreadable}. To be entered again: {unreadable}.")

    def save_model(self, request: HttpRequest, obj: ProviderKey, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        forget_keys()

    def delete_model(self, request: HttpRequest, obj: ProviderKey) -> None:
        super().delete_model(request, obj)
        forget_keys()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ProviderKey]) -> None:
        super().delete_queryset(request, queryset)
        forget_keys()
