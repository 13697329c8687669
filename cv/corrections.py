"""Carry what a person corrected into a fresh reading of the same document."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

from cv.resume import Item, Person, Resume, ValueStatus
from cv.review import collection_classes, collections_of, field_kinds


def keep_corrections(fresh: Resume, *, corrected: Resume, baseline: Resume | None) -> Resume:
    """Return a fresh reading with the person's work on an earlier one.

    Edited and confirmed values survive, items that the person added are added, items that were removed stay removed, and what
    was moved, joined or parted stands where the person put it. Items of the two readings are paired by the lines that they were
    read from, then by their text.

    Args:
        fresh: The new reading.
        corrected: The latest version, with the person's changes.
        baseline: The earlier reading as it was, before any change; None where there was none.
    """
    fresh = fresh.model_copy(deep=True)
    read = baseline or Resume()
    before = {item.id: item for item in read.items()}
    pairs = _Pairs(fresh)
    # What was read is found before what the person made of it: a copy has the words of its original.
    pairs.pair(before[item.id] for item in corrected.items() if item.id in before)
    pairs.pair(item for item in corrected.items() if item.id not in before)
    for item in corrected.items():
        counterpart = pairs.counterpart(item.id)
        if counterpart is not None:
            _carry_values(item, counterpart)
    homes = {child.id: (owner, name) for owner, name, items in _lists(read) for child in items}
    places = {item_id: place for place, item_id in enumerate(homes)}
    for owner, name, items in _lists(corrected):
        parent = pairs.counterpart(owner) if owner else fresh
        if parent is not None:
            moved = {item.id for item in items if homes.get(item.id) != (owner, name)}
            here: list[Any] = getattr(parent, name)
            _carry_items(items, here, moved, pairs)
            _bring_home(items, here, moved, fresh, pairs)
            if moved or not _is_sorted([places[item.id] for item in items]):
                _keep_order(items, here, pairs)
    _drop_removed(fresh, corrected, before, pairs)
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

    def add(self, item: Item, counterpart: Item) -> None:
        """Note what was added for an item that the fresh reading does not have."""
        self._counterparts[item.id] = counterpart

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


def _lists(resume: Resume) -> list[tuple[str, str, list[Any]]]:
    """Return every list of items with its owner's id (empty: the résumé) and its name, owners before what stands under them."""
    owners: list[Resume | Item] = [resume, *resume.items()]
    return [
        (owner.id if isinstance(owner, Item) else "", name, getattr(owner, name))
        for owner in owners
        for name in collection_classes(owner)
    ]


def _carry_items(items: list[Any], here: list[Any], moved: set[str], pairs: _Pairs) -> None:
    """Add what the person added, moved or corrected and the fresh reading did not find; what is under it comes by itself."""
    for item in items:
        if pairs.counterpart(item.id) is None and (item.id in moved or _is_corrected(item)):
            duplicate = item.model_copy(deep=True)
            duplicate.id = ""
            for inner in collection_classes(duplicate):
                getattr(duplicate, inner).clear()
            here.append(duplicate)
            pairs.add(item, duplicate)


def _bring_home(items: list[Any], here: list[Any], moved: set[str], fresh: Resume, pairs: _Pairs) -> None:
    """Move what the person put into this list out of the list where it was read."""
    for item in items:
        counterpart = pairs.counterpart(item.id)
        if item.id not in moved or counterpart is None or any(one is counterpart for one in here):
            continue
        for _, _, others in _lists(fresh):
            others[:] = [one for one in others if one is not counterpart]
        here.append(counterpart)


def _keep_order(items: list[Any], here: list[Any], pairs: _Pairs) -> None:
    """Put a list into the person's order; what is new in the reading stays behind the item before it."""
    wanted = {id(pairs.counterpart(item.id)): float(place) for place, item in enumerate(items)}
    places: dict[int, float] = {}
    last = -1.0
    for one in here:
        last = wanted.get(id(one), last + 1e-6)
        places[id(one)] = last
    here.sort(key=lambda one: places[id(one)])


def _is_sorted(numbers: list[int]) -> bool:
    return all(before <= after for before, after in pairwise(numbers))


def _is_corrected(item: Item) -> bool:
    inner = [item, *(inner for _, items in collections_of(item) for inner in items)]
    return any(meta.status != ValueStatus.AUTO for part in inner for meta in part.meta.values())


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
