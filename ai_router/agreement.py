"""How far two structured answers to the same request say the same."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

# What is longer is prose: no two models word it alike, and nothing follows from that.
LONGEST_VALUE = 80


def agreement_of(one: Any, other: Any) -> float | None:
    """Return the share of values that both answers have, from 0 to 1 (F1 over the values with their places).

    Args:
        one: An answer as plain data, as JSON holds it.
        other: The other one.

    Returns:
        Twice the values that stand in both, over all values of both. The order of lists, case, spaces, empty values and prose
        do not count. None where nothing is left to compare.
    """
    mine, others = Counter(_values(one)), Counter(_values(other))
    total = mine.total() + others.total()
    return 2 * (mine & others).total() / total if total else None


def _values(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield the values with their places; an entry of a list is told by what it says, not by its number."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _values(value, f"{place}.{name}")
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, f"{place}[]")
    elif isinstance(node, str):
        words = " ".join(node.casefold().split())
        if words and len(words) <= LONGEST_VALUE:
            yield place, words
    elif node is not None:
        yield place, json.dumps(node)
