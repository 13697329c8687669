"""Letters as files."""

import datetime
import io

import docx
import pypdfium2
import pytest

from cv.export.letters import LetterDocument, letter_to_docx, letter_to_pdf, letter_to_text
from cv.resume import Location, PartialDate, Person

LETTER = LetterDocument(
    sender=Person(
        name="Zofia Wiśniewska",
        email="zofia@example.org",
        phone="+1 202-555-0111",
        location=Location(text="Gdańsk"),
        birth_date=PartialDate(year=1990),
        nationality="Polish",
    ),
    recipient=("Alpha GmbH", "Ms Example\nHauptstraße 1"),
    date=datetime.date(2026, 3, 5),
    subject="Application: Tester #42 <b>",
    paragraphs=("Dear Ms Example,", "I test #things with $care$ and \\ease.", "Kind regards\nZofia Wiśniewska"),
)
PARTS = [
    "Zofia Wiśniewska", "zofia@example.org", "+1 202-555-0111", "Gdańsk", "Alpha GmbH", "Ms Example", "Hauptstraße 1", "5 March 2026",
    "Application: Tester #42 <b>", "Dear Ms Example,", "I test #things with $care$ and \\ease.", "Kind regards",
]  # fmt: skip


def _pdf_text(letter: LetterDocument) -> str:
    with pypdfium2.PdfDocument(letter_to_pdf(letter)) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def _docx_text(letter: LetterDocument) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(letter_to_docx(letter))).paragraphs)


@pytest.mark.parametrize("write", [_pdf_text, _docx_text, letter_to_text])
def test_letter_holds_its_parts_in_order(write):
    text = write(LETTER)

    places = [text.index(part) for part in PARTS]
    assert places == sorted(places)


@pytest.mark.parametrize("write", [_pdf_text, _docx_text, letter_to_text])
def test_letter_tells_no_birth_date_or_nationality(write):
    text = write(LETTER)

    assert "1990" not in text
    assert "Polish" not in text


@pytest.mark.parametrize("write", [_pdf_text, _docx_text, letter_to_text])
def test_letter_needs_no_more_than_its_paragraphs(write):
    assert write(LetterDocument(sender=Person(), paragraphs=("Hello.",), language="")).strip() == "Hello."


def test_line_breaks_in_a_paragraph_are_kept():
    assert "Kind regards\nZofia" in letter_to_text(LETTER)
    assert "Kind regards\nZofia" in _docx_text(LETTER)


def test_text_is_wrapped_between_words():
    letter = LetterDocument(sender=Person(), paragraphs=("word " * 60,))

    lines = letter_to_text(letter).splitlines()

    assert max(map(len, lines)) <= 78
    assert " ".join(lines).split() == ["word"] * 60


@pytest.mark.parametrize(
    ("language", "expected"), [("de", "5. März 2026"), ("es", "5 de marzo de 2026"), ("ja", "2026年3月5日")]
)
def test_date_follows_the_language(language, expected):
    letter = LetterDocument(
        sender=Person(), date=datetime.date(2026, 3, 5), paragraphs=("Guten Tag,",), language=language
    )

    assert expected in _pdf_text(letter)
