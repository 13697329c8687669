import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest

from ai_router.errors import ProviderError
from ai_router.providers.gemini import GeminiProvider
from ai_router.providers.openai_compatible import CompatibleProvider
from ai_router.providers.transport import http_client
from ai_router.types import Message, ProviderRequest

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


@pytest.mark.parametrize("make", [CompatibleProvider, GeminiProvider])
async def test_a_proxy_of_the_environment_is_used_and_passwords_of_netrc_go_nowhere(
    make: type[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    (tmp_path / "netrc").write_text("default login someone password of-netrc\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    request = ProviderRequest("small", (Message("user", "Hello"),), 50, timeout_seconds=5.0)

    for no_proxy, target in (("", f"http://{address}/v1"), ("127.0.0.1", "/v1")):
        monkeypatch.setenv("http_proxy", f"http://someone:of-proxy@{address}")
        monkeypatch.setenv("no_proxy", no_proxy)
        provider = make(api_key="k" * 20, base_url=f"http://{address}/v1")
        with pytest.raises(ProviderError):
            await provider.complete(request)
        await provider.close()
        head = heads.pop().lower()
        assert head.startswith(f"post {target}")
        assert "k" * 20 in head
        assert re.findall(r"(\S+): basic", head) == ([] if no_proxy else ["proxy-authorization"])
    server.close()


async def test_a_body_of_some_megabytes_goes_out_whole_and_in_parts(unused_tcp_port: int) -> None:
    """In one piece aiohttp would warn that it holds up the loop, which fails a test."""
    arrived: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().splitlines() if line.startswith(b"content-length:"))
        arrived.append(len(await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", unused_tcp_port), http_client(httpx2) as client:
        await client.post(f"http://127.0.0.1:{unused_tcp_port}/", content=bytes(3 * 2**20))

    assert arrived == [3 * 2**20]
