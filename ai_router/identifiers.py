"""Find in a text what identifies a person: the values that are known, in every spelling, and what shows by its form."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ai_router.types import PersonalKind

EMAIL = re.compile(r"[\w.+'-]*\w@(?:[\w-]+\.)+[^\W\d_]{2,}")
LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'|]+[^\s<>\"'|.,;:!?)\]}]"
    r"|(?<![\w@/.])(?:[\w-]+\.)*(?:linkedin|github|gitlab|xing|twitter|facebook|instagram|behance|dribbble|orcid|x|t)"
    r"\.(?:com|org|io|me)/[^\s<>\"'|,;]*[\w/]",
    re.IGNORECASE,
)
PHONE = re.compile(r"(?<![\w/.-])(?:\+|00)?[\d(][\d\s().\-–/‑]{6,22}\d(?![\w@]|[-./]\w)")
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
STREET = re.compile(
    r"(?<![\w-])\d{1,5}[a-z]?,? (?:[^\W\d_][\w'.-]* ){0,3}"
    r"(?:street|st\.|avenue|ave\.?|road|rd\.?|boulevard|blvd\.?|lane|ln\.|drive|court|terrace|close|crescent|place)(?!\w)"
    r"|(?<!\w)\d{1,4}(?: ?bis)?,? (?:rue|avenue|boulevard|allée|impasse|place|chemin|quai) (?:[\w'’.-]+ ?){1,4}"
    r"|(?<!\w)(?:[^\W\d_][\w-]*(?:straße|strasse|str\.|weg|platz|gasse|allee|straat|laan|gatan|vägen)"
    r"|[^\W\d_][\w.-]* (?:straße|strasse|allee|gasse|straat|laan)) ?\d{1,4}[a-z]?(?!\w)"
    r"|(?<!\w)(?:ul\.|ulica|al\.|calle|c/|avenida|av\.|rua|via|viale|piazza|ул\.|улица) ?(?:[\w'’.-]+ ){0,3}[\w'’.-]+,? (?:n[º°.o]* ?)?\d{1,4}[a-z]?(?!\w)",
    re.IGNORECASE,
)
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


def pattern_of(
    known: Sequence[tuple[PersonalKind, str]],
) -> tuple[re.Pattern[str] | None, list[tuple[PersonalKind, str]]]:
    """Return one pattern for all values, the longest first, and what its groups `v<n>` stand for.

    Whole values are found in any case and with any white space; parts of a name only as they are written, or in capitals.
    """
    wanted: dict[str, tuple[PersonalKind, str]] = {}
    for kind, value in known:
        wanted.setdefault(_spaced(value), (kind, value))
        for part in _parts(kind, value):
            wanted.setdefault(part, (kind, value))
    ordered = sorted((item for item in wanted.items() if item[0]), key=lambda item: -len(item[0]))
    if not ordered:
        return None, []
    pattern = "|".join(f"(?P<v{n}>{expression})" for n, (expression, _) in enumerate(ordered))
    return re.compile(pattern), [value for _, value in ordered]


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
            yield r"(?<!\d)\+?\(?" + r"[\s().\-–/‑]{0,3}".join(digits) + r"(?!\d)"
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
    for name in names:
        spellings = sorted({name, name.upper(), name.title()})
        yield _bordered(f"(?:{'|'.join(map(re.escape, spellings))})", name)


def patterns_in(text: str) -> Iterator[Find]:
    """Find what identifies anybody, by its form."""
    if "@" in text:
        for match in EMAIL.finditer(text):
            yield Find(*match.span(), PersonalKind.EMAIL, match.group())
    if "/" in text or "www." in text:
        for match in LINK.finditer(text):
            yield Find(*match.span(), PersonalKind.LINK, match.group().rstrip("/"))
    for match in PHONE.finditer(text):
        if _is_phone(match, text):
            yield Find(*match.span(), PersonalKind.PHONE, re.sub(r"\D", "", match.group()))
    for match in BIRTH_DATE.finditer(text):
        yield Find(*match.span("date"), PersonalKind.BIRTH_DATE, match.group("date"))
    for match in STREET.finditer(text):
        yield Find(*match.span(), PersonalKind.ADDRESS, " ".join(match.group().split()))


def _is_phone(match: re.Match[str], text: str) -> bool:
    """Whether digits are a phone number, not years, dates, sums or ids.

    E.164 allows 15 digits; fewer than nine are taken only after a word that says so.
    """
    found = match.group()
    digits = re.sub(r"\D", "", found)
    if "\n" in found or len(digits) > _MOST_DIGITS:
        return False
    if _PHONE_WORD.search(text, max(0, match.start() - 30), match.start()):
        return True
    if found.startswith(("+", "00")) and len(digits) >= _LEAST_DIGITS:
        return True
    is_grouped = bool(re.search(r"[\s().\-/‑]", found)) or found.startswith("0")
    is_version = bool(_VERSION.fullmatch(found))
    return (
        len(digits) >= _LEAST_DIGITS and is_grouped and not is_version and not _YEAR.search(found) and "–" not in found
    )
