"""A document → a résumé, by rules alone."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cv.errors import NotACVError
from cv.extraction.types import ExtractedDocument, TextLine
from cv.parsing.accounting import add_unassigned
from cv.parsing.contact import EMAIL, PHONE, Snippet, cut_contact, fill_contact
from cv.parsing.detection import language_of, region_of
from cv.parsing.education import read_education
from cv.parsing.entries import is_sentence
from cv.parsing.heads import URL
from cv.parsing.judging import CJK, title_score
from cv.parsing.languages import finds_language, lists_languages, read_languages
from cv.parsing.lexicon import folded
from cv.parsing.lists import (
    holds_languages,
    read_awards,
    read_certificates,
    read_custom,
    read_interests,
    read_projects,
    read_publications,
    read_references,
)
from cv.parsing.naming import fill_name
from cv.parsing.rows import body_size, visible_text
from cv.parsing.sections import heading_kind, make_sections
from cv.parsing.skills import is_skill_group, read_skills, split_list
from cv.parsing.types import Row, Section, lines_of
from cv.parsing.unheaded import with_unheaded
from cv.parsing.values import joined, line_item, set_value
from cv.parsing.work import read_employers, read_volunteering
from cv.resume import DEFAULT_SECTION_ORDER, Resume

MAX_HEADLINE_WORDS = 8
# A column narrower than this share of the one beside it is a sidebar.
SIDEBAR_SHARE = 0.8
# Running text has so many words a row, and so much of it is no address on the web.
MIN_ROW_WORDS = 5
MIN_TOLD_SHARE = 0.6
# Pieces of a summary stand no more rows apart.
MAX_ROWS_BETWEEN = 3
MIN_EAST_ASIAN_TEXT = 24
_STOPS = re.compile("[，、。；！？]")
ORDER_NAMES = {"work": "employers", "other": "custom"}

Column = tuple[int, int]


@dataclass(slots=True)
class _Loose:
    """Text that no field holds, gathered while the sections are read."""

    resume: Resume

    def __call__(self, text: str, lines: Sequence[TextLine]) -> None:
        plain = visible_text(text.replace("\t", " "))
        if plain:
            self.resume.unassigned.append(line_item(plain, lines, 0.3))


def parse_with_rules(document: ExtractedDocument) -> Resume:
    """Read a document into a résumé by rules; text that fits no field is in `unassigned`.

    Raises:
        NotACVError: Nothing of a CV was found.
    """
    sections = with_unheaded(make_sections(document))
    resume = read_sections(document, sections)
    if not _is_cv(resume, sections):
        raise NotACVError
    return resume


def read_sections(document: ExtractedDocument, sections: Sequence[Section]) -> Resume:
    """Read cut sections into a résumé with ids; used also where a model named the sections."""
    sections = [part for section in sections for part in cut_contact(section)]
    resume = Resume(language=language_of(document))
    loose = _Loose(resume)
    by_kind = _by_kind(sections)
    _read_person(resume, document, by_kind, sections)
    resume.employers = read_employers(by_kind["work"], resume.person.headline, loose)
    _take_headline(resume, by_kind["summary"])
    resume.education = read_education(by_kind["education"], loose)
    resume.projects = read_projects(by_kind["projects"], loose)
    if not by_kind["languages"]:
        by_kind["languages"] = _spoken(by_kind)
    resume.skills = read_skills(by_kind["skills"])
    resume.languages = read_languages(by_kind["languages"], loose)
    resume.certificates = read_certificates(by_kind["certificates"], loose)
    resume.publications = read_publications(by_kind["publications"], loose)
    resume.awards = read_awards(by_kind["awards"], loose)
    resume.volunteering = read_volunteering(by_kind["volunteering"], loose)
    resume.interests = read_interests(by_kind["interests"])
    resume.references = read_references(by_kind["references"])
    resume.custom = read_custom([*by_kind["custom"], *by_kind["other"]])
    add_unassigned(resume, document, lines_of(s.heading for s in sections if s.heading is not None))
    resume.section_order = _order(sections)
    return resume.assign_ids()


def _by_kind(sections: Sequence[Section]) -> dict[str, list[Section]]:
    kinds = ("header", "contact", "profiles", "summary", "work", "education", "projects", "skills", "languages",
             "certificates", "publications", "awards", "volunteering", "interests", "references", "custom", "other")  # fmt: skip
    found: dict[str, list[Section]] = {kind: [] for kind in kinds}
    for section in sections:
        kind = "contact" if section.kind in {"summary", "custom"} and _is_contact(section) else section.kind
        if (kind == "languages" and not holds_languages(section)) or (kind == "custom" and is_skill_group(section)):
            kind = "skills"
        found[kind].append(section)
    return found


def _is_contact(section: Section) -> bool:
    """Return whether a section holds contact data whatever its heading says, as "Profile", "Info" or "Say hello" may."""
    texts = [row.text for row in section.rows]
    addresses = sum(bool(EMAIL.search(text) or URL.search(text) or "@" in text) for text in texts)
    return addresses > 0 and not any(is_sentence(text) for text in texts)


def _spoken(by_kind: dict[str, list[Section]]) -> list[Section]:
    """Return the rows that only list languages, as a section: those of the header, and those of skills with such a label.

    The latter are no skills any more.
    """
    rows = [
        row for section in by_kind["header"] for row in section.rows if any(lists_languages(p.text) for p in row.parts)
    ]
    for section in by_kind["skills"]:
        spoken = [row for row in section.rows if _names_languages(row)]
        section.rows = [row for row in section.rows if row not in spoken]
        rows += spoken
    return [Section("languages", "", None, rows)] if rows else []


def _names_languages(row: Row) -> bool:
    """Return whether a row has a label for languages, and each piece behind it names one that people speak."""
    label, _, rest = visible_text(row.text).partition(":")
    pieces = split_list(rest)
    return bool(pieces) and heading_kind(label) == "languages" and all(finds_language(piece) for piece in pieces)


def _read_person(
    resume: Resume, document: ExtractedDocument, by_kind: dict[str, list[Section]], sections: Sequence[Section]
) -> None:
    header = [row for section in by_kind["header"] for row in section.rows]
    details = [row for kind in ("contact", "profiles") for section in by_kind[kind] for row in section.rows]
    everything = [row for section in sections for row in section.rows]
    stories = _stories(header)
    person = resume.person
    snippets = fill_contact(
        person, [row for row in [*header, *details] if row not in stories], everything, region_of(resume.language)
    )
    header_lines = {line.id for line in lines_of(header)}
    above = [snippet for snippet in snippets if snippet.lines[0].id in header_lines]
    fill_name(person, above or snippets, author=document.author, size=body_size(everything))
    if not person.name:
        # Forms head it like an address: "Personal information".
        fill_name(person, snippets, author=document.author, size=body_size(everything))
    summary = [row for section in by_kind["summary"] for row in section.rows]
    told = [] if summary else _first_story(header, stories)
    _read_summary(resume, told, summary, above)
    _keep_rest(resume, [*snippets], [row for row in stories if row not in told])


def _stories(header: Sequence[Row]) -> list[Row]:
    """Return the running text of the header: sentences, and the rows of their paragraphs, the first and the last of which may be none."""
    told = [_may_tell(row) and is_sentence(row.text) for row in header]
    for begin, stop in _paragraphs(header):
        text = joined(visible_text(row.text) for row in header[begin:stop])
        is_long = len(text.split()) >= MIN_ROW_WORDS * (stop - begin)
        if any(told[begin:stop]) or (stop - begin > 1 and is_long and is_sentence(text)) or _is_east_asian_text(text):
            told[begin:stop] = [True] * (stop - begin)
    return [row for row, is_told in zip(header, told, strict=True) if is_told]


def _first_story(header: Sequence[Row], stories: Sequence[Row]) -> list[Row]:
    """Return the first stretch of running text; where no heading was found, what stands further down is no summary."""
    told: list[Row] = []
    apart = 0
    for row in header:
        if row in stories and apart <= MAX_ROWS_BETWEEN:
            told.append(row)
            apart = 0
        elif told:
            apart += 1
    return told


def _may_tell(row: Row) -> bool:
    """Return whether a row can be running text: it holds no contact data."""
    return not (
        "@" in row.text or PHONE.search(row.text) or len(URL.sub("", row.text)) < MIN_TOLD_SHARE * len(row.text)
    )


def _paragraphs(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Yield from where to where rows are one paragraph."""
    begin = 0
    for number in range(1, len(rows) + 1):
        if number == len(rows) or not _shares_paragraph(rows[number - 1], rows[number]):
            yield begin, number
            begin = number


