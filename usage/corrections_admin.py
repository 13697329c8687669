"""What was set right in the ledger, and what has left it for files: to look at, and to set a call's cost right."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter, RangeDateTimeFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from usage.corrections import correct_cost, correctable
from usage.errors import UncorrectableError
from usage.ledger_admin import ReadOnly
from usage.models import Archive, Correction
from usage.money import format_usd
from usage.money_field import DollarsField


class CorrectionForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """What a call cost in truth, and why."""

    call_id = forms.UUIDField(label="Call", widget=UnfoldAdminTextInputWidget, help_text="The id of its line.")
    cost = DollarsField(label="What it cost in truth, in dollars", help_text="All of it, not the difference.")
    reason = forms.CharField(
        widget=UnfoldAdminTextareaWidget, max_length=500, help_text="Such as “refunded by the provider, ticket 123”."
    )

    class Meta:
        model = Correction
        fields = ("reason",)

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be set right, and say why."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if isinstance(values.get("call_id"), UUID) and values.get("cost") is not None:
            try:
                with transaction.atomic():
                    correctable(values["call_id"], cost_nanousd=values["cost"])
            except UncorrectableError as error:
                raise ValidationError(error.user_message) from error
        return values


@admin.register(Correction)
class CorrectionAdmin(ModelAdmin):
    """What lines said before, and who set them right; a new correction is a new line."""

    form = CorrectionForm
    list_display = ("made_at", "call", "before", "after", "made_by", "reason")
    list_filter = (("made_at", RangeDateTimeFilter), ("made_by", admin.EmptyFieldListFilter))
    list_filter_submit = True
    list_select_related = ("call", "made_by")
    search_fields = ("call__id", "reason", "made_by__username")
    show_full_result_count = False
    list_per_page = 50
    shown = (("call", "made_at"), ("status_before", "before"), ("status_after", "after"), ("made_by", "reason"))

    def has_change_permission(self, request: HttpRequest, obj: Correction | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Correction | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Correction | None = None) -> Any:
        return self.shown if obj else ("call_id", "cost", "reason")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the call that a link names."""
        return {"call_id": request.GET.get("call", "")}

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Correction:  # noqa: FBT001 - Django's form
        """Write the correction: the form's own row would be only a part of it."""
        super().save_form(request, form, change)
        values = form.cleaned_data
        made = correct_cost(values["call_id"], cost_nanousd=values["cost"], reason=values["reason"], by=request.user)
        form.instance = made
        return made

    def save_model(self, request: HttpRequest, obj: Correction, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's form
        """Nothing is left to write."""

    @display(description="Said", ordering="cost_before_nanousd")
    def before(self, correction: Correction) -> str:
        return format_usd(correction.cost_before_nanousd)

    @display(description="Cost in truth", ordering="cost_after_nanousd")
    def after(self, correction: Correction) -> str:
        return format_usd(correction.cost_after_nanousd)


@admin.register(Archive)
class ArchiveAdmin(ReadOnly, ModelAdmin):
    """Files with lines that have left the database."""

    list_display = ("day", "part", "file", "calls", "attempts", "cost", "is_removed", "made_at")
    list_filter = (("day", RangeDateFilter), "is_removed")
    list_filter_submit = True
    search_fields = ("file", "digest")
    ordering = ("-day", "-part")
    fields = (("day", "part"), "file", "digest", ("calls", "attempts", "cost"), ("is_removed", "made_at"))

    @display(description="Cost", ordering="cost_nanousd")
    def cost(self, archive: Archive) -> str:
        return format_usd(archive.cost_nanousd)
