"""Matches of CVs with postings."""

from enum import StrEnum

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from cv.models import ResumeVersion
from jobs.matching import FORMULA_VERSION, inputs_hash, match_resume
from jobs.models import Match, Posting
from jobs.posting import PostingAnalysis


def match_cv(*, owner: AbstractBaseUser, version: ResumeVersion, posting: Posting) -> Match:
    """Match one version of a CV with a posting, and save the report.

    The same inputs give the row that is there already: asking twice makes no second one.
    """
    analysis = PostingAnalysis.model_validate(posting.analysis)
    resume = version.resume.assign_ids()
    hashed = inputs_hash(resume, analysis)
    with transaction.atomic():
        # The lock lets two requests for the same match wait for each other.
        Posting.objects.select_for_update().get(pk=posting.pk)
        known = Match.objects.filter(owner_id=owner.pk, resume_version=version, posting=posting, inputs_hash=hashed)
        match = known.first()
        if match is not None:
            return match
        report = match_resume(resume, analysis)
        return Match.objects.create(
            owner_id=owner.pk,
            resume_version=version,
            posting=posting,
            score=report.score,
            band=report.band.value,
            formula_version=report.formula_version,
            inputs_hash=hashed,
            report=report.model_dump(mode="json"),
        )


class Recomputed(StrEnum):
    """What computing a stored match again found."""

    SAME = "the same"
    DIFFERENT = "different"
    OTHER_INPUTS = "made from a posting or CV that has changed since"
    OTHER_FORMULA = "made with another version of the formula"


def recompute(match: Match) -> Recomputed:
    """Compute a stored match again from the stored CV and posting, and compare the whole report."""
    if match.formula_version != FORMULA_VERSION:
        return Recomputed.OTHER_FORMULA
    analysis = PostingAnalysis.model_validate(match.posting.analysis)
    resume = match.resume_version.resume.assign_ids()
    if inputs_hash(resume, analysis) != match.inputs_hash:
        return Recomputed.OTHER_INPUTS
    is_same = match_resume(resume, analysis).model_dump(mode="json") == match.report
    return Recomputed.SAME if is_same else Recomputed.DIFFERENT
