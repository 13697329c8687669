"""Whatever bytes arrive, there is a document or a clear error, and never anything else."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cv import errors
from cv.extraction import extract, sniffing
from cv.extraction.limits import ExtractionLimits
from cv.extraction.pdf.chars import hex_color
from cv.extraction.readers import read_document
from cv.extraction.rendering import render_in_process
from tests.cv.pdf_files import make_pdf, text_at

SOUND = make_pdf(
    [text_at(50, 780, "Robin Vale", size=20, bold=True), text_at(50, 750, "Built the parser"), "10 10 50 50 re f"],
    links=[((45, 745, 150, 765), "https://example.org")],
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_pdf_is_read_in_part_or_refused(data):
    file = bytearray(SOUND)
    for _ in range(data.draw(st.integers(1, 12))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))

    with suppress(errors.CVError):
        document = read_document(bytes(file), limits=ExtractionLimits())
        assert document.lines or document.unread_pages


@settings(max_examples=40, deadline=None)
@given(end=st.integers(0, len(SOUND)))
def test_a_pdf_cut_anywhere_is_read_in_part_or_refused(end):
    with suppress(errors.CVError):
        document = read_document(SOUND[:end], limits=ExtractionLimits())
        assert document.lines or document.unread_pages


@settings(max_examples=4, deadline=None)
@given(data=st.binary(max_size=200), front=st.sampled_from([b"%PDF-1.7\n", b"PK\x03\x04", b"{\\rtf", b""]))
def test_the_child_never_takes_the_caller_down(data, front):
    with suppress(errors.CVError):
        assert extract(front + data).lines


def test_a_type_is_told_at_once_whatever_the_file_begins_with():
    # Told in the caller's own process; a pattern that tries every way to cut the comments up would never end.
    assert sniffing.sniff_media_type(b"<!---->" * 500 + b"<p>") == sniffing.PLAIN
    assert sniffing.sniff_media_type(b"<?xml?>" * 250 + b"<!-- a --> " * 100 + b"<html>") == sniffing.HTML


def test_a_zip_of_very_many_members_is_refused_before_its_directory_is_unpacked():
    with pytest.raises(errors.DocumentTooLargeError):
        sniffing.sniff_media_type(b"PK\x03\x04" + b"PK\x01\x02".ljust(46, b"\0") * 400_000)


def test_only_the_first_pages_of_a_long_file_are_read():
    pages = [[text_at(50, 700, f"Line of page {number}")] for number in range(1, 6)]

    document = read_document(make_pdf(*pages), limits=ExtractionLimits(max_pages=2))

    assert [line.page for line in document.lines] == [1, 2]
    assert document.warnings == ["Only the first 2 of 5 pages were read."]


def test_reading_stops_at_the_limit_of_characters():
    pages = [[text_at(50, 700, "Built the parser")] for _ in range(5)]

    document = read_document(make_pdf(*pages), limits=ExtractionLimits(max_characters=20))

    assert len(document.lines) == 2
    assert "very long" in document.warnings[0]


def test_a_page_that_is_a_picture_is_named():
    picture = "q 595 0 0 842 0 0 cm BI /W 2 /H 1 /CS /G /BPC 8 ID z  EI Q"

    document = read_document(make_pdf([text_at(50, 700, "Robin Vale")], [picture]), limits=ExtractionLimits())

    assert document.unread_pages == [2]
    assert document.warnings == ["Page 2 is a picture, and its text was not read."]


def test_pages_without_letters_wait_for_recognition_unless_they_are_blank():
    blank = "q 595 0 0 842 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID z EI Q"
    unknown = "BT /F0 10 Tf 50 700 Td <818D8F909D818D8F909D> Tj ET"

    with pytest.raises(errors.NoTextError, match="scan"):
        read_document(make_pdf([blank]), limits=ExtractionLimits())
    document = read_document(make_pdf([unknown]), limits=ExtractionLimits())

    assert (document.unread_pages, document.lines) == ([1], [])
    assert "font" in document.warnings[0]


def test_a_file_without_its_table_of_objects_is_put_in_order():
    cut = SOUND[: SOUND.rindex(b"xref\n0")]

    document = read_document(cut, limits=ExtractionLimits())

    assert "Robin Vale" in document.text
    assert "cut off" in document.warnings[0]


def test_metadata_is_read_as_text():
    info = make_pdf([text_at(50, 700, "Robin Vale")])
    info = info.replace(b"/Root 1 0 R", b"/Root 1 0 R /Info << /Title (A CV) /Author <FEFF00520056> >>")

    document = read_document(info, limits=ExtractionLimits())

    assert (document.title, document.author) == ("A CV", "RV")


def test_rendering_refuses_what_has_no_such_page():
    with pytest.raises(errors.CVError, match="no page 2"):
        render_in_process(SOUND, number=2, width=100)
    with pytest.raises(errors.UnsupportedFormatError):
        render_in_process(b"plain text", number=1, width=100)
    with pytest.raises(errors.UnreadableDocumentError):
        render_in_process(b"%PDF-1.7 nothing", number=1, width=100)


@pytest.mark.parametrize(
    ("components", "color"),
    [
        (0, "#000000"),
        (1.0, "#ffffff"),
        ((1, 0, 0), "#ff0000"),
        ((0, 0, 0, 1), "#000000"),
        ("P1", ""),
        (None, ""),
        ((1, 2), ""),
    ],
)
def test_pdf_colours_become_hexadecimal(components, color):
    assert hex_color(components) == color
