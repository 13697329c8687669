"""A model's answer about a CV: labels and references to lines, never text of its own, and their resolution."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from cv.extraction.types import ExtractedDocument, TextLine
from cv.parsing.dates import find_period
from cv.parsing.languages import cefr_of
from cv.parsing.rows import visible_text
from cv.parsing.values import joined, line_item, note, set_value
from cv.resume import (
    Award,
    Certificate,
    Dated,
    Education,
    Employer,
    Interest,
    Item,
    Language,
    Line,
    Position,
    Project,
    Publication,
    Resume,
    Skill,
    SkillGroup,
    Volunteering,
)

MODEL_CONFIDENCE = 0.8


class Reference(BaseModel):
    """Lines that hold a value; `text` is the part of them that is the value, empty for all of it."""

    model_config = ConfigDict(extra="forbid")

    line_ids: list[str] = Field(default_factory=list)
    text: str = ""


class WorkAnswer(BaseModel):
    """One position."""

    model_config = ConfigDict(extra="forbid")

    employer: Reference = Field(default_factory=Reference)
    title: Reference = Field(default_factory=Reference)
    location: Reference = Field(default_factory=Reference)
    period: Reference = Field(default_factory=Reference)
    summary: Reference = Field(default_factory=Reference)
    highlights: list[Reference] = Field(default_factory=list)


class EducationAnswer(BaseModel):
    """One course of study."""

    model_config = ConfigDict(extra="forbid")

    institution: Reference = Field(default_factory=Reference)
    degree: Reference = Field(default_factory=Reference)
    area: Reference = Field(default_factory=Reference)
    location: Reference = Field(default_factory=Reference)
    score: Reference = Field(default_factory=Reference)
    period: Reference = Field(default_factory=Reference)
    courses: list[Reference] = Field(default_factory=list)
    highlights: list[Reference] = Field(default_factory=list)


class ProjectAnswer(BaseModel):
    """One project."""

    model_config = ConfigDict(extra="forbid")

    name: Reference = Field(default_factory=Reference)
    description: Reference = Field(default_factory=Reference)
    period: Reference = Field(default_factory=Reference)
    highlights: list[Reference] = Field(default_factory=list)


class SkillsAnswer(BaseModel):
    """One group of skills."""

    model_config = ConfigDict(extra="forbid")

    name: Reference = Field(default_factory=Reference)
    skills: list[Reference] = Field(default_factory=list)


class NamedAnswer(BaseModel):
    """A language with its level, a certificate, publication or award with who gave it out, an interest."""

    model_config = ConfigDict(extra="forbid")

    name: Reference = Field(default_factory=Reference)
    detail: Reference = Field(default_factory=Reference)
    period: Reference = Field(default_factory=Reference)


class ParsingAnswer(BaseModel):
    """The form of a model's answer."""

    model_config = ConfigDict(extra="forbid")

    name: Reference = Field(default_factory=Reference)
    headline: Reference = Field(default_factory=Reference)
    location: Reference = Field(default_factory=Reference)
    summary: Reference = Field(default_factory=Reference)
    work: list[WorkAnswer] = Field(default_factory=list)
    volunteering: list[WorkAnswer] = Field(default_factory=list)
    education: list[EducationAnswer] = Field(default_factory=list)
    projects: list[ProjectAnswer] = Field(default_factory=list)
    skills: list[SkillsAnswer] = Field(default_factory=list)
    languages: list[NamedAnswer] = Field(default_factory=list)
    certificates: list[NamedAnswer] = Field(default_factory=list)
    publications: list[NamedAnswer] = Field(default_factory=list)
    awards: list[NamedAnswer] = Field(default_factory=list)
    interests: list[NamedAnswer] = Field(default_factory=list)


