"""Values of a JSON Resume from anywhere, read as tolerantly as their meaning allows."""

import math
import re
from itertools import count
from typing import Any

from pydantic import ValidationError

from cv.errors import DocumentTooLargeError, UnreadableDocumentError
from cv.resume import CEFRLevel, PartialDate

MAXIMUM_DEPTH = 30
# A long CV has a few thousand values; where each of them tells its source, some ten times as many.
MAXIMUM_VALUES = 200_000
CURRENT_WORDS = frozenset(
    {"present", "current", "now", "today", "ongoing", "heute", "aujourd'hui", "actualidad", "oggi"}
)
NATIVE_WORDS = ("native", "mother tongue", "muttersprache", "bilingual")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CEFR = re.compile(r"\b([ABC][12])\b")
DATE_FORMS = (
    re.compile(r"(?P<year>\d{4})(?:[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?)?(?:[T ].*)?", re.ASCII),
    re.compile(r"(?:(?P<day>\d{1,2})[-/.])?(?P<month>\d{1,2})[-/.](?P<year>\d{4})", re.ASCII),
    re.compile(r"(?:(?P<day>\d{1,2})\.? )?(?P<word>[A-Za-z]{3,9})\.?,? (?P<year>\d{4})", re.ASCII),
)


def cleaned(value: Any) -> Any:
    """Return the value without characters and numbers that no database can store.

    Raises:
        UnreadableDocumentError: The value is nested deeper than any résumé.
        DocumentTooLargeError: It holds more values than any résumé.
    """
    return _cleaned(value, 0, count(1))


def _cleaned(value: Any, depth: int, counter: "count[int]") -> Any:
    if depth > MAXIMUM_DEPTH:
        raise UnreadableDocumentError
    if next(counter) > MAXIMUM_VALUES:
        raise DocumentTooLargeError
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, list):
        return [_cleaned(element, depth + 1, counter) for element in value]
    if isinstance(value, dict):
        return {_storable(str(name)): _cleaned(element, depth + 1, counter) for name, element in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _storable(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def text(value: Any) -> str:
    """Return a text for a text or a number, the lines of a list, and nothing for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return "\n".join(filter(None, (text(element) for element in value)))
    return ""


def texts(value: Any, *, separator: str = "\n") -> list[str]:
    """Return the texts of a list, or the parts of a text that stands in its place."""
    if isinstance(value, str):
        value = value.split(separator)
    if not isinstance(value, list):
        return []
    return [found for element in value if (found := text(_label_of(element)))]


def _label_of(element: Any) -> Any:
    """Return what an object in a list of texts says; some writers wrap each text in one."""
    if not isinstance(element, dict):
        return element
    return next((element[key] for key in ("name", "text", "summary", "description") if element.get(key)), "")


def entries(value: Any, *, name: str) -> list[dict[str, Any]]:
    """Return the objects of a section; a text stands for an object with only that `name`."""
    if isinstance(value, dict | str):
        value = [value]
    if not isinstance(value, list):
        return []
    found = [{name: element} if isinstance(element, str) else element for element in value]
    return [entry for entry in found if isinstance(entry, dict) and any(entry.values())]


def partial_date(value: Any) -> PartialDate | None:
    """Return the date that the value states, or None; a form other than ISO 8601 is kept as `raw`."""
    written = text(value)
    for form in DATE_FORMS:
        match = form.fullmatch(written)
        if match and (date := _date_of(match.groupdict(), written)):
            return date
    return None


def _date_of(parts: dict[str, str | None], written: str) -> PartialDate | None:
    word = (parts.get("word") or "")[:3].lower()
    if word and word not in MONTHS:
        return None
    month = MONTHS.index(word) + 1 if word else parts.get("month")
    values = {"year": parts["year"], "month": month, "day": parts.get("day")}
    try:
        date = PartialDate(**{name: int(part) for name, part in values.items() if part is not None})
    except ValidationError:
        return None
    return date if date.iso() == written else date.model_copy(update={"raw": written})


def is_current(value: Any) -> bool:
    """Return whether an end date says that it has not come yet."""
    return text(value).lower() in CURRENT_WORDS


def cefr_of(fluency: str) -> CEFRLevel | None:
    """Return the level that a description names, or None."""
    if match := CEFR.search(fluency.upper()):
        return CEFRLevel(match.group(1))
    return CEFRLevel.NATIVE if any(word in fluency.lower() for word in NATIVE_WORDS) else None
