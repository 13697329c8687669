"""Which fields of a résumé identify the person, for the placeholders that take their place before a text leaves."""

from ai_router.types import PersonalKind

PERSONAL_FIELDS = {
    "name": PersonalKind.NAME,
    "email": PersonalKind.EMAIL,
    "phone": PersonalKind.PHONE,
    "url": PersonalKind.LINK,
    "profiles.url": PersonalKind.LINK,
    "profiles.link": PersonalKind.LINK,
    "profiles.username": PersonalKind.LINK,
    "location.address": PersonalKind.ADDRESS,
    "birth_date.raw": PersonalKind.BIRTH_DATE,
}
PERSONAL_OF_RESUME = {f"resume.person.{path}": kind for path, kind in PERSONAL_FIELDS.items()}
