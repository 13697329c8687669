"""The review page answers each change of a CV's shape with the values as they stand, with and without scripts."""

import pytest
from django.urls import reverse

from cv import services
from cv.models import CV, ResumeVersion, VersionOrigin
from cv.resume import Employer, Line, Person, Position, Resume, Skill, SkillGroup, ValueMeta, ValueStatus
from cv.services.versions import KEPT_NOTE

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def client(client_for, owner):
    return client_for(owner)


@pytest.fixture
def cv(owner) -> CV:
    resume = Resume(
        person=Person(name="Ada Example", meta={"name": ValueMeta(confidence=0.95)}),
        employers=[
            Employer(name="Acme", positions=[Position(title="Lead", highlights=[Line(text="Cut costs. Led nine.")])]),
            Employer(name="Bolt", positions=[Position(title="Aide")]),
        ],
        skills=[SkillGroup(skills=[Skill(name="Git")])],
        unassigned=[Line(text="Fencing"), Line(text="ada@example.org")],
    )  # fmt: skip
    cv = CV.objects.create(owner=owner, title="Ada")
    services.save_version(cv=cv, resume=resume, origin=VersionOrigin.PARSED)
    return cv


def _at(name: str, cv: CV, *more: object) -> str:
    return reverse(f"cv:{name}", args=[cv.pk, *more])


def _resume(cv: CV) -> Resume:
    cv.refresh_from_db()
    return cv.current_version.resume


def _value(cv: CV, field: str) -> str:
    return f"{_at('value', cv)}?item=person-1&field={field}"


def test_an_entry_is_arranged_in_place_and_on_a_page_of_its_own(client, cv):
    menu = client.get(f"{_at('entry', cv)}?item=employer-2", **FRAGMENT).content.decode()
    assert "Move up" in menu
    assert "Join with the one above" in menu
    assert "<html" not in menu
    assert "<html" in client.get(f"{_at('entry', cv)}?item=employer-2").content.decode()

    part = client.post(_at("arrange", cv, "up"), {"item": "employer-2"}, **FRAGMENT).content.decode()
    assert part.index("Bolt") < part.index("Acme")
    assert 'data-focus="employer-2"' in part
    assert "Moved an entry up" in part

    moved = client.post(_at("arrange", cv, "under"), {"item": "position-2", "target": "employer-1"})
    assert moved["Location"] == _at("detail", cv)
    assert [len(employer.positions) for employer in _resume(cv).employers] == [0, 2]


@pytest.mark.parametrize("item", ["", "nobody", "person-1"])
def test_what_cannot_be_arranged_has_no_menu(client, cv, item):
    assert client.get(f"{_at('entry', cv)}?item={item}", **FRAGMENT).status_code == 404


def test_a_change_that_cannot_be_made_says_why_above_the_values(client, cv):
    part = client.post(_at("arrange", cv, "sideways"), {"item": "employer-1"}, **FRAGMENT).content.decode()
    assert "does not exist any more" in part
    assert "Acme" in part

    part = client.post(_at("assign", cv), {"line": "line-2", "target": ""}, **FRAGMENT).content.decode()
    assert "Choose where the lines belong" in part
    part = client.post(_at("assign", cv), {"target": "list::interests"}, **FRAGMENT).content.decode()
    assert "Choose the lines first" in part
    assert cv.versions.count() == 1


def test_unassigned_lines_are_assigned_or_left_out(client, cv):
    page = client.get(_at("detail", cv)).content.decode()
    assert 'value="field:person-1:email"' in page
    assert 'value="list:position-1:highlights"' in page

    client.post(_at("assign", cv), {"line": "line-3", "target": "field:person-1:email"}, **FRAGMENT)
    part = client.post(_at("assign", cv), {"line": "line-2", "drop": "1"}, **FRAGMENT).content.decode()

    assert _resume(cv).person.email == "ada@example.org"
    assert _resume(cv).unassigned == []
    assert "section-unassigned" not in part
    assert "Left out 1 line" in part


def test_undo_goes_back_step_by_step_and_redo_forth(client, cv):
    for name in ("First", "Second", "Third"):
        client.post(_value(cv, "name"), {"value": name}, **FRAGMENT)

    def press(button: str) -> str:
        part = client.post(_at(button, cv), **FRAGMENT).content.decode()
        assert ("/redo/" in part) == (_resume(cv).person.name != "Third")
        return _resume(cv).person.name

    assert [press("undo"), press("undo")] == ["Second", "First"]
    assert [press("redo"), press("redo"), press("undo"), press("undo"), press("undo")] == [
        "Second", "Third", "Second", "First", "Ada Example",
    ]  # fmt: skip
    assert "nothing more to undo" in client.post(_at("undo", cv), **FRAGMENT).content.decode()


def test_a_change_after_undo_is_undone_to_what_stood_before_it(cv):
    for name in ("First", "Second"):
        services.edit_value(cv=cv, item_id="person-1", field="name", written=name)
    services.undo(cv=cv)
    services.edit_value(cv=cv, item_id="person-1", field="headline", written="Sage")

    assert services.redo_target(cv.current_version) is None
    services.undo(cv=cv)
    assert (_resume(cv).person.name, _resume(cv).person.headline) == ("First", "")
    services.undo(cv=cv)
    assert _resume(cv).person.name == "Ada Example"


