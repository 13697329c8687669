"""The language of a document, and the region in which its phone numbers are read."""

from functools import cache
from typing import Any

from cv.extraction.types import ExtractedDocument

MAX_CHARACTERS = 6_000
# ISO 639-1 → the region of most of its speakers' phone numbers that are written without a country code.
REGIONS = {"en": "US", "de": "DE", "fr": "FR", "es": "ES", "it": "IT", "pt": "BR", "nl": "NL", "pl": "PL", "cs": "CZ",
           "sk": "SK", "sv": "SE", "da": "DK", "no": "NO", "fi": "FI", "ro": "RO", "hu": "HU", "tr": "TR",
           "ru": "RU", "uk": "UA", "bg": "BG", "el": "GR", "hr": "HR", "zh": "CN", "ja": "JP", "ko": "KR", "ar": "EG",
           "he": "IL", "hi": "IN", "id": "ID", "vi": "VN"}  # fmt: skip


def language_of(document: ExtractedDocument) -> str:
    """Return the ISO 639-1 code of the document's main language; empty for a document without words."""
    text = " ".join(line.text for line in document.visible_lines if len(line.text) > 3)[:MAX_CHARACTERS]
    if not any(char.isalpha() for char in text):
        return ""
    return str(_identifier().classify(text)[0])


def region_of(language: str) -> str:
    """Return an ISO 3166 region for phone numbers without a country code, or an empty string."""
    return REGIONS.get(language, "")


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages([*REGIONS])
    return identifier
