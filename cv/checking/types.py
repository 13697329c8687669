"""What a check finds."""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How much a finding matters."""

    MEND = "mend"
    CONSIDER = "consider"


class Area(StrEnum):
    """What a finding is about."""

    FILE = "The file"
    CONTACT = "Contact"
    DATES = "Dates"
    SECTIONS = "Sections"
    CONTENT = "Content"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that could be better.

    Attributes:
        code: A stable word for it.
        area: What it is about.
        weight: Whether it should be mended, or is a matter of taste and country.
        what: What was found, in one sentence.
        why: Why it matters to readers.
        todo: What to do about it.
        item_id: The entry that it stands in; empty where it is about the whole.
    """

    code: str
    area: Area
    weight: Weight
    what: str
    why: str
    todo: str
    item_id: str = ""
