"""Characters by pdfminer.six, the first engine: exact fonts, colours and places."""

import io
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pdfminer.pdfdevice import PDFTextDevice
from pdfminer.pdfdocument import PDFDocument, PDFPasswordIncorrect
from pdfminer.pdffont import PDFType3Font, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import resolve1
from pdfminer.utils import apply_matrix_pt, apply_matrix_rect

from cv.errors import PasswordProtectedError
from cv.extraction.pdf.chars import Char, Font, PageContent, hex_color
from cv.extraction.pdf.contents import Interpreter, ObjectParser
from cv.extraction.types import Box

# Text render modes (ISO 32000-1, table 106) without fill and stroke: 3 is invisible, 7 only clips.
NO_INK_MODES = frozenset({3, 7})
FILL_AND_STROKE_MODES = frozenset({2, 6})
SOFT_HYPHEN = "\u00ad"
UNDEFINED = "\ufffd"
# At one letter.
MOST_MARKS = 3
# A flattened text matrix gives letters no height at all.
MIN_SIZE = 0.05
# Fonts made of drawings (type 3) have a scale of their own. Where it is that of an outline font, with 256 to 4096 units
# an em, the size operator tells the size; else the glyphs' box does, and where that is empty their width, as letters are
# about so much taller than wide.
EM_SCALES = (1 / 4096, 1 / 256)
TYPE3_HEIGHT = 1.6
_BOLD = re.compile(r"bold|black|heavy|semib|demi(?!ck)|extrab|[-,]bd|[-,](?:b|xb|sb|eb)$|cmb|sfbx|medi$", re.I)
_ITALIC = re.compile(r"italic|oblique|slanted|[-,](?:it|i|bi|bdit|mediital)$|cmti|sfti|kursiv", re.I)
_FORCE_BOLD = 1 << 18
_ITALIC_FLAG = 1 << 6


def read_pages(data: bytes, *, max_pages: int) -> Iterator[PageContent]:
    """Yield the content of each page up to `max_pages`.

    Raises:
        PasswordProtectedError: The empty password does not open the file.
    """
    try:
        document = PDFDocument(ObjectParser(io.BytesIO(data)))
    except PDFPasswordIncorrect as error:
        raise PasswordProtectedError from error
    resources = PDFResourceManager()
    device = _Collector(resources)
    interpreter = Interpreter(resources, device)
    for number, page in enumerate(PDFPage.create_pages(document), start=1):
        if number > max_pages:
            return
        device.number = number
        try:
            interpreter.process_page(page)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - pdfminer raises anything on damaged pages; the others may be whole
            device.content.failed = True
        yield device.content


def read_metadata(data: bytes) -> dict[str, str]:
    """Return the file's `Title`, `Author` and `ModDate`, as far as it has them."""
    document = PDFDocument(ObjectParser(io.BytesIO(data)))
    found: dict[str, str] = {}
    for info in document.info:
        for key in ("Title", "Author", "ModDate"):
            value = resolve1(info.get(key))
            if isinstance(value, bytes):
                found[key] = _decode_text(value)
    return found


