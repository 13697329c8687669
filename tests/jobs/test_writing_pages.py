import json

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.urls import reverse

from cv.models import CV, VersionOrigin
from cv.services import save_version
from jobs.display import difference
from jobs.models import ChangeKind, CoverLetter, Decision, Email, TailoredCV, WorkStatus
from jobs.services import emails, letters, tailoring
from jobs.streaming import first_position, letter_events
from tests.jobs.samples import resume_of_ada


@pytest.fixture(autouse=True)
def _quick_streams(monkeypatch):
    monkeypatch.setattr("jobs.streaming.WORD_SECONDS", 0)
    monkeypatch.setattr("jobs.streaming.POLL_SECONDS", 0.001)


@pytest.fixture
def page(client_for, owner):
    return client_for(owner)


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


@pytest.fixture
def email(owner, cv, globex, worker):
    row = emails.start_email(owner=owner, cv=cv, posting=globex)
    worker(row, emails.do_email)
    return row


def html(response) -> str:
    assert response.status_code == 200, response.status_code
    return " ".join(response.content.decode().split())


def test_tailoring_begins_on_the_match_page_and_shows_its_progress(page, cv, globex):
    response = page.post(reverse("jobs:tailor"), {"cv": cv.pk, "posting": globex.pk})

    row = TailoredCV.objects.get()
    assert response["Location"] == reverse("jobs:tailored", args=[row.pk])
    shown = html(page.get(response["Location"]))
    assert "Waiting to be tailored" in shown
    assert 'hx-trigger="every 800ms"' in shown
    assert reverse("jobs:cancel_tailoring", args=[row.pk]) in shown


def test_changes_are_shown_as_differences_with_evidence(page, tailored):
    shown = html(page.get(reverse("jobs:tailored", args=[tailored.pk])))

    assert "<del>k8s</del><ins>Kubernetes</ins>" in shown
    assert "Moved 14 services to Docker and k8s" in shown
    assert "Kubernetes in production" in shown
    assert "Accept all" in shown


def test_a_change_is_accepted_undone_and_rejected_by_htmx(page, tailored):
    change = tailored.changes.get(kind=ChangeKind.SURFACE)
    address = reverse("jobs:decide_change", args=[tailored.pk, change.pk])

    for decision, said in (("accepted", "Accepted"), ("proposed", "Accept all"), ("rejected", "Rejected")):
        response = page.post(address, {"decision": decision}, headers={"HX-Request": "true"})
        change.refresh_from_db()
        assert change.decision == decision
        assert said in html(response)
        assert "<html" not in response.content.decode()


def test_decisions_work_without_script(page, tailored):
    response = page.post(reverse("jobs:decide_changes", args=[tailored.pk]), {"decision": "accepted"})

    assert response.status_code == 302
    assert not tailored.changes.exclude(decision=Decision.ACCEPTED).exists()
    assert "Accept all" not in html(page.get(response["Location"]))


def test_a_conflict_is_said_on_the_page(page, tailored):
    one = tailored.changes.get(kind=ChangeKind.REPHRASE, after__contains="Kubernetes")
    other = tailored.changes.create(
        ordinal=99, kind=ChangeKind.DROP, target_id=one.target_id, field="text", before=one.before, reason="x"
    )
    tailoring.decide(change=one, decision=Decision.ACCEPTED)

    response = page.post(
        reverse("jobs:decide_change", args=[tailored.pk, other.pk]),
        {"decision": "accepted"},
        headers={"HX-Request": "true"},
    )

    assert "same place" in html(response)


@pytest.mark.parametrize("name", ["pdf", "docx", "json"])
def test_the_accepted_state_is_downloaded(page, tailored, name):
    response = page.get(reverse("jobs:export_tailored", args=[tailored.pk, name]))

    assert response.status_code == 200
    assert f'filename="Ada-Quill-CV-Globex.{name}"' in response["Content-Disposition"]


