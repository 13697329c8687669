"""A section's rows → entries: where each job, course of study or project begins, its head and its body.

A row that is mostly a date anchors an entry. Between two anchors the entry begins at the row that looks most like
the section's first row, stands as far from its anchor as there, or follows running text.
"""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from cv.parsing.dates import find_periods, without_periods
from cv.parsing.heads import URL
from cv.parsing.judging import CJK
from cv.parsing.lexicon import folded, words
from cv.parsing.rows import visible_text
from cv.parsing.sections import same_look
from cv.parsing.types import Row

MAX_HEAD_CHARACTERS = 90
MAX_HEAD_ROWS = 7
# Scripts without capitals tell running text by its length alone.
CASELESS_WORDS = 8
INDENT = 6.0
# Plain text is not wrapped before this many characters.
MIN_WRAPPED = 55
_SENTENCE_END = re.compile(r"[.!?。！？]$")
_SHORT_END = re.compile(r"\b(?:\w|inc|ltd|co|corp|llc|prop|san|tic|sti|şti|ltda|c[ií]a|spol|bros|intl|mfg|jr|sr|etc|st|dr|prof|univ|dept|b\.?sc|m\.?sc|ph\.?d|o\.o|sp|k|s\.?a|a\.?s|no|approx|\w\.\w)\.$", re.IGNORECASE)  # fmt: skip
# Two sentences in one row, the first of which ends with a whole word.
_BREAK = re.compile(r"[^\W\d_A-Z]{5}[.!?]\s+[^\W\d_]")
MIN_TOLD = 6
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.\s?){2,}")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(slots=True)
class Entry:
    """One entry: rows that say what it is, and rows that tell about it."""

    head: list[Row] = field(default_factory=list)
    body: list[Row] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """All rows."""
        return [*self.head, *self.body]


def is_label(row: Row, kind: str = "highlights") -> bool:
    """Return whether a row is only a label of the given kind, such as "Highlights"."""
    return folded(visible_text(row.text).rstrip(" :：")) in words("labels", kind)


def lists_technologies(row: Row) -> bool:
    """Return whether a row is a list of tools with its label, or the label alone."""
    return (
        folded(row.text.partition(":")[0]) in words("labels", "technologies")
        and len(row.parts[0].text) < MAX_HEAD_CHARACTERS
    )


def left(row: Row) -> float | None:
    """Return where a row begins on the x axis, or its indent, or None."""
    line = row.lines[0]
    return line.place[0] if line.place else (line.indent or None)


