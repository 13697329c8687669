"""Entries set as forms: a label beside each value, such as "Position: …", or the rows of a Europass CV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cv.parsing.entries import Entry
from cv.parsing.lexicon import folded, words
from cv.parsing.rows import visible_text
from cv.parsing.types import Part, Row

Roles = Mapping[str, tuple[str, ...]]
# Which labels name which role.
WORK_LABELS: Roles = {
    "employer": ("employer",),
    "title": ("title",),
    "story": ("highlights",),
    "period": ("period",),
    "location": ("location",),
}
STUDY_LABELS: Roles = {
    "institution": ("institution", "employer", "issuer"),
    "degree": ("degree", "title"),
    "area": ("area",),
    "story": ("highlights",),
    "period": ("period",),
    "location": ("location",),
}
STORY = "story"
# A label has at most so many words and runs over at most so many rows; a form has labels for so many things.
MAX_LABEL_WORDS = 10
MAX_LABEL_ROWS = 3
MIN_ROLES = 2
# Labels stand in front of at least this share of a form's rows.
MIN_LABELLED = 0.3
# A label may be wider than its letters are on average, in points.
MARGIN_SLACK = 4.0
_COLONS = (":", "：")


@dataclass(slots=True)
class _Cell:
    """A row of a form: what its label names, if it has one, and what stands beside it."""

    row: Row
    role: str = ""
    is_label: bool = False

    def value(self) -> Row | None:
        """Return the row without its label, its first piece marked with the role, or None where nothing is left."""
        if not self.is_label:
            return self.row
        parts = _without_label(self.row)
        if not parts:
            return None
        parts[0] = replace(parts[0], gap=False, role=self.role)
        return replace(self.row, parts=parts)


def form_entries(rows: Sequence[Row], roles: Roles) -> list[Entry] | None:
    """Return the entries of a section that is set as a form, the pieces of their heads with a role; None for others."""
    cells = _cells(rows, roles)
    named = {cell.role for cell in cells if cell.role}
    labelled = sum(cell.is_label for cell in cells)
    if len(named - {STORY}) < MIN_ROLES or not named & set(list(roles)[:2]) or labelled < MIN_LABELLED * len(rows):
        return None
    entries: list[Entry] = []
    seen: set[str] = set()
    last = ""
    for cell in cells:
        if not entries or (cell.role and cell.role != STORY and cell.role in seen):
            entries.append(Entry())
            seen = set()
        seen.add(cell.role)
        last = cell.role or last
        if (row := cell.value()) is not None:
            (entries[-1].head if last and last != STORY else entries[-1].body).append(row)
    return entries


def _cells(rows: Sequence[Row], roles: Roles) -> list[_Cell]:
    """Return the rows with their labels; one that runs over several rows belongs to the first of them."""
    cells: list[_Cell] = []
    number = 0
    while number < len(rows):
        role, taken = _role_from(rows[number:], roles)
        cells.append(_Cell(rows[number], role, bool(role)))
        cells += [_Cell(row, is_label=True) for row in rows[number + 1 : number + taken]]
        number += max(1, taken)
    return [_in_margin(cell, cells[:place]) for place, cell in enumerate(cells)]


def _role_from(rows: Sequence[Row], roles: Roles) -> tuple[str, int]:
    """Return what the label of the first row names, and over how many rows the label runs."""
    text = ""
    for taken, row in enumerate(rows[:MAX_LABEL_ROWS], start=1):
        label = _label_of(row) or (visible_text(row.text) if text and len(row.parts) == 1 else "")
        if not label:
            break
        text = f"{text} {label}".strip()
        if role := _role_of(text, roles):
            return role, taken
    return "", 0


def _label_of(row: Row) -> str:
    """Return what may be a label: the text before a colon, or the first cell of several."""
    first = visible_text(row.text.partition("\t")[0])
    before = next((first.partition(colon)[0] for colon in _COLONS if colon in first), "")
    label = before or (first if len(row.parts) > 1 and any(part.gap for part in row.parts[1:]) else "")
    return label if 0 < len(label.split()) <= MAX_LABEL_WORDS else ""


def _role_of(label: str, roles: Roles) -> str:
    """Return the role that a label names: one of its words, or a longer phrase with which it begins."""
    plain = folded(label)
    known = [(role, word) for role, kinds in roles.items() for kind in kinds for word in words("labels", kind)]
    exact = next((role for role, word in known if plain == word), "")
    return exact or next((role for role, word in known if " " in word and plain.startswith(f"{word} ")), "")


def _without_label(row: Row) -> list[Part]:
    """Return what stands behind a row's label: behind its colon, or in the cells after the first."""
    parts = list(row.parts)
    for number, part in enumerate(parts):
        if number and part.gap:
            return parts[number:]
        place = next((part.text.index(colon) for colon in _COLONS if colon in part.text), None)
        if place is not None:
            rest = part.text[place + 1 :].strip()
            return [replace(part, text=rest), *parts[number + 1 :]] if rest else parts[number + 1 :]
    return []


def _in_margin(cell: _Cell, before: Sequence[_Cell]) -> _Cell:
    """Return the cell as a label too where it begins in the margin: the rest of the label above, or one of no known words."""
    above = next((other for other in reversed(before) if other.role), None)
    begin, end = cell.row.lines[0].place, cell.row.lines[-1].place
    if cell.is_label or above is None or begin is None or end is None or begin[0] > _label_end(above.row):
        return cell
    has_value = any(part.gap for part in cell.row.parts) and end[2] > _label_end(above.row)
    if not has_value and end[2] > _label_end(above.row):
        return cell
    is_rest = not has_value or cell.row.text[:1].islower()
    return replace(cell, is_label=True, role="" if is_rest else STORY)


def _label_end(row: Row) -> float:
    """Return where a row's label ends, by the mean width of the row's letters."""
    begin, end = row.lines[0].place, row.lines[-1].place
    if begin is None or end is None:
        return 0.0
    if len(row.lines) > 1:
        return begin[2]
    return begin[0] + (end[2] - begin[0]) * len(_label_of(row)) / max(1, len(row.text)) + MARGIN_SLACK
