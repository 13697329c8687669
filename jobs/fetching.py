"""The page of a posting, read from its address: public addresses only, each redirect checked anew, bounded in size and time."""

import codecs
import re
import time
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from django.conf import settings

from jobs.errors import FetchingOffError, UnreachablePostingError
from jobs.html_text import without_scripts
from jobs.importing import MAX_CHARACTERS
from usage.public_post import Fetched, ForbiddenAddressError, UnreachableError, get

MAX_BYTES = 3_000_000
MAX_REDIRECTS = 4
# No step begins later than this.
MAX_SECONDS = 20.0
# How often a person may have pages read.
FETCH_RATE = "30/m"
_HEADERS = {
    "Accept": "text/html, application/ld+json, application/json, text/plain;q=0.8",
    "Accept-Encoding": "identity",
    "User-Agent": "CareerAI (reads one posting at the wish of its user)",
}
_READABLE = re.compile(r"(?:text/(?:html|plain)|application/(?:xhtml\+xml|json|ld\+json))(?:\s*;|\s*$)", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HEAD_BYTES = 2_048
# What Python calls character sets beside those of pages: some refuse to be read with errors, some take for ever.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7", "utf-8"})
# Pages that name these mean Windows' own, as browsers know.
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252"}
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page as text, and the address that it came from in the end."""

    url: str
    text: str


def fetch_page(url: str) -> FetchedPage:
    """Read the page of a posting. Takes up to some seconds; nothing but the page itself is asked for, and no cookie is sent.

    Raises:
        FetchingOffError: The site's operator does not want it.
        UnreachablePostingError: The address is not public or malformed, nobody answers, or what comes is no page.
    """
    mode = settings.POSTING_FETCH
    if mode == "off":
        raise FetchingOffError
    url = _joined(url, "")
    latest = time.monotonic() + MAX_SECONDS
    for _ in range(MAX_REDIRECTS + 1):
        if time.monotonic() > latest:
            break
        try:
            answer = get(url, _HEADERS, most_bytes=MAX_BYTES, allow_private=mode == "any")
        except (ForbiddenAddressError, UnreachableError) as error:
            raise UnreachablePostingError(f"The page could not be read: {error} Paste the posting's text.") from error
        if answer.status not in _MOVED or not answer.location:
            text = _text_of(answer)
            return FetchedPage(url, text if len(text) <= MAX_CHARACTERS else without_scripts(text))
        url = _joined(url, answer.location)
    raise UnreachablePostingError("The page leads on and on. Paste the posting's text.")


def _joined(url: str, location: str) -> str:
    """Return where an address leads on to, without its fragment."""
    try:
        return urldefrag(urljoin(url, location)).url
    except ValueError as error:
        raise UnreachablePostingError("The page leads to no valid address. Paste the posting's text.") from error


def _text_of(answer: Fetched) -> str:
    if answer.status != 200:
        raise UnreachablePostingError(f"The page answered with status {answer.status}. Paste the posting's text.")
    is_readable = not answer.content_type or _READABLE.match(answer.content_type)
    if not is_readable or answer.encoding.strip().lower() not in {"", "identity"}:
        raise UnreachablePostingError("There is no page of text at this address. Paste the posting's text.")
    head = answer.body[:_HEAD_BYTES].decode("ascii", errors="ignore")
    named = _CHARSET.search(answer.content_type) or _CHARSET.search(head)
    return answer.body.decode(_known(named.group(1)) if named else "utf-8-sig", errors="replace")


def _known(charset: str) -> str:
    """Return a character set of text; what is none is read as UTF-8."""
    try:
        found = codecs.lookup(charset)
    except (LookupError, ValueError):
        return "utf-8-sig"
    is_text = getattr(found, "_is_text_encoding", True)
    return _MEANT.get(found.name, found.name) if is_text and found.name not in _NO_CHARSETS else "utf-8-sig"
