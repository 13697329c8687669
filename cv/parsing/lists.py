"""Sections that list things: projects, certificates, publications, awards, interests, references, and all others."""

import re
from collections.abc import Sequence

from cv.parsing.entries import Entry, left, lists_technologies, split_entries
from cv.parsing.heads import Head, Segment, read_head
from cv.parsing.judging import organisation_score, title_score
from cv.parsing.languages import is_language
from cv.parsing.rows import visible_text
from cv.parsing.skills import split_list
from cv.parsing.types import Row, Section, lines_of
from cv.parsing.values import joined, line_item, note, set_value
from cv.parsing.work import Loose, paragraphs, set_period
from cv.resume import Award, Certificate, CustomSection, Interest, Project, Publication, Reference

_NAMED = re.compile(r"^[\"“„«「]?(.+?)[\"”“»」]?$")


def read_projects(sections: Sequence[Section], loose: Loose) -> list[Project]:
    """Read project sections."""
    projects: list[Project] = []
    for section in sections:
        for entry in split_entries(section.rows):
            head = read_head(entry.head)
            project = Project()
            segments = list(head.segments)
            if segments:
                name = segments.pop(0)
                set_value(project, "name", name.text, name.lines, 0.75)
                if name.url:
                    set_value(project, "url", name.url, name.lines, 0.9)
            set_period(project, head, single="start")
            for url, lines in head.urls:
                if project.url:
                    loose(url, lines)
                set_value(project, "url", project.url or url, lines, 0.9)
            for segment in segments:
                _place_segment(project, segment, loose)
            _fill_project(project, [*head.story, *entry.body])
            if project.name or project.description or project.highlights:
                projects.append(project)
    return projects


def _place_segment(project: Project, segment: Segment, loose: Loose) -> None:
    if segment.row == 0 and title_score(segment.text) >= 1.6:
        project.roles.append(segment.text)
        note(project, "roles", segment.lines, 0.7)
    elif organisation_score(segment.text) >= 1.8 and not project.entity:
        set_value(project, "entity", segment.text, segment.lines, 0.6)
    elif not project.description:
        set_value(project, "description", segment.text, segment.lines, 0.5)
    else:
        set_value(project, "description", f"{project.description}, {segment.text}", segment.lines, 0.5)


def _fill_project(project: Project, rows: Sequence[Row]) -> None:
    tools = [row for row in rows if lists_technologies(row) and ":" in row.text]
    for row in tools:
        project.keywords.extend(split_list(row.text.partition(":")[2]))
        note(project, "keywords", row.lines, 0.9)
    for group, bulleted in paragraphs([row for row in rows if row not in tools]):
        text = joined(visible_text(row.text.replace("\t", " ")) for row in group)
        if bulleted:
            project.highlights.append(line_item(text, lines_of(group), 0.9))
        else:
            description = f"{project.description}\n{text}" if project.description else text
            set_value(project, "description", description, lines_of(group), 0.8)


def read_certificates(sections: Sequence[Section], loose: Loose) -> list[Certificate]:
    """Read certificates: name, issuer, date."""
    certificates: list[Certificate] = []
    for entry, head in _entries(sections):
        if not head.segments:
            _loosen(entry, loose)
            continue
        name, rest = _named(head.segments)
        certificate = Certificate(name=name.text)
        note(certificate, "name", name.lines, 0.8)
        if rest:
            set_value(certificate, "issuer", rest[0].text, rest[0].lines, 0.7)
        if head.period is not None:
            set_value(certificate, "date", head.period.start, head.period_lines, 0.85, quotation=head.period.raw)
            if head.period.is_range and head.period.end:
                set_value(certificate, "expires", head.period.end, head.period_lines, 0.8, quotation=head.period.raw)
        for url, lines in head.urls:
            set_value(certificate, "url", url, lines, 0.9)
        for segment in rest[1:]:
            loose(segment.text, segment.lines)
        for row in entry.body:
            loose(row.text, row.lines)
        certificates.append(certificate)
    return certificates


def read_awards(sections: Sequence[Section], loose: Loose) -> list[Award]:
    """Read awards: title, awarder, date, summary."""
    awards: list[Award] = []
    for entry, head in _entries(sections):
        if not head.segments:
            _loosen(entry, loose)
            continue
        name, rest = _named(head.segments)
        award = Award(title=name.text)
        note(award, "title", name.lines, 0.8)
        if rest:
            set_value(award, "awarder", rest[0].text, rest[0].lines, 0.7)
        if head.period is not None:
            set_value(award, "date", head.period.start, head.period_lines, 0.85, quotation=head.period.raw)
        text = joined([*(segment.text for segment in rest[1:]), *(visible_text(row.text) for row in entry.body)])
        lines = [*(line for segment in rest[1:] for line in segment.lines), *lines_of(entry.body)]
        set_value(award, "summary", text, lines, 0.75)
        awards.append(award)
    return awards


