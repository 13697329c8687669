"""What texts for a posting will cost, before they are begun; nobody is asked for it."""

from typing import Any

from ai_router.quotes import Offer, offer_of
from ai_router.router import estimate
from ai_router.types import TaskSpec
from cv.models import ResumeVersion
from jobs.letters import WRITE_LETTER, letter_inputs
from jobs.models import Posting, TailoredCV
from jobs.services.material import Material, material_of
from jobs.services.tailoring import accepted_resume
from jobs.tailoring import TAILOR_CV, tailoring_inputs


def offers_for(*, version: ResumeVersion, posting: Posting, user: Any) -> tuple[Offer | None, Offer | None]:
    """Return what tailoring will cost, and what a letter; None where it is free. Raises as `router.estimate` does."""
    material = material_of(version, posting)
    inputs = tailoring_inputs(material.resume, material.analysis, material.report)
    return _offer(TAILOR_CV, inputs, user), _letter_offer(material, posting, user)


def letter_offer(*, tailored: TailoredCV, user: Any) -> Offer | None:
    """Return what a letter for a tailored CV will cost; None where it is free. Raises as `router.estimate` does."""
    material = material_of(tailored.resume_version, tailored.posting, resume=accepted_resume(tailored))
    return _letter_offer(material, tailored.posting, user)


def _letter_offer(material: Material, posting: Posting, user: Any) -> Offer | None:
    inputs = letter_inputs(material.resume, material.analysis, material.report, posting_text=posting.text)
    return _offer(WRITE_LETTER, inputs, user)


def _offer(spec: TaskSpec[Any, Any], inputs: Any, user: Any) -> Offer | None:
    return offer_of(estimate(spec, inputs, user=user), task_type=spec.task_type, user=user)
