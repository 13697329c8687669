"""A `Resume` as JSON Resume v1."""

from collections.abc import Iterator
from typing import Any

from cv.resume import Dated, Employer, Line, Location, PartialDate, Person, Position, Resume, SkillGroup

SCHEMA_URL = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"
Entry = dict[str, Any]


def to_json_resume(resume: Resume, *, keep_extras: bool = True, visible_only: bool = False) -> Entry:
    """Return the résumé as JSON Resume v1; empty values are left out.

    An employer with several positions becomes several work entries of the same name. Something that
    goes on has no `endDate`.

    Args:
        resume: The résumé.
        keep_extras: Keep what the form has no place for under `meta.careerai`.
        visible_only: Leave out the addresses of profiles that only a link behind a name or sign holds.
    """
    meta: Entry = {"canonical": SCHEMA_URL, "version": "v1.0.0"}
    if keep_extras:
        meta["careerai"] = {"resume": resume.model_dump(mode="json", exclude_defaults=True)}
        if visible_only:
            meta["careerai"]["visible_only"] = True
    return {"$schema": SCHEMA_URL, **standard_part(resume, visible_only=visible_only), "meta": meta}


def standard_part(resume: Resume, *, visible_only: bool = False) -> Entry:
    """Return the sections that JSON Resume v1 defines, with the addresses behind names or without."""
    return _filled(
        {"basics": _basics(resume.person, visible_only=visible_only), **_histories(resume), **_lists(resume)}
    )


def _filled(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if value not in ("", None, [], {})}


def _date(date: PartialDate | None) -> str:
    return date.iso() if date else ""


def _dates(item: Dated) -> Entry:
    return {"startDate": _date(item.start), "endDate": "" if item.current else _date(item.end)}


def _texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def _basics(person: Person, *, visible_only: bool) -> Entry:
    return _filled(
        {
            "name": person.name,
            "label": person.headline,
            "email": person.email,
            "phone": person.phone,
            "url": person.url,
            "summary": person.summary,
            "location": _location(person.location),
            "profiles": [
                _filled(
                    {
                        "network": page.network,
                        "username": page.username,
                        "url": page.url if visible_only else page.target,
                    }
                )
                for page in person.profiles
            ],
        }
    )


def _location(place: Location | None) -> Entry:
    if place is None:
        return {}
    parts = _filled(
        {
            "address": place.address,
            "postalCode": place.postal_code,
            "city": place.city,
            "region": place.region,
            "countryCode": place.country_code,
        }
    )
    return parts or _filled({"address": place.text})


def _work(employer: Employer) -> Iterator[Entry]:
    for position in employer.positions or [Position()]:
        yield _filled(
            {
                "name": employer.name,
                "location": position.location or employer.location,
                "description": employer.description,
                "position": position.title,
                "url": employer.url,
                **_dates(position),
                "summary": position.summary,
                "highlights": _texts(position.highlights),
            }
        )


def _histories(resume: Resume) -> Entry:
    return {
        "work": [entry for employer in resume.employers for entry in _work(employer)],
        "volunteer": [
            _filled(
                {
                    "organization": post.organization,
                    "position": post.title,
                    "url": post.url,
                    **_dates(post),
                    "summary": post.summary,
                    "highlights": _texts(post.highlights),
                }
            )
            for post in resume.volunteering
        ],
        "education": [
            _filled(
                {
                    "institution": study.institution,
                    "url": study.url,
                    "area": study.area,
                    "studyType": study.degree,
                    **_dates(study),
                    "score": study.score,
                    "courses": _texts(study.courses),
                }
            )
            for study in resume.education
        ],
        "projects": [
            _filled(
                {
                    "name": project.name,
                    "description": project.description,
                    "highlights": _texts(project.highlights),
                    "keywords": list(project.keywords),
                    **_dates(project),
                    "url": project.url,
                    "roles": list(project.roles),
                    "entity": project.entity,
                    "type": project.kind,
                }
            )
            for project in resume.projects
        ],
    }


def _skills(group: SkillGroup) -> Iterator[Entry]:
    if group.name:
        yield _filled({"name": group.name, "level": group.level, "keywords": [skill.name for skill in group.skills]})
    else:
        yield from (_filled({"name": skill.name, "level": skill.level}) for skill in group.skills)


def _lists(resume: Resume) -> Entry:
    return {
        "awards": [
            _filled({"title": a.title, "date": _date(a.date), "awarder": a.awarder, "summary": a.summary})
            for a in resume.awards
        ],
        "certificates": [
            _filled({"name": c.name, "date": _date(c.date), "url": c.url, "issuer": c.issuer})
            for c in resume.certificates
        ],
        "publications": [
            _filled(
                {
                    "name": p.name,
                    "publisher": p.publisher,
                    "releaseDate": _date(p.date),
                    "url": p.url,
                    "summary": p.summary,
                }
            )
            for p in resume.publications
        ],
        "skills": [entry for group in resume.skills for entry in _skills(group)],
        "languages": [
            _filled({"language": x.name, "fluency": x.fluency or (x.cefr.value if x.cefr else "")})
            for x in resume.languages
        ],
        "interests": [_filled({"name": i.name, "keywords": list(i.keywords)}) for i in resume.interests],
        "references": [_filled({"name": r.name, "reference": r.text}) for r in resume.references],
    }