def test_refused_suggestions_are_listed(page, tailored):
    tailored.refused = [{"change": {"after": "Led 900 people"}, "problems": ["The number is not in the CV."]}]
    tailored.save()

    shown = html(page.get(reverse("jobs:tailored", args=[tailored.pk])))

    assert "Led 900 people" in shown
    assert "The number is not in the CV." in shown


def test_a_letter_begins_with_the_chosen_form_and_streams(page, cv, globex):
    response = page.post(
        reverse("jobs:write_letter"),
        {"cv": cv.pk, "posting": globex.pk, "tone": "warm", "language": "", "length": "medium"},
    )

    row = CoverLetter.objects.get()
    assert (row.tone, row.length) == ("warm", "medium")
    assert response["Location"] == reverse("jobs:letter", args=[row.pk])
    assert f'data-stream="{reverse("jobs:letter_stream", args=[row.pk])}"' in html(page.get(response["Location"]))


def test_a_letter_is_bound_to_its_own_tailored_cv_only(page, tailored, cv, globex):
    own = {"cv": cv.pk, "posting": globex.pk, "tailored_cv": tailored.pk}

    assert page.post(reverse("jobs:write_letter"), own).status_code == 302
    assert CoverLetter.objects.get().tailored_cv == tailored
    assert page.post(reverse("jobs:write_letter"), own | {"tailored_cv": "999999"}).status_code == 404


def test_the_finished_letter_shows_the_evidence_of_each_sentence(page, letter):
    shown = html(page.get(reverse("jobs:letter", args=[letter.pk])))

    assert "data-stream" not in shown
    assert (
        "Developed a billing service in Python and PostgreSQL, cutting invoice errors by 30% for 12,000 customers."
        in shown
    )
    assert 'class="sentence sentence--claim" href="#sentence-' in shown
    assert reverse("jobs:export_letter", args=[letter.pk, "pdf"]) in shown


def test_removed_claims_are_listed(page, letter):
    letter.removed = [{"text": "I led 900 people.", "problems": ["The number is not in the CV."]}]
    letter.save()

    assert "I led 900 people." in html(page.get(reverse("jobs:letter", args=[letter.pk])))


def test_an_edit_that_lies_is_marked_and_cannot_be_downloaded(page, letter):
    address = reverse("jobs:edit_letter", args=[letter.pk])
    assert "12,000 customers" in html(page.get(address))

    response = page.post(address, {"text": letter.text.replace("12,000", "90,000\x00")})

    letter.refresh_from_db()
    assert "\x00" not in letter.text
    shown = html(page.get(response["Location"]))
    assert "1 sentence is not supported by the CV." in shown
    assert "sentence--unsupported" in shown
    assert reverse("jobs:export_letter", args=[letter.pk, "pdf"]) not in shown
    barred = page.get(reverse("jobs:export_letter", args=[letter.pk, "pdf"]))
    assert barred.status_code == 302
    assert page.post(address, {"text": "  "})["Location"] == address


def test_versions_are_made_and_compared(page, letter, worker):
    response = page.post(reverse("jobs:revise_letter", args=[letter.pk]), {"wish": "shorter"})
    shorter = CoverLetter.objects.exclude(pk=letter.pk).get()
    assert response["Location"] == reverse("jobs:letter", args=[shorter.pk])
    worker(shorter, letters.do_letter)

    shown = html(page.get(reverse("jobs:compare_letters", args=[shorter.pk])))

    assert letter.text.splitlines()[2][:60] in shown
    assert "Shorter" in shown
    assert page.post(reverse("jobs:revise_letter", args=[letter.pk]), {"wish": "funnier"}).status_code == 404


