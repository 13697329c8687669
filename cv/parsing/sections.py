"""Which rows are headings, and what stands under each.

A heading is known by its words (a lexicon of many languages) and by its look. The look of the known headings is
learned from the document itself; other rows that look the same head sections of the person's own.
"""

import re
from collections import defaultdict
from dataclasses import replace
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from cv.extraction.text import is_right_to_left
from cv.extraction.types import ExtractedDocument
from cv.parsing.columns import is_name, section_of, without_numbers
from cv.parsing.dates import find_periods
from cv.parsing.facing import join_facing
from cv.parsing.footers import lift_footers
from cv.parsing.history import join_events, split_history, without_date_heads
from cv.parsing.lexicon import UNSPACED, folded, table, words
from cv.parsing.margins import (
    join_margin_dates,
    join_stacked_dates,
    split_hanging,
    split_leading_dates,
    split_touching_dates,
)
from cv.parsing.rows import body_size, is_furniture, make_rows, visible_text
from cv.parsing.types import Look, Row, Section

MAX_HEADING_WORDS = 7
MAX_HEADING_CHARACTERS = 48
SIZE_TOLERANCE = 0.88
# Headings in the margin stand so far left of their text, in points, and come at least twice.
MARGIN = 15.0
MIN_MARGIN_HEADINGS = 2
# Letters in recognised text are read wrongly at times: words of so many letters may have one, long ones two.
# A heading is one for sure from this confidence on; in a scan such begin within so many points of each other.
STANDS = 0.9
SAME_EDGE = 4.0
RECOGNISED_FONT = "scan"
MIN_FUZZY = 6
LONG_FUZZY = 11
_TRIMMED = re.compile(r"^[\W\d_]+|[\W_]+$")
_JOINED = re.compile(r"\s*(?:&|/|,|\+|\||\band\b|\bund\b|\bet\b|\by\b|\be\b|\bi\b|\ben\b|\boch\b|\bog\b|\bve\b|\bи\b|・|、|和|与|及)\s*")  # fmt: skip
_DOTTED = re.compile("[・、／]")
# Signs of headings that Japanese, traditional and simplified Chinese write differently; the first of each is taken.
_FORMS = str.maketrans(
    {
        form: forms[0]
        for forms in [
            "歴歷历",
            "経經经",
            "学學",
            "験驗验",
            "職职",
            "務务",
            "語语",
            "証證证",
            "業业",
            "項项",
            "専專专",
            "栄榮荣",
            "奨獎奖",
            "資资",
            "興兴",
            "書书",
            "関關关",
            "絡络",
            "聯联",
        ]
        for form in forms[1:]
    }
)
# Sections of dated entries, and how many rows below an entry's first its date stands at most.
DATED = frozenset({"work", "education", "volunteering", "projects"})
DATED_ROWS = 3
# Words that head a section less surely than they name something else.
WEAK = frozenset({"languages", "tools", "technologies", "software", "achievements", "key achievements", "training",
                  "courses", "profile", "links", "website", "web", "status", "service", "leadership", "tech", "project",
                  "address", "jobs", "work", "reference", "press", "media", "teaching", "activities", "coursework",
                  "frameworks", "fields", "language", "social", "online", "info", "details", "present", "expertise",
                  "platforms", "other", "objective", "university", "degrees", "knowledge", "strengths", "technologien",
                  "programming languages", "operating systems", "accomplishments", "internship", "kurse", "cours"})  # fmt: skip


def heading_kind(text: str) -> str:
    """Return the kind of section that the words head, or an empty string."""
    plain = _one_form(folded(_TRIMMED.sub("", visible_text(text))))
    kinds = _kinds()
    if plain in kinds:
        return kinds[plain]
    squeezed = plain.replace(" ", "")
    if len(plain) > 2 * len(plain.split()) - 2 and squeezed in kinds and " " in plain:
        return kinds[squeezed]
    parts = [part for part in _JOINED.split(plain) if part]
    if len(parts) == 1:
        parts = [_one_form(folded(part)) for part in _DOTTED.split(visible_text(text)) if part.strip()]
    if len(parts) > 1 and all(part in kinds for part in parts):
        return kinds[parts[0]]
    return ""


def _one_form(text: str) -> str:
    """Return a text with ideographs that are one sign in several forms in one of them, as recognition takes one for the other."""
    return text.translate(_FORMS)


