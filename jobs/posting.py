"""What is known about a posting: its requirements, each with the words that state it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

ANALYSIS_VERSION = "1"


class RequirementKind(StrEnum):
    """How much a requirement weighs: without a knock-out nothing else counts."""

    KNOCK_OUT = "knock_out"
    MUST = "must"
    NICE = "nice"


class RequirementCategory(StrEnum):
    """What a requirement is about."""

    SKILL = "skill"
    EXPERIENCE = "experience"
    EDUCATION = "education"
    LANGUAGE = "language"
    CERTIFICATE = "certificate"
    ELIGIBILITY = "eligibility"
    DUTY = "duty"
    SOFT_SKILL = "soft_skill"


class Requirement(BaseModel):
    """One thing the posting asks for.

    `start` and `end` are character offsets of `text` in the posting's text. `concept` is the canonical name of the skill,
    language, degree or licence, where one is known, and `alternatives` are others that would do as well; `years` is the least
    experience asked for. `level` is a CEFR level for a language, a degree's level for education, else a word.
    """

    model_config = ConfigDict(extra="forbid")

    id: str
    text: str
    start: int
    end: int
    kind: RequirementKind
    category: RequirementCategory
    concept: str = ""
    alternatives: list[str] = Field(default_factory=list)
    years: float | None = None
    level: str = ""


class PostingAnalysis(BaseModel):
    """A posting as data.

    `as_of` is the day (ISO 8601) on which it was read: positions that are held now last until then, so that a match can be computed
    again at any time. `completeness` is the share of requirement-like lines that were understood, in [0, 1].
    """

    model_config = ConfigDict(extra="forbid")

    version: str = ANALYSIS_VERSION
    as_of: str = ""
    title: str = ""
    employer: str = ""
    location: str = ""
    language: str = ""
    seniority: str = ""
    is_remote: bool | None = None
    employment_type: str = ""
    salary_text: str = ""
    salary_min: float | None = None
    salary_max: float | None = None
    salary_currency: str = ""
    salary_period: str = ""
    contact_name: str = ""
    requirements: list[Requirement] = Field(default_factory=list)
    keywords: list[str] = Field(default_factory=list)
    completeness: float = 1.0
    warnings: list[str] = Field(default_factory=list)
