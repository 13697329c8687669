"""Word documents are read as they are built: tables, boxes, lists, links, hidden runs."""

import io
import zipfile
from contextlib import suppress

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cv import errors
from cv.extraction.limits import ExtractionLimits
from cv.extraction.readers import read_document

BOX = (
    '<w:r {}><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    "<mc:Choice><w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:txbxContent></mc:Choice>"
    "<mc:Fallback><w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
    "</mc:AlternateContent></w:r>"
)


def read(document, limits=None):
    output = io.BytesIO()
    document.save(output)
    return read_document(output.getvalue(), limits=limits or ExtractionLimits(), file_name="cv.docx")


def texts(document):
    return [line.text for line in document.lines]


def test_headings_lists_and_breaks_are_told_apart():
    document = docx.Document()
    document.add_heading("Robin Vale", 0)
    document.add_heading("Experience", 2)
    document.add_paragraph("Built the parser", style="List Bullet")
    document.add_paragraph("Wrote the tests", style="List Number")
    document.add_paragraph("• Typed by hand")
    document.add_paragraph("Oslo").add_run().add_break()
    document.paragraphs[-1].add_run("Norway")

    lines = read(document).lines

    assert [(line.text, line.level, line.bullet) for line in lines] == [
        ("Robin Vale", 1, ""),
        ("Experience", 2, ""),
        ("Built the parser", 0, "•"),
        ("Wrote the tests", 0, "1."),
        ("Typed by hand", 0, "•"),
        ("Oslo", 0, ""),
        ("Norway", 0, ""),
    ]
    assert lines[-1].block == lines[-2].block != lines[-3].block


def test_looks_come_from_styles_and_runs():
    document = docx.Document()
    paragraph = document.add_paragraph("plain ")
    strong = paragraph.add_run("strong")
    strong.bold, strong.font.size, strong.font.name = True, Pt(14), "Lato"
    strong.font.color.rgb = RGBColor(0x20, 0x40, 0x60)

    spans = read(document).lines[0].spans

    assert [(span.text, span.bold) for span in spans] == [("plain ", False), ("strong", True)]
    assert (spans[1].size, spans[1].font, spans[1].color) == (14, "Lato", "#204060")
    assert spans[0].size > 0


def test_a_row_of_short_cells_is_one_line_and_two_long_cells_are_columns():
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "2019 - 2021", "Senior Engineer"
    table.cell(0, 1).add_paragraph("Alpha Works")
    table.cell(1, 0).text, table.cell(1, 1).text = "Skills", "Experience"
    table.cell(1, 0).add_paragraph("Python")
    table.cell(1, 1).add_paragraph("Engineer")

    assert texts(read(document)) == [
        "2019 - 2021\tSenior Engineer",
        "Alpha Works",
        "Skills",
        "Python",
        "Experience",
        "Engineer",
    ]


def test_text_boxes_are_read_once_after_their_paragraph():
    document = docx.Document()
    paragraph = document.add_paragraph("Before")
    paragraph._p.append(parse_xml(BOX.format(nsdecls("w"), "In the box", "In the box")))
    document.add_paragraph("After")

    assert texts(read(document)) == ["Before", "In the box", "After"]


def test_headers_come_first_and_footers_last():
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "robin.vale@example.org"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_paragraph("Robin Vale")

    assert texts(read(document)) == ["robin.vale@example.org", "Robin Vale", "Page 1"]


def test_hidden_runs_are_kept_apart():
    document = docx.Document()
    paragraph = document.add_paragraph("Engineer ")
    vanished = paragraph.add_run("vanished")
    vanished.font.hidden = True
    white = paragraph.add_run("white")
    white.font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)
    paragraph.add_run("tiny").font.size = Pt(1)
    banner = document.add_paragraph()
    banner._p.get_or_add_pPr().append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="203040"/>'))
    banner.add_run("On a banner").font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)

    result = read(document)

    assert result.text == "Engineer\nOn a banner"
    assert {(line.text, line.hidden) for line in result.lines if line.hidden} == {
        ("vanished", "invisible"),
        ("white", "white"),
        ("tiny", "tiny"),
    }


def test_links_keep_their_address():
    document = docx.Document()
    paragraph = document.add_paragraph()
    target = document.part.relate_to(
        "https://example.org/robin", docx.opc.constants.RELATIONSHIP_TYPE.HYPERLINK, is_external=True
    )
    paragraph._p.append(
        parse_xml(f'<w:hyperlink {nsdecls("w", "r")} r:id="{target}"><w:r><w:t>Profile</w:t></w:r></w:hyperlink>')
    )
    field = document.add_paragraph()
    for part in (
        '<w:fldChar w:fldCharType="begin"/>',
        '<w:instrText>HYPERLINK "https://example.org/field"</w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>Field</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
    ):
        field._p.append(parse_xml(f"<w:r {nsdecls('w')}>{part}</w:r>"))

    lines = read(document).lines

    assert [(line.text, line.spans[0].url) for line in lines] == [
        ("Profile", "https://example.org/robin"),
        ("Field", "https://example.org/field"),
    ]


def test_deleted_text_is_gone_and_inserted_text_is_there():
    document = docx.Document()
    paragraph = document.add_paragraph("Robin ")
    for tag, text in (("del", "<w:delText>Old</w:delText>"), ("ins", "<w:t>Vale</w:t>")):
        paragraph._p.append(parse_xml(f"<w:{tag} {nsdecls('w')}><w:r>{text}</w:r></w:{tag}>"))

    assert texts(read(document)) == ["Robin Vale"]


def test_metadata_and_the_limit_of_characters():
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = "CV", "Robin Vale"
    for _ in range(20):
        document.add_paragraph("Built the parser")

    result = read(document, ExtractionLimits(max_characters=50))

    assert (result.title, result.author) == ("CV", "Robin Vale")
    assert 0 < len(result.lines) < 5
    assert any("very long" in warning for warning in result.warnings)


def archive(**members):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/"), content)
    return output.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = archive(**{"word__document.xml": b"<a/>", "word__media.xml": bytes(30_000_000)})

    with pytest.raises(errors.DocumentTooLargeError):
        read_document(bomb, limits=ExtractionLimits())


def test_entities_are_never_resolved(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    main = (
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y "inner">]>'
        f'<w:document xmlns:w="{qn("w:p")[1:].split("}")[0]}"><w:body><w:p><w:r>'
        "<w:t>Robin Vale</w:t><w:t>&x;</w:t></w:r></w:p></w:body></w:document>"
    )

    document = read_document(archive(**{"word__document.xml": main}), limits=ExtractionLimits())

    assert texts(document) == ["Robin Vale"]


@pytest.mark.parametrize("main", [b"", b"<w:document", b"\x00\xff"], ids=["empty", "cut", "no XML"])
def test_a_damaged_main_part_is_refused(main):
    with pytest.raises(errors.UnreadableDocumentError):
        read_document(archive(**{"word__document.xml": main}), limits=ExtractionLimits())


def test_other_archives_are_no_documents():
    with pytest.raises(errors.UnsupportedFormatError, match="archive"):
        read_document(archive(**{"photo.jpg": b"x"}), limits=ExtractionLimits())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_file_gives_a_document_or_a_clear_error(data):
    output = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("Robin Vale")
    document.save(output)
    file = bytearray(output.getvalue())
    for _ in range(data.draw(st.integers(1, 8))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))

    with suppress(errors.CVError):
        assert read_document(bytes(file), limits=ExtractionLimits(), file_name="cv.docx").lines
