"""Claims and verdicts: what a sentence says, and whether the CV supports it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Verdict(StrEnum):
    """What the gate says of a claim."""

    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"
    NEEDS_CONFIRMATION = "needs_confirmation"


class ClaimCheck(BaseModel):
    """The gate's answer for one sentence or bullet. `evidence_ids` are ids of `cv.facts.Fact`."""

    model_config = ConfigDict(extra="forbid")

    text: str
    verdict: Verdict
    problems: list[str] = Field(default_factory=list)
    evidence_ids: list[str] = Field(default_factory=list)


class Sentence(BaseModel):
    """One sentence of a letter or e-mail, with the facts and requirements that it rests on.

    `role` is `salutation`, `claim` (about the applicant), `posting` (about the job), `closing` or `signature`.
    `paragraph` numbers the paragraphs from 0.
    """

    model_config = ConfigDict(extra="forbid")

    text: str
    role: str = "claim"
    paragraph: int = 0
    evidence_ids: list[str] = Field(default_factory=list)
    requirement_ids: list[str] = Field(default_factory=list)