class _Collector(PDFTextDevice):
    """A pdfminer device that keeps each character with its render mode, which pdfminer's own layout drops."""

    def __init__(self, resources: PDFResourceManager) -> None:
        super().__init__(resources)
        self.number = 1
        self.content = PageContent(number=1, width=0, height=0)
        self._left = self._ceiling = 0.0
        # What the characters of one string have in common, and what that was told from.
        self._look, self._ink, self._color = Font(), True, ""
        self._components: Any = None
        self._is_subtractive = False
        self._linear = (1.0, 0.0, 0.0, 1.0)
        self._stretch, self._turn = 1.0, 0
        self._fonts: dict[int, Font] = {}
        # Of each tag that is open, where its characters begin and what its text is said to be.
        self._tags: list[tuple[int, str]] = []

    def begin_page(self, page: PDFPage, ctm: Any) -> None:
        x0, y0, x1, y1 = apply_matrix_rect(ctm, _visible_area(page))
        self.content = PageContent(number=self.number, width=x1 - x0, height=y1 - y0)
        self._tags.clear()
        self._left, self._ceiling = x0, y1
        self.content.links = [(self._from_top(box), address) for box, address in _links(page, ctm)]

    def begin_tag(self, tag: Any, props: Any = None) -> None:
        said = resolve1(props).get("ActualText") if isinstance(props, dict) else None
        self._tags.append((len(self.content.chars), _decode_text(said) if isinstance(said, bytes) else ""))

    def end_tag(self) -> None:
        if self._tags:
            start, said = self._tags.pop()
            join_marks(self.content.chars, start, said)

    def render_string(self, textstate: Any, seq: Any, ncs: Any, graphicstate: Any) -> None:
        mode = textstate.render
        look = self._font(textstate.font)
        if mode in FILL_AND_STROKE_MODES and not look.bold:
            look = Font(look.name, bold=True, italic=look.italic)
        self._look, self._ink = look, mode not in NO_INK_MODES
        is_ink = getattr(ncs, "name", "") in {"Separation", "DeviceN"}
        if graphicstate.ncolor is not self._components or is_ink is not self._is_subtractive:
            self._components, self._is_subtractive = graphicstate.ncolor, is_ink
            self._color = hex_color(graphicstate.ncolor, subtractive=is_ink)
        super().render_string(textstate, seq, ncs, graphicstate)

    def render_char(  # noqa: PLR0917 - pdfminer calls it so
        self,
        matrix: Any,
        font: Any,
        fontsize: float,
        scaling: float,
        rise: float,
        cid: int,
        ncs: Any,
        graphicstate: Any,
    ) -> float:
        try:
            text = font.to_unichr(cid)
        except PDFUnicodeNotDefined:
            text = UNDEFINED
        # Fonts name the sign of the hyphen after the soft one; on a page what is written is there to be seen.
        text = "-" if text == SOFT_HYPHEN else text
        advance = float(font.char_width(cid) * fontsize * scaling)
        if font.is_vertical():
            return advance
        low, high = _heights(font, fontsize, advance)
        x0, top, x1, bottom = self._from_top(apply_matrix_rect(matrix, (0, low + rise, advance, high + rise)))
        if matrix[:4] != self._linear:
            self._linear = a, b, c, d = matrix[:4]
            self._stretch, self._turn = math.hypot(c, d), round(math.atan2(-b, a) / (math.pi / 2)) % 4
        self.content.chars.append(
            Char(
                text=text,
                x0=x0,
                top=top,
                x1=x1,
                bottom=bottom,
                base=self._ceiling - matrix[5],
                size=round(max(MIN_SIZE, (high - low) * self._stretch), 2),
                font=self._look,
                color=self._color,
                ink=self._ink,
                turn=self._turn,
            )
        )
        return advance

    def paint_path(self, graphicstate: Any, stroke: Any, fill: Any, evenodd: Any, path: Any) -> None:
        ctm: Any = self.ctm
        points = [apply_matrix_pt(ctm, part[-2:]) for part in path if len(part) >= 3]
        if points and (stroke or fill):
            xs, ys = [point[0] for point in points], [point[1] for point in points]
            self.content.rules.append(self._from_top((min(xs), min(ys), max(xs), max(ys))))

    def render_image(self, name: str, stream: Any) -> None:
        ctm: Any = self.ctm
        self.content.pictures.append(self._from_top(apply_matrix_rect(ctm, (0, 0, 1, 1))))

    def begin_figure(self, name: str, bbox: Any, matrix: Any) -> None:
        """Forms need no box of their own: their characters arrive with the form's matrix applied."""

    def _from_top(self, box: Box) -> Box:
        """Turn a box that counts up from the bottom into one that counts down from the visible page's top left."""
        x0, y0, x1, y1 = box
        return (x0 - self._left, self._ceiling - y1, x1 - self._left, self._ceiling - y0)

    def _font(self, font: Any) -> Font:
        key = id(font)
        if key not in self._fonts:
            self._fonts[key] = describe_font(str(font.fontname or ""), dict(font.descriptor or {}))
        return self._fonts[key]


