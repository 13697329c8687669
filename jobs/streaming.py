"""A letter's text as server-sent events, read from its row while a worker writes it.

The worker writes into the row, this reads along. So a closed tab, a reload or a killed process loses nothing, any number of pages can
watch, and the letter is written once. An event's id is the number of characters shown, from which a reader goes on after a break.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

from jobs.models import CoverLetter, WorkStatus

POLL_SECONDS = 0.15
WORD_SECONDS = 0.02
HEARTBEAT_SECONDS = 10.0
MOST_SECONDS = 900.0
OPEN = {WorkStatus.QUEUED, WorkStatus.RUNNING}


async def letter_events(letter_id: int, *, shown: int = 0) -> AsyncIterator[str]:
    """Yield events until the letter is finished: `text` (more of it), `restart` (drop what was shown) and `done` (with the status).

    Args:
        letter_id: The letter; the caller has checked whose it is.
        shown: How many characters the reader has already.
    """
    position, previous = shown, ""
    waited = silent = 0.0
    while waited < MOST_SECONDS:
        row = await sync_to_async(_state)(letter_id)
        if row is None:
            yield _event("done", {"status": WorkStatus.FAILED.value}, position)
            return
        status, text = row
        if position > len(text) or not text.startswith(previous):
            position = 0
            yield _event("restart", {}, position)
        for piece in re.findall(r"\S+\s*|\s+", text[position:]):
            position += len(piece)
            yield _event("text", {"text": piece}, position)
            await asyncio.sleep(WORD_SECONDS)
            silent = 0.0
        previous = text[:position]
        if status not in OPEN:
            yield _event("done", {"status": status}, position)
            return
        await asyncio.sleep(POLL_SECONDS)
        waited, silent = waited + POLL_SECONDS, silent + POLL_SECONDS
        if silent >= HEARTBEAT_SECONDS:
            silent = 0.0
            yield ": still writing\n\n"


def event_response(letter: CoverLetter, *, shown: int) -> StreamingHttpResponse:
    """Return a letter's events as a response that no proxy buffers or keeps."""
    return StreamingHttpResponse(
        letter_events(letter.pk, shown=shown),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def first_position(last_event_id: str | None, asked: str | None) -> int:
    """Return from which character a reader goes on, by its last event or by what it says; 0 for anything that is no number."""
    for given in (last_event_id, asked):
        if given and given.isascii() and given.isdigit():
            return int(given)
    return 0


def _state(letter_id: int) -> tuple[str, str] | None:
    return CoverLetter.objects.filter(pk=letter_id).values_list("status", "text").first()


def _event(name: str, data: dict[str, Any], position: int) -> str:
    return f"event: {name}\nid: {position}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
