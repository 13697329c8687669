"""Rankings as lines, for the API and the command."""

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from cv.models import CV, ResumeVersion
from jobs.errors import ResumeNotReadyError
from jobs.matching import Coverage, MatchReport
from jobs.models import Posting
from jobs.posting import RequirementKind
from jobs.services.search import rank_cvs, rank_postings


@dataclass(frozen=True, slots=True)
class RankedLine:
    """One line of a ranking: which posting, which CV, how they fit, and which must-haves have no evidence."""

    job: int
    cv: int
    cv_version: int
    title: str
    score: int | None
    band: str
    missing: list[str]


def ranked_lines(*, user: AbstractBaseUser, cv: CV | None, posting: Posting | None, top: int) -> list[RankedLine]:
    """Rank the user's postings for a CV, or, where none is given, the user's CVs for a posting; the best first.

    Raises:
        ResumeNotReadyError: The CV has not been read yet.
    """
    if cv is not None:
        if cv.current_version is None:
            raise ResumeNotReadyError
        found = rank_postings(user=user, version=cv.current_version, top=top)
        return [_line(row.posting, cv.current_version, row.posting.name, row.report) for row in found]
    if posting is None:
        return []
    return [
        _line(posting, row.version, row.version.cv.title, row.report)
        for row in rank_cvs(user=user, posting=posting, top=top)
    ]


def _line(posting: Posting, version: ResumeVersion, title: str, report: MatchReport) -> RankedLine:
    missing = [
        line.text
        for line in report.requirements
        if line.kind is RequirementKind.MUST and line.coverage is Coverage.MISSING
    ]
    return RankedLine(posting.pk, version.cv_id, version.number, title, report.score, report.band.value, missing)
