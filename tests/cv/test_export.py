"""Exports hold every value of a résumé, print hostile text as text, and have the form that programs read."""

import io
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

import docx
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from cv.errors import MissingGlyphsError
from cv.export import Layout, to_docx, to_pdf
from cv.export.text import link_target, printable, shown_url
from cv.export.wording import WORDINGS, worded_date, worded_span, wording_for
from cv.resume import (
    Award,
    CEFRLevel,
    Certificate,
    CustomSection,
    Education,
    Employer,
    Interest,
    Language,
    Line,
    Location,
    PartialDate,
    Person,
    Position,
    Profile,
    Project,
    Publication,
    Reference,
    Resume,
    Skill,
    SkillGroup,
    Volunteering,
)

NOT_PRINTED = {"id", "meta", "unassigned", "section_order", "language", "raw", "cefr", "country_code"}
NASTY = [
    "#evil[x]", "$a^2$ \\frac", "<b>&amp;</b>", "\"double\" and 'single'", "*bold* _it_ `code` @ref", "a\\b\\", "{{ x }} {% y %}",
    "= Heading", "- dash -- and --- more", "http://example.org/x#y", "// comment", "#import \"x\"", "[[link]]", "100 % & more ~ $",
]  # fmt: skip


def _full() -> Resume:
    """Return a résumé with every field set, each text different."""
    date = PartialDate
    return Resume(
        person=Person(
            name="Zofia Wiśniewska",
            headline="Head of Testing",
            email="zofia@example.org",
            phone="+1 202-555-0111",
            url="https://zofia.example.org",
            summary="First paragraph.\nSecond paragraph.",
            location=Location(text="Gdańsk, Poland", city="Gdańsk", country_code="PL"),
            profiles=[Profile(network="GitHub", username="zofia-w", url="https://github.com/zofia-w")],
            birth_date=date(year=1990, month=4, day=2),
            nationality="Polish",
        ),
        employers=[
            Employer(
                name="Alpha GmbH",
                url="https://alpha.example.org",
                location="Berlin",
                description="Makers of alpha.",
                positions=[
                    Position(
                        title="Head",
                        location="Hamburg",
                        summary="Ran it.",
                        start=date(year=2020, month=3),
                        current=True,
                        highlights=[Line(text="Grew revenue by 12 %."), Line(text="Hired nine people.")],
                    ),
                    Position(title="Tester", start=date(year=2017, month=1), end=date(year=2020, month=2)),
                ],
            )
        ],
        projects=[
            Project(
                name="Kite",
                description="A kite.",
                entity="Open Air",
                kind="application",
                url="https://kite.example.org",
                roles=["Maintainer"],
                keywords=["Rust", "Wind"],
                highlights=[Line(text="Flew high.")],
                start=date(year=2018),
            )
        ],
        education=[
            Education(
                institution="University of Łódź",
                degree="MSc",
                area="Mathematics",
                score="4.9",
                location="Łódź",
                url="https://uni.example.org",
                courses=[Line(text="Topology"), Line(text="Logic")],
                highlights=[Line(text="Thesis on knots.")],
                end=date(year=2016),
            )
        ],
        skills=[SkillGroup(name="Tools", level="expert", skills=[Skill(name="pytest", level="daily")])],
        languages=[Language(name="Polish", fluency="mother tongue", cefr=CEFRLevel.NATIVE)],
        certificates=[
            Certificate(
                name="ISTQB",
                issuer="GTB",
                date=date(year=2019, month=5),
                expires=date(year=2029, month=6),
                url="https://istqb.example.org",
            )
        ],
        publications=[Publication(name="On Knots", publisher="Knot Press", date=date(year=2015), summary="Of knots.")],
        awards=[Award(title="Best Tester", awarder="Guild", date=date(year=2021, month=7), summary="For tests.")],
        volunteering=[Volunteering(organization="Food Bank", title="Driver", summary="Drove.", url="https://fb.example.org")],
        interests=[Interest(name="Chess", keywords=["blitz"]), Interest(name="Tea")],
        references=[Reference(name="Dr. Ref", text="A fine tester.")],
        custom=[CustomSection(title="Patents", lines=[Line(text="A knot that tests itself.")])],
        unassigned=[Line(text="zzz left over")],
    ).assign_ids()  # fmt: skip


