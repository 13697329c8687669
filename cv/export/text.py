"""Text and links as they may stand in an exported document."""

import unicodedata
from urllib.parse import urlsplit

# Embedding and override marks can make a line read otherwise than it is stored (Unicode UAX #9, section 2.1); the other
# three are invisible and break the search for a word.
_INVISIBLE = frozenset("\u202a\u202b\u202c\u202d\u202e\u00ad\u200b\ufeff")
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})


def printable(text: str) -> str:
    """Return the text in one line, without characters that have no printed form.

    Control characters, lone surrogates, noncharacters and private-use characters (icons of somebody's font) go; runs of
    white space become one space.
    """
    kept = (" " if char.isspace() else char for char in text if char.isspace() or _is_printable(char))
    return " ".join("".join(kept).split())


def paragraphs(text: str) -> list[str]:
    """Return the text's non-empty lines, each printable."""
    return [line for part in text.splitlines() if (line := printable(part))]


def _is_printable(char: str) -> bool:
    return char not in _INVISIBLE and unicodedata.category(char) not in {"Cc", "Cs", "Cn", "Co"}


def link_target(url: str) -> str:
    """Return the address to link to, or an empty text where it is no web, mail or phone address."""
    url = "".join(printable(url).split())
    if not url:
        return ""
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        return ""
    if scheme in _SCHEMES:
        return url
    host = url.split("/", 1)[0]
    return f"https://{url}" if "." in host and ":" not in host and "@" not in host else ""


def shown_url(url: str) -> str:
    """Return a web address without its scheme and last slash, the way it is printed."""
    url = printable(url)
    for prefix in ("https://", "http://"):
        if url.lower().startswith(prefix):
            url = url[len(prefix) :]
    return url.removesuffix("/")


def joined(*parts: str, by: str = ", ") -> str:
    """Return the non-empty parts as one line of printable text."""
    return by.join(text for part in parts if (text := printable(part)))
