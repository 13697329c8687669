"""How the simulator is told to answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Reply:
    """How one request is answered, on whichever wire it comes.

    Args:
        text: The answer; None makes one from the request.
        status: An HTTP status other than 200 answers with an error of `code`, which is not billed.
        code: The error code in the body, in the vendor's own words; empty takes the vendor's usual one for the status.
        message: The error's words.
        headers: More headers; they win over those of the wire, `Content-Type` too.
        fault: `reset` closes the connection before the headers, `stall` sends nothing at all, `silent` sends the
            headers of a stream and then nothing, `cut` breaks an answer off (a stream after `pieces`, a whole one in
            the middle), `hang` falls silent there, `frame` sends a chunk there whose length is no number and leaves the
            connection open, `end` closes a stream in good order but without an end, `error`
            sends an error there with status 200, `malformed` sends broken JSON, `empty` an answer without a choice,
            `utf8` bytes that are no UTF-8 inside the text, `html` a page instead of an answer (with `status`).
        pieces: How many pieces go out before a fault.
        refusal: The answer is this refusal.
        finish_reason: Why the answer ended, in OpenAI's words; wires translate it. Empty takes what fits.
        tool_calls: What the model wants called: objects with `name`, `arguments` (JSON, or a string sent as it is) and
            perhaps `id`. They come after the text, of which there is none unless `text` is set.
        cached_tokens: How much of the input came from the cache.
        cache_write_tokens: How much of the input was written to the cache.
        reasoning_tokens: Output tokens that nobody sees.
        delay_seconds: Time before the headers.
        piece_seconds: Time between the pieces of a stream.
        has_usage: Whether the answer says what it used.
        usage: A variant of that: `zero` says that nothing was used, `cumulative` says in each chunk what was used so
            far, `duplicate` says it twice at the end, `late` in a chunk after the one that ends the answer.
        takes_images: Whether the model takes images; a request with one is refused otherwise.
        service_tier: The tier that the answer names; empty names the one that was asked for.
        size_bytes: The text is filled up to so many bytes, made while they are sent.
        endpoint: Answers only requests to `chat`, `embeddings` or `models`; empty answers chat and embeddings.
    """

    text: str | None = None
    status: int = 200
    code: str = ""
    message: str = "as scripted"
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    pieces: int = 3
    refusal: str = ""
    finish_reason: str = ""
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    delay_seconds: float = 0.0
    piece_seconds: float = 0.0
    has_usage: bool = True
    usage: str = ""
    takes_images: bool = True
    service_tier: str = ""
    size_bytes: int = 0
    endpoint: str = ""

    def fits(self, endpoint: str) -> bool:
        """Whether it answers a request to this endpoint."""
        return endpoint == self.endpoint if self.endpoint else endpoint != "models"


def replies_from(items: Iterable[dict[str, Any]]) -> list[Reply]:
    """Read replies from JSON objects; a field that `Reply` does not have is an error."""
    return [Reply(**item) for item in items]
