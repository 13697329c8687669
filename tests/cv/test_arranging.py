"""Entries are moved, joined and parted, text finds a place; nothing that was written is lost, and all of it survives a reading."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cv.arranging import assign_line, join_item, move_item, move_under, part_before, part_text, parts_of
from cv.corrections import keep_corrections
from cv.entry_menu import actions_for, assign_targets, destinations
from cv.errors import CVError, InvalidValueError, UnknownItemError
from cv.resume import (
    Education,
    Employer,
    Item,
    Line,
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
from cv.review import collections_of, confirm_all, remove_item
from cv.services import ARRANGEMENTS


def _read(item: Item, field: str, line: str) -> None:
    item.meta[field] = ValueMeta(source=Source(page=1, line_ids=[line]), confidence=0.8)


def reading() -> Resume:
    """Return a reading in which two jobs were taken for one, and one group for two."""
    first = Position(title="Lead", start=PartialDate(year=2020), current=True, highlights=[Line(text="Cut costs."), Line(text="Tester, 2015"), Line(text="Wrote tests.")])  # fmt: skip
    second = Position(title="Clerk", start=PartialDate(year=2010), end=PartialDate(year=2014), highlights=[Line(text="Filed.")])  # fmt: skip
    resume = Resume(
        person=Person(name="Ada Example", summary="Calm."),
        employers=[Employer(name="Acme", location="Oslo", positions=[first, second]), Employer(name="Bolt", positions=[Position(title="Aide")])],
        education=[Education(institution="Uni A", degree="BSc"), Education(institution="Uni B", area="Maths", score="1.0")],
        skills=[SkillGroup(name="Tools", skills=[Skill(name="Git, Make; Nix")]), SkillGroup(name="More", skills=[Skill(name="Rust")])],
        unassigned=[Line(text="ada@example.org"), Line(text="Fencing"), Line(text="Led nine people.")],
    ).assign_ids()  # fmt: skip
    for number, item in enumerate(resume.items(), 1):
        field = next(name for name in ("text", "title", "name", "institution", "skills") if hasattr(item, name))
        _read(item, field, f"p1l{number}")
    return resume


def words_of(resume: Resume) -> list[str]:
    """Return every word that stands anywhere in a résumé."""
    texts = re.findall(r"\w+", " ".join(_texts(resume.model_dump(exclude={"section_order", "language"}))))
    return sorted(set(texts))


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for key, inner in value.items() if key not in {"id", "meta"} for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


def titles(resume: Resume) -> list[tuple[str, list[str]]]:
    return [(employer.name, [position.title for position in employer.positions]) for employer in resume.employers]


def test_an_entry_moves_within_its_list_and_stops_at_its_ends():
    moved = move_item(reading(), item_id="position-2", steps=-1)
    assert titles(moved)[0] == ("Acme", ["Clerk", "Lead"])

    assert move_item(moved, item_id="position-2", steps=-1) == moved


def test_an_entry_moves_under_another_parent():
    moved = move_under(reading(), item_id="position-2", parent_id="employer-2")

    assert titles(moved) == [("Acme", ["Lead"]), ("Bolt", ["Aide", "Clerk"])]
    for parent in ("employer-1", "position-1", "nobody", ""):
        with pytest.raises(UnknownItemError):
            move_under(reading(), item_id="position-2", parent_id=parent)


def test_joined_positions_span_both_and_keep_every_word():
    joined = join_item(reading(), item_id="position-2")

    position = joined.employers[0].positions[0]
    assert (position.start, position.end, position.current) == (PartialDate(year=2010), None, True)
    assert [line.text for line in position.highlights] == ["Cut costs.", "Tester, 2015", "Wrote tests.", "Filed."]
    assert joined.unassigned[-1].text == "Clerk"


def test_joined_employers_and_studies_have_the_values_of_both():
    joined = join_item(join_item(reading(), item_id="employer-2"), item_id="education-2")

    assert titles(joined) == [("Acme", ["Lead", "Clerk", "Aide"])]
    study = joined.education[0]
    assert (study.institution, study.degree, study.area, study.score) == ("Uni A", "BSc", "Maths", "1.0")
    assert {line.text for line in joined.unassigned} >= {"Bolt", "Uni B"}


def test_the_first_of_a_list_has_nothing_to_be_joined_to():
    with pytest.raises(UnknownItemError):
        join_item(reading(), item_id="employer-1")


def test_a_position_is_parted_before_a_line_which_heads_the_new_one():
    parted, new = part_before(reading(), item_id="line-2")

    assert titles(parted)[0] == ("Acme", ["Lead", "Tester, 2015", "Clerk"])
    assert [line.text for line in parted.item(new.id).highlights] == ["Wrote tests."]
    assert parted.item(new.id).meta["title"].source.line_ids


def test_an_employer_is_parted_before_a_position():
    parted, _ = part_before(reading(), item_id="position-2")

    assert titles(parted) == [("Acme", ["Lead"]), ("Acme", ["Clerk"]), ("Bolt", ["Aide"])]
    assert parted.employers[1].location == "Oslo"
    with pytest.raises(UnknownItemError):
        part_before(reading(), item_id="position-1")


def test_skills_and_lines_fall_into_their_parts():
    parted = part_text(reading(), item_id="skill-1")
    assert [skill.name for skill in parted.skills[0].skills] == ["Git", "Make", "Nix"]

    line = Line(text="Led the team. Cut costs by 3.5 %\nWrote · things")
    assert parts_of(line) == ["Led the team.", "Cut costs by 3.5 %", "Wrote · things"]
    with pytest.raises(InvalidValueError):
        part_text(reading(), item_id="line-1")


@pytest.mark.parametrize(
    ("line", "target", "found"),
    [
        ("line-5", "field:person-1:email", lambda resume: resume.person.email),
        ("line-6", "field:person-1:summary", lambda resume: resume.person.summary.split("\n")[1]),
        ("line-7", "list:position-1:highlights", lambda resume: resume.employers[0].positions[0].highlights[-1].text),
        ("line-6", "list::interests", lambda resume: resume.interests[0].name),
        ("line-6", "list:skillgroup-1:skills", lambda resume: resume.skills[0].skills[-1].name),
        ("line-6", "list::custom", lambda resume: resume.custom[0].lines[0].text),
        ("line-6", "list::employers", lambda resume: resume.employers[-1].name),
    ],
)
def test_text_without_a_field_finds_its_place(line, target, found):
    before = reading()

    after = assign_line(before, line_id=line, target=target)

    assert found(after) == before.item(line).text
    assert len(after.unassigned) == 2
    assert words_of(after) == sorted({*words_of(before), *(["More"] if "custom" in target else [])})


def test_a_place_that_is_taken_or_of_another_kind_is_refused():
    with pytest.raises(InvalidValueError):
        assign_line(reading(), line_id="line-6", target="field:person-1:name")
    with pytest.raises(InvalidValueError):
        assign_line(reading(), line_id="line-6", target="field:person-1:birth_date")
    for target in ("field:nobody:name", "list::nothing", "list:person-1:highlights", "elsewhere"):
        with pytest.raises(UnknownItemError):
            assign_line(reading(), line_id="line-6", target=target)


def test_every_offer_of_the_page_can_be_taken():
    resume = reading()
    for item in [item for _, items in collections_of(resume) for item in items]:
        for action in [*actions_for(resume, item), *destinations(resume, item)]:
            changed = ARRANGEMENTS[action.verb][1](resume, item.id, action.target)
            assert changed != resume
            assert set(words_of(changed)) >= set(words_of(resume)), action
    for group in assign_targets(resume):
        for target, _ in group.options:
            line = "line-5" if "email" in target else "line-6"
            if not target.endswith((":birth_date", ":phone")):
                assert len(assign_line(resume, line_id=line, target=target).unassigned) == 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(ARRANGEMENTS)), st.integers(0, 30), st.integers(0, 30)), max_size=6))
def test_no_sequence_of_changes_loses_a_word_and_all_survive_another_reading(steps):
    resume, words = reading(), words_of(reading())

    for verb, which, whither in steps:
        items = [item for _, items in collections_of(resume) for item in items]
        parents = list(resume.items())
        try:
            resume = ARRANGEMENTS[verb][1](resume, items[which % len(items)].id, parents[whither % len(parents)].id)
        except CVError:
            continue
        assert len({item.id for item in resume.items()}) == len(list(resume.items()))

    assert set(words_of(resume)) >= set(words)
    kept = keep_corrections(reading(), corrected=resume, baseline=reading())
    assert _shape(kept) == _shape(resume)


def _shape(resume: Resume) -> object:
    """Return what a résumé says, without ids and sources."""

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items() if key not in {"id", "meta"}}
        return [plain(inner) for inner in value] if isinstance(value, list) else value

    return plain(resume.model_dump())


def test_what_another_engine_finds_anew_joins_the_arranged_entries():
    corrected = move_item(
        move_under(reading(), item_id="position-2", parent_id="employer-2"), item_id="employer-2", steps=-1
    )
    fresh = reading()
    fresh.employers[0].positions[0].highlights.insert(1, Line(text="Found anew."))
    fresh.employers.insert(1, Employer(name="Crest"))
    fresh.employers[0].name = "ACME Inc"

    kept = keep_corrections(fresh.assign_ids(), corrected=corrected, baseline=reading())

    assert titles(kept) == [("Bolt", ["Aide", "Clerk"]), ("ACME Inc", ["Lead"]), ("Crest", [])]
    assert kept.employers[1].positions[0].highlights[1].text == "Found anew."


def test_a_dropped_line_stays_dropped():
    dropped = assign_line(reading(), line_id="line-6", target="")

    kept = keep_corrections(reading(), corrected=dropped, baseline=reading())

    assert [line.text for line in kept.unassigned] == ["ada@example.org", "Led nine people."]
    assert remove_item(reading(), item_id="line-6").unassigned == dropped.unassigned


def test_only_sure_values_are_confirmed_together():
    resume = reading()
    resume.person.meta["name"] = ValueMeta(confidence=0.95)

    confirmed = confirm_all(resume, at_least=0.9)

    assert confirmed.person.meta["name"].status == ValueStatus.CONFIRMED
    assert confirmed.employers[0].positions[0].meta["title"].status == ValueStatus.AUTO