def is_sentence(text: str) -> bool:
    """Return whether a text reads as running text rather than as names and titles."""
    plain = visible_text(URL.sub("", text))
    count = len(plain.split())
    is_ended = _SENTENCE_END.search(plain) and not _SHORT_END.search(plain) and (count > 3 or len(plain) > 24)
    if is_ended or (count >= MIN_TOLD and _BREAK.search(plain)):
        return True
    # Letters of a legal form ("s.r.o.") are no words.
    letters = _WORD.findall(_INITIALS.sub(" ", plain))
    if len(letters) >= CASELESS_WORDS and sum(word[0].lower() == word[0].upper() for word in letters) * 2 > len(
        letters
    ):
        return True
    if len(letters) < 6:
        return len(plain) > (MAX_HEAD_CHARACTERS if CJK.search(plain) is None else MAX_HEAD_CHARACTERS // 2)
    lower = sum(word[0].islower() for word in letters) / len(letters)
    long_lower = sum(word[0].islower() for word in letters if len(word) > 3) / len(letters)
    names_degree = folded(letters[0]) in words("education", "degrees")
    if len(plain) > MAX_HEAD_CHARACTERS or (long_lower > 0.45 and not names_degree):
        return True
    return lower >= 0.6 and not names_degree and folded(letters[0]) not in words("titles", "words")


def ends_short(text: str) -> bool:
    """Return whether the point at the end of a text may be that of a short form."""
    return _SHORT_END.search(text) is not None or len(text.split()) < 2


def has_date(row: Row) -> bool:
    """Return whether a row's main content is a date or has one beside names."""
    periods = find_periods(row.text)
    if not periods:
        return False
    if has_date_cell(row):
        return True
    rest = visible_text(without_periods(row.text, periods)).strip(" -–—|·•,()")
    if not any(period.is_range for period in periods):
        return len(rest) <= 60 and not is_sentence(rest) and not (row.bullet and rest)
    return len(rest) <= 120 and not (row.bullet and is_sentence(rest))


def has_date_cell(row: Row) -> bool:
    """Return whether a date stands set apart in the row, with nothing else in its cell."""
    cells = row.text.split("\t")
    if len(cells) > 1 and any(_is_only_date(cell) for cell in (cells[0], cells[-1])):
        return True
    return any(_is_only_date(cell) and find_periods(cell)[0].is_range for cell in cells[1:-1])


def _is_only_date(text: str) -> bool:
    periods = find_periods(text)
    return bool(periods) and len(visible_text(without_periods(text, periods)).strip(" -–—|·•,()")) <= 3


def split_entries(rows: Sequence[Row], *, small_tells: bool = False) -> list[Entry]:
    """Cut the rows of a section into entries; every row is in exactly one.

    With `small_tells` a head that says who and what ends above smaller letters, as those of posts do.
    """
    rows = list(rows)
    if not rows:
        return []
    plain = _body_flags(rows)
    anchors = _anchors(rows, plain)
    if _end_with_dates(rows, plain, anchors):
        stops = [anchor + 1 for anchor in anchors]
        return [
            _dated_below(rows[begin:stop], plain[begin:stop])
            for begin, stop in zip([0, *stops[:-1]], stops, strict=True)
        ]
    starts = _starts(rows, plain, anchors) if anchors else _undated_starts(rows, plain)
    starts = sorted({0, *starts})
    return [
        _entry(rows[begin:stop], plain[begin:stop], small_tells=small_tells)
        for begin, stop in zip(starts, [*starts[1:], len(rows)], strict=True)
    ]


def _end_with_dates(rows: list[Row], plain: list[bool], anchors: list[int]) -> bool:
    """Return whether each entry ends with a row that is its date, below what it tells."""
    return (
        len(anchors) > 1
        and anchors[0] > 1
        and anchors[-1] == len(rows) - 1
        and any(plain[: anchors[0]])
        and not plain[0]
        and all(_holds_only_date(rows[anchor]) for anchor in anchors)
        and not any(plain[anchor + 1] for anchor in anchors[:-1])
    )


def _dated_below(rows: list[Row], plain: list[bool]) -> Entry:
    """Return an entry whose date is its last row."""
    stop = next((number for number, told in enumerate(plain) if told), len(rows) - 1)
    return Entry([*rows[:stop], rows[-1]], rows[stop:-1])


def _body_flags(rows: list[Row]) -> list[bool]:
    """Return for each row whether it is running text or a bullet, continuations included."""
    edges = [edge for row in rows if not row.bullet and (edge := left(row)) is not None]
    edge = min(edges, default=None)
    widest = max(_extent(row) for row in rows)
    flags: list[bool] = []
    for number, row in enumerate(rows):
        body = bool(row.bullet) and not (_holds_only_date(row) or row.look.bold or _names_what_is_dated(rows, number))
        body = body or is_sentence(row.text) or is_label(row) or lists_technologies(row)
        if not body and number and flags[-1]:
            body = _continues(rows[number - 1], row, edge, full=_is_full(rows[number - 1], widest))
        flags.append(body)
    return flags


def _names_what_is_dated(rows: list[Row], number: int) -> bool:
    """Return whether a listed row stands between an entry's first row and its date, which is listed too."""
    row, before = rows[number], rows[number - 1] if number else None
    below = rows[number + 1] if number + 1 < len(rows) else None
    is_between = before is not None and not before.bullet and below is not None and bool(below.bullet)
    return is_between and below is not None and _holds_only_date(below) and not is_sentence(row.text)


def _continues(before: Row, row: Row, edge: float | None, *, full: bool) -> bool:
    """Return whether a row goes on with the running text of the row before it."""
    if has_date(row) or (row.look.bold and not before.look.bold) or row.look.size > before.look.size:
        return False
    begin, previous = left(row), left(before)
    text = visible_text(row.text)
    unfinished = not _SENTENCE_END.search(visible_text(before.text))
    lower = text[:1].islower()
    if begin is not None and edge is not None and begin > edge + INDENT:
        return same_look(before.look, row.look) or lower
    if before.bullet and begin is not None and previous is not None and begin > previous + 2:
        return True
    # Extraction has seen whether the next word would have fitted above; without boxes only the length tells.
    full = full and (row.lines[0].place is None or row.lines[0].block == before.lines[-1].block)
    return not row.after_gap and same_look(before.look, row.look) and (lower or (unfinished and full))


def _is_full(row: Row, widest: float) -> bool:
    """Return whether a row fills its column, so that its text may go on in the next."""
    wide = _extent(row) >= 0.85 * widest
    return wide if row.lines[0].place else wide and len(row.text) >= MIN_WRAPPED


def _extent(row: Row) -> float:
    """Return how far right a row reaches: its box's edge, or its length where there are no boxes."""
    ends = [line.place[2] for line in row.lines if line.place]
    return max(ends) if ends else float(len(row.text))


def _holds_only_date(row: Row) -> bool:
    return _is_only_date(row.text)


def _anchors(rows: list[Row], plain: list[bool]) -> list[int]:
    """Return the rows with the date of an entry; a second one right below belongs to the same entry."""
    found = [number for number, row in enumerate(rows) if has_date_cell(row) or (not plain[number] and has_date(row))]
    ranges = [number for number in found if any(p.is_range for p in find_periods(rows[number].text))]
    bold = [number for number, row in enumerate(rows) if row.bullet and _holds_only_date(row)]
    if len(ranges) * 2 >= len(found):
        looks = Counter(rows[number].parts[-1].look for number in ranges)
        found = [
            number for number in found if number in ranges or rows[number].parts[-1].look in looks or number in bold
        ]
    anchors: list[int] = []
    for number in found:
        only = _holds_only_date(rows[number])
        if anchors and number == anchors[-1] + 1 and only and _only_date_pair(rows, anchors[-1], number):
            continue
        anchors.append(number)
    return anchors


def _only_date_pair(rows: list[Row], first: int, second: int) -> bool:
    """Return whether two neighbouring rows give one date twice or in two pieces ("Jan 2013 –" over "Apr 2014")."""
    periods = [*find_periods(rows[first].text), *find_periods(rows[second].text)]
    return _holds_only_date(rows[first]) or not all(period.is_range for period in periods)


def _starts(rows: list[Row], plain: list[bool], anchors: list[int]) -> list[int]:
    """Return the row at which each anchor's entry begins."""
    offset = anchors[0]
    if offset > MAX_HEAD_ROWS or any(plain[: anchors[0]]):
        offset = next(
            (back for back in range(anchors[0] + 1) if anchors[0] - back == 0 or plain[anchors[0] - back - 1]), 0
        )
    model = rows[anchors[0] - offset]
    starts = [anchors[0] - offset]
    for before, anchor in itertools.pairwise(anchors):
        options = range(before + 1, anchor + 1)
        best = max(options, key=lambda n: (_start_score(rows, plain, n, anchor, (offset, model)), n))
        starts.append(best)
    return starts


def _start_score(rows: list[Row], plain: list[bool], number: int, anchor: int, usual: tuple[int, Row]) -> float:
    offset, model = usual
    row, before = rows[number], rows[number - 1]
    score = -0.4 * abs((anchor - number) - offset)
    score += 3.0 * _alike(row, model)
    score += 1.5 * (plain[number - 1] and not plain[number])
    score += 1.0 * row.after_gap
    score += 1.0 * (row.look.bold and not before.look.bold)
    score -= 4.0 * (bool(row.bullet) and not model.bullet) + 3.0 * plain[number]
    score -= 2.0 * any(plain[number + 1 : anchor + 1])
    score -= 1.0 * (row.column != rows[anchor].column)
    return score


def _alike(row: Row, model: Row) -> bool:
    if row.lines[0].level != model.lines[0].level or bool(row.bullet) != bool(model.bullet):
        return False
    first, second = left(row), left(model)
    near = first is None or second is None or abs(first - second) <= INDENT or row.lines[0].page != model.lines[0].page
    return same_look(row.look, model.look) and near


def _undated_starts(rows: list[Row], plain: list[bool]) -> list[int]:
    """Return where entries begin in a section without dates: at rows set like the first, where that stands out."""
    model = rows[0]
    alike = [n for n, row in enumerate(rows) if _alike(row, model) and not plain[n]]
    others = [row for n, row in enumerate(rows) if n not in alike]
    if others and any(not same_look(row.look, model.look) or row.bullet for row in others):
        return [
            n
            for n in alike
            if n == 0 or n - 1 not in alike or not same_look(rows[n].look, rows[n - 1].look) or rows[n].after_gap
        ]
    if any(row.after_gap for row in rows[1:]):
        return [n for n, row in enumerate(rows) if row.after_gap and not plain[n]]
    if all(row.bullet for row in rows):
        return list(range(len(rows)))
    return [n for n in range(len(rows)) if not plain[n]] if not any(plain) else [0]


def _entry(rows: list[Row], plain: list[bool], *, small_tells: bool) -> Entry:
    """Divide an entry's rows: the head ends with the first running text after its date."""
    stop = 0
    dated = False
    named: Row | None = None
    for number, row in enumerate(rows[:MAX_HEAD_ROWS]):
        dated_row = has_date(row)
        if plain[number] and (number > 0 or row.bullet or is_sentence(row.text)) and not (dated_row and not dated):
            if number == 0 and not row.bullet and not dated_row and len(row.text) <= 2 * MAX_HEAD_CHARACTERS:
                stop = 1
                continue
            break
        if named is not None and rows[number - 1] is named and not dated_row and _is_smaller(row, named):
            break
        dated = dated or dated_row
        named = row if small_tells and dated_row and _names_two(row) else named
        stop = number + 1
    return Entry(rows[:stop], rows[stop:])


def _names_two(row: Row) -> bool:
    """Return whether a row holds a date and two names in looks of their own, so that nothing is wanted below."""
    names = [part for part in row.parts if not find_periods(part.text) and len(_WORD.findall(part.text)) > 0]
    long = [part for part in names if sum(map(str.isalpha, part.text)) > 2]
    return len({(part.look.bold, part.look.italic, part.look.color) for part in long}) > 1


def _is_smaller(row: Row, head: Row) -> bool:
    """Return whether a row is set smaller than a head that says who and what: it tells about them."""
    return 0 < row.look.size < head.look.size and not row.look.bold and not row.look.italic