def _shares_paragraph(before: Row, row: Row) -> bool:
    upper, lower = before.lines[-1], row.lines[0]
    if not (_may_tell(before) and _may_tell(row)):
        return False
    return upper.place is not None and upper.block == lower.block and before.parts[-1].look.size == row.look.size


def _is_east_asian_text(text: str) -> bool:
    """Return whether a text without blanks between words has the stops of running text."""
    return len(text) >= MIN_EAST_ASIAN_TEXT and bool(CJK.search(text)) and bool(_STOPS.search(text))


def _read_summary(resume: Resume, stories: Sequence[Row], summary: Sequence[Row], above: Sequence[Snippet]) -> None:
    rows = [*stories, *summary]
    if rows:
        text = joined(visible_text(row.text.replace("\t", " ")) for row in rows)
        set_value(resume.person, "summary", text, lines_of(rows), 0.9 if summary else 0.6)


def _take_headline(resume: Resume, summaries: Sequence[Section]) -> None:
    """Take a summary's first row for the headline where it is a title: one of the positions', or one by its words."""
    rows = [row for section in summaries for row in section.rows]
    person = resume.person
    if person.headline or len(rows) < 2 or is_sentence(rows[0].text) or len(rows[0].text.split()) > MAX_HEADLINE_WORDS:
        return
    text = visible_text(rows[0].text)
    titles = {folded(position.title) for employer in resume.employers for position in employer.positions}
    if folded(text) in titles or title_score(text) >= 2:
        set_value(person, "headline", text, rows[0].lines, 0.8)
        del person.meta["summary"]
        person.summary = ""
        rest = joined(visible_text(row.text.replace("\t", " ")) for row in rows[1:])
        set_value(person, "summary", rest, lines_of(rows[1:]), 0.9)


