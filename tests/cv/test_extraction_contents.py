"""Operators of pages and objects of files are read as pdfminer's own parser reads them."""

import io

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pdfminer.pdfinterp import PDFContentParser
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFStream
from pdfminer.psexceptions import PSEOF

from cv.extraction.pdf.contents import ObjectParser, _Parser

PIECES = st.sampled_from(
    [
        *(b"1", b"-2", b"+.5", b"3.", b".", b"--4", b"1.2.3", b"12abc", b"9" * 30, b"1e5", b"\x00", b"%c\n"),
        *(b"/F1", b"/", b"/A#20b", b"/\xc3\xa4", b"<41>", b"<4 1>", b"<414>", b"<>", b"<41>>", b"<<", b">>", b"<</A 0>>"),
        *(b"(abc)", b"(a(b)c)", rb"(a\(b)", b"(\\053\\7x\\\n\\\r\ny\\q)", rb"(\777)", b"(", b")", b"[", b"]", b"[(a)-20(b)]"),
        *(b"Tj", b"T*", b"'", b'"', b"true", b"null", b"BI /W 1 /H 1 ID ab EI", b"BI", b"ID", b"EI", b"{", b"}", b"\xe4x"),
    ]
)  # fmt: skip
BLANKS = st.sampled_from([b" ", b"\n", b"\r\n", b"", b"\t"])
CONTENTS = st.lists(st.tuples(PIECES, BLANKS).map(b"".join), max_size=25).map(b"".join)


def by_pdfminer(streams):
    parser = PDFContentParser(streams)
    while True:
        try:
            yield parser.nextobject()[1]
        except PSEOF:
            return


def told(objects):
    """Return what an iterator gives, in words, and whether it broke off."""
    words = []
    try:
        for thing in objects:
            is_picture = isinstance(thing, PDFStream)
            words.append(repr((thing.attrs, thing.rawdata) if is_picture else thing))
    except Exception:  # noqa: BLE001 - which error ends a damaged page makes no difference
        words.append("broken off")
    return words


@settings(max_examples=300, deadline=None)
@given(parts=st.lists(CONTENTS | st.binary(max_size=40), min_size=1, max_size=3))
@example(parts=[b"BT /F1 12 Tf [(Rob", b"in)-20(Vale)] TJ ET"])
@example(parts=[b"(Robin" * 900 + b")" * 900 + b" Tj " + b"1 " * 5000])
def test_contents_are_read_as_pdfminer_reads_them(parts):
    old, new = ([PDFStream({}, part) for part in parts] for _ in range(2))

    assert told(_Parser(new).objects()) == told(by_pdfminer(old))


def tokens(parser):
    try:
        while True:
            yield parser.nexttoken()
    except PSEOF:
        return


@settings(max_examples=300, deadline=None)
@given(file=CONTENTS | st.binary(max_size=60))
@example(file=b"1 0 obj << /W [0 [500 250.5]] >> stream" + b" /Name" * 900)
def test_tokens_of_a_file_are_those_of_pdfminer_at_their_places(file):
    assert told(tokens(ObjectParser(io.BytesIO(file)))) == told(tokens(PDFParser(io.BytesIO(file))))
