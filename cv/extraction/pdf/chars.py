"""What a PDF page is made of before anything is understood: characters, pictures and painted shapes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cv.extraction.types import Box


@dataclass(frozen=True, slots=True)
class Font:
    """A font's name and the look that follows from it."""

    name: str = ""
    bold: bool = False
    italic: bool = False


@dataclass(slots=True)
class Char:
    """One character; lengths in points from the page's top left corner.

    `base` is the base line's distance from the top, `turn` the text's direction in quarter turns clockwise.
    `ink` is False for a character painted without fill and stroke. `hidden` says why it can't be seen.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    size: float
    font: Font
    color: str = ""
    ink: bool = True
    turn: int = 0
    hidden: str = ""
    url: str = ""

    @property
    def box(self) -> Box:
        """The character's box."""
        return (self.x0, self.top, self.x1, self.bottom)

    @property
    def middle(self) -> float:
        """The box's middle on the x axis."""
        return (self.x0 + self.x1) / 2


@dataclass(slots=True)
class PageContent:
    """Everything read from one page; `failed` says that its reading broke off.

    A page that was recognised is laid upright: `turn` counts the quarter turns counter-clockwise that this took, and
    `slope` is how many degrees its lines fell to the right after them.
    """

    number: int
    width: float
    height: float
    chars: list[Char] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    rules: list[Box] = field(default_factory=list)
    links: list[tuple[Box, str]] = field(default_factory=list)
    failed: bool = False
    turn: int = 0
    slope: float = 0.0


def hex_color(components: object, *, subtractive: bool = False) -> str:
    """Return `#rrggbb` of a PDF colour: one component is grey, three are RGB, four CMYK; else nothing is known.

    `subtractive` is for a single component that stands for an ink, such as a spot colour's tint.
    """
    if isinstance(components, int | float):
        components = (components,)
    if not isinstance(components, Sequence) or not all(isinstance(part, int | float) for part in components):
        return ""
    parts = [min(1.0, max(0.0, float(part))) for part in components]
    if len(parts) == 1:
        parts = [1 - parts[0] if subtractive else parts[0]] * 3
    elif len(parts) == 4:
        black = parts[3]
        parts = [(1 - part) * (1 - black) for part in parts[:3]]
    if len(parts) != 3:
        return ""
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
