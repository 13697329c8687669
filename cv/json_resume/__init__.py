"""JSON Resume v1 in and out.

The standard part of a file is what other programs read. What that form has no place for (ids, sources, confidence,
CEFR levels, expiry dates, custom sections, the order of sections) is kept under `meta.careerai`, so that
an own export comes back equal, and one that somebody edited keeps what the edit did not touch.
"""

from cv.json_resume.reading import from_json_resume
from cv.json_resume.writing import to_json_resume

__all__ = ["from_json_resume", "to_json_resume"]
