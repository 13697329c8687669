"""The analysis as a task of the router: rules when there is no provider, quotations checked against the posting when there is."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ai_router.router import run
from ai_router.shadows import allow_shadows
from ai_router.types import CacheScope, TaskSpec, TaskType
from cv.skills import concepts_in
from jobs.analysis.patterns import addresses_model
from jobs.analysis.pieces import pieces_of
from jobs.analysis.requirements import MAX_REQUIREMENTS, years_in
from jobs.analysis.rules import analyse_with_rules
from jobs.errors import EmptyPostingError
from jobs.posting import PostingAnalysis, Requirement, RequirementCategory, RequirementKind

MIN_WORDS = 8
# In characters. Advertisements have up to 20,000; what is longer is a catalogue, or a page with all that stands around one.
MAX_ANALYSED = 60_000


class PostingInputs(BaseModel):
    """What the analysis gets: the posting's text, what is known of its head, and the day."""

    model_config = ConfigDict(frozen=True)

    text: str
    title: str = ""
    employer: str = ""
    location: str = ""
    as_of: str = ""


class QuotedRequirement(BaseModel):
    """One requirement in a provider's answer."""

    quotation: str
    kind: RequirementKind
    category: RequirementCategory


class AnalysisAnswer(BaseModel):
    """The form of a provider's answer: quotations only, which are looked up in the posting."""

    title: str = ""
    employer: str = ""
    location: str = ""
    contact_name: str = ""
    requirements: list[QuotedRequirement] = Field(default_factory=list)


def analyse_posting(
    text: str, *, title: str = "", employer: str = "", location: str = "", user: Any = None, provider: str = "auto"
) -> PostingAnalysis:
    """Read a posting's requirements and head, by the route of `job_analysis`; without a provider by rules.

    What the caller knows of title, employer and location goes before what is read. `provider` is `auto` for the route or
    `embedded` to stay offline.

    Raises:
        EmptyPostingError: The text is too short to be a posting.
    """
    inputs = posting_inputs(text, title=title, employer=employer, location=location)
    return run(ANALYSE_POSTING, inputs, user=user, provider=provider).output


def posting_inputs(text: str, *, title: str = "", employer: str = "", location: str = "") -> PostingInputs:
    """Return the task's inputs for a posting, of whose text no more than `MAX_ANALYSED` is read; raises as `analyse_posting` does."""
    if len(re.findall(r"[^\W\d_]{2,}", f"{title} {text}")) < MIN_WORDS:
        raise EmptyPostingError
    today = datetime.now(UTC).date().isoformat()
    return PostingInputs(text=text[:MAX_ANALYSED], title=title, employer=employer, location=location, as_of=today)


def _by_rules(inputs: PostingInputs) -> PostingAnalysis:
    return analyse_with_rules(
        inputs.text, title=inputs.title, employer=inputs.employer, location=inputs.location, as_of=inputs.as_of
    )


def _merge(inputs: PostingInputs, answer: BaseModel | str) -> PostingAnalysis:
    """Join the rules' reading with the provider's: its quotations that stand in the posting decide where both read the same place."""
    analysis = _by_rules(inputs)
    if not isinstance(answer, AnalysisAnswer):
        return analysis
    found = [requirement for quoted in answer.requirements if (requirement := _located(inputs.text, quoted))]
    kept = [own for own in analysis.requirements if not any(_same_place(own, other) for other in found)]
    merged = sorted([*found, *kept], key=lambda requirement: (requirement.start, requirement.end))[:MAX_REQUIREMENTS]
    head = {
        name: value
        for name in ("title", "employer", "location", "contact_name")
        if not getattr(inputs, name, "") and (value := getattr(answer, name).strip()) and value in inputs.text
    }
    quoted = len(answer.requirements)
    completeness = round(len(found) / quoted, 2) if quoted else analysis.completeness
    numbered = [requirement.model_copy(update={"id": f"req-{n}"}) for n, requirement in enumerate(merged, start=1)]
    return analysis.model_copy(update={**head, "requirements": numbered, "completeness": completeness})


def _located(text: str, quoted: QuotedRequirement) -> Requirement | None:
    """Return the quoted demand at its place in the posting, or None where it does not stand there (white space aside)."""
    words = quoted.quotation.split()
    if not words or addresses_model(quoted.quotation):
        return None
    match = re.search(r"\s+".join(re.escape(word) for word in words), text)
    if match is None:
        return None
    concepts = pieces_of(match.group())[0].concepts or [mention.concept for mention in concepts_in(match.group())]
    return Requirement(
        id="",
        text=match.group(),
        start=match.start(),
        end=match.end(),
        kind=quoted.kind,
        category=quoted.category,
        concept=concepts[0] if concepts else "",
        alternatives=concepts[1:],
        years=years_in(match.group()),
    )


def _same_place(own: Requirement, other: Requirement) -> bool:
    overlap = min(own.end, other.end) - max(own.start, other.start)
    return overlap > 0.5 * (own.end - own.start)


def _problems(inputs: PostingInputs, output: PostingAnalysis) -> Sequence[str]:
    """Return the requirements whose place does not hold their words."""
    return [
        f"requirement {requirement.id} is not at its place in the posting"
        for requirement in output.requirements
        if inputs.text[requirement.start : requirement.end] != requirement.text
    ]


ANALYSE_POSTING: TaskSpec[PostingInputs, PostingAnalysis] = TaskSpec(
    task_type=TaskType.JOB_ANALYSIS,
    prompt="job_analysis/v1",
    embedded=_by_rules,
    finish=_merge,
    answer_schema=AnalysisAnswer,
    verify=_problems,
    cache_scope=CacheScope.USER,
    max_output_tokens=4_000,
)

allow_shadows(lambda: ANALYSE_POSTING, PostingInputs)
