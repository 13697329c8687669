"""What a person does to a résumé: correct a value, confirm it, add an item, remove one. Pure functions, each returns a copy."""

import secrets
from enum import StrEnum
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from cv.errors import InvalidValueError, UnknownItemError
from cv.json_resume.values import is_current, partial_date
from cv.resume import CEFRLevel, Item, Location, PartialDate, Resume, ValueMeta, ValueStatus

MAX_VALUE_LENGTH = 20_000
LONG_FIELDS = frozenset({"summary", "description", "text"})
DATE_HINT = "Write the date as 2021, 2021-03, 2021-03-15 or Mar 2021"


class FieldKind(StrEnum):
    """How a value is shown and entered."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    FLAG = "flag"
    WORDS = "words"
    LEVEL = "level"
    PLACE = "place"


_KINDS: dict[Any, FieldKind] = {
    str: FieldKind.TEXT,
    PartialDate: FieldKind.DATE,
    bool: FieldKind.FLAG,
    list[str]: FieldKind.WORDS,
    CEFRLevel: FieldKind.LEVEL,
    Location: FieldKind.PLACE,
}


def field_kinds(item: Item) -> dict[str, FieldKind]:
    """Return the values of an item that a person may edit, in the model's order."""
    kinds = {}
    for name, field in type(item).model_fields.items():
        wanted = [part for part in get_args(field.annotation) if part is not NoneType]
        kind = _KINDS.get(field.annotation) or _KINDS.get(wanted[0] if len(wanted) == 1 else None)
        if kind and name not in Item.model_fields:
            kinds[name] = FieldKind.LONG_TEXT if name in LONG_FIELDS else kind
    return kinds


def written_value(item: Item, name: str) -> str:
    """Return a value the way a person would type it; `present` for the end of something that goes on."""
    value = getattr(item, name)
    if name == "end" and getattr(item, "current", False):
        return "present"
    if isinstance(value, PartialDate):
        return value.iso()
    if isinstance(value, Location):
        return value.text or ", ".join(filter(None, (value.address, value.city, value.region, value.country_code)))
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "")


def edit_value(resume: Resume, *, item_id: str, field: str, written: str) -> Resume:
    """Return the résumé with one value as the person wrote it, marked as edited; its source is kept for comparison.

    Raises:
        UnknownItemError: There is no such item, or it has no such value.
        InvalidValueError: The text can't be read as a value of this kind.
    """
    resume, item, kind = _addressed(resume, item_id, field)
    if len(written) > MAX_VALUE_LENGTH:
        raise InvalidValueError(f"A value may have at most {MAX_VALUE_LENGTH:,} characters.")
    written = written.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8").replace("\r\n", "\n").strip()
    if field == "end" and is_current(written):
        item.end, item.current = None, True  # type: ignore[attr-defined]
        mark_edited(item, "current")
    else:
        value = _value_of(item, field, kind, written)
        try:
            setattr(item, field, value)
        except ValidationError as error:
            raise InvalidValueError(f"{written[:60]!r} is no value for {field}.") from error
        _keep_consistent(item, field, value)
    mark_edited(item, field)
    return resume


def confirm_value(resume: Resume, *, item_id: str, field: str) -> Resume:
    """Return the résumé with one value marked as confirmed; an edited value stays edited.

    Raises:
        UnknownItemError: There is no such item, or it has no such value.
    """
    resume, item, _ = _addressed(resume, item_id, field)
    _confirm(item, field)
    return resume


def confirm_all(resume: Resume, *, at_least: float = 0.0) -> Resume:
    """Return the résumé with every filled value of this confidence or more marked as confirmed; edited values stay edited."""
    resume = resume.model_copy(deep=True)
    for item in resume.items():
        for name in field_kinds(item):
            meta = item.meta.get(name)
            is_sure = meta is None or meta.confidence >= at_least
            if is_sure and getattr(item, name) not in ("", None, [], False):
                _confirm(item, name)
    return resume


def add_item(resume: Resume, *, collection: str, parent_id: str = "") -> tuple[Resume, Item]:
    """Return the résumé with one more, empty item at the end of a collection, and the item.

    Args:
        resume: The résumé.
        collection: A list of items: `employers` of the résumé, `positions` of an employer, `highlights` of a position.
        parent_id: Whose collection it is; empty for the résumé's own.

    Raises:
        UnknownItemError: There is no such parent or collection.
    """
    resume = resume.model_copy(deep=True)
    parent: Resume | Item | None = resume.item(parent_id) if parent_id else resume
    item_class = collection_classes(parent).get(collection)
    if parent is None or item_class is None:
        raise UnknownItemError
    required = {name: "" for name, field in item_class.model_fields.items() if field.is_required()}
    item = item_class(**required, id=new_id(item_class))
    for name in field_kinds(item):
        mark_edited(item, name)
    getattr(parent, collection).append(item)
    resume.assign_ids()
    return resume, item


