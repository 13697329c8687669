"""Two versions of a text beside each other: lines that belong together in one row, with the words that differ."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# From this likeness on, two lines are one line reworded.
_SAME_LINE = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words of a difference; `kind` is `same`, `gone`, `new` or `moved`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of either version, or of both; a side that has no such line is empty."""

    left: list[Piece]
    right: list[Piece]

    @property
    def sides(self) -> tuple[list[Piece], list[Piece]]:
        """Left and right."""
        return self.left, self.right

    @property
    def is_same(self) -> bool:
        """Whether both sides say the same in the same place."""
        return all(piece.kind == "same" for piece in [*self.left, *self.right])


def difference(before: str, after: str) -> list[Piece]:
    """Return the difference of two texts by words, computed, never reported."""
    old, new = _words(before), _words(after)
    pieces: list[Piece] = []
    for tag, a0, a1, b0, b1 in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[a0:a1])))
            continue
        if a1 > a0:
            pieces.append(Piece("gone", "".join(old[a0:a1])))
        if b1 > b0:
            pieces.append(Piece("new", "".join(new[b0:b1])))
    return pieces


def side_by_side(before: Sequence[str], after: Sequence[str]) -> list[Row]:
    """Return two lists of lines as rows. A line that stands elsewhere in the other version is marked as moved."""
    rows: list[Row] = []
    for tag, a0, a1, b0, b1 in difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [Row([Piece("same", line)], [Piece("same", line)]) for line in before[a0:a1]]
        else:
            rows += _changed(before[a0:a1], after[b0:b1], before, after)
    return rows


def _changed(old: Sequence[str], new: Sequence[str], before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    """Put each line of a changed passage beside the next one that is nearly the same."""
    place = 0
    for line in old:
        partner = None if line in after else _partner(line, new, before, place)
        if partner is None:
            yield Row([Piece("moved" if line in after else "gone", line)], [])
            continue
        yield from _added(new[place:partner], before)
        pieces = difference(line, new[partner])
        yield Row([p for p in pieces if p.kind != "new"], [p for p in pieces if p.kind != "gone"])
        place = partner + 1
    yield from _added(new[place:], before)


def _partner(line: str, new: Sequence[str], before: Sequence[str], place: int) -> int | None:
    likeness = {
        number: difflib.SequenceMatcher(a=_words(line), b=_words(new[number]), autojunk=False).ratio()
        for number in range(place, len(new))
        if new[number] not in before
    }
    best = max(likeness, key=lambda number: likeness[number], default=None)
    return best if best is not None and likeness[best] >= _SAME_LINE else None


def _added(lines: Sequence[str], before: Sequence[str]) -> Iterator[Row]:
    for line in lines:
        yield Row([], [Piece("moved" if line in before else "new", line)])


def _words(text: str) -> list[str]:
    """Return words, signs and white space; a number with its point is one word."""
    return re.findall(r"\s+|\w+(?:[.,'’-]\w+)*|[^\w\s]", text)