def _kind_of(row: Row, size: float) -> str:
    """Return the kind of section that a row heads; of recognised text that stands out, one letter may be another."""
    kind = heading_kind(row.text)
    if kind or not _is_recognised(row) or _emphasis(row, size) < 1:
        return kind
    plain = folded(_TRIMMED.sub("", visible_text(row.text))).replace(" ", "")
    if len(plain) < MIN_FUZZY:
        return ""
    found = process.extractOne(
        plain, _kinds().keys(), scorer=Levenshtein.distance, score_cutoff=1 + (len(plain) >= LONG_FUZZY)
    )
    return _kinds()[found[0]] if found and len(found[0]) >= MIN_FUZZY else ""


def _is_recognised(row: Row) -> bool:
    spans = row.lines[0].spans
    return bool(spans) and spans[0].font.startswith(RECOGNISED_FONT)


@cache
def _kinds() -> dict[str, str]:
    kinds: dict[str, str] = {}
    for kind, options in table("headings").items():
        for option in options:
            plain = _one_form(folded(option))
            kinds.setdefault(plain, kind)
            kinds.setdefault(plain.replace(" ", ""), kind)
    return kinds


def make_sections(document: ExtractedDocument) -> list[Section]:
    """Cut a document into sections, the first being what stands above the first heading.

    Each column goes on with its own section; a column without a heading belongs to the header as far as it stands
    above the first one.
    """
    pages = {page.number: page.upright_height for page in document.pages}
    rows = [row for row in make_rows(document) if not is_furniture(row, pages)]
    rows, feet = lift_footers(rows, pages)
    rows = without_numbers(rows, [bool(heading_kind(row.text)) for row in rows])
    rows = join_parted_headings(without_date_heads(split_margin_headings(place_margin_columns(rows))))
    rows, headings = join_wrapped_headings(rows, find_headings(rows))
    header = Section("header", "", None)
    sections = [header]
    open_ones: dict[tuple[int, int], Section] = {}
    first = _top(rows[min(headings)]) if headings else None
    heads, size = [rows[number] for number in headings], body_size(rows)
    for number, row in enumerate(rows):
        place = (row.lines[0].page, row.column)
        if number in headings:
            kind, confidence = headings[number]
            title = _TRIMMED.sub("", visible_text(row.text)) or row.text
            sections.append(Section(kind, title, row, confidence=confidence))
            open_ones[place] = sections[-1]
            continue
        if place not in open_ones and is_name(row, heads, size):
            open_ones[place] = header
        is_above = place not in open_ones and _stands_above(row, first)
        section = header if is_above else section_of(row, sections, open_ones.get(place))
        section.rows.append(row)
    header.rows += feet
    sections = [part for section in _with_entries(sections) for part in split_history(section)]
    for section in sections:
        rows = split_hanging(section.rows, section.heading)
        section.rows = join_margin_dates(join_stacked_dates(rows) if section.kind in DATED else rows)
        if section.kind in DATED:
            section.rows = split_leading_dates(split_touching_dates(join_facing(section.rows)))
        if section.kind in {"work", "education"}:
            section.rows = join_events(section.rows)
    return sections


def _with_entries(sections: list[Section]) -> list[Section]:
    """Give a section without rows those behind it that no known word heads and that are entries: these look like headings."""
    kept: list[Section] = []
    taker: Section | None = None
    for section in sections:
        if (
            taker is not None
            and section.kind == "custom"
            and section.heading is not None
            and _begins_entry(section, taker)
        ):
            taker.rows += [section.heading, *section.rows]
            continue
        if taker is None and kept and section.heading is not None and _heads_entry(section, section.heading, kept[-1]):
            kept[-1].rows += [section.heading, *section.rows]
            continue
        taker = section if section.kind in DATED and not section.rows else None
        kept.append(section)
    return kept


def _heads_entry(section: Section, heading: Row, before: Section) -> bool:
    """Return whether a section of unknown words is an entry of the one above: dated, and headed as that one begins."""
    if section.kind != "custom" or before.kind not in DATED:
        return False
    is_dated = any(find_periods(row.text) for row in section.rows[:DATED_ROWS])
    first = before.rows[0] if before.rows else None
    return is_dated and first is not None and _key(first) == _key(heading) and not find_periods(first.text)


