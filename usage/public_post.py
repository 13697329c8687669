"""Posting to addresses that users name, and reading from them, without letting them reach into the site's own network.

The name is looked up once, every address that it has must be public, and the connection goes to one of those addresses:
a name that changes between the look-up and the connection gains nothing. Redirects are not followed.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

STEP_SECONDS = 10.0
ALL_SECONDS = 20.0
MAX_URL = 500
# IPv4 addresses inside IPv6 ones, as translators write them (RFC 6052).
NAT64 = IPv6Network("64:ff9b::/96")
# All of IPv6 that is given out for the public internet (IANA); beside it, only forms of IPv4 addresses are of use.
GLOBAL_UNICAST = IPv6Network("2000::/3")


class ForbiddenAddressError(Exception):
    """An address that is malformed, or not public; the message may be shown to whoever named it."""


class UnreachableError(Exception):
    """Nobody answered at the address in time; the message may be shown."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its status, where it leads on to (empty where nowhere), its media type with parameters, its bytes, and how those are packed."""

    status: int
    location: str
    content_type: str
    body: bytes
    encoding: str = ""


def check_url(url: str, *, allow_private: bool) -> SplitResult:
    """Return the parts of an address that may be reached, as far as can be told without looking its name up.

    Raises:
        ForbiddenAddressError: It is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ForbiddenAddressError("This is no valid address.") from None
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ForbiddenAddressError("This is no valid address.")
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise ForbiddenAddressError("The address must begin with https://.")
    if not parts.hostname or port == 0 or parts.username is not None or parts.password is not None:
        raise ForbiddenAddressError("The address needs a host, and may hold no user name.")
    try:
        literal = ip_address(parts.hostname)
    except ValueError:
        return parts
    if not allow_private and not is_public(literal):
        raise ForbiddenAddressError("The address is not public.")
    return parts


def post(url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool) -> int:
    """Post to an address and return the status of the answer, whose text is not read.

    Raises:
        ForbiddenAddressError: It is malformed, or its name has an address that is not public.
        UnreachableError: Nobody answered in time.
    """
    with _answer_of("POST", url, body, headers, allow_private=allow_private) as answer:
        return answer.status


def get(url: str, headers: Mapping[str, str], *, most_bytes: int, allow_private: bool) -> Fetched:
    """Read from an address, `most_bytes` at most. Redirects are not followed; the answer says where they lead.

    Raises:
        ForbiddenAddressError: It is malformed, or its name has an address that is not public.
        UnreachableError: Nobody answered in time, the answer broke off, or there was more to read.
    """
    with _answer_of("GET", url, None, headers, allow_private=allow_private) as answer:
        body = answer.read(most_bytes + 1)
        if len(body) > most_bytes:
            raise UnreachableError("The answer is too large.")
        if answer.length:
            raise http.client.IncompleteRead(body)
        named = [answer.getheader(name, "") for name in ("Location", "Content-Type", "Content-Encoding")]
        return Fetched(answer.status, named[0], named[1], body, named[2])


@contextmanager
def _answer_of(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, allow_private: bool
) -> Iterator[http.client.HTTPResponse]:
    parts = check_url(url, allow_private=allow_private)
    try:
        connection = _connect(parts, allow_private=allow_private)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(f"No connection ({type(error).__name__}).") from error
    # Each step has its own limit; somebody who sends a byte at a time is cut off here. The stream itself is held, as the
    # connection lets go of it once the answer says that it ends with it.
    is_late = threading.Event()
    cut = threading.Timer(ALL_SECONDS, _shut, [connection.sock, is_late])
    cut.daemon = True
    cut.start()
    try:
        path = parts.path or "/"
        connection.request(method, f"{path}?{parts.query}" if parts.query else path, body, dict(headers))
        yield connection.getresponse()
        if is_late.is_set():
            raise TimeoutError
    # A TLS stream that is shut while it is read says so by a ValueError.
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise UnreachableError(f"No answer ({type(error).__name__}).") from error
    finally:
        cut.cancel()
        connection.close()


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address, and any that is written inside it, is one of the public internet."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None and not is_public(inner):
            return False
        if address.ipv4_mapped or address in NAT64:
            return True
        if address not in GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast


def _connect(parts: SplitResult, *, allow_private: bool) -> http.client.HTTPConnection:
    """Connect to an address that was checked, under the name that was asked for."""
    host, is_secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not allow_private and not all(is_public(ip_address(number.partition("%")[0])) for number in numbers):
        raise ForbiddenAddressError("The address is not public.")
    plain = socket.create_connection((numbers[0], port), timeout=STEP_SECONDS)
    try:
        stream = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if is_secure else plain
    except BaseException:
        plain.close()
        raise
    connection = http.client.HTTPConnection(host, port, timeout=STEP_SECONDS)
    connection.sock = stream
    return connection


def _shut(stream: socket.socket, is_late: threading.Event) -> None:
    is_late.set()
    with suppress(OSError):
        stream.shutdown(socket.SHUT_RDWR)
