"""What every page of a CV begins with: the person is signed in, and the CV is theirs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from cv.errors import CVError
from cv.models import CV, ParseRun


def own_cv(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the CV of this key in place of the key; 404 where it is not the person's own."""

    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, pk: int, **more: Any) -> HttpResponse:
        cvs = CV.objects.for_user(request.user).select_related("current_version")
        return view(request, get_object_or_404(cvs, pk=pk), **more)

    return cast("Callable[..., HttpResponse]", wrapped)


def user_of(request: HttpRequest) -> AbstractBaseUser:
    """Return the person who is signed in."""
    return cast("AbstractBaseUser", request.user)


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def to_page(request: HttpRequest, name: str, *args: Any) -> HttpResponse:
    """Lead to another page; htmx is told to load it whole."""
    response = redirect(name, *args)
    if not is_fragment(request):
        return response
    return HttpResponse(status=200, headers={"HX-Redirect": response["Location"]})


def error_part(request: HttpRequest, error: CVError) -> HttpResponse:
    """Show an error in words: in the place of the part that was asked for, or on a page of its own."""
    template = "cv/_error.html" if is_fragment(request) else "cv/error.html"
    return render(request, template, {"error": error}, status=error.status_code)


def latest_run(cv: CV) -> ParseRun | None:
    """Return the latest reading of the CV's document."""
    return ParseRun.objects.filter(document__cv=cv).select_related("background_task", "document").first()


def has_provider() -> bool:
    """Whether a provider beside the embedded engine is set up."""
    return any(row.get("api_key") or row.get("base_url") for row in settings.AI_PROVIDERS.values())
