"""Who the CV is about, and how to reach them."""

import re
from collections.abc import Iterator

from cv.checking.types import Area, Finding, Weight
from cv.export.text import link_target
from cv.resume import Person, Resume

# What an address of a person may look like; stricter than the standard, since a misread letter is the usual fault.
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
MIN_PHONE_DIGITS = 7
MAX_PHONE_DIGITS = 15


def check_person(resume: Resume) -> Iterator[Finding]:
    """Yield what is amiss with the name, the contact data, the links, and personal data that need not be there."""
    person = resume.person
    yield from _missing(person)
    if person.email and not _ADDRESS.fullmatch(person.email):
        yield _mend("email-form", f"The e-mail address {person.email!r} does not look right.", "A reader who writes to it gets no answer out.", "Correct it.", person.id)  # fmt: skip
    digits = re.sub(r"\D", "", person.phone)
    if person.phone and not MIN_PHONE_DIGITS <= len(digits) <= MAX_PHONE_DIGITS:
        yield _mend("phone-form", f"The phone number {person.phone!r} has {len(digits)} digits.", "No country has such numbers.", "Correct it.", person.id)  # fmt: skip
    elif person.phone and not person.phone.lstrip(" (").startswith(("+", "00")):
        yield _consider("phone-country", "The phone number has no country code.", "From abroad it cannot be called, and a program may guess the wrong country.", "Write it with + and the country's code.", person.id)  # fmt: skip
    yield from _links(resume)
    stated = [
        name for name, value in (("date of birth", person.birth_date), ("nationality", person.nationality)) if value
    ]
    if stated:
        yield _consider("personal", f"The CV states your {' and '.join(stated)}.", "In many countries employers may not ask for it and prefer not to see it; in others it is usual.", "Leave it out unless it is usual where you apply.", person.id)  # fmt: skip


def _missing(person: Person) -> Iterator[Finding]:
    if not person.name:
        yield _mend("name-missing", "No name was found.", "Readers and programs file a CV under its name.", "Put your name in the first line, as text rather than as a picture.", person.id)  # fmt: skip
    if not person.email:
        yield _mend("email-missing", "No e-mail address was found.", "It is how most employers answer.", "Add it beneath your name.", person.id)  # fmt: skip
    if not person.phone:
        yield _consider("phone-missing", "No phone number was found.", "Some recruiters call first.", "Add one, if you like to be called.", person.id)  # fmt: skip
    if person.location is None:
        yield _consider("place-missing", "No place was found.", "Readers look for how far you would have to travel; a town is enough, a street is not needed.", "Add town and country.", person.id)  # fmt: skip


def _links(resume: Resume) -> Iterator[Finding]:
    for item in resume.items():
        url = getattr(item, "url", "")
        if url and not link_target(url):
            yield _mend("link-form", f"The link {url[:80]!r} leads nowhere.", "Who follows it sees an error.", "Write the whole address, such as example.org/name.", item.id)  # fmt: skip


def _mend(code: str, what: str, why: str, todo: str, item_id: str) -> Finding:
    return Finding(code, Area.CONTACT, Weight.MEND, what, why, todo, item_id)


def _consider(code: str, what: str, why: str, todo: str, item_id: str) -> Finding:
    return Finding(code, Area.CONTACT, Weight.CONSIDER, what, why, todo, item_id)