def _begins_entry(section: Section, taker: Section) -> bool:
    """Return whether a section of unknown words is the first entry of the one above: it is dated, or heads a school."""
    named = section.heading is not None and set(folded(section.heading.text).split()) & words(
        "education", "institutions"
    )
    is_dated = any(find_periods(row.text) for row in section.rows[:DATED_ROWS])
    return is_dated or (taker.kind == "education" and bool(named))


def _top(row: Row) -> tuple[int, float] | None:
    box = row.lines[0].place
    return (row.lines[0].page, box[1]) if box else None


def _stands_above(row: Row, first: tuple[int, float] | None) -> bool:
    top = _top(row)
    return first is not None and top is not None and top < first


def place_margin_columns(rows: list[Row]) -> list[Row]:
    """Put headings that extraction read as a column of their own in front of the text beside which they stand."""
    placed = rows
    for page, column in sorted({(row.lines[0].page, row.column) for row in rows if row.lines[0].place}):
        own = [row for row in placed if (row.lines[0].page, row.column) == (page, column)]
        others = [row for row in placed if row.lines[0].page == page and row.column != column]
        heads = _united(own)
        if others and heads and _is_margin(heads, others):
            rest = [row for row in placed if row not in own]
            for head in heads:
                rest.insert(_place_beside(rest, head, page), head)
            placed = rest
    return placed


def _united(rows: list[Row]) -> list[Row]:
    """Return the rows of a margin with those of one look and block put together: a heading may wrap."""
    heads: list[Row] = []
    for row in rows:
        before = heads[-1] if heads else None
        if before is not None and row.lines[0].block == before.lines[-1].block and same_look(row.look, before.look):
            heads[-1] = Row([*before.lines, *row.lines], [replace(before.parts[0], text=f"{before.text} {row.text}")])
        else:
            heads.append(Row(row.lines, row.parts, row.bullet, after_gap=True))
    return heads


def _is_margin(heads: list[Row], others: list[Row]) -> bool:
    known = sum(bool(heading_kind(head.text)) for head in heads)
    right = max(line.place[2] for head in heads for line in head.lines if line.place)
    left = min((row.lines[0].place[0] for row in others if row.lines[0].place), default=0.0)
    return (
        known * 2 > len(heads)
        and all(len(head.text.split()) <= MAX_HEADING_WORDS for head in heads)
        and right <= left + MARGIN
    )


def _place_beside(rows: list[Row], head: Row, page: int) -> int:
    """Return where a heading goes among the rows: before the first of its page that does not end above it."""
    line = head.lines[0]
    middle = (line.place[1] + line.place[3]) / 2 if line.place else 0.0
    place = 0
    for number, row in enumerate(rows):
        box = row.lines[0].place
        if row.lines[0].page == page and box is not None and box[3] > middle:
            return number
        if row.lines[0].page <= page:
            place = number + 1
    return place


def split_margin_headings(rows: list[Row]) -> list[Row]:
    """Give headings that stand in the margin, beside the first row of their section, rows of their own."""
    found = [number for number in range(len(rows)) if _has_margin_heading(rows, number)]
    if len({heading_kind(rows[number].parts[0].text) for number in found}) < MIN_MARGIN_HEADINGS:
        return rows
    looks = {_margin_look(rows[number]) for number in found}
    found += [number for number, row in enumerate(rows) if number not in found and _is_like_margin(row, looks)]
    split: list[Row] = []
    for number, row in enumerate(rows):
        if number in found:
            rest = [replace(row.parts[1], gap=False), *row.parts[2:]]
            split.append(Row(row.lines[:1], row.parts[:1], "", after_gap=True))
            split.append(Row(rest[0].lines[:1], rest, row.bullet))
        else:
            split.append(row)
    return split


def _has_margin_heading(rows: list[Row], number: int) -> bool:
    row = rows[number]
    if len(row.parts) < 2 or not heading_kind(row.parts[0].text) or row.parts[0].text.rstrip().endswith(":"):
        return False
    first, second = row.parts[0], row.parts[1]
    following = rows[number + 1] if number + 1 < len(rows) else None
    box = row.lines[0].place
    if following is None or box is None or not (second.gap or not same_look(first.look, second.look)):
        return following is None and second.gap
    below = following.lines[0].place
    if below is None or following.lines[0].page != row.lines[0].page or below[1] < box[1]:
        return second.gap
    inner = box[2] - below[2] if is_right_to_left(first.text) else below[0] - box[0]
    return inner > MARGIN or heading_kind(following.parts[0].text) != ""


