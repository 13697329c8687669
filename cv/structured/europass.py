"""Europass XML: the form of 2012 (`SkillsPassport`) and that of 2020 (`Candidate`, built on HR Open)."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree, html

from cv.errors import DocumentTooLargeError, UnreadableDocumentError
from cv.extraction.limits import ExtractionLimits

Entry = dict[str, Any]
# The self-assessed skills of one language; the written level that stands for all is the lowest.
CEFR = re.compile(r"\b([ABC][12])\b")
MAX_ELEMENTS = 50_000


def read(data: bytes, *, limits: ExtractionLimits) -> Entry:
    """Return the CV as JSON Resume.

    Entities are not resolved, nothing outside the file is read.

    Raises:
        UnreadableDocumentError: It is no well-formed Europass XML.
        DocumentTooLargeError: It has more elements or text than a CV may have.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableDocumentError from error
    for count, element in enumerate(root.iter()):
        if count > MAX_ELEMENTS:
            raise DocumentTooLargeError
        if isinstance(element.tag, str):
            element.tag = etree.QName(element).localname
    if len("".join(root.itertext())) > limits.max_characters:
        raise DocumentTooLargeError
    if root.tag == "Candidate":
        return _candidate(root)
    learner = root if root.tag == "LearnerInfo" else root.find(".//LearnerInfo")
    if learner is None:
        raise UnreadableDocumentError
    return _learner(learner)


def _learner(learner: Any) -> Entry:
    """Read the form of 2012."""
    who = learner.find("Identification")
    headline = _text(learner, "Headline/Description/Label")
    basics: Entry = {"label": headline}
    if who is not None:
        basics |= {
            "name": f"{_text(who, 'PersonName/FirstName')} {_text(who, 'PersonName/Surname')}".strip(),
            "email": _text(who, "ContactInfo/Email/Contact"),
            "phone": _text(who, "ContactInfo/TelephoneList/Telephone/Contact"),
            "url": _text(who, "ContactInfo/WebsiteList/Website/Contact"),
            "location": {
                "address": _text(who, "ContactInfo/Address/Contact/AddressLine"),
                "postalCode": _text(who, "ContactInfo/Address/Contact/PostalCode"),
                "city": _text(who, "ContactInfo/Address/Contact/Municipality"),
                "countryCode": _text(who, "ContactInfo/Address/Contact/Country/Code"),
            },
        }
    return {
        "basics": basics,
        "work": [
            {
                "name": _text(entry, "Employer/Name"),
                "position": _text(entry, "Position/Label"),
                "location": _text(entry, "Employer/ContactInfo/Address/Contact/Municipality"),
                **_period(entry),
                **_story(_text(entry, "Activities")),
            }
            for entry in learner.iterfind("WorkExperienceList/WorkExperience")
        ],
        "education": [
            {
                "institution": _text(entry, "Organisation/Name"),
                "studyType": _text(entry, "Title"),
                "area": _text(entry, "Field/Label"),
                "courses": _story(_text(entry, "Activities"))["highlights"],
                **_period(entry),
            }
            for entry in learner.iterfind("EducationList/Education")
        ],
        "languages": list(_languages(learner)),
        "skills": list(_skills(learner)),
        "awards": [
            {"title": _text(entry, "Title/Label"), "summary": _plain(_text(entry, "Description"))}
            for entry in learner.iterfind("AchievementList/Achievement")
        ],
    }


def _period(entry: Any) -> Entry:
    """Return the dates of an entry; month and day are written as in XML Schema (`--03`, `---15`)."""
    dates: Entry = {}
    for key, name in (("startDate", "From"), ("endDate", "To")):
        date = entry.find(f"Period/{name}")
        if date is not None and date.get("year"):
            parts = [date.get("year"), *(date.get(part, "").strip("-") for part in ("month", "day"))]
            dates[key] = "-".join(part.zfill(2) for part in parts if part)
    return dates


def _languages(learner: Any) -> Iterator[Entry]:
    for entry in learner.iterfind("Skills/Linguistic/MotherTongueList/MotherTongue"):
        yield {"language": _text(entry, "Description/Label"), "fluency": "Native speaker"}
    for entry in learner.iterfind("Skills/Linguistic/ForeignLanguageList/ForeignLanguage"):
        levels = sorted(_texts(entry.find("ProficiencyLevel")))
        yield {"language": _text(entry, "Description/Label"), "fluency": levels[0] if levels else ""}


def _skills(learner: Any) -> Iterator[Entry]:
    for kind in ("Communication", "Organisational", "JobRelated", "Computer", "Other"):
        words = _items(_text(learner, f"Skills/{kind}/Description"))
        if words:
            yield {"name": re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind), "keywords": words}


