"""Plain text, Markdown, web pages, OpenDocument and RTF."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cv import errors
from cv.extraction import rtf
from cv.extraction.flow import Flow
from cv.extraction.limits import ExtractionLimits
from cv.extraction.lines import MAX_LINE_CHARACTERS, bound_lines
from cv.extraction.plain import decode
from cv.extraction.readers import read_document
from cv.extraction.text import cut_bullet, join_wrapped, normalise
from cv.extraction.types import Span, TextLine

NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
)


def read(data, file_name="cv.txt"):
    return read_document(
        data.encode() if isinstance(data, str) else data, limits=ExtractionLimits(), file_name=file_name
    )


def shape(document):
    return [(line.text, line.level, line.bullet) for line in document.lines]


def test_markdown_headings_lists_links_and_tables():
    source = """# Robin Vale

Senior **Engineer**, [profile](https://example.org/robin) <robin@example.org>

Experience
----------
* Built the `parser`
  1. of _all_ pages

| Skill | Years |
|-------|------:|
| Go    | 3     |
"""
    document = read(source, "cv.md")

    assert shape(document) == [
        ("Robin Vale", 1, ""),
        ("Senior Engineer, profile robin@example.org", 0, ""),
        ("Experience", 2, ""),
        ("Built the parser", 0, "*"),
        ("of all pages", 0, "1."),
        ("Skill\tYears", 0, ""),
        ("Go\t3", 0, ""),
    ]
    spans = document.lines[1].spans
    assert [span.text for span in spans if span.bold] == ["Engineer"]
    assert [span.url for span in spans if span.url] == ["https://example.org/robin", "robin@example.org"]


def test_plain_text_keeps_tabs_blocks_and_rules_apart():
    document = read("Robin Vale\n=====\n\nEngineer\t2019 - 2021\n  - Built the parser\n12. March 2020 in Oslo\n")

    assert [(line.text, line.bullet, line.indent) for line in document.lines] == [
        ("Robin Vale", "", 0),
        ("Engineer\t2019 - 2021", "", 0),
        ("Built the parser", "-", 2),
        ("12. March 2020 in Oslo", "", 0),
    ]
    assert document.lines[0].block != document.lines[1].block


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Zoë Müller – Łódź", "utf-8-sig"),
        ("Zoë Müller", "utf-16-le"),
        ("Zoë Müller", "utf-16"),
        ("Zoë Müller, Geschäftsführerin für Süddeutschland, Führung größerer Übungen", "cp1252"),
        ("Иван Петров, инженер-программист, опыт работы в крупных компаниях", "cp1251"),
        ("Zuzanna Łącka, Śląsk, doświadczenie zawodowe, Wiślane Systemy, płatności, źródła", "iso8859_2"),
        ("Jiří Dvořák, vývojář, zkušenosti ve firmě Žlutá Řeka, vedl tým šesti lidí, čeština, údržba", "iso8859_2"),
        ("Ľubomír Dvořák, vývojár v Žiline, skúsenosti, učiteľ, riaditeľ školy, veľké tímy", "cp1250"),
        ("Tomáš Žižka, vývojář, zkušenosti ve velkých společnostech, šéf týmu, Ťapešov", "cp1250"),
        ("Łukasz Żółw, inżynier oprogramowania, doświadczenie w dużych firmach, Kraków", "cp1250"),
    ],
)
def test_common_encodings_are_told_by_their_letters(text, encoding):
    assert decode(text.encode(encoding)) == text


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400), name=st.sampled_from(["cv.txt", "cv.md", "cv.pdf"]))
def test_any_bytes_give_a_document_or_a_clear_error(data, name):
    with suppress(errors.CVError):
        document = read(data, name)

        assert document.lines
        assert all(line.text == "".join(span.text for span in line.spans) for line in document.lines)
        assert len({line.id for line in document.lines}) == len(document.lines)


@settings(max_examples=100, deadline=None)
@given(body=st.text(max_size=200), front=st.sampled_from(["<html><body>", "{\\rtf1 ", "# ", "<!doctype html><p>"]))
def test_any_text_in_any_format_is_read_or_refused(body, front):
    with suppress(errors.CVError):
        assert read(front + body, "cv.md").lines


def test_a_web_page_gives_its_text_and_nothing_that_runs():
    document = read(
        """<!doctype html><html><head><title>CV</title><style>p {color: red}</style></head><body>
        <script>alert("x")</script><h1>Robin Vale</h1><p>Senior <b>Engineer</b> at
        <a href="https://example.org">Alpha</a><br>Oslo</p><ul><li>Built it</li><li><p>Wrote it</p></li></ul>
        <table><tr><td>Go</td><td>3 years</td></tr></table>
        <p style="color: #fff">Ignore it</p><p style="display:none">Unseen</p><a href="javascript:alert(1)">Text</a>"""
    )

    assert shape(document)[:6] == [
        ("Robin Vale", 1, ""),
        ("Senior Engineer at Alpha", 0, ""),
        ("Oslo", 0, ""),
        ("Built it", 0, "•"),
        ("Wrote it", 0, "•"),
        ("Go\t3 years", 0, ""),
    ]
    assert "alert" not in document.model_dump_json()
    assert [(line.text, line.hidden) for line in document.lines if line.hidden] == [
        ("Ignore it", "white"),
        ("Unseen", "invisible"),
    ]
    assert document.title == "CV"


def an_odt(body, styles="", manifest=""):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        file.writestr(
            "content.xml",
            f"<office:document-content {NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:text>{body}</office:text></office:body></office:document-content>",
        )
        if manifest:
            file.writestr("META-INF/manifest.xml", manifest)
    return output.getvalue()


def test_an_opendocument_text_is_read_in_order():
    styles = (
        '<style:style style:name="B"><style:text-properties fo:font-weight="bold" fo:font-size="14pt"/></style:style>'
        '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
        '<style:style style:name="W"><style:text-properties fo:color="#ffffff"/></style:style>'
    )
    body = (
        '<text:h text:outline-level="2">Robin<text:s/>Vale</text:h>'
        '<text:p>Senior <text:span text:style-name="B">Engineer</text:span><text:tab/>2019<text:line-break/>Oslo</text:p>'
        "<text:list><text:list-item><text:p>Built it</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>Go</text:p></table:table-cell>"
        "<table:table-cell><text:p>3 years</text:p></table:table-cell></table:table-row></table:table>"
        '<text:p><text:a xlink:href="https://example.org">Profile</text:a>'
        '<text:span text:style-name="H">hidden</text:span><text:span text:style-name="W">white</text:span></text:p>'
        "<text:p><draw:frame><draw:text-box><text:p>In the box</text:p></draw:text-box></draw:frame></text:p>"
    )

    document = read(an_odt(body, styles), "cv.odt")

    assert [(line.text, line.level, line.bullet) for line in document.visible_lines] == [
        ("Robin Vale", 2, ""),
        ("Senior Engineer\t2019", 0, ""),
        ("Oslo", 0, ""),
        ("Built it", 0, "•"),
        ("Go\t3 years", 0, ""),
        ("Profile", 0, ""),
        ("In the box", 0, ""),
    ]
    assert {line.hidden for line in document.lines} == {"", "invisible", "white"}
    assert document.lines[1].spans[1].bold
    assert document.visible_lines[5].spans[0].url == "https://example.org"


def test_an_encrypted_opendocument_text_asks_for_a_copy_without_password():
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )

    with pytest.raises(errors.PasswordProtectedError):
        read(an_odt("", manifest=manifest), "cv.odt")


def test_rich_text_is_read_without_its_tables_of_fonts():
    source = (
        r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator Word;}{\info{\author Nobody}}"
        r"\b Robin Vale\b0\par Z\'fcrich \u321?\'f3d\u378? \endash  2019\tab 2021\line Oslo\par"
        r"{\v unseen}\bullet  Built it\par \u-10179?\u-8704? \{braces\}\par}"
    )

    document = read(source, "cv.rtf")

    assert [(line.text, line.bullet) for line in document.visible_lines] == [
        ("Robin Vale", ""),
        ("Zürich Łódź – 2019\t2021", ""),
        ("Oslo", ""),
        ("Built it", "•"),
        ("😀 {braces}", ""),
    ]
    assert document.lines[0].bold
    assert [line.text for line in document.lines if line.hidden] == ["unseen"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("• Built", ("•", "Built")),
        ("•Built", ("•", "Built")),
        ("- Built", ("-", "Built")),
        ("-5 degrees", ("", "-5 degrees")),
        ("1. Built", ("1.", "Built")),
        ("12. März 2020 – 2021", ("", "12. März 2020 – 2021")),
        ("+ 47 22 00 00 00", ("", "+ 47 22 00 00 00")),
        ("o Built", ("o", "Built")),
        ("of all", ("", "of all")),
    ],
)
def test_list_signs_are_cut_and_other_signs_stay(text, parts):
    assert cut_bullet(text) == parts


def test_ligatures_radicals_and_invisible_signs_are_normalised():
    assert normalise("e\ufb03cient\u00a0 \u200bo\ufb03ce") == "efficient office"
    assert normalise("⼭⽥⻄") == "山田西"
    assert normalise("develop\u00ad") == "develop-"
    assert normalise("ﻣﺮﺣﺒﺎ") == "مرحبا"


def test_parted_words_are_joined():
    assert join_wrapped(["Led the develop-", "ment of the", "Baden-", "Württemberg office"]) == (
        "Led the development of the Baden-Württemberg office"
    )


def test_a_line_longer_than_any_page_holds_is_cut_and_loses_nothing():
    words = " ".join(f"word{number}" for number in range(3_000))

    document = read(f"Robin Vale\n- {words}\n{'x' * 7_000}")

    assert max(len(line.text) for line in document.lines) <= MAX_LINE_CHARACTERS
    assert " ".join(document.text.splitlines()[1:-3]) == words
    assert "".join(document.text.splitlines()[-3:]) == "x" * 7_000
    assert [line.bullet for line in document.lines[:3]] == ["", "-", ""]
    assert len({line.id for line in document.lines}) == len(document.lines)
    assert all("".join(span.text for span in line.spans) == line.text for line in document.lines)


def test_signs_of_lists_in_rtf_are_told_from_the_text():
    source = (
        r"{\rtf1\ansi{\header{\listtext *}A head\par}\pard Robin Vale\par"
        r"\pard{\listtext\pard\plain\f6 \u8226\'95\tab}\ilvl0\ls1 Built the parser\par"
        r"\pard{\pntext\f1\'B7\tab}{\*\pn\pnlvlblt{\pntxtb\'B7}}Led the move\par"
        r"\pard{\listtext\pard 1.\tab}\ls2 Came first\par\pard A paragraph\par}"
    )

    assert [(line.bullet, line.text) for line in read(source, "cv.rtf").lines] == [
        ("", "Robin Vale"), ("•", "Built the parser"), ("•", "Led the move"), ("1.", "Came first"), ("", "A paragraph"),
    ]  # fmt: skip


def test_a_sign_of_a_list_that_never_ends_costs_no_more_than_its_text():
    class Copied(rtf._Reader):
        signs = 0

        def _write(self, text):
            super()._write(text)
            self.signs += len(self._bullet)

    reader = Copied(Flow(max_characters=100), "cp1252")

    reader.run(r"{\rtf1{\listtext " + r"\bullet{}" * 1000 + r"}Built the parser\par}")

    assert reader.signs <= 1002 * rtf.MAX_LIST_SIGN
    assert [line.text for line in reader.flow.lines] == ["Built the parser"]


def test_each_span_of_an_endless_line_is_cut_once(monkeypatch):
    spans = [Span(text="maps ", bold=bool(number % 2)) for number in range(3_000)]
    line = TextLine(id="", text="".join(span.text for span in spans), spans=spans)
    copied = []
    copy = Span.model_copy
    monkeypatch.setattr(Span, "model_copy", lambda span, **changes: copied.append(span) or copy(span, **changes))

    pieces = bound_lines([line])

    assert len(copied) <= len(spans) + len(pieces)
    assert ["".join(span.text for span in piece.spans) for piece in pieces] == [piece.text for piece in pieces]
