"""Bring the text of a stream from the providers' loop to the loop of its reader."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from ai_router.calling import ask_candidates
from ai_router.loop import CLOSING_SECONDS, provider_loop
from ai_router.planning import Plan
from ai_router.steps import Outcome
from ai_router.types import Out, StreamRestarted, TextDelta


async def relay(plan: Plan[Out]) -> AsyncGenerator[TextDelta | StreamRestarted | Outcome[Out], None]:
    """Run the call act on the process's loop; yield its text as it comes and the outcome last.

    When the reader closes the iterator, the provider's connection is closed, and the journal is whole before this returns.

    Raises:
        AllProvidersFailedError: Nobody answered well.
    """
    here = asyncio.get_running_loop()
    arrived: deque[TextDelta | StreamRestarted | None] = deque()
    something = asyncio.Event()

    def hand_over(event: TextDelta | StreamRestarted | None) -> None:
        arrived.append(event)
        # One that has not been taken yet has called already. A reader whose loop is gone, as at shutdown, has closed this
        # iterator or never will.
        if len(arrived) == 1 and not here.is_closed():
            here.call_soon_threadsafe(something.set)

    loop = provider_loop()
    running = loop.start(ask_candidates(plan.request, plan.journal, upstream=loop.upstream, show=hand_over))
    running.ended.add_done_callback(lambda _: hand_over(None))
    try:
        while True:
            while not arrived:
                something.clear()
                if not arrived:
                    await something.wait()
            if (event := arrived.popleft()) is None:
                break
            yield event
        # The work has ended, so this does not block.
        yield running.result.result()
    finally:
        running.cancel()
        await asyncio.wait({asyncio.wrap_future(running.ended)}, timeout=CLOSING_SECONDS)