def read_publications(sections: Sequence[Section], loose: Loose) -> list[Publication]:
    """Read publications: name, publisher, date, summary."""
    publications: list[Publication] = []
    for entry, head in _entries(sections):
        if not head.segments:
            if text := joined(visible_text(row.text) for row in entry.rows):
                publication = Publication(name=text)
                note(publication, "name", lines_of(entry.rows), 0.5)
                publications.append(publication)
            continue
        name, rest = _named(head.segments)
        publication = Publication(name=name.text)
        note(publication, "name", name.lines, 0.75)
        if rest:
            set_value(publication, "publisher", rest[0].text, rest[0].lines, 0.6)
        if head.period is not None:
            set_value(publication, "date", head.period.start, head.period_lines, 0.85, quotation=head.period.raw)
        for url, lines in head.urls:
            set_value(publication, "url", url, lines, 0.9)
        text = joined([*(segment.text for segment in rest[1:]), *(visible_text(row.text) for row in entry.body)])
        lines = [*(line for segment in rest[1:] for line in segment.lines), *lines_of(entry.body)]
        set_value(publication, "summary", text, lines, 0.7)
        publications.append(publication)
    return publications


def _entries(sections: Sequence[Section]) -> list[tuple[Entry, Head]]:
    return [(entry, read_head(entry.head)) for section in sections for entry in split_entries(section.rows)]


def _named(segments: list[Segment]) -> tuple[Segment, list[Segment]]:
    """Return the name and the other segments; atoms cut off at commas of the first row are put back to the name."""
    name, rest = segments[0], segments[1:]
    match = _NAMED.match(name.text)
    name.text = match[1] if match else name.text
    return name, rest


def _loosen(entry: Entry, loose: Loose) -> None:
    for row in entry.rows:
        loose(row.text, row.lines)


def read_interests(sections: Sequence[Section]) -> list[Interest]:
    """Read interests: a list, or names with keywords behind a colon or below."""
    interests: list[Interest] = []
    for section in sections:
        for row in section.rows:
            text = visible_text(row.text)
            match = re.match(r"^([^:：,]{1,40})[:：]\s*(.+)$", text)
            named = match[1].strip() if match else ""
            keywords = split_list(match[2]) if match else []
            if named:
                interests.append(_interest(named, row, keywords))
            elif interests and _is_below(section.rows, row):
                interests[-1].keywords.extend(split_list(text))
                note(interests[-1], "keywords", row.lines, 0.7)
            else:
                pieces = split_list(row.text)
                interests.extend(_interest(piece.strip(" ."), row, []) for piece in pieces if piece.strip(" ."))
    return interests


def _interest(name: str, row: Row, keywords: list[str]) -> Interest:
    interest = Interest(name=name, keywords=keywords)
    note(interest, "name", row.lines, 0.8)
    return interest


def _is_below(rows: Sequence[Row], row: Row) -> bool:
    """Return whether a row is set in another look and further in than the first row, as keywords are."""
    first = rows[0]
    begin, edge = left(row), left(first)
    inner = begin is not None and edge is not None and begin > edge + 4
    smaller = row.look.size < first.look.size or (first.look.bold and not row.look.bold)
    return row is not first and (inner or smaller) and first.look != row.look


def read_references(sections: Sequence[Section]) -> list[Reference]:
    """Read references: what is said, and who says it."""
    references: list[Reference] = []
    for section in sections:
        entries = split_entries(section.rows)
        for entry in entries:
            head = [visible_text(row.text) for row in entry.head]
            body = joined(visible_text(row.text.replace("\t", " ")) for row in entry.body)
            reference = Reference()
            if head:
                set_value(reference, "name", joined(head), lines_of(entry.head), 0.6)
            set_value(reference, "text", body, lines_of(entry.body), 0.7)
            if reference.name and not reference.text:
                reference.text, reference.name = reference.name, ""
                reference.meta["text"] = reference.meta.pop("name")
            references.append(reference)
    return references


def read_custom(sections: Sequence[Section]) -> list[CustomSection]:
    """Keep other sections line by line under their own titles."""
    kept = []
    for section in sections:
        custom = CustomSection(title=section.title)
        if section.heading is not None:
            note(custom, "title", section.heading.lines, 0.8)
        for row in section.rows:
            custom.lines.append(line_item(visible_text(row.text.replace("\t", " ")), row.lines, 0.7))
        kept.append(custom)
    return kept


def holds_languages(section: Section) -> bool:
    """Return whether a section headed "Languages" lists languages that people speak, not programming languages."""
    texts = [piece for row in section.rows for piece in re.split(r"[\s,;:()|·•–—-]+", visible_text(row.text)) if piece]
    return not texts or any(is_language(piece) for piece in texts)
