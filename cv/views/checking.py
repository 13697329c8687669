"""The check of a CV: what makes it hard to read, why, and what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cv import services
from cv.checking import Area, Weight
from cv.errors import CVError
from cv.models import CV
from cv.views.access import error_part, own_cv


@require_safe
@own_cv
def check(request: HttpRequest, cv: CV) -> HttpResponse:
    """Show what the check found, by area; areas without a finding are named as well."""
    try:
        findings = services.check(cv=cv)
    except CVError as error:
        return error_part(request, error)
    areas = [(area, [finding for finding in findings if finding.area == area]) for area in Area]
    if not cv.documents.exists():
        areas = [(area, found) for area, found in areas if area != Area.FILE]
    to_mend = sum(finding.weight == Weight.MEND for finding in findings)
    context = {"cv": cv, "areas": areas, "to_mend": to_mend, "to_consider": len(findings) - to_mend}
    return render(request, "cv/check.html", context)
