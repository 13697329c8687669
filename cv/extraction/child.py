"""The child process: set limits, read one document from stdin, write the answer to stdout.

Forked by `cv.extraction.nursery`. Before the document stands a line with the request as JSON: `limits`, `action`
(`extract`, `convert` or `render`) and the action's arguments. Exit code 0 means that stdout holds the answer, 3 that it
holds a JSON object with `code` and `message` of a `cv.errors` class.
"""

import json
import logging
import resource
import sys
from typing import Any

from cv.errors import CVError, DocumentTooLargeError
from cv.extraction.limits import ExtractionLimits

MAX_OUTPUT_BYTES = 64 * 1024 * 1024
FAILED = 3
# Audit events of Python's standard library.
OUTSIDE = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "pty.", "ftplib.")


def main() -> int:
    """Answer one request and return the exit code."""
    with open(0, "rb", closefd=False) as source:
        request = json.loads(source.readline())
        limits = ExtractionLimits(**request.pop("limits"))
        limit_process(limits)
        sys.addaudithook(refuse_outside)
        # Libraries log what they meet in the file, and that is the person's own text.
        logging.disable(logging.CRITICAL)
        data = source.read()
    try:
        answer, code = answer_request(data, limits=limits, **request), 0
    except CVError as error:
        answer, code = _told(error), FAILED
    except (MemoryError, RecursionError):
        answer, code = _told(DocumentTooLargeError()), FAILED
    with open(1, "wb", closefd=False) as output:
        output.write(answer)
    return code


def answer_request(data: bytes, *, limits: ExtractionLimits, action: str, **arguments: Any) -> bytes:
    """Read or render `data` in this process."""
    if action == "convert":
        from cv.structured import to_json_resume_form

        return to_json_resume_form(data, limits=limits, **arguments)
    if action == "render":
        from cv.extraction.rendering import render_in_process

        return render_in_process(data, **arguments)
    from cv.extraction.readers import read_document

    return read_document(data, limits=limits, **arguments).model_dump_json(exclude_defaults=True).encode()


def limit_process(limits: ExtractionLimits) -> None:
    """Bound this process's memory, processor time, open files and what it may write."""
    for kind, bound in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.timeout_seconds),
        (resource.RLIMIT_FSIZE, MAX_OUTPUT_BYTES),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        ceiling = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (ceiling, ceiling))


def refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    """Stop any step towards the network or another program: no reader has business there.

    Raises:
        PermissionError: Always, for such a step.
    """
    if event.startswith(OUTSIDE):
        message = f"A reader may not do this: {event}."
        raise PermissionError(message)


def _told(error: CVError) -> bytes:
    return json.dumps({"code": error.code, "message": error.user_message}).encode()
