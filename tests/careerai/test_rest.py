"""The REST API as a whole: its schema, its documentation, and what it refuses."""

from io import StringIO

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db

JSON = "application/json"
LISTS = [f"/api/v1/{name}/" for name in ("cvs", "jobs", "matches", "tailored-cvs", "cover-letters", "emails")]


@pytest.fixture
def api(owner):
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(owner)
    return client


def assert_error(response, status: int, code: str) -> dict:
    assert response.status_code == status
    assert response["Content-Type"] == JSON
    error = response.json()["error"]
    assert error.keys() >= {"code", "message", "request_id"}
    assert error["code"] == code
    return error


def test_the_schema_is_valid_openapi_without_a_warning():
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_the_schema_gives_every_operation_the_one_form_of_errors():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    operations = [value for path in schema["paths"].values() for key, value in path.items() if key != "parameters"]

    assert len(operations) > 30
    for operation in operations:
        errors = [said for code, said in operation["responses"].items() if code == "default" or code >= "400"]
        assert errors
        for error in errors:
            assert error["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}
    detail = schema["components"]["schemas"]["ErrorDetail"]
    assert detail["properties"].keys() == {"code", "message", "fields", "retry_after", "request_id"}
    assert set(detail["required"]) == {"code", "message", "request_id"}


def test_the_documentation_needs_no_inline_script(client):
    page = client.get("/api/docs/")
    script = client.get("/api/docs/?script=")

    assert "SwaggerUIBundle(" not in page.content.decode()
    assert "<style" not in page.content.decode()
    assert "SwaggerUIBundle(" in script.content.decode()
    assert script["Content-Type"].startswith("application/javascript")


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("query", ["limit=99999999999999999999999", "offset=99999999999999999999999", "limit=²"])
def test_any_page_of_a_list_can_be_asked_for(api, address, query):
    response = api.get(f"{address}?{query}")

    assert response.status_code == 200
    assert response.json()["results"] == []


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize(
    "body",
    ['{"cv": 1e400}', "[" * 65 + "1" + "]" * 65, "[" * 100_000 + "]" * 100_000, "{", '{"a": NaN}', '{"a": "\xff"}'],
)
def test_json_that_cannot_be_read_is_refused(api, address, body):
    assert_error(api.post(address, body.encode("latin-1"), content_type=JSON), 400, "parse_error")


def test_json_of_any_usual_depth_is_read(api):
    posting = '{"job_posting": ' + "[" * 62 + "1" + "]" * 62 + "}"

    assert_error(api.post("/api/v1/jobs/", posting, content_type=JSON), 422, "unreadable_posting")


def test_json_in_a_form_may_not_be_nested_without_end_either(api):
    error = assert_error(api.post("/api/v1/jobs/", {"job_posting": "[" * 100_000}, format="multipart"), 400, "invalid")

    assert error["fields"] == {"job_posting": ["This is nested too deeply."]}


@pytest.mark.parametrize("address", LISTS)
def test_what_is_not_there_is_told_in_one_way(api, address):
    for key in ("999999", "99999999999999999999999", "abc", "²"):
        assert (
            "There is nothing at this address" in assert_error(api.get(f"{address}{key}/"), 404, "not_found")["message"]
        )


@pytest.mark.parametrize("address", LISTS)
def test_a_wrong_method_or_format_and_a_missing_token_are_told(api, address):
    assert_error(api.put(address, {}, format="json"), 405, "method_not_allowed")
    assert_error(api.get(address, headers={"Accept": "text/html"}), 406, "not_acceptable")
    assert_error(api.post(address, "a,b", content_type="text/csv"), 415, "unsupported_media_type")
    refused = APIClient().get(address)
    assert_error(refused, 401, "not_authenticated")
    assert refused["WWW-Authenticate"].startswith("Bearer")


def test_an_address_without_its_last_slash_keeps_method_and_body(client):
    response = client.post("/api/v1/jobs", {"text": "a"}, content_type=JSON)

    assert response.status_code == 308
    assert response["Location"] == "/api/v1/jobs/"