def test_a_letter_says_that_the_cv_has_changed_since(page, letter, cv):
    address = reverse("jobs:letter", args=[letter.pk])
    assert "The CV has changed since" not in html(page.get(address))

    save_version(cv=CV.objects.get(pk=cv.pk), resume=resume_of_ada(), origin=VersionOrigin.EDITED)

    shown = html(page.get(address))
    assert "The CV has changed since this letter was written" in shown
    assert f"{reverse('jobs:new_letter')}?cv={cv.pk}&amp;posting={letter.posting_id}" in shown


def test_an_incomplete_letter_offers_to_be_written_again(page, letter):
    letter.status = WorkStatus.INCOMPLETE
    letter.save()

    assert "broke off" in html(page.get(reverse("jobs:letter", args=[letter.pk])))
    again = page.post(reverse("jobs:write_letter_again", args=[letter.pk]))
    assert CoverLetter.objects.latest("pk").pk != letter.pk
    assert again.status_code == 302


def test_writing_is_cancelled(page, owner, cv, globex):
    row = letters.start_letter(owner=owner, cv=cv, posting=globex)
    other = tailoring.start_tailoring(owner=owner, cv=cv, posting=globex)

    page.post(reverse("jobs:cancel_letter", args=[row.pk]))
    page.post(reverse("jobs:cancel_tailoring", args=[other.pk]))

    assert "This was cancelled" in html(page.get(reverse("jobs:letter", args=[row.pk])))
    assert "This was cancelled" in html(page.get(reverse("jobs:tailored", args=[other.pk])))


def test_an_email_is_drafted_and_never_sent(page, cv, globex, email, mailoutbox):
    response = page.post(reverse("jobs:write_email"), {"cv": cv.pk, "posting": globex.pk, "kind": "follow_up"})

    assert Email.objects.latest("pk").kind == "follow_up"
    assert "Waiting to be written" in html(page.get(response["Location"]))
    shown = html(page.get(reverse("jobs:email", args=[email.pk])))
    assert "Application: Senior Backend Engineer, Ada Quill" in shown
    assert "Nothing is sent from here" in shown
    assert mailoutbox == []


@pytest.fixture
def written(tailored, letter, email):
    return tailored, letter, email


def test_strangers_and_passers_by_see_nothing(client_for, stranger, client, written):
    tailored, letter, email = written
    cv, globex = letter.resume_version.cv, letter.posting
    change = tailored.changes.first()
    gets = [
        reverse("jobs:tailored", args=[tailored.pk]),
        reverse("jobs:export_tailored", args=[tailored.pk, "pdf"]),
        *(
            reverse(f"jobs:{name}", args=[letter.pk])
            for name in ("letter", "letter_stream", "edit_letter", "compare_letters")
        ),
        reverse("jobs:export_letter", args=[letter.pk, "pdf"]),
        reverse("jobs:email", args=[email.pk]),
    ]
    posts = [
        reverse("jobs:decide_change", args=[tailored.pk, change.pk]),
        reverse("jobs:decide_changes", args=[tailored.pk]),
        reverse("jobs:cancel_tailoring", args=[tailored.pk]),
        *(
            reverse(f"jobs:{name}", args=[letter.pk])
            for name in ("edit_letter", "revise_letter", "write_letter_again", "cancel_letter")
        ),
        *(reverse(f"jobs:{name}") for name in ("tailor", "write_letter", "write_email")),
    ]
    data = {"cv": cv.pk, "posting": globex.pk, "decision": "accepted", "wish": "shorter", "text": "x"}
    other = client_for(stranger)

    for address in gets:
        assert other.get(address).status_code == 404, address
        assert client.get(address).status_code == 302, address
    for address in posts:
        assert other.post(address, data).status_code == 404, address
        assert client.post(address, data).status_code == 302, address


def test_wrong_names_are_not_found(page, tailored, letter):
    for address in (
        reverse("jobs:export_tailored", args=[tailored.pk, "exe"]),
        reverse("jobs:export_letter", args=[letter.pk, "exe"]),
    ):
        assert page.get(address).status_code == 404
    assert page.post(reverse("jobs:decide_changes", args=[tailored.pk]), {"decision": "maybe"}).status_code == 404
    assert page.post(reverse("jobs:tailor"), {"cv": "x"}).status_code == 404


