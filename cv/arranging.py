"""What a person does to the shape of a résumé: move, join and part entries, and find a place for text that has none.

Pure functions, each returns a copy. Nothing that was written is lost: what a joined entry cannot hold is listed as unassigned.
"""

import re
from typing import Any

from pydantic import BaseModel

from cv.errors import InvalidValueError, UnknownItemError
from cv.resume import Dated, Item, Line, PartialDate, Resume, Skill, ValueMeta, ValueStatus
from cv.review import (
    LONG_FIELDS,
    add_item,
    collection_classes,
    collections_of,
    edit_value,
    field_kinds,
    mark_edited,
    new_id,
    written_value,
)

# What a new entry is headed by, when it begins with a line that stood in another.
HEADS = ("title", "name", "institution", "organization", "text")
_SENTENCE = re.compile(r"\s*[\r\n]+\s*|(?<=[.;!?])\s+(?=[^\W\d_])|\s+[•▪●]\s+|(?<=[。;!?])")
_SKILL = re.compile(r"\s*[,;、·|\n]\s*")


def move_item(resume: Resume, *, item_id: str, steps: int) -> Resume:
    """Return the résumé with one item moved within its list: -1 up, 1 down; the first stays the first.

    Raises:
        UnknownItemError: There is no such item in any list.
    """
    resume = resume.model_copy(deep=True)
    items, index = _place(resume, item_id)
    items.insert(max(0, index + steps), items.pop(index))
    return resume


def parents_for(resume: Resume, item: Item) -> list[Item]:
    """Return the items that an item could be moved under: those with a list of its kind, except where it stands."""
    name, owner_id = _home(resume, item.id)
    if not owner_id:
        return []
    owner = type(resume.item(owner_id))
    return [other for other in resume.items() if type(other) is owner and other.id != owner_id and hasattr(other, name)]


def move_under(resume: Resume, *, item_id: str, parent_id: str) -> Resume:
    """Return the résumé with one item moved to the end of another parent's list of the same name.

    Raises:
        UnknownItemError: There is no such item, or it has no place under this parent.
    """
    resume = resume.model_copy(deep=True)
    items, index = _place(resume, item_id)
    name, _ = _home(resume, item_id)
    parent = next((other for other in parents_for(resume, items[index]) if other.id == parent_id), None)
    if parent is None:
        raise UnknownItemError
    getattr(parent, name).append(items.pop(index))
    return resume


def join_item(resume: Resume, *, item_id: str) -> Resume:
    """Return the résumé with one item joined to the one before it in its list.

    Of two texts that are the same one is kept; lists are put together; dates span both. A short text that both have and that
    differs goes to the unassigned lines.

    Raises:
        UnknownItemError: There is no such item, or it is the first.
    """
    resume = resume.model_copy(deep=True)
    items, index = _place(resume, item_id)
    if index == 0:
        raise UnknownItemError
    first, second = items[index - 1], items.pop(index)
    if isinstance(first, Line):
        _set(first, "text", f"{first.text} {second.text}".strip())
    elif isinstance(first, Skill):
        _set(first, "name", f"{first.name} {second.name}".strip())
    else:
        if isinstance(first, Dated):
            _span(first, second)
        for name in field_kinds(first):
            left = _join_value(first, second, name)
            if left:
                meta = second.meta.get(name) or ValueMeta()
                resume.unassigned.append(Line(id=new_id(Line), text=left, meta={"text": meta}))
    for name in collection_classes(first):
        getattr(first, name).extend(getattr(second, name))
    return resume


