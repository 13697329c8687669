"""The head of an entry → its period and its segments: the names, titles and places between dates and separators."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cv.extraction.text import join_wrapped
from cv.extraction.types import TextLine
from cv.parsing.dates import Period, find_periods
from cv.parsing.judging import CJK, title_score
from cv.parsing.lexicon import folded, words
from cv.parsing.rows import visible_text
from cv.parsing.types import Look, Part, Row

URL = re.compile(
    r"(?:https?://|www\.)[^\s,;|)\]]+|(?<![@\w.])(?:[\w-]+\.)+(?:com|org|net|edu|gov|io|dev|ai|co|app|me|info|xyz|tech|name|"
    r"online|site|page|blog|cloud|design|pro|de|at|ch|fr|es|it|pt|nl|be|lu|uk|ie|us|ca|au|nz|br|mx|ar|cl|pl|cz|sk|hu|ro|bg|"
    r"gr|hr|si|rs|se|dk|no|fi|ee|lv|lt|ru|ua|by|kz|tr|il|ae|sa|eg|in|cn|hk|tw|jp|kr|sg|my|id|vn|th|za|ng|ke|eu|tv|gg|ly|to)"
    r"(?:/[^\s,;|)\]]*)?(?![\w@.-]|\.\w)",
    re.IGNORECASE,
)
_DURATION = re.compile(
    r"\(?\b\d+\+?\s*(?:years?|yrs?|months?|mos?|jahre?n?|monate?n?|ans?|années?|mois|años?|meses|mes|anni|anno|mesi|anos?|"
    r"mês|jaar|maanden|lata?|lat|miesięcy|roky?|let|år|måneder|vuotta|kk|ani|luni|év|hónap|yıl|ay|лет|года?|мес\w*)\b\.?"
    r"(?:\s*,?\s*(?:and|und|et|y|e|i)?\s*\d+\s*\w+\.?)?\)?",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*[|¦•·∙⋅●‣▪◦;；｜]\s*|\s+[-–—―]\s+|\s*[—―]\s*|\t+|\s{3,}|\s+@\s+|\s*[〈《「]|[〉》」]\s*")
_AT = re.compile(r"\s+(?:at|bei|beim|chez|presso|bij|hos|na|en)\s+(?=[^a-zß-ÿ\s])")
_LEADING_AT = re.compile(r"^\s*(?:at|@|bei|beim|chez|presso|bij)\s+(?=[^a-zß-ÿ\s])")
_PAREN = re.compile(r"\s*[(（\[]([^()（）\[\]]*)[)）\]]\s*")
ACRONYM = re.compile(r"[^\W\d_a-z]{3,8}")
# The last of several names that one name lists ("Reid, Wolfe and Sons").
_LISTED = re.compile(r"^[^\W\d_]\S*\s+(?:and|&|und|et|y|e|i|en|och|og)\s+[^\W\d_a-zß-ÿ]")
MAX_LISTED_WORDS = 2
# What belongs to a degree though it stands in brackets behind it.
HONOURS = frozenset({"hons", "honours", "honors"})
# A name that ends so goes on.
_BINDS = re.compile(
    r"(?:[,&/-]|\b(?:of|for|and|in|der|die|für|und|de|des|du|la|et|y|di|della|e|do|da|van|voor|en|i))$", re.IGNORECASE
)
TOLD_WORDS = 7
TOLD_CHARACTERS = 24
STORY_WORDS = 3
_EDGES = " \t,;:|·•–—-/()（）[]&@，、：\u200e\u200f"


@dataclass(slots=True)
class Segment:
    """A name, a title or a place: one piece of an entry's head.

    `row` and `place` number it within the head. `gap` says that a wide gap stands before it, `beside_date` that
    it shares its row with a date, `bracketed` that it stands in brackets; `role` is what a label beside it names.
    """

    text: str
    look: Look
    lines: list[TextLine]
    row: int
    place: int
    url: str = ""
    gap: bool = False
    beside_date: bool = False
    after_date: bool = False
    bracketed: bool = False
    after_comma: bool = False
    role: str = ""


@dataclass(slots=True)
class Head:
    """What an entry's head says."""

    segments: list[Segment]
    period: Period | None
    period_lines: list[TextLine]
    urls: list[tuple[str, list[TextLine]]]
    story: list[Row]


def read_head(rows: Sequence[Row]) -> Head:
    """Return the period, the addresses and the segments of a head's rows."""
    head = Head([], None, [], [], [])
    number = 0
    for row in _unwrapped(rows):
        known = len(head.segments)
        _read_row(head, number, row)
        # Rows that hold nothing but dates have no place in the order of names and titles.
        number += len(head.segments) > known
    return head


def _unwrapped(rows: Sequence[Row]) -> list[Row]:
    """Return the rows, a name that wraps in a narrow column put together."""
    united: list[Row] = []
    for row in rows:
        if united and _goes_on(united[-1], row):
            before = united[-1]
            last, first = before.parts[-1], row.parts[0]
            part = Part(
                join_wrapped([last.text, first.text]), last.look, [*last.lines, *first.lines], last.url, last.gap
            )
            united[-1] = Row([*before.lines, *row.lines], [*before.parts[:-1], part])
        else:
            united.append(row)
    return united


