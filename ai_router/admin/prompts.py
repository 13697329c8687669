"""Admin of the prompts: versions of their texts, and which of them is in use."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget

from ai_router.models import PromptText
from ai_router.prompts import built_in_prompts, built_in_text


class PromptTextForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new version of a prompt."""

    prompt = forms.ChoiceField(widget=UnfoldAdminSelectWidget)

    class Meta:
        model = PromptText
        fields = ("prompt", "system", "user", "note", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the prompts that there are, and links that begin with the text of one."""
        super().__init__(*args, **kwargs)
        if "prompt" not in self.fields:
            return
        names = built_in_prompts()
        field = self.fields["prompt"]
        field.choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        add = reverse("admin:ai_router_prompttext_add")
        links = format_html_join(", ", '<a href="{}?prompt={}">{}</a>', ((add, name, name) for name in names))
        field.help_text = format_html("Begin with the text of {}.", links)


@admin.register(PromptText)
class PromptTextAdmin(ModelAdmin):
    """Versions of prompts. A version is never changed: make another from it."""

    form = PromptTextForm
    list_display = ("version", "is_active", "note", "created_by", "created_at", "next_version")
    list_filter = ("prompt", "is_active")
    list_select_related = ("created_by",)
    fields = ("prompt", "system", "user", "note", "is_active")
    actions = ("use", "use_built_in")

    @admin.display(description="version", ordering="number")
    def version(self, text: PromptText) -> str:
        return text.version

    @admin.display(description="")
    def next_version(self, text: PromptText) -> SafeString:
        """Link to a new version that begins with this one's text."""
        add = reverse("admin:ai_router_prompttext_add")
        return format_html('<a href="{}?prompt={}&version={}">New version from this</a>', add, text.prompt, text.number)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the text that the link names: a version, or the built-in one."""
        prompt = request.GET.get("prompt", "")
        if prompt not in built_in_prompts():
            return {}
        number = request.GET.get("version", "")
        row = PromptText.objects.filter(prompt=prompt, number=int(number)).first() if number.isdecimal() else None
        system, user = (row.system, row.user) if row else built_in_text(prompt)
        return {"prompt": prompt, "system": system, "user": user}

    def save_model(self, request: HttpRequest, obj: PromptText, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Note who wrote it."""
        obj.created_by_id = request.user.pk
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: PromptText | None = None) -> bool:
        """Only the actions change something: which version is in use."""
        return obj is None and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: PromptText | None = None) -> bool:
        return False

    @admin.action(description="Use this version")
    def use(self, request: HttpRequest, queryset: QuerySet[PromptText]) -> None:
        """Put the chosen versions in use; of one prompt only one can be."""
        chosen = list(queryset)
        if len({text.prompt for text in chosen}) < len(chosen):
            messages.error(request, "Choose one version of a prompt.")
            return
        for text in chosen:
            text.is_active = True
            text.save()
        messages.success(request, f"In use within a few seconds: {', '.join(map(str, chosen))}.")

    @admin.action(description="Go back to the built-in text")
    def use_built_in(self, request: HttpRequest, queryset: QuerySet[PromptText]) -> None:
        """Take the chosen versions out of use."""
        for text in queryset.filter(is_active=True):
            text.is_active = False
            text.save()
        messages.success(request, "The built-in texts are in use again within a few seconds.")
