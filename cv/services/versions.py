"""Versions of a résumé: each change makes the next one, none is ever lost."""

import re
from collections.abc import Callable
from itertools import pairwise

from django.db import transaction

from ai_router import router
from cv import arranging, review
from cv.errors import NotParsedError, UnknownItemError, VersionConflictError
from cv.models import CV, ParseRun, ResumeVersion, VersionOrigin
from cv.resume import Resume

KEPT_NOTE = "Corrections kept"
# What can be done with an entry, each with what the version is noted as; the text is where to, for what needs it.
ARRANGEMENTS: dict[str, tuple[str, Callable[[Resume, str, str], Resume]]] = {
    "up": ("Moved an entry up", lambda resume, item, _: arranging.move_item(resume, item_id=item, steps=-1)),
    "down": ("Moved an entry down", lambda resume, item, _: arranging.move_item(resume, item_id=item, steps=1)),
    "under": ("Moved an entry", lambda resume, item, to: arranging.move_under(resume, item_id=item, parent_id=to)),
    "join": ("Joined two entries", lambda resume, item, _: arranging.join_item(resume, item_id=item)),
    "part": ("Parted an entry", lambda resume, item, _: arranging.part_before(resume, item_id=item)[0]),
    "part_text": ("Parted a text", lambda resume, item, _: arranging.part_text(resume, item_id=item)),
}


