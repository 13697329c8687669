"""Administration of alerts: what is watched, what was found, who is told, what was stopped, and the audit log."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from usage.alerts.book import acknowledge
from usage.alerts.delivery import make_secret, send_trial
from usage.alerts.subjects import name_of
from usage.freezes import lift, note_manual
from usage.models import Alert, AlertChannel, AlertDelivery, AlertRule, AuditEntry, Budget, BudgetRaise, Freeze
from usage.money import format_usd
from usage.public_post import ForbiddenAddressError, check_url
from usage.types import AlertLevel, ChannelKind, DeliveryStatus, SubjectKind

LEVEL_COLOURS = {AlertLevel.INFO: "info", AlertLevel.WARNING: "warning", AlertLevel.CRITICAL: "danger"}
STATE_COLOURS = {"open": "danger", "acknowledged": "warning", "over": "success"}
# How the names of fields with amounts end.
NANOUSD = "_nanousd"
# What may count calls in such fields.
COUNTED_TOO = {str(model._meta.verbose_name) for model in (Budget, BudgetRaise)}
DELIVERY_COLOURS = {DeliveryStatus.WAITING: "info", DeliveryStatus.SENT: "success", DeliveryStatus.FAILED: "danger"}


class LookOnly:
    """Nothing can be added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AlertRule)
class AlertRuleAdmin(ModelAdmin):
    """What is watched, and from when on it is an alert."""

    list_display = ("name", "kind", "measure", "shown_limit", "level", "action", "is_on")
    list_editable = ("is_on",)
    list_filter = ("kind", "is_on", "action")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", ("kind", "measure"), ("limit", "fewest"), ("level", "is_on"))}),
        ("Which calls", {"fields": ("subject_kind", ("task_type", "provider"))}),
        (
            "What is done by itself",
            {
                "fields": ("action", ("action_limit", "action_minutes")),
                "description": "Only where something runs away. As it stops people's work, it acts far above the limit.",
            },
        ),
        ("Telling", {"fields": ("cooldown_minutes",)}),
    )

    @display(description="Limit", ordering="limit")
    def shown_limit(self, rule: AlertRule) -> str:
        return f"{rule.limit:g} {rule.unit}"


