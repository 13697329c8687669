"""Run a reader in a child process that may take only so much time and memory."""

import json
from typing import Any

from cv import errors
from cv.extraction import ocr, processes
from cv.extraction.limits import ExtractionLimits, limits_from_settings
from cv.extraction.types import ExtractedDocument

# How much longer than its processor time, which it bounds itself, the child may take on a machine that is busy with other things.
BUSY_SECONDS = 40
ERRORS: dict[str, type[errors.CVError]] = {
    error.code: error
    for error in (
        errors.UnsupportedFormatError,
        errors.EmptyDocumentError,
        errors.PasswordProtectedError,
        errors.UnreadableDocumentError,
        errors.NoTextError,
        errors.DocumentTooLargeError,
    )
}
NO_RECOGNITION = (
    "The file's pages are pictures, or use a font that hides its letters, and this site cannot recognise text in "
    "pictures. Upload a PDF with selectable text, a DOCX or a text file."
)
TOO_SLOW = "The file takes too long to be read. Upload a shorter or simpler version, for example a DOCX or text file."


def extract(data: bytes, *, file_name: str = "") -> ExtractedDocument:
    """Return the lines of a document in reading order.

    The type is told by the bytes; `file_name` only tells Markdown from plain text. The work is done in a child
    process within the limits of settings `EXTRACTION_LIMITS`, so a hostile file can't harm the caller.

    Raises:
        UnsupportedFormatError: No reader exists for these bytes.
        EmptyDocumentError: No byte, no page or no text.
        PasswordProtectedError: A password is needed to read it.
        NoTextError: Pages are pictures, or their text is garbled.
        UnreadableDocumentError: The file is damaged.
        DocumentTooLargeError: A limit of size, time or memory was reached.
    """
    limits = limits_from_settings()
    if len(data) > limits.max_bytes:
        message = f"The file is larger than {limits.max_bytes // 1024**2} MB. Upload a smaller version."
        raise errors.DocumentTooLargeError(message)
    output = run_child(data, limits=limits, action="extract", file_name=file_name)
    document = ExtractedDocument.model_validate_json(output)
    return _recognise(data, document, limits) if document.unread_pages else document


def convert(data: bytes, *, media_type: str) -> Any:
    """Return a file of `cv.structured` as JSON Resume, None where it holds none; done in a child process.

    Raises:
        CVError: The file is damaged, or over a limit.
    """
    return json.loads(run_child(data, limits=limits_from_settings(), action="convert", media_type=media_type))


def _recognise(data: bytes, document: ExtractedDocument, limits: ExtractionLimits) -> ExtractedDocument:
    """Read a document again with recognition of text in pictures, in a child process with more room.

    Where that fails, what was read before counts, if anything was.
    """
    has_text = bool(document.text.strip())
    if not ocr.is_installed():
        if has_text:
            return document
        raise errors.NoTextError(NO_RECOGNITION)
    try:
        output = run_child(
            data, limits=limits.for_recognition(len(document.unread_pages)), action="extract", recognise=True
        )
    except errors.CVError:
        if has_text:
            return document
        raise
    return ExtractedDocument.model_validate_json(output)


def run_child(data: bytes, *, limits: ExtractionLimits, **request: Any) -> bytes:
    """Give `data` to a child process and return what it wrote.

    Raises:
        CVError: The child's own word, or a limit was reached.
    """
    try:
        code, answer = processes.run_child(
            data, limits=limits, wait_seconds=limits.timeout_seconds + BUSY_SECONDS, **request
        )
    except TimeoutError:
        raise errors.DocumentTooLargeError(TOO_SLOW) from None
    if code == 0:
        return answer
    raise _error_of(code, answer)


def _error_of(code: int, answer: bytes) -> errors.CVError:
    """Tell why the child ended badly: its own word, or the signal that ended it."""
    try:
        reason = json.loads(answer)
    except ValueError:
        reason = {}
    if isinstance(reason, dict) and reason.get("code") in ERRORS:
        return ERRORS[reason["code"]](str(reason.get("message", "")))
    if code in KILLED_BY_LIMIT:
        return errors.DocumentTooLargeError(TOO_SLOW)
    return errors.UnreadableDocumentError()


# SIGXCPU, SIGXFSZ and SIGKILL: processor time, output size, memory.
KILLED_BY_LIMIT = frozenset({-24, -25, -9})
