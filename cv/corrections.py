"""Carry what a person corrected into a fresh reading of the same document."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from cv.resume import Item, Person, Resume, ValueStatus
from cv.review import collections_of, field_kinds


def keep_corrections(fresh: Resume, *, corrected: Resume, baseline: Resume | None) -> Resume:
    """Return a fresh reading with the person's work on an earlier one.

    Edited and confirmed values survive, items that the person added are added, items that were removed stay removed. Items
    of the two readings are paired by the lines that they were read from, then by their text.

    Args:
        fresh: The new reading.
        corrected: The latest version, with the person's changes.
        baseline: The earlier reading as it was, before any change; None where there was none.
    """
    fresh = fresh.model_copy(deep=True)
    before = {item.id: item for item in (baseline or Resume()).items()}
    pairs = _Pairs(fresh)
    pairs.pair(before.get(item.id, item) for item in corrected.items())
    _drop_removed(fresh, corrected, before, pairs)
    for item in corrected.items():
        counterpart = pairs.counterpart(item.id)
        if counterpart is not None:
            _carry_values(item, counterpart)
    for collection in _collection_names(corrected):
        _carry_items(collection, fresh, corrected, before, pairs)
    return fresh.assign_ids()


@dataclass(frozen=True)
class _Signature:
    """What tells an item from others of its kind."""

    item: Item
    lines: frozenset[str]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, item: Item) -> Self:
        lines = (line for meta in item.meta.values() if meta.source for line in meta.source.line_ids)
        values = (getattr(item, name) for name in field_kinds(item))
        texts = (" ".join(value.casefold().split()) for value in values if isinstance(value, str))
        return cls(item, frozenset(lines), tuple(filter(None, texts)))


class _Pairs:
    """Which item of the fresh reading is which of the earlier ones; each fresh item is taken once."""

    def __init__(self, fresh: Resume) -> None:
        self._free = [_Signature.of(item) for item in fresh.items()]
        self._counterparts: dict[str, Item] = {}

    def pair(self, items: Iterable[Item]) -> None:
        """Pair the surest first: same lines and a text, then the same first text, then same lines."""
        waiting = [_Signature.of(item) for item in items if item.id and item.id not in self._counterparts]
        for is_same in (_is_person, _has_same_lines_and_text, _has_same_text, _has_same_lines):
            for ours in list(waiting):
                match = next(
                    (theirs for theirs in self._free if _is_kind(ours, theirs) and is_same(ours, theirs)), None
                )
                if match is not None:
                    self._counterparts[ours.item.id] = match.item
                    self._free.remove(match)
                    waiting.remove(ours)

    def counterpart(self, item_id: str) -> Item | None:
        """Return the fresh item, or None."""
        return self._counterparts.get(item_id)


def _drop_removed(fresh: Resume, corrected: Resume, before: dict[str, Item], pairs: _Pairs) -> None:
    kept = {item.id for item in corrected.items()}
    removed = [item for item in before.values() if item.id not in kept]
    pairs.pair(removed)
    gone = [id(match) for item in removed if (match := pairs.counterpart(item.id)) is not None]
    for _, items in collections_of(fresh):
        items[:] = [item for item in items if id(item) not in gone]


def _carry_values(item: Item, counterpart: Item) -> None:
    for name in field_kinds(item):
        meta = item.meta.get(name)
        if meta is not None and meta.status != ValueStatus.AUTO:
            setattr(counterpart, name, getattr(item, name))
            counterpart.meta[name] = meta.model_copy(deep=True)


def _collection_names(resume: Resume) -> list[tuple[Resume | Item, str]]:
    owners: list[Resume | Item] = [resume, *resume.items()]
    return [
        (owner, name)
        for owner in owners
        for name in type(owner).model_fields
        if isinstance(items := getattr(owner, name), list) and any(isinstance(item, Item) for item in items)
    ]


def _carry_items(
    collection: tuple[Resume | Item, str], fresh: Resume, corrected: Resume, before: dict[str, Item], pairs: _Pairs
) -> None:
    """Add what the person added, or corrected and the fresh reading did not find, where its parent is found."""
    owner, name = collection
    parent: Resume | Item | None = pairs.counterpart(owner.id) if isinstance(owner, Item) else fresh
    if parent is None:
        return
    known: list[Any] = getattr(parent, name)
    missing = (item for item in getattr(owner, name) if pairs.counterpart(item.id) is None)
    known.extend(_without_ids(item) for item in missing if item.id not in before or _is_corrected(item))


def _is_corrected(item: Item) -> bool:
    inner = [item, *(inner for _, items in collections_of(item) for inner in items)]
    return any(meta.status != ValueStatus.AUTO for part in inner for meta in part.meta.values())


def _without_ids(item: Item) -> Item:
    duplicate = item.model_copy(deep=True)
    for part in [duplicate, *(inner for _, items in collections_of(duplicate) for inner in items)]:
        part.id = ""
    return duplicate


def _is_kind(ours: _Signature, theirs: _Signature) -> bool:
    return type(ours.item) is type(theirs.item)


def _is_person(ours: _Signature, theirs: _Signature) -> bool:
    return isinstance(ours.item, Person)


def _has_same_lines(ours: _Signature, theirs: _Signature) -> bool:
    return len(ours.lines & theirs.lines) * 2 > min(len(ours.lines), len(theirs.lines))


def _has_same_lines_and_text(ours: _Signature, theirs: _Signature) -> bool:
    """Several items may come from one line, such as skills, so that a text must agree as well."""
    return _has_same_lines(ours, theirs) and not set(ours.texts).isdisjoint(theirs.texts)


def _has_same_text(ours: _Signature, theirs: _Signature) -> bool:
    return bool(ours.texts) and ours.texts[:1] == theirs.texts[:1]