def _margin_look(row: Row) -> tuple[float, bool, bool, str, int]:
    look, box = row.look, row.lines[0].place
    edge = (box[2] if is_right_to_left(row.parts[0].text) else box[0]) if box else 0.0
    return (look.size, look.bold, look.caps, look.color, round(edge / 4))


def _is_like_margin(row: Row, looks: set[tuple[float, bool, bool, str, int]]) -> bool:
    """Return whether a row begins with other words in the place and look of the headings in the margin."""
    if len(row.parts) < 2 or not row.parts[1].gap or same_look(row.look, row.parts[1].look):
        return False
    first = visible_text(row.parts[0].text)
    stands_out = row.look.bold or row.look.caps or row.look.size > row.parts[1].look.size
    return stands_out and _margin_look(row) in looks and not find_periods(first) and first[-1:] not in {":", "："}


def find_headings(rows: list[Row]) -> dict[int, tuple[str, float]]:
    """Return the numbers of heading rows with their kind and confidence."""
    size = body_size(rows)
    known = {number: kind for number, row in enumerate(rows) if _may_head(row) and (kind := _kind_of(row, size))}
    looks = _heading_looks(rows, known, size)
    headings: dict[int, tuple[str, float]] = {}
    for number, kind in known.items():
        confidence = _confidence(rows[number], looks, size)
        if confidence < STANDS and _stands_like(rows[number], [rows[n] for n in known if _key(rows[n]) in looks]):
            confidence = STANDS
        if confidence and not (confidence < STANDS and folded(rows[number].text) in WEAK):
            headings[number] = (kind, confidence)
    first = min(headings, default=len(rows))
    for number, row in enumerate(rows):
        if number > first and number not in headings and _is_own_heading(row, looks, size):
            headings[number] = ("custom", 0.6)
    return headings


def _stands_like(row: Row, heads: list[Row]) -> bool:
    """Return whether a row of recognised text, whose size is measured roughly, stands apart where sure headings begin."""
    box = row.lines[0].place
    lefts = [head.lines[0].place[0] for head in heads if head.lines[0].place and head is not row]
    near = box is not None and any(abs(box[0] - left) <= SAME_EDGE for left in lefts)
    return near and _is_recognised(row) and row.after_gap


def join_parted_headings(rows: list[Row]) -> list[Row]:
    """Put headings together that a hyphen parts over two rows, as in a narrow column ("LAN-" over "GUAGES")."""
    kept: list[Row] = []
    for row in rows:
        before = kept[-1] if kept else None
        if before is not None and _is_parted(before, row):
            text = f"{visible_text(before.text)[:-1]}{visible_text(row.text)}"
            kept[-1] = replace(before, lines=[*before.lines, *row.lines], parts=[replace(before.parts[0], text=text)])
        else:
            kept.append(row)
    return kept


def _is_parted(before: Row, row: Row) -> bool:
    above, below = visible_text(before.text), visible_text(row.text)
    near = (
        row.lines[0].page == before.lines[0].page and row.column == before.column and same_look(row.look, before.look)
    )
    return near and above.endswith("-") and bool(heading_kind(f"{above[:-1]}{below}"))


def join_wrapped_headings(
    rows: list[Row], headings: dict[int, tuple[str, float]]
) -> tuple[list[Row], dict[int, tuple[str, float]]]:
    """Put headings that run over several rows together; one that is sure by its words stays as it is."""
    kept: list[Row] = []
    found: dict[int, tuple[str, float]] = {}
    for number, row in enumerate(rows):
        kind, confidence = headings.get(number, ("", 0.0))
        place = len(kept) - 1
        if place in found and _goes_on(kept[place], row, found[place][0], kind):
            joined = Row(
                [*kept[place].lines, *row.lines], [replace(kept[place].parts[0], text=f"{kept[place].text} {row.text}")]
            )
            kept[place] = joined
            found[place] = (heading_kind(joined.text) or "custom", 0.6)
            continue
        if kind:
            found[len(kept)] = (kind, confidence)
        kept.append(row)
    return kept, found


