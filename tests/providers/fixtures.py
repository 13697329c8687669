"""The fixture that puts the provider simulator behind the application."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from ai_router.loop import close_provider_loop
from tests.providers.simulator import Simulator


@pytest.fixture
def simulator(settings) -> Iterator[Simulator]:
    """A provider on loopback, with OpenAI switched on and pointed at it."""
    server = Simulator()
    server.start()
    settings.AI_PROVIDERS = {
        "openai": {"api_key": "simulated", "base_url": server.base_url, "model": "gpt-5.4-mini"},
    }
    settings.DEFAULT_AI_PROVIDER = ""
    settings.DEFAULT_AI_MODEL = ""
    yield server
    close_provider_loop()
    server.stop()


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let nothing connect to anything but this machine; the addresses that were tried stand in the list."""
    tried: list[str] = []
    look_up, connect, connect_ex = socket.getaddrinfo, socket.socket.connect, socket.socket.connect_ex

    def check(host: Any) -> None:
        name = host.decode() if isinstance(host, bytes) else host
        if not _is_here(name):
            tried.append(name)
            message = f"tests do not leave this machine: {name}"
            raise socket.gaierror(message)

    def guarded_look_up(host: Any, *rest: Any, **names: Any) -> Any:
        check(host)
        return look_up(host, *rest, **names)

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple):
            check(address[0])
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if isinstance(address, tuple):
            check(address[0])
        return connect_ex(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    return tried


def _is_here(name: str | None) -> bool:
    """Whether a name or an address is that of this machine."""
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False
