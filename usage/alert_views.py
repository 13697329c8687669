"""Pages of alerts: one's own, and the buttons that see to one or undo what the site did."""

from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from usage.alerts.book import acknowledge, mark_read
from usage.freezes import lift
from usage.models import Alert, Freeze

ALERTS_PER_PAGE = 25


@login_required
def own_alerts(request: HttpRequest) -> HttpResponse:
    """Show a person what was found about their own calls, and staff what waits for them; opening it is reading it."""
    own = Paginator(Alert.objects.for_user(request.user), ALERTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "own": list(own),
        "page": own,
        "freezes": Freeze.objects.in_force().filter(subject_kind="user", subject_key=str(request.user.pk)),
        "waiting": [],
        "is_operator": request.user.has_perm("usage.view_alert"),
    }
    if context["is_operator"]:
        waiting = Alert.objects.open().for_operators().filter(acknowledged_at=None).select_related("freeze", "user")
        context["waiting"] = waiting[:ALERTS_PER_PAGE]
    response = render(request, "usage/alerts.html", context)
    mark_read(request.user)
    return response


@staff_member_required
@permission_required("usage.change_freeze", raise_exception=True)
def undo(request: HttpRequest, freeze_id: int) -> HttpResponse:
    """Show what was stopped, with one button that lets it go on; a link in a message leads here, and changes nothing."""
    row = get_object_or_404(Freeze.objects.select_related("rule"), pk=freeze_id)
    if request.method == "POST":
        if lift(row, by=request.user, reason=request.POST.get("reason", "")[:500]):
            messages.success(request, f"{row} may go on. Every process knows within a few seconds.")
        else:
            messages.info(request, f"{row} was let go before.")
        return redirect("admin:usage_freeze_changelist")
    return render(request, "usage/undo.html", {"freeze": row, "alert": row.alerts.first()})


@staff_member_required
@permission_required("usage.change_alert", raise_exception=True)
@require_POST
def see_to(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Acknowledge an alert."""
    alert = get_object_or_404(Alert, pk=alert_id)
    if acknowledge(alert, by=request.user):
        messages.success(request, "Acknowledged: it is not told again unless it becomes worse.")
    if request.POST.get("next") == "alerts":
        return redirect("usage:alerts")
    return redirect("admin:usage_alert_change", alert.pk)
