"""Admin of what was learned of models: a window, no lever."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path
from unfold.admin import ModelAdmin
from unfold.decorators import display

from ai_router.admin.comparison import comparison_view
from ai_router.intervals import wilson
from ai_router.models import ModelOutcome
from ai_router.types import TaskType
from usage.money import format_usd

# The normal quantile of an interval that holds four times of five.
EIGHTY_PERCENT = 1.2816


@admin.register(ModelOutcome)
class ModelOutcomeAdmin(ModelAdmin):
    """How often each model's answers pass, by task and prompt: what the cascade decides by."""

    list_display = ("task", "prompt_version", "candidate", "asked", "rate", "answers", "cost", "time", "updated_at")
    list_filter = ("task_type", "provider", "is_escalation")
    search_fields = ("model", "prompt_version")
    search_help_text = "Name of the model, or version of the prompt."
    list_display_links = None
    ordering = ("task_type", "prompt_version", "is_escalation", "provider", "model")
    sortable_by = ()

    @display(description="Task", ordering="task_type")
    def task(self, outcome: ModelOutcome) -> str:
        known = dict(TaskType.choices)
        return str(known.get(outcome.task_type, outcome.task_type))

    @display(description="Model", ordering="model")
    def candidate(self, outcome: ModelOutcome) -> str:
        return f"{outcome.provider}/{outcome.model}"

    @display(description="Asked", ordering="is_escalation")
    def asked(self, outcome: ModelOutcome) -> str:
        return "after a rejection" if outcome.is_escalation else "first"

    @display(description="Passed the verifier")
    def rate(self, outcome: ModelOutcome) -> str:
        """Return the rate of late, with the interval that holds it four times of five (Wilson)."""
        tally = outcome.tally
        if tally.answers < 0.5:
            return "–"
        low, high = wilson(tally.passed, tally.answers, quantile=EIGHTY_PERCENT)
        return f"{tally.passed / tally.answers:.0%} ({low:.0%}–{high:.0%})"

    @display(description="Cost of a turn")
    def cost(self, outcome: ModelOutcome) -> str:
        """Return the mean cost, repairs included, and how it compares with the prediction."""
        tally = outcome.tally
        if not tally.expected or not tally.answers:
            return "–"
        return f"{format_usd(round(tally.paid / tally.answers))} ({tally.paid / tally.expected:.2f} × predicted)"

    @display(description="Time of a turn")
    def time(self, outcome: ModelOutcome) -> str:
        return f"{outcome.seconds / outcome.tally.answers:.1f} s" if outcome.tally.answers else "–"

    def get_urls(self) -> list[Any]:
        """Add the page of models side by side."""
        page = self.admin_site.admin_view(self.compare_view)
        return [path("compare/", page, name="ai_router_compare"), *super().get_urls()]

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """Show models side by side."""
        return comparison_view(request, self.admin_site.each_context(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ModelOutcome | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ModelOutcome | None = None) -> bool:
        return False
