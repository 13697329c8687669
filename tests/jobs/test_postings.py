import json

import pytest
from django.urls import reverse

from jobs.errors import EmptyPostingError
from jobs.models import CoverLetter, Email, Match, Posting, TailoredCV
from jobs.posting import PostingAnalysis
from jobs.presentation import marked_text, requirement_groups
from jobs.services.matches import match_cv
from jobs.services.postings import create_posting, delete_posting
from tests.jobs.match_samples import JOB_POSTING, POSTING

pytestmark = pytest.mark.django_db


def test_a_posting_is_saved_with_its_analysis(posting):
    assert posting.title == "Senior Backend Engineer (m/f/d)"
    assert posting.employer == "Example Logistics GmbH"
    assert posting.language == "en"
    assert len(posting.analysis["requirements"]) > 8
    assert posting.analysis["as_of"]


def test_what_json_ld_states_goes_before_what_is_read(owner):
    posting = create_posting(owner=owner, text=json.dumps(JOB_POSTING))

    assert posting.title == "Warehouse Clerk & Driver"
    assert posting.source_url == "https://jobs.example.org/17"
    assert posting.valid_through.isoformat() == "2026-02-28"
    assert posting.analysis["salary_max"] == 2800
    assert posting.analysis["employment_type"] == "full_time"
    assert posting.original.startswith("{")


@pytest.mark.parametrize(
    ("line", "highest"),
    [
        (f"Salary: € {'9' * 400} per year", None),
        ("Salary: 50.000 - 60.000 EUR, band 1 " + "- " * 2_000, 60_000),
        ("Level 1 " + "a " * 5_000, None),
        ("- Minimum " + "minimum " * 500, None),
    ],
)
def test_no_row_of_signs_keeps_a_posting_from_being_saved(owner, line, highest):
    # Dashes and short words between two amounts, and repeated words, were once cut up in every way there is.
    posting = create_posting(owner=owner, text=f"We look for a careful nurse for our ward in Linz\n{line}")

    assert posting.analysis["salary_max"] == highest


def test_nothing_is_saved_of_an_empty_posting(owner):
    with pytest.raises(EmptyPostingError):
        create_posting(owner=owner, text="Nurse")

    assert not Posting.objects.exists()


def test_deleting_takes_along_what_was_made_for_it(owner, posting, version):
    match_cv(owner=owner, version=version, posting=posting)

    delete_posting(posting=posting)

    assert not Posting.objects.exists()
    assert not Match.objects.exists()


def test_marked_text_is_the_text(posting):
    analysis = PostingAnalysis.model_validate(posting.analysis)
    parts = marked_text(posting.text, analysis)

    assert "".join(part.text for part in parts) == posting.text
    assert {part.key for part in parts} == {"", "must", "nice", "knock-out", "duty"}
    assert [group.key for group in requirement_groups(analysis)] == ["knock-out", "must", "nice", "duty"]


def test_the_page_adds_a_posting_and_shows_what_it_asks(client_for, owner):
    client = client_for(owner)

    response = client.post(reverse("jobs:postings"), {"text": POSTING}, follow=True)

    assert response.status_code == 200
    page = response.content.decode()
    assert "Senior Backend Engineer" in page
    assert 'class="mark mark--knock-out"' in page
    assert "Fluent German required" in page
    assert "Upload one" in page


def test_the_chosen_cv_is_kept_on_the_way(client_for, owner, version):
    client = client_for(owner)

    response = client.post(reverse("jobs:postings") + f"?cv={version.cv_id}", {"text": POSTING})
    page = client.get(response["Location"]).content.decode()

    assert response["Location"].endswith(f"?cv={version.cv_id}")
    assert f'<option value="{version.cv_id}" selected>Backend CV</option>' in page


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "Paste the text"), ("Nurse wanted", "too little text"), ('{"a": 1}', "No job posting was found")],
)
def test_the_page_says_what_is_wrong_and_keeps_the_text(client_for, owner, text, words):
    response = client_for(owner).post(reverse("jobs:postings"), {"text": text})

    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert not Posting.objects.exists()


