"""Numbered headings, columns without headings of their own, names over columns, dates that wrap in the margin."""

import pytest

from cv.extraction.limits import ExtractionLimits
from cv.extraction.readers import read_document
from cv.extraction.text import normalise
from cv.extraction.types import ExtractedDocument, Page
from cv.parsing.accounting import _missing_runs
from cv.parsing.education import split_degree
from cv.parsing.entries import is_sentence
from cv.parsing.rules import parse_with_rules
from cv.parsing.sections import make_sections
from tests.cv.parsing_samples import set_line
from tests.cv.pdf_files import make_pdf, text_at


def page_of(*rows):
    """A page of rows given as text, top, left, size, boldness and column."""
    lines = [
        set_line(number, text, top, left=left, size=size, bold=bold, column=column)
        for number, (text, top, left, size, bold, column) in enumerate(rows, start=1)
    ]
    return ExtractedDocument(media_type="application/pdf", pages=[Page(number=1, width=595, height=842)], lines=lines)


HEAD = [("Ida Example", 40, 50, 24, True, 0), ("ida@example.org", 70, 50, 10, False, 0)]


def test_headings_may_be_numbered_in_a_cell_of_their_own():
    rows = [
        ("01\tEXPERIENCE", 100, 50, 12, True, 0),
        ("Tram Driver, City Lines Ltd\t2014 – 2019", 120, 50, 10, False, 0),
        ("02\tEDUCATION", 160, 50, 12, True, 0),
        ("Example State University\t2010 – 2014", 180, 50, 10, False, 0),
        ("03\tOTHER THINGS", 220, 50, 12, True, 0),
        ("Rowing", 240, 50, 10, False, 0),
    ]

    sections = make_sections(page_of(*HEAD, *rows))

    assert [(section.kind, section.title) for section in sections[1:]] == [
        ("work", "EXPERIENCE"),
        ("education", "EDUCATION"),
        ("custom", "OTHER THINGS"),
    ]


def test_cells_beside_each_other_belong_to_the_heading_above_them():
    rows = [
        ("Skills", 100, 50, 14, True, 0),
        ("Python, SQL", 120, 50, 10, False, 0),
        ("Languages", 200, 50, 14, True, 0),
        ("English – C2", 220, 50, 10, False, 0),
        ("Interests", 300, 50, 14, True, 0),
        ("Django, Redis", 120, 300, 10, False, 1),
        ("Polish – B1", 220, 300, 10, False, 1),
        ("Rowing", 320, 50, 10, False, 0),
    ]

    resume = parse_with_rules(page_of(*HEAD, *rows))

    assert [skill.name for group in resume.skills for skill in group.skills] == ["Python", "SQL", "Django", "Redis"]
    assert [language.name for language in resume.languages] == ["English", "Polish"]
    assert [interest.name for interest in resume.interests] == ["Rowing"]


def test_a_name_above_the_wider_column_is_a_name():
    rows = [
        ("Contact", 60, 50, 12, True, 0),
        ("ida.example@example.org", 80, 50, 10, False, 0),
        ("Skills", 120, 50, 12, True, 0),
        ("Maps, Driving", 140, 50, 10, False, 0),
        ("Ida", 70, 250, 40, False, 1),
        ("Example", 120, 250, 40, True, 1),
        ("Tram Driver", 170, 250, 18, False, 1),
        ("Experience", 220, 250, 12, True, 1),
        ("Bus Driver, Hill Coaches Ltd\t2014 – 2019", 240, 250, 10, False, 1),
        ("Drove school buses on the last line of the valley", 255, 250, 10, False, 1),
    ]

    resume = parse_with_rules(page_of(*rows))

    assert (resume.person.name, resume.person.headline) == ("Ida Example", "Tram Driver")
    assert [skill.name for group in resume.skills for skill in group.skills] == ["Maps", "Driving"]


