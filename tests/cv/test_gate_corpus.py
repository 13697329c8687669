"""CVs of invented people in several layouts, set by other programs, are read as well as ever (`tests/data/cvs/make.py`)."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cv.evaluation.corpus import manifest
from cv.evaluation.scoring import count_fields
from cv.evaluation.tables import Outcome, score
from cv.extraction import ocr
from cv.extraction.limits import ExtractionLimits
from cv.extraction.readers import read_document
from cv.json_resume.writing import standard_part
from cv.parsing.rules import parse_with_rules

FOLDER = Path(__file__).parents[1] / "data" / "cvs"
# The least F1 over all fields in each layout; raised when reading gets better, never lowered.
FLOORS = dict.fromkeys(
    (
        "web-single",
        "web-sidebar",
        "web-banner",
        "web-table",
        "web-three",
        "web-timeline",
        "web-mirrored",
        "typst-page",
        "typst-columns",
        "word",
        "word-table",
        "html",
        "scan",
    ),
    0.98,
)


def outcomes(layout: str) -> Iterator[Outcome]:
    for row in manifest(FOLDER):
        if row["theme"] == layout:
            truth = json.loads((FOLDER / row["truth"]).read_text(encoding="utf-8"))
            data = (FOLDER / row["path"]).read_bytes()
            document = read_document(data, limits=ExtractionLimits(), recognise=layout == "scan")
            yield Outcome(row, count_fields(truth, standard_part(parse_with_rules(document))))


@pytest.mark.parametrize("layout", FLOORS)
def test_each_layout_is_read_as_well_as_ever(layout):
    if layout == "scan" and not ocr.is_installed():
        pytest.skip("the extra ocr is not installed")

    found = list(outcomes(layout))

    weak = {name: round(counts.f1, 2) for one in found for name, counts in one.counts.items() if counts.f1 < 1}
    assert score(found).all_fields >= FLOORS[layout], weak


def test_every_layout_has_a_floor():
    assert {row["theme"] for row in manifest(FOLDER)} == set(FLOORS)
