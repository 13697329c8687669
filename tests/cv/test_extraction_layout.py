"""Lines come in the order in which a person reads them."""

import pytest

from cv.extraction.limits import ExtractionLimits
from cv.extraction.pdf.blocks import number_blocks
from cv.extraction.pdf.chars import Char, Font
from cv.extraction.pdf.fragments import make_fragments, to_logical_order
from cv.extraction.pdf.glyphs import repair
from cv.extraction.pdf.miner import join_marks
from cv.extraction.pdf.rows import join_rows
from cv.extraction.readers import read_document
from cv.extraction.types import Span, TextLine
from tests.cv.pdf_files import make_pdf, text_at


def read(*pages, **more):
    return read_document(make_pdf(*pages, **more), limits=ExtractionLimits())


def texts(document):
    return [line.text for line in document.lines]


def column(x, top, rows, *, leading=14.0, size=10.0):
    return [text_at(x, top - number * leading, row, size=size) for number, row in enumerate(rows)]


LEFT = ["SKILLS", "Python", "Django", "PostgreSQL", "LANGUAGES", "English", "Polish"]
RIGHT = [
    "EXPERIENCE",
    "Engineer at Alpha Works in Springfield since the spring",
    "Built the parser that reads every page of the archive",
    "Led the move of all customers to the new platform",
    "EDUCATION",
    "Master of Science at Northfield University in computing",
]


def test_a_sidebar_is_read_apart_from_the_text_beside_it_whatever_the_drawing_order():
    left, right = column(40, 700, LEFT, leading=15), column(220, 703, RIGHT, leading=19)
    mixed = [operator for pair in zip(right, left, strict=False) for operator in pair] + left[len(right) :]

    document = read([text_at(40, 780, "Robin Vale, engineer of many years and places", size=22), *mixed])

    assert texts(document) == ["Robin Vale, engineer of many years and places", *LEFT, *RIGHT]
    assert [line.column for line in document.lines] == [0] + [0] * len(LEFT) + [1] * len(RIGHT)


def test_dates_at_the_right_margin_stay_with_their_line():
    rows = ["Senior Engineer, Alpha Works", "Built the parser", "Engineer, Beta Labs", "Wrote the tests"]
    dates = [text_at(480, 700, "2019 - 2021"), text_at(480, 670, "2016 - 2019")]

    document = read([*column(50, 700, rows, leading=15), *dates])

    assert texts(document) == [
        "Senior Engineer, Alpha Works\t2019 - 2021",
        "Built the parser",
        "Engineer, Beta Labs\t2016 - 2019",
        "Wrote the tests",
    ]


def test_a_table_of_labels_is_read_row_by_row():
    labels = ["Languages", "Databases", "Tools", "Cloud", "Methods"]
    values = ["Python and Go", "PostgreSQL", "Git and Docker", "None so far", "Scrum"]

    document = read([*column(50, 700, labels), *column(200, 700, values)])

    assert texts(document) == [f"{label}\t{value}" for label, value in zip(labels, values, strict=True)]


def test_a_range_of_dates_that_wraps_in_a_narrow_column_is_put_together():
    dates = [*column(40, 700, ["06/2018-", "05/2022"]), *column(40, 660, ["01/2016-", "05/2018"])]
    jobs = [
        *column(120, 700, ["Engineer, Alpha Works", "Built the parser and all that goes with it"]),
        *column(120, 660, ["Trainee, Beta Labs", "Wrote the tests and read the papers"]),
    ]

    document = read([*dates, *jobs])

    assert texts(document) == [
        "06/2018- 05/2022\tEngineer, Alpha Works",
        "Built the parser and all that goes with it",
        "01/2016- 05/2018\tTrainee, Beta Labs",
        "Wrote the tests and read the papers",
    ]


@pytest.mark.parametrize(
    ("operators", "text"),
    [
        ("/F0 10 Tf 4 Tc 50 700 Td (SKILLS) Tj", "SKILLS"),
        ("/F0 10 Tf 50 700 Td (S K I L L S   A N D   T O O L S) Tj", "SKILLS AND TOOLS"),
        ("/F0 10 Tf 50 700 Td [(Built)-300(the)-300(parser)] TJ", "Built the parser"),
        ("/F0 10 Tf 50 700 Td (Robin) Tj 0.2 0 Td (Robin) Tj", "Robin"),
    ],
    ids=["tracked", "spaced by blanks", "spaced by moves", "painted twice"],
)
def test_words_are_put_together_from_letters(operators, text):
    document = read([f"BT {operators} ET"])

    assert texts(document) == [text]


