"""A page target for tailored CVs, and their versions side by side."""

import pytest
from django.urls import reverse

from cv.export.pdf import page_count
from cv.models import CV, VersionOrigin
from cv.resume import Line
from cv.services import save_version
from jobs.comparing import side_by_side
from jobs.models import ChangeKind, Decision, TailoredCV
from jobs.services import fitting, tailoring
from tests.jobs.samples import resume_of_ada

FILLERS = 110


@pytest.fixture
def page(client_for, owner):
    return client_for(owner)


@pytest.fixture
def long_one(owner, globex, worker) -> TailoredCV:
    """A tailored CV of somebody who ordered much that nobody asks for."""
    resume = resume_of_ada()
    lines = [Line(text=f"Ordered chairs and lamps for floor {number} of the office") for number in range(FILLERS)]
    resume.employers[0].positions[0].highlights += lines
    cv = CV.objects.create(owner=owner, title="Long")
    save_version(cv=cv, resume=resume, origin=VersionOrigin.IMPORTED)
    row = tailoring.start_tailoring(owner=owner, cv=cv, posting=globex)
    worker(row, tailoring.do_tailoring)
    row.refresh_from_db()
    return row


def test_a_page_target_proposes_lines_to_leave_out_and_leaves_out_none(long_one):
    before = tailoring.accepted_resume(long_one)

    fitted = fitting.fit_tailored(tailored=long_one, pages=1)

    proposed = fitted.changes.filter(reason__startswith="To fit on one page")
    assert tailoring.accepted_resume(fitted) == before
    assert not fitting.keeps_within(fitted)
    assert 0 < proposed.count() < FILLERS
    assert {change.kind for change in proposed} == {ChangeKind.DROP}
    assert not any("Jenkins" in change.before or "Docker" in change.before for change in proposed)

    for change in fitted.changes.filter(kind=ChangeKind.DROP):
        tailoring.decide(change=change, decision=Decision.ACCEPTED)

    assert fitting.keeps_within(fitted)
    assert page_count(tailoring.export_tailored(tailored=fitted, format_name="pdf").data) == 1


def test_a_new_target_takes_undecided_lines_back_and_a_rejected_one_stays(long_one, page):
    fitting.fit_tailored(tailored=long_one, pages=1)
    kept = long_one.changes.filter(reason__startswith="To fit on").first()
    tailoring.decide(change=kept, decision=Decision.REJECTED)

    response = page.post(reverse("jobs:fit_tailored", args=[long_one.pk]), {"pages": "0"}, follow=True)

    assert [row.pk for row in long_one.changes.filter(reason__startswith="To fit on")] == [kept.pk]
    assert "Pages of the PDF" in response.content.decode()
    assert page.post(reverse("jobs:fit_tailored", args=[long_one.pk]), {"pages": "7"}).status_code == 404


def test_the_target_is_set_over_rest(long_one, page, client_for, stranger):
    address = reverse("tailored-cv-fit", args=[long_one.pk])

    body = page.post(address, {"pages": 2}).json()

    assert (body["pages"], body["keeps_within_pages"]) == (2, True)
    assert page.post(address, {"pages": 9}).status_code == 400
    assert client_for(stranger).post(address, {"pages": 1}).status_code == 404


def test_lines_stand_beside_their_own():
    before = ["Experience", "Led a team of 4 testers", "Wrote reports", "Ordered tea", "Skills"]
    after = ["Experience", "Wrote reports", "Led a team of 4 testers and wrote plans", "Skills", "Python"]

    rows = side_by_side(before, after)

    sides = [
        tuple("|".join(f"{piece.kind}:{piece.text.strip()}" for piece in side) for side in row.sides) for row in rows
    ]
    assert ("same:Experience", "same:Experience") in sides
    assert ("gone:Ordered tea", "") in sides
    assert ("", "new:Python") in sides
    assert [piece.text for row in rows for piece in row.left] == before
    assert "".join(piece.text for row in rows for piece in row.right) == "".join(after)


def test_versions_of_a_tailored_cv_are_compared_and_restored(long_one, page):
    page.post(reverse("jobs:decide_changes", args=[long_one.pk]), {"decision": "accepted"})
    later = tailoring.restore(tailored=long_one)
    later.changes.update(decision=Decision.REJECTED)
    address = reverse("jobs:compare_tailored", args=[later.pk])

    as_it_was = page.get(address).content.decode()
    beside = page.get(address, {"with": long_one.pk}).content.decode()

    assert "0 lines differ." in as_it_was
    assert "<del>" in beside or "<ins>" in beside
    assert reverse("jobs:restore_tailored", args=[long_one.pk]) in beside
