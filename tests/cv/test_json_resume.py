"""JSON Resume: own exports come back equal, foreign ones are read for what they mean."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cv.errors import DocumentTooLargeError, UnreadableDocumentError
from cv.json_resume import from_json_resume, to_json_resume
from cv.resume import (
    CEFRLevel,
    Certificate,
    CustomSection,
    Education,
    Employer,
    Language,
    Line,
    PartialDate,
    Person,
    Position,
    Profile,
    Project,
    Resume,
    Skill,
    SkillGroup,
    Source,
    ValueMeta,
    ValueStatus,
)

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
DATES = st.builds(PartialDate, year=st.integers(1900, 2200), month=st.none() | st.integers(1, 12), raw=WORDS)
LINES = st.lists(st.builds(Line, id=WORDS, text=WORDS), max_size=2)
METAS = st.dictionaries(
    WORDS,
    st.builds(ValueMeta, source=st.builds(Source, page=st.none() | st.integers(1, 9), quotation=WORDS)),
    max_size=1,
)
SPAN = {"start": st.none() | DATES, "end": st.none() | DATES, "current": st.booleans(), "id": WORDS}
POSITIONS = st.builds(Position, title=WORDS, location=WORDS, highlights=LINES, meta=METAS, **SPAN)
RESUMES = st.builds(
    Resume,
    person=st.builds(Person, id=WORDS, name=WORDS, email=WORDS, summary=WORDS, birth_date=st.none() | DATES),
    employers=st.lists(
        st.builds(Employer, id=WORDS, name=WORDS, location=WORDS, positions=st.lists(POSITIONS, max_size=3)), max_size=3
    ),
    projects=st.lists(st.builds(Project, name=WORDS, highlights=LINES, **SPAN), max_size=2),
    education=st.lists(st.builds(Education, institution=WORDS, degree=WORDS, courses=LINES, **SPAN), max_size=2),
    skills=st.lists(
        st.builds(SkillGroup, name=WORDS, skills=st.lists(st.builds(Skill, name=WORDS, level=WORDS), max_size=3)),
        max_size=2,
    ),
    languages=st.lists(
        st.builds(Language, name=WORDS, fluency=WORDS, cefr=st.none() | st.sampled_from(CEFRLevel)), max_size=2
    ),
    certificates=st.lists(st.builds(Certificate, name=WORDS, expires=st.none() | DATES), max_size=2),
    custom=st.lists(st.builds(CustomSection, title=WORDS, lines=LINES), max_size=2),
    unassigned=LINES,
    section_order=st.lists(WORDS, max_size=3),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SECTION_NAMES = ["basics", "work", "volunteer", "education", "skills", "languages", "projects", "awards", "meta"]
FIELD_NAMES = ["name", "position", "startDate", "endDate", "highlights", "keywords", "location", "profiles", "careerai"]


def _example() -> Resume:
    return Resume(
        person=Person(name="Ada Example", email="ada@example.org", headline="Engineer"),
        employers=[
            Employer(
                name="Acme",
                positions=[
                    Position(title="Lead", start=PartialDate(year=2021, month=3), current=True),
                    Position(title="Engineer", start=PartialDate(year=2019), end=PartialDate(year=2021)),
                ],
            )
        ],
        languages=[Language(name="German", fluency="good", cefr=CEFRLevel.B2)],
        certificates=[Certificate(name="First aid", expires=PartialDate(year=2030))],
    ).assign_ids()


@given(RESUMES.filter(lambda resume: resume != Resume()))
@settings(max_examples=60, deadline=None)
def test_an_own_export_comes_back_equal(resume: Resume) -> None:
    written = json.loads(json.dumps(to_json_resume(resume)))

    assert from_json_resume(written) == resume


def test_positions_of_one_employer_become_entries_and_are_joined_again() -> None:
    written = to_json_resume(_example(), keep_extras=False)

    assert [(e["name"], e["position"]) for e in written["work"]] == [("Acme", "Lead"), ("Acme", "Engineer")]
    assert "endDate" not in written["work"][0]
    (employer,) = from_json_resume(written).employers
    assert [(p.title, p.current) for p in employer.positions] == [("Lead", True), ("Engineer", False)]


def test_a_return_to_an_employer_after_another_one_stays_apart() -> None:
    resume = from_json_resume({"work": [{"name": "A"}, {"name": "B"}, {"name": "a"}]})

    assert [employer.name for employer in resume.employers] == ["A", "B", "a"]


def test_an_edit_of_the_standard_part_counts_and_the_rest_is_kept() -> None:
    resume = _example()
    resume.employers[0].positions[0].meta["title"] = ValueMeta(confidence=0.4, status=ValueStatus.AUTO)
    written = to_json_resume(resume)
    written["work"][1]["position"] = "Junior engineer"
    del written["certificates"]

    read = from_json_resume(written)

    titles = [position.title for position in read.employers[0].positions]
    assert titles == ["Lead", "Junior engineer"]
    assert read.employers[0].positions[1].id == resume.employers[0].positions[1].id
    assert read.employers[0].positions[0].meta == resume.employers[0].positions[0].meta
    assert read.languages[0].cefr is CEFRLevel.B2
    assert read.certificates == []


def test_an_entry_that_was_taken_out_does_not_shift_the_ids_of_the_others() -> None:
    resume = Resume(awards=[{"title": "One"}, {"title": "Two"}]).assign_ids()  # type: ignore[list-item]
    written = to_json_resume(resume)
    written["awards"].pop(0)

    (award,) = from_json_resume(written).awards

    assert (award.id, award.title) == (resume.awards[1].id, "Two")


def test_extras_that_are_damaged_are_left_aside() -> None:
    written = to_json_resume(_example())
    written["meta"]["careerai"]["resume"]["employers"] = "Acme"

    assert from_json_resume(written).person.name == "Ada Example"


def test_a_foreign_resume_with_nulls_and_texts_in_place_of_lists_is_read() -> None:
    resume = from_json_resume(
        {
            "basics": {"name": "Ben", "summary": None, "location": "Ghent", "profiles": ["https://example.org/ben"]},
            "work": [
                {"company": "Acme", "position": None, "startDate": "Mar 2019", "endDate": "Present", "highlights": "A\nB"},
                None,
                {"name": "Beta", "startDate": 2011, "endDate": "12/2014", "summary": ["One", "Two"]},
            ],
            "volunteer": None,
            "education": {"institution": "Uni", "endDate": "2010-06-30T00:00:00Z", "gpa": 3.5},
            "skills": "Python, Go",
            "languages": ["Dutch", {"language": "French", "fluency": "B1 (good)"}, {"language": "English", "fluency": "Native"}],
            "interests": [{"name": "Chess", "keywords": "blitz, rapid"}],
            "references": ["Splendid."],
            "projects": [{"name": "Site", "roles": ["Author", {"name": "Tester"}, 7]}],
        }
    )  # fmt: skip

    first, second = (employer.positions[0] for employer in resume.employers)
    assert resume.person.location is not None
    assert resume.person.location.text == "Ghent"
    assert resume.person.profiles[0].url == "https://example.org/ben"
    assert (first.start, first.current) == (PartialDate(year=2019, month=3, raw="Mar 2019"), True)
    assert [line.text for line in first.highlights] == ["A", "B"]
    assert (second.start, second.end) == (PartialDate(year=2011), PartialDate(year=2014, month=12, raw="12/2014"))
    assert second.summary == "One\nTwo"
    assert resume.education[0].end == PartialDate(year=2010, month=6, day=30, raw="2010-06-30T00:00:00Z")
    assert resume.education[0].score == "3.5"
    assert [skill.name for skill in resume.skills[0].skills] == ["Python", "Go"]
    assert [language.cefr for language in resume.languages] == [None, CEFRLevel.B1, CEFRLevel.NATIVE]
    assert resume.interests[0].keywords == ["blitz", "rapid"]
    assert resume.references[0].text == "Splendid."
    assert resume.projects[0].roles == ["Author", "Tester", "7"]
    assert all(item.id for item in resume.items())


def test_a_location_of_parts_is_written_out_as_text() -> None:
    resume = from_json_resume({"basics": {"location": {"city": "Gent", "countryCode": "be", "postalCode": 9000}}})

    assert resume.person.location is not None
    assert resume.person.location.text == "Gent, BE"
    written = to_json_resume(resume, keep_extras=False)["basics"]["location"]
    assert written == {"postalCode": "9000", "city": "Gent", "countryCode": "BE"}


def test_a_date_that_cannot_be_read_is_kept_as_text() -> None:
    resume = from_json_resume({"work": [{"name": "Acme", "startDate": "Summer of Love", "endDate": "2019-31"}]})

    assert resume.employers[0].positions[0].start is None
    assert [line.text for line in resume.unassigned] == ["Summer of Love", "2019-31"]


@pytest.mark.parametrize("odd", ["13/2019", "Foo 2019", "9999", "0000-01", "2019-02-99"])
def test_an_impossible_date_is_none(odd: str) -> None:
    resume = from_json_resume({"education": [{"institution": "Uni", "endDate": odd}]})

    assert resume.education[0].end is None


def test_skills_with_keywords_are_groups_and_those_without_are_skills() -> None:
    skills = [{"name": "Python", "level": "expert"}, {"name": "Go"}, {"name": "Web", "keywords": ["HTML", "CSS"]}]

    groups = from_json_resume({"skills": skills}).skills

    assert [(group.name, [skill.name for skill in group.skills]) for group in groups] == [
        ("", ["Python", "Go"]),
        ("Web", ["HTML", "CSS"]),
    ]
    assert to_json_resume(Resume(skills=groups))["skills"] == skills


def _nested(depth: int) -> Any:
    value: Any = "deep"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "rubbish",
    [
        None,
        7,
        "text",
        [],
        {},
        {"hello": "world"},
        {"basics": {}, "work": []},
        {"work": [0, None]},
        {"work": _nested(99)},
    ],
)
def test_rubbish_is_refused(rubbish: Any) -> None:
    with pytest.raises(UnreadableDocumentError):
        from_json_resume(rubbish)


def test_characters_that_no_database_stores_are_left_out() -> None:
    resume = from_json_resume({"basics": {"name": "A\x00da\ud800"}})

    assert resume.person.name == "Ada"


@given(
    st.dictionaries(
        st.sampled_from(SECTION_NAMES),
        JSON_VALUES | st.lists(st.dictionaries(st.sampled_from(FIELD_NAMES), JSON_VALUES, max_size=4), max_size=3),
        max_size=4,
    )
)
@settings(max_examples=120, deadline=None)
def test_whatever_the_json_the_answer_is_a_resume_or_the_typed_error(data: dict[str, Any]) -> None:
    try:
        resume = from_json_resume(data)
    except UnreadableDocumentError:
        return
    assert from_json_resume(json.loads(json.dumps(to_json_resume(resume)))) == resume


def test_more_values_than_any_resume_has_are_refused():
    with pytest.raises(DocumentTooLargeError):
        from_json_resume({"basics": {"name": "Robin Vale"}, "skills": [{}] * 300_000})


def test_numbers_that_no_database_stores_are_left_out():
    file = to_json_resume(Resume(person=Person(name="Robin Vale")).assign_ids())
    file["meta"]["careerai"]["resume"]["person"]["meta"] = {
        "name": {"source": {"box": [0, 0, float("nan"), float("inf")]}}
    }

    resume = from_json_resume(json.loads(json.dumps(file)))

    assert resume.person.name == "Robin Vale"
    assert resume.person.meta == {}


def test_an_export_that_was_written_anew_is_merged_in_time_that_grows_with_its_length():
    skills = [SkillGroup(name=f"Group {number}", skills=[Skill(name="A")]) for number in range(3_000)]
    file = to_json_resume(Resume(person=Person(name="Robin Vale"), skills=skills).assign_ids())
    file["skills"] = [{**entry, "name": f"New {entry['name']}"} for entry in file["skills"]]

    resume = from_json_resume(file)

    assert [group.id for group in resume.skills] == [f"skillgroup-{number}" for number in range(1, 3_001)]
    assert resume.skills[-1].name == "New Group 2999"


LINKED = Resume(
    person=Person(
        name="Ada Quill", profiles=[Profile(network="GitHub", username="quill", link="https://github.com/quill")]
    )
).assign_ids()


def test_an_address_behind_a_name_is_written_for_others_and_left_out_where_only_what_is_seen_counts() -> None:
    (profile,) = to_json_resume(LINKED)["basics"]["profiles"]
    assert profile["url"] == "https://github.com/quill"
    (profile,) = to_json_resume(LINKED, visible_only=True)["basics"]["profiles"]
    assert "url" not in profile


@pytest.mark.parametrize("visible_only", [False, True])
def test_an_address_behind_a_name_stays_behind_it_on_the_way_back_also_after_an_edit(visible_only: bool) -> None:
    written = to_json_resume(LINKED, visible_only=visible_only)
    assert from_json_resume(written) == LINKED
    written["basics"]["name"] = "Ada M. Quill"
    edited = from_json_resume(written)
    assert edited.person.name == "Ada M. Quill"
    assert [(page.url, page.link) for page in edited.person.profiles] == [("", "https://github.com/quill")]


@pytest.mark.parametrize(
    ("visible_only", "edit", "expected"),
    [
        (False, {"username": "aquill"}, ("aquill", "", "https://github.com/quill")),
        (True, {"username": "aquill"}, ("aquill", "", "https://github.com/quill")),
        (False, {"url": ""}, ("quill", "", "")),
        (False, {"url": "https://github.com/aquill"}, ("quill", "https://github.com/aquill", "")),
    ],
)
def test_a_profile_whose_address_stands_behind_its_name_is_edited(
    visible_only: bool, edit: dict[str, str], expected: tuple[str, str, str]
) -> None:
    written = to_json_resume(LINKED, visible_only=visible_only)
    written["basics"]["profiles"][0].update(edit)
    (page,) = from_json_resume(written).person.profiles
    assert (page.username, page.url, page.link) == expected
