"""Which lines of a region belong to one paragraph."""

import statistics
from itertools import pairwise

from cv.extraction.text import is_right_to_left
from cv.extraction.types import TextLine

# In ems, between the tops of two lines: beyond the usual distance by so much a new paragraph begins.
SLACK = 0.35
# A line that leaves room for the next line's first word was ended on purpose.
WORD_ROOM = 0.5


def number_blocks(lines: list[TextLine], block: int) -> int:
    """Number the lines' paragraphs from `block` on, and return the next free number."""
    if not lines:
        return block
    usual = _usual_distance(lines)
    ends = (min(line.box[0] for line in lines if line.box), max(line.box[2] for line in lines if line.box))
    lines[0].block = block
    for before, line in pairwise(lines):
        block += _begins_block(before, line, usual=usual, ends=ends)
        line.block = block
    return block + 1


def _usual_distance(lines: list[TextLine]) -> float:
    """Return the common distance of lines in a paragraph, in ems."""
    distances = [
        (line.box[1] - before.box[1]) / line.size
        for before, line in pairwise(lines)
        if line.box and before.box and line.size and abs(line.size - before.size) < 0.5 and not line.bullet
    ]
    close = [distance for distance in distances if 0.8 < distance < 2.2]
    return statistics.median_low(close) if close else 1.3


def _begins_block(before: TextLine, line: TextLine, *, usual: float, ends: tuple[float, float]) -> bool:
    if line.bullet or before.box is None or line.box is None:
        return True
    size = max(line.size, 1.0)
    if abs(line.size - before.size) > 0.07 * size or line.bold != before.bold:
        return True
    if (line.box[1] - before.box[1]) / size > usual + SLACK:
        return True
    if "\t" in line.text or ("\t" in before.text and _begins_near(before, line)):
        return True
    return _left_room(before, line, ends) and not _continues_sentence(before, line)


def _left_room(before: TextLine, line: TextLine, ends: tuple[float, float]) -> bool:
    """Whether the next line's first word would have fitted into the line before."""
    assert before.box is not None  # noqa: S101 - the caller has looked
    assert line.box is not None  # noqa: S101
    width = (line.box[2] - line.box[0]) / max(len(line.text), 1)
    word = len(line.text.split(maxsplit=1)[0]) + 1
    room = before.box[0] - ends[0] if is_right_to_left(before.text) else ends[1] - before.box[2]
    return room > width * word + WORD_ROOM * line.size


def _begins_near(before: TextLine, line: TextLine) -> bool:
    """Whether a line begins where the one before does, and not in its second cell."""
    assert before.box is not None  # noqa: S101 - the caller has looked
    assert line.box is not None  # noqa: S101
    if is_right_to_left(before.text):
        return line.box[2] > before.box[2] - line.size
    return line.box[0] < before.box[0] + line.size


def _continues_sentence(before: TextLine, line: TextLine) -> bool:
    return line.text[:1].islower() and before.text[-1:] not in ".;:!?"
