"""A three-way merge: what an edited export says, and what it kept beside the standard part."""

from typing import Any, TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)


def merge(*, read: Model, plain: Model, kept: Model) -> Model:
    """Return `kept` with every value replaced that differs between `read` and `plain`.

    Args:
        read: What the standard part of the file says now.
        plain: What it said when it was written.
        kept: The whole value, as it was kept beside the standard part.
    """
    values = {name: _merged(getattr(read, name), getattr(plain, name), getattr(kept, name)) for name in _fields(kept)}
    return type(kept).model_validate(values)


def _fields(model: BaseModel) -> list[str]:
    return list(type(model).model_fields)


def _merged(read: Any, plain: Any, kept: Any) -> Any:
    if read == plain:
        return kept
    if isinstance(read, BaseModel) and type(read) is type(plain) is type(kept):
        return merge(read=read, plain=plain, kept=kept)
    if isinstance(read, list) and len(plain) == len(kept):
        return _merged_list(read, plain, kept)
    return read


def _merged_list(read: list[Any], plain: list[Any], kept: list[Any]) -> list[Any]:
    """Pair elements that are unchanged, then the changed ones in their order; what is left over is new."""
    places: dict[str, list[int]] = {}
    for place in reversed(range(len(plain))):
        places.setdefault(_key(plain[place]), []).append(place)
    same = {index: left.pop() for index, element in enumerate(read) if (left := places.get(_key(element)))}
    partners = {index: (plain[place], kept[place]) for index, place in same.items()}
    # Only where nothing was added or taken away is the nth changed element surely the nth one of before.
    if len(read) == len(plain):
        changed = [index for index in range(len(read)) if index not in partners]
        waiting = sorted(set(range(len(plain))).difference(same.values()))
        partners.update((index, (plain[place], kept[place])) for index, place in zip(changed, waiting, strict=True))
    return [_merged(element, *partners[index]) if index in partners else element for index, element in enumerate(read)]


def _key(element: Any) -> str:
    """Return a text that equal elements share."""
    return element.model_dump_json() if isinstance(element, BaseModel) else repr(element)
