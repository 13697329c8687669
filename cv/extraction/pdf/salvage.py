"""PDF files that were cut off: the pages that are whole get a new table of contents."""

import re

_PAGE = re.compile(rb"(\d{1,9})\s+(\d{1,5})\s+obj\b(?:(?!endobj|stream).){0,2000}?/Type\s*/Page\b", re.S)
_OBJECT = re.compile(rb"(\d{1,9})\s+\d{1,5}\s+obj\b")


def with_new_tail(data: bytes) -> bytes | None:
    """Return the file with a page tree, a catalogue and a trailer for the page objects in it; None without any.

    Viewers build the table of objects anew when they find none, but need a trailer to begin at. Pages packed into
    object streams are lost with the table.
    """
    pages = [b"%s %s R" % match.groups() for match in _PAGE.finditer(data)]
    if not pages:
        return None
    free = max(int(number) for number in _OBJECT.findall(data)) + 1
    tree = b"%d 0 obj\n<< /Type /Pages /Kids [%s] /Count %d >>\nendobj\n" % (free, b" ".join(pages), len(pages))
    catalogue = b"%d 0 obj\n<< /Type /Catalog /Pages %d 0 R >>\nendobj\n" % (free + 1, free)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n0\n%%%%EOF\n" % (free + 2, free + 1)
    return data + b"\nendstream\nendobj\n" + tree + catalogue + trailer
