"""What makes a CV hard to read, for people and for programs: each finding with its reason and what to do.

Pure functions of the résumé and of the file that it was read from. No employer's program is imitated, and no verdict foretold.
"""

import datetime

from cv.checking.content import check_content, check_sections
from cv.checking.dates import check_dates
from cv.checking.file import check_file
from cv.checking.person import check_person
from cv.checking.types import Area, Finding, Weight
from cv.extraction.types import ExtractedDocument
from cv.resume import Resume

__all__ = ["Area", "Finding", "Weight", "check_cv"]


def check_cv(resume: Resume, document: ExtractedDocument | None, *, today: datetime.date) -> list[Finding]:
    """Return what could be better, the weightiest first.

    Args:
        resume: The CV as it stands.
        document: The file as it was extracted; None for a CV that came as data.
        today: The day that gaps and future dates are counted from.
    """
    found = [
        *check_person(resume),
        *check_dates(resume, today=today),
        *check_sections(resume),
        *check_content(resume),
        *(check_file(document) if document else []),
    ]
    return sorted(found, key=lambda finding: (list(Weight).index(finding.weight), list(Area).index(finding.area)))
