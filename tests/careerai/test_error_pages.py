import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from careerai import urls

pytestmark = pytest.mark.django_db


def fail(request: HttpRequest) -> HttpResponse:
    raise {"400": SuspiciousOperation, "403": PermissionDenied, "500": KeyError}[request.path.strip("/")[-3:]]


@pytest.fixture(autouse=True)
def _pages_that_fail(monkeypatch, settings):
    pages = [path(f"{start}{code}/", fail) for start in ("", "api/v1/") for code in (400, 403, 500)]
    monkeypatch.setattr(urls, "urlpatterns", [*pages, *urls.urlpatterns])
    settings.ROOT_URLCONF = urls


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (400, "could not be understood"),
        (403, "You may not do this"),
        (404, "There is no such page"),
        (500, "Something went wrong on our side"),
    ],
)
def test_a_person_gets_a_page(code, said):
    response = Client(raise_request_exception=False).get(f"/{code}/")

    assert response.status_code == code
    assert response.headers["Content-Type"].startswith("text/html")
    assert said in response.content.decode()
    assert "Go to the start page" in response.content.decode()


@pytest.mark.parametrize(
    ("code", "word"),
    [(400, "bad_request"), (403, "permission_denied"), (404, "not_found"), (500, "internal_error")],
)
def test_a_program_gets_the_error_form(code, word):
    response = Client(raise_request_exception=False).get(f"/api/v1/{code}/")

    assert response.status_code == code
    error = response.json()["error"]
    assert error["code"] == word
    assert error["message"]
    assert error["request_id"]


def test_a_form_without_its_token_is_explained():
    response = Client(enforce_csrf_checks=True).post("/accounts/sign-in/", {"username": "a", "password": "b"})

    assert response.status_code == 403
    assert "reload and try again" in response.content.decode()


def test_the_page_of_a_failure_does_without_the_database(django_db_blocker):
    client = Client(raise_request_exception=False)

    with django_db_blocker.block():
        response = client.get("/500/")

    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()
