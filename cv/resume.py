"""The one document model: a CV as data, with the source of every value.

Values are plain strings and dates; where a value came from, how sure the reader is and whether
the person confirmed it stands beside it in `meta`, keyed by the field's name.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class ValueStatus(StrEnum):
    """Who vouches for a value."""

    AUTO = "auto"
    CONFIRMED = "confirmed"
    EDITED = "edited"


class Source(BaseModel):
    """Where a value stands in the uploaded document.

    `box` is (x0, top, x1, bottom) in points from the page's top left corner; pages count from 1.
    `quotation` is the document's own text, from which the value was read.
    """

    model_config = ConfigDict(extra="forbid")

    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    line_ids: list[str] = Field(default_factory=list)
    quotation: str = ""


class ValueMeta(BaseModel):
    """What is known about one value: source, confidence in [0, 1], status."""

    model_config = ConfigDict(extra="forbid")

    source: Source | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    status: ValueStatus = ValueStatus.AUTO


class PartialDate(BaseModel):
    """A date known to the year, the month or the day; `raw` keeps the text it was read from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    year: Annotated[int, Field(ge=1900, le=2200)]
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    day: Annotated[int, Field(ge=1, le=31)] | None = None
    raw: str = ""

    @model_validator(mode="after")
    def _day_needs_month(self) -> Self:
        if self.day is not None and self.month is None:
            msg = "A day without a month is no date."
            raise ValueError(msg)
        return self

    def iso(self) -> str:
        """Return `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""
        parts = [f"{self.year:04d}"]
        if self.month is not None:
            parts.append(f"{self.month:02d}")
        if self.day is not None:
            parts.append(f"{self.day:02d}")
        return "-".join(parts)


class Item(BaseModel):
    """Anything in a résumé that can be addressed: it has an id that edits keep."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    id: str = ""
    meta: dict[str, ValueMeta] = Field(default_factory=dict)


class Line(Item):
    """One bullet, or one line of a custom section."""

    text: str


class Location(BaseModel):
    """A place; `country_code` is ISO 3166-1 alpha-2. `text` is the place as written."""

    model_config = ConfigDict(extra="forbid")

    text: str = ""
    address: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country_code: str = ""


class Profile(Item):
    """A page about the person on some network.

    `url` is an address that can be read; `link` is where a name or sign leads that shows none.
    """

    network: str = ""
    username: str = ""
    url: str = ""
    link: str = ""

    @property
    def target(self) -> str:
        """Where the profile leads, shown or not."""
        return self.url or self.link


class Person(Item):
    """Who the CV is about; these fields identify a person and never enter a score."""

    name: str = ""
    headline: str = ""
    email: str = ""
    phone: str = ""
    url: str = ""
    summary: str = ""
    location: Location | None = None
    profiles: list[Profile] = Field(default_factory=list)
    birth_date: PartialDate | None = None
    nationality: str = ""


class Dated(Item):
    """Something with a beginning and an end; `current` says that it has not ended."""

    start: PartialDate | None = None
    end: PartialDate | None = None
    current: bool = False


class Position(Dated):
    """One position held at an employer."""

    title: str = ""
    location: str = ""
    summary: str = ""
    highlights: list[Line] = Field(default_factory=list)


class Employer(Item):
    """An employer with one or more positions, latest first."""

    name: str = ""
    url: str = ""
    location: str = ""
    description: str = ""
    positions: list[Position] = Field(default_factory=list)


class Volunteering(Dated):
    """Unpaid work."""

    organization: str = ""
    title: str = ""
    url: str = ""
    summary: str = ""
    highlights: list[Line] = Field(default_factory=list)


class Education(Dated):
    """A course of study; `degree` is the kind (JSON Resume: studyType), `area` the subject."""

    institution: str = ""
    degree: str = ""
    area: str = ""
    score: str = ""
    location: str = ""
    url: str = ""
    courses: list[Line] = Field(default_factory=list)
    highlights: list[Line] = Field(default_factory=list)


