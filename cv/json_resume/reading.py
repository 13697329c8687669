"""A `Resume` from JSON Resume v1, written by CareerAI or by anyone."""

from typing import Any

from pydantic import ValidationError

from cv.errors import UnreadableDocumentError
from cv.json_resume.merging import merge
from cv.json_resume.values import cefr_of, cleaned, entries, is_current, partial_date, text, texts
from cv.json_resume.writing import Entry, standard_part
from cv.resume import (
    Award,
    Certificate,
    Education,
    Employer,
    Interest,
    Language,
    Line,
    Location,
    Person,
    Position,
    Profile,
    Project,
    Publication,
    Reference,
    Resume,
    Skill,
    SkillGroup,
    Volunteering,
)

SECTIONS = (
    "basics", "work", "volunteer", "education", "awards", "certificates", "publications", "skills",
    "languages", "interests", "references", "projects",
)  # fmt: skip


def from_json_resume(data: Any) -> Resume:
    """Return the résumé that a JSON Resume states; every item has an id.

    Nulls, texts in place of lists and dates in other forms are understood. A date that cannot be read is kept among
    the unassigned lines.

    Raises:
        UnreadableDocumentError: The data is no JSON Resume, or says nothing.
        DocumentTooLargeError: It holds more values than any résumé.
    """
    data = cleaned(data)
    if not isinstance(data, dict) or not any(data.get(name) for name in ("meta", *SECTIONS)):
        msg = "This is not a JSON Resume: none of its sections (basics, work, education, skills …) was found."
        raise UnreadableDocumentError(msg)
    standard = {name: data[name] for name in SECTIONS if name in data}
    kept = _kept(data.get("meta"))
    if kept is None:
        resume = _read(standard).assign_ids()
    else:
        resume, visible_only = kept
        written = standard_part(resume, visible_only=visible_only)
        if standard != written:
            hidden = set() if visible_only else {page.link for page in resume.person.profiles if not page.url} - {""}
            read, plain = (_behind_names(_read(entry), hidden) for entry in (standard, written))
            resume = merge(read=read, plain=plain, kept=resume).assign_ids()
    if resume == Resume().assign_ids() or resume == Resume():
        msg = "This JSON Resume says nothing: every section is empty."
        raise UnreadableDocumentError(msg)
    return resume


def _kept(meta: Any) -> tuple[Resume, bool] | None:
    """Return the whole résumé that a file keeps, and whether the file leaves out the addresses behind names."""
    own = meta.get("careerai") if isinstance(meta, dict) else None
    if not isinstance(own, dict) or "resume" not in own:
        return None
    try:
        return Resume.model_validate(own["resume"]), own.get("visible_only") is True
    except ValidationError:
        return None


def _behind_names(resume: Resume, hidden: set[str]) -> Resume:
    """Put addresses that no page shows behind their profiles' names again."""
    for page in resume.person.profiles:
        if page.url in hidden:
            page.url, page.link = "", page.url
    return resume


def _read(standard: Entry) -> Resume:
    leftovers: list[str] = []
    resume = Resume(
        person=_person(standard.get("basics")),
        employers=_employers(standard.get("work"), leftovers),
        volunteering=[_volunteering(e, leftovers) for e in entries(standard.get("volunteer"), name="organization")],
        education=[_education(e, leftovers) for e in entries(standard.get("education"), name="institution")],
        projects=[_project(e, leftovers) for e in entries(standard.get("projects"), name="name")],
        skills=_skills(standard.get("skills")),
        **_lists(standard),
    )
    resume.unassigned = [Line(text=leftover) for leftover in leftovers]
    return resume


def _person(value: Any) -> Person:
    basics = value if isinstance(value, dict) else {}
    return Person(
        name=text(basics.get("name")),
        headline=text(basics.get("label")),
        email=text(basics.get("email")),
        phone=text(basics.get("phone")),
        url=text(basics.get("url") or basics.get("website")),
        summary=text(basics.get("summary")),
        location=_location(basics.get("location")),
        profiles=[
            Profile(network=text(p.get("network")), username=text(p.get("username")), url=text(p.get("url")))
            for p in entries(basics.get("profiles"), name="url")
        ],
    )


def _location(value: Any) -> Location | None:
    if not isinstance(value, dict):
        return Location(text=written) if (written := text(value)) else None
    place = Location(
        address=text(value.get("address")),
        postal_code=text(value.get("postalCode")),
        city=text(value.get("city")),
        region=text(value.get("region")),
        country_code=text(value.get("countryCode")).upper(),
    )
    parts = (place.city, place.region, place.country_code)
    place.text = ", ".join(filter(None, parts)) or place.address
    return place if place != Location() else None


def _lines(value: Any) -> list[Line]:
    return [Line(text=found) for found in texts(value)]


