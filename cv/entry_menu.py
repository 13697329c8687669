"""What the review page offers to do with an entry, and where it offers to put text that fits no field."""

from dataclasses import dataclass

from cv.arranging import is_partable, parents_for, parts_of
from cv.presentation import ADD_LABELS, item_title, label_of
from cv.resume import Item, Resume
from cv.review import LONG_FIELDS, collection_classes, collections_of, written_value

_ASSIGNED_FIELDS = ("name", "headline", "email", "phone", "url", "location", "birth_date", "nationality", "summary")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: a verb of `ARRANGEMENTS`, its words, and the id of where to."""

    verb: str
    label: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Targets:
    """Places of one kind, each as `assign_line` takes it with its words."""

    title: str
    options: list[tuple[str, str]]


def actions_for(resume: Resume, item: Item) -> list[Action]:
    """Return what can be done with an entry; moves to other parents are separate."""
    owner_id, items = next(
        (owner_id, items) for owner_id, items in collections_of(resume) if any(one is item for one in items)
    )
    index = next(place for place, one in enumerate(items) if one is item)
    actions = []
    if index > 0:
        actions += [Action("up", "Move up"), Action("join", "Join with the one above")]
    if index < len(items) - 1:
        actions.insert(1 if index else 0, Action("down", "Move down"))
    owner = resume.item(owner_id) if owner_id else None
    if owner is not None and is_partable(resume, item.id):
        actions.append(Action("part", f"New {_kind(resume, owner)} from here"))
    if len(parts_of(item)) > 1:
        actions.append(Action("part_text", f"Split into {len(parts_of(item))}"))
    return actions


def destinations(resume: Resume, item: Item) -> list[Action]:
    """Return the entries that an entry could be moved under."""
    return [Action("under", item_title(parent), parent.id) for parent in parents_for(resume, item)]


def assign_targets(resume: Resume) -> list[Targets]:
    """Return every place that an unassigned line could be put."""
    person = resume.person
    fields = [
        (f"field:{person.id}:{name}", label_of(name))
        for name in _ASSIGNED_FIELDS
        if name in LONG_FIELDS or not written_value(person, name)
    ]
    found = [Targets("Person", fields)]
    for title, name in (("A line under", "highlights"), ("A skill in", "skills"), ("A line in", "lines")):
        owners = [item for item in resume.items() if name in collection_classes(item)]
        found.append(Targets(title, [(f"list:{owner.id}:{name}", item_title(owner)) for owner in owners]))
    new = [
        (f"list::{name}", f"{_article(label)} {label}")
        for name, label in ADD_LABELS.items()
        if name in collection_classes(resume) and name not in {"unassigned", "skills"}
    ]
    found.append(Targets("New", new))
    return [targets for targets in found if targets.options]


def _kind(resume: Resume, owner: Item) -> str:
    for parent in (resume, *resume.items()):
        for name, kind in collection_classes(parent).items():
            if any(one is owner for one in getattr(parent, name)):
                return "group" if kind.__name__ == "SkillGroup" else ADD_LABELS[name]
    return "entry"


def _article(label: str) -> str:
    return "An" if label[0] in "aeiou" else "A"