@admin.register(Alert)
class AlertAdmin(LookOnly, ModelAdmin):
    """What was found, newest first."""

    list_display = ("title", "shown_level", "shown_state", "began_at", "seen_at", "times", "user", "stopped")
    list_filter = ("level", ("resolved_at", admin.EmptyFieldListFilter), "rule", ("began_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("user", "freeze", "rule")
    list_per_page = 50
    search_fields = ("title", "text", "user__username")
    actions = ("acknowledge_selected",)
    change_form_outer_before_template = "admin/usage/_alert.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    "text",
                    ("level", "current_state"),
                    ("began_at", "seen_at"),
                    ("times", "resolved_at"),
                )
            },
        ),
        ("Why", {"fields": ("rule", "facts", "user")}),
        ("What was done", {"fields": ("freeze", ("acknowledged_by", "acknowledged_at"))}),
    )

    @display(description="Level", ordering="level", label=LEVEL_COLOURS)
    def shown_level(self, alert: Alert) -> tuple[str, str]:
        return alert.level, alert.get_level_display()

    @display(description="State", label=STATE_COLOURS)
    def shown_state(self, alert: Alert) -> tuple[str, str]:
        return alert.state, alert.state.capitalize()

    @display(description="State")
    def current_state(self, alert: Alert) -> str:
        return alert.state.capitalize()

    @display(description="Stopped")
    def stopped(self, alert: Alert) -> str:
        freeze = alert.freeze
        if freeze is None:
            return "–"
        return freeze.get_level_display() if freeze.is_in_force else "Let go"

    @admin.action(description="Acknowledge the selected alerts")
    def acknowledge_selected(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        """Tell others that somebody sees to them."""
        number = sum(acknowledge(alert, by=request.user) for alert in queryset)
        self.message_user(request, f"Acknowledged: {number}.")


class FreezeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A freeze that somebody sets by hand."""

    class Meta:
        model = Freeze
        fields = ("subject_kind", "subject_key", "level", "message", "until")
        help_texts = {"subject_key": "The number of the token or the user, or the task's name, such as cover_letter."}

    def clean(self) -> dict[str, Any]:
        """A token and a user have numbers."""
        cleaned = super().clean() or {}
        key = str(cleaned.get("subject_key", ""))
        is_number = key.isascii() and key.isdecimal()
        if cleaned.get("subject_kind") in {SubjectKind.TOKEN, SubjectKind.USER} and not is_number:
            self.add_error("subject_key", "Give the number of the token or the user.")
        return cleaned


@admin.register(Freeze)
class FreezeAdmin(ModelAdmin):
    """What is stopped, and what was."""

    form = FreezeForm
    list_display = ("__str__", "level", "shown_state", "made_at", "until", "rule", "made_by", "lifted_by", "undo")
    list_filter = ("subject_kind", "level", ("lifted_at", admin.EmptyFieldListFilter))
    list_select_related = ("rule", "made_by", "lifted_by")
    search_fields = ("subject_key", "subject_name", "message")
    fields = (("subject_kind", "subject_key"), "level", "message", "until")
    actions = ("lift_selected",)

    @display(description="State", label={"in force": "danger", "over": "success"})
    def shown_state(self, row: Freeze) -> str:
        return "in force" if row.is_in_force else "over"

    @display(description="Undo")
    def undo(self, row: Freeze) -> str:
        if not row.is_in_force:
            return "–"
        return format_html('<a class="text-primary-600" href="{}">Undo</a>', reverse("usage:undo", args=[row.pk]))

    def has_change_permission(self, request: HttpRequest, obj: Freeze | None = None) -> bool:
        """A freeze is undone, not edited; actions need the permission all the same."""
        return bool(obj is None and super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Freeze | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Freeze, form: Any, change: bool) -> None:  # noqa: FBT001
        obj.made_by_id = request.user.pk
        obj.subject_name = name_of(obj.subject_kind, obj.subject_key)[:200]
        super().save_model(request, obj, form, change)
        note_manual(obj, by=request.user)

    @admin.action(description="Let the selected go on")
    def lift_selected(self, request: HttpRequest, queryset: QuerySet[Freeze]) -> None:
        """Undo them."""
        number = sum(lift(row, by=request.user) for row in queryset)
        self.message_user(request, f"Undone: {number}.")


class AlertChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A channel; its addresses must fit its kind."""

    class Meta:
        model = AlertChannel
        fields = ("name", "kind", "addresses", "least_level", "is_on")

    def clean(self) -> dict[str, Any]:
        """E-mail addresses for mail, one public https address for the others."""
        cleaned = super().clean() or {}
        addresses = str(cleaned.get("addresses", "")).split()
        try:
            if cleaned.get("kind") == ChannelKind.EMAIL:
                for address in addresses:
                    validate_email(address)
            elif len(addresses) != 1:
                self.add_error("addresses", "Give one address.")
            else:
                check_url(addresses[0], allow_private=settings.WEBHOOK_ALLOW_PRIVATE)
        except ValidationError:
            self.add_error("addresses", "Give e-mail addresses, one a line.")
        except ForbiddenAddressError as error:
            self.add_error("addresses", str(error))
        return cleaned


@admin.register(AlertChannel)
class AlertChannelAdmin(ModelAdmin):
    """Who is told, and on which way."""

    form = AlertChannelForm
    list_display = ("name", "kind", "least_level", "is_on", "last")
    list_filter = ("kind", "is_on")
    actions = ("send_trials", "make_secrets")

    @display(description="Last message")
    def last(self, channel: AlertChannel) -> str:
        row = channel.deliveries.first()
        if row is None:
            return "–"
        return f"{row.get_status_display()}, {row.made_at:%d %b %H:%M}{f': {row.error}' if row.error else ''}"

    def save_model(self, request: HttpRequest, obj: AlertChannel, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        if obj.kind == ChannelKind.WEBHOOK and not obj.nonce:
            self._show_secret(request, obj)

    @admin.action(description="Send a trial message")
    def send_trials(self, request: HttpRequest, queryset: QuerySet[AlertChannel]) -> None:
        """See whether it arrives."""
        for channel in queryset:
            problem = send_trial(channel)
            said = f"“{channel}”: {problem}" if problem else f"“{channel}”: a trial message was taken."
            self.message_user(request, said, level="error" if problem else "success")

    @admin.action(description="Make a new secret for the selected webhooks")
    def make_secrets(self, request: HttpRequest, queryset: QuerySet[AlertChannel]) -> None:
        """Sign with another secret from now on."""
        for channel in queryset.filter(kind=ChannelKind.WEBHOOK):
            self._show_secret(request, channel)

    def _show_secret(self, request: HttpRequest, channel: AlertChannel) -> None:
        said = f"The secret that messages of “{channel}” are signed with, shown this once: {make_secret(channel)}"
        self.message_user(request, said, level="warning")


@admin.register(AlertDelivery)
class AlertDeliveryAdmin(LookOnly, ModelAdmin):
    """Messages that went out, or wait."""

    list_display = ("made_at", "channel", "shown_status", "what", "attempts", "next_at", "error")
    list_filter = ("status", "channel")
    list_select_related = ("channel",)
    fields = (("channel", "status"), ("attempts", "next_at"), "ended_at", "error", "body")

    @display(description="Status", ordering="status", label=DELIVERY_COLOURS)
    def shown_status(self, row: AlertDelivery) -> tuple[str, str]:
        return row.status, row.get_status_display()

    @display(description="What")
    def what(self, row: AlertDelivery) -> str:
        return "; ".join(str(entry.get("title", "")) for entry in row.body)[:120]


@admin.register(AuditEntry)
class AuditEntryAdmin(LookOnly, ModelAdmin):
    """Who changed what, newest first."""

    list_display = ("at", "actor_name", "action", "model", "object_name", "summary", "reason")
    list_filter = ("action", "model", ("at", RangeDateTimeFilter))
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("actor_name", "object_name", "object_id", "reason")
    fields = (("at", "action"), "actor_name", ("model", "object_id"), "object_name", "reason", "before_and_after")
    show_full_result_count = False

    @display(description="What changed")
    def summary(self, entry: AuditEntry) -> str:
        parts = [f"{name}: {before} → {after}" for name, before, after in _told(entry)]
        return ("; ".join(parts))[:160]

    @display(description="Before and after")
    def before_and_after(self, entry: AuditEntry) -> str:
        lines = format_html_join(
            "",
            "<tr><th scope='row' class='pr-4 text-left align-top'>{}</th><td class='pr-4'>{}</td><td>{}</td></tr>",
            _told(entry),
        )
        return format_html(
            "<table><tr><th></th><th class='pr-4 text-left'>Before</th><th class='text-left'>After</th></tr>{}</table>",
            lines,
        )


def _told(entry: AuditEntry) -> Iterator[tuple[str, str, str]]:
    """Yield each field that changed, by the alphabet, with what it was and is; amounts in dollars."""
    # PostgreSQL keeps no order of keys.
    for name, (before, after) in sorted(entry.changes.items()):
        is_money = name.endswith(NANOUSD) and entry.model not in COUNTED_TOO
        label = name.removesuffix(NANOUSD).replace("_", " ")
        yield label, _said(before, is_money=is_money), _said(after, is_money=is_money)


def _said(value: Any, *, is_money: bool) -> str:
    if value is None:
        return "–"
    return format_usd(value) if is_money and isinstance(value, int) else str(value)
