"""Is it the same posting? By its words: equal ones are the same, nearly equal ones are likely another copy."""

import hashlib
import re
from functools import lru_cache

# From this share of common rows of words on, two texts are taken for copies of one posting.
ALIKE = 0.7
_ROW = 4
_WORD = re.compile(r"\w+")


def text_hash(title: str, employer: str, text: str) -> str:
    """Return the SHA-256 of a posting's words, whatever their case, punctuation and spacing."""
    words = _WORD.findall(f"{title} {employer} {text}".casefold())
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def likeness(one: str, other: str) -> float:
    """Return how much of two texts is common: of all rows of four words, the share that both have (Jaccard), in [0, 1]."""
    left, right = _rows(one), _rows(other)
    return len(left & right) / len(left | right) if left and right else 0.0


@lru_cache(maxsize=200)
def _rows(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    places = range(max(1, len(words) - _ROW + 1)) if words else range(0)
    return frozenset(tuple(words[place : place + _ROW]) for place in places)
