"""Operators see how readings went, never what a CV says."""

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from cv import services
from cv.models import CV, ParseRun, ParseStatus

SECRETS = ["Ada Secretname", "my_secret_file", "my secret file", "ada@secret.example.org", "hidden words"]


@pytest.fixture
def cv(owner) -> CV:
    cv = services.upload_cv(owner=owner, data=b"Ada Secretname\nada@secret.example.org", file_name="my_secret_file.txt")
    ParseRun.objects.update(status=ParseStatus.FAILED, error_code="not_a_cv", report={"hidden_lines": ["hidden words"]})
    return cv


def _addresses(cv: CV) -> list[str]:
    run = ParseRun.objects.get()
    return [
        reverse("admin:cv_cv_changelist"),
        reverse("admin:cv_cv_change", args=[cv.pk]),
        reverse("admin:cv_cv_delete", args=[cv.pk]),
        reverse("admin:cv_parserun_changelist"),
        reverse("admin:cv_parserun_change", args=[run.pk]),
    ]


def test_the_admin_shows_no_text_and_no_name_of_a_cv(client_for, staff, cv):
    client = client_for(staff)

    for address in _addresses(cv):
        response = client.get(address)
        assert response.status_code == 200, address
        assert [secret for secret in SECRETS if secret in response.content.decode()] == []


def test_the_admin_shows_why_a_reading_failed(client_for, staff, cv):
    page = client_for(staff).get(reverse("admin:cv_parserun_changelist")).content.decode()

    assert "not_a_cv" in page
    assert "owner" in page


@pytest.mark.parametrize("name", ["cv_cv_add", "cv_parserun_add"])
def test_nothing_can_be_added_in_the_admin(client_for, staff, name):
    assert client_for(staff).get(reverse(f"admin:{name}")).status_code == 403


def test_nothing_can_be_written_in_the_admin(client_for, staff, cv, stranger):
    address = reverse("admin:cv_cv_change", args=[cv.pk])

    assert client_for(staff).post(address, {"owner": stranger.pk}).status_code == 403


@pytest.mark.parametrize("many", [False, True])
def test_deleting_in_the_admin_deletes_the_files(client_for, staff, cv, many, django_capture_on_commit_callbacks):
    name = cv.documents.get().file.name
    client = client_for(staff)

    with django_capture_on_commit_callbacks(execute=True):
        if many:
            choice = {"action": "delete_selected", "_selected_action": [cv.pk], "post": "yes"}
            response = client.post(reverse("admin:cv_cv_changelist"), choice)
        else:
            response = client.post(reverse("admin:cv_cv_delete", args=[cv.pk]), {"post": "yes"})

    assert response.status_code == 302
    assert not CV.objects.exists()
    assert not default_storage.exists(name)


def test_the_admin_is_closed_to_others(client_for, owner, cv):
    assert client_for(owner).get(reverse("admin:cv_cv_changelist")).status_code == 302