def save_version(
    *,
    cv: CV,
    resume: Resume,
    origin: VersionOrigin,
    expected_number: int | None = None,
    note: str = "",
    parse_run: ParseRun | None = None,
    restored_from: int | None = None,
) -> ResumeVersion:
    """Save a résumé as the CV's next and current version; `cv` is updated in place.

    Args:
        cv: The CV.
        resume: The document; items without an id get one.
        origin: How it came about.
        expected_number: The version that the change was made on; None where it does not matter.
        note: What was changed, in a few words.
        parse_run: The reading that it comes from.
        restored_from: The version that undo or redo went to.

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
            restored_from=restored_from,
        )
        locked.current_version = version
        locked.save(update_fields=["current_version", "updated_at"])
    cv.current_version = version
    return version


def edit_value(
    *, cv: CV, item_id: str, field: str, written: str, expected_number: int | None = None, seen: str | None = None
) -> ResumeVersion:
    """Correct one value; the same value again makes no new version.

    Args:
        cv: The CV.
        item_id: The item's id.
        field: The value's name.
        written: The value as the person writes it.
        expected_number: The version that the change was made on; None where it does not matter.
        seen: The value as the person saw it before; changes of other values since then do no harm.

    Raises:
        UnknownItemError: There is no such item or value.
        InvalidValueError: The text can't be read as such a value.
        VersionConflictError: The CV was changed since `expected_number`, or the value since it was `seen`.
        NotParsedError: There is no résumé yet.
    """
    version = current_version(cv)
    _check_seen(version.resume, item_id, field, seen)
    resume = review.edit_value(version.resume, item_id=item_id, field=field, written=written)
    note = f"Edited {field.replace('_', ' ')}"
    return _judged(_saved(cv, version, resume, note, expected_number), version, is_right=False)


def confirm_value(
    *, cv: CV, item_id: str, field: str, expected_number: int | None = None, seen: str | None = None
) -> ResumeVersion:
    """Confirm one value as it stands, where it is the one that was `seen`. Raises as `edit_value`."""
    version = current_version(cv)
    _check_seen(version.resume, item_id, field, seen)
    resume = review.confirm_value(version.resume, item_id=item_id, field=field)
    return _saved(cv, version, resume, f"Confirmed {field.replace('_', ' ')}", expected_number)


def confirm_all(*, cv: CV, at_least: float = 0.0, expected_number: int | None = None) -> ResumeVersion:
    """Confirm every value of this confidence or more as it stands. Raises as `edit_value`."""
    version = current_version(cv)
    note = "Confirmed what is sure" if at_least else "Confirmed all values"
    resume = review.confirm_all(version.resume, at_least=at_least)
    saved = _saved(cv, version, resume, note, expected_number)
    return saved if at_least else _judged(saved, version, is_right=True)


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


def arrange(*, cv: CV, verb: str, item_id: str, target: str = "", expected_number: int | None = None) -> ResumeVersion:
    """Move, join or part an entry: one of `ARRANGEMENTS`. Raises as `edit_value`, and for a verb that is none UnknownItemError."""
    version = current_version(cv)
    if verb not in ARRANGEMENTS:
        raise UnknownItemError
    note, change = ARRANGEMENTS[verb]
    resume = change(version.resume, item_id, target)
    return _judged(_saved(cv, version, resume, note, expected_number), version, is_right=False)


def assign_lines(*, cv: CV, line_ids: list[str], target: str) -> ResumeVersion:
    """Put unassigned lines where they belong, or drop them (no target). Raises as `edit_value`; then none is moved."""
    version = current_version(cv)
    resume = version.resume
    for line_id in line_ids:
        resume = arranging.assign_line(resume, line_id=line_id, target=target)
    lines = f"{len(line_ids)} line{'s' if len(line_ids) != 1 else ''}"
    note = f"Assigned {lines}" if target else f"Left out {lines}"
    return _judged(_saved(cv, version, resume, note, None), version, is_right=False)


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


def undo(*, cv: CV, expected_number: int | None = None) -> ResumeVersion:
    """Take the last change back, as a new version; again and again, back to the first.

    Raises:
        UnknownItemError: There is no earlier version.
        VersionConflictError: The CV was changed since `expected_number`, so that another change would be taken back.
    """
    version = current_version(cv)
    return _gone_to(cv, version, undo_target(version), "Undid", expected_number)


def redo(*, cv: CV, expected_number: int | None = None) -> ResumeVersion:
    """Make the change again that was last taken back. Raises as `undo`."""
    version = current_version(cv)
    return _gone_to(cv, version, redo_target(version), "Did again", expected_number)


def undo_target(version: ResumeVersion) -> int | None:
    """Return the version that undo goes to; None at the first."""
    of = _stated(version)
    if of is None:
        return None
    before = _version(of, of.number - 1)
    if before and of.note == KEPT_NOTE and before.parse_run_id == of.parse_run_id:
        # A reading and the corrections carried into it are one change.
        before = _version(of, before.number - 1)
    stated = _stated(before) if before else None
    return stated.number if stated else None


def redo_target(version: ResumeVersion) -> int | None:
    """Return the version that was left by the undo that was not yet redone; None where there is none."""
    run: list[ResumeVersion] = []
    for earlier in version.cv.versions.defer("data").filter(number__lte=version.number):
        run.append(earlier)
        if earlier.restored_from is None:
            break
    left: list[int] = []
    for before, after in pairwise(reversed(run)):
        was = before.restored_from or before.number
        if left and after.restored_from == left[-1]:
            left.pop()
        else:
            left.append(was)
    return left[-1] if left else None


def _gone_to(
    cv: CV, version: ResumeVersion, number: int | None, done: str, expected_number: int | None
) -> ResumeVersion:
    if expected_number not in {None, version.number}:
        raise VersionConflictError
    earlier = _version(version, number) if number else None
    if earlier is None:
        raise UnknownItemError("There is nothing more to undo or redo.")
    return save_version(
        cv=cv, resume=earlier.resume, origin=VersionOrigin.EDITED, expected_number=version.number,
        note=f"{done}: as version {number}", parse_run=earlier.parse_run, restored_from=number,
    )  # fmt: skip


def _stated(version: ResumeVersion) -> ResumeVersion | None:
    """Return the version whose state this one has: itself, or the one that undo or redo went to."""
    return _version(version, version.restored_from) if version.restored_from else version


def _version(version: ResumeVersion, number: int) -> ResumeVersion | None:
    return version.cv.versions.filter(number=number).first()


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


def _check_seen(resume: Resume, item_id: str, field: str, seen: str | None) -> None:
    """Refuse to touch a value that is not the one that the person saw, if it is told."""
    item = resume.item(item_id)
    if seen is None or item is None or field not in review.field_kinds(item):
        return
    if review.written_value(item, field).split() != seen.split():
        raise VersionConflictError


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
