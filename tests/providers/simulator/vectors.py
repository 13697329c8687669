"""Vectors that a modest embedding model would give: texts that share words are near."""

import hashlib
import math
import re

DIMENSIONS = 64
_WORD = re.compile(r"\w+")


def embed(text: str, dimensions: int | None = None) -> list[float]:
    """Return a unit vector: each word adds to a place that its hash decides."""
    vector = [0.0] * (dimensions or DIMENSIONS)
    for word in _WORD.findall(text.lower()) or [""]:
        digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
        place = int.from_bytes(digest[:4], "big") % len(vector)
        vector[place] += 1.0 if digest[4] & 1 else -1.0
    length = math.sqrt(sum(value * value for value in vector))
    if not length:
        return [1.0, *vector[1:]]
    return [value / length for value in vector]
