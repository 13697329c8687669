"""Pages of cover letters: written before the reader's eyes, each sentence with its evidence, revised, edited, exported."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cv.errors import CVError
from cv.models import CV
from jobs.comparing import side_by_side
from jobs.display import paragraphs_of
from jobs.errors import JobsError, UnsupportedLanguageError
from jobs.forms import LetterForm
from jobs.letters import LANGUAGE_NAMES, RevisionWish
from jobs.models import CoverLetter, Posting, TailoredCV, WorkStatus
from jobs.services import letters
from jobs.streaming import event_response, first_position
from jobs.views.access import (
    as_download,
    back_with,
    chosen_engine,
    chosen_pair,
    is_fragment,
    key_of,
    own,
    user_of,
    written,
)

ROWS = CoverLetter.objects.select_related(
    "resume_version__cv__current_version", "posting", "background_task", "tailored_cv", "revises"
)
OPEN = (WorkStatus.QUEUED, WorkStatus.RUNNING)
WISHES = {
    RevisionWish.SHORTER: "Shorter",
    RevisionWish.LONGER: "Longer",
    RevisionWish.MORE_PERSONAL: "More personal",
    RevisionWish.WARMER: "Warmer",
    RevisionWish.MORE_DIRECT: "More direct",
    RevisionWish.MORE_FORMAL: "More formal",
    RevisionWish.OTHER_OPENING: "Another opening",
}


@require_POST
@login_required
def write_letter(request: HttpRequest) -> HttpResponse:
    """Start a letter; `tailored_cv` binds it to the accepted state of a tailored CV."""
    cv, posting = chosen_pair(request)
    form = LetterForm(request.POST)
    number = request.POST.get("tailored_cv", "")
    tailored = (
        own(request, TailoredCV.objects.select_related("resume_version"), key_of(number))
        if number.isdecimal()
        else None
    )
    if tailored and (tailored.posting_id != posting.pk or tailored.resume_version.cv_id != cv.pk):
        raise Http404
    if not form.is_valid():
        return _asked(request, form, cv, posting, tailored)
    try:
        letter = letters.start_letter(
            owner=user_of(request),
            cv=cv,
            posting=posting,
            tailored_cv=tailored,
            provider=chosen_engine(request),
            **form.cleaned_data,
        )
    except UnsupportedLanguageError as error:
        form.add_error("language", error.user_message)
        return _asked(request, form, cv, posting, tailored)
    except JobsError as error:
        return back_with(request, error, "jobs:posting", posting.pk)
    return redirect("jobs:letter", letter.pk)


@require_safe
@login_required
def new_letter(request: HttpRequest) -> HttpResponse:
    """Ask how the letter is to be, and the two questions that only the person can answer."""
    cv, posting = chosen_pair(request)
    number = request.GET.get("tailored_cv", "")
    tailored = own(request, TailoredCV.objects.all(), key_of(number)) if number else None
    return _asked(request, LetterForm(), cv, posting, tailored)


def _asked(
    request: HttpRequest, form: LetterForm, cv: CV, posting: Posting, tailored: TailoredCV | None
) -> HttpResponse:
    context = {"form": form, "cv": cv, "posting": posting, "tailored_cv": tailored.pk if tailored else None}
    return render(request, "jobs/letter_new.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a letter: as it is written, then with its evidence."""
    return _page(request, own(request, ROWS, pk))


@require_safe
@login_required
def stream(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send the letter's text as it is written."""
    row = own(request, CoverLetter.objects.all(), pk)
    return event_response(row, shown=first_position(request.headers.get("Last-Event-ID"), request.GET.get("shown")))


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit the text by hand; what is saved is checked against the CV."""
    row = own(request, ROWS, pk)
    if request.method == "POST":
        text = written(request, "text", most=20_000)
        if not text:
            messages.error(request, "A letter cannot be empty.")
            return redirect("jobs:edit_letter", row.pk)
        try:
            letters.edit_letter(letter=row, text=text)
        except JobsError as error:
            return back_with(request, error, "jobs:letter", row.pk)
        return redirect("jobs:letter", row.pk)
    return render(request, "jobs/letter_edit.html", {"letter": row, "posting": row.posting})


@require_POST
@login_required
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Start a new version that differs as wished."""
    row = own(request, ROWS, pk)
    wish = request.POST.get("wish", "")
    if wish not in set(RevisionWish):
        raise Http404
    language = request.POST.get("language", "") if wish == RevisionWish.TRANSLATE else ""
    if wish == RevisionWish.TRANSLATE and language not in LANGUAGE_NAMES:
        raise Http404
    try:
        revision = letters.revise_letter(letter=row, wish=RevisionWish(wish), language=language)
    except JobsError as error:
        return back_with(request, error, "jobs:letter", row.pk)
    return redirect("jobs:letter", revision.pk)


@require_POST
@login_required
def write_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Start a letter once more that was cut off, cancelled or failed."""
    return redirect("jobs:letter", letters.write_again(letter=own(request, ROWS, pk)).pk)


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the writing."""
    row = own(request, ROWS, pk)
    letters.cancel_letter(letter=row)
    return redirect("jobs:letter", row.pk)


@require_safe
@login_required
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Show two versions side by side; `with` names the other one."""
    row = own(request, ROWS, pk)
    others = [other for other in letters.versions_of(row) if other.pk != row.pk and other.text]
    wanted = request.GET.get("with", "")
    chosen = next((other for other in others if str(other.pk) == wanted), others[-1] if others else None)
    shown = [{"letter": version, "label": letters.version_label(version)} for version in (chosen, row) if version]
    rows = side_by_side(letters.lines_of(chosen), letters.lines_of(row)) if chosen else []
    context = {
        "letter": row,
        "posting": row.posting,
        "shown": shown,
        "others": others,
        "rows": rows,
        "differing": sum(not line.is_same for line in rows),
    }
    return render(request, "jobs/letter_compare.html", context)


@require_safe
@login_required
def export(request: HttpRequest, pk: int, format_name: str) -> HttpResponse:
    """Send the letter as a file."""
    row = own(request, ROWS, pk)
    if format_name not in letters.LETTER_FORMATS:
        raise Http404
    try:
        return as_download(letters.export_letter(letter=row, format_name=format_name))
    except (JobsError, CVError) as error:
        return back_with(request, error, "jobs:letter", row.pk)


def _page(request: HttpRequest, row: CoverLetter) -> HttpResponse:
    is_open = row.status in OPEN
    versions = letters.versions_of(row)
    paragraphs = [] if is_open else paragraphs_of(row)
    context = {
        "letter": row,
        "posting": row.posting,
        "cv": row.resume_version.cv,
        "is_open": is_open,
        "paragraphs": paragraphs,
        "words": len(row.text.split()),
        "versions": [(version, letters.version_label(version)) for version in versions],
        "wishes": WISHES.items(),
        "languages": [(code, name) for code, name in LANGUAGE_NAMES.items() if code != row.language],
        "can_export": row.status == WorkStatus.DONE and not row.problems,
    }
    template = "jobs/_letter.html" if is_fragment(request) else "jobs/letter.html"
    return render(request, template, context)