def _keep_rest(resume: Resume, snippets: Sequence[Snippet], stories: Sequence[Row]) -> None:
    for snippet in snippets:
        if not snippet.used and snippet.text:
            resume.unassigned.append(line_item(snippet.text, snippet.lines, 0.3))
    for row in stories:
        resume.unassigned.append(line_item(visible_text(row.text), row.lines, 0.3))


def _order(sections: Sequence[Section]) -> list[str]:
    """Return the sections' names in reading order, those of a column beside a wider one after the others."""
    columns = _columns(sections)
    ranked = sorted(sections, key=lambda section: section.kind != "summary" and _is_beside(section, columns))
    seen = [ORDER_NAMES.get(section.kind, section.kind) for section in ranked]
    known = [name for name in dict.fromkeys(seen) if name in DEFAULT_SECTION_ORDER]
    return [*known, *(name for name in DEFAULT_SECTION_ORDER if name not in known)]


def _columns(sections: Sequence[Section]) -> dict[Column, tuple[float, float]]:
    """Return from where to where each column of a page reaches, in points."""
    reach: dict[Column, tuple[float, float]] = {}
    for line in lines_of(row for section in sections if section.kind != "header" for row in section.rows):
        if line.place is not None:
            begin, end = reach.get((line.page, line.column), (line.place[0], line.place[2]))
            reach[line.page, line.column] = (min(begin, line.place[0]), max(end, line.place[2]))
    return reach


def _is_beside(section: Section, columns: dict[Column, tuple[float, float]]) -> bool:
    """Return whether a section stands in a column beside one that is clearly wider: in a sidebar."""
    places = Counter((line.page, line.column) for line in lines_of(section.rows) if line.place is not None)
    if section.kind == "header" or not places:
        return False
    place = places.most_common(1)[0][0]
    begin, end = columns[place]
    return any(
        other[0] == place[0] and (start >= end or stop <= begin) and end - begin < SIDEBAR_SHARE * (stop - start)
        for other, (start, stop) in columns.items()
    )


def _is_cv(resume: Resume, sections: Sequence[Section]) -> bool:
    kinds = {section.kind for section in sections if section.heading is not None}
    contact = bool(resume.person.email or resume.person.phone)
    filled = sum(map(bool, (resume.employers, resume.education, resume.skills)))
    return (filled >= 1 and (contact or filled >= 2 or len(kinds) >= 2)) or (contact and len(kinds) >= 2)
