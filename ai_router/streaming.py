"""Bring the text of a stream from the providers' loop to the loop of its reader."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from typing import Generic

from ai_router.calling import ask_candidates
from ai_router.loop import Running, provider_loop
from ai_router.planning import Plan
from ai_router.steps import Outcome
from ai_router.types import Out, StreamRestarted, TextDelta


class Relay(Generic[Out]):
    """The call act of one stream, and the way of its text to its reader."""

    def __init__(self) -> None:
        """Be made on the loop of the reader."""
        self._here = asyncio.get_running_loop()
        self._arrived: deque[TextDelta | StreamRestarted | None] = deque()
        self._something = asyncio.Event()
        self._running: Running[Outcome[Out]] | None = None

    def start(self, plan: Plan[Out]) -> None:
        """Have the plan's candidates asked, if it has any.

        From any thread: so whoever opens a plan in one need not first come back to the reader's loop.
        """
        if not plan.request.steps:
            return
        loop = provider_loop()
        asking = ask_candidates(plan.request, plan.journal, upstream=loop.upstream, show=self._hand_over)
        self._running = loop.start(asking)
        # However the reader leaves, the call is settled with all its requests.
        plan.journal.ended = self._running.ended
        self._running.ended.add_done_callback(lambda _: self._hand_over(None))

    async def events(self) -> AsyncGenerator[TextDelta | StreamRestarted | Outcome[Out], None]:
        """Yield the text as it comes and the outcome last; nothing where nobody is asked.

        When the reader closes the iterator, the provider's connection is closed, and the journal is whole before this returns.

        Raises:
            AllProvidersFailedError: Nobody answered well.
        """
        if self._running is None:
            return
        try:
            while True:
                while not self._arrived:
                    self._something.clear()
                    if not self._arrived:
                        await self._something.wait()
                if (event := self._arrived.popleft()) is None:
                    break
                yield event
            # The work has ended, so this does not block.
            yield self._running.result.result()
        finally:
            await self.close()

    async def close(self) -> None:
        """Stop asking, and wait until the journal is whole."""
        if self._running is not None:
            await self._running.stop()

    def _hand_over(self, event: TextDelta | StreamRestarted | None) -> None:
        self._arrived.append(event)
        # One that has not been taken yet has called already. A reader whose loop is gone, as at shutdown, has closed the
        # iterator or never will.
        if len(self._arrived) == 1 and not self._here.is_closed():
            self._here.call_soon_threadsafe(self._something.set)