def events(letter_id: int, *, shown: int = 0) -> list[tuple[str, dict]]:
    async def read() -> list[str]:
        return [event async for event in letter_events(letter_id, shown=shown)]

    found = []
    for event in async_to_sync(read)():
        lines = dict(line.split(": ", 1) for line in event.strip().splitlines())
        found.append((lines["event"], json.loads(lines["data"])))
    return found


def text_of(found: list[tuple[str, dict]]) -> str:
    return "".join(data["text"] for name, data in found if name == "text")


def test_the_stream_gives_the_text_piece_by_piece_and_ends(letter):
    found = events(letter.pk)

    assert text_of(found) == letter.text
    assert len(found) > 50
    assert found[-1] == ("done", {"status": "done"})


def test_a_reader_goes_on_where_it_stopped(letter):
    assert text_of(events(letter.pk, shown=40)) == letter.text[40:]
    assert first_position("12", "3") == 12
    assert first_position(None, "3") == 3
    assert first_position("x", None) == 0


def test_a_reader_ahead_of_the_text_begins_again(letter):
    found = events(letter.pk, shown=100_000)

    assert found[0][0] == "restart"
    assert text_of(found) == letter.text


def test_a_reader_of_a_deleted_letter_is_told_the_end(db):
    assert events(999_999) == [("done", {"status": "failed"})]


def test_the_stream_is_sent_as_server_sent_events(owner, letter):
    async def read() -> tuple[str, str, bytes]:
        client = AsyncClient()
        await client.aforce_login(owner)
        response = await client.get(reverse("jobs:letter_stream", args=[letter.pk]))
        body = b"".join([part async for part in response.streaming_content])
        return response["Content-Type"], response["X-Accel-Buffering"], body

    kind, buffering, body = async_to_sync(read)()

    assert kind == "text/event-stream"
    assert buffering == "no"
    assert body.endswith(b'"done"}\n\n')


def test_a_difference_is_computed_from_both_texts():
    pieces = difference("Built a shop in PHP", "Built a shop in Python")

    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("same", "Built a shop in "),
        ("gone", "PHP"),
        ("new", "Python"),
    ]


def test_a_superscript_is_no_number(client_for, owner, cv, globex):
    client = client_for(owner)
    pair = {"cv": cv.pk, "posting": globex.pk}

    assert client.post(reverse("jobs:write_letter"), {**pair, "cv": "²"}).status_code == 404
    assert client.post(reverse("jobs:tailor"), {**pair, "posting": "²"}).status_code == 404
    assert client.post(reverse("jobs:write_letter"), {**pair, "tailored_cv": "²"}).status_code == 302
    assert client.get(reverse("jobs:posting", args=[globex.pk]), {"cv": "²"}).status_code == 200


@pytest.mark.parametrize("name", ["jobs:tailor", "jobs:write_letter", "jobs:write_email"])
def test_a_key_of_any_length_leads_nowhere(client_for, owner, cv, globex, name):
    client, pair = client_for(owner), {"cv": cv.pk, "posting": globex.pk}

    for field in pair:
        assert client.post(reverse(name), {**pair, field: "9" * 5_000}).status_code == 404


def test_a_language_that_nobody_here_writes_is_said_at_its_field_and_what_was_written_stays(page, cv, globex):
    asked = {"cv": cv.pk, "posting": globex.pk, "language": "sv", "motive": "I like bridges."}

    answer = page.post(reverse("jobs:write_letter"), asked)

    assert answer.status_code == 422
    assert "Without an AI provider" in answer.content.decode()
    assert "I like bridges." in answer.content.decode()
    assert not CoverLetter.objects.exists()
