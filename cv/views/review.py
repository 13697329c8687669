"""The CV beside its document: progress while it is read, then every value with its source, to be corrected in place."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cv import services
from cv.entry_menu import assign_targets
from cv.errors import CVError, NotParsedError, UnknownItemError, VersionConflictError
from cv.extraction.sniffing import PDF
from cv.models import CV, ParseRun, ParseStatus, ResumeVersion
from cv.presentation import LOW_CONFIDENCE, count_low, count_sure, sections_of, value_view
from cv.resume import CEFRLevel, Resume
from cv.review import field_kinds
from cv.views.access import error_part, has_provider, is_fragment, latest_run, own_cv, to_page

OPEN = {ParseStatus.QUEUED, ParseStatus.RUNNING}
SHOWN_LINES = 1_000
ATTEMPTS = 4


@require_safe
@own_cv
def detail(request: HttpRequest, cv: CV) -> HttpResponse:
    """Show how far the reading is, why it failed, or the CV beside its document."""
    run = latest_run(cv)
    context: dict[str, Any] = {"cv": cv, "run": run, "is_open": run is not None and run.status in OPEN}
    if cv.current_version is None:
        return render(request, "cv/reading.html", context)
    resume = cv.current_version.resume
    context |= review_context(cv.current_version, resume) | _document_context(cv) | values_context(resume)
    return render(request, "cv/detail.html", context)


@require_safe
@own_cv
def progress(request: HttpRequest, cv: CV) -> HttpResponse:
    """Show how far the reading is; once it has ended, lead to the page that shows the result."""
    run = latest_run(cv)
    if run is None or run.status not in OPEN or not is_fragment(request):
        return to_page(request, "cv:detail", cv.pk)
    return render(request, "cv/_progress.html", {"cv": cv, "run": run})


@require_POST
@own_cv
def cancel(request: HttpRequest, cv: CV) -> HttpResponse:
    """Stop reading; the upload stays."""
    services.cancel_parse(cv=cv)
    return to_page(request, "cv:detail", cv.pk)


@require_POST
@own_cv
def read_again(request: HttpRequest, cv: CV) -> HttpResponse:
    """Read the document once more, with `provider=embedded` on this server only; corrections are kept."""
    provider = "embedded" if request.POST.get("provider") == "embedded" else "auto"
    try:
        services.reparse(cv=cv, provider=provider)
    except CVError as error:
        return error_part(request, error)
    return to_page(request, "cv:detail", cv.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@own_cv
def value(request: HttpRequest, cv: CV) -> HttpResponse:
    """Show one value, the form to correct it (`?edit=1`), or save what was entered."""
    item_id, field = request.GET.get("item", ""), request.GET.get("field", "")
    problem = ""
    try:
        if request.method == "POST":
            problem = _save_value(request, cv, item_id, field)
        shown = _value_context(cv, item_id, field)
    except CVError as error:
        return error_part(request, error)
    if problem or request.GET.get("edit"):
        written = shown["value"].written
        shown |= {"problem": problem, "written": request.POST.get("value", written)}
        shown["seen"] = request.POST.get("seen", written)
        template = "cv/_value_form.html" if is_fragment(request) else "cv/value.html"
        return render(request, template, shown, status=400 if problem else 200)
    if not is_fragment(request):
        return to_page(request, "cv:detail", cv.pk)
    return render(request, "cv/_value_saved.html", shown)


def _save_value(request: HttpRequest, cv: CV, item_id: str, field: str) -> str:
    """Save what was entered, and return what is wrong with it, if anything; other errors are raised."""
    seen = request.POST.get("seen")
    expected = shown_version(request) if seen is None else None
    written = request.POST.get("value", "")
    try:
        if "confirm" in request.POST:
            save = partial(services.confirm_value, cv=cv, item_id=item_id, field=field)
        else:
            save = partial(services.edit_value, cv=cv, item_id=item_id, field=field, written=written)
        insist(cv, partial(save, expected_number=expected, seen=seen))
    except UnknownItemError:
        raise
    except CVError as error:
        return error.user_message
    return ""


def shown_version(request: HttpRequest) -> int | None:
    """Return the version that a form was made for, if it says so."""
    number = request.POST.get("version", "")
    return int(number[:9]) if number.isdecimal() else None


def insist(cv: CV, change: Callable[[], object]) -> None:
    """Make a change that another one at the same moment does not spoil."""
    for _ in range(ATTEMPTS - 1):
        try:
            change()
        except VersionConflictError:
            cv.refresh_from_db(fields=["current_version"])
        else:
            return
    change()


def _value_context(cv: CV, item_id: str, field: str) -> dict[str, Any]:
    version = cv.current_version
    if version is None:
        raise NotParsedError
    resume = version.resume
    item = resume.item(item_id) if item_id else None
    if item is None or field not in field_kinds(item):
        raise UnknownItemError
    return {"cv": cv, "value": value_view(item, field), "levels": list(CEFRLevel), **review_context(version, resume)}


@require_safe
@own_cv
def versions(request: HttpRequest, cv: CV) -> HttpResponse:
    """Show every version of the CV."""
    return render(request, "cv/versions.html", {"cv": cv, "versions": cv.versions.defer("data")})


@require_POST
@own_cv
def restore(request: HttpRequest, cv: CV, number: int) -> HttpResponse:
    """Make an earlier version current again."""
    text = f"Version {number} is current again."
    try:
        services.restore_version(cv=cv, number=number)
    except CVError as error:
        return error_part(request, error)
    messages.success(request, text)
    return to_page(request, "cv:detail", cv.pk)


def review_context(version: ResumeVersion, resume: Resume) -> dict[str, Any]:
    """Return what the bar above the CV shows."""
    return {
        "version": version,
        "low_count": count_low(resume),
        "sure_count": count_sure(resume),
        "low_confidence": LOW_CONFIDENCE,
        "can_undo": services.undo_target(version) is not None,
        "can_redo": services.redo_target(version) is not None,
    }


def values_context(resume: Resume) -> dict[str, Any]:
    """Return what the column of values shows."""
    targets = assign_targets(resume) if resume.unassigned else []
    return {"sections": sections_of(resume), "unassigned": resume.unassigned, "assign_targets": targets}


def _document_context(cv: CV) -> dict[str, Any]:
    """Return what the page shows of the document: its pages, or its lines where it has no pages of its own."""
    document = cv.documents.first()
    extracted = (document.extracted if document else None) or {}
    lines = extracted.get("lines", [])
    reading = ParseRun.objects.filter(document__cv=cv, status=ParseStatus.DONE).first()
    report = reading.report if reading else {}
    media_type = extracted.get("media_type", "")
    return {
        "document": document,
        "pages": extracted.get("pages", []) if media_type == PDF or media_type.startswith("image/") else [],
        "lines": lines[:SHOWN_LINES],
        "line_boxes": {line["id"]: [line["page"], *line["box"]] for line in lines if line.get("box")},
        "hidden_lines": [line for line in lines if line.get("hidden")],
        "warnings": extracted.get("warnings", []),
        "injections": report.get("injections", []),
        "missing": report.get("missing", []),
        "placed": math.floor(report["completeness"] * 100) if "completeness" in report else None,
        "has_provider": has_provider(),
        "disagreements": report.get("disagreements", []),
    }