def _goes_on(before: Row, row: Row) -> bool:
    """Return whether a row is the rest of the one above it: one paragraph in one look, where no word had room left."""
    last, first = before.parts[-1], row.parts[0]
    upper, lower = before.lines[-1], row.lines[0]
    if upper.place is None or upper.block != lower.block or row.bullet or len(row.parts) > 1:
        return False
    if _says_more(last.text, first.text):
        return False
    return last.look == first.look and len(last.text.split()) > 1 and not find_periods(f"{last.text} {row.text}")


def _says_more(above: str, below: str) -> bool:
    """Return whether the lower of two rows says something else: it is a degree, or a subject or title below a school."""
    if folded(below) in words("education", "degrees"):
        return True
    is_school = bool(set(folded(above).split()) & words("education", "institutions"))
    known = words("education", "subjects") | words("education", "degrees")
    return is_school and bool(set(folded(below).split()) & known) and not _BINDS.search(above)


def _read_row(head: Head, number: int, row: Row) -> None:
    text, owners = _with_owners(row)
    periods = find_periods(text)
    _take_period(head, periods, row)
    cut: set[int] = set()
    for period in periods:
        cut.update(range(period.begin, period.stop))
    for match in _DURATION.finditer(text):
        if periods or head.period:
            cut.update(range(match.start(), match.end()))
    first_date = periods[0].begin if periods else None
    place = 0
    told = not _take_story(head, row) and _told(text, cut)
    if told:
        head.story.append(Row(row.lines, [part for part in row.parts if not find_periods(part.text)] or row.parts))
    for part, begin, stop in [] if told else owners:
        if any(part in story.parts for story in head.story):
            continue
        shown = "".join("\t" if index in cut else text[index] for index in range(begin, stop))
        for count, piece in enumerate(_pieces(shown, part, head)):
            segment = piece
            segment.role = "" if count else part.role
            segment.row, segment.place = number, place
            segment.gap = part.gap and place > 0
            segment.beside_date = bool(periods)
            segment.after_date = first_date is not None and _follows(
                text, first_date, begin + max(0, shown.find(segment.text))
            )
            place += 1
            head.segments.append(segment)


def _take_story(head: Head, row: Row) -> bool:
    """Take running text that is set behind the date, in a cell of its own, out of the head; return whether there is any."""
    cells = row.text.split("\t")
    if len(cells) < 3 or len(row.parts) < 3 or not row.parts[-1].gap:
        return False
    last = row.parts[-1]
    plain = last.text.split()
    is_story = (
        last.text.rstrip().endswith((".", "!", "?", "。")) or sum(word[0].islower() for word in plain) >= len(plain) / 2
    )
    if (
        len(plain) >= STORY_WORDS
        and is_story
        and any(find_periods(cell) for cell in cells[:-1])
        and not find_periods(last.text)
    ):
        head.story.append(Row(row.lines, [last]))
        return True
    return False


def _follows(text: str, date: int, begin: int) -> bool:
    """Return whether what begins at `begin` follows a date in its cell, or a date that is not in the margin."""
    return begin > date and (bool(text[:date].strip()) or "\t" not in text[date:begin])


def _told(text: str, cut: set[int]) -> bool:
    """Return whether what stands beside a date in a cell of its own is running text."""
    rest = "".join(" " if index in cut else char for index, char in enumerate(text)).replace("\t", " ").strip()
    if cut and "\t" in text and len(rest) >= TOLD_CHARACTERS and CJK.search(rest) and not _SEPARATOR.search(rest):
        return True
    return (
        bool(cut)
        and "\t" in text
        and len(rest.split()) >= TOLD_WORDS
        and sum(word[0].islower() for word in rest.split()) >= 0.6 * len(rest.split())
    )


def _with_owners(row: Row) -> tuple[str, list[tuple[Part, int, int]]]:
    text, owners = "", []
    for part in row.parts:
        text += "\t" if part.gap else ""
        owners.append((part, len(text), len(text) + len(part.text)))
        text += part.text
    return text, owners


def _take_period(head: Head, periods: list[Period], row: Row) -> None:
    for period in periods:
        if head.period is None or (period.is_range and not head.period.is_range):
            head.period, head.period_lines = period, list(row.lines)
        elif not period.is_range and not head.period.is_range and (both := _united(head.period, period)):
            head.period = both
            head.period_lines = list({line.id: line for line in [*head.period_lines, *row.lines]}.values())


def _united(first: Period, last: Period) -> Period | None:
    """Return two lone dates as a range, where the first is the earlier one."""
    if first.start is None or last.start is None:
        return None
    if (first.start.year, first.start.month or 0) > (last.start.year, last.start.month or 12):
        return None
    raw = f"{first.raw} – {last.raw}"
    return Period(first.start, last.end, current=False, is_range=True, raw=raw, begin=0, stop=0)


