"""A résumé as headings, entries and lines: what every exported form shows, in one order and one wording."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from cv.export.text import joined, link_target, paragraphs, printable, shown_url
from cv.export.wording import Wording, language_code, worded_date, worded_span, wording_for
from cv.resume import (
    DEFAULT_SECTION_ORDER,
    CEFRLevel,
    Education,
    Employer,
    Language,
    Line,
    PartialDate,
    Person,
    Position,
    Project,
    Resume,
    SkillGroup,
    Volunteering,
)


@dataclass(frozen=True, slots=True)
class Link:
    """A text, and the address it leads to; without one it is plain."""

    text: str
    url: str = ""


@dataclass(slots=True)
class Entry:
    """One thing in a section. `parts` are entries of their own under it, such as the positions at an employer.

    `title` is set strong, `subtitle` follows it; `aside` and `dates` stand at the right.
    """

    title: str = ""
    subtitle: str = ""
    aside: str = ""
    dates: str = ""
    link: Link | None = None
    paragraphs: list[str] = field(default_factory=list)
    bullets: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parts: list["Entry"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """A line such as `Databases: PostgreSQL, Redis`."""

    label: str
    text: str


@dataclass(slots=True)
class Section:
    """A heading and what stands under it: paragraphs, entries, or labelled lines. `name` is that of the résumé's field."""

    title: str
    name: str = ""
    paragraphs: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    lines: list[LabelledLine] = field(default_factory=list)
    bullets: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands under the heading."""
        return not (self.paragraphs or self.entries or self.lines or self.bullets)


@dataclass(slots=True)
class Outline:
    """A whole document."""

    name: str
    headline: str
    contacts: list[Link]
    sections: list[Section]
    language: str

    def as_data(self) -> dict[str, Any]:
        """Return the outline as plain data for the typesetter."""
        return asdict(self)


def outline_of(resume: Resume) -> Outline:
    """Return what a résumé's document shows. Unassigned lines stand in no field, and in no document."""
    words = wording_for(resume.language)
    sections = [
        section
        for name in _order(resume)
        for section in (_custom(resume) if name == "custom" else [_section(name, resume, words)])
    ]
    return Outline(
        name=printable(resume.person.name),
        headline=printable(resume.person.headline),
        contacts=contacts_of(resume.person, words),
        sections=[section for section in sections if not section.is_empty],
        language=language_code(resume.language),
    )


def contacts_of(person: Person, words: Wording) -> list[Link]:
    """Return how the person can be reached, and the personal data that the CV states."""
    found = [
        Link(printable(person.email), link_target(f"mailto:{person.email}")),
        Link(printable(person.phone), _phone_target(person.phone)),
        Link(_place(person)),
        Link(shown_url(person.url), link_target(person.url)),
    ]
    for profile in person.profiles:
        shown = shown_url(profile.url)
        name = printable(profile.username)
        text = shown if name.casefold() in shown.casefold() else joined(name, shown, by=" · ")
        network = printable(profile.network)
        if network.casefold() not in text.casefold() or not text:
            text = joined(network, text, by=": ")
        found.append(Link(text, link_target(profile.target)))
    if person.birth_date:
        found.append(Link(f"{words.born}: {worded_date(person.birth_date, words)}"))
    if person.nationality:
        found.append(Link(f"{words.nationality}: {printable(person.nationality)}"))
    return [contact for contact in found if contact.text]


def _order(resume: Resume) -> list[str]:
    known = [name for name in resume.section_order if name in DEFAULT_SECTION_ORDER]
    return list(dict.fromkeys([*known, *DEFAULT_SECTION_ORDER]))


def _place(person: Person) -> str:
    place = person.location
    if place is None:
        return ""
    town = joined(place.postal_code, place.city, by=" ")
    full = joined(place.address, town, place.region, place.country_code)
    written = printable(place.text)
    named = (place.address, place.postal_code, place.city, place.region)
    return written if all(printable(part) in written for part in named) else joined(full, written if not full else "")


def _phone_target(phone: str) -> str:
    digits = "".join(char for char in phone if char in "+0123456789")
    return f"tel:{digits}" if len(digits) >= 5 else ""


def _section(name: str, resume: Resume, words: Wording) -> Section:
    section = Section(words.titles[name], name)
    _FILLERS[name](section, resume, words)
    return section


def _summary(section: Section, resume: Resume, words: Wording) -> None:
    section.paragraphs = paragraphs(resume.person.summary)


def _employers(section: Section, resume: Resume, words: Wording) -> None:
    section.entries = [_employer(employer, words) for employer in resume.employers]


def _employer(employer: Employer, words: Wording) -> Entry:
    return Entry(
        title=printable(employer.name),
        aside=printable(employer.location),
        link=_link(employer.url),
        paragraphs=paragraphs(employer.description),
        parts=[_position(position, employer, words) for position in employer.positions],
    )


def _position(position: Position, employer: Employer, words: Wording) -> Entry:
    elsewhere = position.location if printable(position.location) != printable(employer.location) else ""
    return Entry(
        title=printable(position.title),
        subtitle=printable(elsewhere),
        dates=worded_span(position, words),
        paragraphs=paragraphs(position.summary),
        bullets=_bullets(position.highlights),
    )


