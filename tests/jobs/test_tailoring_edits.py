"""Changes that are edited, taken when safe, compared by requirement, restored; and what tells that the CV has moved on."""

import pytest
from django.urls import reverse

from cv.models import CV, VersionOrigin
from cv.resume import Employer, Line, PartialDate, Person, Position, Resume
from cv.services import save_version
from jobs.errors import ChangeConflictError, UnsupportedClaimError
from jobs.grounding.words import tokens
from jobs.matching import match_resume
from jobs.models import Change, ChangeKind, Decision, TailoredCV
from jobs.posting import PostingAnalysis
from jobs.services import tailoring
from jobs.tailoring.checking import ChangeGate
from jobs.tailoring.proposing import propose
from jobs.tailoring.rephrasing import reword, spellings_in
from jobs.tailoring.task import tailoring_inputs
from jobs.tailoring.types import ProposedChange
from tests.jobs.samples import resume_of_ada

BASE = "/api/v1/tailored-cvs/"
JSON = "application/json"


@pytest.fixture
def tailored(owner, cv, globex, worker) -> TailoredCV:
    made = tailoring.start_tailoring(owner=owner, cv=cv, posting=globex, provider="embedded")
    worker(made, tailoring.do_tailoring)
    return TailoredCV.objects.get(pk=made.pk)


@pytest.fixture
def rephrase(tailored) -> Change:
    """A change of a line's words, of the person's first position."""
    resume = tailored.resume_version.resume.assign_ids()
    line = resume.employers[0].positions[0].highlights[0]
    return Change.objects.create(
        tailored_cv=tailored, ordinal=90, kind=ChangeKind.REPHRASE, target_id=line.id, field="text", before=line.text,
        after=line.text.rstrip("."), evidence_ids=[line.id], reason="Says it shorter.",
    )  # fmt: skip


def clerk() -> Resume:
    lines = ["Successfully handled patient records in order to bill them", "Answered calls"]
    positions = [
        Position(title="Office Manager", start=PartialDate(year=2015), end=PartialDate(year=2018)),
        Position(
            title="Receptionist", start=PartialDate(year=2018), current=True, highlights=[Line(text=t) for t in lines]
        ),
    ]
    return Resume(
        person=Person(name="Laura Hill", headline="Receptionist"),
        employers=[Employer(name="Meadow Dental Practice", positions=positions)],
        language="en",
    ).assign_ids()


def proposed() -> dict[str, ProposedChange]:
    resume, analysis = clerk(), PostingAnalysis(title="Office Manager (m/f/d)", as_of="2026-11-01")
    inputs = tailoring_inputs(resume, analysis, match_resume(resume, analysis))
    changes = propose(inputs)
    assert all(ChangeGate(resume).problems(change) == [] for change in changes)
    return {change.kind: change for change in changes}


def test_a_title_that_was_held_becomes_the_headline():
    change = proposed()[ChangeKind.HEADLINE]

    assert (change.before, change.after) == ("Receptionist", "Office Manager")
    lie = change.model_copy(update={"after": "Managing Director"})
    assert ChangeGate(clerk()).problems(lie)


def test_a_line_that_only_loses_words_is_shortened():
    change = proposed()[ChangeKind.SHORTEN]

    assert len(tokens(change.after)) < len(tokens(change.before))
    longer = change.model_copy(update={"after": f"{change.before} and more"})
    assert ChangeGate(clerk()).problems(longer) == ["This is not shorter."]


@pytest.mark.parametrize(
    ("line", "posting", "said"),
    [
        ("Mentor 4 newly qualified nurses a year", "nursing", None),
        (
            "Administer medication and IV therapy",
            "intravenous therapy",
            "Administer medication and intravenous therapy",
        ),
        ("Ran services on AWS", "Amazon Web Services", "Ran services on Amazon Web Services"),
        ("EC2", "Amazon Web Services", None),
    ],
)
def test_only_short_and_long_forms_of_a_name_take_each_others_place(line, posting, said):
    wording = reword(line, spellings_in(f"experience with {posting}"))

    assert (wording and wording.text) == said


def test_an_old_title_does_not_replace_the_present_one_by_chance():
    resume, analysis = clerk(), PostingAnalysis(title="Office Clerk", as_of="2026-11-01")
    inputs = tailoring_inputs(resume, analysis, match_resume(resume, analysis))

    assert ChangeKind.HEADLINE not in {change.kind for change in propose(inputs)}