def _dates(entry: Entry, leftovers: list[str], *, open_end_is_current: bool = False) -> Entry:
    start, end = partial_date(entry.get("startDate")), partial_date(entry.get("endDate"))
    current = is_current(entry.get("endDate"))
    for name, date in (("startDate", start), ("endDate", end)):
        if date is None and not (current and name == "endDate") and (odd := text(entry.get(name))):
            leftovers.append(odd)
    if open_end_is_current and start and not text(entry.get("endDate")):
        current = True
    return {"start": start, "end": end, "current": current}


def _employers(value: Any, leftovers: list[str]) -> list[Employer]:
    """Join neighbouring entries of one employer; a return to an employer after another one stays apart."""
    employers: list[Employer] = []
    for entry in entries(value, name="name"):
        position = Position(
            title=text(entry.get("position")),
            location=text(entry.get("location")),
            summary=text(entry.get("summary")),
            highlights=_lines(entry.get("highlights")),
            **_dates(entry, leftovers, open_end_is_current=True),
        )
        name = text(entry.get("name") or entry.get("company"))
        if employers and name and employers[-1].name.casefold() == name.casefold():
            employers[-1].positions.append(position)
            continue
        employers.append(
            Employer(
                name=name,
                url=text(entry.get("url") or entry.get("website")),
                location=position.location,
                description=text(entry.get("description")),
                positions=[position],
            )
        )
    return employers


def _volunteering(entry: Entry, leftovers: list[str]) -> Volunteering:
    return Volunteering(
        organization=text(entry.get("organization")),
        title=text(entry.get("position")),
        url=text(entry.get("url")),
        summary=text(entry.get("summary")),
        highlights=_lines(entry.get("highlights")),
        **_dates(entry, leftovers, open_end_is_current=True),
    )


def _education(entry: Entry, leftovers: list[str]) -> Education:
    return Education(
        institution=text(entry.get("institution")),
        degree=text(entry.get("studyType")),
        area=text(entry.get("area")),
        score=text(entry.get("score") or entry.get("gpa")),
        url=text(entry.get("url")),
        courses=_lines(entry.get("courses")),
        **_dates(entry, leftovers),
    )


def _project(entry: Entry, leftovers: list[str]) -> Project:
    return Project(
        name=text(entry.get("name")),
        description=text(entry.get("description")),
        entity=text(entry.get("entity")),
        kind=text(entry.get("type")),
        url=text(entry.get("url")),
        roles=texts(entry.get("roles"), separator=","),
        keywords=texts(entry.get("keywords"), separator=","),
        highlights=_lines(entry.get("highlights")),
        **_dates(entry, leftovers),
    )


def _skills(value: Any) -> list[SkillGroup]:
    """Read entries with keywords as groups, and neighbouring ones without as skills of a group without a name."""
    if isinstance(value, str):
        value = texts(value, separator=",")
    groups: list[SkillGroup] = []
    for entry in entries(value, name="name"):
        name, level = text(entry.get("name")), text(entry.get("level"))
        keywords = texts(entry.get("keywords"), separator=",")
        if keywords:
            groups.append(SkillGroup(name=name, level=level, skills=[Skill(name=word) for word in keywords]))
        elif name:
            if not groups or groups[-1].name:
                groups.append(SkillGroup())
            groups[-1].skills.append(Skill(name=name, level=level))
    return groups


def _lists(standard: Entry) -> Entry:
    return {
        "awards": [
            Award(
                title=text(e.get("title")),
                awarder=text(e.get("awarder")),
                date=partial_date(e.get("date")),
                summary=text(e.get("summary")),
            )
            for e in entries(standard.get("awards"), name="title")
        ],
        "certificates": [
            Certificate(
                name=text(e.get("name")),
                issuer=text(e.get("issuer")),
                date=partial_date(e.get("date")),
                url=text(e.get("url")),
            )
            for e in entries(standard.get("certificates"), name="name")
        ],
        "publications": [
            Publication(
                name=text(e.get("name")),
                publisher=text(e.get("publisher")),
                date=partial_date(e.get("releaseDate")),
                url=text(e.get("url")),
                summary=text(e.get("summary")),
            )
            for e in entries(standard.get("publications"), name="name")
        ],
        "languages": [
            Language(name=text(e.get("language")), fluency=(fluency := text(e.get("fluency"))), cefr=cefr_of(fluency))
            for e in entries(standard.get("languages"), name="language")
        ],
        "interests": [
            Interest(name=text(e.get("name")), keywords=texts(e.get("keywords"), separator=","))
            for e in entries(standard.get("interests"), name="name")
        ],
        "references": [
            Reference(name=text(e.get("name")), text=text(e.get("reference")))
            for e in entries(standard.get("references"), name="reference")
        ],
    }
