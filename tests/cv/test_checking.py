"""The check says what makes a CV hard to read, with reason and remedy, and is silent about one that is in order."""

import datetime

import pytest
from django.urls import reverse

from cv import services
from cv.checking import check_cv
from cv.errors import NotParsedError
from cv.extraction.types import ExtractedDocument, Page, Span, TextLine
from cv.models import CV, VersionOrigin
from cv.resume import (
    CustomSection,
    Education,
    Employer,
    Line,
    Location,
    PartialDate,
    Person,
    Position,
    Profile,
    Resume,
    Skill,
    SkillGroup,
)

TODAY = datetime.date(2026, 3, 1)
WORDS = " ".join(f"word{number}" for number in range(40))


def good() -> Resume:
    """Return a CV that is in order."""
    post = Position(
        title="Lead", start=PartialDate(year=2020, month=3), current=True,
        highlights=[Line(text=f"Led {number} things: {WORDS}") for number in range(3)],
    )  # fmt: skip
    earlier = Position(title="Aide", start=PartialDate(year=2017, month=1), end=PartialDate(year=2020, month=2), summary="Helped.")  # fmt: skip
    person = Person(
        name="Ada Example", email="ada@example.org", phone="+44 20 7946 0958", location=Location(text="Leeds")
    )
    return Resume(
        person=person,
        employers=[Employer(name="Acme", positions=[post, earlier])],
        education=[Education(institution="Uni", start=PartialDate(year=2013), end=PartialDate(year=2016))],
        skills=[SkillGroup(skills=[Skill(name="Git")])],
    ).assign_ids()


def codes(resume: Resume, document: ExtractedDocument | None = None) -> set[str]:
    return {finding.code for finding in check_cv(resume.assign_ids(), document, today=TODAY)}


def test_a_cv_in_order_has_no_findings():
    assert codes(good()) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda r: setattr(r.person, "name", ""), "name-missing"),
        (lambda r: setattr(r.person, "email", ""), "email-missing"),
        (lambda r: setattr(r.person, "email", "ada@example"), "email-form"),
        (lambda r: setattr(r.person, "phone", "+44 12"), "phone-form"),
        (lambda r: setattr(r.person, "phone", "020 7946 0958"), "phone-country"),
        (lambda r: setattr(r.person, "phone", ""), "phone-missing"),
        (lambda r: setattr(r.person, "location", None), "place-missing"),
        (lambda r: setattr(r.person, "birth_date", PartialDate(year=1990)), "personal"),
        (lambda r: r.person.profiles.append(Profile(url="just words")), "link-form"),
        (lambda r: setattr(r.employers[0].positions[1], "end", None), "end-missing"),
        (lambda r: r.employers[0].positions.append(Position(title="X", summary="Y")), "dates-missing"),
        (lambda r: setattr(r.employers[0].positions[1], "end", PartialDate(year=2012)), "dates-reversed"),
        (lambda r: setattr(r.employers[0].positions[0], "start", PartialDate(year=2027, month=1)), "start-future"),
        (lambda r: setattr(r.employers[0].positions[1], "end", PartialDate(year=2020)), "dates-uneven"),
        (lambda r: setattr(r.employers[0].positions[1], "end", PartialDate(year=2018, month=2)), "gap"),
        (lambda r: r.employers.insert(0, Employer(name="Old", positions=[Position(title="X", summary="Y", start=PartialDate(year=2010, month=1), end=PartialDate(year=2011, month=1))])), "order"),
        (lambda r: r.education.clear(), "section-missing"),
        (lambda r: r.custom.append(CustomSection(title="Experiance")), "heading-spelling"),
        (lambda r: r.unassigned.append(Line(text="left")), "unassigned"),
        (lambda r: setattr(r.employers[0].positions[1], "summary", ""), "post-empty"),
        (lambda r: r.employers[0].positions[0].highlights.extend(Line(text="x") for _ in range(9)), "many-lines"),
        (lambda r: r.employers[0].positions[0].highlights.append(Line(text="long " * 90)), "line-long"),
        (lambda r: setattr(r.person, "summary", "word " * 200), "summary-long"),
        (lambda r: r.employers[0].positions[0].highlights.__delitem__(slice(1, None)), "short"),
        (lambda r: r.employers[0].positions[0].highlights.append(Line(text="w " * 1500)), "long"),
    ],
)  # fmt: skip
def test_what_is_amiss_is_found_with_reason_and_remedy(change, code):
    resume = good()
    change(resume)

    finding = next(one for one in check_cv(resume.assign_ids(), None, today=TODAY) if one.code == code)

    assert finding.what
    assert finding.why
    assert finding.todo
    assert not finding.item_id or resume.item(finding.item_id)


@pytest.mark.parametrize("title", ["Patents", "Military service", "Experience", "Hobbies", "Publikationen"])
def test_other_headings_are_no_misspellings(title):
    resume = good()
    resume.custom.append(CustomSection(title=title))

    assert "heading-spelling" not in codes(resume)


def test_studies_fill_the_time_between_posts():
    resume = good()
    resume.employers[0].positions[1].end = PartialDate(year=2018, month=2)
    resume.education[0].start, resume.education[0].end = (
        PartialDate(year=2018, month=3),
        PartialDate(year=2020, month=1),
    )

    assert "gap" not in codes(resume)


def _line(number: int, text: str = "x" * 100, **more: object) -> TextLine:
    return TextLine(id=f"p1l{number}", text=text, **more)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (ExtractedDocument(media_type="image/png", lines=[_line(1)]), "scan"),
        (ExtractedDocument(media_type="application/pdf", lines=[_line(1, spans=[Span(text="x", font="scan", size=10)])]), "scan"),
        (ExtractedDocument(media_type="application/pdf", lines=[_line(1), _line(2, column=1)]), "columns"),
        (ExtractedDocument(media_type="application/pdf", lines=[_line(1, spans=[Span(text="x", size=7.0)])]), "small"),
        (ExtractedDocument(media_type="application/pdf", lines=[_line(1, hidden="white")]), "hidden"),
        (ExtractedDocument(media_type="text/html", lines=[_line(1, text="\ue010 020")]), "icons"),
        (ExtractedDocument(media_type="application/pdf", pages=[Page(number=n, width=595, height=842) for n in range(1, 5)]), "pages"),
        (ExtractedDocument(media_type="application/pdf", pages=[Page(number=1, width=595, height=2000)]), "tall"),
    ],
)  # fmt: skip
def test_what_is_amiss_with_the_file_is_found(document, code):
    assert codes(good(), document) == {code}


def test_nothing_is_promised():
    resume = Resume(custom=[CustomSection(title="Experiance")])
    text = " ".join(
        f"{one.what} {one.why} {one.todo}" for one in check_cv(resume.assign_ids(), None, today=TODAY)
    ).lower()

    for word in ("ats", "guarantee", "score", "beat", "pass the"):
        assert word not in text.split()


def test_the_page_shows_findings_with_their_places(client_for, owner, stranger):
    cv = CV.objects.create(owner=owner, title="Ada")
    with pytest.raises(NotParsedError):
        services.check(cv=cv)
    address = reverse("cv:check", args=[cv.pk])
    assert client_for(owner).get(address).status_code == 409
    resume = good()
    resume.employers[0].positions[1].end = None
    services.save_version(cv=cv, resume=resume, origin=VersionOrigin.IMPORTED)

    page = client_for(owner).get(address).content.decode()

    assert "1 to mend" in page
    assert f"{reverse('cv:detail', args=[cv.pk])}#item-position-2" in page
    assert "The file" not in page
    assert client_for(stranger).get(address).status_code == 404
