"""Administration of invoices: files that were imported, the page to import one, and what they say beside the ledger."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from usage.errors import InvoiceFormError
from usage.invoices.comparing import Comparison, DayRow, Pair, compare, compared_providers
from usage.invoices.importing import import_invoice, known_providers
from usage.models import ProviderInvoice
from usage.money import format_usd
from usage.rollups import ASKED, read
from usage.types import EMBEDDED_PROVIDER

# How many days the page shows; earlier ones are on the command line.
MOST_DAYS = 92


class ImportForm(forms.Form):
    """A provider's file."""

    provider = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    file = forms.FileField(widget=UnfoldAdminFileFieldWidget, help_text="An export as CSV or JSON.")
    time_zone = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Only where the days of the file are not those that its form has: UTC, or Los Angeles for Google.",
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Offer the providers whose forms are known, and those that the ledger knows."""
        super().__init__(*arguments, **named)
        seen = {str(cell.names[0]) for cell in read(by=["provider"], counted=ASKED)}
        names = sorted({*known_providers(), *seen} - {"", EMBEDDED_PROVIDER})
        self.fields["provider"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]  # of a ChoiceField


@dataclass(frozen=True, slots=True)
class Bar:
    """A pair of figures from 0 to 100 of the largest."""

    billed: float
    ledger: float


@admin.register(ProviderInvoice)
class ProviderInvoiceAdmin(ModelAdmin):
    """Files of providers, the latest first."""

    list_display = ("shown_file", "provider", "kind", "first_day", "last_day", "billed", "lines", "imported_at")
    list_filter = ("provider", "kind")
    search_fields = ("file_name", "digest")
    fields = (
        ("provider", "kind"),
        "form",
        "file_name",
        "digest",
        ("first_day", "last_day"),
        "time_zone",
        ("billed", "lines"),
        "passed_over",
        ("imported_at", "imported_by"),
    )
    list_select_related = ("imported_by",)

    def has_change_permission(self, request: HttpRequest, obj: ProviderInvoice | None = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        """Add the page of the comparison; what adds a row is the page that imports a file."""
        page = self.admin_site.admin_view(self.compare_view)
        return [path("compare/", page, name="usage_providerinvoice_compare"), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Import a file, and go to what it says."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid() and (address := self._import(request, form)):
            return HttpResponseRedirect(address)
        context = self.admin_site.each_context(request) | {"title": "Import what a provider bills", "form": form}
        return TemplateResponse(request, "admin/usage/invoice_import.html", context)

    def _import(self, request: HttpRequest, form: ImportForm) -> str:
        """Return where to go next; empty where the file cannot be read, which the form then says."""
        values = form.cleaned_data
        try:
            done = import_invoice(
                values["file"].read(),
                provider=values["provider"],
                file_name=values["file"].name,
                time_zone=values["time_zone"],
                user=request.user,
            )
        except InvoiceFormError as error:
            form.add_error("file", error.user_message)
            return ""
        told = "The file was imported before; nothing has changed." if done.is_known else f"Read: {done.invoice.form}."
        messages.success(request, told)
        return f"{reverse('admin:usage_providerinvoice_compare')}?provider={values['provider']}"

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """Show a provider's days beside the ledger's."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        names = compared_providers()
        asked = request.GET.get("provider", "")
        name = asked if asked in names else next(iter(names), "")
        found = compare(name) if name else None
        days = [(day, _bar(day, found)) for day in found.days[-MOST_DAYS:]][::-1] if found else []
        more = {"title": "Billed, and in the ledger", "names": names, "name": name, "found": found, "days": days}
        context = self.admin_site.each_context(request) | more
        context["may_import"] = self.has_add_permission(request)
        return TemplateResponse(request, "admin/usage/invoice_compare.html", context)

    @display(description="File", ordering="file_name")
    def shown_file(self, invoice: ProviderInvoice) -> str:
        return format_html(
            '{} <a href="{}?provider={}">compare</a>',
            invoice.file_name,
            reverse("admin:usage_providerinvoice_compare"),
            invoice.provider,
        )

    @display(description="Billed", ordering="billed_nanousd")
    def billed(self, invoice: ProviderInvoice) -> str:
        return format_usd(invoice.billed_nanousd)


def _bar(day: DayRow, found: Comparison) -> Bar:
    """Put a day's figures on the scale of all days."""
    has_cost = found.cost is not None
    pairs = [pair for one in found.days if (pair := one.cost if has_cost else one.tokens)]
    most = max((max(pair.billed, pair.ledger) for pair in pairs), default=0) or 1
    pair = (day.cost if has_cost else day.tokens) or Pair(0, 0)
    return Bar(max(0.0, 100 * pair.billed / most), max(0.0, 100 * pair.ledger / most))
