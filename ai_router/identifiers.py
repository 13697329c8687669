"""Find in a text what identifies a person: the values that are known, in every spelling, and what shows by its form."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ai_router.digits import with_noughts
from ai_router.types import PersonalKind

EMAIL = re.compile(r"[\w.+'-]*\w@(?:[\w-]+\.)+[^\W\d_]{2,}")
LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'|]+[^\s<>\"'|.,;:!?)\]}]"
    r"|(?<![\w@/.])(?:[\w-]+\.)*(?:linkedin|github|gitlab|xing|twitter|facebook|instagram|behance|dribbble|orcid|x|t)"
    r"\.(?:com|org|io|me)/[^\s<>\"'|,;]*[\w/]",
    re.IGNORECASE,
)
PHONE = re.compile(r"(?<![\w/.-])(?:\+|00)?[\d(][\d\s().\-–/‐‑]{6,22}\d(?![\w@]|[-./]\w)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# An address of a machine, or a version, that other programs write with dots.
_VERSION = re.compile(r"[1-9]\d{0,2}(?:\.\d{1,3}){3}|[1-9]\d*\.\d(?:\.\d+)+")
_LEAST_DIGITS, _MOST_DIGITS = 9, 15
_PHONE_WORD = re.compile(
    r"(?:\b(?:tel|phone|mobile|mob|cell|fax|telefon|téléphone|handy|móvil|kom)\b|[☎📞📱✆])[^\d\n+(]{0,12}\Z", re.I
)
BIRTH_DATE = re.compile(
    r"(?:\b(?:date of birth|birth ?date|birthday|d\.?o\.?b\.?|born(?: on)?|geboren(?: am)?|geburtsdatum|geb\.|"
    r"né(?:\(?e\)?)? le|date de naissance|fecha de nacimiento|nacid[oa] el|data di nascita|nat[oa] il|"
    r"data de nascimento|geboortedatum|data urodzenia|ur\.|datum narození|födelsedatum|doğum tarihi|дата рождения)"
    r"|生年月日|出生日期|出生年月|تاريخ الميلاد)[\s:：\-–|]*"
    r"(?P<date>\d{1,4}[./\-年 ]+(?:\d{1,2}|[^\W\d_]{3,12})[./\-月, ]+\d{1,4}日?|[^\W\d_]{3,12}\.? \d{1,2},? \d{4}|\d{4}年\d{1,2}月)",
    re.IGNORECASE,
)
STREET_AFTER_NUMBER = re.compile(
    r"(?<![\w-])\d{1,5}[a-z]?,? (?:[^\W\d_][\w'.-]* ){0,3}"
    r"(?:street|st\.|avenue|ave\.?|road|rd\.?|boulevard|blvd\.?|lane|ln\.|drive|court|terrace|close|crescent|place|arcade)(?!\w)"
    r"|(?<!\w)\d{1,4}(?: ?bis)?,? (?:rue|avenue|boulevard|allée|impasse|place|chemin|quai) (?:[\w'’.-]+ ?){1,4}",
    re.IGNORECASE,
)
STREET_BEFORE_NUMBER = re.compile(
    r"(?<!\w)(?:[^\W\d_][\w-]*(?:straße|strasse|str\.|weg|platz|gasse|allee|straat|laan|gatan|vägen)"
    r"|[^\W\d_][\w.-]* (?:straße|strasse|allee|gasse|weg|ring|damm|straat|laan|sokağı|sokak|caddesi|cad\.|utca))"
    r" ?(?:no: ?)?\d{1,4}[a-z]?(?!\w)"
    r"|(?<!\w)(?:ul\.|al\.|c/|av\.|ул\.|(?:ulica|calle|avenida|rua|via|viale|piazza|улица)(?!\w)) ?(?:[\w'’.-]+ ){0,3}[\w'’.-]+,?"
    r" (?:n[º°.o]* ?)?\d{1,4}[a-z]?(?!\w)"
    r"|[\u4e00-\u9fff]{2,20}\d{1,5}[号號]|(?:[\u4e00-\u9fff]{1,6}[市区町村]){1,3}[\u3040-\u30ff\u4e00-\u9fff]*\d+(?:-\d+){1,3}",
    re.IGNORECASE,
)
# What a word says of its line. Digits are counted, up to fifteen of a word; each of the others has a field of its own in
# the same number, so that the sum over a line's words tells which forms the line could hold.
_FIELD = 1 << 20
_MOST_COUNTED = 15
_AT, _ADDRESS_OF_PAGE, _PHONE_IS_NEAR, _BIRTH_IS_NEAR, _STREET_IS_NEAR = (_FIELD**n for n in range(1, 6))
_SIGNS = (
    (_AT, re.compile("@")),
    (_ADDRESS_OF_PAGE, re.compile(r"https?://|www\.|\.(?:com|org|io|me)/", re.IGNORECASE)),
    (
        _PHONE_IS_NEAR,
        re.compile(r"\b(?:tel|phone|mobile|mob|cell|fax|telefon|téléphone|handy|móvil|kom)\b|[☎📞📱✆]", re.I),
    ),
    (
        _BIRTH_IS_NEAR,
        re.compile(
            r"\b(?:birth|d\.?o\.?b|born|geboren|geburtsdatum|geb\.|né|naissance|nacimiento|nacid|nascita|nat[oa]|nascimento|"
            r"geboortedatum|urodzenia|ur\.|narození|födelsedatum|tarihi|рождения)|生年月日|出生日期|出生年月|الميلاد",
            re.IGNORECASE,
        ),
    ),
    (
        _STREET_IS_NEAR,
        re.compile(
            # After the number of the house, before it somewhere, right before it as a part of the word or as one of its own.
            r"\A(?:street|st\.|avenue|ave|road|rd|boulevard|blvd|lane|ln\.|drive|court|terrace|close|crescent|place|arcade|"
            r"rue|allée|impasse|chemin|quai)(?!\w)"
            r"|(?<!\w)(?:ul\.|al\.|c/|av\.|ул\.|(?:ulica|calle|avenida|rua|via|viale|piazza|улица)(?!\w))|[号號市区町村]"
            r"|(?:straße|strasse|str\.|weg|platz|gasse|allee|straat|laan|gatan|vägen)(?:no:)?(?:\d|\Z)"
            r"|\A(?:ring|damm|sokağı|sokak|caddesi|cad\.|utca)(?:no:)?(?:\d|\Z)",
            re.IGNORECASE,
        ),
    ),
)
# Words that are remembered, and the longest of them.
_MOST_WORDS, _LONGEST_WORD = 10_000, 40
_DIGIT, _DIGITS = re.compile(r"\d"), re.compile(r"\d+")
_LEAST_DIGITS_OF_LINE = 7
_MANY_DIGITS = re.compile(r"(?:\d\D{0,4}){6}\d")
# So many digits as a phone number has without a word that says so, with what may stand between them; from the beginning of
# a number, as from there it is found where it is found from within.
_PHONE_DIGITS = re.compile(r"\d(?<!\d\d)(?:[\s().\-–/‐‑]{0,15}\d){8}")
# A word that is a number and no more.
_FIGURE = re.compile(r"[\d.,;:%()–-]+")
_LINE = re.compile(r"[^\n]*\n?")
_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "professor",
        "herr",
        "frau",
        "dipl",
        "ing",
        "msc",
        "bsc",
        "ba",
        "ma",
        "mba",
        "phd",
        "jr",
        "sr",
        "ii",
        "iii",
        "van",
        "von",
        "de",
        "der",
        "den",
        "del",
        "da",
        "di",
        "la",
        "le",
    ]
)
# Scripts that write no spaces between words, and so no borders of names either.
SPACELESS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


@dataclass(frozen=True, slots=True)
class Find:
    """A stretch of a text that identifies somebody; `value` is what it is a spelling of."""

    start: int
    end: int
    kind: PersonalKind
    value: str


class KnownValues:
    """The values of one person, and where a text holds them.

    Whole values are found in any case and with any white space, over the ends of lines too; parts of a name only as they
    are written, or in capitals.
    """

    def __init__(self, known: Sequence[tuple[PersonalKind, str]]) -> None:
        """Make one pattern of all values and their parts, the longest first."""
        wanted: dict[str, tuple[PersonalKind, str]] = {}
        for kind, value in known:
            for expression in (_spaced(value), *_parts(kind, value)):
                if expression:
                    wanted.setdefault(expression, (kind, value))
        ordered = sorted(wanted, key=len, reverse=True)
        self._values = [wanted[expression] for expression in ordered]
        self._pattern = re.compile("|".join(f"(?P<v{n}>{expression})" for n, expression in enumerate(ordered)))
        # A line without any of these words holds no value, and no part of one.
        self._words = {word for _, value in known for word in re.findall(r"[^\W_]{2,}", value.casefold())}
        self._has_phone = any(kind is PersonalKind.PHONE for kind, _ in known)

    def find(self, text: str) -> Iterator[Find]:
        """Find the values in a text."""
        if not self._values:
            return
        for start, end in self._places(text):
            for match in self._pattern.finditer(text, start, end):
                kind, value = self._values[int((match.lastgroup or "v0")[1:])]
                yield Find(*match.span(), kind, value)

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        """Return the runs of lines that could hold a value."""
        begun: int | None = None
        for start, _, line in _lines(text):
            is_near = any(map(line.__contains__, self._words)) or (self._has_phone and _MANY_DIGITS.search(line))
            if is_near and begun is None:
                begun = start
            elif not is_near and begun is not None:
                yield begun, start
                begun = None
        if begun is not None:
            yield begun, len(text)


def _lines(text: str) -> list[tuple[int, int, str]]:
    """Return where each line begins and ends, and the line without case."""
    return [(match.start(), match.end(), match.group().casefold()) for match in _LINE.finditer(text) if match.group()]


def _spaced(value: str) -> str:
    """Return the expression of a whole value."""
    words = r"[\s,]+".join(re.escape(word) for word in value.split())
    return _bordered(f"(?i:{words})", value) if words else ""


def _bordered(expression: str, value: str) -> str:
    """Ask for borders of words around an expression, in scripts that have them."""
    if SPACELESS.search(value):
        return expression
    left = r"(?<!\w)" if re.match(r"\w", value) else ""
    return f"{left}{expression}" + (r"(?!\w)" if re.search(r"\w\Z", value) else "")


def _parts(kind: PersonalKind, value: str) -> Iterator[str]:
    """Return the expressions of other spellings of a value, and of those parts of it that tell as much."""
    if kind is PersonalKind.NAME and not SPACELESS.search(value):
        yield from _names(value)
    elif kind is PersonalKind.ADDRESS:
        lines = [part for part in re.split(r"[,\n;|]", value) if re.search(r"\d", part) and len(part.strip()) > 3]
        yield from map(_spaced, lines)
    elif kind is PersonalKind.PHONE:
        digits = re.findall(r"\d", value)
        if len(digits) >= 6:
            yield r"(?<!\d)\+?\(?" + r"[\s().\-–/‐‑]{0,3}".join(digits) + r"(?!\d)"
    elif kind is PersonalKind.LINK:
        bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", value.strip()).rstrip("/")
        if len(bare) > 3:
            yield rf"(?<![\w.])(?i:(?:https?://)?(?:www\.)?{re.escape(bare)})/?"


def _names(value: str) -> Iterator[str]:
    """Return the expressions of a name turned round, without its middle, and of its words as written or in capitals."""
    words = [word.strip(".,()\"'“”") for word in value.split()]
    names = [word for word in words if len(word) > 1 and word.casefold() not in _TITLES and word[0].isupper()]
    if len(names) > 1:
        last = re.escape(names[-1])
        for first in {r"\s+".join(map(re.escape, names[:-1])), re.escape(names[0])}:
            yield _bordered(rf"(?i:{last},?\s+{first})", value)
            yield _bordered(rf"(?i:{first}\s+{last})", value)
        # Handles and domains: janedoe, jane.doe, doe_jane.
        one, other = re.escape(names[0]), last
        yield rf"(?<![^\W_])(?i:{one}[._-]?{other}|{other}[._-]?{one})(?![^\W\d_])"
    for name in names:
        spellings = sorted({name, name.upper(), name.title()})
        yield _bordered(f"(?:{'|'.join(map(re.escape, spellings))})", name)


class _Words(dict[str, int]):
    """What each word says of its line, found out once: texts have many words, and most of them came before."""

    def __missing__(self, word: str) -> int:
        """Look at a word for the first time."""
        said = min(sum(map(str.isdecimal, word)), _MOST_COUNTED)
        if not _FIGURE.fullmatch(word):
            said += sum(field for field, sign in _SIGNS if sign.search(word))
        if len(word) <= _LONGEST_WORD:
            if len(self) >= _MOST_WORDS:
                self.clear()
            self[word] = said
        return said


_WORDS = _Words()


def patterns_in(text: str) -> Iterator[Find]:
    """Find what identifies anybody, by its form. Each form is only looked for on lines whose words could hold it."""
    start = 0
    said_of_word = _WORDS.__getitem__
    # What a word says does not depend on which digits it has: so numbers that have never come before are no new words.
    for line in with_noughts(text).split("\n"):
        said = sum(map(said_of_word, line.split()))
        end = start + len(line)
        if said >= _FIELD:
            yield from _on_line(text, start, end, said)
        elif said >= _LEAST_DIGITS:
            yield from _phones(text, start, end, _PHONE_DIGITS)
        start = end + 1


def _on_line(text: str, start: int, end: int, said: int) -> Iterator[Find]:
    """Look for the forms that the words of a line speak of."""
    if said // _AT % _FIELD:
        for match in EMAIL.finditer(text, start, end):
            yield Find(*match.span(), PersonalKind.EMAIL, match.group())
    if said // _ADDRESS_OF_PAGE % _FIELD:
        for match in LINK.finditer(text, start, end):
            yield Find(*match.span(), PersonalKind.LINK, match.group().rstrip("/"))
    if said // _BIRTH_IS_NEAR % _FIELD:
        # The date may stand on the line after the word for it.
        for match in BIRTH_DATE.finditer(text, start, end + 41):
            yield Find(*match.span("date"), PersonalKind.BIRTH_DATE, match.group("date"))
    if said % _FIELD:
        yield from _on_line_with_digits(text, start, end, said)


def _on_line_with_digits(text: str, start: int, end: int, said: int) -> Iterator[Find]:
    if said % _FIELD >= _LEAST_DIGITS_OF_LINE:
        yield from _phones(text, start, end, _MANY_DIGITS if said // _PHONE_IS_NEAR % _FIELD else _PHONE_DIGITS)
    if said // _STREET_IS_NEAR % _FIELD:
        for match in _streets(text, start, end):
            yield Find(*match.span(), PersonalKind.ADDRESS, " ".join(match.group().split()))


def _phones(text: str, start: int, end: int, digits: re.Pattern[str]) -> Iterator[Find]:
    """Find phone numbers on a line, where it has `digits`."""
    if digits.search(text, start, end):
        for match in PHONE.finditer(text, start, end):
            if _is_phone(match, text):
                yield Find(*match.span(), PersonalKind.PHONE, re.sub(r"\D", "", match.group()))


def _streets(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Find streets on a line, from their numbers where these come first."""
    for number in _DIGITS.finditer(text, start, end):
        if match := STREET_AFTER_NUMBER.match(text, number.start(), end):
            yield match
    yield from STREET_BEFORE_NUMBER.finditer(text, start, end)


def _is_phone(match: re.Match[str], text: str) -> bool:
    """Whether digits are a phone number, not years, dates, sums or ids.

    E.164 allows 15 digits; fewer than nine are taken only after a word that says so.
    """
    found = match.group()
    digits = re.sub(r"\D", "", found)
    if len(digits) > _MOST_DIGITS:
        return False
    if _PHONE_WORD.search(text, max(0, match.start() - 30), match.start()):
        return True
    if found.startswith(("+", "00")) and len(digits) >= _LEAST_DIGITS:
        return True
    is_grouped = bool(re.search(r"[\s().\-/‐‑]", found)) or found.startswith("0")
    is_version = bool(_VERSION.fullmatch(found))
    return (
        len(digits) >= _LEAST_DIGITS and is_grouped and not is_version and not _YEAR.search(found) and "–" not in found
    )