def test_an_edited_change_passes_the_gate_or_stays_as_it_was(rephrase):
    words = rephrase.before.split()

    edited = tailoring.edit_change(change=rephrase, after=f"  {rephrase.before}  ")
    assert (edited.after, edited.is_edited) == (rephrase.before, True)
    with pytest.raises(UnsupportedClaimError):
        tailoring.edit_change(change=rephrase, after=f"Led 400 people at Initech {' '.join(words[-2:])}")
    rephrase.refresh_from_db()
    assert rephrase.after == rephrase.before


def test_an_order_has_no_text(tailored):
    order = tailored.changes.filter(kind=ChangeKind.REORDER).first()

    with pytest.raises(ChangeConflictError):
        tailoring.edit_change(change=order, after="skills")


def test_safe_changes_leave_nothing_out(tailored):
    line = tailored.resume_version.resume.assign_ids().employers[0].positions[0].highlights[-1]
    drop = Change.objects.create(
        tailored_cv=tailored, ordinal=91, kind=ChangeKind.DROP, target_id=line.id, field="text", before=line.text
    )

    tailoring.decide_all(tailored=tailored, decision=Decision.ACCEPTED, only_safe=True)

    drop.refresh_from_db()
    assert drop.decision == Decision.PROPOSED
    assert tailored.changes.filter(decision=Decision.ACCEPTED).exists()
    assert tailored.changes.filter(decision=Decision.PROPOSED, kind__in=tailoring.UNSAFE).count() == (
        tailored.changes.filter(decision=Decision.PROPOSED).count()
    )


def test_an_earlier_one_is_restored_with_its_decisions(tailored):
    tailoring.decide_all(tailored=tailored, decision=Decision.ACCEPTED)

    copy = tailoring.restore(tailored=tailored)

    assert tailoring.accepted_resume(copy) == tailoring.accepted_resume(tailored)
    assert [row.pk for row in tailoring.versions_of(tailored)] == [tailored.pk, copy.pk]


def test_a_new_version_of_the_cv_makes_what_was_made_from_the_old_one_stale(tailored, cv, client_for, owner):
    api = client_for(owner)
    assert api.get(f"{BASE}{tailored.pk}/").json()["is_stale"] is False

    resume = resume_of_ada()
    resume.person.headline = "Another"
    save_version(cv=CV.objects.get(pk=cv.pk), resume=resume, origin=VersionOrigin.EDITED)

    assert api.get(f"{BASE}{tailored.pk}/").json()["is_stale"] is True
    assert "The CV has changed since" in api.get(reverse("jobs:tailored", args=[tailored.pk])).content.decode()


def test_edits_and_lift_over_rest_and_by_the_page(tailored, rephrase, client_for, owner, stranger):
    api = client_for(owner)
    one = f"{BASE}{tailored.pk}/changes/{rephrase.pk}/"

    good = api.patch(one, {"after": rephrase.before, "decision": "rejected"}, content_type=JSON)
    bad = api.patch(one, {"after": "Led 400 people"}, content_type=JSON)
    nothing = api.patch(one, {}, content_type=JSON)

    assert (good.json()["is_edited"], good.json()["decision"]) == (True, "rejected")
    assert bad.status_code == 422
    assert nothing.status_code == 400
    safe = api.post(f"{BASE}{tailored.pk}/changes/", {"decision": "accepted", "only_safe": True}, content_type=JSON)
    assert safe.json()["decided"] > 0
    shown = api.get(f"{BASE}{tailored.pk}/").json()
    assert all(entry["strength_before"] != entry["strength_after"] for entry in shown["lift"])
    assert api.post(f"{BASE}{tailored.pk}/restore/").status_code == 201
    page = reverse("jobs:edit_change", args=[tailored.pk, rephrase.pk])
    api.post(page, {"after": "Led 400 people"})
    assert "Led 400" not in Change.objects.get(pk=rephrase.pk).after
    api.post(page, {"after": f"{rephrase.before}\x00"})
    assert Change.objects.get(pk=rephrase.pk).after == rephrase.before
    assert client_for(stranger).post(page, {"after": "x"}).status_code == 404
    assert client_for(stranger).post(f"{BASE}{tailored.pk}/restore/").status_code == 404
