"""Files that hold a CV as data rather than as a page: Europass XML, the archive of LinkedIn; read into JSON Resume.

Nothing of Django is imported: they are read in the child process.
"""

import json

from cv.extraction import sniffing
from cv.extraction.limits import ExtractionLimits

KIND_NAMES = {sniffing.EUROPASS: "Europass", sniffing.LINKEDIN: "the archive of LinkedIn"}
KINDS = frozenset(KIND_NAMES)


def to_json_resume_form(data: bytes, *, media_type: str, limits: ExtractionLimits) -> bytes:
    """Return the file's content as JSON Resume, in this process; see `cv.extraction.convert`.

    Raises:
        CVError: The file is damaged, or over a limit.
    """
    if media_type == sniffing.EUROPASS:
        from cv.structured.europass import read
    else:
        from cv.structured.linkedin import read
    return json.dumps(read(data, limits=limits)).encode()
