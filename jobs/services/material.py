"""What texts are made from: a version of a CV, a posting's analysis, and how they match."""

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from cv.models import CV, ResumeVersion
from cv.resume import Resume
from jobs.errors import ResumeNotReadyError
from jobs.matching import MatchReport, match_resume
from jobs.models import Posting
from jobs.posting import PostingAnalysis


@dataclass(frozen=True, slots=True)
class Material:
    """A résumé, a posting's analysis and the match of the two."""

    resume: Resume
    analysis: PostingAnalysis
    report: MatchReport


def material_of(version: ResumeVersion, posting: Posting, *, resume: Resume | None = None) -> Material:
    """Return what a text for this posting is made from; `resume` goes before the version's own, for a tailored one."""
    used = (resume or version.resume).assign_ids()
    analysis = PostingAnalysis.model_validate(posting.analysis)
    known = {
        "title": posting.title,
        "employer": posting.employer,
        "location": posting.location,
        "language": posting.language,
    }
    filled = {name: value for name, value in known.items() if value and not getattr(analysis, name)}
    analysis = analysis.model_copy(update=filled)
    return Material(used, analysis, match_resume(used, analysis))


def current_version(*, owner: AbstractBaseUser, cv: CV) -> ResumeVersion:
    """Return the CV's current version.

    Raises:
        ResumeNotReadyError: The CV has not been read, or is not the owner's.
    """
    if cv.current_version is None or cv.owner_id != owner.pk:
        raise ResumeNotReadyError
    return cv.current_version