def _goes_on(heading: Row, row: Row, kind: str, own: str) -> bool:
    """Return whether a row is the next line of an unsure heading."""
    unsure = (
        kind == "custom" or folded(heading.parts[0].text) in WEAK or bool(heading_kind(f"{heading.text} {row.text}"))
    )
    close = not row.after_gap and row.lines[0].page == heading.lines[-1].page and row.column == heading.column
    above, box = heading.lines[-1].place, row.lines[0].place
    if above is None or box is None or not 0 <= box[1] - above[1] < 1.6 * (above[3] - above[1]):
        return False
    stands_out = heading.look.caps or heading.look.size > 0
    return (
        unsure
        and close
        and own in {"", "custom"}
        and stands_out
        and _key(row)[1:3] == _key(heading)[1:3]
        and len(row.text) < 20
    )


def _may_head(row: Row) -> bool:
    text = visible_text(row.text)
    if not text or len(text) > MAX_HEADING_CHARACTERS or len(text.split()) > MAX_HEADING_WORDS or "\t" in row.text:
        return False
    if text.endswith((".", "。")) and text[0].islower():
        return False
    return not row.bullet or _key(row)[0] > 0


def _key(row: Row) -> tuple[int, float, bool, bool, str]:
    look = row.look
    return (row.lines[0].level, look.size, look.bold, look.caps, look.color)


def _emphasis(row: Row, size: float) -> float:
    """Return how far a row stands out from the running text, from 0."""
    look = row.look
    return (
        2.0 * (row.lines[0].level > 0)
        + 1.5 * (look.size > size * 1.08)
        + 1.0 * look.bold
        + 1.0 * look.caps
        + 0.5 * row.after_gap
        - 1.0 * (0 < look.size < size * 0.9)
    )


def _heading_looks(
    rows: list[Row], known: dict[int, str], size: float
) -> dict[tuple[int, float, bool, bool, str], float]:
    """Return the looks in which headings are set, each with the largest share of kinds that it heads."""
    kinds: dict[tuple[int, float, bool, bool, str], set[str]] = defaultdict(set)
    for number, kind in known.items():
        if folded(rows[number].text) not in WEAK or _emphasis(rows[number], size) >= 2:
            kinds[_key(rows[number])].add(kind)
    if not kinds:
        return {}
    best = max(kinds, key=lambda key: (len(kinds[key]), key[0] > 0, key[1]))
    most = len(kinds[best])
    # Running text heads nothing, except in a picture, whose letters hardly tell their look.
    plain = {
        _key(row) for row in rows if _emphasis(row, size) < 1 and row.look.size == size and not _is_recognised(row)
    }
    return {
        key: len(found) / most
        for key, found in kinds.items()
        if key == best or (len(found) >= 2 and key[1] >= best[1] * SIZE_TOLERANCE * 0.8 and key not in plain)
    }


def _confidence(row: Row, looks: dict[tuple[int, float, bool, bool, str], float], size: float) -> float:
    """Return how sure it is that a row with a heading's words is one; 0 for no."""
    if _key(row) in looks:
        return 0.98
    largest = max((key[1] for key in looks), default=size)
    level = max((key[0] for key in looks), default=0)
    emphasis = _emphasis(row, size)
    if level and not row.lines[0].level:
        return 0.0
    if row.look.size and row.look.size < largest * SIZE_TOLERANCE:
        return 0.7 if emphasis >= 2 and row.after_gap and row.look.caps else 0.0
    if emphasis >= 1:
        return 0.85
    return 0.0


def _is_own_heading(row: Row, looks: dict[tuple[int, float, bool, bool, str], float], size: float) -> bool:
    """Return whether a row with unknown words is set like the known headings, and like nothing else."""
    key = _key(row)
    if looks.get(key, 0.0) < 1.0 or not _may_head(row) or row.bullet:
        return False
    stands_out = key[0] > 0 or key[1] > size * 1.15 or (key[2] and key[3]) or (key[3] and row.after_gap)
    words = visible_text(row.text)
    is_short = len(words.split()) <= 5 and not re.search(r"[.,;:!?@]|\d{3}", words)
    return stands_out and is_short and (len(words) > 3 or bool(re.search(f"[{UNSPACED}]", words)))


def same_look(first: Look, second: Look) -> bool:
    """Return whether two looks are one to the eye; capitals are words, not looks."""
    return (first.size, first.bold, first.italic, first.color) == (
        second.size,
        second.bold,
        second.italic,
        second.color,
    )
