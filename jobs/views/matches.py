"""Pages of matches: make one, and see how its score comes about."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from jobs.forms import CVChoiceForm
from jobs.matching import MatchReport
from jobs.models import Match, Posting
from jobs.presentation import ledger_groups
from jobs.services.matches import match_cv
from jobs.views.access import own, user_of

ROWS = Match.objects.select_related("posting", "resume_version__cv")


@require_POST
@login_required
def create_match(request: HttpRequest, pk: int) -> HttpResponse:
    """Match one of the person's CVs with a posting of theirs."""
    posting = own(request, Posting.objects.all(), pk)
    form = CVChoiceForm(request.POST, user_id=cast("int", request.user.pk))
    if not form.is_valid():
        messages.error(request, "Choose one of your CVs. If there is none yet, upload one first.")
        return redirect("jobs:posting", posting.pk)
    made = match_cv(owner=user_of(request), version=form.cleaned_data["cv"].current_version, posting=posting)
    return redirect("jobs:match", made.pk)


@require_safe
@login_required
def match(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a match: score, items, conditions, the ledger with its evidence, and what to do."""
    row = own(request, ROWS, pk)
    report = MatchReport.model_validate(row.report)
    cv = row.resume_version.cv
    context = {
        "match": row,
        "posting": row.posting,
        "cv": cv,
        "report": report,
        "groups": ledger_groups(report),
        "is_latest": cv.current_version_id == row.resume_version_id,
    }
    return render(request, "jobs/match.html", context)
