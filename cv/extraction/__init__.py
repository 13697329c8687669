"""Bytes of a CV → lines with place, look and reading order.

Nothing here is parsed for meaning, and nothing of Django is imported: the readers run in a child process
that starts fast and may be killed.
"""

from cv.extraction.extractor import convert, extract
from cv.extraction.types import ExtractedDocument, Page, Span, TextLine

__all__ = ["ExtractedDocument", "Page", "Span", "TextLine", "convert", "extract"]
