import json

import pytest

from ai_router import scheduling
from ai_router.models import CallAcceptance
from cv.models import CV, VersionOrigin
from cv.services import save_version
from jobs.errors import ChangeConflictError, NotFinishedError, ResumeNotReadyError, UnsupportedClaimError
from jobs.letters import RevisionWish
from jobs.models import ChangeKind, CoverLetter, Decision, Email, EmailKind, WorkStatus
from jobs.services import emails, letters, tailoring
from usage.models import Call


@pytest.fixture
def tailored(owner, cv, globex, worker):
    row = tailoring.start_tailoring(owner=owner, cv=cv, posting=globex)
    worker(row, tailoring.do_tailoring)
    return row


@pytest.fixture
def letter(owner, cv, globex, worker):
    row = letters.start_letter(owner=owner, cv=cv, posting=globex)
    worker(row, letters.do_letter)
    return row


def test_tailoring_is_done_in_the_background_once(owner, cv, globex, worker):
    row = tailoring.start_tailoring(owner=owner, cv=cv, posting=globex)
    assert row.status == WorkStatus.QUEUED
    assert row.changes.count() == 0

    worker(row, tailoring.do_tailoring)
    made = list(row.changes.values_list("pk", flat=True))
    worker(row, tailoring.do_tailoring)

    assert row.status == WorkStatus.DONE
    assert row.score_before is not None
    assert len(made) >= 4
    assert list(row.changes.values_list("pk", flat=True)) == made
    assert Call.objects.filter(user=owner, task_type="cv_tailoring").count() == 1
    assert row.call_id == Call.objects.get(user=owner, task_type="cv_tailoring").pk


def test_undecided_changes_are_not_applied(tailored, cv):
    assert tailoring.accepted_resume(tailored) == cv.current_version.resume

    tailoring.decide(change=tailored.changes.get(kind=ChangeKind.SURFACE), decision=Decision.ACCEPTED)

    names = [skill.name for skill in tailoring.accepted_resume(tailored).skills[0].skills]
    assert names == ["Excel", "Python", "PostgreSQL", "Terraform", "Kubernetes"]


def test_all_at_once_leaves_decided_ones_alone(tailored):
    rejected = tailored.changes.first()
    tailoring.decide(change=rejected, decision=Decision.REJECTED)

    count = tailoring.decide_all(tailored=tailored, decision=Decision.ACCEPTED)

    rejected.refresh_from_db()
    assert count == tailored.changes.count() - 1
    assert rejected.decision == Decision.REJECTED
    assert tailoring.score_after(tailored) is not None


def test_two_changes_of_one_place_are_not_both_accepted(tailored):
    one = tailored.changes.get(kind=ChangeKind.REPHRASE, after__contains="Kubernetes")
    other = tailored.changes.create(
        ordinal=99, kind=ChangeKind.DROP, target_id=one.target_id, field="text", before=one.before, reason="x"
    )
    tailoring.decide(change=one, decision=Decision.ACCEPTED)

    with pytest.raises(ChangeConflictError):
        tailoring.decide(change=other, decision=Decision.ACCEPTED)

    tailoring.decide(change=one, decision=Decision.PROPOSED)
    assert tailoring.decide(change=other, decision=Decision.ACCEPTED).decided_at is not None


@pytest.mark.parametrize(("name", "beginning"), [("pdf", b"%PDF"), ("docx", b"PK"), ("json", b"{")])
def test_the_accepted_state_is_exported(tailored, name, beginning):
    tailoring.decide_all(tailored=tailored, decision=Decision.ACCEPTED)

    file = tailoring.export_tailored(tailored=tailored, format_name=name)

    assert file.data.startswith(beginning)
    assert file.name == f"Ada-Quill-CV-Globex.{name}"
    if name == "json":
        assert "Docker and Kubernetes" in json.dumps(json.loads(file.data))


def test_what_is_not_finished_is_neither_decided_nor_exported(owner, cv, globex):
    row = tailoring.start_tailoring(owner=owner, cv=cv, posting=globex)
    change = row.changes.create(ordinal=1, kind=ChangeKind.DROP, target_id="line-1", field="text", reason="x")

    with pytest.raises(NotFinishedError):
        tailoring.export_tailored(tailored=row, format_name="pdf")
    with pytest.raises(NotFinishedError):
        tailoring.decide(change=change, decision=Decision.ACCEPTED)


def test_work_can_be_cancelled_while_it_waits(owner, cv, globex, worker):
    row = tailoring.start_tailoring(owner=owner, cv=cv, posting=globex)
    letter = letters.start_letter(owner=owner, cv=cv, posting=globex)

    tailoring.cancel_tailoring(tailored=row)
    letters.cancel_letter(letter=letter)
    worker(row, tailoring.do_tailoring)
    worker(letter, letters.do_letter)

    assert row.status == WorkStatus.CANCELLED
    assert letter.status == WorkStatus.CANCELLED
    assert row.changes.count() == 0
    assert letter.text == ""


def test_a_cv_that_was_not_read_cannot_be_used(owner, stranger, globex, cv):
    unread = CV.objects.create(owner=owner, title="Unread")

    with pytest.raises(ResumeNotReadyError):
        tailoring.start_tailoring(owner=owner, cv=unread, posting=globex)
    with pytest.raises(ResumeNotReadyError):
        letters.start_letter(owner=stranger, cv=cv, posting=globex)


def test_a_letter_is_written_in_the_background_once(letter, owner, worker):
    text = letter.text
    worker(letter, letters.do_letter)

    assert letter.status == WorkStatus.DONE
    assert letter.text == text
    assert text.startswith("Dear Maria Steiner,")
    assert letter.removed == []
    assert letters.sentences_of(letter)[0].role == "salutation"
    assert Call.objects.filter(user=owner, task_type="cover_letter").count() == 1


