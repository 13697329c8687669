"""A CV's facts: every statement of a résumé as one addressed line that later text can cite."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from cv.resume import Dated, PartialDate, Resume


class FactKind(StrEnum):
    """What a fact states."""

    HEADLINE = "headline"
    SUMMARY = "summary"
    POSITION = "position"
    HIGHLIGHT = "highlight"
    EDUCATION = "education"
    PROJECT = "project"
    SKILL = "skill"
    LANGUAGE = "language"
    CERTIFICATE = "certificate"
    PUBLICATION = "publication"
    AWARD = "award"
    VOLUNTEERING = "volunteering"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement of the CV.

    `id` is the id of the item that makes the statement. `scope_id` is the position, project, course of study or
    voluntary post that it belongs to (its own id for those, empty for skills and the like): a sentence may
    join facts of one scope, never borrow across two. `employer`, `title`, `start`, `end` and `current` are those
    of the scope.
    """

    id: str
    kind: FactKind
    text: str
    scope_id: str = ""
    employer: str = ""
    title: str = ""
    start: PartialDate | None = None
    end: PartialDate | None = None
    current: bool = False


def facts_of(resume: Resume) -> list[Fact]:
    """Return the facts of a résumé, in document order; items without text state nothing."""
    facts = [
        *_plain(resume.person.id, FactKind.HEADLINE, resume.person.headline),
        *_plain(resume.person.id, FactKind.SUMMARY, resume.person.summary),
    ]
    for section in (_of_employers, _of_projects, _of_education, _of_volunteering, _of_lists):
        facts.extend(section(resume))
    return facts


def _plain(item_id: str, kind: FactKind, *parts: str) -> Iterator[Fact]:
    text = ", ".join(part.strip() for part in parts if part.strip())
    if text:
        yield Fact(item_id, kind, text)


def _scoped(scope: Fact, item_id: str, kind: FactKind, *parts: str) -> Iterator[Fact]:
    for fact in _plain(item_id, kind, *parts):
        yield replace(scope, id=fact.id, kind=fact.kind, text=fact.text)


def _scope(item: Dated, kind: FactKind, *, employer: str, title: str) -> Fact:
    return Fact(item.id, kind, "", item.id, employer, title, item.start, item.end, item.current)


def _of_employers(resume: Resume) -> Iterator[Fact]:
    for employer in resume.employers:
        for position in employer.positions:
            scope = _scope(position, FactKind.POSITION, employer=employer.name, title=position.title)
            yield from _scoped(scope, position.id, FactKind.POSITION, position.title, employer.name)
            yield from _scoped(scope, position.id, FactKind.POSITION, position.summary)
            for line in position.highlights:
                yield from _scoped(scope, line.id, FactKind.HIGHLIGHT, line.text)


def _of_projects(resume: Resume) -> Iterator[Fact]:
    for project in resume.projects:
        scope = _scope(project, FactKind.PROJECT, employer=project.entity, title=project.name)
        yield from _scoped(scope, project.id, FactKind.PROJECT, project.name, project.description, *project.keywords)
        for line in project.highlights:
            yield from _scoped(scope, line.id, FactKind.HIGHLIGHT, line.text)


def _of_education(resume: Resume) -> Iterator[Fact]:
    for study in resume.education:
        scope = _scope(study, FactKind.EDUCATION, employer=study.institution, title=study.degree)
        yield from _scoped(
            scope, study.id, FactKind.EDUCATION, study.degree, study.area, study.institution, study.score
        )
        for line in [*study.courses, *study.highlights]:
            yield from _scoped(scope, line.id, FactKind.HIGHLIGHT, line.text)


def _of_volunteering(resume: Resume) -> Iterator[Fact]:
    for post in resume.volunteering:
        scope = _scope(post, FactKind.VOLUNTEERING, employer=post.organization, title=post.title)
        yield from _scoped(scope, post.id, FactKind.VOLUNTEERING, post.title, post.organization, post.summary)
        for line in post.highlights:
            yield from _scoped(scope, line.id, FactKind.HIGHLIGHT, line.text)


def _of_lists(resume: Resume) -> Iterator[Fact]:
    for group in resume.skills:
        for skill in group.skills:
            yield from _plain(skill.id, FactKind.SKILL, skill.name)
    for language in resume.languages:
        yield from _plain(language.id, FactKind.LANGUAGE, language.name, language.fluency)
    for certificate in resume.certificates:
        yield from _plain(certificate.id, FactKind.CERTIFICATE, certificate.name, certificate.issuer)
    for work in resume.publications:
        yield from _plain(work.id, FactKind.PUBLICATION, work.name, work.publisher, work.summary)
    for award in resume.awards:
        yield from _plain(award.id, FactKind.AWARD, award.title, award.awarder, award.summary)
    for section in resume.custom:
        for line in section.lines:
            yield from _plain(line.id, FactKind.OTHER, line.text)