def test_a_painted_dot_is_a_list_sign():
    dot = "41 702 m 44 702 l 44 705 l 41 705 l h f"

    document = read([dot, text_at(50, 700, "Built the parser"), text_at(50, 680, "Plain text")])

    assert [line.bullet for line in document.lines] == ["•", ""]


def test_wrapped_lines_share_a_block_and_short_ones_do_not():
    rows = [
        "Built the parser that reads every page of the large archive of the",
        "city and its surroundings",
        "Oslo",
        "Bergen",
    ]

    lines = read(column(50, 700, rows, leading=12)).lines

    assert lines[0].block == lines[1].block
    assert len({line.block for line in lines}) == 3


def test_links_and_fonts_are_kept():
    document = read(
        [text_at(50, 700, "Profile"), text_at(50, 680, "Strong", bold=True)],
        links=[((45, 695, 90, 712), "https://example.org/robin")],
    )

    assert document.lines[0].spans[0].url == "https://example.org/robin"
    assert document.lines[1].bold
    assert not document.lines[0].bold
    assert document.lines[0].size == pytest.approx(10, abs=0.1)


def test_text_on_its_side_comes_after_the_upright_text():
    turned = "BT /F0 10 Tf 0 1 -1 0 30 300 Tm (Curriculum Vitae) Tj ET"

    document = read([turned, text_at(50, 700, "Robin Vale")])

    assert texts(document) == ["Robin Vale", "Curriculum Vitae"]


def test_headings_in_the_margin_come_before_the_text_beside_them():
    margin = [text_at(40, 700, "WORK"), text_at(40, 600, "SKILLS")]
    work = ["Engineer, Alpha Works", "2019 - 2021", "Built the parser and all that goes with it", "Led the tests"]
    skills = ["Python and Go", "PostgreSQL and Redis", "Docker and Linux"]

    document = read([*margin, *column(150, 700, work), *column(150, 600, skills)])

    assert texts(document) == ["WORK", *work, "SKILLS", *skills]


def test_a_sidebar_that_goes_on_is_read_on_before_the_column_beside_it():
    pages = []
    for number in (1, 2):
        left = [f"Skill {word} of page {number}" for word in ("one", "two", "three", "four")]
        right = [f"Line {word} of the long text beside it on page {number}" for word in ("one", "two", "three")]
        pages.append([*column(40, 780, left, leading=15), *column(250, 783, right, leading=21)])

    document = read(*pages)

    assert [(line.page, line.column) for line in document.lines] == [(1, 0)] * 4 + [(2, 0)] * 4 + [(1, 1)] * 3 + [
        (2, 1)
    ] * 3


def test_a_page_that_fills_only_one_column_belongs_to_that_column():
    left = column(40, 780, ["Skill one", "Skill two", "Skill three", "Skill four"], leading=15)
    right = column(250, 783, ["Line one of the text", "Line two of the text", "Line three of the text"], leading=21)

    document = read([*left, *right], column(40, 780, ["Skill five", "Skill six"]))

    assert texts(document)[4:6] == ["Skill five", "Skill six"]
    assert {line.column for line in document.lines if line.page == 2} == {0}


def test_an_address_that_was_broken_in_a_narrow_column_is_put_together():
    left = ["robin.vale.of.the.valley@exam", "ple.org", "Oslo", "Norway in the north of it"]
    right = ["Line one of the text", "Line two of the text", "Line three of the text", "Line four"]

    document = read([*column(40, 780, left, leading=13), *column(300, 783, right, leading=21)])

    assert texts(document)[0] == "robin.vale.of.the.valley@example.org"
    assert texts(document)[1] == "Oslo"


def test_a_title_that_wraps_beside_a_date_stays_whole():
    title = column(50, 700, ["University of the Northern Valleys and", "Lakes", "Master of Science"])

    document = read([*title, text_at(230, 700, "2019 - 2021")])

    assert texts(document) == ["University of the Northern Valleys and Lakes\t2019 - 2021", "Master of Science"]