def test_undo_takes_a_reading_and_the_corrections_kept_in_it_as_one(cv):
    services.edit_value(cv=cv, item_id="person-1", field="name", written="Mine")
    services.save_version(cv=cv, resume=Resume(person=Person(name="Read")), origin=VersionOrigin.PARSED)
    services.save_version(cv=cv, resume=Resume(person=Person(name="Kept")), origin=VersionOrigin.EDITED, note=KEPT_NOTE)

    services.undo(cv=cv)

    assert _resume(cv).person.name == "Mine"


def test_two_open_forms_do_not_get_into_each_others_way(client, cv):
    forms = {
        field: client.get(f"{_value(cv, field)}&edit=1", **FRAGMENT).content.decode() for field in ("name", "email")
    }
    assert 'name="seen" value="Ada Example"' in forms["name"]

    first = client.post(_value(cv, "name"), {"value": "Ada B", "seen": "Ada Example", "version": 1}, **FRAGMENT)
    second = client.post(_value(cv, "email"), {"value": "a@example.org", "seen": "", "version": 1}, **FRAGMENT)
    third = client.post(_value(cv, "name"), {"value": "Ada C", "seen": "Ada Example", "version": 1}, **FRAGMENT)

    assert [response.status_code for response in (first, second, third)] == [200, 200, 400]
    assert 'value="Ada C"' in third.content.decode()
    assert (_resume(cv).person.name, _resume(cv).person.email) == ("Ada B", "a@example.org")


def test_a_change_at_the_same_moment_is_made_after_the_other(client, cv, monkeypatch):
    add_item = services.add_item
    stale = CV.objects.select_related("current_version").get(pk=cv.pk)

    def between(**given):
        if ResumeVersion.objects.filter(cv=cv).count() == 1:
            services.edit_value(cv=stale, item_id="person-1", field="name", written="Between")
        return add_item(**given)

    monkeypatch.setattr(services, "add_item", between)
    response = client.post(_at("add", cv), {"collection": "interests"}, **FRAGMENT)

    assert response.status_code == 200
    assert "data-new" in response.content.decode()
    assert _resume(cv).person.name == "Between"
    assert len(_resume(cv).interests) == 1


def test_sure_values_are_accepted_together(client, cv):
    assert "1 sure value" not in client.get(_at("detail", cv)).content.decode()

    client.post(_at("confirm_all", cv), {"sure": "1"}, **FRAGMENT)

    assert _resume(cv).person.meta["name"].status == ValueStatus.CONFIRMED
    assert _resume(cv).employers[0].meta["name"].status == ValueStatus.CONFIRMED


def test_what_another_window_brought_is_not_confirmed_unseen(client, cv):
    page = client.get(_at("detail", cv)).content.decode()
    assert page.count('name="version" value="1"') >= 1
    services.edit_value(cv=cv, item_id="person-1", field="headline", written="Another")

    one = client.post(_value(cv, "headline"), {"confirm": "1", "seen": "Engineer", "version": 1}, **FRAGMENT)
    everything = client.post(_at("confirm_all", cv), {"version": 1}, **FRAGMENT)

    assert one.status_code == 400
    assert "in the meantime" in everything.content.decode()
    assert "Another" in everything.content.decode()
    assert CV.objects.get(pk=cv.pk).current_version.number == 2

    client.post(_at("confirm_all", cv), {"version": 2}, **FRAGMENT)

    assert _resume(cv).person.meta["name"].status == ValueStatus.CONFIRMED


def test_a_stranger_changes_nothing(client_for, stranger, cv):
    client = client_for(stranger)
    for address in (_at("arrange", cv, "up"), _at("assign", cv), _at("undo", cv), _at("redo", cv)):
        assert client.post(address, {"item": "employer-2"}, **FRAGMENT).status_code == 404
    for address in (_at("values", cv), f"{_at('entry', cv)}?item=employer-1"):
        assert client.get(address, **FRAGMENT).status_code == 404
    assert cv.versions.count() == 1


def test_a_page_that_is_behind_takes_back_and_moves_nothing_that_came_since(client, cv):
    services.edit_value(cv=cv, item_id="person-1", field="name", written="Shown here")
    cv.refresh_from_db()
    shown = cv.current_version.number
    item = cv.current_version.resume.employers[0].positions[0].id
    assert (
        f'name="version" value="{shown}"' in client.get(f"{_at('entry', cv)}?item={item}", **FRAGMENT).content.decode()
    )
    services.edit_value(cv=cv, item_id="person-1", field="name", written="From another window")

    answers = [
        client.post(_at("undo", cv), {"version": shown}, **FRAGMENT),
        client.post(_at("redo", cv), {"version": shown}, **FRAGMENT),
        client.post(_at("arrange", cv, "down"), {"item": item, "version": shown}, **FRAGMENT),
    ]

    assert all("changed in the meantime" in answer.content.decode() for answer in answers)
    cv.refresh_from_db()
    assert cv.current_version.number == shown + 1
    client.post(_at("undo", cv), {"version": shown + 1}, **FRAGMENT)
    cv.refresh_from_db()
    assert cv.current_version.resume.person.name == "Shown here"
