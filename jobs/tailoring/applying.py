"""Applying changes to a résumé: a pure function that touches nothing but the addressed places."""

from collections.abc import Iterable, Sequence
from typing import Any

from cv.resume import Item, Line, Person, Position, Project, Resume, Skill, SkillGroup, Volunteering
from jobs.errors import ChangeConflictError
from jobs.models import ChangeKind
from jobs.tailoring.types import WHOLE, ProposedChange

# What may be changed at all. Employers, titles, dates, schools, degrees and names are not on the list, so no change can reach them.
ALLOWED: dict[ChangeKind, tuple[tuple[type[Item] | None, str], ...]] = {
    ChangeKind.REPHRASE: ((Line, "text"), (Skill, "name"), (Position, "summary"), (Person, "summary")),
    ChangeKind.SHORTEN: ((Line, "text"), (Position, "summary"), (Person, "summary")),
    ChangeKind.HEADLINE: ((Person, "headline"),),
    ChangeKind.DROP: ((Line, "text"),),
    ChangeKind.REORDER: (
        (Position, "highlights"), (Project, "highlights"), (Volunteering, "highlights"), (SkillGroup, "skills"),
        (None, "skills"), (None, "section_order"),
    ),
    ChangeKind.SURFACE: ((SkillGroup, "skills"), (None, "skills")),
}  # fmt: skip
ORDER = (
    ChangeKind.HEADLINE,
    ChangeKind.REPHRASE,
    ChangeKind.SHORTEN,
    ChangeKind.SURFACE,
    ChangeKind.REORDER,
    ChangeKind.DROP,
)


def apply_changes(resume: Resume, changes: Iterable[ProposedChange]) -> Resume:
    """Return a new résumé with the changes made; the given one stays as it is.

    The result does not depend on the order of the changes: words first, then what is added, order, and what is left out.

    Raises:
        ChangeConflictError: A change addresses nothing, a place that must not be changed, or one that has changed since.
    """
    wanted = sorted(changes, key=lambda change: ORDER.index(change.kind))
    if found := conflicts(wanted):
        raise ChangeConflictError(found[0])
    result = resume.model_copy(deep=True)
    for change in wanted:
        check_address(resume, change)
        _APPLY[change.kind](result, change)
    return result.assign_ids()


def conflicts(changes: Sequence[ProposedChange]) -> list[str]:
    """Return in words which changes cannot be accepted together."""
    found = []
    seen: dict[tuple[str, str], ChangeKind] = {}
    for change in changes:
        if change.kind == ChangeKind.SURFACE:
            continue
        place = (change.target_id, change.field)
        if place in seen:
            found.append(
                f"Two changes edit the same place: {seen[place].label.lower()} and {change.kind.label.lower()}."
            )
        seen[place] = change.kind
    return found


def check_address(resume: Resume, change: ProposedChange) -> None:
    """Raise `ChangeConflictError` unless the change addresses a place that may be changed and still stands as the change knows it."""
    item = None if change.target_id == WHOLE else resume.item(change.target_id)
    if item is None and change.target_id != WHOLE:
        msg = f"There is no {change.target_id!r} in this CV."
        raise ChangeConflictError(msg)
    kind = type(item) if item is not None else None
    if (kind, change.field) not in ALLOWED[change.kind]:
        msg = f"The field {change.field!r} of {change.target_id!r} must not be changed by tailoring."
        raise ChangeConflictError(msg)
    if change.kind != ChangeKind.SURFACE and value_at(resume, change.target_id, change.field) != change.before:
        raise ChangeConflictError
    if change.kind == ChangeKind.REORDER and sorted(change.after.splitlines()) != sorted(change.before.splitlines()):
        msg = "A new order must hold exactly what stood there before."
        raise ChangeConflictError(msg)


def value_at(resume: Resume, target_id: str, field: str) -> str:
    """Return what stands at an address, lists as ids, one a line."""
    holder: Any = resume if target_id == WHOLE else resume.item(target_id)
    value = getattr(holder, field, "")
    if isinstance(value, list):
        return "\n".join(entry if isinstance(entry, str) else entry.id for entry in value)
    return str(value)


def _rephrase(resume: Resume, change: ProposedChange) -> None:
    setattr(resume.item(change.target_id), change.field, change.after)


def _surface(resume: Resume, change: ProposedChange) -> None:
    group = resume.item(change.target_id)
    if not isinstance(group, SkillGroup):
        # Those that fit under no heading stand together.
        group = next((group for group in resume.skills if not group.name), None) or SkillGroup()
        resume.skills = [*(other for other in resume.skills if other is not group), group]
    group.skills = [*group.skills, Skill(name=change.after)]


def _reorder(resume: Resume, change: ProposedChange) -> None:
    holder: Any = resume if change.target_id == WHOLE else resume.item(change.target_id)
    rank = {name: number for number, name in enumerate(change.after.splitlines())}
    entries = getattr(holder, change.field)
    ordered = sorted(entries, key=lambda entry: rank.get(entry if isinstance(entry, str) else entry.id, len(rank)))
    setattr(holder, change.field, ordered)


def _drop(resume: Resume, change: ProposedChange) -> None:
    for item in resume.items():
        for name in ("highlights", "courses", "lines"):
            lines = getattr(item, name, None)
            if lines and any(line.id == change.target_id for line in lines):
                setattr(item, name, [line for line in lines if line.id != change.target_id])
                return


_APPLY = {
    ChangeKind.REPHRASE: _rephrase,
    ChangeKind.SHORTEN: _rephrase,
    ChangeKind.HEADLINE: _rephrase,
    ChangeKind.SURFACE: _surface,
    ChangeKind.REORDER: _reorder,
    ChangeKind.DROP: _drop,
}