def test_a_killed_writer_is_followed_by_one_that_finishes(owner, cv, globex, worker):
    row = letters.start_letter(owner=owner, cv=cv, posting=globex)
    CoverLetter.objects.filter(pk=row.pk).update(text="Dear Maria St")

    worker(row, letters.do_letter)

    assert row.status == WorkStatus.DONE
    assert row.text.count("Dear Maria") == 1


def test_a_deleted_letter_is_not_written(owner, cv, globex):
    row = letters.start_letter(owner=owner, cv=cv, posting=globex)
    task = row.background_task
    row.delete()

    scheduling.perform(task.pk, letters.do_letter)

    task.refresh_from_db()
    assert task.state == "done"


def test_a_revision_is_a_new_version(letter, worker):
    shorter = letters.revise_letter(letter=letter, wish=RevisionWish.SHORTER)
    worker(shorter, letters.do_letter)

    assert shorter.revises == letter
    assert len(shorter.text) < len(letter.text)
    assert letters.versions_of(letter) == [letter, shorter]
    assert letters.version_label(shorter) == "shorter"
    assert letters.version_label(letter) == "professional"


def test_a_letter_goes_with_the_tailored_cv_as_accepted(tailored, owner, cv, globex, worker):
    drop = tailored.changes.create(
        ordinal=99,
        kind=ChangeKind.DROP,
        target_id="line-6",
        field="text",
        before=tailored.resume_version.resume.item("line-6").text,
        reason="x",
    )
    tailoring.decide(change=drop, decision=Decision.ACCEPTED)

    row = letters.start_letter(owner=owner, cv=cv, posting=globex, tailored_cv=tailored)
    worker(row, letters.do_letter)

    assert "billing service" not in row.text


def test_an_edit_is_checked_and_bars_the_export_until_it_holds(letter):
    lie = letter.text.replace("30%", "90%")

    letters.edit_letter(letter=letter, text=lie)

    assert "90%" in letter.problems[0]["text"]
    with pytest.raises(UnsupportedClaimError):
        letters.export_letter(letter=letter, format_name="pdf")

    letters.edit_letter(letter=letter, text=lie.replace("90%", "30%"))

    assert letter.problems == []
    assert letters.export_letter(letter=letter, format_name="txt").data


def test_a_fact_added_to_the_cv_makes_an_edit_hold(letter, cv):
    text = letter.text.replace("\n\nKind regards", " I hold the certificate Forklift Licence.\n\nKind regards")
    letters.edit_letter(letter=letter, text=text)
    assert letter.problems

    resume = cv.current_version.resume
    resume.certificates[0].name = "Forklift Licence"
    save_version(cv=cv, resume=resume, origin=VersionOrigin.EDITED)
    letter.refresh_from_db()
    letters.edit_letter(letter=letter, text=text)

    assert letter.problems == []


@pytest.mark.parametrize(("name", "beginning"), [("pdf", b"%PDF"), ("docx", b"PK"), ("txt", b"")])
def test_a_letter_is_exported(letter, name, beginning):
    file = letters.export_letter(letter=letter, format_name=name)

    assert file.data.startswith(beginning)
    assert file.name == f"Ada-Quill-Letter-Globex.{name}"


def test_an_incomplete_letter_is_offered_again_and_not_exported(letter, worker):
    letter.status = WorkStatus.INCOMPLETE
    letter.save()

    with pytest.raises(NotFinishedError):
        letters.export_letter(letter=letter, format_name="pdf")
    again = letters.write_again(letter=letter)
    worker(again, letters.do_letter)

    assert again.status == WorkStatus.DONE
    assert again.pk != letter.pk


def test_a_letter_whose_provider_went_before_it_was_written_fails_in_plain_words(owner, cv, globex, worker):
    row = letters.start_letter(owner=owner, cv=cv, posting=globex)
    row.language = "fi"
    row.save()

    worker(row, letters.do_letter)

    assert row.status == WorkStatus.FAILED
    assert row.error_code == "unsupported_language"
    assert "Dutch and Polish only" in row.error_message


@pytest.mark.parametrize("variant", [(kind, language) for kind in EmailKind for language in ("en", "de")])
def test_an_email_is_short_addressed_and_evidenced(owner, cv, globex, worker, variant):
    kind, language = variant
    row = emails.start_email(owner=owner, cv=cv, posting=globex, kind=kind, language=language)

    worker(row, emails.do_email)

    assert row.status == WorkStatus.DONE
    assert "Senior Backend Engineer" in row.subject
    assert "Ada Quill" in row.subject
    assert len(row.text.split()) < 110
    assert row.text.endswith("Ada Quill")
    assert row.removed == []
    # A thank-you after a conversation introduces nobody.
    if language == "en" and kind != EmailKind.THANK_YOU:
        assert any(sentence["evidence_ids"] for sentence in row.sentences)
    assert Email.objects.for_user(owner).count() == 1


def test_what_a_person_does_with_an_answer_first_says_whether_they_took_it(letter, tailored):
    letters.export_letter(letter=letter, format_name="txt")
    letters.revise_letter(letter=letter, wish=RevisionWish.SHORTER)
    change = tailored.changes.first()
    tailoring.decide(change=change, decision=Decision.PROPOSED)
    tailoring.decide(change=change, decision=Decision.REJECTED)
    tailoring.decide(change=change, decision=Decision.ACCEPTED)

    taken = dict(CallAcceptance.objects.values_list("call_id", "is_accepted"))

    assert taken == {letter.call_id: True, tailored.call_id: False}
