"""Admin of the models that the site itself says something about."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from ai_router.catalog import ModelFacts
from ai_router.modelbook import BOOK, NUMBERS, SWITCHES, facts_in_force
from ai_router.models import CatalogModel, NeedsResponses
from ai_router.pricebook import OWN, prices_in_force
from ai_router.pricing import Prices
from ai_router.types import Candidate
from usage.types import TokenUsage

UNSAID = "As its base"
ANSWERS = [("", UNSAID), ("true", "Yes"), ("false", "No")]


class CatalogModelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A model; each yes-or-no may also be left to the base."""

    class Meta:
        model = CatalogModel
        fields = (
            "provider",
            "model",
            "based_on",
            "costs_as_base",
            *NUMBERS,
            "reasoning_effort",
            *SWITCHES,
            "needs_responses",
            "note",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer three answers where a fact may be left to the base."""
        super().__init__(*args, **kwargs)
        for name in SWITCHES:
            plain = self.fields[name]
            self.fields[name] = forms.TypedChoiceField(
                label=plain.label,
                choices=ANSWERS,
                coerce=lambda word: word == "true",
                empty_value=None,
                required=False,
                help_text=plain.help_text,
                widget=UnfoldAdminSelectWidget,
            )
            kept = getattr(self.instance, name)
            self.initial[name] = "" if kept is None else str(kept).lower()
        self.fields["needs_responses"] = forms.ChoiceField(
            label="Needs Responses",
            choices=[("", UNSAID), *NeedsResponses.choices],
            required=False,
            help_text=self.fields["needs_responses"].help_text,
            widget=UnfoldAdminSelectWidget,
        )


@admin.register(CatalogModel)
class CatalogModelAdmin(ModelAdmin):
    """Models of the site."""

    form = CatalogModelForm
    list_display = ("model", "provider", "based_on", "window", "price", "note")
    list_filter = ("provider",)
    search_fields = ("model", "based_on", "note")
    readonly_fields = ("what_holds",)
    fieldsets = (
        (
            None,
            {
                "description": "A fine-tuned model, a deployment, a model of your own servers, or a known one of which you know "
                "better. What you leave empty is as with the model that it is based on.",
                "fields": (("provider", "model"), ("based_on", "costs_as_base"), "note", "what_holds"),
            },
        ),
        ("Size", {"fields": (("context_window", "max_output"),)}),
        ("Thinking", {"fields": (("reasoning_effort", "reasoning_allowance"),)}),
        (
            "What it takes",
            {
                "fields": (
                    ("takes_images", "takes_documents"),
                    ("takes_tools", "has_schema"),
                    ("takes_sampling", "embeds"),
                    "needs_responses",
                )
            },
        ),
    )

    @display(description="Window")
    def window(self, row: CatalogModel) -> str:
        return _number(facts_in_force(_candidate(row)).context_window)

    @display(description="Price, USD per million")
    def price(self, row: CatalogModel) -> str:
        return _price(prices_in_force([_candidate(row)])[_candidate(row)])

    @display(description="What holds now")
    def what_holds(self, row: CatalogModel) -> str | SafeString:
        """Return what the router takes for true of a saved model: its own facts, those of its base, and its price."""
        if not row.pk:
            return "Shown once it is saved."
        facts = facts_in_force(_candidate(row))
        lines = [*_lines(facts), ("price", _price(prices_in_force([_candidate(row)])[_candidate(row)]))]
        return format_html_join("", "{}: {}<br>", lines)

    def save_model(self, request: HttpRequest, obj: CatalogModel, form: Any, change: bool) -> None:  # noqa: FBT001
        """Let the facts hold at once in this process."""
        super().save_model(request, obj, form, change)
        _forget()

    def delete_model(self, request: HttpRequest, obj: CatalogModel) -> None:
        """Let the facts be gone at once in this process."""
        super().delete_model(request, obj)
        _forget()


def _forget() -> None:
    BOOK.forget()
    OWN.forget()


def _candidate(row: CatalogModel) -> Candidate:
    return Candidate(row.provider, row.model)


def _lines(facts: ModelFacts) -> list[tuple[str, str]]:
    """Return the facts in words."""
    said = asdict(facts)
    taken = [name.partition("_")[2] for name in ("takes_images", "takes_documents", "takes_tools") if said[name]]
    return [
        ("window", _number(facts.context_window)),
        ("longest answer", _number(facts.max_output)),
        (
            "thinking",
            f"{facts.reasoning_effort or 'as it likes'}, {facts.reasoning_allowance:,} tokens beside the answer",
        ),
        ("takes", ", ".join(["text", *taken])),
        ("JSON schema", "held to it" if facts.has_schema else "asked in words"),
        ("writes", "no, it makes vectors" if facts.embeds else "yes"),
    ]


def _number(tokens: int | None) -> str:
    return "unknown" if tokens is None else f"{tokens:,} tokens"


def _price(prices: Prices | None) -> str:
    """Return the price of input and output; what is unknown says what to do."""
    if prices is None:
        return "unknown: enter it under “Model prices”"
    applied = prices.applied_to(TokenUsage())
    return f"{applied.get('input', '?')} in, {applied.get('output', '?')} out ({prices.source})"
