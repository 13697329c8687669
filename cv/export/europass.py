"""Europass XML of the form that portals exchange (`SkillsPassport`, version 3.3): what `cv.structured.europass` reads.

Europass has no place for profiles, projects, publications, certificates and sections of one's own; they go to its achievements, under their
names. Left out are names of groups of skills, places of education, expiry dates of certificates, references, interests and nationality.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from lxml import etree

from cv.export.text import link_target, paragraphs, printable
from cv.export.wording import language_code, wording_for
from cv.resume import CEFRLevel, Education, Employer, Language, Line, PartialDate, Position, Resume

NAMESPACE = "http://europass.cedefop.europa.eu/Europass"
VERSION = "V3.3"
SKILLS = ("Listening", "Reading", "SpokenInteraction", "SpokenProduction", "Writing")


def to_europass(resume: Resume) -> bytes:
    """Return the résumé as Europass XML."""
    root = etree.Element(f"{{{NAMESPACE}}}SkillsPassport", nsmap={None: NAMESPACE})
    root.set("locale", language_code(resume.language) or "en")
    about = _add(root, "DocumentInfo")
    _add(about, "DocumentType", "ECV")
    _add(about, "XSDVersion", VERSION)
    _add(about, "Generator", "CareerAI")
    learner = _add(root, "LearnerInfo")
    _identify(learner, resume)
    if resume.person.headline:
        headline = _add(learner, "Headline")
        _add(_add(headline, "Type"), "Code", "preferred_job")
        _add(_add(headline, "Description"), "Label", resume.person.headline)
    posts = [(employer, position) for employer in resume.employers for position in employer.positions or [Position()]]
    if posts:
        history = _add(learner, "WorkExperienceList")
        for employer, position in posts:
            _work(history, employer, position)
    if resume.education:
        studies = _add(learner, "EducationList")
        for study in resume.education:
            _study(studies, study)
    _skills(learner, resume)
    achievements = list(_achievements(resume))
    if achievements:
        listed = _add(learner, "AchievementList")
        for title, text in achievements:
            achievement = _add(listed, "Achievement")
            _add(_add(achievement, "Title"), "Label", title)
            _add(achievement, "Description", text)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add(parent: Any, name: str, text: str = "") -> Any:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if text:
        element.text = "\n".join(paragraphs(text))
    return element


def _identify(learner: Any, resume: Resume) -> None:
    person = resume.person
    who = _add(learner, "Identification")
    first, _, last = printable(person.name).rpartition(" ")
    name = _add(who, "PersonName")
    _add(name, "FirstName", first or last)
    _add(name, "Surname", last if first else "")
    ways = _add(who, "ContactInfo")
    if person.location:
        place = person.location
        address = _add(_add(ways, "Address"), "Contact")
        _add(address, "AddressLine", place.address)
        _add(address, "PostalCode", place.postal_code)
        _add(address, "Municipality", place.city or place.text)
        if place.country_code:
            _add(_add(address, "Country"), "Code", place.country_code)
    if person.email:
        _add(_add(ways, "Email"), "Contact", person.email)
    if person.phone:
        _add(_add(_add(ways, "TelephoneList"), "Telephone"), "Contact", person.phone)
    sites = [url for url in (person.url, *(profile.target for profile in person.profiles)) if link_target(url)]
    if sites:
        listed = _add(ways, "WebsiteList")
        for url in sites:
            _add(_add(listed, "Website"), "Contact", url)
    if person.birth_date:
        _date(_add(who, "Demographics"), "Birthdate", person.birth_date)


def _work(history: Any, employer: Employer, position: Position) -> None:
    entry = _add(history, "WorkExperience")
    _period(entry, position.start, position.end, is_current=position.current)
    if position.title:
        _add(_add(entry, "Position"), "Label", position.title)
    if story := _story([position.summary, employer.description], position.highlights):
        _add(entry, "Activities").text = story
    place = position.location or employer.location
    owner = _add(entry, "Employer")
    _add(owner, "Name", employer.name)
    if place:
        _add(_add(_add(_add(owner, "ContactInfo"), "Address"), "Contact"), "Municipality", place)


def _study(studies: Any, study: Education) -> None:
    entry = _add(studies, "Education")
    _period(entry, study.start, study.end, is_current=study.current)
    if study.degree:
        _add(entry, "Title", study.degree)
    if story := _story([study.score], [*study.courses, *study.highlights]):
        _add(entry, "Activities").text = story
    _add(_add(entry, "Organisation"), "Name", study.institution)
    if study.area:
        _add(_add(entry, "Field"), "Label", study.area)


def _skills(learner: Any, resume: Resume) -> None:
    if not (resume.languages or resume.skills):
        return
    skills = _add(learner, "Skills")
    if resume.languages:
        _languages(_add(skills, "Linguistic"), resume.languages)
    names = [Line(text=skill.name) for group in resume.skills for skill in group.skills]
    if names:
        _add(_add(skills, "JobRelated"), "Description").text = _story([], names)


def _languages(parent: Any, spoken: list[Language]) -> None:
    tongues = [one for one in spoken if one.cefr == CEFRLevel.NATIVE]
    if tongues:
        listed = _add(parent, "MotherTongueList")
        for one in tongues:
            _add(_add(_add(listed, "MotherTongue"), "Description"), "Label", one.name)
    if len(tongues) < len(spoken):
        listed = _add(parent, "ForeignLanguageList")
        for one in spoken:
            if one not in tongues:
                entry = _add(listed, "ForeignLanguage")
                _add(_add(entry, "Description"), "Label", one.name)
                levels = _add(entry, "ProficiencyLevel") if one.cefr else None
                for skill in SKILLS if one.cefr else ():
                    _add(levels, skill, str(one.cefr))


def _achievements(resume: Resume) -> Iterator[tuple[str, str]]:
    words = wording_for(resume.language).titles
    if resume.person.summary:
        yield words["summary"], resume.person.summary
    for award in resume.awards:
        yield (
            award.title,
            ", ".join(filter(None, (award.awarder, award.date.iso() if award.date else "", award.summary))),
        )
    for project in resume.projects:
        texts = [project.description, *(line.text for line in project.highlights), project.url]
        yield f"{words['projects']}: {project.name}", " ".join(filter(None, texts))
    for work in resume.publications:
        date = work.date.iso() if work.date else ""
        yield f"{words['publications']}: {work.name}", ", ".join(filter(None, (work.publisher, date, work.url)))
    for certificate in resume.certificates:
        date = certificate.date.iso() if certificate.date else ""
        yield f"{words['certificates']}: {certificate.name}", ", ".join(filter(None, (certificate.issuer, date)))
    for post in resume.volunteering:
        texts = [post.organization, post.summary, *(line.text for line in post.highlights)]
        yield f"{words['volunteering']}: {post.title or post.organization}", " ".join(filter(None, texts))
    for part in resume.custom:
        yield part.title, " ".join(line.text for line in part.lines)


def _period(entry: Any, start: PartialDate | None, end: PartialDate | None, *, is_current: bool) -> None:
    if not (start or end or is_current):
        return
    period = _add(entry, "Period")
    if start:
        _date(period, "From", start)
    if end and not is_current:
        _date(period, "To", end)
    if is_current:
        _add(period, "Current", "true")


def _date(parent: Any, name: str, date: PartialDate) -> None:
    """Write a date as XML Schema's parts: `--03` for March, `---05` for the fifth."""
    element = _add(parent, name)
    element.set("year", f"{date.year:04d}")
    if date.month:
        element.set("month", f"--{date.month:02d}")
    if date.day:
        element.set("day", f"---{date.day:02d}")


def _story(texts: list[str], lines: list[Line]) -> str:
    """Return paragraphs and a list as the HTML that Europass keeps in its texts; empty where there is nothing."""
    front = "".join(f"<p>{escape(part, quote=False)}</p>" for text in texts for part in paragraphs(text))
    items = "".join(f"<li>{escape(text, quote=False)}</li>" for line in lines if (text := printable(line.text)))
    return front + (f"<ul>{items}</ul>" if items else "")
