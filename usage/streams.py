"""Answers that are written out while they are read from the database, whichever server they leave by."""

from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from usage.exports import CALL_COLUMNS, call_values, write_calls, write_csv
from usage.models import Call

LINES_AT_ONCE = 500
CSV = "text/csv; charset=utf-8"


def stream(
    request: HttpRequest, pieces: Iterable[str], *, content_type: str, filename: str = ""
) -> StreamingHttpResponse:
    """Answer with the pieces, some hundred at once; with a file's name it is saved and not shown.

    Django gathers all that a plain iterator has before an ASGI server gets the first of it, so there it is asked in turns.
    """
    parts = _in_parts(iter(pieces))
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'} if filename else {}
    content = _in_turns(parts) if isinstance(request, ASGIRequest) else parts
    return StreamingHttpResponse(content, content_type=content_type, headers=headers)


def stream_calls(
    request: HttpRequest, calls: Iterable[Call], *, since: datetime, until: datetime, as_csv: bool
) -> StreamingHttpResponse:
    """Answer with a person's calls, as a table or as JSON."""
    rows = map(call_values, calls)
    if as_csv:
        return stream(request, write_csv(rows, CALL_COLUMNS), content_type=CSV, filename="my-usage.csv")
    return stream(request, write_calls(rows, since=since, until=until), content_type="application/json")


def _in_parts(pieces: Iterator[str]) -> Iterator[str]:
    while part := "".join(islice(pieces, LINES_AT_ONCE)):
        yield part


async def _in_turns(parts: Iterator[str]) -> AsyncIterator[str]:
    while part := await sync_to_async(partial(next, parts, ""))():
        yield part
