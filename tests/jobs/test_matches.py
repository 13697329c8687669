import pytest
from django.urls import reverse

from cv.models import CV
from jobs.models import Match
from jobs.services.matches import match_cv
from jobs.services.postings import create_posting
from tests.jobs.conftest import make_version

pytestmark = pytest.mark.django_db


def test_a_match_is_made_once(owner, posting, version):
    first = match_cv(owner=owner, version=version, posting=posting)
    second = match_cv(owner=owner, version=version, posting=posting)

    assert first.pk == second.pk
    assert first.score == sum(item["points"] for item in first.report["items"])
    assert first.band == "strong"
    assert len(first.inputs_hash) == 64


def test_another_analysis_makes_another_match(owner, posting, version):
    first = match_cv(owner=owner, version=version, posting=posting)
    posting.analysis = posting.analysis | {"as_of": "2021-01-01"}
    posting.save()

    assert match_cv(owner=owner, version=version, posting=posting).pk != first.pk


def test_the_page_explains_the_score(client_for, owner, posting, version):
    client = client_for(owner)

    response = client.post(reverse("jobs:create_match", args=[posting.pk]), {"cv": version.cv_id}, follow=True)

    page = response.content.decode()
    assert response.status_code == 200
    for words in (
        "Must-have requirements",
        "Conditions",
        "not part of the score",
        "Moved twelve services to Docker",
        "No evidence",
        "What you can do",
    ):
        assert words in page
    assert f'href="{reverse("cv:detail", args=[version.cv_id])}#item-' in page
    assert "changed since" not in page


def test_a_later_version_is_offered(client_for, owner, posting, version):
    match = match_cv(owner=owner, version=version, posting=posting)
    version.cv.current_version = version.cv.versions.create(number=2, origin="edited", data=version.data)
    version.cv.save()

    page = client_for(owner).get(reverse("jobs:match", args=[match.pk])).content.decode()

    assert "changed since" in page


def test_too_few_requirements_are_said(client_for, owner, version):
    posting = create_posting(
        owner=owner, text="We are a small bakery by the sea and look for friendly people who like mornings."
    )

    match = match_cv(owner=owner, version=version, posting=posting)
    page = client_for(owner).get(reverse("jobs:match", args=[match.pk])).content.decode()

    assert match.score is None
    assert "too little to say" in page


def test_only_own_read_cvs_can_be_matched(client_for, owner, stranger, posting):
    theirs = make_version(stranger)
    unread = CV.objects.create(owner=owner, title="Unread")
    client = client_for(owner)

    for pk in (theirs.cv_id, unread.pk, "", "x"):
        response = client.post(reverse("jobs:create_match", args=[posting.pk]), {"cv": pk}, follow=True)
        assert "Choose one of your CVs" in response.content.decode()
    assert not Match.objects.exists()


def test_a_stranger_finds_no_match(client_for, owner, stranger, posting, version):
    match = match_cv(owner=owner, version=version, posting=posting)
    client = client_for(stranger)

    assert client.get(reverse("jobs:match", args=[match.pk])).status_code == 404
    assert client.get(f"/api/v1/matches/{match.pk}/").status_code == 404
    assert client.get("/api/v1/matches/").json()["count"] == 0


def test_the_api_makes_lists_and_shows_matches(client_for, owner, posting, version):
    client = client_for(owner)

    made = client.post("/api/v1/matches/", {"cv": version.cv_id, "job": posting.pk}, content_type="application/json")
    listed = client.get(f"/api/v1/matches/?posting={posting.pk}").json()["results"]
    shown = client.get(f"/api/v1/matches/{made.json()['id']}/").json()

    assert made.status_code == 201
    assert [row["id"] for row in listed] == [shown["id"]]
    assert (shown["cv"], shown["cv_version"], shown["job"]) == (version.cv_id, 1, posting.pk)
    assert shown["report"]["items"]
    assert "report" not in listed[0]


def test_the_api_refuses_what_is_not_ones_own(client_for, owner, stranger, posting):
    theirs = make_version(stranger)

    response = client_for(owner).post(
        "/api/v1/matches/", {"cv": theirs.cv_id, "job": posting.pk}, content_type="application/json"
    )

    assert response.status_code == 400
    assert "cv" in response.json()["error"]["fields"]


def test_the_api_says_that_a_cv_is_not_read(client_for, owner, posting):
    unread = CV.objects.create(owner=owner, title="Unread")

    response = client_for(owner).post(
        "/api/v1/matches/", {"cv": unread.pk, "job": posting.pk}, content_type="application/json"
    )

    assert response.status_code == 409
    assert response.json()["error"]["code"] == "cv_not_ready"


@pytest.mark.parametrize("model", ["posting", "match"])
def test_administrators_see_no_texts(client_for, staff, posting, version, model):
    match = match_cv(owner=posting.owner, version=version, posting=posting)
    pk = posting.pk if model == "posting" else match.pk
    client = client_for(staff)

    listed = client.get(reverse(f"admin:jobs_{model}_changelist"))
    shown = client.get(reverse(f"admin:jobs_{model}_change", args=[pk]))

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert b"Mentored two junior" not in shown.content
    assert b"Senior Backend Engineer" not in shown.content
    assert client.get(reverse(f"admin:jobs_{model}_add")).status_code == 403


@pytest.mark.parametrize("resource", ["matches", "tailored-cvs", "cover-letters", "emails", "applications"])
def test_a_filter_does_not_tell_whose_postings_exist(client_for, owner, stranger, posting, resource):
    address = f"/api/v1/{resource}/?posting="

    of_another = client_for(stranger).get(f"{address}{posting.pk}")

    assert client_for(owner).get(f"{address}{posting.pk}").status_code == 200
    assert of_another.status_code == client_for(stranger).get(f"{address}999999").status_code == 400
