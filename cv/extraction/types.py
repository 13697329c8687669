"""What extraction hands to parsing: lines of text with their place and look."""

from pydantic import BaseModel, ConfigDict, Field

Box = tuple[float, float, float, float]


class Span(BaseModel):
    """A run of text in one font. `size` is in points, `color` is `#rrggbb` where known."""

    model_config = ConfigDict(extra="forbid")

    text: str
    font: str = ""
    size: float = 0.0
    bold: bool = False
    italic: bool = False
    color: str = ""
    url: str = ""


class TextLine(BaseModel):
    """One line of a document, in reading order.

    `box` is (x0, top, x1, bottom) in points from the page's top left corner. `block` numbers the
    paragraph or table cell that the line belongs to, `column` the column (0 is the first to be read;
    a sidebar is a column). `bullet` is the list sign that was cut from the text's front. `hidden` says why
    a person cannot see the line (`white`, `tiny`, `off-page`, `invisible`, `covered`), and is empty for what can be
    seen; hidden lines are shown to the person and never parsed. `level` is a heading level where the
    format declares one (DOCX, Markdown), 0 where not. A tab in `text` stands between parts of a line that
    are set far apart, such as a title and its date at the right margin, or two cells of a table row.
    `upright` is the box on the page laid upright, for lines of a scan that lies turned or askew; `box` is where the line
    is on the page as it is shown.
    """

    model_config = ConfigDict(extra="forbid")

    id: str
    page: int = 1
    box: Box | None = None
    text: str
    spans: list[Span] = Field(default_factory=list)
    block: int = 0
    column: int = 0
    bullet: str = ""
    level: int = 0
    indent: float = 0.0
    hidden: str = ""
    upright: Box | None = None

    @property
    def place(self) -> Box | None:
        """The line's box on the upright page, which tells what stands beside and below it."""
        return self.upright or self.box

    @property
    def size(self) -> float:
        """The largest font size in the line, in points; 0 where unknown."""
        return max((span.size for span in self.spans), default=0.0)

    @property
    def bold(self) -> bool:
        """Whether most of the line is set in bold."""
        strong = sum(len(span.text) for span in self.spans if span.bold)
        return strong * 2 > sum(len(span.text) for span in self.spans)


class Page(BaseModel):
    """A page's size in points, as it is shown; `is_turned` says that its lines run up or down."""

    model_config = ConfigDict(extra="forbid")

    number: int
    width: float
    height: float
    is_turned: bool = False

    @property
    def upright_height(self) -> float:
        """The height of the page when its lines run level."""
        return self.width if self.is_turned else self.height


class ExtractedDocument(BaseModel):
    """A document as lines in reading order. Line ids are `p<page>l<number>`, unique in the document.

    `warnings` are sentences for the person ("Only the first 30 pages were read.").
    `unread_pages` are pages whose letters are pictures, or belong to a font that hides them: they want to be recognised.
    `title`, `author`, `modified` come from the file's own metadata, and are as untrusted as the text.
    """

    model_config = ConfigDict(extra="forbid")

    media_type: str
    pages: list[Page] = Field(default_factory=list)
    lines: list[TextLine] = Field(default_factory=list)
    engine: str = ""
    title: str = ""
    author: str = ""
    modified: str = ""
    warnings: list[str] = Field(default_factory=list)
    unread_pages: list[int] = Field(default_factory=list)

    @property
    def visible_lines(self) -> list[TextLine]:
        """The lines that a person can see."""
        return [line for line in self.lines if not line.hidden]

    @property
    def text(self) -> str:
        """The visible text, a line each."""
        return "\n".join(line.text for line in self.visible_lines)
