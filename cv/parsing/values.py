"""Values with their source: what was read, from which lines, and how surely."""

from collections.abc import Iterable, Sequence

from cv.extraction.types import TextLine
from cv.resume import Item, Line, Source, ValueMeta


def source_of(lines: Sequence[TextLine], quotation: str = "") -> Source:
    """Return the place of lines: their ids, the page of the first, and the box around those on that page."""
    if not lines:
        return Source(quotation=quotation)
    page = lines[0].page
    boxes = [line.box for line in lines if line.box is not None and line.page == page]
    box = None
    if boxes:
        box = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
    ids = list(dict.fromkeys(line.id for line in lines))
    return Source(page=page, box=box, line_ids=ids, quotation=quotation or " ".join(line.text for line in lines))


def set_value(
    item: Item, field: str, value: object, lines: Sequence[TextLine], confidence: float, *, quotation: str = ""
) -> None:
    """Set a field with its source; an empty value changes nothing."""
    if value in ("", None, []):
        return
    setattr(item, field, value)
    note(item, field, lines, confidence, quotation)


def note(item: Item, field: str, lines: Sequence[TextLine], confidence: float, quotation: str = "") -> None:
    """Record where a field's value comes from, added to what is recorded already."""
    found = list(lines)
    if not found:
        return
    known = item.meta.get(field)
    source = source_of(found, quotation)
    if known is not None and known.source is not None:
        source = merged(known.source, source)
        confidence = min(confidence, known.confidence)
    item.meta[field] = ValueMeta(source=source, confidence=round(min(1.0, max(0.0, confidence)), 2))


def merged(first: Source, second: Source) -> Source:
    """Return one source for both; the box is that of the first page."""
    box = first.box
    if box is not None and second.box is not None and first.page == second.page:
        box = (
            min(box[0], second.box[0]),
            min(box[1], second.box[1]),
            max(box[2], second.box[2]),
            max(box[3], second.box[3]),
        )
    return Source(
        page=first.page,
        box=box,
        line_ids=list(dict.fromkeys([*first.line_ids, *second.line_ids])),
        quotation=" ".join(filter(None, (first.quotation, second.quotation))),
    )


def line_item(text: str, lines: Iterable[TextLine], confidence: float) -> Line:
    """Return a bullet or line with its source."""
    item = Line(text=text)
    note(item, "text", list(lines), confidence)
    return item


def joined(texts: Iterable[str]) -> str:
    """Join the lines of a paragraph: words cut by a hyphen are put together, unspaced scripts get no blank."""
    text = ""
    for piece in (piece.strip() for piece in texts):
        if not text or not piece:
            text += piece
        elif text.endswith("\u00ad") or (text.endswith(("-", "‐")) and len(text) > 1 and text[-2].islower()
                                         and piece[0].islower()):  # fmt: skip
            text = text[:-1] + piece
        elif _is_unspaced(text[-1]) and _is_unspaced(piece[0]):
            text += piece
        else:
            text += " " + piece
    return text.replace("\u00ad", "")


def _is_unspaced(char: str) -> bool:
    return "\u3000" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"
