"""Files of each kind as `hypothesis` writes them: well-formed outside, wild inside, and sound files with a few bytes changed."""

import html
import io
import zipfile
from collections.abc import Callable

from hypothesis import strategies as st

from tests.cv.pdf_files import make_pdf

OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
CONTENT_TYPES = f'''<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="{OFFICE}.document.main+xml"/></Types>'''
RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>"""
HTML_TAGS = (
    "p div span table tr td th ul ol li h1 h2 b a br style script title dl dt dd pre svg text template select x-y"
)
RTF_WORDS = (
    "par pard b0 b i fs f cf u uc bin trowd cellx cell row intbl tab line page sect v v0 ansicpg field fldinst fldrslt *"
    " fonttbl colortbl listtext pntext header object pict sn sv upr ud nonshppict li fi ls ilvl caps plain '"
)
PDF_OPERATORS = "Tf Tm Td TD Tj TJ T* Tc Tw Tz TL Tr Ts BT ET q Q cm rg g k re f W n Do gs m l c h S BI sh ' \""
WORD_TAGS = (
    "p r t tbl tr tc sdt sdtContent txbxContent hyperlink fldSimple instrText ins del tab br numPr ilvl numId pPr rPr"
    " pStyle rStyle vanish sz color b gridSpan vMerge tcPr trPr tblPr tblGrid gridCol sectPr smartTag pict drawing"
)
Files = st.SearchStrategy[bytes]
WORDS = st.one_of(
    st.sampled_from(
        [
            "Robin Vale",
            "robin.vale@example.org",
            "Experience",
            "2019 – present",
            "Jan. 2019",
            "•",
            "- Built",
            "\u200b",
            "\t",
        ]
    ),
    st.text(max_size=40),
)
NUMBERS = st.one_of(
    st.integers(-(2**34), 2**34), st.floats(), st.sampled_from([0, -1, 2**15, 2**31, 10**30, 1e-300, 1e300])
)  # fmt: skip


def changed(sound: list[bytes]) -> Files:
    """Return sound files with pieces replaced, doubled or taken out."""

    @st.composite
    def change(draw: Callable[[st.SearchStrategy[object]], object]) -> bytes:
        file = bytearray(draw(st.sampled_from(sound)))  # type: ignore[arg-type]
        edits = st.tuples(st.floats(0, 1), st.integers(0, 200), st.one_of(st.binary(max_size=30), st.integers(0, 20)))
        for place, size, new in draw(st.lists(edits, min_size=1, max_size=8)):  # type: ignore[attr-defined]
            start = int(place * len(file))
            piece = file[start : start + size]
            file[start : start + size] = piece * new if isinstance(new, int) else new
        return bytes(file) or b"x"

    return change()


def html_files() -> Files:
    """Return pages of nested elements with attributes and styles."""
    styles = st.sampled_from(
        [
            "color:#fff",
            "display:none",
            "font-size:0",
            "color:rgb(1,1",
            "position:absolute;left:-9e9px",
            "float:right",
            "{",
            "",
        ]
    )
    attributes = st.sampled_from(["style", "class", "href", "hidden", "colspan", "rowspan", "lang", "dir", "type"])
    values = st.one_of(styles, WORDS, NUMBERS.map(str))

    def element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        parts = st.tuples(
            st.sampled_from(HTML_TAGS.split()),
            attributes,
            values,
            st.lists(inner, max_size=5),
            st.sampled_from([True, True, False]),
        )
        return parts.map(
            lambda part: (
                f'<{part[0]} {part[1]}="{html.escape(part[2])}">{"".join(part[3])}'
                + (f"</{part[0]}>" if part[4] else "")
            )
        )

    plain = WORDS.map(html.escape) | st.sampled_from(
        ["&#xD800;", "&#0;", "&amp", "<!--", "-->", "<![CDATA[", "<?x", "</p>"]
    )
    body = st.recursive(plain, element, max_leaves=40)
    return st.lists(body, min_size=1, max_size=6).map(
        lambda parts: ("<!doctype html><html><body>" + "".join(parts)).encode("utf-8", "replace")
    )


def rtf_files() -> Files:
    """Return nested groups of control words with all sorts of numbers."""
    control = st.tuples(st.sampled_from(RTF_WORDS.split()), st.none() | NUMBERS).map(
        lambda pair: f"\\{pair[0]}" + ("" if pair[1] is None else f"{pair[1]:.0f}") + " "
    )
    plain = WORDS.map(lambda word: word.encode("cp1252", "ignore").decode("cp1252")) | st.sampled_from(
        ["\\'e9", "\\'zz", "\\{", "\\}", "\\\\", "}", "{", "\\u-3913?", "\\u55357?\\u56832?"]
    )
    leaf = control | plain
    group = st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=6).map(lambda parts: "{" + "".join(parts) + "}"), max_leaves=60
    )
    return st.lists(group, min_size=1, max_size=8).map(
        lambda parts: ("{\\rtf1\\ansi " + "".join(parts) + "}").encode("latin-1", "replace")
    )


def pdf_files() -> Files:
    """Return pages of operators with the numbers they take, or too few of them, or none of their kind."""
    operand = (
        NUMBERS.map(lambda number: f"{number:.6g}")
        | WORDS.map(lambda word: "(" + word.encode("cp1252", "ignore").decode("cp1252") + ")")
        | st.sampled_from(
            ["/F0", "/F1", "/F9", "[(A) -2000 (B)]", "[]", "<</A 1>>", "<0041>", "<4", "null", "true", "[[[", ">>"]
        )
    )
    step = st.tuples(st.lists(operand, max_size=6), st.sampled_from(PDF_OPERATORS.split())).map(
        lambda pair: " ".join([*pair[0], pair[1]])
    )
    sound = st.tuples(st.floats(-50, 700), st.floats(-50, 900), WORDS).map(
        lambda three: (
            f"BT /F0 10 Tf 1 0 0 1 {three[0]:.2f} {three[1]:.2f} Tm ({three[2].encode('cp1252', 'ignore').decode('cp1252')}) Tj ET"
        )
    )
    page = st.lists(sound | step, min_size=1, max_size=40)
    extra = st.sampled_from(
        ["", "/Rotate 90", "/Rotate 45", "/CropBox [0 0 1 1]", "/UserUnit 1000", "/MediaBox [0 0 0 0]", "/MediaBox [1e9 0 -1e9 x]"]
    )  # fmt: skip
    meaning = st.just("") | st.lists(WORDS | NUMBERS.map(str), max_size=20).map(
        lambda parts: (
            "1 beginbfrange <00> <ff> [" + " ".join(parts).encode("cp1252", "ignore").decode("cp1252") + "] endbfrange"
        )
    )
    return st.builds(
        lambda pages, more, cmap, packed: make_pdf(*pages, extra=more, to_unicode=cmap, compress=packed),
        st.lists(page, min_size=1, max_size=3), extra, meaning, st.booleans(),
    )  # fmt: skip


def docx_files() -> Files:
    """Return Word documents of paragraphs, tables, boxes, fields and numbering, nested at will."""
    attributes = st.sampled_from(["val", "type", "id", "anchor", "instr", "w", "color", "fldCharType"])

    def element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        parts = st.tuples(
            st.sampled_from(WORD_TAGS.split()), attributes, NUMBERS.map(str) | WORDS, st.lists(inner, max_size=5)
        )
        return parts.map(
            lambda part: f'<w:{part[0]} w:{part[1]}="{_xml_text(part[2])}">{"".join(part[3])}</w:{part[0]}>'
        )

    written = WORDS.map(lambda word: f"<w:p><w:r><w:t>{_xml_text(word)}</w:t></w:r></w:p>")
    body = st.lists(st.recursive(written, element, max_leaves=40), min_size=1, max_size=6).map("".join)
    style = st.lists(element(st.just("")), max_size=6).map("".join)
    return st.builds(_word_document, body, style, style)


def _word_document(body: str, styles: str, numbering: str) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", RELATIONS.format(kind="officeDocument", target="word/document.xml"))
        archive.writestr("word/_rels/document.xml.rels", RELATIONS.format(kind="numbering", target="numbering.xml"))
        archive.writestr("word/document.xml", f"<w:document {WORD}><w:body>{body}</w:body></w:document>")
        archive.writestr("word/styles.xml", f"<w:styles {WORD}><w:style w:styleId='1'>{styles}</w:style></w:styles>")
        archive.writestr(
            "word/numbering.xml",
            f"<w:numbering {WORD}><w:abstractNum w:abstractNumId='1'>{numbering}</w:abstractNum></w:numbering>",
        )
    return output.getvalue()


def _xml_text(text: str) -> str:
    return html.escape("".join(sign for sign in text if sign in "\t\n" or sign.isprintable()))


WRITTEN: dict[str, Callable[[], Files]] = {"pdf": pdf_files, "docx": docx_files, "rtf": rtf_files, "html": html_files}
