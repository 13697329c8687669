"""The loop that all callers share."""

import asyncio
import os
import threading

import pytest

from ai_router import providers, router
from ai_router.loop import close_provider_loop, provider_loop
from tests.ai_router.conftest import Subject


@pytest.fixture(autouse=True)
def _closed_afterwards():
    yield
    close_provider_loop()


async def thread_name() -> str:
    return threading.current_thread().name


def test_everybody_uses_the_same_loop_in_its_own_thread():
    assert provider_loop() is provider_loop()
    assert provider_loop().start(thread_name()).wait() == "ai-router"


def test_a_closed_loop_is_followed_by_another():
    first = provider_loop()
    close_provider_loop()
    close_provider_loop()

    assert provider_loop() is not first
    assert provider_loop().start(thread_name()).wait() == "ai-router"


def test_errors_come_through():
    async def fail() -> None:
        raise LookupError("nothing")

    with pytest.raises(LookupError, match="nothing"):
        provider_loop().start(fail()).wait()


def test_cancelled_work_has_cleaned_up_when_it_has_ended():
    begun, cleaned = threading.Event(), []

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            cleaned.append("up")

    running = provider_loop().start(work())
    begun.wait()
    running.cancel()
    running.ended.result(5)

    assert cleaned == ["up"]
    running.cancel()


def test_work_that_is_cancelled_before_it_began_still_ends():
    running = provider_loop().start(asyncio.sleep(60))
    running.cancel()

    assert running.ended.result(5) is None


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_starts_its_own():
    provider_loop().start(thread_name()).wait()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        name = provider_loop().start(thread_name()).wait()
        os.write(writer, name.encode())
        os._exit(0)
    os.waitpid(child, 0)

    assert os.read(reader, 50) == b"ai-router"
    os.close(reader)
    os.close(writer)


@pytest.mark.django_db(transaction=True)
def test_a_vendors_sdk_is_imported_beside_the_loop(spec, simulator, monkeypatch):
    threads = []
    load = providers._load

    def noted(path):
        threads.append(threading.current_thread().name)
        return load(path)

    monkeypatch.setattr(providers, "_load", noted)

    router.run(spec, Subject())

    assert threads[0] != "ai-router"
