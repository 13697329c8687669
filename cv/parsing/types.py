"""Values that the parsing modules hand to each other."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from cv.extraction.types import TextLine
from cv.resume import Resume


@dataclass(frozen=True, slots=True)
class Look:
    """How a piece of text is set; `size` is in points, rounded to halves."""

    size: float = 0.0
    bold: bool = False
    italic: bool = False
    color: str = ""
    caps: bool = False


@dataclass(slots=True)
class Part:
    """A piece of a row in one look, without a wide gap in it.

    `gap` says that a wide gap stands before it; `role` is what a label in front of it names ("employer"), if one does.
    """

    text: str
    look: Look
    lines: list[TextLine]
    url: str = ""
    gap: bool = False
    role: str = ""


@dataclass(slots=True)
class Row:
    """What stands side by side: one line, or several of the same height such as a title and its date."""

    lines: list[TextLine]
    parts: list[Part]
    bullet: str = ""
    after_gap: bool = False

    @property
    def text(self) -> str:
        """The row's text; wide gaps are tabs."""
        return "".join(("\t" if part.gap else "") + part.text for part in self.parts).strip()

    @property
    def look(self) -> Look:
        """The look of the row's first part."""
        return self.parts[0].look if self.parts else Look()

    @property
    def column(self) -> int:
        """The column of the row's first line."""
        return self.lines[0].column

    @property
    def ids(self) -> list[str]:
        """The ids of the row's lines."""
        return [line.id for line in self.lines]


@dataclass(slots=True)
class Section:
    """Rows under one heading. `kind` is a key of the heading lexicon, `header` above the first, `custom` for others."""

    kind: str
    title: str
    heading: Row | None
    rows: list[Row] = field(default_factory=list)
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class ParsedResume:
    """A CV that was read, what is to be said about the reading, and the call that it took."""

    resume: Resume
    report: dict[str, object]
    call_id: UUID | None
    provider: str


def lines_of(rows: Iterable[Row]) -> list[TextLine]:
    """Return the lines of rows, in order."""
    return [line for row in rows for line in row.lines]
