"""Pages of tailored CVs: changes as cards, decided one by one or all at once, and the accepted state as a file."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from cv.errors import CVError
from jobs.comparing import side_by_side
from jobs.display import cards_of
from jobs.errors import JobsError
from jobs.models import Decision, TailoredCV, WorkStatus
from jobs.services import fitting, tailoring
from jobs.views.access import as_download, back_with, chosen_engine, chosen_pair, is_fragment, own, user_of, written

ROWS = TailoredCV.objects.select_related("resume_version__cv", "posting", "background_task")
PAGE_CHOICES = {"0": "as many as it takes", "1": "one", "2": "two"}
OPEN = (WorkStatus.QUEUED, WorkStatus.RUNNING)


@require_POST
@login_required
def tailor(request: HttpRequest) -> HttpResponse:
    """Start to tailor a CV to a posting."""
    cv, posting = chosen_pair(request)
    try:
        tailored = tailoring.start_tailoring(
            owner=user_of(request), cv=cv, posting=posting, provider=chosen_engine(request)
        )
    except JobsError as error:
        return back_with(request, error, "jobs:posting", posting.pk)
    return redirect("jobs:tailored", tailored.pk)


@require_safe
@login_required
def tailored(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a tailored CV: progress while it is made, then its changes."""
    return _page(request, own(request, ROWS, pk))


@require_POST
@login_required
def decide(request: HttpRequest, pk: int, change_pk: int) -> HttpResponse:
    """Accept or reject one change, or take the decision back."""
    row = own(request, ROWS, pk)
    change = get_object_or_404(row.changes.all(), pk=change_pk)
    try:
        tailoring.decide(change=change, decision=_decision(request))
    except JobsError as error:
        messages.error(request, error.user_message)
    return _answer(request, row)


@require_POST
@login_required
def edit(request: HttpRequest, pk: int, change_pk: int) -> HttpResponse:
    """Give a change another text."""
    row = own(request, ROWS, pk)
    change = get_object_or_404(row.changes.all(), pk=change_pk)
    try:
        tailoring.edit_change(change=change, after=written(request, "after", most=2_000))
    except JobsError as error:
        messages.error(request, error.user_message)
    return _answer(request, row)


@require_POST
@login_required
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an earlier tailored CV the latest one."""
    row = own(request, ROWS, pk)
    try:
        return redirect("jobs:tailored", tailoring.restore(tailored=row).pk)
    except JobsError as error:
        return back_with(request, error, "jobs:tailored", row.pk)


@require_safe
@login_required
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a tailored CV beside another version of it, or beside the CV as it was; `with` names the other one."""
    row = own(request, ROWS, pk)
    if row.status != WorkStatus.DONE:
        return redirect("jobs:tailored", row.pk)
    versions = [other for other in tailoring.versions_of(row) if other.status == WorkStatus.DONE]
    wanted = request.GET.get("with", "")
    other = next((version for version in versions if str(version.pk) == wanted and version.pk != row.pk), None)
    before = tailoring.accepted_resume(other) if other else row.resume_version.resume.assign_ids()
    rows = side_by_side(tailoring.lines_of(before), tailoring.lines_of(tailoring.accepted_resume(row)))
    context = {
        "tailored": row,
        "other": other,
        "posting": row.posting,
        "versions": [(number, version) for number, version in enumerate(versions, start=1) if version.pk != row.pk],
        "latest": versions[-1],
        "rows": rows,
        "differing": sum(not line.is_same for line in rows),
        "scores": [tailoring.score_after(other) if other else row.score_before, tailoring.score_after(row)],
    }
    return render(request, "jobs/tailored_compare.html", context)


@require_POST
@login_required
def decide_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide all changes that are not decided yet."""
    row = own(request, ROWS, pk)
    try:
        only_safe = request.POST.get("only_safe") == "yes"
        tailoring.decide_all(tailored=row, decision=_decision(request), only_safe=only_safe)
    except JobsError as error:
        messages.error(request, error.user_message)
    return _answer(request, row)


@require_POST
@login_required
def fit(request: HttpRequest, pk: int) -> HttpResponse:
    """Set how many pages the file may take."""
    row = own(request, ROWS, pk)
    wanted = request.POST.get("pages", "")
    if wanted not in PAGE_CHOICES:
        raise Http404
    try:
        fitting.fit_tailored(tailored=row, pages=int(wanted))
    except JobsError as error:
        messages.error(request, error.user_message)
    return _answer(request, own(request, ROWS, pk))


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the work."""
    row = own(request, ROWS, pk)
    tailoring.cancel_tailoring(tailored=row)
    return redirect("jobs:tailored", row.pk)


@require_safe
@login_required
def export(request: HttpRequest, pk: int, format_name: str) -> HttpResponse:
    """Send the accepted state as a file."""
    row = own(request, ROWS, pk)
    try:
        return as_download(tailoring.export_tailored(tailored=row, format_name=format_name))
    except KeyError as error:
        raise Http404 from error
    except (JobsError, CVError) as error:
        return back_with(request, error, "jobs:tailored", row.pk)


def _decision(request: HttpRequest) -> Decision:
    try:
        return Decision(request.POST.get("decision", ""))
    except ValueError as error:
        raise Http404 from error


def _answer(request: HttpRequest, row: TailoredCV) -> HttpResponse:
    return _page(request, row) if is_fragment(request) else redirect("jobs:tailored", row.pk)


def _page(request: HttpRequest, row: TailoredCV) -> HttpResponse:
    is_done = row.status == WorkStatus.DONE
    cards = cards_of(row) if is_done else []
    context = {
        "tailored": row,
        "posting": row.posting,
        "cv": row.resume_version.cv,
        "is_open": row.status in OPEN,
        "cards": cards,
        "accepted": sum(card.change.decision == Decision.ACCEPTED for card in cards),
        "undecided": sum(card.change.decision == Decision.PROPOSED for card in cards),
        "lifted": tailoring.lift(row) if is_done else [],
        "versions": tailoring.versions_of(row),
        "with_text": tailoring.WITH_TEXT,
        "page_choices": PAGE_CHOICES.items(),
        "page_target": PAGE_CHOICES.get(str(row.pages), ""),
        "keeps_within": is_done and row.pages > 0 and fitting.keeps_within(row),
        "score_after": tailoring.score_after(row) if is_done else None,
    }
    template = "jobs/_tailored.html" if is_fragment(request) else "jobs/tailored.html"
    return render(request, template, context)
