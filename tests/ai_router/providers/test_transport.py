import httpx
import httpx2
import pytest

from ai_router.providers.transport import http_client

ADDRESS = "http://127.0.0.1:9/v1/chat/completions"
HEADERS = [("Authorization", "Bearer k"), ("Content-Type", "application/json")]


@pytest.mark.parametrize("family", [httpx, httpx2])
def test_a_plain_request_is_what_the_family_would_make_of_it(family: object) -> None:
    client = http_client(family)  # type: ignore[arg-type]  # the modules
    asked = {"headers": HEADERS, "timeout": family.Timeout(3.0, connect=1.0), "content": b"{}", "files": None}  # type: ignore[attr-defined]

    made = client.build_request("post", ADDRESS, **asked)
    usual = family.AsyncClient(trust_env=False).build_request("post", ADDRESS, **asked)  # type: ignore[attr-defined]

    assert (made.method, made.url, made.read()) == (usual.method, usual.url, usual.read())
    assert made.extensions["timeout"] == usual.extensions["timeout"]
    assert set(made.headers.items()) <= set(usual.headers.items())
    # aiohttp sets the others itself, and names the SDK alone.
    assert set(usual.headers) - set(made.headers) <= {
        "host", "accept", "accept-encoding", "connection", "user-agent", "content-length"
    }  # fmt: skip


def test_what_has_parameters_is_made_by_the_family_itself() -> None:
    client = http_client(httpx2)

    made = client.build_request(
        "post", ADDRESS, params={"api-version": "1"}, content=b"{}", headers=HEADERS, timeout=3.0
    )

    assert made.url.query == b"api-version=1"
    assert made.headers["content-length"] == "2"