class Project(Dated):
    """A project of one's own or for somebody."""

    name: str = ""
    description: str = ""
    entity: str = ""
    kind: str = ""
    url: str = ""
    roles: list[str] = Field(default_factory=list)
    keywords: list[str] = Field(default_factory=list)
    highlights: list[Line] = Field(default_factory=list)


class Skill(Item):
    """One skill as written."""

    name: str
    level: str = ""


class SkillGroup(Item):
    """Skills under one heading; `name` is empty where the CV lists them without one."""

    name: str = ""
    level: str = ""
    skills: list[Skill] = Field(default_factory=list)


class CEFRLevel(StrEnum):
    """Levels of the Common European Framework; `native` stands above them."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"
    NATIVE = "native"


class Language(Item):
    """A language; `fluency` as written, `cefr` as far as it follows from it."""

    name: str
    fluency: str = ""
    cefr: CEFRLevel | None = None


class Certificate(Item):
    """A certificate or licence."""

    name: str
    issuer: str = ""
    date: PartialDate | None = None
    expires: PartialDate | None = None
    url: str = ""


class Publication(Item):
    """A publication."""

    name: str
    publisher: str = ""
    date: PartialDate | None = None
    url: str = ""
    summary: str = ""


class Award(Item):
    """An award."""

    title: str
    awarder: str = ""
    date: PartialDate | None = None
    summary: str = ""


class Interest(Item):
    """An interest."""

    name: str
    keywords: list[str] = Field(default_factory=list)


class Reference(Item):
    """A referee and what they say."""

    name: str = ""
    text: str = ""


class CustomSection(Item):
    """A section that fits no other, kept under its own title."""

    title: str
    lines: list[Line] = Field(default_factory=list)


DEFAULT_SECTION_ORDER = (
    "summary", "employers", "projects", "education", "skills", "languages", "certificates",
    "publications", "awards", "volunteering", "interests", "references", "custom",
)  # fmt: skip


class Resume(BaseModel):
    """A whole CV. `unassigned` lists text that no field holds, so that nothing is dropped silently."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    person: Person = Field(default_factory=Person)
    employers: list[Employer] = Field(default_factory=list)
    projects: list[Project] = Field(default_factory=list)
    education: list[Education] = Field(default_factory=list)
    skills: list[SkillGroup] = Field(default_factory=list)
    languages: list[Language] = Field(default_factory=list)
    certificates: list[Certificate] = Field(default_factory=list)
    publications: list[Publication] = Field(default_factory=list)
    awards: list[Award] = Field(default_factory=list)
    volunteering: list[Volunteering] = Field(default_factory=list)
    interests: list[Interest] = Field(default_factory=list)
    references: list[Reference] = Field(default_factory=list)
    custom: list[CustomSection] = Field(default_factory=list)
    unassigned: list[Line] = Field(default_factory=list)
    section_order: list[str] = Field(default_factory=lambda: list(DEFAULT_SECTION_ORDER))
    language: str = ""

    def items(self) -> Iterator[Item]:
        """Yield every addressable item, in document order."""
        yield from _items_within(self)

    def item(self, item_id: str) -> Item | None:
        """Return the item with this id, or None."""
        return next((item for item in self.items() if item.id == item_id), None)

    def assign_ids(self) -> Self:
        """Give every item without an id the next free one of its kind; ids in use stay. Returns itself."""
        used = {item.id for item in self.items() if item.id}
        counters: dict[str, int] = {}
        for item in self.items():
            if item.id:
                continue
            kind = type(item).__name__.lower()
            number = counters.get(kind, 0) + 1
            while f"{kind}-{number}" in used:
                number += 1
            counters[kind] = number
            item.id = f"{kind}-{number}"
            used.add(item.id)
        return self


def _items_within(value: Any) -> Iterator[Item]:
    if isinstance(value, Item):
        yield value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _items_within(getattr(value, name))
    elif isinstance(value, list):
        for element in value:
            yield from _items_within(element)
