"""The one event loop of a process that talks to providers.

It runs in a thread of its own for as long as the process lives, so connections are shared by all callers, synchronous
and asynchronous, and nobody pays for a loop per call. A forked child starts its own.
"""

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future, wait
from functools import cache
from typing import Any, Generic, TypeVar

from ai_router.upstream import Upstream

T = TypeVar("T")
# How long a cancelled call may take to close its connection and write its journal.
CLOSING_SECONDS = 5.0


class Running(Generic[T]):
    """Work on the loop. `ended` is set once it has really ended, cancelled work included, after `result` is."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        work: "Coroutine[Any, Any, T] | Callable[[Running[T]], Coroutine[Any, Any, T]]",
    ) -> None:
        """Start the work on the loop, from any thread; it is made with this as its argument where that is what it takes."""
        self.result: Future[T] = Future()
        self.ended: Future[None] = Future()
        self._loop = loop
        self._work = work(self) if callable(work) else work
        self._task: asyncio.Task[T] | None = None
        loop.call_soon_threadsafe(self._begin)

    def wait(self) -> T:
        """Block until the work is done; interrupted, cancel it and let it close before the interruption goes on."""
        try:
            return self.result.result()
        except BaseException:
            if not self.ended.done():
                self.cancel()
                wait([self.ended], timeout=CLOSING_SECONDS)
            raise

    def cancel(self) -> None:
        """Ask the work to stop; without effect when it is done."""
        if not self.ended.done():
            self._loop.call_soon_threadsafe(self._cancel)

    async def stop(self) -> None:
        """Cancel the work and wait until it has ended, at most `CLOSING_SECONDS`.

        Whoever is cancelled meanwhile, as by a reader who leaves twice, waits for that all the same.
        """
        self.cancel()
        ending = asyncio.ensure_future(asyncio.wait({asyncio.wrap_future(self.ended)}, timeout=CLOSING_SECONDS))
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            await ending
            raise

    def hand_over(self, result: T) -> None:
        """Give the result before all of the work has ended; for the work itself, on the loop."""
        if not self.result.done():
            self.result.set_result(result)

    def _begin(self) -> None:
        self._task = self._loop.create_task(self._work)
        self._task.add_done_callback(self._finish)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _finish(self, task: "asyncio.Task[T]") -> None:
        """Hand over what became of the task."""
        error = CancelledError() if task.cancelled() else task.exception()
        if self.result.done():
            pass
        elif error is None:
            self.result.set_result(task.result())
        else:
            self.result.set_exception(error)
        self.ended.set_result(None)


class ProviderLoop:
    """An event loop in a daemon thread, with what belongs to it: connections, and what is known of the providers."""

    def __init__(self) -> None:
        """Start the thread."""
        self.upstream = Upstream()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ai-router", daemon=True)
        self._thread.start()

    def start(self, work: Coroutine[Any, Any, T] | Callable[[Running[T]], Coroutine[Any, Any, T]]) -> Running[T]:
        """Run the work on the loop. What hands over its result early is given as a function of what takes it."""
        return Running(self._loop, work)

    def close(self) -> None:
        """Stop what runs, close the connections and end the thread."""
        self.start(_stop_others()).wait()
        self.start(self.upstream.close()).wait()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSING_SECONDS)
        self._loop.close()


async def _stop_others() -> None:
    """Cancel all other work of the loop, and let it close."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=CLOSING_SECONDS)


@cache
def _close_at_exit() -> None:
    """Have the loop closed before what it writes to: what was registered last is called first."""
    atexit.register(close_provider_loop)


_loops: dict[int, ProviderLoop] = {}
_lock = threading.Lock()


def provider_loop() -> ProviderLoop:
    """Return this process's loop, started at first use."""
    with _lock:
        found = _loops.get(os.getpid())
        if found is None:
            _close_at_exit()
            found = _loops[os.getpid()] = ProviderLoop()
        return found


def close_provider_loop() -> None:
    """End this process's loop and its connections; the next call starts another."""
    with _lock:
        running = _loops.pop(os.getpid(), None)
    if running is not None:
        running.close()


def _forget_after_fork() -> None:
    """Leave the parent's loop to the parent: its thread does not exist in the child."""
    global _lock  # noqa: PLW0603 - the parent may have held it at the moment of the fork
    _lock = threading.Lock()
    _loops.clear()


os.register_at_fork(after_in_child=_forget_after_fork)
