"""Pages of e-mail drafts."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from jobs.display import paragraphs_of
from jobs.errors import JobsError
from jobs.models import Email, EmailKind, WorkStatus
from jobs.services import emails
from jobs.views.access import back_with, chosen_pair, is_fragment, own, user_of

ROWS = Email.objects.select_related("resume_version__cv", "posting", "background_task")
OPEN = (WorkStatus.QUEUED, WorkStatus.RUNNING)


@require_POST
@login_required
def write_email(request: HttpRequest) -> HttpResponse:
    """Start an e-mail of the kind that the field `kind` names."""
    cv, posting = chosen_pair(request)
    kind = request.POST.get("kind", EmailKind.APPLICATION)
    kind = kind if kind in EmailKind.values else EmailKind.APPLICATION
    try:
        email = emails.start_email(owner=user_of(request), cv=cv, posting=posting, kind=EmailKind(kind))
    except JobsError as error:
        return back_with(request, error, "jobs:posting", posting.pk)
    return redirect("jobs:email", email.pk)


@require_safe
@login_required
def email(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draft with its evidence; nothing is ever sent from here."""
    row = own(request, ROWS, pk)
    is_open = row.status in OPEN
    context = {
        "email": row,
        "posting": row.posting,
        "cv": row.resume_version.cv,
        "is_open": is_open,
        "paragraphs": [] if is_open else paragraphs_of(row),
        "kinds": EmailKind.choices,
    }
    return render(request, "jobs/_email.html" if is_fragment(request) else "jobs/email.html", context)
