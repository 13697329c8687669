"""The page that prepares for an interview: likely questions with the lines of the CV that answer them."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs.interview import prepare
from jobs.models import Match
from jobs.services.material import material_of
from jobs.views.access import own

ROWS = Match.objects.select_related("posting", "resume_version__cv")
KINDS = {"proof": "Your CV answers it", "close": "Your CV comes near", "gap": "Nothing in your CV", "motive": "Yours to say", "timeline": "Dates"}  # fmt: skip
BADGES = {"proof": "ok", "close": "warn", "gap": "bad", "motive": "info", "timeline": "info"}


@require_safe
@login_required
def interview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what may be asked about a CV and a posting that were matched."""
    row = own(request, ROWS, pk)
    material = material_of(row.resume_version, row.posting)
    preparation = prepare(material.resume, material.analysis, material.report)
    shown = [(question, KINDS[question.kind], BADGES[question.kind]) for question in preparation.questions]
    context = {
        "match": row,
        "posting": row.posting,
        "cv": row.resume_version.cv,
        "questions": shown,
        "to_ask": preparation.to_ask,
    }
    return render(request, "jobs/interview.html", context)
