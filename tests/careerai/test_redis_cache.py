"""A Redis server that refuses, is silent, or comes back."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from careerai import redis_cache
from careerai.redis_cache import SteadyRedisCache


@pytest.fixture(autouse=True)
def _nobody_is_away():
    redis_cache._away_until.clear()
    yield
    redis_cache._away_until.clear()


@contextmanager
def listening(answers: bytes = b"") -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes connections and answers each request like this, or nothing at all."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

        def talk(connection: socket.socket) -> None:
            with connection:
                while piece := connection.recv(65536):
                    heard.append(piece)
                    if answers:
                        connection.sendall(answers)

        threading.Thread(target=serve, daemon=True).start()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0", heard
        server.shutdown(socket.SHUT_RDWR)


def use_everything(cache: SteadyRedisCache) -> None:
    cache.clear()
    assert cache.get("colour", "none") == "none"
    cache.set("colour", "red", 60)
    assert cache.get("colour") == "red"
    assert not cache.add("colour", "blue")
    assert cache.add("number", 1, 60)
    assert cache.incr("number") == 2
    cache.set_many({"a": 1, "b": 2}, 60)
    assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": 2}
    assert cache.has_key("a")
    assert cache.touch("a", 30)
    assert cache.delete("a")
    cache.delete_many(["b"])
    assert cache.get_many(["a", "b"]) == {}
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nobody")


def test_a_server_that_refuses_is_replaced_by_a_cache_of_the_process(unused_tcp_port, caplog):
    cache = SteadyRedisCache(f"redis://127.0.0.1:{unused_tcp_port}/0", {})

    use_everything(cache)

    assert cache.is_away
    assert caplog.text.count("cache_away") == 1


def test_a_silent_server_is_asked_once_and_not_waited_for_again():
    with listening() as (address, heard):
        cache = SteadyRedisCache(address, {})

        use_everything(cache)

        assert cache.is_away
        assert len(heard) == 1


def test_all_threads_know_that_a_server_is_away(unused_tcp_port, caplog):
    address = f"redis://127.0.0.1:{unused_tcp_port}/0"
    SteadyRedisCache(address, {}).get("x")

    SteadyRedisCache(address, {}).get("x")

    assert caplog.text.count("cache_away") == 1


def test_a_server_that_came_back_is_asked_again(monkeypatch):
    with listening(b"+OK\r\n") as (address, heard):
        cache = SteadyRedisCache(address, {"OPTIONS": {"protocol": 2}})
        redis_cache._away_until[address] = time.monotonic() + 60
        cache.set("colour", "red", 60)
        assert not heard

        redis_cache._away_until[address] = time.monotonic() - 1
        cache.set("colour", "red", 60)

    assert any(b"colour" in piece for piece in heard)
