"""Which sequences of bytes are tokens of a vocabulary: looked up in a file, so that next to nothing of it is in memory.

The file is a hash table. Its head says how many buckets there are, the places of the buckets follow, then the buckets: for
each token its length, its rank (the order in which it was learned) and its bytes. It is mapped into memory: what is never
looked up is never read, and all processes share what was. `python -m ai_router.data.make_vocabularies` makes the files.
"""

import mmap
from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path
from struct import Struct
from zlib import crc32

HEAD = Struct("<8sI")
MARK = b"TOKENS01"
PLACE = Struct("<II")
# A token and its length stand behind three bytes of rank.
RANK_BYTES = 3
BESIDES = 1 + RANK_BYTES


class Vocabulary:
    """The tokens of one file."""

    def __init__(self, path: Path) -> None:
        """Map the file.

        Raises:
            OSError: It cannot be read.
            ValueError: It is not such a file.
        """
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        mark, self._buckets = HEAD.unpack_from(self._bytes)
        if mark != MARK:
            message = f"{path.name} is not a vocabulary"
            raise ValueError(message)

    def rank_of(self, token: bytes) -> int | None:
        """Return when a token was learned, as a number from 0; None for what is no token."""
        content, size = self._bytes, len(token)
        place, end = PLACE.unpack_from(content, HEAD.size + 4 * (crc32(token) % self._buckets))
        while place < end:
            length, start = content[place], place + BESIDES
            if length == size and content[start : start + size] == token:
                return int.from_bytes(content[place + 1 : start], "little")
            place = start + length
        return None


def table_of(tokens: Iterable[bytes]) -> bytes:
    """Return the file for tokens in the order of their ranks; none is longer than 255 bytes."""
    ranked = list(tokens)
    buckets: list[list[bytes]] = [[] for _ in range(max(1, len(ranked) * 2 // 3))]
    for rank, token in enumerate(ranked):
        buckets[crc32(token) % len(buckets)] += [bytes([len(token)]), rank.to_bytes(RANK_BYTES, "little"), token]
    joined = [b"".join(bucket) for bucket in buckets]
    first = HEAD.size + 4 * (len(joined) + 1)
    places = accumulate(map(len, joined), initial=first)
    return HEAD.pack(MARK, len(joined)) + b"".join(place.to_bytes(4, "little") for place in places) + b"".join(joined)
