"""Admin of the prices: what models cost at this site."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from ai_router.models import ModelPrice
from ai_router.pricebook import OWN
from usage.types import NANOUSD_PER_USD

PRICE_FIELDS = ("input", "cached_input", "cache_write", "output")


def _dollar_field(label: str, *, is_required: bool = True) -> forms.DecimalField:
    """Return a field for a price in dollars, as exact as a nano-dollar."""
    return forms.DecimalField(
        label=label,
        required=is_required,
        min_value=0,
        decimal_places=9,
        help_text="" if is_required else "Empty: as input.",
        widget=UnfoldAdminDecimalFieldWidget,
    )


class ModelPriceForm(forms.ModelForm):  # type: ignore[type-arg]
    """Prices as vendors publish them: dollars per million tokens."""

    input = _dollar_field("Input, USD per million tokens")
    cached_input = _dollar_field("Cached input", is_required=False)
    cache_write = _dollar_field("Cache write", is_required=False)
    output = _dollar_field("Output, USD per million tokens")

    class Meta:
        model = ModelPrice
        fields = ("provider", "model", "service_tier", "effective_from", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the kept prices in dollars."""
        super().__init__(*args, **kwargs)
        for name in PRICE_FIELDS:
            kept = getattr(self.instance, f"{name}_nanousd_per_million")
            if kept is not None:
                self.initial[name] = Decimal(kept) / NANOUSD_PER_USD

    def clean(self) -> dict[str, Any]:
        """Turn dollars into whole nano-dollars."""
        cleaned = super().clean() or {}
        for name in PRICE_FIELDS:
            dollars = cleaned.get(name)
            setattr(
                self.instance,
                f"{name}_nanousd_per_million",
                None if dollars is None else int(dollars * NANOUSD_PER_USD),
            )
        return cleaned


@admin.register(ModelPrice)
class ModelPriceAdmin(ModelAdmin):
    """Prices of the site."""

    form = ModelPriceForm
    list_display = ("provider", "model", "tier_name", "effective_from", "input_dollars", "output_dollars", "note")
    list_filter = ("provider", "service_tier")
    search_fields = ("model", "note")
    fields = ("provider", "model", "service_tier", "effective_from", *PRICE_FIELDS, "note")

    def save_model(self, request: HttpRequest, obj: ModelPrice, form: Any, change: bool) -> None:  # noqa: FBT001
        """Let the price hold at once in this process."""
        super().save_model(request, obj, form, change)
        OWN.forget()

    @admin.display(description="Tier", ordering="service_tier")
    def tier_name(self, price: ModelPrice) -> str:
        return price.service_tier or "standard"

    @admin.display(description="Input, USD per million")
    def input_dollars(self, price: ModelPrice) -> str:
        return _dollars(price.input_nanousd_per_million)

    @admin.display(description="Output, USD per million")
    def output_dollars(self, price: ModelPrice) -> str:
        return _dollars(price.output_nanousd_per_million)


def _dollars(nanousd: int) -> str:
    return f"{(Decimal(nanousd) / NANOUSD_PER_USD).normalize():f}"