@pytest.mark.parametrize(
    ("pieces", "name"),
    [
        ([("Ida", 40, 50), ("Oster-", 66, 50), ("Berg", 92, 50)], "Ida Oster-Berg"),
        ([("Ida", 40, 50), ("DOC 1", 20, 50), ("Example", 40, 200)], "Ida Example"),
    ],
)
def test_a_name_in_several_pieces_is_put_together_in_their_order(pieces, name):
    rows = [(text, top, left, 10 if "DOC" in text else 24, True, int(left > 100)) for text, top, left in pieces]
    rest = [
        ("ida.example@example.org", 130, 50, 10, False, 0),
        ("Skills", 150, 50, 12, True, 0),
        ("Maps", 170, 50, 10, False, 0),
    ]

    resume = parse_with_rules(page_of(*rows, *rest))

    assert resume.person.name == name


@pytest.mark.parametrize(
    "margin",
    [
        ["April", "2018–March", "2021"],
        ["September", "2018–", "May 2021"],
        ["Oct.", "2018–Jan. 2021"],
        ["Oct. 2018–", "present"],
    ],
)
def test_a_range_that_a_narrow_margin_breaks_is_one(margin):
    texts = ["Tram Driver, City Lines Ltd", "Drove line four by night", "Trained new drivers"]
    cells = [
        (f"{date}\t{text}", 120 + 14 * number, 50, 10, False, 0)
        for number, (date, text) in enumerate(zip(margin, texts, strict=False))
    ]
    before = [("Bus Driver, Hill Coaches Ltd", 180, 140, 10, True, 0), ("2014 – 2017", 194, 140, 10, False, 0)]

    resume = parse_with_rules(page_of(*HEAD, ("Experience", 100, 140, 14, True, 0), *cells, *before))

    position = resume.employers[0].positions[0]
    assert position.start is not None
    assert position.start.year == 2018
    assert position.start.month in {4, 9, 10}
    assert position.current or position.end.month in {1, 3, 5}
    assert not any(month in item.text for item in resume.unassigned for month in ("April", "Sept", "Oct"))


def test_a_range_beside_a_much_larger_title_is_in_its_row():
    rows = [
        ("Experience", 100, 50, 20, True, 0),
        ("Tram Driver", 130, 50, 16, True, 0),
        ("JUN 2018 – PRESENT", 131, 400, 10, True, 1),
        ("City Lines Ltd", 150, 50, 12, False, 0),
        ("Bus Driver", 190, 50, 16, True, 0),
        ("FEB 2013 – MAY 2018", 191, 400, 10, True, 1),
        ("Hill Coaches Ltd", 210, 50, 12, False, 0),
    ]

    resume = parse_with_rules(page_of(*HEAD, *rows))

    read = [(employer.name, employer.positions[0].title) for employer in resume.employers]
    assert read == [("City Lines Ltd", "Tram Driver"), ("Hill Coaches Ltd", "Bus Driver")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Daně a audit Vysočina s.r.o.", False),
        ("Magister inżynier in Geodezja i kartografia", False),
        ("Baute Schränke für Betriebe. Betreute den Notdienst im", True),
    ],
)
def test_names_in_small_letters_are_no_sentences(text, told):
    assert is_sentence(text) is told


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("BSc (Hons), Adult Nursing", ("BSc (Hons)", "Adult Nursing")),
        ("BA (Hons) in History", ("BA (Hons)", "History")),
    ],
)
def test_honours_belong_to_their_degree(text, parts):
    assert split_degree(text) == parts


def test_a_degree_in_the_first_row_of_a_list_is_one():
    rows = [
        ("Education", 100, 50, 14, True, 0),
        ("2004 – 2009", 120, 50, 10, False, 0),
        ("Example State University", 134, 50, 11, True, 0),
    ]
    document = page_of(*HEAD, *rows)
    document.lines.append(set_line(9, "Bachelor of Science in Physics", 150, left=64, bullet="•"))

    study = parse_with_rules(document).education[0]

    assert (study.degree, study.area) == ("Bachelor of Science", "Physics")


