"""Any file goes in; a document or a clear error comes out."""

import io

import docx
import pytest

from cv import errors
from cv.extraction import extract
from cv.extraction.limits import ExtractionLimits
from cv.extraction.readers import read_document
from cv.extraction.rendering import render_page
from tests.cv.pdf_files import make_pdf, text_at

CV_TEXT = "Robin Vale\nrobin.vale@example.org\n\n• Built the parser\n"


def a_docx() -> bytes:
    document = docx.Document()
    document.add_heading("Robin Vale", 1)
    document.add_paragraph("Built the parser", style="List Bullet")
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def a_pdf(**more) -> bytes:
    return make_pdf([text_at(50, 780, "Robin Vale", size=20, bold=True), text_at(50, 750, "Built the parser")], **more)


@pytest.mark.parametrize(
    ("data", "file_name"),
    [
        (a_pdf(), "cv.pdf"),
        (a_docx(), "cv.docx"),
        (CV_TEXT.encode(), "cv.txt"),
        (f"# {CV_TEXT}".encode(), "cv.md"),
        (a_pdf(), "cv.docx"),
        (CV_TEXT.encode("utf-16"), "cv.pdf"),
        (a_pdf(password=""), "cv.pdf"),
    ],
    ids=["pdf", "docx", "txt", "markdown", "pdf named docx", "utf-16 text named pdf", "pdf with empty password"],
)
def test_every_format_gives_lines_with_ids(data, file_name):
    document = read_document(data, limits=ExtractionLimits(), file_name=file_name)

    assert document.lines[0].text == "Robin Vale"
    assert document.lines[-1].text == "Built the parser"
    assert len({line.id for line in document.lines}) == len(document.lines)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", errors.EmptyDocumentError),
        (b" \n\x00", errors.EmptyDocumentError),
        (b"\x89PNG\r\n\x1a\n....", errors.UnreadableDocumentError),
        (b"\x00\x00\x00\x18ftypheic....", errors.UnsupportedFormatError),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, errors.UnsupportedFormatError),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x01\x02", errors.UnsupportedFormatError),
        (make_pdf(), errors.EmptyDocumentError),
        (make_pdf([]), errors.NoTextError),
        (a_docx()[:400], errors.UnreadableDocumentError),
        (b"%PDF-1.7\nnothing of the kind", errors.UnreadableDocumentError),
        (a_pdf()[:300], errors.UnreadableDocumentError),
        (a_pdf(password="spring"), errors.PasswordProtectedError),
    ],
    ids=[
        "nothing",
        "blanks",
        "damaged picture",
        "picture of another kind",
        "old Word",
        "program",
        "no page",
        "blank page",
        "cut DOCX",
        "no PDF inside",
        "cut PDF",
        "password",
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data, error):
    with pytest.raises(error) as caught:
        read_document(data, limits=ExtractionLimits(), file_name="cv.pdf")

    assert type(caught.value) is error
    assert caught.value.user_message


def test_the_child_process_reads_as_this_one_does():
    document = extract(a_pdf(), file_name="cv.pdf")

    assert document == read_document(a_pdf(), limits=ExtractionLimits())


def test_an_error_of_the_child_arrives_with_its_class_and_words():
    with pytest.raises(errors.PasswordProtectedError, match="password"):
        extract(a_pdf(password="spring"))


def test_a_file_over_the_limit_is_refused_before_it_is_read(settings):
    settings.EXTRACTION_LIMITS = {**settings.EXTRACTION_LIMITS, "max_bytes": 10}

    with pytest.raises(errors.DocumentTooLargeError):
        extract(a_pdf())


def test_a_reader_that_takes_too_long_is_ended(settings):
    settings.EXTRACTION_LIMITS = {**settings.EXTRACTION_LIMITS, "max_characters": 10**9, "timeout_seconds": 1}

    with pytest.raises(errors.DocumentTooLargeError, match="too long"):
        extract(make_pdf([text_at(50, 700, "Robin Vale")] * 60_000))


def test_a_reader_that_takes_too_much_memory_is_ended(settings):
    settings.EXTRACTION_LIMITS = {**settings.EXTRACTION_LIMITS, "memory_bytes": 300 * 1024 * 1024}

    with pytest.raises(errors.DocumentTooLargeError):
        extract(make_pdf([text_at(50, 700, "Robin Vale"), " " * 120_000_000], compress=True))


def test_a_page_is_rendered_as_a_png_of_the_asked_width():
    from PIL import Image

    picture = Image.open(io.BytesIO(render_page(a_pdf(), 1, width=300)))

    assert picture.width == 300
    assert abs(picture.height / 300 - 842 / 595) < 0.01