@pytest.mark.parametrize(
    ("visual", "logical"),
    [
        ("ابحرم", "مرحبا"),
        ("Acme 2021 ةكرش", "شركة Acme 2021"),
        ("2021 - 2019 ماع", "عام 2019 - 2021"),
        ("Acme ةكرش works", "Acme شركة works"),
        ("Engineer at Acme", "Engineer at Acme"),
    ],
)
def test_right_to_left_text_is_turned_into_reading_order(visual, logical):
    chars = [Char(sign, x, 0, x + 1, 1, 1, 1, Font()) for x, sign in enumerate(visual)]

    assert "".join(char.text for char in to_logical_order(chars)) == logical


def test_accents_and_icons_are_repaired():
    def char(text, x, font="Plain"):
        return Char(text, x, 0, x + 5, 10, 8, 10, Font(font))

    repaired = repair(
        [char("´", 0), char("e", 0), char("a", 10), char("\u0308", 10), char("\uf0e0", 20, "FontAwesome")]
    )

    assert "".join(char.text for char in repaired) == "éä"
    assert [char.text for char in repair([char("l", 0, "Wingdings"), char("\uf0b7", 9, "Symbol")])] == ["•", "•"]


def test_a_name_beside_an_address_is_read_before_it():
    name = [text_at(50, 780, "Robin Vale", size=24), text_at(50, 740, "Engineer", size=18)]
    address = column(420, 795, ["1 Old Street", "Springfield", "+1 202-555-0101", "robin@example.org", "example.org"])
    body = [
        text_at(50, 690, "Summary"),
        text_at(50, 676, "An engineer of many years who has built parsers and archives for towns"),
    ]

    document = read([*address, *name, *body])

    assert texts(document)[:3] == ["Robin Vale", "Engineer", "1 Old Street"]
    assert texts(document)[-2] == "Summary"


def test_years_below_each_other_in_the_margin_join_the_line_beside_them():
    years = column(40, 700, ["2010", "2014"], leading=11)
    entry = column(90, 702, ["Northfield University", "Master of Science", "Computing", "Grade: 1.3"], leading=13)

    document = read([*years, *entry])

    assert texts(document) == ["2010 2014\tNorthfield University", "Master of Science", "Computing", "Grade: 1.3"]


def chars_at(x, text, *, base=50.0, size=10.0, step=5.0):
    return [
        Char(sign, x + place * step, base - 8, x + (place + 1) * step, base + 2, base, size, Font("Body"))
        for place, sign in enumerate(text)
    ]


def test_texts_painted_over_each_other_stay_apart():
    name, date = chars_at(40, "Northfield"), chars_at(43, "2019-11")

    texts_found = [fragment.text for fragment in make_fragments([*name, *date])]

    assert sorted(texts_found) == ["2019-11", "Northfield"]


def test_a_mark_that_is_painted_before_its_letter_belongs_to_that_letter():
    blank = Char(" ", 20, 40, 23, 50, 48, 10, Font("Body"))
    mark = Char("\u064b", 24, 40, 24, 50, 46, 10, Font("Body"))
    letter = Char("\u0627", 24, 40, 28, 50, 48, 10, Font("Body"))

    assert [char.text for char in repair([blank, mark, letter])] == [" ", "\u0627\u064b"]


def test_tags_side_by_side_are_told_from_words():
    tags = [text_at(50, 700, "Data Analysis"), text_at(125, 700, "Excel"), text_at(160, 700, "Power BI")]

    assert texts(read([*tags, *column(50, 680, ["A row of words"])]))[0] == "Data Analysis\tExcel\tPower BI"


def test_paragraphs_of_right_to_left_text_go_on_over_lines():
    lines = [
        TextLine(
            id="a", box=(100, 10, 400, 20), text="نص طويل يملأ السطر كله حتى النهاية", spans=[Span(text="x", size=10)]
        ),
        TextLine(id="b", box=(250, 23, 400, 33), text="ثم ينتهي هنا", spans=[Span(text="x", size=10)]),
        TextLine(id="c", box=(200, 36, 400, 46), text="فقرة أخرى", spans=[Span(text="x", size=10)]),
    ]

    number_blocks(lines, 1)

    assert [line.block for line in lines] == [1, 1, 2]


