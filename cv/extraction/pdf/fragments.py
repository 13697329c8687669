"""Characters → fragments: pieces of a visual line without a wide gap in them."""

import re
import statistics
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from cv.extraction.pdf.chars import Char
from cv.extraction.types import Box

# In ems. A word space is a quarter to a third; the narrowest that justified type allows is 0.2.
WORD_GAP = 0.15
# Wider than nearly all word spaces in justified type, narrower than the gutter between two columns.
FRAGMENT_GAP = 0.65
IDEOGRAPH_GAP = 1.4
# Without a blank and without punctuation, whose ink fills half its width, signs stand closer.
BARE_IDEOGRAPH_GAP = 0.9
# Letters of one base line that overlap by more than this share of their size, so many times, were painted over each other.
OVERLAP = 0.15
MIN_OVERLAPS = 3
# Where the look changes too, less says that something else begins.
LOOK_GAP = 0.5
SAME_BASE = 0.3
# A date at the end of what was written: a year, or a range to a word for today.
_DATE_END = re.compile(r"(?:19|20)\d\d(?:\s?[-–—]\s?[^\W\d_]+(?:[’' ][^\W\d_]+)?)?$")
DATE_LETTERS = 28
# Letters set apart ("S K I L L S") stand at most so far from each other.
MAX_TRACKING = 1.6


@dataclass(slots=True)
class Fragment:
    """A piece of a line: its characters in logical order, blanks included, and its box in points."""

    chars: list[Char]
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    size: float
    bullet: str = ""

    @property
    def text(self) -> str:
        """The fragment's text."""
        return "".join(char.text for char in self.chars)

    @property
    def box(self) -> Box:
        """The fragment's box."""
        return (self.x0, self.top, self.x1, self.bottom)

    @property
    def middle(self) -> float:
        """The box's middle on the y axis."""
        return (self.top + self.bottom) / 2

    @property
    def right_to_left(self) -> bool:
        """Whether letters of right-to-left scripts prevail."""
        kinds = [_direction(char.text) for char in self.chars]
        return kinds.count("R") > kinds.count("L")

    @property
    def bold(self) -> bool:
        """Whether most characters are bold."""
        return sum(char.font.bold for char in self.chars) * 2 > len(self.chars)


def make_fragments(chars: Iterable[Char]) -> list[Fragment]:
    """Cut upright characters into fragments, in no particular order."""
    rows: list[list[Char]] = []
    for char in sorted(chars, key=lambda char: char.base):
        if rows and abs(rows[-1][0].base - char.base) <= SAME_BASE * max(1.0, min(rows[-1][0].size, char.size)):
            rows[-1].append(char)
        else:
            rows.append([char])
    return [make_fragment(part) for row in rows for layer in _layers(row) for part in _split_row(layer)]


