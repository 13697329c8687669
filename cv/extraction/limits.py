"""What one file may cost to read."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class ExtractionLimits:
    """Bounds of one extraction; the defaults suit a CV, settings `EXTRACTION_LIMITS` may change them.

    Recognising text in pictures costs more and is bounded apart: at most `ocr_pages` pages, `ocr_seconds_a_page` of
    processor time each, `ocr_memory_bytes` of address space, and pictures of at most `max_pixels`.

    `memory_bytes` bounds the child's address space, `timeout_seconds` its processor time (the caller
    waits 40 seconds longer, as a busy machine may give it a part of a processor only), `max_unpacked_bytes` what a zip container may declare as its content.
    """

    max_bytes: int = 20 * 1024 * 1024
    max_pages: int = 30
    max_characters: int = 300_000
    max_unpacked_bytes: int = 60 * 1024 * 1024
    memory_bytes: int = 512 * 1024 * 1024
    timeout_seconds: int = 20
    max_pixels: int = 60_000_000
    ocr_pages: int = 10
    ocr_seconds_a_page: int = 60
    ocr_memory_bytes: int = 2560 * 1024 * 1024

    def for_recognition(self, pages: int) -> Self:
        """Return the bounds of a child process that recognises so many pages."""
        seconds = self.timeout_seconds + self.ocr_seconds_a_page * min(pages, self.ocr_pages)
        return replace(self, memory_bytes=self.ocr_memory_bytes, timeout_seconds=seconds)


def limits_from_settings() -> ExtractionLimits:
    """Return the limits that the site's settings name."""
    # Imported here because the child process reads this module and never sets Django up.
    from django.conf import settings

    return ExtractionLimits(**settings.EXTRACTION_LIMITS)