def remove_item(resume: Resume, *, item_id: str) -> Resume:
    """Return the résumé without one item and what stands under it.

    Raises:
        UnknownItemError: There is no such item, or it is the person.
    """
    resume = resume.model_copy(deep=True)
    for _, items in collections_of(resume):
        for index, item in enumerate(items):
            if item.id == item_id:
                del items[index]
                return resume
    raise UnknownItemError


def new_id(kind: type[Item]) -> str:
    """Return an id for an item that a person made: no reading ever has it, so it is never taken for an item that was removed."""
    return f"{kind.__name__.lower()}-{secrets.token_hex(4)}"


def mark_edited(item: Item, field: str) -> None:
    """Mark a value as written by the person; its source is kept for comparison."""
    _mark(item, field, ValueStatus.EDITED)


def collections_of(value: Resume | Item) -> list[tuple[str, list[Any]]]:
    """Return every list of items in a résumé or under an item, with the id of whom it belongs to (empty: the résumé)."""
    found: list[tuple[str, list[Any]]] = []
    owner_id = value.id if isinstance(value, Item) else ""
    for name in type(value).model_fields:
        inner = getattr(value, name)
        if name in collection_classes(value):
            found.append((owner_id, inner))
        for item in inner if isinstance(inner, list) else [inner]:
            if isinstance(item, Item):
                found.extend(collections_of(item))
    return found


def collection_classes(parent: BaseModel | None) -> dict[str, type[Item]]:
    """Return the lists of items that a résumé or an item has, each with the class of its items."""
    if parent is None:
        return {}
    arguments = {name: get_args(field.annotation) for name, field in type(parent).model_fields.items()}
    return {
        name: wanted[0]
        for name, wanted in arguments.items()
        if len(wanted) == 1 and isinstance(wanted[0], type) and issubclass(wanted[0], Item)
    }


def _addressed(resume: Resume, item_id: str, field: str) -> tuple[Resume, Item, FieldKind]:
    resume = resume.model_copy(deep=True)
    item = resume.item(item_id) if item_id else None
    kind = field_kinds(item).get(field) if item else None
    if item is None or kind is None:
        raise UnknownItemError
    return resume, item, kind


def _value_of(item: Item, field: str, kind: FieldKind, written: str) -> Any:
    """Read what the person wrote as a value of this kind."""
    if not written:
        if type(item).model_fields[field].is_required():
            raise InvalidValueError("This may not be empty. Remove the item if it should go.")
        empty: dict[FieldKind, Any] = {FieldKind.WORDS: [], FieldKind.FLAG: False}
        return empty.get(kind, "" if kind in {FieldKind.TEXT, FieldKind.LONG_TEXT} else None)
    if kind == FieldKind.DATE:
        date = partial_date(written)
        if date is None:
            raise InvalidValueError(f"{DATE_HINT}{' (or present).' if field == 'end' else '.'}")
        return date
    readers: dict[FieldKind, Any] = {
        FieldKind.WORDS: lambda: [word for part in written.split(",") if (word := part.strip())],
        FieldKind.FLAG: lambda: written.lower() in {"yes", "true", "1", "on"},
        FieldKind.PLACE: lambda: Location(text=written),
        FieldKind.TEXT: lambda: " ".join(written.split()),
    }
    return readers.get(kind, lambda: written)()


def _keep_consistent(item: Item, field: str, value: Any) -> None:
    """What goes on has no end, and what has an end does not go on."""
    if field == "end" and value is not None and getattr(item, "current", False):
        item.current = False  # type: ignore[attr-defined]
        mark_edited(item, "current")
    elif field == "current" and value and getattr(item, "end", None):
        item.end = None  # type: ignore[attr-defined]
        mark_edited(item, "end")


def _confirm(item: Item, field: str) -> None:
    meta = item.meta.get(field)
    if meta is None or meta.status == ValueStatus.AUTO:
        _mark(item, field, ValueStatus.CONFIRMED)


def _mark(item: Item, field: str, status: ValueStatus) -> None:
    known = item.meta.get(field)
    item.meta[field] = ValueMeta(source=known.source if known else None, confidence=1.0, status=status)