def join_marks(chars: list[Char], start: int, said: str) -> None:
    """Make the characters from `start` on one letter with its marks, where a tag says that this is what they show.

    A font has one text for the sign of a mark and for the letter under it, that of the place where they first stood:
    typesetters name what others show in tags. Only marks are taken from there; what else a tag says nobody may see.
    """
    marks = said[1:]
    if not said or len(marks) > MOST_MARKS or not all(map(unicodedata.combining, marks)):
        return
    tagged = chars[start:]
    letter = next((char for char in tagged if _is_letter(said[0], char.text)), None)
    if letter is not None and len(tagged) <= len(said):
        if marks and start and chars[start - 1].text == said:
            start -= 1
        chars[start:] = [replace(letter, text=said)]
    elif marks and len(tagged) == 1 and tagged[0].text[1:] == marks:
        tagged[0].text = said


def _is_letter(letter: str, text: str) -> bool:
    """Whether a text is this letter, with or without marks."""
    return text[:1] == letter and all(map(unicodedata.combining, text[1:]))


def _heights(font: Any, fontsize: float, advance: float) -> tuple[float, float]:
    """Return how far a font's letters reach below and above the base line, in points before any scaling."""
    if not isinstance(font, PDFType3Font):
        low = font.get_descent() * fontsize
        return low, low + fontsize
    if EM_SCALES[0] <= abs(font.vscale) <= EM_SCALES[1]:
        return -0.2 * fontsize, 0.8 * fontsize
    low, high = font.bbox[1] * font.vscale * fontsize, font.bbox[3] * font.vscale * fontsize
    return (low, high) if high > low else (0.0, TYPE3_HEIGHT * abs(advance))


def describe_font(name: str, descriptor: dict[str, Any]) -> Font:
    """Return the font's plain name, and whether it is bold or italic by name or descriptor."""
    plain = re.sub(r"^[A-Z]{6}\+", "", name)
    flags = resolve1(descriptor.get("Flags", 0))
    flags = flags if isinstance(flags, int) else 0
    weight = resolve1(descriptor.get("FontWeight", 0))
    heavy = isinstance(weight, int | float) and weight >= 600
    return Font(
        name=plain,
        bold=bool(_BOLD.search(plain)) or heavy or bool(flags & _FORCE_BOLD),
        italic=bool(_ITALIC.search(plain)) or bool(flags & _ITALIC_FLAG),
    )


def _visible_area(page: PDFPage) -> Box:
    """Return the part of the page that viewers show: the crop box within the media box."""
    media, crop = page.mediabox, page.cropbox
    x0, y0, x1, y1 = max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3])
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else media


def _links(page: PDFPage, matrix: Any) -> Iterator[tuple[Box, str]]:
    """Yield the box, counted from the bottom, and the address of each link on the page."""
    for reference in resolve1(page.annots) or []:
        annotation = resolve1(reference)
        if not isinstance(annotation, dict):
            continue
        action = resolve1(annotation.get("A"))
        box = resolve1(annotation.get("Rect"))
        address = resolve1(action.get("URI")) if isinstance(action, dict) else None
        if not isinstance(address, bytes) or not isinstance(box, list) or len(box) != 4:
            continue
        x0, y0, x1, y1 = (float(resolve1(value)) for value in box)
        yield apply_matrix_rect(matrix, (x0, y0, x1, y1)), _decode_text(address)


def _decode_text(value: bytes) -> str:
    """Decode a PDF text string: UTF-16 with a mark, UTF-8, or one byte a character."""
    if value.startswith((b"\xfe\xff", b"\xff\xfe")):
        return value.decode("utf-16", errors="replace")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
