"""Each style's own export is read back to the same document; layouts choose paper, length, sections; no letter becomes a box."""

import io
import json
import re
from functools import partial
from pathlib import Path

import docx
import pypdfium2
import pytest
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from lxml import etree

from cv import services
from cv.errors import MissingGlyphsError
from cv.export import Layout, Paper, Style, to_docx, to_europass, to_markdown, to_pdf, to_text
from cv.export.layout import arranged
from cv.export.pdf import missing_glyphs, page_count
from cv.extraction.limits import ExtractionLimits
from cv.extraction.readers import read_document
from cv.forms import layout_from
from cv.json_resume import from_json_resume
from cv.json_resume.writing import standard_part
from cv.models import CV, VersionOrigin
from cv.parsing.rules import parse_with_rules
from cv.resume import Employer, Language, Line, Person, Position, Project, Resume, Skill, SkillGroup
from cv.services.uploads import structured_form
from cv.views.downloads import STYLE_WORDS
from tests.cv.test_export import pdf_text

FOLDER = Path(__file__).parents[1] / "data" / "cvs"
ETHIOPIC = "ጤና"
WRITERS = [
    *(pytest.param(partial(to_pdf, layout=Layout(style=style)), id=style.value) for style in Style),
    pytest.param(to_docx, id="docx"),
    pytest.param(to_markdown, id="md"),
    pytest.param(to_text, id="txt"),
]


def sample(language: str) -> Resume:
    resume = from_json_resume(json.loads((FOLDER / f"truth-{language}.json").read_text(encoding="utf-8")))
    resume.language = language
    return resume


def said(resume: Resume) -> set[tuple[str, str]]:
    """Return everything that a résumé says, each with where it says it."""
    found = set()

    def walk(value: object, path: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, f"{path}.{key}")
        elif isinstance(value, list):
            for inner in value:
                walk(inner, path)
        elif value not in ("", None) and not path.startswith(".meta"):
            found.add((path, re.sub(r"\s+", " ", str(value)).casefold().removeprefix("https://").removesuffix("/")))

    walk(standard_part(resume), "")
    return found


def read(data: bytes, *, file_name: str = "") -> Resume:
    return parse_with_rules(read_document(data, limits=ExtractionLimits(), file_name=file_name))


@pytest.mark.parametrize("language", ["en", "fr", "pl"])
@pytest.mark.parametrize("write", WRITERS)
def test_every_own_export_is_read_back_to_the_same_document(write, language):
    resume = sample(language)

    back = read(write(resume), file_name="cv.md" if write is to_markdown else "")

    assert said(back) == said(resume)
    assert back.unassigned == []


def test_greek_is_read_back_from_every_style():
    resume = Resume(
        language="el",
        person=Person(name="Ελένη Παπαδοπούλου", headline="Μηχανικός λογισμικού", email="eleni@example.org"),
        employers=[Employer(name="Παράδειγμα ΑΕ", positions=[Position(title="Αρχιτέκτονας", current=True, highlights=[Line(text="Σχεδίασε την πλατφόρμα.")])])],
    )  # fmt: skip
    resume.employers[0].positions[0].start = sample("en").employers[0].positions[0].start

    for style in Style:
        assert said(read(to_pdf(resume, Layout(style=style)))) == said(resume)


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_every_style_is_tagged_and_embeds_its_fonts(style, language):
    resume = sample("en")
    resume.language = language
    resume.person.summary = {"en": "Łódź Ελλάδα Київ", "ar": "محللة بيانات", "zh": "八年后端开发经验"}[language]

    data = to_pdf(resume, Layout(style=style))

    assert b"pdfuaid:part" in data
    assert b"/FontFile" in data
    words = {"en": "Łódź", "ar": "Imogen", "zh": "八年后端开发经验"}[language]
    assert words in pdf_text(data)


