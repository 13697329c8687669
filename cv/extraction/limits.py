"""What one file may cost to read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExtractionLimits:
    """Bounds of one extraction; the defaults suit a CV, settings `EXTRACTION_LIMITS` may change them.

    `memory_bytes` bounds the child's address space, `timeout_seconds` both its processor time and the time
    that the caller waits, `max_unpacked_bytes` what a zip container may declare as its content.
    """

    max_bytes: int = 20 * 1024 * 1024
    max_pages: int = 30
    max_characters: int = 300_000
    max_unpacked_bytes: int = 60 * 1024 * 1024
    memory_bytes: int = 512 * 1024 * 1024
    timeout_seconds: int = 20


def limits_from_settings() -> ExtractionLimits:
    """Return the limits that the site's settings name."""
    # Imported here because the child process reads this module and never sets Django up.
    from django.conf import settings

    return ExtractionLimits(**settings.EXTRACTION_LIMITS)