def _pieces(text: str, part: Part, head: Head) -> Iterator[Segment]:
    text = visible_text(text) if "\t" not in text else text
    for match in URL.finditer(text):
        head.urls.append((match[0].rstrip(".,"), part.lines))
    text = _LEADING_AT.sub("", re.sub(r"\(\s*\t*\s*\)", "\t", URL.sub("\t", text)))
    for outer in _outer(text):
        for piece, bracketed in _brackets(outer):
            for number, atom in enumerate(_atoms(piece)):
                plain = _closed(visible_text(atom).strip(_EDGES))
                if plain and any(char.isalnum() for char in plain):
                    yield Segment(plain, part.look, part.lines, 0, 0, url=part.url, bracketed=bracketed,
                                  after_comma=number > 0)  # fmt: skip


def _closed(text: str) -> str:
    """Return a text with the bracket that ends it, which was taken for its edge."""
    return f"{text})" if text.count("(") > text.count(")") else text


def _outer(text: str) -> list[str]:
    """Cut at separators; a legal form after a dash stays with the name ("Sousa - ME")."""
    pieces: list[str] = []
    stop = 0
    for match in [*_SEPARATOR.finditer(text), None]:
        piece = text[stop : match.start() if match else len(text)]
        if pieces and pieces[-1].strip() and _is_form(piece) and "\t" not in text[stop - 1 : stop]:
            pieces[-1] = f"{pieces[-1].rstrip()} - {piece.strip()}"
        else:
            pieces.append(piece)
        stop = match.end() if match else stop
    return pieces


def _brackets(text: str) -> Iterator[tuple[str, bool]]:
    """Cut brackets off a text's end; those inside a name stay."""
    match = _PAREN.search(text)
    if match and (folded(match[1]) in HONOURS or _is_acronym(match[1], text[: match.start()])):
        yield text, False
    elif match and not text[match.end() :].strip(_EDGES) and text[: match.start()].strip(_EDGES):
        yield text[: match.start()], False
        yield match[1], True
    elif match and match.start() == 0 and not text[match.end() :].strip(_EDGES):
        yield match[1], True
    else:
        yield text, False


def _is_acronym(short: str, name: str) -> bool:
    """Return whether a word in capitals gives the letters of a name in their order, the first one that of a word."""
    letters = iter(folded(name).replace(" ", ""))
    is_short = ACRONYM.fullmatch(short.strip()) is not None and not is_country(short)
    begins = any(word.startswith(folded(short)[:1]) for word in folded(name).split())
    return is_short and begins and len(name.split()) > 1 and all(letter in letters for letter in folded(short))


def _atoms(text: str) -> list[str]:
    """Cut at commas and at "at"; legal forms and the state after a city stay with what they follow."""
    atoms: list[str] = []
    for piece in _AT.split(text):
        for number, atom in enumerate(re.split(r"\s*[,，]\s+|，|、(?=\S)|(?<=[^\d\s]),(?=[^\d\s])", piece)):
            if number and atoms and _is_listed(atoms, atom):
                atoms = [", ".join([*atoms, atom.strip()])]
            elif (number and atoms and (_is_form(atom) or (is_region(atom) and len(atoms[-1].split()) <= 3))) or (
                number and atoms and is_country(atom) and is_place(atoms[-1])
            ):
                atoms[-1] += f", {atom.strip()}"
            elif atom.strip():
                atoms.append(atom)
    return atoms


def _is_listed(atoms: Sequence[str], last: str) -> bool:
    """Return whether pieces between commas are the partners of one firm: short names, the last two tied by "and"."""
    return _LISTED.match(last) is not None and all(
        len(atom.split()) <= MAX_LISTED_WORDS and atom[:1].isupper() and not title_score(atom) for atom in atoms
    )


def _is_form(text: str) -> bool:
    return folded(text.strip(" .")) in words("organisations", "forms") and not is_region(text)


def is_region(text: str) -> bool:
    """Return whether a text is a state or province, such as "CA" or "Ontario"."""
    plain = text.strip(" .")
    return folded(plain) in words("places", "regions") and (len(plain) > 3 or plain.isupper())


def is_country(text: str) -> bool:
    """Return whether a text is a country's name or code as used in CVs."""
    plain = text.strip(" .")
    return folded(plain) in words("places", "names") or (len(plain) == 2 and plain.isupper())


def is_place(text: str) -> bool:
    """Return whether a text names places only."""
    plain = [atom.strip() for atom in re.split(r"[,，/]", text) if atom.strip()]
    if not plain:
        return False
    known = words("places", "cities") | words("places", "names")
    hits = [
        folded(re.sub(r"^\d{4,6}\s+|\s+\d{4,6}$", "", atom)) in known or (n > 0 and is_region(atom))
        for n, atom in enumerate(plain)
    ]
    return hits[0] or (len(plain) > 1 and hits[-1] and len(plain) <= 3)
