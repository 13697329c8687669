"""When a value that was read counts as the true one."""

import re
import unicodedata
from typing import Any

from rapidfuzz import fuzz

# Texts at least so alike, of 100, are one: entries are told by employer and title, titles and schools have many spellings.
SAME_TEXT = 85
SAME_SKILL = 90
_TITLES_OF_PERSONS = re.compile(r"^(?:dr|prof|mr|mrs|ms|herr|frau)\b\s*")
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?")
_NO_SPACES = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
PHONE_DIGITS = 9
MIN_PHONE_DIGITS = 6


def plain(text: object) -> str:
    """Return the text without case, accents' encoding and punctuation; `C++` and `C#` keep their signs."""
    folded = unicodedata.normalize("NFKC", str(text or "")).casefold()
    return " ".join(re.sub(r"[^\w+#]+", " ", folded).split())


def plain_name(text: object) -> str:
    """Return a person's name without titles, its parts in alphabetical order."""
    return " ".join(sorted(_TITLES_OF_PERSONS.sub("", plain(text)).split()))


def plain_phone(text: object) -> str:
    """Return the last digits of a telephone number, which do not depend on how the country is dialled."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", str(text or "")))
    return digits.lstrip("0")[-PHONE_DIGITS:] if len(digits) >= MIN_PHONE_DIGITS else ""


def plain_url(text: object) -> str:
    """Return an address without scheme, `www.` and trailing signs."""
    return re.sub(r"^(?:https?://)?(?:www\.)?|[/#?]+$", "", str(text or "").strip().casefold())


def plain_email(text: object) -> str:
    """Return an e-mail address in small letters."""
    return str(text or "").strip().casefold()


def year_and_month(text: object) -> tuple[int, int | None] | None:
    """Return the year and, where there is one, the month of an ISO date."""
    match = _DATE.match(str(text or "").strip())
    return (int(match[1]), int(match[2]) if match[2] else None) if match else None


def same_date(true: object, read: object) -> bool:
    """Whether a date was read to the truth's precision."""
    first, second = year_and_month(true), year_and_month(read)
    return bool(first and second) and first[0] == second[0] and first[1] in {None, second[1]}  # type: ignore[index]


def likeness(first: object, second: object) -> float:
    """Return how alike two texts are, in [0, 100]; the order of words counts little."""
    one, other = plain(first), plain(second)
    if not one or not other:
        return 100.0 if one == other else 0.0
    in_part = 0.95 * fuzz.token_set_ratio(one, other) if min(len(one), len(other)) >= 6 else 0.0
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other), in_part)


def is_same(first: object, second: object) -> bool:
    """Whether two texts say the same."""
    return likeness(first, second) >= SAME_TEXT


def words(text: object) -> list[str]:
    """Return the words of a text; of scripts written without blanks the signs."""
    folded = plain(text)
    return list(folded.replace(" ", "")) if _NO_SPACES.search(folded) else folded.split()


def entries(resume: dict[str, Any], section: str) -> list[dict[str, Any]]:
    """Return a section's entries."""
    found = resume.get(section)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
