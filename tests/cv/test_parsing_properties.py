import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cv.extraction.types import ExtractedDocument, Page, Span, TextLine
from cv.json_resume import to_json_resume
from cv.parsing.rules import read_sections
from cv.parsing.sections import make_sections
from cv.resume import Resume

PIECES = [
    "Experience", "EDUCATION", "Skills", "Kenntnisse", "Formation", "Ausbildung", "職務経歴", "المهارات", "Languages", "Projects",
    "Software Engineer", "Acme GmbH", "Senior Developer, Example Ltd", "2019 – 2021", "Mar 2018 - present", "05/2016", "Berlin",
    "B.Sc. Physics, Example University", "Python, Go, SQL", "Databases: PostgreSQL (9, 10), Redis", "English (C1)", "jo@example.org",
    "+1 202-555-0143", "https://example.org/jo", "Led a team of five people who rebuilt the billing system.", "Jo Doe", "1/2", "•", "|",
    "Lists | with · signs — and (brackets", "a\tb\tc", "Certificate of Something, 2020", "Award for Something by Somebody",
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(PIECES), st.text(min_size=1, max_size=60))


@st.composite
def lines(draw: st.DrawFn, number: int) -> TextLine:
    text = draw(TEXTS)
    size = draw(st.sampled_from([8.0, 10.0, 10.0, 14.0, 22.0]))
    left, top = draw(st.integers(0, 500)), draw(st.integers(0, 800))
    box = (left, top, left + len(text) * size / 2, top + size) if draw(st.booleans()) else None
    return TextLine(
        id=f"p1l{number}",
        page=draw(st.integers(1, 2)),
        box=box,
        text=text,
        spans=[Span(text=text, size=size if box else 0, bold=draw(st.booleans()))] if draw(st.booleans()) else [],
        block=draw(st.integers(0, 5)),
        column=draw(st.integers(0, 1)),
        bullet=draw(st.sampled_from(["", "", "•"])),
        level=draw(st.sampled_from([0, 0, 0, 2])),
        hidden=draw(st.sampled_from(["", "", "", "", "white"])),
    )


@st.composite
def documents(draw: st.DrawFn) -> ExtractedDocument:
    count = draw(st.integers(0, 14))
    pages = [Page(number=number, width=600, height=850) for number in (1, 2)]
    return ExtractedDocument(media_type="text/plain", pages=pages, lines=[draw(lines(n)) for n in range(1, count + 1)])


def _read(document: ExtractedDocument) -> Resume:
    return read_sections(document, make_sections(document))


def _words(text: str) -> list[str]:
    """Return the words that must be kept as text; "present" becomes a flag."""
    return [word for word in re.findall(r"[A-Za-z]{5,}", text) if word != "present"]


def _values(value: object) -> Iterator[str]:
    """Yield every text of a dumped résumé but those that only say where a value stands."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in {"meta", "id", "section_order"}:
                yield from _values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_any_lines_become_a_resume_whose_sources_exist(document):
    visible = {line.id for line in document.visible_lines}

    resume = _read(document)

    for item in resume.items():
        assert item.id
        for name, meta in item.meta.items():
            assert name in type(item).model_fields
            assert meta.source is not None
            assert set(meta.source.line_ids) <= visible
    assert Resume.model_validate(resume.model_dump()) == resume
    assert to_json_resume(resume)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_no_visible_word_is_lost_and_no_hidden_one_is_read(document):
    resume = _read(document)

    headings = [section.heading.text for section in make_sections(document) if section.heading is not None]
    kept = " ".join([*_values(resume.model_dump()), *headings]).casefold()
    for line in document.visible_lines:
        if line.text in PIECES:
            missing = [word for word in _words(line.text) if word.casefold() not in kept]
            assert not missing
    hidden = {line.id for line in document.lines if line.hidden}
    cited = {
        line_id
        for item in resume.items()
        for meta in item.meta.values()
        if meta.source
        for line_id in meta.source.line_ids
    }
    assert not cited & hidden


@pytest.mark.parametrize(
    "text", ["", " ", "\t", "•", "—", "٢", "⽊", "\ufffd", "a" * 5000, "1 " * 500, "(" * 300, "2019" * 100]
)
def test_odd_single_lines_are_read(text):
    document = ExtractedDocument(media_type="text/plain", lines=[TextLine(id="p1l1", text=text)])

    assert isinstance(_read(document), Resume)
