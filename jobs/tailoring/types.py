"""Proposed changes to a CV, and what the task that proposes them takes and returns."""

from pydantic import BaseModel, ConfigDict, Field

from cv.resume import Resume
from jobs.matching.types import MatchReport
from jobs.models import ChangeKind
from jobs.posting import PostingAnalysis

# Address of what belongs to the whole résumé rather than to an item of it.
WHOLE = "resume"


class ProposedChange(BaseModel):
    """One edit of one addressed place.

    `target_id` is an item's id, or `resume` for the order of sections and skill groups; `field` names the field. For `reorder`, `before`
    and `after` are ids (section names for `section_order`), one a line. For `surface`, `after` is the name of a skill that the target, a
    skill group, gains. `before` must be what stands there, or the change no longer applies.
    """

    model_config = ConfigDict(extra="forbid")

    kind: ChangeKind
    target_id: str
    field: str
    before: str = ""
    after: str = ""
    evidence_ids: list[str] = Field(default_factory=list)
    requirement_ids: list[str] = Field(default_factory=list)
    reason: str = ""


class RefusedChange(BaseModel):
    """A proposed change that the gate did not let pass, and why."""

    model_config = ConfigDict(extra="forbid")

    change: ProposedChange
    problems: list[str]


class TailoringInputs(BaseModel):
    """What tailoring works from; `lines` and `wanted` are the same as text, for the prompt."""

    model_config = ConfigDict(extra="forbid")

    resume: Resume
    analysis: PostingAnalysis
    report: MatchReport
    lines: str = ""
    wanted: str = ""


class TailoringOutput(BaseModel):
    """Changes that passed the gate, and those that did not."""

    model_config = ConfigDict(extra="forbid")

    changes: list[ProposedChange] = Field(default_factory=list)
    refused: list[RefusedChange] = Field(default_factory=list)


class AnsweredChange(BaseModel):
    """A change as a provider answers it: addressed, and citing lines by id."""

    model_config = ConfigDict(extra="forbid")

    kind: ChangeKind
    target_id: str
    field: str
    after: str
    evidence_ids: list[str]
    requirement_ids: list[str]
    reason: str


class TailoringAnswer(BaseModel):
    """The whole answer of a provider."""

    model_config = ConfigDict(extra="forbid")

    changes: list[AnsweredChange]