def part_before(resume: Resume, *, item_id: str) -> tuple[Resume, Item]:
    """Return the résumé with its item's parent parted before it, and the new entry: the item and all after it in the list.

    An employer is parted before a position, and a group before a skill; a position is parted before a line, which then heads
    the new position.

    Raises:
        UnknownItemError: There is no such item, or what it stands in cannot be parted there.
    """
    resume = resume.model_copy(deep=True)
    _, owner_id = _home(resume, item_id)
    owner = resume.item(owner_id) if owner_id else None
    if owner is None or not is_partable(resume, item_id):
        raise UnknownItemError
    items, index = _place(resume, item_id)
    name, _ = _home(resume, item_id)
    siblings, at = _place(resume, owner_id)
    rest, items[index:] = items[index:], []
    required = {key: "" for key, field in type(owner).model_fields.items() if field.is_required()}
    new = type(owner)(**required, id=new_id(type(owner)))
    if isinstance(rest[0], Line):
        head = rest.pop(0)
        field = next(field for field in HEADS if field in type(new).model_fields)
        setattr(new, field, head.text)
        _vouch(new, field, head.meta.get("text"))
    else:
        shared = [field for field in ("name", "location", "url") if type(owner).__name__ == "Employer"]
        for field in shared:
            setattr(new, field, getattr(owner, field))
            _vouch(new, field, owner.meta.get(field))
    setattr(new, name, rest)
    siblings.insert(at + 1, new)
    return resume, new


def is_partable(resume: Resume, item_id: str) -> bool:
    """Whether the entry that an item stands in can be parted before it."""
    name, owner_id = _home(resume, item_id)
    if not owner_id or name in {"profiles", "courses", "lines"}:
        return False
    items, index = _place(resume, item_id)
    return isinstance(items[index], Line) or index > 0


def parts_of(item: Item) -> list[str]:
    """Return the parts that a line or a skill falls into: sentences, or what stands between commas; one is no parting."""
    text, by = (item.text, _SENTENCE) if isinstance(item, Line) else (getattr(item, "name", ""), _SKILL)
    if not isinstance(item, Line | Skill):
        return []
    return [part for piece in by.split(text) if (part := piece.strip())]


def part_text(resume: Resume, *, item_id: str) -> Resume:
    """Return the résumé with one line or skill parted into one for each of its parts.

    Raises:
        UnknownItemError: There is no such line or skill.
        InvalidValueError: It has one part only.
    """
    resume = resume.model_copy(deep=True)
    items, index = _place(resume, item_id)
    item = items[index]
    parts = parts_of(item)
    if len(parts) < 2:
        raise InvalidValueError("This text has no place where it could be parted. Edit it and add a line of its own.")
    name = "text" if isinstance(item, Line) else "name"
    source = item.meta.get(name)
    _set(item, name, parts[0])
    new = [type(item)(**{name: part}, id=new_id(type(item))) for part in parts[1:]]
    for one in new:
        _vouch(one, name, source)
    items[index + 1 : index + 1] = new
    return resume


def assign_line(resume: Resume, *, line_id: str, target: str) -> Resume:
    """Return the résumé with an unassigned line put where it belongs.

    Args:
        resume: The résumé.
        line_id: One of its unassigned lines.
        target: `field:<item id>:<field>`, or `list:<item id>:<collection>` (no item id: a collection of the résumé); empty
            drops the line.

    Raises:
        UnknownItemError: There is no such line or place.
        InvalidValueError: The line can't be read as a value of the place, or the place is taken.
    """
    line = next((line for line in resume.unassigned if line.id == line_id), None)
    kind, _, rest = target.partition(":")
    owner_id, _, name = rest.partition(":")
    if line is None or (target and kind not in {"field", "list"}):
        raise UnknownItemError
    resume = resume.model_copy(deep=True)
    resume.unassigned = [other for other in resume.unassigned if other.id != line_id]
    if not target:
        return resume
    if kind == "field":
        return _assign_field(resume, line, owner_id, name)
    return _assign_list(resume, line, owner_id, name)


def _assign_field(resume: Resume, line: Line, owner_id: str, name: str) -> Resume:
    item = resume.item(owner_id)
    if item is None or name not in field_kinds(item):
        raise UnknownItemError
    known = written_value(item, name)
    if known and name not in LONG_FIELDS:
        raise InvalidValueError(f"This place holds {known[:60]!r} already. Clear it first, or choose another.")
    text = f"{known}\n{line.text}" if known else line.text
    resume = edit_value(resume, item_id=owner_id, field=name, written=text)
    _vouch(resume.item(owner_id), name, line.meta.get("text"))
    return resume


