"""Checking a whole résumé against another one: each line under the position that it stands in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from cv.facts import Fact, FactKind, facts_of
from cv.resume import PartialDate, Resume
from jobs.grounding.evidence import check_claim
from jobs.grounding.types import ClaimCheck, Verdict
from jobs.grounding.words import sentences


def check_resume(claimed: Resume, source: Resume, *, today: date | None = None) -> list[ClaimCheck]:
    """Check every statement of `claimed` against `source`.

    A line under a position may rest on lines of the same position only; a position needs one with the same employer, the same title and
    the same dates; a skill, language or certificate needs a line that names it.
    """
    facts = facts_of(source)
    return [_check(fact, facts, today) for claim in facts_of(claimed) for fact in _sentence_by_sentence(claim)]


def _sentence_by_sentence(claim: Fact) -> list[Fact]:
    """Return a statement's sentences, each as a claim of its own; headers stay whole."""
    if claim.id == claim.scope_id and claim.kind not in {FactKind.HIGHLIGHT, FactKind.PROJECT}:
        return [claim]
    return [replace(claim, text=text) for text in sentences(claim.text)] or [claim]


def _check(claim: Fact, facts: Sequence[Fact], today: date | None) -> ClaimCheck:
    if claim.kind in {FactKind.POSITION, FactKind.EDUCATION, FactKind.VOLUNTEERING} and claim.id == claim.scope_id:
        found = _header_problems(claim, facts)
        if found is not None:
            return found
    within = [fact for fact in facts if _same_scope(claim, fact)] if claim.employer or claim.title else list(facts)
    check = check_claim(claim.text, within or facts, today=today)
    if check.verdict == Verdict.SUPPORTED and claim.scope_id and not within:
        return check.model_copy(
            update={
                "verdict": Verdict.UNSUPPORTED,
                "problems": ["The CV has no such position; the statement stands elsewhere in it."],
                "evidence_ids": [],
            }
        )
    return check


def _header_problems(claim: Fact, facts: Sequence[Fact]) -> ClaimCheck | None:
    """Check employer, title and dates of a position; None for a text that is not such a header."""
    if _folded(claim.text) != _folded(f"{claim.title}, {claim.employer}") and claim.kind == FactKind.POSITION:
        return None
    same = [fact for fact in facts if fact.scope_id == fact.id and _same_scope(claim, fact)]
    if not same:
        problem = f"The CV has no “{claim.title}” at “{claim.employer}”."
        return ClaimCheck(text=claim.text, verdict=Verdict.UNSUPPORTED, problems=[problem])
    if not any(_same_dates(claim, fact) for fact in same):
        problem = "The CV gives other dates for this."
        return ClaimCheck(text=claim.text, verdict=Verdict.UNSUPPORTED, problems=[problem])
    return (
        None
        if claim.kind != FactKind.POSITION
        else ClaimCheck(text=claim.text, verdict=Verdict.SUPPORTED, evidence_ids=[same[0].id])
    )


def _same_scope(claim: Fact, fact: Fact) -> bool:
    return _folded(claim.employer) == _folded(fact.employer) and _folded(claim.title) == _folded(fact.title)


def _same_dates(claim: Fact, fact: Fact) -> bool:
    ends = (claim.current and fact.current) or (not claim.current and _covers(claim.end, fact.end))
    return _covers(claim.start, fact.start) and ends


def _covers(claimed: PartialDate | None, known: PartialDate | None) -> bool:
    """Whether a date may be claimed: it is not more exact than the known one, and does not contradict it."""
    if claimed is None:
        return True
    if known is None or claimed.year != known.year:
        return False
    return claimed.month is None or claimed.month == known.month


def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" ,")
