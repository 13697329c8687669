"""Files that hold a CV as data rather than as a page: Europass XML, alone or in a PDF, and the archive of LinkedIn.

They are read into JSON Resume.

Nothing of Django is imported: they are read in the child process.
"""

import json
from typing import Any

from cv.extraction import sniffing
from cv.extraction.limits import ExtractionLimits

# Where the data of a file of each type come from, in words.
KIND_NAMES = {sniffing.EUROPASS: "Europass", sniffing.PDF: "Europass", sniffing.LINKEDIN: "the archive of LinkedIn"}
# What stands in every PDF with files in it, also where its other objects are packed.
EMBEDDED_FILE = b"/EmbeddedFile"


def may_hold_data(data: bytes, media_type: str) -> bool:
    """Return whether a file of this type may hold a CV as data, so that it is worth to be converted."""
    return media_type in KIND_NAMES and (media_type != sniffing.PDF or EMBEDDED_FILE in data)


def to_json_resume_form(data: bytes, *, media_type: str, limits: ExtractionLimits) -> bytes:
    """Return the file's content as JSON Resume, in this process; see `cv.extraction.convert`.

    A PDF without a CV as data gives `null`.

    Raises:
        CVError: The file is damaged, or over a limit.
    """
    form: dict[str, Any] | None
    if media_type == sniffing.EUROPASS:
        from cv.structured import europass

        form = europass.read(data, limits=limits)
    elif media_type == sniffing.PDF:
        from cv.structured import embedded

        form = embedded.read(data, limits=limits)
    else:
        from cv.structured import linkedin

        form = linkedin.read(data, limits=limits)
    return json.dumps(form).encode()