def test_three_columns_whose_rows_meet_are_read_one_after_the_other():
    left = [text_at(40, 700, "Contact", size=13, bold=True), *column(40, 682, ["ida@example.org", "Springfield"])]
    left += [text_at(40, 646, "Languages", size=13, bold=True), *column(40, 630, ["English", "Polish"])]
    middle = [text_at(180, 700, "Experience", size=13, bold=True)]
    middle += column(
        180,
        684,
        ["Engineer at Alpha Works", "Built the parser of pages", "Led the move", "Wrote tests", "Ran it"],
        leading=12,
    )
    right = [
        text_at(400, 700, "Education", size=13, bold=True),
        *column(400, 684, ["Example University", "Physics"], leading=13),
    ]
    right += [text_at(400, 650, "Skills", size=13, bold=True), *column(400, 636, ["Python", "Maps"], leading=13)]

    found = texts(read([text_at(40, 780, "Ida Example", size=22), *left, *middle, *right]))

    heads = [found.index(head) for head in ("Contact", "Languages", "Experience", "Education", "Skills")]
    assert heads == sorted(heads)
    assert not any("\t" in text for text in found)


def test_a_label_at_the_right_end_of_a_line_of_latin_words_comes_first():
    visual = "Python, Java :ةينقت"
    chars = [Char(sign, 5.0 * n, 0, 5.0 * n + 5, 10, 8, 10, Font()) for n, sign in enumerate(visual)]

    assert "".join(char.text for char in to_logical_order(chars)) == "تقنية: Python, Java"


def test_a_list_sign_stands_before_right_to_left_text():
    signs = [*((sign, 300 + 5 * n) for n, sign in enumerate("ةيبرعلا ةغللا")), ("•", 372)]
    chars = [Char(sign, x, 0, x + 5, 10, 8, 10, Font(bold=sign == "•")) for sign, x in signs]

    (row,) = join_rows(make_fragments(chars))

    assert [part.text for part in row] == ["•", "اللغة العربية"]


def test_marks_of_letters_are_read_from_the_tags_of_the_page():
    tag = "/Span <</ActualText <FEFF00650301>>> BDC"
    page = f"BT /F0 10 Tf 1 0 0 1 50 700 Tm (Caf) Tj {tag} (e) Tj EMC ( Robin) Tj /Span <</ActualText (Lies)>> BDC ( Vale) Tj EMC ET"

    assert texts(read([page])) == ["Café Robin Vale"]


def test_a_mark_that_is_painted_before_its_letter_is_no_letter_of_its_own():
    chars = [Char(sign, 0, 0, 5, 10, 8, 10, Font()) for sign in ("x", "a\u064f")]
    join_marks(chars, 1, "b\u064f")
    chars.append(Char("b", 0, 0, 5, 10, 8, 10, Font()))
    join_marks(chars, 2, "b\u064f")

    assert [char.text for char in chars] == ["x", "b\u064f"]
    join_marks(chars, 1, "b")
    assert [char.text for char in chars] == ["x", "b"]


@pytest.mark.parametrize(
    ("rows", "address"),
    [
        (("m.ashdown-", "fyfe@example.org"), "m.ashdown-fyfe@example.org"),
        (("linkedin.com/in/solene-", "kervadec"), "linkedin.com/in/solene-kervadec"),
    ],
)
def test_an_address_that_breaks_at_its_hyphen_is_put_together(rows, address):
    document = read(column(400, 700, [*rows, "Galway in the west"]))

    assert texts(document) == [address, "Galway in the west"]


def test_tags_of_one_word_each_are_told_from_words():
    document = read([text_at(50, 700, "R"), text_at(70, 700, "QGIS"), text_at(50, 680, "Stan")])

    assert texts(document) == ["R\tQGIS", "Stan"]


def test_a_date_that_is_justified_in_a_narrow_column_is_one():
    document = read([text_at(50, 700, "May"), text_at(80, 700, "2017"), text_at(113, 700, "-")])

    assert texts(document) == ["May 2017 -"]


def test_a_hyphen_that_is_seen_is_one_whatever_the_font_calls_it():
    meaning = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
    meaning += "1 beginbfchar <2d> <00ad> endbfchar endcmap"

    document = read([text_at(50, 700, "-")], to_unicode=meaning)

    assert texts(document) == ["-"]


@pytest.mark.parametrize(
    ("font", "seen"),
    [("LMSansDemiCond10", "a"), ("OpenSans-SemiCondensed", "a"), ("Lexicon-Roman", "a"), ("FontAwesome5Free", ""), ("MaterialIcons", ""), ("iconfont", "")],
)  # fmt: skip
def test_condensed_fonts_are_no_fonts_of_icons(font, seen):
    kept = repair([Char("a", 50, 690, 56, 700, 698, 10, Font(font), "#000000")])

    assert "".join(char.text for char in kept) == seen
