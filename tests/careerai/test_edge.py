"""Limits at the edge: who comes too often is told when to come again, on pages and in the API."""

import time
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse

from careerai.accounts import views
from usage import edge
from usage.edge import TooOftenError, limit_rate


@pytest.fixture(autouse=True)
def _limited(settings, monkeypatch):
    """Limits are on, and their minute does not end in the middle of a test."""
    settings.RATELIMIT_ENABLE = True
    now = time.time()
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: now))


def paper():
    return SimpleUploadedFile("cv.txt", b"Ada Example\nEngineer", "text/plain")


def check_refusal(response):
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 3_600


def test_signing_in_too_often_from_one_address_is_refused_with_a_time(client, db, settings):
    settings.AXES_ENABLED = False
    often = int(views.SIGN_IN_RATE.partition("/")[0])
    form = {"username": "nobody", "password": "x"}

    answers = [client.post(reverse("accounts:sign_in"), form) for _ in range(often + 1)]

    assert answers[-2].status_code == 200
    check_refusal(answers[-1])
    assert "Try again in 1 minute." in answers[-1].content.decode()
    assert client.get(reverse("accounts:sign_in")).status_code == 200
    assert client.post(reverse("accounts:sign_in"), form, REMOTE_ADDR="192.0.2.9").status_code == 200


def test_behind_a_proxy_its_header_says_whose_address_it_is(client, db, settings):
    settings.RATELIMIT_IP_META_KEY = "HTTP_X_REAL_IP"
    form = {"username": "x"}
    often = int(views.SIGN_UP_RATE.partition("/")[0])

    first = [client.post(reverse("accounts:sign_up"), form, HTTP_X_REAL_IP="192.0.2.1") for _ in range(often + 1)]

    check_refusal(first[-1])
    assert client.post(reverse("accounts:sign_up"), form, HTTP_X_REAL_IP="192.0.2.2").status_code == 200


def test_uploads_of_pages_and_api_are_counted_together(client_for, owner, stranger, monkeypatch):
    client = client_for(owner)
    monkeypatch.setattr("cv.api.views.UPLOAD_RATE", "2/h")
    monkeypatch.setattr("jobs.api.views.UPLOAD_RATE", "2/h")
    for _ in range(2):
        assert client.post("/api/v1/cvs/", {"file": paper()}).status_code == 202

    refused = client.post("/api/v1/cvs/", {"file": paper()})

    check_refusal(client.post("/api/v1/job-imports/", {"file": paper()}))
    check_refusal(refused)
    error = refused.json()["error"]
    assert error["code"] == "rate_limited"
    assert error["retry_after"]
    assert client_for(stranger).post("/api/v1/cvs/", {"file": paper()}).status_code == 202
    assert int(edge.UPLOAD_RATE.partition("/")[0]) >= 100


def test_a_page_over_its_limit_says_so(client_for, owner, settings):
    often = int(edge.UPLOAD_RATE.partition("/")[0])
    client = client_for(owner)
    answers = [client.post(reverse("cv:upload")) for _ in range(often + 1)]

    assert answers[-2].status_code == 400
    check_refusal(answers[-1])
    check_refusal(client.post(reverse("jobs:import_file")))
    assert "That was tried too often. Try again in" in answers[-1].content.decode()


async def test_an_asynchronous_view_is_limited_too():
    @limit_rate(group="test-async", key="ip", rate="1/m")
    async def view(_request):
        return "answer"

    request = RequestFactory().post("/")
    assert await view(request) == "answer"
    with pytest.raises(TooOftenError) as caught:
        await view(request)
    assert caught.value.retry_after >= 1
