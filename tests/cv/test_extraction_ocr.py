"""Text in pictures: read where the models are installed, refused with a reason where not."""

import io
import itertools
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from cv import errors
from cv.extraction import extract, ocr
from cv.extraction.limits import ExtractionLimits
from cv.extraction.ocr.engine import Engine
from cv.extraction.ocr.looks import measure, unite_sizes
from cv.extraction.processes import PROJECT_DIR
from cv.extraction.readers import read_document
from cv.extraction.rendering import render_in_process
from tests.cv.pdf_files import make_pdf, text_at

LINES = ("Robin Vale", "robin.vale@example.org", "Built 12 bridges in Malmo, 2019 - 2023")
needs_models = pytest.mark.skipif(not ocr.is_installed(), reason="the extra ocr is not installed")


def painted(*, turn: float = 0.0) -> Image.Image:
    """A small page of three lines, turned counter-clockwise by so many degrees."""
    page = Image.new("RGB", (760, 330), "white")
    draw = ImageDraw.Draw(page)
    for number, text in enumerate(LINES):
        draw.text(
            (40, 50 + 85 * number), text, fill="black", font=ImageFont.load_default(size=56 if not number else 32)
        )
    return page.rotate(turn, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)


def as_file(picture: Image.Image, kind: str = "PNG", **more) -> bytes:
    output = io.BytesIO()
    picture.save(output, format=kind, **more)
    return output.getvalue()


@needs_models
def test_a_scan_that_lies_upside_down_and_askew_is_read():
    document = extract(as_file(painted(turn=183), "TIFF"))

    assert [line.text for line in document.lines] == list(LINES)
    assert document.lines[0].size > 1.3 * document.lines[1].size
    assert "Check names" in document.warnings[0]


@needs_models
def test_letters_that_a_font_hides_are_read_from_the_page():
    nothing = (
        "/CMapName /None def 1 begincodespacerange <00> <FF> endcodespacerange "
        "1 beginbfrange <20> <7E> <E020> endbfrange endcmap"
    )
    pdf = make_pdf([text_at(60, 700, "Robin Vale, Engineer", size=30)], to_unicode=nothing)

    document = read_document(pdf, limits=ExtractionLimits(), recognise=True)

    assert document.engine == "pdfminer+ocr"
    assert document.text == "Robin Vale, Engineer"


def test_without_the_models_a_picture_is_refused_with_a_reason(monkeypatch):
    monkeypatch.setattr(ocr, "is_installed", lambda: False)

    with pytest.raises(errors.NoTextError, match="cannot recognise"):
        extract(as_file(painted()))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP"])
def test_pictures_of_every_kind_wait_for_recognition(kind):
    document = read_document(as_file(painted(), kind), limits=ExtractionLimits())

    assert document.unread_pages == [1]
    assert document.media_type == f"image/{kind.lower()}"


def test_each_frame_of_a_tiff_is_a_page_and_can_be_shown():
    data = as_file(painted(), "TIFF", save_all=True, append_images=[painted(turn=90)])

    document = read_document(data, limits=ExtractionLimits())
    shown = Image.open(io.BytesIO(render_in_process(data, number=2, width=200)))

    assert document.unread_pages == [1, 2]
    assert shown.size == (200, 461)
    with pytest.raises(errors.UnreadableDocumentError):
        render_in_process(data, number=3, width=200)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked():
    small = as_file(Image.new("L", (4, 4)), "BMP")
    bomb = small[:18] + (40_000).to_bytes(4, "little") * 2 + small[26:]

    with pytest.raises(errors.DocumentTooLargeError, match="million pixels"):
        read_document(bomb, limits=ExtractionLimits())


def test_the_camera_s_note_of_its_position_is_followed():
    picture = painted()
    exif = picture.getexif()
    exif[0x0112] = 6

    shown = Image.open(io.BytesIO(render_in_process(as_file(picture, "JPEG", exif=exif), number=1, width=330)))

    assert shown.height > shown.width


def test_sizes_that_nearly_agree_become_one():
    assert unite_sizes({10.0: 400, 10.8: 300, 9.6: 50, 16.0: 20, 15.0: 10}) == pytest.approx(
        {10.0: 10.3, 10.8: 10.3, 9.6: 10.3, 16.0: 15.7, 15.0: 15.7}
    )


@pytest.mark.parametrize("text", ["Engineer", "nervous", "HELP", "(912) 555"])
def test_a_line_s_size_does_not_depend_on_its_letters(text):
    picture = Image.new("RGB", (500, 70), "white")
    ImageDraw.Draw(picture).text((10, 8), text, fill="black", font=ImageFont.load_default(size=40))

    look = measure(np.asarray(picture)[:, :, ::-1].copy(), text)

    assert look.size * 70 == pytest.approx(40, rel=0.16)


def test_the_child_process_may_neither_use_the_network_nor_start_programs():
    code = (
        "import sys; from cv.extraction.child import refuse_outside; sys.addaudithook(refuse_outside)\n"
        "import socket, subprocess\n"
        "for step in (lambda: socket.create_connection(('127.0.0.1', 9)), lambda: subprocess.run(['true'])):\n"
        "    try: step()\n"
        "    except PermissionError: print('refused')\n"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_DIR, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["refused", "refused"]


def ink(data: bytes, document, line) -> tuple[float, float]:
    """The share of the dark pixels of a shown page that lie in a line's box, and of the box that is dark."""
    page = document.pages[0]
    shown = Image.open(io.BytesIO(render_in_process(data, number=1, width=round(page.width)))).convert("L")
    assert shown.size == pytest.approx((page.width, page.height), abs=1.5)
    dark = np.asarray(shown) < 128
    x0, top, x1, bottom = (round(value) for value in line.box)
    inside = dark[top:bottom, x0:x1]
    return inside.sum() / dark.sum(), inside.mean()


@needs_models
@pytest.mark.parametrize(("turn", "kind"), [(90, "PNG"), (274, "PDF")])
def test_lines_of_a_turned_scan_have_their_place_on_the_page_as_it_is_shown(turn, kind):
    data = as_file(painted(turn=turn), kind)

    document = read_document(data, limits=ExtractionLimits(), recognise=True)

    assert [line.text for line in document.lines] == list(LINES)
    shares = [ink(data, document, line) for line in document.lines]
    assert sum(share for share, _ in shares) > 0.9
    assert all(darkness > 0.03 for _, darkness in shares)
    assert all(line.place[1] < below.place[1] for line, below in itertools.pairwise(document.lines))


@needs_models
def test_the_models_threads_sleep_while_they_wait():
    engine = Engine()
    engine.find(np.full((64, 64, 3), 255, np.uint8))

    options = engine._models.text_det.session.session.get_session_options()
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
