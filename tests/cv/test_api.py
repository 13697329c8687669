"""The CV resources of the REST API."""

import io
import json

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from cv import services
from cv.models import CV, ParseRun, ParseStatus

JSON_RESUME = {
    "basics": {"name": "Ada Example", "email": "ada@example.org"},
    "work": [{"name": "Acme", "position": "Lead", "startDate": "2020-02", "highlights": ["Cut costs by 10 %."]}],
}


@pytest.fixture
def api(owner) -> APIClient:
    client = APIClient()
    client.force_authenticate(owner)
    return client


@pytest.fixture
def cv(owner) -> CV:
    return services.import_json_resume(owner=owner, data=JSON_RESUME)


@pytest.fixture
def address(cv) -> str:
    return f"/api/v1/cvs/{cv.pk}/"


def _file(data: bytes, name: str = "cv.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_an_upload_is_accepted_and_says_where_its_state_is_told(api):
    response = api.post("/api/v1/cvs/", {"file": _file(b"Ada Example\nEngineer")}, format="multipart")

    assert response.status_code == 202
    body = response.json()
    assert body["parse_status"] == body["parse"]["status"] == "queued"
    assert body["resume"] is None
    assert response["Location"] == body["status_url"]
    state = api.get(body["status_url"]).json()
    assert state["status"] == "queued"
    assert state["progress"] == {"done": 0, "total": 0, "message": ""}
    assert state["error"] is None


def test_a_text_can_be_uploaded_and_kept_from_providers(api):
    response = api.post("/api/v1/cvs/", {"text": "Ada Example", "provider": "embedded"}, format="multipart")

    assert response.status_code == 202
    assert ParseRun.objects.get().provider == "embedded"


def test_a_json_resume_is_imported_at_once(api):
    response = api.post("/api/v1/cvs/", JSON_RESUME, format="json")

    assert response.status_code == 201
    body = response.json()
    assert body["resume"]["employers"][0]["positions"][0]["title"] == "Lead"
    assert (body["version"], body["parse"]) == (1, None)
    assert response["Location"] == body["url"]
    assert api.get(body["status_url"]).status_code == 404


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        ({"file": _file(b"\x00\x00\x00\x18ftypheic")}, 415, "unsupported_format"),
        ({"file": _file(b"\x00\x01\x02" * 50)}, 415, "unsupported_format"),
        ({"file": _file(b" \n ")}, 422, "empty_document"),
        ({"file": _file(b"{broken")}, 422, "unreadable_document"),
        ({}, 400, "invalid"),
        ({"file": _file(b"x"), "text": "y"}, 400, "invalid"),
        ({"text": "y", "provider": "nobody"}, 400, "invalid"),
    ],
)
def test_bad_uploads_are_answered_in_the_error_form(api, data, status, code):
    response = api.post("/api/v1/cvs/", data, format="multipart")

    assert response.status_code == status
    error = response.json()["error"]
    assert error["code"] == code
    assert error["message"].endswith(".")
    assert error["request_id"]
    assert not CV.objects.exists()


def test_an_upload_over_the_limit_is_refused(api, settings):
    settings.MAX_UPLOAD_BYTES = 1000

    response = api.post("/api/v1/cvs/", {"file": _file(b"x" * 1001)}, format="multipart")
    assert (response.status_code, response.json()["error"]["code"]) == (413, "document_too_large")
    response = api.post("/api/v1/cvs/", {"basics": {"name": "x" * 200_000}}, format="json")
    assert response.status_code == 413


@pytest.mark.parametrize("data", [[1], {"foo": 1}, {"basics": {}}])
def test_json_that_is_no_resume_is_refused(api, data):
    response = api.post("/api/v1/cvs/", data, format="json")

    assert response.status_code in {400, 422}
    assert response.json()["error"]["code"] in {"invalid", "unreadable_document"}


def test_list_holds_own_cvs_only(api, cv, stranger):
    services.import_json_resume(owner=stranger, data=JSON_RESUME)

    body = api.get("/api/v1/cvs/").json()

    assert [row["id"] for row in body["results"]] == [cv.pk]
    assert "resume" not in body["results"][0]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""), ("patch", ""), ("delete", ""), ("get", "parse/"), ("post", "parse/"), ("delete", "parse/"), ("get", "versions/"),
        ("post", "versions/1/restore/"), ("get", "export/?format=pdf"), ("post", "items/"), ("delete", "items/line-1/"),
        ("post", "confirm/"),
    ],
)  # fmt: skip
def test_a_stranger_finds_nothing(address, stranger, cv, method, path):
    client = APIClient()
    client.force_authenticate(stranger)

    response = getattr(client, method)(address + path, format="json")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
    assert cv.versions.count() == 1


def test_a_value_is_corrected_under_its_version(api, address):
    change = {"item": "person-1", "field": "name", "value": "Ada B. Example", "version": 1}

    body = api.patch(address, change, format="json").json()
    assert (body["version"], body["resume"]["person"]["name"]) == (2, "Ada B. Example")
    assert body["resume"]["person"]["meta"]["name"]["status"] == "edited"

    response = api.patch(address, change, format="json")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "version_conflict")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("current", False, False),
        ("start", None, None),
        ("start", "2021-03", {"year": 2021, "month": 3, "day": None, "raw": ""}),
        ("title", 7, "7"),
    ],
)
def test_values_of_every_kind_can_be_sent(api, address, field, value, expected):
    response = api.patch(address, {"item": "position-1", "field": field, "value": value}, format="json")

    assert response.json()["resume"]["employers"][0]["positions"][0][field] == expected