def test_styles_have_templates_and_words():
    templates = {
        path.stem.removeprefix("resume-") for path in (settings.BASE_DIR / "templates/documents").glob("resume-*.typ")
    }

    assert templates == set(Style) == set(STYLE_WORDS)
    assert len({to_pdf(sample("en"), Layout(style=style)) for style in Style}) == len(Style) >= 3


@pytest.mark.parametrize(("paper", "size"), [(Paper.A4, (595, 842)), (Paper.LETTER, (612, 792))])
def test_paper_is_that_of_the_layout(paper, size):
    with pypdfium2.PdfDocument(to_pdf(sample("en"), Layout(paper=paper))) as document:
        assert tuple(round(side) for side in document[0].get_size()) == size
    page = docx.Document(io.BytesIO(to_docx(sample("en"), Layout(paper=paper)))).sections[0]
    assert (round(page.page_width.pt), round(page.page_height.pt)) == size


def _long(count: int) -> Resume:
    resume = sample("en")
    resume.employers[0].positions[0].highlights = [
        Line(text=f"Number {n} of a list of deeds, each of which takes a line.") for n in range(count)
    ]
    return resume  # fmt: skip


def test_a_page_target_sets_smaller_type_and_says_when_that_is_not_enough():
    a_little_over = _long(27)
    assert page_count(to_pdf(a_little_over)) == 2
    assert page_count(to_pdf(a_little_over, Layout(pages=1))) == 1
    assert to_pdf(sample("en"), Layout(pages=1)) == to_pdf(sample("en"))

    assert services.preview_resume(_long(150), layout=Layout(pages=1)).pages > 1


def test_sections_are_ordered_and_left_out_in_every_format():
    layout = Layout(order=("education", "skills", "nonsense"), hidden=frozenset({"summary", "languages", "person"}))
    resume = sample("en")

    for name in services.EXPORT_FORMATS:
        data = services.export_resume(resume, format_name=name, layout=layout).data
        text = pdf_text(data) if name == "pdf" else data.decode(errors="replace")
        assert resume.person.summary not in text
        if name in {"pdf", "md", "txt"}:
            assert text.index("University of Leeds") < text.index("Negotiation") < text.index("Oakridge")
    assert arranged(resume, Layout()) is resume
    assert resume.languages


def test_a_letter_that_no_font_has_is_named_and_left_out_only_when_asked_to(monkeypatch):
    import typst

    monkeypatch.setattr("cv.export.pdf._fonts", lambda **_: typst.Fonts(include_system_fonts=False, font_paths=[settings.BASE_DIR / "templates/documents/fonts"]))  # fmt: skip
    resume = sample("en")
    resume.person.summary = f"Speaks {ETHIOPIC} and Łódź."

    with pytest.raises(MissingGlyphsError) as caught:
        to_pdf(resume)

    assert caught.value.characters == "".join(sorted(ETHIOPIC))
    assert ETHIOPIC[0] in caught.value.user_message
    assert "Speaks and Łódź." in " ".join(pdf_text(to_pdf(resume, Layout(drop_missing=True))).split())
    assert missing_glyphs("Łódź 上海 ليلى") == ""


def test_europass_is_read_back():
    resume = sample("en")
    resume.languages = [Language(name="German", cefr="B2", fluency="B2"), Language(name="English", cefr="native")]
    resume.skills = [SkillGroup(skills=[Skill(name="SAP <R/3> & more"), Skill(name="Excel")])]
    resume.projects = [Project(name="Kite", description="Flew high.")]
    data = to_europass(resume)

    etree.fromstring(data)
    back = from_json_resume(structured_form(data))

    assert (back.person.name, back.person.email, back.person.phone) == (resume.person.name, resume.person.email, resume.person.phone)  # fmt: skip
    assert [(e.name, [(p.title, p.start, p.end, p.current, [line.text for line in p.highlights]) for p in e.positions]) for e in back.employers] == [
        (e.name, [(p.title, p.start, p.end, p.current, [line.text for line in p.highlights]) for p in e.positions]) for e in resume.employers
    ]  # fmt: skip
    assert (back.education[0].institution, back.education[0].degree, back.education[0].area) == ("University of Leeds", "BSc", "Supply Chain Management")  # fmt: skip
    assert [skill.name for group in back.skills for skill in group.skills] == ["SAP <R/3> & more", "Excel"]
    assert {(spoken.name, spoken.cefr) for spoken in back.languages} == {("German", "B2"), ("English", "native")}
    assert {award.title for award in back.awards} == {"Summary", "Projects: Kite"}


