"""The match report: each requirement with its evidence, and how the score comes about."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from jobs.posting import RequirementCategory, RequirementKind

FORMULA_VERSION = "4"


class Band(StrEnum):
    """The score in a word."""

    STRONG = "strong"
    GOOD = "good"
    PARTIAL = "partial"
    WEAK = "weak"
    UNKNOWN = "unknown"


class Coverage(StrEnum):
    """Whether the CV answers a requirement: it shows it, could show it, or has no evidence."""

    SHOWN = "shown"
    SUPPORTABLE = "supportable"
    MISSING = "missing"


class RequirementMatch(BaseModel):
    """One line of the ledger. `strength` is in [0, 1]; `fact_ids` are ids of `cv.facts.Fact`."""

    model_config = ConfigDict(extra="forbid")

    requirement_id: str
    text: str
    kind: RequirementKind
    category: RequirementCategory
    coverage: Coverage
    strength: float
    fact_ids: list[str] = Field(default_factory=list)
    quotations: list[str] = Field(default_factory=list)
    explanation: str = ""


class ScoreItem(BaseModel):
    """One summand of the score: `points` out of `max_points`."""

    model_config = ConfigDict(extra="forbid")

    name: str
    points: float
    max_points: float
    explanation: str = ""


class MatchReport(BaseModel):
    """The whole result; a pure function of résumé, posting analysis and formula version.

    `score` is 0 to 100 and the sum of the items' points; `as_of` is the day until which current positions were counted.
    """

    model_config = ConfigDict(extra="forbid")

    formula_version: str = FORMULA_VERSION
    inputs_hash: str
    as_of: str = ""
    score: int | None
    band: Band
    items: list[ScoreItem] = Field(default_factory=list)
    requirements: list[RequirementMatch] = Field(default_factory=list)
    knock_outs: list[RequirementMatch] = Field(default_factory=list)
    advice: list[str] = Field(default_factory=list)
