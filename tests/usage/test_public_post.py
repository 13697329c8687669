"""Which addresses are public, and posting to them."""

import socket
import threading
from contextlib import suppress
from ipaddress import ip_address

import pytest

from usage import public_post
from usage.public_post import ForbiddenAddressError, UnreachableError, check_url, get, is_public, post


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"],
)
def test_public_addresses(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "::127.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b:1::a00:1",
        "fec0::1", "5f00::1",
    ],
)  # fmt: skip
def test_addresses_of_inner_networks(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "url", ["", "example.org", "https://", "https://a b/", "https://ä.example/", "https://e.org/\n", "javascript:x"]
)
def test_malformed_addresses(url):
    with pytest.raises(ForbiddenAddressError):
        check_url(url, allow_private=False)


def _resolve_to(monkeypatch, *numbers: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 443)) for number in numbers]
    monkeypatch.setattr(public_post.socket, "getaddrinfo", lambda *_, **__: found)


def test_a_name_with_one_inner_address_among_others_is_refused(monkeypatch):
    _resolve_to(monkeypatch, "93.184.216.34", "127.0.0.1")
    monkeypatch.setattr(public_post.socket, "create_connection", lambda *_, **__: pytest.fail("connected"))

    with pytest.raises(ForbiddenAddressError):
        post("https://rebind.example.org/", b"{}", {}, allow_private=False)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    _resolve_to(monkeypatch, "93.184.216.34")
    connected = []

    def connect(address, **_):
        connected.append(address)
        # From here on the name means another address; nobody asks again.
        _resolve_to(monkeypatch, "127.0.0.1")
        raise ConnectionRefusedError

    monkeypatch.setattr(public_post.socket, "create_connection", connect)

    with pytest.raises(UnreachableError):
        post("https://rebind.example.org/", b"{}", {}, allow_private=False)

    assert connected == [("93.184.216.34", 443)]


def test_somebody_who_never_answers_is_left(monkeypatch):
    monkeypatch.setattr(public_post, "STEP_SECONDS", 0.05)

    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(UnreachableError):
        post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, allow_private=True)


@pytest.mark.parametrize("host", ["a" * 64 + ".example.org", ".example.org", "a..example.org"])
def test_a_name_that_no_look_up_takes_is_reached_by_nobody(monkeypatch, host):
    monkeypatch.setattr(public_post.socket, "getaddrinfo", lambda name, *_, **__: name.encode("idna"))

    with pytest.raises(UnreachableError):
        post(f"https://{host}/", b"{}", {}, allow_private=False)


def _answering(server: socket.socket, head: bytes, drops: int) -> None:
    """Answer one request with a head, and then a byte at a time for as long as somebody listens, `drops` at most."""
    stream, _ = server.accept()
    with stream, suppress(OSError):
        stream.recv(65_536)
        stream.sendall(head)
        for _ in range(drops):
            stream.sendall(b"x")
            threading.Event().wait(0.02)


@pytest.mark.parametrize(
    ("head", "drops"),
    [
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 300),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", 300),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", 1),
    ],
    ids=["that ends with the connection", "of a length", "that breaks off"],
)
def test_an_answer_that_does_not_come_whole_is_none(monkeypatch, head, drops):
    monkeypatch.setattr(public_post, "ALL_SECONDS", 0.1)

    with socket.create_server(("127.0.0.1", 0)) as server:
        sender = threading.Thread(target=_answering, args=(server, head, drops), daemon=True)
        sender.start()
        with pytest.raises(UnreachableError):
            get(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, most_bytes=10_000, allow_private=True)
        sender.join()
