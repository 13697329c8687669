"""Pages of postings: the list with the form to add one, one posting with its requirements, delete."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from jobs.errors import JobsError
from jobs.forms import CVChoiceForm, PostingForm
from jobs.models import Match, Posting
from jobs.posting import PostingAnalysis
from jobs.presentation import LANGUAGES, made_for, marked_text, requirement_groups
from jobs.services.postings import create_posting, delete_posting
from jobs.summary import summarise
from jobs.views.access import own, user_of

POSTINGS_PER_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def postings(request: HttpRequest) -> HttpResponse:
    """List the person's postings, and add one from pasted text."""
    user = user_of(request)
    form = PostingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            posting = create_posting(
                owner=user, text=form.cleaned_data["text"], source_url=form.cleaned_data["source_url"]
            )
        except JobsError as error:
            form.add_error("text", error.user_message)
        else:
            return redirect(reverse("jobs:posting", args=[posting.pk]) + _chosen_cv(request))
    found = Posting.objects.for_user(user).prefetch_related("matches")
    page = Paginator(found, POSTINGS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "chosen_cv": _chosen_cv(request)}
    return render(request, "jobs/postings.html", context, status=422 if form.errors else 200)


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
        "summary": summarise(analysis, closes_on=f"{shown.valid_through:%-d %b %Y}" if shown.valid_through else ""),
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
