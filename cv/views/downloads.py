"""A CV as a file: chosen by style, paper, pages and sections, with a picture of what comes out."""

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cv import services
from cv.errors import CVError, MissingGlyphsError, NotParsedError
from cv.export import Layout, Paper, Style
from cv.forms import MAX_PAGES, layout_from
from cv.models import CV
from cv.presentation import TITLES
from cv.resume import DEFAULT_SECTION_ORDER, Resume
from cv.views.access import error_part, is_fragment, own_cv

REMEMBERED = "cv_layout"
# Of the number of a version.
MOST_DIGITS = 9
STYLE_WORDS = {
    Style.CALM: ("Calm", "One column, green headings. Right for most."),
    Style.CLASSIC: ("Classic", "A serif, the name centred. For law, research, public service."),
    Style.COMPACT: ("Compact", "Small type, dates at the left. Much on one page."),
    Style.SIDEBAR: ("Sidebar", "Contact and skills on a tinted band. For people rather than for upload forms."),
}
FORMAT_WORDS = {
    "pdf": ("PDF", "to send and to print"),
    "docx": ("Word", "to go on writing"),
    "txt": ("Text", "for forms that take nothing else"),
    "md": ("Markdown", "for web pages and repositories"),
    "json": ("JSON Resume", "for other programs; the whole CV comes back from it"),
    "xml": ("Europass XML", "for European portals"),
}


@dataclass(frozen=True, slots=True)
class SectionChoice:
    """One section in the list to choose from."""

    name: str
    title: str
    is_shown: bool


@require_safe
@own_cv
def download(request: HttpRequest, cv: CV) -> HttpResponse:
    """Show what can be chosen, a picture of the first page, and the files; what was chosen last is offered again."""
    version = cv.current_version
    if version is None:
        return error_part(request, NotParsedError())
    resume = version.resume
    params = request.GET
    if not params and isinstance(kept := request.session.get(REMEMBERED), str):
        params = QueryDict(kept)
    layout = layout_from(params)
    query = _query(layout, resume)
    if request.GET:
        request.session[REMEMBERED] = _query(layout, None)
    context: dict[str, Any] = {
        "cv": cv,
        "layout": layout,
        "styles": [(style, *words) for style, words in STYLE_WORDS.items()],
        "papers": [(Paper.A4, "A4"), (Paper.LETTER, "US Letter")],
        "page_choices": range(1, MAX_PAGES + 1),
        "sections": _sections(layout, resume),
        "formats": [(name, *words) for name, words in FORMAT_WORDS.items()],
        "query": query,
    }
    try:
        preview = services.preview_resume(resume, layout=layout)
    except MissingGlyphsError as error:
        context["missing"] = error
    else:
        context |= {"pages": preview.pages, "picture": base64.b64encode(preview.picture).decode()}
        context["is_too_long"] = bool(layout.pages) and preview.pages > layout.pages
    return render(request, "cv/_download.html" if is_fragment(request) else "cv/download.html", context)


@require_safe
@own_cv
def export(request: HttpRequest, cv: CV, format_name: str) -> HttpResponse:
    """Hand out the current version, or the one that `?version=` names, as a file."""
    if format_name not in services.EXPORT_FORMATS:
        raise Http404
    number = request.GET.get("version", "")
    if len(number) > MOST_DIGITS:
        raise Http404
    version = get_object_or_404(cv.versions, number=number) if number.isdecimal() else cv.current_version
    if version is None:
        raise Http404
    try:
        file = services.export_resume(version.resume, format_name=format_name, layout=layout_from(request.GET))
    except CVError as error:
        return error_part(request, error)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(file.data, content_type=file.media_type, headers=headers)


def _query(layout: Layout, resume: Resume | None) -> str:
    """Return the layout as the query of an address; without a résumé only what holds for any CV."""
    values: list[tuple[str, str]] = [("style", layout.style), ("paper", layout.paper), ("pages", str(layout.pages))]
    if resume is not None:
        sections = _sections(layout, resume)
        values += [("order", section.name) for section in sections]
        values += [("show", section.name) for section in sections if section.is_shown]
        values += [("drop", "1")] if layout.drop_missing else []
    return urlencode(values)


def _sections(layout: Layout, resume: Resume) -> list[SectionChoice]:
    """Return the sections that have something in them, in the layout's order."""
    names = dict.fromkeys([*layout.order, *resume.section_order, *DEFAULT_SECTION_ORDER])
    return [
        SectionChoice(name, TITLES.get(name, "Other sections"), is_shown=name not in layout.hidden)
        for name in names
        if name in DEFAULT_SECTION_ORDER and (resume.person.summary if name == "summary" else getattr(resume, name))
    ]
