"""The Japanese form of a CV (履歴書): a table of year, month and event, where an entry begins and ends in rows of their own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cv.parsing.rows import visible_text
from cv.parsing.types import Part, Row, Section

_EVENT = re.compile(
    r"^\s*(?P<year>(?:19|20)\d\d|(?:令和|平成|昭和)\s*(?:\d{1,2}|元))\s*年?[\s/.]+(?P<month>1[0-2]|0?[1-9])\s*月?\s+(?P<what>.*\S)\s*$"
)
_BEGIN = re.compile(r"\s*(?:入学|入社|入所|入行|入職|入庁|編入学?|着任|就任)\s*")
_END = re.compile(r"\s*(?:卒業(?:見込み?)?|修了(?:見込み?)?|退社|退職|退学|中退|退所|退任|契約(?:期間)?満了)\s*")
_REASON = re.compile(r"^(?:一身上の都合|会社都合)(?:により|のため)?\s*")
CURRENT, DONE = "現在に至る", "以上"
MIN_EVENTS = 2
# Rows within the table that say what follows.
PARTS = {"学歴": "education", "職歴": "work", "職務経歴": "work"}
# "年 月" over the columns, in front of what the table tells.
DATE_HEADS = ("年", "月")


@dataclass(slots=True)
class _Stay:
    """A school or an employer: from when to when, and what is said of it between."""

    name: str
    row: Row
    begin: str
    end: str = ""
    told: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)


def without_date_heads(rows: Sequence[Row]) -> list[Row]:
    """Return the rows, those that head the columns of year and month without these, so that a heading stands alone."""
    kept = []
    for row in rows:
        texts = [visible_text(part.text) for part in row.parts]
        if tuple(texts[:2]) == DATE_HEADS and len(texts) > 2:
            row = replace(row, parts=[replace(row.parts[2], gap=False), *row.parts[3:]])  # noqa: PLW2901 - cut down
        kept.append(row)
    return kept


def split_history(section: Section) -> list[Section]:
    """Return a section of schools and employers in one table as sections of each; any other as it is."""
    if section.kind not in {"work", "education"} or not any(_part_of(row) for row in section.rows):
        return [section]
    found = [replace(section, rows=[])]
    for row in section.rows:
        if kind := _part_of(row):
            found.append(Section(kind, visible_text(row.text), row, confidence=section.confidence))
        else:
            found[-1].rows.append(row)
    return found


def _part_of(row: Row) -> str:
    return PARTS.get("".join(visible_text(row.text).split()), "")


def join_events(rows: Sequence[Row]) -> list[Row]:
    """Return rows with one entry for each stay, where the rows are such a table; else the rows as they are."""
    events = [_EVENT.match(row.text.replace("\t", " ")) for row in rows]
    begun = sum(event is not None and _BEGIN.search(event["what"]) is not None for event in events)
    if not begun or sum(event is not None for event in events) < MIN_EVENTS:
        return list(rows)
    stays: list[_Stay] = []
    before: list[Row] = []
    for row, event in zip(rows, events, strict=True):
        text = visible_text(row.text.replace("\t", " "))
        if event is not None:
            _take(stays, row, event)
        elif text == CURRENT and stays:
            stays[-1].end = stays[-1].end or "現在"
            stays[-1].lines.append(row)
        elif text != DONE:
            (stays[-1].told if stays else before).append(row)
    return [*before, *(made for stay in stays for made in _rows(stay))]


def _take(stays: list[_Stay], row: Row, event: re.Match[str]) -> None:
    date, what = f"{event['year']}年{event['month']}月", event["what"]
    if _BEGIN.search(what):
        stays.append(_Stay(_BEGIN.sub(" ", what, count=1), row, date))
    elif _END.search(what) and stays:
        name = _END.sub(" ", _REASON.sub("", what), count=1).split()
        open_ones = [stay for stay in stays if not stay.end]
        known = [stay for stay in open_ones if name and stay.name.split()[:1] == name[:1]]
        stay = (known or open_ones or stays)[-1]
        stay.end = date
        stay.lines.append(row)
    elif stays:
        stays[-1].told.append(replace(row, parts=[replace(row.parts[-1], gap=False)], bullet="•"))


def _rows(stay: _Stay) -> list[Row]:
    """Return a stay's head, its name and what stands behind it as cells, then what is told."""
    lines = [*stay.row.lines, *(line for row in stay.lines for line in row.lines)]
    look = stay.row.parts[-1].look
    cells = stay.name.replace("（", " （").split(maxsplit=1)
    period = f"{stay.begin} – {stay.end}" if stay.end else stay.begin
    parts = [Part(text, look, stay.row.lines, gap=number > 0) for number, text in enumerate(cells)]
    return [Row(lines, [*parts, Part(period, look, lines, gap=True)], after_gap=True), *stay.told]
