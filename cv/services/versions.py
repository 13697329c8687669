"""Versions of a résumé: each change makes the next one, none is ever lost."""

import re

from django.db import transaction

from ai_router import router
from cv import review
from cv.errors import NotParsedError, UnknownItemError, VersionConflictError
from cv.models import CV, ParseRun, ResumeVersion, VersionOrigin
from cv.resume import Resume


def save_version(
    *,
    cv: CV,
    resume: Resume,
    origin: VersionOrigin,
    expected_number: int | None = None,
    note: str = "",
    parse_run: ParseRun | None = None,
) -> ResumeVersion:
    """Save a résumé as the CV's next and current version; `cv` is updated in place.

    Args:
        cv: The CV.
        resume: The document; items without an id get one.
        origin: How it came about.
        expected_number: The version that the change was made on; None where it does not matter.
        note: What was changed, in a few words.
        parse_run: The reading that it comes from.

    Raises:
        VersionConflictError: `expected_number` is not the current version any more.
    """
    with transaction.atomic():
        locked = CV.objects.select_for_update().get(pk=cv.pk)
        current = locked.current_version
        if expected_number is not None and (current is None or current.number != expected_number):
            raise VersionConflictError
        latest = ResumeVersion.objects.filter(cv=locked).order_by("-number").values_list("number", flat=True).first()
        version = ResumeVersion.objects.create(
            cv=locked,
            number=(latest or 0) + 1,
            origin=origin,
            data=_with_proper_ids(resume).model_dump(mode="json"),
            note=note[:200],
            parse_run=parse_run,
        )
        locked.current_version = version
        locked.save(update_fields=["current_version", "updated_at"])
    cv.current_version = version
    return version


def edit_value(*, cv: CV, item_id: str, field: str, written: str, expected_number: int | None = None) -> ResumeVersion:
    """Correct one value; the same value again makes no new version.

    Raises:
        UnknownItemError: There is no such item or value.
        InvalidValueError: The text can't be read as such a value.
        VersionConflictError: The CV was changed since `expected_number`.
        NotParsedError: There is no résumé yet.
    """
    version = current_version(cv)
    resume = review.edit_value(version.resume, item_id=item_id, field=field, written=written)
    return _judged(
        _saved(cv, version, resume, f"Edited {field.replace('_', ' ')}", expected_number), version, is_right=False
    )


def confirm_value(*, cv: CV, item_id: str, field: str, expected_number: int | None = None) -> ResumeVersion:
    """Confirm one value as it stands. Raises as `edit_value`."""
    version = current_version(cv)
    resume = review.confirm_value(version.resume, item_id=item_id, field=field)
    return _saved(cv, version, resume, f"Confirmed {field.replace('_', ' ')}", expected_number)


def confirm_all(*, cv: CV, expected_number: int | None = None) -> ResumeVersion:
    """Confirm every value as it stands. Raises as `edit_value`."""
    version = current_version(cv)
    saved = _saved(cv, version, review.confirm_all(version.resume), "Confirmed all values", expected_number)
    return _judged(saved, version, is_right=True)


def add_item(
    *, cv: CV, collection: str, parent_id: str = "", expected_number: int | None = None
) -> tuple[ResumeVersion, str]:
    """Add an empty item to a collection, and return the version and the item's id. Raises as `edit_value`."""
    version = current_version(cv)
    resume, item = review.add_item(version.resume, collection=collection, parent_id=parent_id)
    saved = _saved(cv, version, resume, f"Added to {collection}", expected_number)
    return saved, item.id


def remove_item(*, cv: CV, item_id: str, expected_number: int | None = None) -> ResumeVersion:
    """Remove an item and what stands under it. Raises as `edit_value`."""
    version = current_version(cv)
    resume = review.remove_item(version.resume, item_id=item_id)
    return _judged(_saved(cv, version, resume, "Removed an entry", expected_number), version, is_right=False)


def restore_version(*, cv: CV, number: int, expected_number: int | None = None) -> ResumeVersion:
    """Make an earlier version current again, as a new version; nothing in between is lost.

    Raises:
        UnknownItemError: There is no version of this number.
        VersionConflictError: The CV was changed since `expected_number`.
    """
    earlier = cv.versions.filter(number=number).first()
    if earlier is None:
        raise UnknownItemError
    return _saved(cv, current_version(cv), earlier.resume, f"Restored version {number}", expected_number)


def current_version(cv: CV) -> ResumeVersion:
    """Return the CV's current version.

    Raises:
        NotParsedError: There is none yet.
    """
    if cv.current_version is None:
        raise NotParsedError
    return cv.current_version


def _saved(cv: CV, version: ResumeVersion, resume: Resume, note: str, expected_number: int | None) -> ResumeVersion:
    """Save a change that was made on `version`, or return that where nothing changed."""
    if expected_number is not None and expected_number != version.number:
        raise VersionConflictError
    if resume == version.resume:
        return version
    return save_version(
        cv=cv, resume=resume, origin=VersionOrigin.EDITED, expected_number=version.number, note=note,
        parse_run=version.parse_run,
    )  # fmt: skip


def _judged(saved: ResumeVersion, read: ResumeVersion, *, is_right: bool) -> ResumeVersion:
    """Tell the router whether the reading was taken as it was: confirmed as a whole, or corrected first."""
    if saved is not read and read.parse_run is not None and read.parse_run.call_id is not None:
        router.record_acceptance(read.parse_run.call_id, accepted=is_right)
    return saved


def _with_proper_ids(resume: Resume) -> Resume:
    """Give every item an id of its own that can stand in an address; ids from outside may be of any kind."""
    seen: set[str] = set()
    for item in resume.items():
        if item.id in seen or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", item.id):
            item.id = ""
        seen.add(item.id)
    return resume.assign_ids()