@pytest.mark.parametrize("write", [to_markdown, to_text, to_europass])
def test_hostile_text_stays_text(write):
    resume = sample("en")
    resume.person.name = "Ada <script>alert(1)</script>"
    resume.person.summary = "# no heading\n- no list *x* [y](javascript:alert(1)) ]]> &amp; \x00"

    data = write(resume).decode()

    assert "\x00" not in data
    if write is to_markdown:
        assert "\\<script\\>" in data
        assert "\n# no" not in data
        assert "\\](javascript" in data
    if write is to_europass:
        assert "<script>" not in data


def test_a_layout_is_read_from_an_address():
    layout = layout_from(QueryDict("style=classic&paper=letter&pages=2&order=skills&order=employers&order=skills&show=skills&up=employers&drop=1"))  # fmt: skip
    assert layout == Layout(Style.CLASSIC, Paper.LETTER, 2, ("employers", "skills"), frozenset({"employers"}), drop_missing=True)  # fmt: skip

    assert layout_from(QueryDict("style=x&paper=y&pages=99&order=z&up=nothing&pages=-1")) == Layout()


@pytest.fixture
def cv(owner) -> CV:
    cv = CV.objects.create(owner=owner, title="Ada")
    services.save_version(cv=cv, resume=sample("en"), origin=VersionOrigin.IMPORTED)
    return cv


def test_the_download_page_shows_what_comes_out_and_remembers_the_choice(client_for, owner, stranger, cv):
    address = reverse("cv:download", args=[cv.pk])
    client = client_for(owner)

    first = client.get(address).content.decode()
    assert "data:image/png;base64," in first
    assert "Page 1 of 1" in first
    part = client.get(f"{address}?style=sidebar&paper=letter&order=skills&order=summary&show=skills", HTTP_HX_REQUEST="true").content.decode()  # fmt: skip
    assert "<html" not in part
    assert part.index('value="skills"') < part.index('value="summary"')
    link = re.search(r'href="([^"]+/export/pdf/[^"]+)"', part)[1].replace("&amp;", "&")
    assert "show=summary" not in link

    file = client.get(link)
    assert file["Content-Disposition"].endswith('.pdf"')
    assert "warehouses in two countries" not in pdf_text(file.content)
    again = client.get(address).content.decode()
    assert re.search(r'id="style-sidebar"\s+value="sidebar"\s+checked', again)
    assert client_for(stranger).get(address).status_code == 404


def test_a_missing_font_is_said_on_the_page_and_by_the_download(client_for, owner, cv, monkeypatch):
    def refuse(*_args: object, **_given: object) -> bytes:
        raise MissingGlyphsError(characters=ETHIOPIC)

    monkeypatch.setattr("cv.services.exports.to_pdf", refuse)
    monkeypatch.setitem(services.EXPORT_FORMATS, "pdf", ("application/pdf", refuse))
    monkeypatch.setitem(services.exports._TYPESET, "pdf", refuse)
    client = client_for(owner)

    assert ETHIOPIC[0] in client.get(reverse("cv:download", args=[cv.pk])).content.decode()
    response = client.get(reverse("cv:export", args=[cv.pk, "pdf"]))
    assert response.status_code == 422
    assert ETHIOPIC[0] in response.content.decode()