def _candidate(root: Any) -> Entry:
    """Read the form of 2020."""
    person = root.find(".//CandidatePerson")
    profile = root.find(".//CandidateProfile")
    if person is None and profile is None:
        raise UnreadableDocumentError
    empty = etree.Element("empty")
    person, profile = (empty if part is None else part for part in (person, profile))
    return {
        "basics": _person(person) | {"summary": _plain(_text(profile, ".//ExecutiveSummary"))},
        "work": list(_posts(profile)),
        "education": [
            {
                "institution": _text(entry, ".//OrganizationName"),
                "studyType": _text(entry, ".//DegreeName"),
                "startDate": _text(entry, ".//StartDate/FormattedDateTime"),
                "endDate": _text(entry, ".//EndDate/FormattedDateTime"),
            }
            for entry in profile.iterfind(".//EducationOrganizationAttendance")
        ],
        "languages": list(_competencies(root)),
        "skills": [
            {"name": _text(entry, ".//CompetencyName") or _text(entry, ".//CompetencyID")}
            for entry in profile.iterfind(".//PersonCompetency")
            if _text(entry, ".//TaxonomyID") != "language"
        ],
    }


def _person(person: Any) -> Entry:
    name = f"{_text(person, './/GivenName')} {_text(person, './/FamilyName')}".strip()
    basics: Entry = {"name": name}
    for way in person.iterfind(".//Communication"):
        channel = _text(way, "ChannelCode").casefold()
        address = way.find("Address")
        if channel == "email":
            basics.setdefault("email", _text(way, "URI"))
        elif channel in {"telephone", "mobiletelephone"}:
            country = _text(way, "CountryDialing")
            number = _text(way, "DialNumber") or _text(way, "FormattedNumber")
            basics.setdefault("phone", f"+{country.lstrip('+')} {number}".strip() if country else number)
        elif channel in {"web", "website"}:
            basics.setdefault("url", _text(way, "URI"))
        elif address is not None:
            basics["location"] = {
                "address": _text(address, "AddressLine"),
                "postalCode": _text(address, "PostalCode"),
                "city": _text(address, "CityName"),
                "countryCode": _text(address, "CountryCode"),
            }
    return basics


def _posts(profile: Any) -> Iterator[Entry]:
    for employer in profile.iterfind(".//EmployerHistory"):
        for post in employer.iterfind(".//PositionHistory"):
            is_current = _text(post, ".//CurrentIndicator") == "true"
            yield {
                "name": _text(employer, "OrganizationName"),
                "position": _text(post, "PositionTitle"),
                "location": _text(post, ".//City") or _text(employer, ".//CityName"),
                "startDate": _text(post, ".//StartDate/FormattedDateTime"),
                "endDate": "" if is_current else _text(post, ".//EndDate/FormattedDateTime"),
                **_story(_text(post, "Description")),
            }


def _competencies(root: Any) -> Iterator[Entry]:
    for code in root.iterfind(".//PrimaryLanguageCode"):
        yield {"language": _text(code, "."), "fluency": "Native speaker"}
    for entry in root.iterfind(".//PersonCompetency"):
        if _text(entry, ".//TaxonomyID") == "language":
            levels = sorted(
                level for score in entry.iterfind(".//ScoreText") for level in CEFR.findall(score.text or "")
            )
            yield {"language": _text(entry, ".//CompetencyID"), "fluency": levels[0] if levels else ""}


def _text(element: Any, path: str) -> str:
    """Return the first found element's own text, or that of its parts, without outer blanks."""
    found = element.find(path)
    return " ".join("".join(found.itertext()).split()) if found is not None else ""


def _texts(element: Any) -> list[str]:
    return [text for part in element.iter() if (text := (part.text or "").strip())] if element is not None else []


def _story(text: str) -> Entry:
    """Return HTML as a summary and bullets."""
    if "<li" not in text:
        return {"summary": _plain(text), "highlights": []}
    front = text[: text.index("<li")]
    return {"summary": _plain(front), "highlights": _items(text)}


def _items(text: str) -> list[str]:
    """Return the list items of HTML; without any, the parts between commas of its text."""
    if "<li" in text:
        return [" ".join(item.text_content().split()) for item in html.fragment_fromstring(text, "div").iter("li")]
    return [part.strip() for part in re.split(r"[,;]", _plain(text)) if part.strip()]


def _plain(text: str) -> str:
    """Return the text of HTML."""
    if "<" not in text:
        return text
    return " ".join(html.fragment_fromstring(text, "div").text_content().split())