def _assign_list(resume: Resume, line: Line, owner_id: str, name: str) -> Resume:
    owner: Any = resume.item(owner_id) if owner_id else resume
    if name in {"highlights", "courses", "lines"}:
        if owner is None or not hasattr(owner, name):
            raise UnknownItemError
        # The line keeps its id, so that another reading of the file finds it again.
        moved = line.model_copy(deep=True)
        _vouch(moved, "text", line.meta.get("text"))
        getattr(owner, name).append(moved)
        return resume
    texts = [part for part in _SKILL.split(line.text) if part] if name == "skills" and owner_id else [line.text]
    for text in texts or [line.text]:
        resume, item = add_item(resume, collection=name, parent_id=owner_id)
        if name == "custom":
            item.title = "More"  # type: ignore[attr-defined]
            item.lines = [Line(id=new_id(Line), text=text)]  # type: ignore[attr-defined]
            _vouch(item.lines[0], "text", line.meta.get("text"))  # type: ignore[attr-defined]
            continue
        field = next(field for field in ("name", "title", "institution", "organization") if hasattr(item, field))
        setattr(item, field, text)
        _vouch(item, field, line.meta.get("text"))
    return resume


def _home(resume: Resume, item_id: str) -> tuple[str, str]:
    """Return the name of the list that an item stands in, and the id of the list's owner (empty: the résumé)."""
    owners: list[BaseModel] = [resume, *resume.items()]
    for owner in owners:
        for name in collection_classes(owner):
            if any(item.id == item_id for item in getattr(owner, name)):
                return name, owner.id if isinstance(owner, Item) else ""
    raise UnknownItemError


def _place(resume: Resume, item_id: str) -> tuple[list[Any], int]:
    """Return the list that an item stands in, and its place there."""
    for _, items in collections_of(resume):
        for index, item in enumerate(items):
            if item.id == item_id and item_id:
                return items, index
    raise UnknownItemError


def _join_value(first: Item, second: Item, name: str) -> str:
    """Put the second item's value into the first's, and return what found no place."""
    ours, theirs = written_value(first, name), written_value(second, name)
    if not theirs or ours.casefold() == theirs.casefold() or name in {"start", "end", "current"}:
        return ""
    value = getattr(second, name)
    if isinstance(value, list):
        _set(first, name, list(dict.fromkeys([*getattr(first, name), *value])))
    elif not ours:
        _set(first, name, value)
        _vouch(first, name, second.meta.get(name))
    elif name in LONG_FIELDS:
        _set(first, name, f"{ours}\n{theirs}")
    else:
        return theirs
    return ""


def _span(first: Dated, second: Dated) -> None:
    """Let the first item last from the earlier beginning to the later end of both."""
    is_current = first.current or second.current
    starts = [date for date in (first.start, second.start) if date]
    ends = [date for date in (first.end, second.end) if date]
    if starts and first.start != min(starts, key=_order):
        _set(first, "start", min(starts, key=_order))
    if not is_current and ends and first.end != max(ends, key=_order):
        _set(first, "end", max(ends, key=_order))
    if is_current and not first.current:
        _set(first, "end", None)
        _set(first, "current", value=True)


def _order(date: PartialDate) -> tuple[int, int, int]:
    return date.year, date.month or 0, date.day or 0


def _set(item: Item, name: str, value: Any) -> None:
    setattr(item, name, value)
    mark_edited(item, name)


def _vouch(item: Any, name: str, known: ValueMeta | None) -> None:
    """Mark a value as the person's own, with the source of where it stood before."""
    item.meta[name] = ValueMeta(source=known.source if known else None, confidence=1.0, status=ValueStatus.EDITED)
