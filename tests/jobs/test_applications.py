"""Applications: stages, reminders, documents as sent, statistics; by pages and by REST, and nobody sees another's."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs.errors import UnsupportedClaimError
from jobs.models import Application, CoverLetter, Posting, SentDocument, Stage, WorkStatus
from jobs.services import applications, letters

BASE = "/api/v1/applications/"
JSON = "application/json"


@pytest.fixture
def api(client_for, owner):
    return client_for(owner)


@pytest.fixture
def row(owner, globex) -> Application:
    return applications.track(owner=owner, posting=globex)


@pytest.fixture
def letter(owner, cv, globex, worker) -> CoverLetter:
    made = letters.start_letter(owner=owner, cv=cv, posting=globex, provider="embedded")
    worker(made, letters.do_letter)
    return CoverLetter.objects.get(pk=made.pk)


def day(number: int) -> dt.date:
    return dt.date(2026, 3, number)


def test_a_job_is_tracked_once(owner, globex, row):
    again = applications.track(owner=owner, posting=globex)

    assert again == row
    assert [entry.stage for entry in row.history.all()] == [Stage.SAVED]


def test_stages_keep_their_days(row):
    applications.move(application=row, stage=Stage.APPLIED, on=day(2))
    applications.move(application=row, stage=Stage.APPLIED)
    applications.move(application=row, stage=Stage.INTERVIEW, on=day(12))
    applications.move(application=row, stage=Stage.INTERVIEW, on=day(13))

    history = [(entry.stage, entry.on) for entry in row.history.exclude(stage=Stage.SAVED)]
    assert history == [(Stage.APPLIED, day(2)), (Stage.INTERVIEW, day(13))]


def test_what_was_sent_stays_as_it_was(row, letter):
    kept = applications.keep_documents(application=row, letter=letter)
    before = {document.pk: bytes(document.data) for document in row.documents.all()}

    letters.edit_letter(letter=letter, text=letter.text.replace("Kind regards", "Best regards"))
    letter.resume_version.cv.delete()

    assert [document.kind for document in kept] == ["cv", "letter"]
    assert all(data.startswith(b"%PDF") for data in before.values())
    assert {document.pk: bytes(document.data) for document in row.documents.all()} == before


def test_a_letter_with_an_unsupported_sentence_is_not_kept(row, letter):
    letters.edit_letter(letter=letter, text=letter.text.replace("30%", "70%"))
    assert letter.problems

    with pytest.raises(UnsupportedClaimError):
        applications.keep_documents(application=row, letter=letter)

    assert not SentDocument.objects.exists()


def test_statistics_count_what_came_of_them(owner, globex):
    for number, (stage, wait) in enumerate([(Stage.REJECTED, 4), (Stage.OFFER, 10), (None, 0)]):
        posting = Posting.objects.create(owner=owner, title=f"Job {number}", original="x", text="x", analysis={})
        row = applications.track(owner=owner, posting=posting)
        applications.move(application=row, stage=Stage.APPLIED, on=day(1))
        if stage is not None:
            applications.move(application=row, stage=Stage.INTERVIEW, on=day(1 + wait))
            applications.move(application=row, stage=stage, on=day(2 + wait))
    applications.track(owner=owner, posting=globex)

    found = applications.statistics(owner)

    assert (found.sent, found.answered, found.invited, found.offers) == (3, 2, 2, 1)
    assert found.answered_share == 0.667
    assert found.days_to_answer == 7.0
    assert found.by_stage == {
        "saved": 1, "applied": 1, "interview": 0, "offer": 1, "accepted": 0, "rejected": 1, "withdrawn": 0,
    }  # fmt: skip


def test_a_reminder_comes_up_on_its_day_while_the_application_is_open(owner, row):
    today = timezone.localdate()
    applications.note(application=row, notes="", remind_on=today, reminder="Ask how it stands")

    assert applications.due(owner) == [row]
    assert applications.due(owner, today=today - dt.timedelta(days=1)) == []
    applications.move(application=row, stage=Stage.WITHDRAWN)
    assert applications.due(owner) == []


def test_the_board_and_its_pages(api, owner, globex, letter):
    made = api.post(reverse("jobs:track"), {"posting": globex.pk}, follow=True)
    row = Application.objects.get()
    page = reverse("jobs:application", args=[row.pk])
    assert globex.title in made.content.decode()

    api.post(reverse("jobs:move_application", args=[row.pk]), {"stage": "applied", "on": "2026-03-02"})
    api.post(page, {"notes": "Spoke to <b>Maria</b>", "remind_on": "2026-03-09", "reminder": "Call"})
    api.post(reverse("jobs:keep_documents", args=[row.pk]), {"letter": letter.pk})
    shown = api.get(page).content.decode()
    board = api.get(reverse("jobs:applications")).content.decode()

    assert "2 Mar 2026" in shown
    assert "&lt;b&gt;Maria" in shown
    assert "Call" in board
    for document in row.documents.all():
        assert document.name in shown
        assert api.get(reverse("jobs:sent_document", args=[row.pk, document.pk])).content == bytes(document.data)
    moved = api.post(reverse("jobs:move_application", args=[row.pk]), {"stage": "interview", "back": "board"})
    assert moved.url == reverse("jobs:applications")
    api.post(reverse("jobs:delete_application", args=[row.pk]))
    assert not Application.objects.exists()
    assert Posting.objects.filter(pk=globex.pk).exists()


def test_a_stage_is_not_reached_before_its_day(api, row):
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    api.post(reverse("jobs:move_application", args=[row.pk]), {"stage": "applied", "on": tomorrow.isoformat()})

    refused = api.post(f"{BASE}{row.pk}/move/", {"stage": "applied", "on": tomorrow.isoformat()}, content_type=JSON)

    row.refresh_from_db()
    assert row.stage == Stage.SAVED
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["on"])


def test_applications_over_rest(api, globex, letter):
    made = api.post(BASE, {"job": globex.pk}, content_type=JSON)
    assert made.status_code == 201
    one = f"{BASE}{made.json()['id']}/"

    moved = api.post(f"{one}move/", {"stage": "applied", "on": "2026-03-02"}, content_type=JSON)
    noted = api.patch(one, {"notes": "Call", "remind_on": "2026-03-09", "stage": "offer"}, content_type=JSON)
    kept = api.post(f"{one}documents/", {"cover_letter": letter.pk}, content_type=JSON)

    assert moved.json()["history"][-1] == {"stage": "applied", "on": "2026-03-02"}
    assert (noted.json()["notes"], noted.json()["stage"]) == ("Call", "applied")
    assert [document["kind"] for document in kept.json()] == ["cv", "letter"]
    assert api.get(kept.json()[0]["url"]).content.startswith(b"%PDF")
    assert api.get(f"{BASE}statistics/").json()["sent"] == 1
    assert [entry["id"] for entry in api.get(f"{BASE}?stage=applied").json()["results"]] == [made.json()["id"]]
    assert api.post(f"{one}move/", {"stage": "dreaming"}, content_type=JSON).status_code == 400
    assert api.post(f"{one}documents/", {}, content_type=JSON).json()["error"]["code"] == "nothing_to_keep"
    missing = api.post(f"{one}documents/", {"cover_letter": 999_999}, content_type=JSON)
    assert missing.status_code == 400
    assert "cover_letter" in missing.json()["error"]["fields"]
    assert api.delete(one).status_code == 204


def test_nobody_reaches_anothers_application(client_for, stranger, row, globex, letter):
    applications.keep_documents(application=row, letter=letter)
    document = row.documents.first()
    other = client_for(stranger)

    assert other.post(BASE, {"job": globex.pk}, content_type=JSON).status_code == 400
    assert other.get(BASE).json()["results"] == []
    for address in (f"{BASE}{row.pk}/", f"{BASE}{row.pk}/documents/{document.pk}/"):
        assert other.get(address).status_code == 404
    assert other.post(f"{BASE}{row.pk}/move/", {"stage": "offer"}, content_type=JSON).status_code == 404
    pages = [
        reverse("jobs:application", args=[row.pk]),
        reverse("jobs:sent_document", args=[row.pk, document.pk]),
    ]
    for address in pages:
        assert other.get(address).status_code == 404
    for name in ("move_application", "keep_documents", "delete_application"):
        assert other.post(reverse(f"jobs:{name}", args=[row.pk]), {"stage": "offer"}).status_code == 404
    assert other.post(reverse("jobs:track"), {"posting": globex.pk}).status_code == 404
    assert globex.title not in other.get(reverse("jobs:applications")).content.decode()


def test_an_unfinished_letter_is_not_offered(owner, cv, globex, row, api):
    waiting = letters.start_letter(owner=owner, cv=cv, posting=globex, provider="embedded")
    assert waiting.status == WorkStatus.QUEUED

    answer = api.post(f"{BASE}{row.pk}/documents/", {"cover_letter": waiting.pk}, content_type=JSON)

    assert answer.status_code == 400
