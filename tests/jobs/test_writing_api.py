import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from jobs.models import ChangeKind, CoverLetter, TailoredCV
from jobs.services import emails, letters, tailoring

BASE = "/api/v1"
JSON = "application/json"


@pytest.fixture
def api(client_for, owner):
    return client_for(owner)


@pytest.fixture
def pair(cv, globex):
    return {"cv": cv.pk, "job": globex.pk}


def test_a_cv_is_tailored_over_rest(api, pair, worker):
    made = api.post(f"{BASE}/tailored-cvs/", pair, content_type=JSON)
    assert made.status_code == 202
    assert made["Location"] == made.json()["status_url"]
    assert made.json()["status"] == "queued"
    worker(TailoredCV.objects.get(), tailoring.do_tailoring)

    shown = api.get(made["Location"]).json()
    changes = api.get(f"{made['Location']}changes/").json()

    assert shown["status"] == "done"
    assert shown["changes"] == changes
    assert shown["score_before"] == shown["score_after"]
    surfaced = next(change for change in changes if change["kind"] == ChangeKind.SURFACE)
    decided = api.patch(f"{made['Location']}changes/{surfaced['id']}/", {"decision": "accepted"}, content_type=JSON)
    assert decided.json()["decision"] == "accepted"
    rest = api.post(f"{made['Location']}changes/", {"decision": "rejected"}, content_type=JSON)
    assert rest.json() == {"decided": len(changes) - 1}
    file = api.get(f"{made['Location']}export/?format=json", headers={"Accept": "application/pdf"})
    assert b"Kubernetes" in file.content
    assert api.get(f"{made['Location']}export/?format=exe").status_code == 400
    assert len(api.get(f"{BASE}/tailored-cvs/").json()["results"]) == 1


def test_a_letter_is_written_edited_revised_and_exported_over_rest(api, pair, worker):
    made = api.post(f"{BASE}/cover-letters/", {**pair, "tone": "warm"}, content_type=JSON)
    assert made.status_code == 202
    address = made["Location"]
    early = api.get(f"{address}export/")
    assert early.status_code == 409
    assert early.json()["error"]["code"] == "not_finished"
    worker(CoverLetter.objects.get(), letters.do_letter)

    shown = api.get(address).json()
    assert shown["status"] == "done"
    assert shown["error"] is None
    assert any(sentence["evidence_ids"] for sentence in shown["sentences"])

    lie = api.patch(address, {"text": shown["text"].replace("30%", "70%")}, content_type=JSON)
    assert "70%" in lie.json()["problems"][0]["text"]
    barred = api.get(f"{address}export/?format=txt")
    assert barred.status_code == 422
    assert barred.json()["error"]["code"] == "unsupported_claim"
    api.patch(address, {"text": shown["text"]}, content_type=JSON)
    assert api.get(f"{address}export/?format=txt").content.decode().count("30%") == 1

    revised = api.post(f"{address}revise/", {"wish": "shorter"}, content_type=JSON)
    assert revised.status_code == 202
    assert revised.json()["revises"] == shown["id"]
    assert api.post(f"{address}again/").status_code == 202
    assert api.post(f"{revised['Location']}cancel/").json()["status"] == "cancelled"
    wrong = api.post(f"{address}revise/", {"wish": "funnier"}, content_type=JSON)
    assert wrong.status_code == 400
    assert "wish" in wrong.json()["error"]["fields"]
    assert api.get(f"{address}export/?format=exe").status_code == 400


def test_the_stream_is_open_to_any_accept_header(owner, cv, globex, worker, monkeypatch):
    monkeypatch.setattr("jobs.streaming.WORD_SECONDS", 0)
    letter = letters.start_letter(owner=owner, cv=cv, posting=globex)
    worker(letter, letters.do_letter)

    async def read(accept: str) -> bytes:
        client = AsyncClient()
        await client.aforce_login(owner)
        response = await client.get(f"{BASE}/cover-letters/{letter.pk}/stream/", headers={"Accept": accept})
        assert response.status_code == 200
        return b"".join([part async for part in response.streaming_content])

    for accept in ("text/event-stream", "application/json"):
        assert b"event: done" in async_to_sync(read)(accept)