def _projects(section: Section, resume: Resume, words: Wording) -> None:
    section.entries = [_project(project, words) for project in resume.projects]


def _project(project: Project, words: Wording) -> Entry:
    return Entry(
        title=printable(project.name),
        subtitle=joined(*project.roles, project.entity, project.kind),
        dates=worded_span(project, words),
        link=_link(project.url),
        paragraphs=paragraphs(project.description),
        bullets=_bullets(project.highlights),
        notes=_notes(joined(*project.keywords)),
    )


def _education(section: Section, resume: Resume, words: Wording) -> None:
    section.entries = [_study(study, words) for study in resume.education]


def _study(study: Education, words: Wording) -> Entry:
    courses = joined(*(line.text for line in study.courses))
    what = joined(study.degree, study.area)
    return Entry(
        title=what or printable(study.institution),
        subtitle=printable(study.institution) if what else "",
        aside=printable(study.location),
        dates=worded_span(study, words),
        link=_link(study.url),
        paragraphs=paragraphs(study.score),
        bullets=_bullets(study.highlights),
        notes=[f"{words.courses}: {courses}"] if courses else [],
    )


def _volunteering(section: Section, resume: Resume, words: Wording) -> None:
    section.entries = [_post(post, words) for post in resume.volunteering]


def _post(post: Volunteering, words: Wording) -> Entry:
    return Entry(
        title=printable(post.title) or printable(post.organization),
        subtitle=printable(post.organization) if post.title else "",
        dates=worded_span(post, words),
        link=_link(post.url),
        paragraphs=paragraphs(post.summary),
        bullets=_bullets(post.highlights),
    )


def _skills(section: Section, resume: Resume, words: Wording) -> None:
    section.lines = [line for group in resume.skills if (line := _skill_line(group)).label or line.text]


def _skill_line(group: SkillGroup) -> LabelledLine:
    skills = (with_note(skill.name, skill.level) for skill in group.skills)
    return LabelledLine(with_note(group.name, group.level), joined(*skills))


def _languages(section: Section, resume: Resume, words: Wording) -> None:
    section.lines = [LabelledLine(printable(spoken.name), _fluency(spoken, words)) for spoken in resume.languages]


def _fluency(spoken: Language, words: Wording) -> str:
    level = "" if spoken.cefr is None else words.native if spoken.cefr == CEFRLevel.NATIVE else spoken.cefr.value
    written = printable(spoken.fluency)
    if spoken.cefr == CEFRLevel.NATIVE and written:
        return written
    return written if level in written else with_note(written, level)


def _certificates(section: Section, resume: Resume, words: Wording) -> None:
    section.entries = [
        Entry(
            title=printable(certificate.name),
            subtitle=printable(certificate.issuer),
            dates=_dated(certificate.date, words),
            link=_link(certificate.url),
            notes=[f"{words.expires} {worded_date(certificate.expires, words)}"] if certificate.expires else [],
        )
        for certificate in resume.certificates
    ]


def _publications(section: Section, resume: Resume, words: Wording) -> None:
    section.entries = [
        Entry(
            title=printable(work.name),
            subtitle=printable(work.publisher),
            dates=_dated(work.date, words),
            link=_link(work.url),
            paragraphs=paragraphs(work.summary),
        )
        for work in resume.publications
    ]


def _awards(section: Section, resume: Resume, words: Wording) -> None:
    section.entries = [
        Entry(
            title=printable(award.title),
            subtitle=printable(award.awarder),
            dates=_dated(award.date, words),
            paragraphs=paragraphs(award.summary),
        )
        for award in resume.awards
    ]


def _interests(section: Section, resume: Resume, words: Wording) -> None:
    plain = [printable(interest.name) for interest in resume.interests if not interest.keywords]
    if plain := list(filter(None, plain)):
        section.lines = [LabelledLine("", ", ".join(plain))]
    section.lines += [LabelledLine(printable(i.name), joined(*i.keywords)) for i in resume.interests if i.keywords]


def _references(section: Section, resume: Resume, words: Wording) -> None:
    section.entries = [
        Entry(title=printable(reference.name), paragraphs=paragraphs(reference.text)) for reference in resume.references
    ]


def _custom(resume: Resume) -> list[Section]:
    return [Section(printable(part.title), "custom", bullets=_bullets(part.lines)) for part in resume.custom]


def _bullets(lines: list[Line]) -> list[str]:
    return [text for line in lines if (text := printable(line.text))]


def _notes(*notes: str) -> list[str]:
    return [note for note in notes if note]


def _link(url: str) -> Link | None:
    return Link(shown, link_target(url)) if (shown := shown_url(url)) else None


def _dated(date: PartialDate | None, words: Wording) -> str:
    return worded_date(date, words) if date else ""


def with_note(text: str, note: str) -> str:
    """Return `text (note)`, or the one of the two that there is."""
    text, note = printable(text), printable(note)
    return f"{text} ({note})" if text and note else text or note


_FILLERS: dict[str, Callable[[Section, Resume, Wording], None]] = {
    "summary": _summary,
    "employers": _employers,
    "projects": _projects,
    "education": _education,
    "skills": _skills,
    "languages": _languages,
    "certificates": _certificates,
    "publications": _publications,
    "awards": _awards,
    "volunteering": _volunteering,
    "interests": _interests,
    "references": _references,
}
