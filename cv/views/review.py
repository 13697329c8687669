"""The CV beside its document: progress while it is read, then every value with its source, to be corrected in place."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cv import services
from cv.errors import CVError, NotParsedError, UnknownItemError
from cv.models import CV, ParseRun, ParseStatus, ResumeVersion
from cv.presentation import LOW_CONFIDENCE, count_low, sections_of, value_view
from cv.resume import CEFRLevel, Resume
from cv.review import field_kinds
from cv.views.access import error_part, is_fragment, latest_run, own_cv, to_page

OPEN = {ParseStatus.QUEUED, ParseStatus.RUNNING}
SHOWN_LINES = 1_000


@require_safe
@own_cv
def detail(request: HttpRequest, cv: CV) -> HttpResponse:
    """Show how far the reading is, why it failed, or the CV beside its document."""
    run = latest_run(cv)
    context: dict[str, Any] = {"cv": cv, "run": run, "is_open": run is not None and run.status in OPEN}
    if cv.current_version is None:
        return render(request, "cv/reading.html", context)
    resume = cv.current_version.resume
    context |= _review_context(cv.current_version, resume) | _document_context(cv)
    context |= {"sections": sections_of(resume), "formats": services.EXPORT_FORMATS, "unassigned": resume.unassigned}
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
    """Read the document once more; corrections are kept."""
    try:
        services.reparse(cv=cv)
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
        shown |= {"problem": problem, "written": request.POST.get("value", shown["value"].written)}
        template = "cv/_value_form.html" if is_fragment(request) else "cv/value.html"
        return render(request, template, shown, status=400 if problem else 200)
    if not is_fragment(request):
        return to_page(request, "cv:detail", cv.pk)
    return render(request, "cv/_value_saved.html", shown)


def _save_value(request: HttpRequest, cv: CV, item_id: str, field: str) -> str:
    """Save what was entered, and return what is wrong with it, if anything; other errors are raised."""
    number = request.POST.get("version", "")
    expected = int(number) if number.isdecimal() else None
    try:
        if "confirm" in request.POST:
            services.confirm_value(cv=cv, item_id=item_id, field=field)
        else:
            services.edit_value(
                cv=cv, item_id=item_id, field=field, written=request.POST.get("value", ""), expected_number=expected
            )
    except UnknownItemError:
        raise
    except CVError as error:
        return error.user_message
    return ""


def _value_context(cv: CV, item_id: str, field: str) -> dict[str, Any]:
    version = cv.current_version
    if version is None:
        raise NotParsedError
    resume = version.resume
    item = resume.item(item_id) if item_id else None
    if item is None or field not in field_kinds(item):
        raise UnknownItemError
    return {"cv": cv, "value": value_view(item, field), "levels": list(CEFRLevel), **_review_context(version, resume)}


@require_POST
@own_cv
def confirm_all(request: HttpRequest, cv: CV) -> HttpResponse:
    """Take every value as right."""
    return _changed(request, cv, lambda: services.confirm_all(cv=cv), "All values are confirmed.")


@require_POST
@own_cv
def add(request: HttpRequest, cv: CV) -> HttpResponse:
    """Add an empty item, and lead to it."""
    collection, parent_id = request.POST.get("collection", ""), request.POST.get("parent", "")
    try:
        _, item_id = services.add_item(cv=cv, collection=collection, parent_id=parent_id)
    except CVError as error:
        return error_part(request, error)
    return redirect(f"{reverse('cv:detail', args=[cv.pk])}#item-{item_id}")


@require_POST
@own_cv
def remove(request: HttpRequest, cv: CV) -> HttpResponse:
    """Remove an item; the version before still has it."""
    item_id = request.POST.get("item", "")
    text = "The entry was removed. “Undo last change” brings it back."
    if not is_fragment(request):
        return _changed(request, cv, lambda: services.remove_item(cv=cv, item_id=item_id), text)
    try:
        version = services.remove_item(cv=cv, item_id=item_id)
    except CVError as error:
        return error_part(request, error)
    return render(request, "cv/_removed.html", {"cv": cv, **_review_context(version, version.resume)})


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
    return _changed(request, cv, lambda: services.restore_version(cv=cv, number=number), text)


def _changed(request: HttpRequest, cv: CV, change: Callable[[], object], text: str = "") -> HttpResponse:
    """Make a change and show the CV with it."""
    try:
        change()
    except CVError as error:
        return error_part(request, error)
    if text:
        messages.success(request, text)
    return to_page(request, "cv:detail", cv.pk)


def _review_context(version: ResumeVersion, resume: Resume) -> dict[str, Any]:
    return {"version": version, "low_count": count_low(resume), "low_confidence": LOW_CONFIDENCE}


def _document_context(cv: CV) -> dict[str, Any]:
    """Return what the page shows of the document: its pages, or its lines where it has no pages of its own."""
    document = cv.documents.first()
    extracted = (document.extracted if document else None) or {}
    lines = extracted.get("lines", [])
    reading = ParseRun.objects.filter(document__cv=cv, status=ParseStatus.DONE).first()
    report = reading.report if reading else {}
    return {
        "document": document,
        "pages": extracted.get("pages", []) if extracted.get("media_type") == "application/pdf" else [],
        "lines": lines[:SHOWN_LINES],
        "line_boxes": {line["id"]: [line["page"], *line["box"]] for line in lines if line.get("box")},
        "hidden_lines": [line for line in lines if line.get("hidden")],
        "warnings": extracted.get("warnings", []),
        "injections": report.get("injections", []),
        "missing": report.get("missing", []),
        "disagreements": report.get("disagreements", []),
    }
