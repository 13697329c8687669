"""The task "read a CV" for the router, and its front door."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict

from ai_router import router
from ai_router.shadows import allow_shadows
from ai_router.types import PersonalKind, TaskSpec, TaskType
from cv.errors import NotACVError
from cv.extraction.types import ExtractedDocument
from cv.parsing.accounting import add_unassigned
from cv.parsing.merging import Disagreement, merge
from cv.parsing.references import ParsingAnswer, Resolver
from cv.parsing.report import make_report
from cv.parsing.rules import parse_with_rules
from cv.parsing.sections import make_sections
from cv.parsing.types import ParsedResume, lines_of
from cv.resume import Resume

MAX_OUTPUT_TOKENS = 16_000


class ParsingInputs(BaseModel):
    """What the router gets: the document, its lines for the prompt, and who it is about.

    The personal fields are found by rules; the router puts placeholders in their place before a text leaves.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    document: ExtractedDocument
    lines: str
    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    links: list[str] = []

    @cached_property
    def by_rules(self) -> Resume:
        """What the rules read in the document; a copy may be changed.

        Raises:
            NotACVError: Nothing of a CV was found.
        """
        return parse_with_rules(self.document)


@dataclass(slots=True)
class Reading:
    """A finished reading: the résumé, where rules and model disagree, and what is wrong with the model's answer."""

    resume: Resume
    disagreements: list[Disagreement] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def parse_document(
    document: ExtractedDocument, *, user: Any = None, provider: str = "auto", variant: str = ""
) -> ParsedResume:
    """Read a document into a résumé with the source of every value; blocks until it is done.

    Args:
        document: What extraction made of the file.
        user: Whose call it is in the ledger; None for commands.
        provider: `auto` follows the route, `embedded` uses the rules alone.
        variant: Another one is never given the answer that is kept of this one.

    Raises:
        NotACVError: Nothing of a CV was found; no model was called.
        BudgetExceededError: A hard budget leaves no room.
        RouterError: No candidate answered.
    """
    by_rules = parse_with_rules(document)
    result = router.run(PARSE_CV, inputs_of(document, by_rules), user=user, provider=provider, variant=variant)
    reading = result.output
    report = make_report(
        document, reading.resume, provider=result.provider, model=result.model, disagreements=reading.disagreements
    )
    return ParsedResume(reading.resume, report, result.call_id, result.provider)


def inputs_of(document: ExtractedDocument, by_rules: Resume) -> ParsingInputs:
    """Return the task's inputs for a document that the rules have read."""
    person = by_rules.person
    inputs = ParsingInputs(
        document=document,
        lines="\n".join(
            f"{line.id} | {line.bullet + ' ' if line.bullet else ''}{line.text}" for line in document.visible_lines
        ),
        name=person.name,
        email=person.email,
        phone=person.phone,
        address=person.location.address if person.location else "",
        links=[
            link
            for link in (
                person.url,
                *(part for profile in person.profiles for part in (profile.url, profile.link, profile.username)),
            )
            if link
        ],
    )
    inputs.by_rules = by_rules
    return inputs


def _by_rules(inputs: ParsingInputs) -> Reading:
    return Reading(inputs.by_rules.model_copy(deep=True))


def _finish(inputs: ParsingInputs, answer: BaseModel | str) -> Reading:
    """Resolve a model's references against the document and merge them with the rules' reading."""
    if not isinstance(answer, ParsingAnswer):
        answer = ParsingAnswer.model_validate_json(answer if isinstance(answer, str) else answer.model_dump_json())
    resolver = Resolver(inputs.document)
    by_model = resolver.resume(answer)
    problems = list(dict.fromkeys(resolver.problems))
    if not (by_model.employers or by_model.education or by_model.skills or by_model.person.name):
        problems.append("The answer cites no line of the CV for name, work, education or skills.")
    try:
        by_rules = inputs.by_rules.model_copy(deep=True)
    except NotACVError:
        return Reading(by_model.assign_ids(), [], problems)
    merged, disagreements = merge(by_rules, by_model)
    merged.unassigned = []
    for item in merged.items():
        item.id = ""
    headings = [section.heading for section in make_sections(inputs.document) if section.heading is not None]
    add_unassigned(merged, inputs.document, lines_of(headings))
    return Reading(merged.assign_ids(), disagreements, problems)


def _verify(_inputs: ParsingInputs, reading: Reading) -> Sequence[str]:
    """Return what a model must repair: unknown lines, text that the lines do not hold, an empty answer."""
    return [re.sub(r"\s+", " ", problem) for problem in reading.problems]


PARSE_CV: TaskSpec[ParsingInputs, Reading] = TaskSpec(
    task_type=TaskType.CV_PARSING,
    prompt="cv_parsing/v1",
    embedded=_by_rules,
    answer_schema=ParsingAnswer,
    finish=_finish,
    verify=_verify,
    personal={
        "name": PersonalKind.NAME,
        "email": PersonalKind.EMAIL,
        "phone": PersonalKind.PHONE,
        "address": PersonalKind.ADDRESS,
        "links": PersonalKind.LINK,
    },
    max_output_tokens=MAX_OUTPUT_TOKENS,
)

allow_shadows(lambda: PARSE_CV, ParsingInputs)