def _values(value: object, name: str = "") -> Iterator[str]:
    if name in NOT_PRINTED:
        return
    if isinstance(value, PartialDate):
        yield worded_date(value, WORDINGS["en"])
    elif isinstance(value, BaseModel):
        for field in type(value).model_fields:
            yield from _values(getattr(value, field), field)
    elif isinstance(value, list):
        for element in value:
            yield from _values(element)
    elif isinstance(value, str) and value:
        yield from (shown_url(value),) if name == "url" else value.splitlines()


def _squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).replace("\ufffe", "-").casefold().split())


def pdf_text(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def docx_text(data: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs)


WRITERS = [pytest.param(to_pdf, pdf_text, id="pdf"), pytest.param(to_docx, docx_text, id="docx")]


@pytest.mark.parametrize(("write", "read"), WRITERS)
def test_every_value_is_in_the_document(write, read):
    resume = _full()

    text = _squeezed(read(write(resume)))

    missing = [value for value in _values(resume) if _squeezed(value) not in text]
    assert missing == []


@pytest.mark.parametrize(("write", "read"), WRITERS)
def test_unassigned_lines_are_in_no_document(write, read):
    assert "left over" not in read(write(_full()))


@pytest.mark.parametrize(("write", "read"), WRITERS)
def test_sections_follow_the_order_of_the_resume(write, read):
    resume = _full()
    resume.section_order = ["skills", "education", "unknown", "summary"]

    text = read(write(resume))

    places = [text.index(title) for title in ("pytest", "Mathematics", "First paragraph", "Alpha GmbH", "Patents")]
    assert places == sorted(places)


@pytest.mark.parametrize(("write", "read"), WRITERS)
@pytest.mark.parametrize("text", NASTY)
def test_markup_in_a_value_is_printed_as_it_is(write, read, text):
    resume = Resume(
        person=Person(name=text, summary=text, url=text, email=text),
        employers=[Employer(name=text, positions=[Position(title=text, highlights=[Line(text=text)])])],
    )

    assert _squeezed(read(write(resume))).count(_squeezed(text)) >= 4


@pytest.mark.parametrize(("write", "read"), WRITERS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_can_be_exported(write, read, text):
    resume = Resume(
        person=Person(name=f"Name {text}", url=text, phone=text, location=Location(text=text)),
        employers=[Employer(name=text, url=text, positions=[Position(title=text, highlights=[Line(text=text)])])],
        skills=[SkillGroup(name=text, skills=[Skill(name=text)])],
        custom=[CustomSection(title=text, lines=[Line(text=text)])],
        language=text[:5],
    )

    try:
        data = write(resume)
    except MissingGlyphsError as error:
        assert set(error.characters) <= set(text)  # noqa: PT017 - whether it is raised depends on the machine's fonts
        data = to_pdf(resume, Layout(drop_missing=True))

    assert "Name" in read(data)


@pytest.mark.parametrize(
    "text",
    [
        "Łódź Žižkov Müller ẞ",
        "Ελληνικά",
        "Кириллица",
        "山田太郎 東京 カタカナ",
        "한국어 이력서",
        "简体中文",
        "ภาษา",
        "📞 ✓ 🎉",
    ],
)
def test_letters_of_other_scripts_stay_in_the_text_of_the_pdf(text):
    data = to_pdf(Resume(person=Person(name=text, summary=text)))

    assert _squeezed(pdf_text(data)).count(_squeezed(text)) == 2


def test_a_word_longer_than_a_line_stays_on_the_page():
    word = "https://example.org/" + "abcdefghij" * 20

    with pypdfium2.PdfDocument(to_pdf(Resume(person=Person(summary=word)))) as document:
        page = document[0].get_textpage()
        right = max(page.get_charbox(index)[2] for index in range(page.count_chars()))
        text = page.get_text_range()

    assert right < 210 / 25.4 * 72 - 50
    assert _squeezed(text).count(word) == 1


def test_pdf_is_tagged_and_its_links_work():
    data = to_pdf(_full())

    with pypdfium2.PdfDocument(data) as document:
        assert document.get_metadata_value("Title") == "Zofia Wiśniewska"
    assert b"/MarkInfo" in data
    for address in (b"mailto:zofia@example.org", b"https://github.com/zofia-w", b"tel:+12025550111"):
        assert address in data


@pytest.mark.parametrize("name", ["", "Zofia"])
def test_pdf_claims_accessibility_with_and_without_a_name(name):
    resume = _full()
    resume.person.name = name

    assert b"pdfuaid:part" in to_pdf(resume)


def test_pdf_of_the_same_resume_has_the_same_bytes():
    assert to_pdf(_full()) == to_pdf(_full())


def test_pages_are_numbered_from_the_second_on():
    resume = _full()
    resume.custom[0].lines = [Line(text=f"Line number {number} of a long list.") for number in range(150)]

    with pypdfium2.PdfDocument(to_pdf(resume)) as document:
        pages = [page.get_textpage().get_text_range() for page in document]

    assert len(pages) == 4
    assert "1 / 4" not in pages[0]
    assert [f"{number} / 4" in page for number, page in enumerate(pages[1:], 2)] == [True] * 3


def test_pdf_reads_from_top_to_bottom():
    text = pdf_text(to_pdf(_full()))

    marks = ["Zofia", "zofia@", "First paragraph", "Alpha GmbH", "Head", "Grew revenue", "Tester", "Kite", "MSc"]
    places = [text.index(mark) for mark in marks[:4]]
    places += [text.index(mark, places[-1]) for mark in marks[4:]]
    assert all(before < after for before, after in pairwise(places))


def test_docx_uses_words_own_styles_and_links():
    document = docx.Document(io.BytesIO(to_docx(_full())))

    styles = {paragraph.text.split("\t")[0]: paragraph.style.name for paragraph in document.paragraphs}
    assert styles["Zofia Wiśniewska"] == "Title"
    assert styles["Experience"] == "Heading 1"
    assert styles["Alpha GmbH"] == "Heading 2"
    assert styles["Tester"] == "Heading 3"
    assert styles["Hired nine people."] == "List Bullet"
    targets = {relation.target_ref for relation in document.part.rels.values() if relation.is_external}
    assert "mailto:zofia@example.org" in targets
    assert document.core_properties.author == "Zofia Wiśniewska"


def test_document_speaks_the_language_of_the_resume():
    resume = _full()
    resume.language = "de-AT"

    text = pdf_text(to_pdf(resume))

    assert "Berufserfahrung" in text
    assert "März 2020 – heute" in text
    assert "2. Apr. 1990" in text


def test_empty_resume_can_be_exported():
    assert to_pdf(Resume()).startswith(b"%PDF")
    assert docx_text(to_docx(Resume())) == ""


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Position(start=PartialDate(year=2019, month=3), current=True), "Mar 2019 – Present"),
        (Position(start=PartialDate(year=2017), end=PartialDate(year=2019)), "2017 – 2019"),
        (Position(start=PartialDate(year=2017), end=PartialDate(year=2017)), "2017"),
        (Position(end=PartialDate(year=2017, month=12, day=5)), "5 Dec 2017"),
        (Position(start=PartialDate(year=2017, month=1)), "Jan 2017"),
        (Position(), ""),
    ],
)
def test_spans_are_worded(item, expected):
    assert worded_span(item, wording_for("xx")) == expected


@pytest.mark.parametrize(
    ("language", "expected"), [("pl", "03.2019"), ("ja", "2019年3月"), ("fr", "mars 2019"), ("", "Mar 2019")]
)
def test_dates_follow_the_language(language, expected):
    assert worded_date(PartialDate(year=2019, month=3), wording_for(language)) == expected


@pytest.mark.parametrize("language", WORDINGS)
def test_every_wording_is_complete(language):
    words = WORDINGS[language]

    assert all(words.titles.values())
    assert {len(words.months), len(words.full_months)} <= {0, 12}


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("example.org/a", "https://example.org/a"),
        ("javascript:alert(1)", ""),
        ("JAVASCRIPT:alert(1)//.example.org", ""),
        ("data:text/html,x.y", ""),
        ("file:///etc/passwd", ""),
        ("just words", ""),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_only_web_mail_and_phone_addresses_become_links(url, target):
    assert link_target(url) == target


def test_printable_drops_what_has_no_printed_form():
    assert printable("a\x00b\x07 \ue000c\u202ed\n\ne\ufffe") == "ab cd e"