def test_text_of_a_posting_is_escaped(client_for, owner):
    posting = create_posting(owner=owner, text=POSTING + "\n- Python <script>alert(1)</script> required")

    page = client_for(owner).get(reverse("jobs:posting", args=[posting.pk])).content.decode()

    assert "<script>alert" not in page


def test_what_was_made_for_a_posting_can_be_found_again(client_for, owner, posting, version):
    TailoredCV.objects.create(owner=owner, resume_version=version, posting=posting, status="done")
    letter = CoverLetter.objects.create(owner=owner, resume_version=version, posting=posting, status="failed")
    Email.objects.create(owner=owner, resume_version=version, posting=posting)

    page = client_for(owner).get(reverse("jobs:posting", args=[posting.pk])).content.decode()

    assert reverse("jobs:letter", args=[letter.pk]) in page
    for words in ("Tailored CV", "E-mail: application", "badge--failed"):
        assert words in page


def test_deleting_asks_first(client_for, owner, posting):
    client = client_for(owner)
    address = reverse("jobs:delete_posting", args=[posting.pk])

    assert "cannot be undone" in client.get(address).content.decode()
    assert Posting.objects.exists()

    assert client.post(address).status_code == 302
    assert not Posting.objects.exists()


@pytest.mark.parametrize("name", ["posting", "delete_posting", "create_match"])
def test_a_stranger_finds_nothing(client_for, stranger, posting, name):
    client = client_for(stranger)
    method = client.post if name == "create_match" else client.get

    assert method(reverse(f"jobs:{name}", args=[posting.pk])).status_code == 404
    assert posting.title not in client.get(reverse("jobs:postings")).content.decode()


def test_the_list_needs_few_queries(client_for, owner, version, django_assert_max_num_queries):
    for number in range(5):
        posting = create_posting(owner=owner, text=f"{POSTING}\nNumber {number}")
        match_cv(owner=owner, version=version, posting=posting)
    client = client_for(owner)

    with django_assert_max_num_queries(6):
        page = client.get(reverse("jobs:postings")).content.decode()

    assert page.count("badge--strong") == 5


def test_the_api_adds_lists_shows_and_deletes(client_for, owner):
    client = client_for(owner)

    made = client.post("/api/v1/jobs/", {"text": POSTING, "title": "Engineer"}, content_type="application/json")
    listed = client.get("/api/v1/jobs/").json()
    shown = client.get(f"/api/v1/jobs/{made.json()['id']}/").json()

    assert made.status_code == 201
    assert made.json()["title"] == "Engineer"
    assert listed["count"] == 1
    assert "text" not in listed["results"][0]
    first = shown["analysis"]["requirements"][0]
    assert shown["text"][first["start"] : first["end"]] == first["text"]
    assert client.delete(f"/api/v1/jobs/{shown['id']}/").status_code == 204
    assert not Posting.objects.exists()


@pytest.mark.parametrize("body", [JOB_POSTING, {"job_posting": JOB_POSTING}, {"job_posting": [JOB_POSTING]}])
def test_the_api_takes_json_ld(client_for, owner, body):
    response = client_for(owner).post("/api/v1/jobs/", body, content_type="application/json")

    assert response.status_code == 201
    assert response.json()["employer"] == "Example Parcels"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"text": "Nurse wanted"}, 422, "empty_posting"),
        ({"job_posting": {"@type": "Person"}}, 422, "unreadable_posting"),
        ({"text": POSTING, "job_posting": JOB_POSTING}, 400, "invalid"),
    ],
)
def test_the_api_refuses_in_its_error_form(client_for, owner, body, status, code):
    response = client_for(owner).post("/api/v1/jobs/", body, content_type="application/json")

    assert response.status_code == status
    assert response.json()["error"]["code"] == code


def test_the_api_hides_postings_from_strangers(client_for, stranger, posting):
    client = client_for(stranger)

    assert client.get(f"/api/v1/jobs/{posting.pk}/").status_code == 404
    assert client.delete(f"/api/v1/jobs/{posting.pk}/").status_code == 404
    assert client.get("/api/v1/jobs/").json()["count"] == 0
    assert Posting.objects.filter(pk=posting.pk).exists()