def test_a_list_of_words_can_be_sent(api, owner):
    cv = services.import_json_resume(owner=owner, data={"interests": [{"name": "Chess", "keywords": ["blitz"]}]})

    response = api.patch(
        f"/api/v1/cvs/{cv.pk}/",
        {"item": "interest-1", "field": "keywords", "value": ["rapid", "bullet"]},
        format="json",
    )

    assert response.json()["resume"]["interests"][0]["keywords"] == ["rapid", "bullet"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"item": "position-1", "field": "start", "value": "long ago"}, 400, "invalid_value"),
        ({"item": "nobody", "field": "name", "value": "x"}, 404, "not_found"),
        ({"field": "name", "value": "x"}, 400, "invalid"),
    ],
)
def test_a_bad_correction_is_refused(api, address, change, status, code):
    response = api.patch(address, change, format="json")

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_values_are_confirmed_one_by_one_or_all(api, address):
    body = api.patch(address, {"item": "person-1", "field": "name"}, format="json").json()
    assert body["resume"]["person"]["meta"] == {"name": {"source": None, "confidence": 1.0, "status": "confirmed"}}

    body = api.post(f"{address}confirm/").json()
    assert body["resume"]["person"]["meta"]["email"]["status"] == "confirmed"


def test_items_are_added_and_removed(api, address, cv):
    added = api.post(f"{address}items/", {"collection": "highlights", "parent_id": "position-1"}, format="json")
    line = added.json()["id"]
    assert (added.status_code, added.json()["version"]) == (201, 2)

    assert api.delete(f"{address}items/line-1/").status_code == 204
    cv.refresh_from_db()
    assert [line.id for line in cv.current_version.resume.employers[0].positions[0].highlights] == [line]
    assert api.delete(f"{address}items/line-1/").status_code == 404


def test_versions_are_listed_and_restored(api, address):
    api.patch(address, {"item": "person-1", "field": "name", "value": "Somebody Else"}, format="json")

    restored = api.post(f"{address}versions/1/restore/").json()

    assert (restored["version"], restored["resume"]["person"]["name"]) == (3, "Ada Example")
    assert [row["number"] for row in api.get(f"{address}versions/").json()] == [3, 2, 1]
    assert api.post(f"{address}versions/9/restore/").status_code == 404


def test_exports_are_files(api, address):
    api.patch(address, {"item": "person-1", "field": "name", "value": "Somebody Else"}, format="json")

    pdf = api.get(f"{address}export/?format=pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["Content-Disposition"] == 'attachment; filename="Somebody-Else-CV.pdf"'
    assert pdf.content.startswith(b"%PDF")
    word = api.get(f"{address}export/?format=docx&version=1")
    assert docx.Document(io.BytesIO(word.content)).paragraphs[0].text == "Ada Example"
    assert json.loads(api.get(f"{address}export/").content)["basics"]["name"] == "Somebody Else"


@pytest.mark.parametrize(
    ("query", "status"), [("format=exe", 400), ("format=pdf&version=x", 400), ("format=pdf&version=99", 404)]
)
def test_exports_that_do_not_exist_are_refused(api, address, query, status):
    assert api.get(f"{address}export/?{query}").status_code == status


def test_a_cv_that_is_not_read_yet_cannot_be_exported(api):
    body = api.post("/api/v1/cvs/", {"text": "Ada Example"}, format="multipart").json()

    response = api.get(f"{body['url']}export/?format=pdf")

    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_parsed")


def test_reading_can_be_stopped_and_started_again(api):
    state = api.post("/api/v1/cvs/", {"text": "Ada Example"}, format="multipart").json()["status_url"]

    assert api.delete(state).status_code == 204
    assert api.get(state).json()["status"] == "cancelled"
    again = api.post(state)
    assert (again.status_code, again.json()["status"]) == (202, "queued")


def test_a_failed_reading_says_why(api):
    state = api.post("/api/v1/cvs/", {"text": "Ada Example"}, format="multipart").json()["status_url"]
    ParseRun.objects.update(status=ParseStatus.FAILED, error_code="not_a_cv", error_message="No CV.")

    assert api.get(state).json()["error"] == {"code": "not_a_cv", "message": "No CV."}


def test_a_deleted_cv_is_gone(api, address):
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404


def test_the_schema_describes_the_resources():
    schema = SchemaGenerator().get_schema(request=None, public=True)

    assert reverse("cv-api-list") == "/api/v1/cvs/"
    paths = schema["paths"]
    assert set(paths["/api/v1/cvs/"]["post"]["requestBody"]["content"]) == {"multipart/form-data", "application/json"}
    assert {"201", "202", "413", "415"} <= paths["/api/v1/cvs/"]["post"]["responses"].keys()
    assert "employers" in schema["components"]["schemas"]["Resume"]["properties"]
    assert "application/octet-stream" in paths["/api/v1/cvs/{id}/export/"]["get"]["responses"]["200"]["content"]


@pytest.mark.parametrize("value", [{"a": 1}, [{"a": 1}], [["a"]]])
def test_a_value_without_a_written_form_is_refused(api, address, value):
    response = api.patch(address, {"item": "person-1", "field": "headline", "value": value}, format="json")

    assert response.status_code == 400
    assert "value" in response.json()["error"]["fields"]
    assert api.get(address).json()["version"] == 1


def test_a_version_number_of_any_length_is_none(client_for, owner, cv, address):
    number = "9" * 5_000
    client = client_for(owner)
    item = cv.current_version.resume.person.id

    assert client.get(f"{address}export/?format=json&version={number}").status_code == 400
    assert client.post(f"{address}versions/{number}/restore/").status_code == 404
    assert client.get(f"/cvs/{cv.pk}/export/json/?version={number}").status_code == 404
    value = f"/cvs/{cv.pk}/value/?item={item}&field=name"
    assert client.post(value, {"value": "X", "version": number}).status_code == 400