def test_signs_that_stand_for_nothing_are_no_values():
    rows = [
        ("Experience", 100, 50, 14, True, 0),
        ("◇ ◆", 118, 250, 10, False, 0),
        ("Tram Driver, City Lines Ltd, May 2019", 134, 50, 10, False, 0),
        ("◆\tDrove line four by night", 150, 50, 10, False, 0),
        ("Bus Driver, Hill Coaches Ltd, Jan 2014 – Apr 2019", 180, 50, 10, False, 0),
    ]

    resume = parse_with_rules(page_of(*HEAD, *rows))

    position = resume.employers[0].positions[0]
    assert position.end is None
    assert [line.text for line in position.highlights] == ["Drove line four by night"]
    assert not resume.unassigned


def test_hyphens_of_typesetting_programs_are_those_of_the_keyboard():
    assert normalise("+7 812 123\u201045\u201167") == "+7 812 123-45-67"


def test_the_first_half_of_a_parted_word_is_no_missing_text():
    held = frozenset({"photovoltaics", "plans"})

    assert list(_missing_runs("plans pho-", held, frozenset())) == []
    assert list(_missing_runs("plans xyz-", held, frozenset())) == ["xyz"]


def test_dates_and_places_in_the_margin_stay_beside_their_entries():
    margin, text = [], []
    for number, (date, place) in enumerate(
        [("2019 - 2021", "Leeds"), ("2016 - 2019", "York"), ("2012 - 2016", "Hull")]
    ):
        top = 700 - 110 * number
        margin += [text_at(40, top, date, size=9), text_at(40, top - 16, place, size=8)]
        text += [text_at(180, top - 1, "Senior Engineer", size=14), text_at(180, top - 24, "Alpha Works", size=11)]
        text += [text_at(195, top - 54, "Built the parser that reads every page", size=10)]

    document = read_document(make_pdf([*margin, *text]), limits=ExtractionLimits())

    order = [line.text.split("\t")[0] for line in document.lines]
    assert order.index("Leeds") < order.index("2016 - 2019") < order.index("York")
    assert {line.column for line in document.lines} == {0}


@pytest.mark.parametrize("own", [False, True])
def test_contact_data_at_the_foot_of_a_page_are_no_skills(own):
    rows = [
        ("Ida Example", 40, 50, 24, True, 0),
        ("ida@example.org" if own else "Tram Driver", 70, 50, 10, False, 0),
        ("Skills", 100, 50, 14, True, 0),
        ("Maps, Driving", 120, 50, 10, False, 0),
        ("Springfield", 770, 200, 9, False, 0),
        ("020 7946 0312 • foot@example.org", 782, 200, 9, False, 0),
    ]

    resume = parse_with_rules(page_of(*rows))

    assert resume.person.email == ("ida@example.org" if own else "foot@example.org")
    assert own or [skill.name for group in resume.skills for skill in group.skills] == ["Maps", "Driving"]


def test_a_name_below_the_heading_of_personal_data_is_one():
    rows = [
        ("Curriculum vitae", 40, 200, 10, False, 0),
        ("Personal information", 60, 50, 12, True, 0),
        ("Ida Example", 80, 50, 14, False, 0),
        ("ida@example.org", 100, 50, 10, False, 0),
        ("Skills", 130, 50, 12, True, 0),
        ("Maps, Driving", 150, 50, 10, False, 0),
    ]

    assert parse_with_rules(page_of(*rows)).person.name == "Ida Example"


def test_headings_side_by_side_in_bold_capitals_head_columns():
    left = {700: "SKILLS", 683: "Python", 666: "Django", 649: "Redis"}
    right = {700: "EDUCATION", 687: "Northfield University", 666: "Master of Science", 655: "2010 - 2014"}
    sides = [text_at(x, y, row, bold=y == 700) for x, rows in ((50, left), (300, right)) for y, row in rows.items()]

    document = read_document(make_pdf(sides), limits=ExtractionLimits())

    assert [line.text for line in document.lines] == [*left.values(), *right.values()]
