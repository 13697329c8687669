"""Corrections: what a person types becomes a value, and survives another reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cv.corrections import keep_corrections
from cv.errors import InvalidValueError, UnknownItemError
from cv.resume import (
    CEFRLevel,
    Employer,
    Interest,
    Language,
    Line,
    Location,
    PartialDate,
    Person,
    Position,
    Resume,
    Skill,
    SkillGroup,
    Source,
    ValueMeta,
    ValueStatus,
)
from cv.review import add_item, confirm_all, confirm_value, edit_value, field_kinds, remove_item, written_value


def _from_lines(field: str, *line_ids: str, confidence: float = 0.6) -> dict[str, ValueMeta]:
    return {field: ValueMeta(source=Source(page=1, line_ids=list(line_ids)), confidence=confidence)}


def reading() -> Resume:
    return Resume(
        person=Person(name="Ada Exmaple", email="ada@example.org", meta=_from_lines("name", "p1l1")),
        employers=[
            Employer(
                name="Acme",
                meta=_from_lines("name", "p1l5"),
                positions=[
                    Position(
                        title="Lead",
                        start=PartialDate(year=2020, month=2),
                        current=True,
                        meta=_from_lines("title", "p1l6"),
                        highlights=[
                            Line(text="Cut costs by 10 %.", meta=_from_lines("text", "p1l7")),
                            Line(text="Hired two.", meta=_from_lines("text", "p1l8")),
                        ],
                    )
                ],
            ),
            Employer(name="Beta", meta=_from_lines("name", "p1l9"), positions=[Position(title="Clerk")]),
        ],
        skills=[SkillGroup(skills=[Skill(name=name, meta=_from_lines("name", "p2l1")) for name in ("SQL", "Go", "C")])],
        languages=[Language(name="German", cefr=CEFRLevel.B2)],
        interests=[Interest(name="Chess", keywords=["blitz", "bullet"])],
    ).assign_ids()


@pytest.mark.parametrize(
    ("item_id", "field", "written", "value"),
    [
        ("person-1", "name", "  Ada   Example ", "Ada Example"),
        ("person-1", "summary", "One.\r\nTwo.", "One.\nTwo."),
        ("person-1", "location", "Berlin, Germany", Location(text="Berlin, Germany")),
        ("person-1", "location", "", None),
        ("position-1", "start", "2021-03", PartialDate(year=2021, month=3)),
        ("position-1", "start", "Mar 2021", PartialDate(year=2021, month=3, raw="Mar 2021")),
        ("position-1", "start", "", None),
        ("language-1", "cefr", "C1", CEFRLevel.C1),
        ("language-1", "cefr", "", None),
        ("interest-1", "keywords", "blitz, , rapid", ["blitz", "rapid"]),
        ("interest-1", "keywords", "", []),
        ("position-1", "current", "no", False),
        ("line-1", "text", "Cut costs by 12 %.", "Cut costs by 12 %."),
    ],
)
def test_what_a_person_types_becomes_a_value(item_id, field, written, value):
    before = reading()

    edited = edit_value(before, item_id=item_id, field=field, written=written)

    item = edited.item(item_id)
    assert getattr(item, field) == value
    assert item.meta[field].status == ValueStatus.EDITED
    assert before == reading()


def test_an_edit_keeps_the_source_for_comparison():
    edited = edit_value(reading(), item_id="person-1", field="name", written="Ada Example")

    assert edited.person.meta["name"].source.line_ids == ["p1l1"]
    assert edited.person.meta["name"].confidence == 1.0


def test_present_as_the_end_means_that_it_goes_on():
    ended = edit_value(reading(), item_id="position-1", field="end", written="2023")
    position = ended.item("position-1")
    assert (position.end, position.current) == (PartialDate(year=2023), False)

    position = edit_value(ended, item_id="position-1", field="end", written="Present").item("position-1")
    assert (position.end, position.current) == (None, True)
    assert written_value(position, "end") == "present"


def test_what_goes_on_loses_its_end():
    ended = edit_value(reading(), item_id="position-1", field="end", written="2023")

    position = edit_value(ended, item_id="position-1", field="current", written="yes").item("position-1")

    assert (position.end, position.current) == (None, True)


@pytest.mark.parametrize(
    ("item_id", "field", "written"),
    [
        ("position-1", "start", "some day"),
        ("position-1", "start", "2021-13"),
        ("position-1", "start", "0021"),
        ("language-1", "cefr", "D7"),
        ("line-1", "text", "  "),
        ("person-1", "summary", "x" * 20_001),
    ],
)
def test_a_text_that_is_no_such_value_is_refused(item_id, field, written):
    with pytest.raises(InvalidValueError):
        edit_value(reading(), item_id=item_id, field=field, written=written)


@pytest.mark.parametrize(
    ("item_id", "field"), [("person-9", "name"), ("", "name"), ("person-1", "id"), ("person-1", "meta"), ("person-1", "x")]
)  # fmt: skip
def test_only_values_can_be_addressed(item_id, field):
    with pytest.raises(UnknownItemError):
        edit_value(reading(), item_id=item_id, field=field, written="x")


@given(written=st.text(max_size=30), field=st.sampled_from(["title", "start", "end", "current", "summary", "location"]))
def test_any_text_is_read_or_refused_and_reads_back_the_same(written, field):
    try:
        edited = edit_value(reading(), item_id="position-1", field=field, written=written)
    except InvalidValueError:
        return

    shown = written_value(edited.item("position-1"), field)
    again = edit_value(edited, item_id="position-1", field=field, written=shown)
    assert written_value(again.item("position-1"), field) == shown
    assert Resume.model_validate_json(edited.model_dump_json()) == edited


def test_confirming_all_marks_what_is_filled_and_leaves_edits():
    edited = edit_value(reading(), item_id="person-1", field="name", written="Ada Example")

    person = confirm_all(edited).person

    assert person.meta["name"].status == ValueStatus.EDITED
    assert person.meta["email"].status == ValueStatus.CONFIRMED
    assert "phone" not in person.meta


def test_a_value_can_be_confirmed():
    person = confirm_value(reading(), item_id="person-1", field="name").person

    assert person.meta["name"].status == ValueStatus.CONFIRMED


def test_items_are_added_under_their_parent_with_an_id():
    resume, line = add_item(reading(), collection="highlights", parent_id="position-1")

    assert resume.item("position-1").highlights[-1] is line
    assert line.id.startswith("line-")
    resume, employer = add_item(resume, collection="employers")
    assert resume.employers[-1] is employer


@pytest.mark.parametrize(
    ("collection", "parent_id"), [("highlights", "nobody"), ("highlights", ""), ("meta", ""), ("positions", "position-1")]
)  # fmt: skip
def test_items_are_added_only_where_such_items_belong(collection, parent_id):
    with pytest.raises(UnknownItemError):
        add_item(reading(), collection=collection, parent_id=parent_id)


def test_an_item_goes_with_all_that_is_under_it():
    resume = remove_item(reading(), item_id="employer-1")

    assert [employer.name for employer in resume.employers] == ["Beta"]
    assert resume.item("line-1") is None


def test_the_person_cannot_be_removed():
    with pytest.raises(UnknownItemError):
        remove_item(reading(), item_id="person-1")


def test_every_item_has_values_to_edit():
    assert all(field_kinds(item) for item in reading().items() if not isinstance(item, SkillGroup | Employer))
    assert list(field_kinds(Position()))[:3] == ["start", "end", "current"]


def _reread(corrected: Resume) -> Resume:
    return keep_corrections(reading(), corrected=corrected, baseline=reading())


def test_a_reading_without_corrections_is_taken_as_it_is():
    assert _reread(reading()) == reading()


def test_edited_and_confirmed_values_survive_another_reading():
    corrected = edit_value(reading(), item_id="person-1", field="name", written="Ada Example")
    corrected = edit_value(corrected, item_id="skill-2", field="name", written="Golang")
    corrected = confirm_value(corrected, item_id="position-1", field="title")
    fresh = reading()
    fresh.employers[0].positions[0].title = "Leda"

    kept = keep_corrections(fresh, corrected=corrected, baseline=reading())

    assert kept.person.name == "Ada Example"
    assert [skill.name for skill in kept.skills[0].skills] == ["SQL", "Golang", "C"]
    assert kept.employers[0].positions[0].title == "Lead"
    assert kept.employers[0].positions[0].meta["title"].status == ValueStatus.CONFIRMED


def test_corrections_find_their_item_though_its_number_changed():
    corrected = edit_value(reading(), item_id="employer-2", field="name", written="Beta Ltd")
    fresh = reading()
    fresh.employers.insert(0, Employer(name="Zero", positions=[Position(title="Intern")]))
    for item in fresh.items():
        item.id = ""

    kept = keep_corrections(fresh.assign_ids(), corrected=corrected, baseline=reading())

    assert [employer.name for employer in kept.employers] == ["Zero", "Acme", "Beta Ltd"]


def test_added_items_are_added_again():
    corrected, line = add_item(reading(), collection="highlights", parent_id="position-1")
    corrected = edit_value(corrected, item_id=line.id, field="text", written="Won a prize.")
    corrected, employer = add_item(corrected, collection="employers")
    corrected = edit_value(corrected, item_id=employer.id, field="name", written="Gamma")

    kept = _reread(corrected)

    assert [line.text for line in kept.employers[0].positions[0].highlights][-1] == "Won a prize."
    assert [employer.name for employer in kept.employers] == ["Acme", "Beta", "Gamma"]
    assert len({item.id for item in kept.items()}) == len(list(kept.items()))


def test_removed_items_stay_removed():
    corrected = remove_item(remove_item(reading(), item_id="line-2"), item_id="employer-2")

    kept = _reread(corrected)

    assert kept.model_dump() == corrected.model_dump()


def test_a_corrected_item_that_is_not_found_any_more_is_kept():
    corrected = edit_value(reading(), item_id="line-1", field="text", written="Cut costs by a tenth.")
    fresh = reading()
    fresh.employers[0].positions[0].highlights = []

    kept = keep_corrections(fresh, corrected=corrected, baseline=reading())

    assert [line.text for line in kept.employers[0].positions[0].highlights] == ["Cut costs by a tenth."]


def test_corrections_survive_many_readings():
    corrected = edit_value(reading(), item_id="person-1", field="name", written="Ada Example")
    corrected = remove_item(corrected, item_id="employer-2")

    assert _reread(_reread(corrected)) == _reread(corrected)
