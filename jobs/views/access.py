"""What pages share: one's own rows only, errors in words, exports."""

from typing import Any, TypeVar, cast

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect

from cv.errors import CVError
from cv.models import CV
from cv.services import ExportedFile
from jobs.errors import JobsError
from jobs.models import OwnedQuerySet, Posting

# In digits, of a key of 64 bits.
LONGEST_KEY = 19
Row = TypeVar("Row", bound=models.Model)


def user_of(request: HttpRequest) -> AbstractBaseUser:
    """Return the person who is signed in."""
    return cast("AbstractBaseUser", request.user)


def own(request: HttpRequest, rows: OwnedQuerySet[Row], pk: int) -> Row:
    """Return the person's own row, or raise 404."""
    return get_object_or_404(rows.for_user(user_of(request)), pk=pk)


def chosen_pair(request: HttpRequest) -> tuple[CV, Posting]:
    """Return the CV and the posting that a form names by the fields `cv` and `posting`; raise 404 for what is not one's own."""
    given = request.POST if request.method == "POST" else request.GET
    cv, posting = given.get("cv", ""), given.get("posting", "")
    user = user_of(request)
    return (
        get_object_or_404(CV.objects.for_user(user).select_related("current_version"), pk=key_of(cv)),
        get_object_or_404(Posting.objects.for_user(user), pk=key_of(posting)),
    )


def key_of(text: str) -> int:
    """Return the key that a form or an address names; raise 404 where it is none."""
    if not (text.isdecimal() and len(text) <= LONGEST_KEY):
        raise Http404
    return int(text)


def chosen_engine(request: HttpRequest) -> str:
    """Return who may be asked: the route's candidates, or this server alone where the form says so."""
    return "embedded" if request.POST.get("provider") == "embedded" else "auto"


def written(request: HttpRequest, name: str, *, most: int) -> str:
    """Return a text that was written into a field, cut at a length, and without NUL, which no database takes."""
    return request.POST.get(name, "").replace("\x00", "").strip()[:most]


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def back_with(request: HttpRequest, error: JobsError | CVError, name: str, *args: Any) -> HttpResponseRedirect:
    """Lead back to a page that says what went wrong."""
    messages.error(request, error.user_message)
    return redirect(name, *args)


def as_download(file: ExportedFile) -> HttpResponse:
    """Return a file to be saved."""
    return HttpResponse(
        file.data,
        content_type=file.media_type,
        headers={"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "private, no-store"},
    )