def make_fragment(chars: Sequence[Char]) -> Fragment:
    """Return one fragment of characters in visual order."""
    inked = [char for char in chars if char.text.strip()]
    sizes = sorted(char.size for char in inked)
    return Fragment(
        chars=to_logical_order(_with_blanks(chars)),
        x0=min(char.x0 for char in inked),
        top=min(char.top for char in inked),
        x1=max(char.x1 for char in inked),
        bottom=max(char.bottom for char in inked),
        base=statistics.median_low([char.base for char in inked]),
        size=sizes[len(sizes) // 2],
    )


def _layers(row: list[Char]) -> list[list[Char]]:
    """Part texts that were painted over each other on one base line, as where a date floats into a name."""
    inked = sorted((char for char in row if char.text.strip()), key=lambda char: char.x0)
    overlaps = sum(before.x1 - char.x0 > OVERLAP * min(before.size, char.size) for before, char in pairwise(inked))
    if overlaps < MIN_OVERLAPS:
        return [row]
    layers: list[list[Char]] = []
    for run in _runs(row):
        if layers and not any(char.text.strip() for char in run):
            layers[-1] += run
            continue
        begin, end = min(char.x0 for char in run), max(char.x1 for char in run)
        free = next((layer for layer in layers if not _covers(layer, begin, end)), None)
        if free is None:
            layers.append(run)
        else:
            free += run
            layers.append(layers.pop(layers.index(free)))
    return layers


def _runs(row: Sequence[Char]) -> list[list[Char]]:
    """Cut characters, in the order in which they were painted, where one is not beside the one before."""
    runs = [[row[0]]]
    for before, char in pairwise(row):
        gap = max(char.x0 - before.x1, before.x0 - char.x1)
        if gap > FRAGMENT_GAP * char.size or abs(before.size - char.size) > OVERLAP * char.size:
            runs.append([])
        runs[-1].append(char)
    return runs


def _covers(layer: Sequence[Char], begin: float, end: float) -> bool:
    return any(char.text.strip() and min(end, char.x1) - max(begin, char.x0) > 0.1 * char.size for char in layer)


def _split_row(row: list[Char]) -> list[list[Char]]:
    """Cut a row at wide gaps, but not between the letters of a heading that is set apart."""
    row.sort(key=lambda char: char.x0)
    inked = [char for char in row if char.text.strip()]
    if not inked:
        return []
    blanks = [char for char in row if not char.text.strip()]
    parts: list[list[Char]] = [[inked[0]]]
    for before, char in pairwise(inked):
        limit = _limit(before, char, blanks)
        if char.x0 - before.x1 > limit * max(before.size, char.size):
            parts.append([])
        parts[-1].append(char)
    parts = _unite_letters(parts)
    for part in parts:
        part += [blank for blank in blanks if part[0].x0 < blank.middle < part[-1].x1]
        part.sort(key=lambda char: (char.x0, bool(char.text.strip())))
    return parts


def _limit(before: Char, char: Char, blanks: Sequence[Char]) -> float:
    """Return the gap in ems beyond which two neighbours do not belong together."""
    limit = FRAGMENT_GAP
    if is_ideographic(before) and is_ideographic(char):
        is_bare = before.text.isalnum() and char.text.isalnum()
        is_bare = is_bare and not any(before.x1 - 1 <= blank.middle <= char.x0 + 1 for blank in blanks)
        limit = BARE_IDEOGRAPH_GAP if is_bare else IDEOGRAPH_GAP
    return min(limit, LOOK_GAP) if before.font != char.font or before.color != char.color else limit


def _unite_letters(parts: list[list[Char]]) -> list[list[Char]]:
    """Put single letters at even distances back together."""
    united: list[list[Char]] = []
    for part in parts:
        if united and len(part) == 1 and len(parts) >= 4:
            gap = part[0].x0 - united[-1][-1].x1
            lone = len(united[-1]) == 1 or united[-1][-1].x0 - united[-1][-2].x1 > FRAGMENT_GAP * part[0].size
            if lone and gap < MAX_TRACKING * part[0].size:
                united[-1] += part
                continue
        united.append(list(part))
    return united


def _with_blanks(chars: Sequence[Char]) -> list[Char]:
    """Return the characters with one blank between words, by the blanks that are there and by the gaps."""
    inked = [char for char in chars if char.text.strip()]
    blanks = [char for char in chars if not char.text.strip()]
    gaps = [max(0.0, char.x0 - before.x1) for before, char in pairwise(inked)]
    tracking = _tracking(inked, gaps)
    is_tracked = tracking > 0
    output = [inked[0]]
    place = 0
    for (before, char), gap in zip(pairwise(inked), gaps, strict=True):
        has_blank = False
        while place < len(blanks) and blanks[place].middle < char.middle:
            has_blank |= blanks[place].middle > before.middle
            place += 1
        if is_tracked:
            is_word_end = gap > tracking * 1.5 + 0.05 * inked[0].size
        elif is_ideographic(before) and is_ideographic(char):
            is_word_end = has_blank
        else:
            is_word_end = has_blank or gap > WORD_GAP * max(before.size, char.size) or _meet(output, char)
        if is_word_end:
            output.append(replace(before, text=" ", x0=before.x1, x1=char.x0))
        output.append(char)
    return output


def _meet(written: Sequence[Char], char: Char) -> bool:
    """Whether a date runs up to a word in another font: one that fills its column, and what stands beside it."""
    if written[-1].font == char.font or not char.text.isalpha() or char.text.islower():
        return False
    return _DATE_END.search("".join(one.text for one in written[-DATE_LETTERS:])) is not None


def _tracking(inked: Sequence[Char], gaps: list[float]) -> float:
    """Return the distance at which letters are set apart, 0 where they are not."""
    least = WORD_GAP * inked[0].size
    if len(gaps) == 2 and all(char.text.isupper() for char in inked):
        return min(gaps) if min(gaps) > least else 0.0
    usual = statistics.median(gaps) if len(gaps) >= 3 else 0.0
    return usual if usual > least else 0.0


def is_ideographic(char: Char) -> bool:
    """Whether the character belongs to a script that is written without word spaces."""
    return (
        "\u2e80" <= char.text[0] <= "\u9fff"
        or "\uf900" <= char.text[0] <= "\ufaff"
        or "\uff00" <= char.text[0] <= "\uffef"
    )


def to_logical_order(chars: list[Char]) -> list[Char]:
    """Turn characters from left-to-right order on the page into the order in which they are read.

    Where letters of right-to-left scripts prevail the whole is turned, and words and numbers of other scripts are
    turned back; elsewhere only right-to-left words are turned. This is the inverse of the Unicode bidirectional
    algorithm (UAX 9) for one level of embedding.
    """
    kinds = [_direction(char.text) for char in chars]
    right = kinds.count("R")
    if not right:
        return chars
    if right < kinds.count("L") and not _ends_with_label(chars, kinds):
        return _turn_runs(chars, kinds, "R")
    return _turn_runs(chars[::-1], kinds[::-1], "LE")


def _ends_with_label(chars: Sequence[Char], kinds: Sequence[str]) -> bool:
    """Return whether a line that begins with left-to-right words ends with a right-to-left label and its colon."""
    inner = [place for place, kind in enumerate(kinds) if kind in {"L", "E"}]
    label = [place for place in range(inner[-1] + 1, len(kinds)) if chars[place].text.strip()]
    return (
        bool(label)
        and chars[label[0]].text == ":"
        and all(kinds[place] == "R" for place in label[1:] if kinds[place] != "N")
        and len(label) > 1
    )


def _turn_runs(chars: list[Char], kinds: list[str], turned: str) -> list[Char]:
    """Reverse each run of one direction, with the neutral characters inside it."""
    output: list[Char] = []
    place = 0
    while place < len(chars):
        end = _end_of_run(kinds, place, turned)
        if turned == "LE" and "L" not in kinds[place:end]:
            end = _end_of_number(chars, kinds, place)
        output += chars[place:end][::-1] if end > place else [chars[place]]
        place = max(end, place + 1)
    return output


def _end_of_run(kinds: list[str], start: int, turned: str) -> int:
    """Return where the run of these directions that begins at `start` ends; `start` itself where none does."""
    end = start
    for place in range(start, len(kinds)):
        if kinds[place] in turned:
            end = place + 1
        elif kinds[place] != "N" or end == start:
            break
    return end


def _end_of_number(chars: list[Char], kinds: list[str], start: int) -> int:
    """Return where a number ends: a single separator between digits belongs to it, a blank does not."""
    place = start
    while place < len(kinds) and kinds[place] == "E":
        place += 1
        if place + 1 < len(kinds) and chars[place].text in ".,:/-+" and kinds[place + 1] == "E":
            place += 1
    return place


def _direction(text: str) -> str:
    """Return `R` or `L` for letters, `E` for digits, `N` for what takes its direction from its neighbours."""
    kind = unicodedata.bidirectional(text[0])
    if kind in {"EN", "AN"}:
        return "E"
    return {"R": "R", "AL": "R", "L": "L"}.get(kind, "N")
