"""Pages of postings: the list with the form to add one, one posting with its requirements, delete."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.errors import JobsError
from jobs.fetching import FETCH_RATE, fetch_page
from jobs.forms import CVChoiceForm, PostingFileForm, PostingForm
from jobs.models import Match, Posting, PostingImport, WorkStatus
from jobs.posting import PostingAnalysis
from jobs.presentation import LANGUAGES, made_for, marked_text, requirement_groups
from jobs.services.postings import add_posting, delete_posting, start_import
from jobs.summary import summarise
from jobs.views.access import is_fragment, own, user_of
from usage.edge import UPLOAD_RATE, count_request, limit_rate

POSTINGS_PER_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def postings(request: HttpRequest) -> HttpResponse:
    """List the person's postings, and add one from pasted text or its address."""
    form = PostingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            posting, is_new = _added(request, form.cleaned_data)
        except JobsError as error:
            form.add_error("text" if form.cleaned_data["text"] else "source_url", error.user_message)
        else:
            if not is_new:
                messages.info(request, "You have this posting already.")
            return redirect(reverse("jobs:posting", args=[posting.pk]) + _chosen_cv(request))
    return _list_with(request, form, PostingFileForm())


def _added(request: HttpRequest, given: dict[str, str]) -> tuple[Posting, bool]:
    text, url = given["text"], given["source_url"]
    if not text:
        count_request(request, group="pages", key="user", rate=FETCH_RATE)
        page = fetch_page(url)
        text, url = page.text, page.url
    return add_posting(owner=user_of(request), text=text, source_url=url)


def _list_with(request: HttpRequest, form: PostingForm, files: PostingFileForm) -> HttpResponse:
    found = Posting.objects.for_user(request.user).prefetch_related("matches")
    page = Paginator(found, POSTINGS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "files": files, "page": page, "chosen_cv": _chosen_cv(request)}
    return render(request, "jobs/postings.html", context, status=422 if form.errors or files.errors else 200)


@require_POST
@login_required
@limit_rate(group="uploads", key="user", rate=UPLOAD_RATE)
def import_file(request: HttpRequest) -> HttpResponse:
    """Take in a file of many postings."""
    files = PostingFileForm(request.POST, request.FILES)
    if files.is_valid():
        file = files.cleaned_data["file"]
        try:
            row = start_import(owner=user_of(request), data=file.read(), name=file.name)
        except JobsError as error:
            files.add_error("file", error.user_message)
        else:
            return redirect("jobs:import", row.pk)
    return _list_with(request, PostingForm(), files)


@require_safe
@login_required
def imported(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a file of postings is, and what came of it."""
    row = own(request, PostingImport.objects.select_related("background_task").defer("data"), pk)
    context = {"import": row, "is_open": row.status in {WorkStatus.QUEUED, WorkStatus.RUNNING}}
    return render(request, "jobs/_import.html" if is_fragment(request) else "jobs/import.html", context)


@require_safe
@login_required
def posting(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a posting with its requirements marked, and offer a match."""
    shown = own(request, Posting.objects.all(), pk)
    analysis = PostingAnalysis.model_validate(shown.analysis)
    matches = Match.objects.for_user(request.user).filter(posting=shown).select_related("resume_version__cv")
    chosen = request.GET.get("cv", "")
    context = {
        "posting": shown,
        "analysis": analysis,
        "summary": summarise(analysis, closes_on=shown.valid_through),
        "parts": marked_text(shown.text, analysis),
        "groups": requirement_groups(analysis),
        "language": LANGUAGES.get(analysis.language, "Not recognised"),
        "employment": analysis.employment_type.replace("_", " ").capitalize(),
        "understood": round(analysis.completeness * 100),
        "matches": matches,
        "texts": made_for(shown),
        "form": CVChoiceForm(
            user_id=cast("int", request.user.pk), initial={"cv": chosen if chosen.isdecimal() else None}
        ),
    }
    return render(request, "jobs/posting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then delete a posting with all that was made for it."""
    doomed = own(request, Posting.objects.all(), pk)
    if request.method != "POST":
        return render(request, "jobs/posting_delete.html", {"posting": doomed})
    delete_posting(posting=doomed)
    messages.success(request, f"“{doomed.title}” was deleted.")
    return redirect("jobs:postings")


def _chosen_cv(request: HttpRequest) -> str:
    """Return the part of an address that keeps the CV with which the person came."""
    chosen = request.GET.get("cv", "")
    return f"?cv={chosen}" if chosen.isdecimal() else ""
