"""Changes to the CV's shape, each answered with the column of values: add, remove, move, join, part, assign, undo."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from cv import services
from cv.entry_menu import actions_for, destinations
from cv.errors import CVError, InvalidValueError, NotParsedError, UnknownItemError
from cv.models import CV
from cv.presentation import HIGH_CONFIDENCE, item_title
from cv.views.access import error_part, is_fragment, own_cv, to_page
from cv.views.review import insist, review_context, shown_version, values_context


@require_safe
@own_cv
def values(request: HttpRequest, cv: CV) -> HttpResponse:
    """Show the column of values as it stands now."""
    return _values(request, cv)


@require_safe
@own_cv
def menu(request: HttpRequest, cv: CV) -> HttpResponse:
    """Show what can be done with one entry, in its place or on a page of its own."""
    version = cv.current_version
    resume = version.resume if version else None
    item = resume.item(request.GET.get("item", "")) if resume else None
    if resume is None or item is None or item is resume.person:
        return error_part(request, UnknownItemError())
    context = {
        "cv": cv,
        "version": version,
        "item": item,
        "title": item_title(item),
        "actions": actions_for(resume, item),
        "destinations": destinations(resume, item),
        "in_place": is_fragment(request),
    }
    return render(request, "cv/_item_menu.html" if is_fragment(request) else "cv/item.html", context)


@require_POST
@own_cv
def arrange(request: HttpRequest, cv: CV, verb: str) -> HttpResponse:
    """Move, join or part an entry; not where the CV was changed since the menu was made."""
    item_id, target = request.POST.get("item", ""), request.POST.get("target", "")
    shown = shown_version(request)
    change = partial(services.arrange, cv=cv, verb=verb, item_id=item_id, target=target, expected_number=shown)
    return _changed(request, cv, change, focus=item_id)


@require_POST
@own_cv
def assign(request: HttpRequest, cv: CV) -> HttpResponse:
    """Put the chosen unassigned lines where they belong, or drop them."""
    lines, target = request.POST.getlist("line"), request.POST.get("target", "")
    is_dropped = "drop" in request.POST

    def change() -> None:
        if not lines:
            raise InvalidValueError("Choose the lines first.")
        if not target and not is_dropped:
            raise InvalidValueError("Choose where the lines belong.")
        services.assign_lines(cv=cv, line_ids=lines, target="" if is_dropped else target)

    return _changed(request, cv, change, focus=target.split(":")[1] if target.count(":") == 2 else "")


@require_POST
@own_cv
def add(request: HttpRequest, cv: CV) -> HttpResponse:
    """Add an empty item, and lead to it."""
    collection, parent_id = request.POST.get("collection", ""), request.POST.get("parent", "")
    added: list[str] = []

    def change() -> None:
        added[:] = [services.add_item(cv=cv, collection=collection, parent_id=parent_id)[1]]

    try:
        insist(cv, change)
    except CVError as error:
        return error_part(request, error)
    if is_fragment(request):
        return _values(request, cv, focus=added[0], is_new=True)
    return redirect(f"{reverse('cv:detail', args=[cv.pk])}#item-{added[0]}")


@require_POST
@own_cv
def remove(request: HttpRequest, cv: CV) -> HttpResponse:
    """Remove an item; undo brings it back."""
    item_id = request.POST.get("item", "")
    try:
        insist(cv, partial(services.remove_item, cv=cv, item_id=item_id))
    except CVError as error:
        return error_part(request, error)
    if not is_fragment(request) or cv.current_version is None:
        messages.success(request, "The entry was removed. “Undo” brings it back.")
        return to_page(request, "cv:detail", cv.pk)
    version = cv.current_version
    return render(request, "cv/_removed.html", {"cv": cv, **review_context(version, version.resume)})


@require_POST
@own_cv
def confirm_all(request: HttpRequest, cv: CV) -> HttpResponse:
    """Take every value as right, or with `sure` those that the reader is sure of; not those that came since the page was made."""
    at_least = HIGH_CONFIDENCE if "sure" in request.POST else 0.0
    change = partial(services.confirm_all, cv=cv, at_least=at_least, expected_number=shown_version(request))
    return _changed(request, cv, change)


@require_POST
@own_cv
def undo(request: HttpRequest, cv: CV) -> HttpResponse:
    """Take the last change back; not one that came since the page was made."""
    return _changed(request, cv, partial(services.undo, cv=cv, expected_number=shown_version(request)))


@require_POST
@own_cv
def redo(request: HttpRequest, cv: CV) -> HttpResponse:
    """Make the change again that was taken back."""
    return _changed(request, cv, partial(services.redo, cv=cv, expected_number=shown_version(request)))


def _changed(request: HttpRequest, cv: CV, change: Callable[[], object], *, focus: str = "") -> HttpResponse:
    """Make a change and show the CV with it; what is wrong is said above the values, which stay as they are."""
    try:
        insist(cv, change)
    except CVError as error:
        if not is_fragment(request) or isinstance(error, NotParsedError):
            return error_part(request, error)
        return _values(request, cv, focus=focus, problem=error.user_message)
    if not is_fragment(request):
        return to_page(request, "cv:detail", cv.pk)
    return _values(request, cv, focus=focus)


def _values(request: HttpRequest, cv: CV, **more: Any) -> HttpResponse:
    version = cv.current_version
    if version is None:
        return error_part(request, NotParsedError())
    resume = version.resume
    context = {"cv": cv, **review_context(version, resume), **values_context(resume), **more}
    return render(request, "cv/_values.html", context | {"with_bar": True})
