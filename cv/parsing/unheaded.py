"""Work and education of CVs that name no sections, told by their dates."""

from collections.abc import Sequence
from dataclasses import replace

from cv.parsing.dates import find_periods
from cv.parsing.education import degree_score, institution_score
from cv.parsing.entries import Entry, has_date, is_sentence, split_entries
from cv.parsing.heads import read_head
from cv.parsing.judging import organisation_score, title_score
from cv.parsing.types import Row, Section

# So many ranges of dates below each other are a history.
MIN_RANGES = 2
MAX_ROWS_ABOVE = 2
# A title or an employer is one by its words from this score on.
MIN_NAMED = 1.6


def with_unheaded(sections: Sequence[Section]) -> list[Section]:
    """Return the sections; where none is about work, one of unknown words that tells of posts is, or what the header has."""
    header = next((section for section in sections if section.kind == "header"), None)
    if header is None or any(section.kind == "work" for section in sections):
        return list(sections)
    if told := [section for section in sections if section.kind == "custom" and _is_history(section)]:
        return [replace(section, kind="work") if section in told else section for section in sections]
    ranges = [number for number, row in enumerate(header.rows) if _has_range(row)]
    if len(ranges) < MIN_RANGES:
        return list(sections)
    begin = _first_row(header.rows, ranges[0])
    entries = split_entries(header.rows[begin:])
    found = [replace(header, rows=header.rows[:begin])]
    for entry in entries:
        kind = "education" if _is_study(entry) else "work"
        if found[-1].kind == kind:
            found[-1].rows.extend(entry.rows)
        else:
            found.append(Section(kind, "", None, entry.rows, confidence=0.6))
    place = list(sections).index(header)
    return [*sections[:place], *found, *sections[place + 1 :]]


def _is_history(section: Section) -> bool:
    """Return whether a section under words that are not known tells of posts: dated, with titles or employers."""
    entries = split_entries(section.rows) if any(_has_range(row) for row in section.rows) else []
    heads = [read_head(entry.head) for entry in entries]
    dated = [head for head in heads if head.period is not None and head.period.is_range]
    named = [
        head
        for head in dated
        if any(max(title_score(s.text), organisation_score(s.text)) >= MIN_NAMED for s in head.segments)
    ]
    return bool(dated) and len(dated) * 2 >= len(heads) and len(named) * 2 >= len(dated)


def _has_range(row: Row) -> bool:
    return has_date(row) and any(period.is_range for period in find_periods(row.text))


def _first_row(rows: Sequence[Row], dated: int) -> int:
    """Return where the first entry begins: at its dated row, or at the names right above one that is only a date."""
    begin = dated
    if len(rows[dated].parts) > 1 or len(rows[dated].text) > 2 * len(find_periods(rows[dated].text)[0].raw):
        return begin
    while (
        begin > max(0, dated - MAX_ROWS_ABOVE) and not is_sentence(rows[begin - 1].text) and not rows[begin].after_gap
    ):
        begin -= 1
    return begin


def _is_study(entry: Entry) -> bool:
    segments = read_head(entry.head).segments
    return any(degree_score(segment.text) >= 2 for segment in segments) and any(
        institution_score(segment.text) >= 2 for segment in segments
    )
