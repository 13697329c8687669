"""OpenAI's encodings: how many tokens a text has, as tiktoken counts them, in a few megabytes instead of seventy-five.

A text is split into words by the encoding's pattern, and of each word the two neighbouring parts that were learned as one
token first are joined, until no two neighbours are a token (byte-pair encoding, Sennrich et al. 2016). What was counted is
kept for a while: texts are made of the same words.

A stretch without a space that is longer than any sentence is counted in a time that grows with its length only. Up to
`MOST_JOINED_BYTES` of it are joined, in pieces of `PIECE_CHARACTERS` with a token more for each cut; a piece that comes
again costs nothing. Of what is beyond, words that are neither tokens nor known are taken for the tokens of their single
characters. Neither is less than the exact count: a cut, and characters apart, only take joins away. Pieces are at most two
tokens a cut above it; beyond, random letters count for twice what they are, random Chinese for hardly more.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import TypeVar

from ai_router.digits import with_noughts
from ai_router.vocabulary import Vocabulary

K = TypeVar("K")
V = TypeVar("V")
DATA = Path(__file__).parent / "data"
# How a text is split into words is part of an encoding's published definition (tiktoken, MIT).
PATTERNS = {
    "o200k_base": "|".join(
        (
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            r"\s*[\r\n]+",
            r"\s+(?!\S)",
            r"\s+",
        )
    ),
    "cl100k_base": "|".join(
        (
            r"'(?i:[sdmt]|ll|ve|re)",
            r"[^\r\n\p{L}\p{N}]?+\p{L}++",
            r"\p{N}{1,3}+",
            r" ?[^\s\p{L}\p{N}]++[\r\n]*+",
            r"\s++$",
            r"\s*[\r\n]",
            r"\s+(?!\S)",
            r"\s",
        )
    ),
}
# No word reaches over a single space between two other characters, whatever stands around it: a text is cut there first.
STRETCHES = re.compile(r" ?\S*(?:(?! \S)\s+\S*)*")
# Added to the count of a stretch that may not be cut off just anywhere: it begins or ends with more space than that.
NOT_ALONE = 1 << 40
# Stretches, words and parts of words that are kept, about three megabytes each when full; longer ones come but once.
MOST_KEPT = 25_000
LONGEST_KEPT = 48
# A longer stretch is counted in pieces, and at most.
EXACT_CHARACTERS = 16_384
PIECE_CHARACTERS = 2_048
MOST_JOINED_BYTES = 65_536


class Encoding:
    """One of OpenAI's encodings."""

    def __init__(self, name: str) -> None:
        """Open it.

        Raises:
            ImportError: The package `regex` is not installed.
            OSError, ValueError: The vocabulary cannot be read.
        """
        import regex

        words = _Words(_Parts(Vocabulary(DATA / f"{name}.tokens")))
        self._stretches = _Stretches(regex.compile(PATTERNS[name]).findall, words)

    def count(self, text: str) -> int:
        """Return the tokens of a text; what reads like a special token is text like any other."""
        try:
            return self._count(text)
        except UnicodeEncodeError:
            # Halves of a pair are joined, or replaced, as tiktoken does it.
            return self._count(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))

    def _count(self, text: str) -> int:
        tokens = self._stretches.__getitem__
        # All numbers of one to three digits are tokens, and a digit is cut off like any other: so numbers that have never
        # come before need not be looked at.
        text = with_noughts(text)
        if "\0" not in text:
            # Cut before every space, which is done in no time and is right for most texts.
            count = sum(map(tokens, text.replace(" ", "\0 ").split("\0")))
            if count < NOT_ALONE:
                return count
        return sum(map(tokens, STRETCHES.findall(text))) % NOT_ALONE


class _Stretches(dict[str, int]):
    """The tokens of stretches of text, counted when first asked for."""

    def __init__(self, split: Callable[[str], list[str]], words: "_Words") -> None:
        super().__init__()
        self._split = split
        self.words = words

    def __missing__(self, stretch: str) -> int:
        words = self._split(stretch)
        is_short = len(stretch) <= EXACT_CHARACTERS
        count = sum(map(self.words.__getitem__, words)) if is_short else self.words.count_at_most(words)
        if stretch[-1:].isspace() or stretch[:2].isspace():
            count += NOT_ALONE
        if len(stretch) <= LONGEST_KEPT:
            _keep(self, stretch, count)
        return count


class _Words(dict[str, int]):
    """The tokens of words, counted when first asked for."""

    def __init__(self, parts: "_Parts") -> None:
        super().__init__()
        self.parts = parts

    def __missing__(self, word: str) -> int:
        content = word.encode()
        count = 1 if self.parts.vocabulary.rank_of(content) is not None else self.parts.count(content)
        if len(word) <= LONGEST_KEPT:
            _keep(self, word, count)
        return count

    def count_at_most(self, words: Iterable[str]) -> int:
        """Return how many tokens many words are at most, in a time that grows with their length and no faster."""
        count, left = 0, MOST_JOINED_BYTES
        joined: dict[str, int] = {}
        for word in words:
            for start in range(0, len(word), PIECE_CHARACTERS):
                piece = word[start : start + PIECE_CHARACTERS]
                found = self.get(piece) or joined.get(piece)
                if found is None:
                    content = piece.encode()
                    if self.parts.vocabulary.rank_of(content) is not None:
                        found = 1
                    elif left > 0:
                        left -= len(content)
                        found = joined[piece] = self[piece]
                    else:
                        found = sum(map(self.__getitem__, piece))
                count += found + (start > 0)
        return count


class _Parts(dict[bytes, int | None]):
    """The ranks of parts of words, looked up when first asked for."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def __missing__(self, part: bytes) -> int | None:
        rank = self.vocabulary.rank_of(part)
        _keep(self, part, rank)
        return rank

    def count(self, word: bytes) -> int:
        """Return of how many tokens a word is made that is none itself."""
        # Part `i` begins at byte `i`: where it ends, and where the part before it begins.
        ends = list(range(1, len(word) + 1))
        before = list(range(-1, len(word) - 1))
        joins = list(self._joins(word))
        heapify(joins)
        count = len(word)
        while joins:
            _, start, middle, end = heappop(joins)
            if ends[start] != middle or ends[middle] != end:
                continue
            ends[start], ends[middle] = end, 0
            count -= 1
            if end < len(word):
                before[end] = start
                if (rank := self[word[start : ends[end]]]) is not None:
                    heappush(joins, (rank, start, end, ends[end]))
            first = before[start]
            if first >= 0 and (rank := self[word[first:end]]) is not None:
                heappush(joins, (rank, first, start, end))
        return count

    def _joins(self, word: bytes) -> Iterator[tuple[int, int, int, int]]:
        """Yield the pairs of neighbouring bytes that are tokens: rank, and where the two begin, meet and end."""
        for start in range(len(word) - 1):
            rank = self[word[start : start + 2]]
            if rank is not None:
                yield rank, start, start + 1, start + 2


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    """Remember a value; when there are too many, all begin anew."""
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = value


@lru_cache(maxsize=4)
def find_encoding(name: str) -> Encoding:
    """Return an encoding, `o200k_base` or `cl100k_base`, opened once in each process."""
    return Encoding(name)