@dataclass(slots=True)
class Resolver:
    """Turns references into values of the document, and keeps what is wrong with them in `problems`."""

    document: ExtractedDocument
    problems: list[str] = field(default_factory=list)
    lines: dict[str, TextLine] = field(init=False)

    def __post_init__(self) -> None:
        """Only visible lines can be cited."""
        self.lines = {line.id: line for line in self.document.visible_lines}

    def resume(self, answer: ParsingAnswer) -> Resume:
        """Return what the answer says, with the document's own text."""
        resume = Resume()
        self._person(resume, answer)
        for work in answer.work:
            self._work(resume, work)
        resume.volunteering = [post for work in answer.volunteering if (post := self._post(work))]
        resume.education = [study for entry in answer.education if (study := self._study(entry))]
        resume.projects = [project for entry in answer.projects if (project := self._project(entry))]
        resume.skills = [group for entry in answer.skills if (group := self._skills(entry)).skills]
        self._lists(resume, answer)
        return resume

    def text(self, reference: Reference) -> tuple[str, list[TextLine]]:
        """Return a reference's text and lines; both are empty where it cites nothing that there is."""
        unknown = [line_id for line_id in reference.line_ids if line_id not in self.lines]
        if unknown:
            self.problems.append(f"There is no line {', '.join(unknown)}.")
        lines = [self.lines[line_id] for line_id in reference.line_ids if line_id in self.lines]
        whole = joined(visible_text(line.text.replace("\t", " ")) for line in lines)
        if not lines or not reference.text.strip():
            return whole, lines
        found = _within(reference.text, whole)
        if not found:
            self.problems.append(f"The lines {', '.join(reference.line_ids)} do not hold {reference.text!r}.")
            return "", []
        return found, lines

    def set(self, item: Item, name: str, reference: Reference) -> None:
        """Set a text field from a reference."""
        text, lines = self.text(reference)
        set_value(item, name, text, lines, MODEL_CONFIDENCE)

    def _period(self, item: Dated, reference: Reference) -> None:
        text, lines = self.text(reference)
        period = find_period(text)
        if period is None:
            if text:
                self.problems.append(f"{text!r} holds no date.")
            return
        set_value(item, "start", period.start, lines, MODEL_CONFIDENCE, quotation=period.raw)
        set_value(item, "end", period.end, lines, MODEL_CONFIDENCE, quotation=period.raw)
        if period.current:
            set_value(item, "current", period.current, lines, MODEL_CONFIDENCE, quotation=period.raw)

    def _person(self, resume: Resume, answer: ParsingAnswer) -> None:
        for name in ("name", "headline", "summary"):
            self.set(resume.person, name, getattr(answer, name))

    def _work(self, resume: Resume, work: WorkAnswer) -> None:
        position = Position()
        for name in ("title", "location", "summary"):
            self.set(position, name, getattr(work, name))
        self._period(position, work.period)
        self._lines(position.highlights, work.highlights)
        employer, lines = self.text(work.employer)
        if not (employer or position.title):
            return
        last = resume.employers[-1] if resume.employers else None
        if last is not None and employer and last.name == employer:
            last.positions.append(position)
            note(last, "name", lines, MODEL_CONFIDENCE)
            return
        resume.employers.append(Employer(positions=[position]))
        set_value(resume.employers[-1], "name", employer, lines, MODEL_CONFIDENCE)

    def _post(self, work: WorkAnswer) -> Volunteering | None:
        post = Volunteering()
        self.set(post, "organization", work.employer)
        self.set(post, "title", work.title)
        self.set(post, "summary", work.summary)
        self._period(post, work.period)
        self._lines(post.highlights, work.highlights)
        return post if post.meta else None

    def _study(self, entry: EducationAnswer) -> Education | None:
        study = Education()
        for name in ("institution", "degree", "area", "location", "score"):
            self.set(study, name, getattr(entry, name))
        self._period(study, entry.period)
        if study.start is not None and study.start == study.end:
            study.start = None
            del study.meta["start"]
        self._lines(study.courses, entry.courses)
        self._lines(study.highlights, entry.highlights)
        return study if study.meta else None

    def _project(self, entry: ProjectAnswer) -> Project | None:
        project = Project()
        self.set(project, "name", entry.name)
        self.set(project, "description", entry.description)
        self._period(project, entry.period)
        self._lines(project.highlights, entry.highlights)
        return project if project.meta else None

    def _skills(self, entry: SkillsAnswer) -> SkillGroup:
        group = SkillGroup()
        self.set(group, "name", entry.name)
        for reference in entry.skills:
            text, lines = self.text(reference)
            if text:
                skill = Skill(name=text)
                note(skill, "name", lines, MODEL_CONFIDENCE)
                group.skills.append(skill)
        return group

    def _lists(self, resume: Resume, answer: ParsingAnswer) -> None:
        for entry in answer.languages:
            language = Language(name="")
            self.set(language, "name", entry.name)
            self.set(language, "fluency", entry.detail)
            language.cefr = cefr_of(language.fluency)
            resume.languages += [language] if language.name else []
        for entry in answer.certificates:
            certificate = Certificate(name="")
            self._named(certificate, entry, ("name", "issuer", "date"))
            resume.certificates += [certificate] if certificate.name else []
        for entry in answer.publications:
            publication = Publication(name="")
            self._named(publication, entry, ("name", "publisher", "date"))
            resume.publications += [publication] if publication.name else []
        for entry in answer.awards:
            award = Award(title="")
            self._named(award, entry, ("title", "awarder", "date"))
            resume.awards += [award] if award.title else []
        for entry in answer.interests:
            interest = Interest(name="")
            self.set(interest, "name", entry.name)
            resume.interests += [interest] if interest.name else []

    def _named(self, item: Item, entry: NamedAnswer, names: tuple[str, str, str]) -> None:
        self.set(item, names[0], entry.name)
        self.set(item, names[1], entry.detail)
        text, lines = self.text(entry.period)
        if period := find_period(text):
            set_value(item, names[2], period.start, lines, MODEL_CONFIDENCE, quotation=period.raw)

    def _lines(self, target: list[Line], references: Sequence[Reference]) -> None:
        for reference in references:
            text, lines = self.text(reference)
            if text:
                target.append(line_item(text, lines, MODEL_CONFIDENCE))


def _within(part: str, whole: str) -> str:
    """Return the stretch of the whole that the part names, as the whole has it; blanks and case don't matter."""
    pattern = r"\s+".join(re.escape(word) for word in part.split())
    match = re.search(pattern, whole, re.IGNORECASE)
    return match[0] if match else ""
