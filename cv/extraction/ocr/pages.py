"""One picture of a page → its characters, as a PDF's text layer would give them."""

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cv.extraction.ocr.engine import MIN_SCORE, Engine, Reading, Word
from cv.extraction.ocr.looks import BOLD_FACTOR, Look, measure, unite_sizes
from cv.extraction.ocr.turning import find_upright, slope
from cv.extraction.pdf.chars import Char, Font, PageContent

# The long side of a page in points where the picture doesn't tell: A4.
PAGE_SIDE = 842.0
# The share of a letter's box above the base line.
ASCENT = 0.8
# In ems: base lines that differ by less are one, in lines side by side.
SAME_BASE = 0.3
ROUND_SIGNS = ("。", "・", "○", "●")
REGULAR, BOLD = Font(name="scan"), Font(name="scan-bold", bold=True)


def read_page(picture: Any, engine: Engine, *, number: int, side: float = PAGE_SIDE) -> tuple[PageContent, float]:
    """Return a page's characters, and how sure the models are of its letters on the mean; 0 without any.

    `picture` is a PIL image, `side` the page's longer side in points. The content is laid upright.
    """
    import numpy as np

    array = np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])
    array, boxes, turn, levelled = find_upright(array, engine)
    height, width = array.shape[:2]
    scale = side / max(height, width)
    content = PageContent(number=number, width=width * scale, height=height * scale, turn=turn)
    if not len(boxes):
        return content, 0.0
    rest = slope(boxes)
    content.slope = levelled + rest
    lines = engine.cut(array, boxes)
    readings = engine.read(lines)
    if not any(reading.words for reading in readings):
        return content, 0.0
    letters = sum(len(reading.text) for reading in readings)
    certainty = sum(reading.score * len(reading.text) for reading in readings) / letters
    kept = [
        (_level(box, rest, width, height), reading, measure(line, reading.text))
        for box, reading, line in zip(boxes, readings, lines, strict=True)
        if reading.words and reading.score >= MIN_SCORE
    ]
    content.chars = list(_characters(_on_base_lines(kept, scale)))
    return content, certainty


def settle_sizes(contents: Sequence[PageContent]) -> None:
    """Make sizes of letters equal over all pages that differ only because ink can't be measured exactly."""
    chars = [char for content in contents for char in content.chars]
    united = unite_sizes(Counter(char.size for char in chars))
    for char in chars:
        char.size = united[char.size]
        char.top, char.bottom = char.base - ASCENT * char.size, char.base + (1 - ASCENT) * char.size


def _level(box: Any, degrees: float, width: int, height: int) -> Any:
    """Return corners turned back by the page's slope."""
    import numpy as np

    angle = math.radians(-degrees)
    center = np.array([width / 2, height / 2])
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return (box - center) @ turn.T + center


@dataclass(slots=True)
class _Line:
    """One line in points; `stroke` is a share of the em."""

    words: tuple[Word, ...]
    left: float
    right: float
    base: float
    size: float
    stroke: float


def _on_base_lines(kept: list[tuple[Any, Reading, Look]], scale: float) -> list[_Line]:
    """Return the lines, those of one row on one base line: measuring ink is not exact."""
    lines: list[_Line] = []
    for box, reading, look in kept:
        left, right = (box[0][0] + box[3][0]) / 2 * scale, (box[1][0] + box[2][0]) / 2 * scale
        top, bottom = (box[0][1] + box[1][1]) / 2 * scale, (box[2][1] + box[3][1]) / 2 * scale
        size = round(look.size * (bottom - top), 1)
        lines.append(
            _Line(_with_bullet(reading.words), left, right, top + look.base * (bottom - top), size, look.stroke)
        )
    lines.sort(key=lambda line: line.base)
    for place, line in enumerate(lines):
        for other in lines[max(0, place - 4) : place]:
            beside = line.left > other.right or other.left > line.right
            if beside and abs(line.base - other.base) < SAME_BASE * min(line.size, other.size):
                line.base = other.base
    return lines


def _with_bullet(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return words with the list sign before Latin text that is read as an ideographic full stop put right."""
    first = words[0]
    if not first.text.startswith(ROUND_SIGNS) or any(
        "\u3040" <= sign <= "\u9fff" for word in words for sign in word.text
    ):
        return words
    bullet = Word(text="•", middles=first.middles[:1])
    rest = [Word(text=first.text[1:], middles=first.middles[1:])] if len(first.text) > 1 else []
    return (bullet, *rest, *words[1:])


def _characters(lines: Sequence[_Line]) -> Iterator[Char]:
    strokes = [line.stroke for line in lines if line.stroke for word in line.words for _ in word.text]
    usual = statistics.median(strokes) if strokes else 0.0
    for line in lines:
        font = BOLD if usual and line.stroke > BOLD_FACTOR * usual else REGULAR
        for text, x0, x1 in _places(line.words, line.left, line.right):
            yield Char(
                text=text,
                x0=x0,
                top=line.base - ASCENT * line.size,
                x1=x1,
                bottom=line.base + (1 - ASCENT) * line.size,
                base=line.base,
                size=line.size,
                font=font,
                color="#000000",
            )


def _places(words: tuple[Word, ...], left: float, right: float) -> Iterator[tuple[str, float, float]]:
    """Yield letters and blanks with their left and right edges; within a word they touch."""
    width = right - left
    steps = [after - before for word in words for before, after in pairwise(word.middles)]
    half = statistics.median(steps) / 2 if steps else 0.5
    edge = None
    for word in words:
        middles = word.middles
        inner = [(before + after) / 2 for before, after in pairwise(middles)]
        edges = [max(0.0, middles[0] - half), *inner, min(1.0, middles[-1] + half)]
        if edge is not None:
            edges[0] = max(edges[0], edge)
            yield " ", left + edge * width, left + edges[0] * width
        for text, x0, x1 in zip(word.text, edges, edges[1:], strict=False):
            yield text, left + x0 * width, left + x1 * width
        edge = edges[-1]