def test_an_email_is_drafted_over_rest(api, pair, owner, worker):
    made = api.post(f"{BASE}/emails/", {**pair, "kind": "thank_you"}, content_type=JSON)
    assert made.status_code == 202
    worker(owner.email_drafts.get(), emails.do_email)

    shown = api.get(made["Location"]).json()

    assert shown["subject"].startswith("Thank you for the conversation")
    assert api.delete(made["Location"]).status_code == 204


def test_a_tailored_cv_of_another_job_is_refused(api, owner, cv, globex, posting):
    other = tailoring.start_tailoring(owner=owner, cv=cv, posting=posting)

    answer = api.post(
        f"{BASE}/cover-letters/", {"cv": cv.pk, "job": globex.pk, "tailored_cv": other.pk}, content_type=JSON
    )

    assert answer.status_code == 400
    assert "tailored_cv" in answer.json()["error"]["fields"]


def test_work_is_stopped_over_rest(api, pair):
    made = api.post(f"{BASE}/tailored-cvs/", pair, content_type=JSON)

    assert api.post(f"{made['Location']}cancel/").json()["status"] == "cancelled"


@pytest.fixture
def rows(owner, cv, globex):
    return (
        tailoring.start_tailoring(owner=owner, cv=cv, posting=globex),
        letters.start_letter(owner=owner, cv=cv, posting=globex),
        emails.start_email(owner=owner, cv=cv, posting=globex),
    )


def test_strangers_get_404_and_cannot_use_what_is_not_theirs(client_for, stranger, client, rows, pair):
    row, letter, email = rows
    addresses = [
        f"{BASE}/tailored-cvs/{row.pk}/",
        f"{BASE}/tailored-cvs/{row.pk}/changes/",
        f"{BASE}/tailored-cvs/{row.pk}/export/",
        f"{BASE}/cover-letters/{letter.pk}/",
        f"{BASE}/cover-letters/{letter.pk}/stream/",
        f"{BASE}/cover-letters/{letter.pk}/export/",
        f"{BASE}/emails/{email.pk}/",
    ]
    other = client_for(stranger)

    for address in addresses:
        assert other.get(address).status_code == 404, address
        assert client.get(address).status_code in {401, 403}, address
    for name in ("tailored-cvs", "cover-letters", "emails"):
        answer = other.post(f"{BASE}/{name}/", pair, content_type=JSON)
        assert answer.status_code == 400
        assert other.get(f"{BASE}/{name}/").json()["results"] == []


def test_the_admin_shows_no_text(client_for, staff, rows, worker):
    letter = rows[1]
    worker(letter, letters.do_letter)
    admin = client_for(staff)

    for address in (
        "/admin/jobs/coverletter/",
        f"/admin/jobs/coverletter/{letter.pk}/change/",
        "/admin/jobs/tailoredcv/",
        "/admin/jobs/email/",
    ):
        response = admin.get(address)
        assert response.status_code == 200
        assert "billing service" not in response.content.decode()


def test_a_language_that_nobody_here_writes_is_refused_before_anything_is_made(api, pair, worker):
    letter = api.post(f"{BASE}/cover-letters/", {**pair, "language": "sv"}, content_type=JSON)
    email = api.post(f"{BASE}/emails/", {**pair, "kind": "application", "language": "sv"}, content_type=JSON)
    assert letter.status_code == email.status_code == 422
    assert letter.json()["error"]["code"] == "unsupported_language"
    assert not CoverLetter.objects.exists()

    made = api.post(f"{BASE}/cover-letters/", pair, content_type=JSON)
    worker(CoverLetter.objects.get(), letters.do_letter)
    wish = {"wish": "translate", "language": "sv"}
    assert api.post(f"{made['Location']}revise/", wish, content_type=JSON).status_code == 422
    assert CoverLetter.objects.count() == 1


def test_a_language_of_providers_is_taken_where_one_may_be_asked(api, pair, simulator):
    made = api.post(f"{BASE}/cover-letters/", {**pair, "language": "sv"}, content_type=JSON)

    assert made.status_code == 202
