"""Pages of applications: the board by stage, one application with its history, documents and reminder."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cv.services import ExportedFile
from jobs.errors import JobsError
from jobs.forms import ApplicationForm, KeepForm, StageForm
from jobs.models import Application, Posting, Stage
from jobs.presentation import board_of
from jobs.services import applications
from jobs.views.access import as_download, back_with, key_of, own, user_of

ROWS = Application.objects.select_related("posting")


@require_safe
@login_required
def board(request: HttpRequest) -> HttpResponse:
    """Show all applications by stage, what is due, and what came of them."""
    user = user_of(request)
    rows = ROWS.for_user(user).prefetch_related("history")
    context = {
        "columns": board_of(rows),
        "statistics": applications.statistics(user),
        "due": applications.due(user),
        "postings": Posting.objects.for_user(user).exclude(applications__owner_id=user.pk)[:50],
        "stages": Stage.choices,
    }
    return render(request, "jobs/applications.html", context)


@require_POST
@login_required
def track(request: HttpRequest) -> HttpResponse:
    """Put a posting on the board."""
    posting = own(request, Posting.objects.all(), key_of(request.POST.get("posting", "")))
    application = applications.track(owner=user_of(request), posting=posting)
    return redirect("jobs:application", application.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def application(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one application, and save its notes and reminder."""
    row = own(request, ROWS, pk)
    noted = {"notes": row.notes, "remind_on": row.remind_on, "reminder": row.reminder}
    form = ApplicationForm(request.POST or None, initial=noted)
    if request.method == "POST" and form.is_valid():
        applications.note(application=row, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("jobs:application", row.pk)
    context = {
        "application": row,
        "form": form,
        "stage_form": StageForm(initial={"stage": row.stage}),
        "keep_form": KeepForm(application=row),
        "history": row.history.all(),
        "documents": row.documents.defer("data"),
        "today": timezone.localdate().isoformat(),
    }
    return render(request, "jobs/application.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring an application to another stage."""
    row = own(request, ROWS, pk)
    form = StageForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a stage and a day that has been.")
        return redirect("jobs:application", row.pk)
    applications.move(application=row, stage=Stage(form.cleaned_data["stage"]), on=form.cleaned_data["on"])
    return redirect(
        "jobs:applications" if request.POST.get("back") == "board" else "jobs:application", *_back(request, row)
    )


@require_POST
@login_required
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep documents as they were sent."""
    row = own(request, ROWS, pk)
    form = KeepForm(request.POST, application=row)
    if form.is_valid():
        try:
            kept = applications.keep_documents(application=row, **form.cleaned_data)
        except JobsError as error:
            return back_with(request, error, "jobs:application", row.pk)
        messages.success(request, f"Kept: {', '.join(document.name for document in kept)}.")
    else:
        messages.error(request, "Choose documents of this job.")
    return redirect("jobs:application", row.pk)


@require_safe
@login_required
def document(request: HttpRequest, pk: int, document_pk: int) -> HttpResponse:
    """Send a document as it was sent."""
    found = get_object_or_404(own(request, ROWS, pk).documents.all(), pk=document_pk)
    return as_download(ExportedFile(found.name, found.media_type, bytes(found.data)))


@require_POST
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an application off the board, with its notes and documents; the posting stays."""
    row = own(request, ROWS, pk)
    row.delete()
    messages.success(request, f"“{row.posting.title}” is off the board.")
    return redirect("jobs:applications")


def _back(request: HttpRequest, row: Application) -> list[int]:
    return [] if request.POST.get("back") == "board" else [row.pk]
