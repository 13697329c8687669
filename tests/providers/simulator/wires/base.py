"""What a vendor's wire does: read its requests, and put answers into its form."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from tests.providers.simulator.books import Entry
from tests.providers.simulator.http import HTTPRequest
from tests.providers.simulator.prices import PRICES
from tests.providers.simulator.replies import Reply

# Every wire refuses this key, and does not know this model.
WRONG_KEY = "wrong-key"
UNKNOWN_MODEL = "no-such-model"


@dataclass(slots=True)
class Asked:
    """A request in terms that all wires share.

    Args:
        endpoint: `chat`, `embeddings` or `models`.
        model: The model's name.
        body: The request as it came over the wire; it goes into the books.
        chat: The same in the form of Chat Completions: it is counted, and answered from. Contents may be text or parts.
        is_stream: Whether the answer is wanted in pieces.
        wants_usage: Whether a stream is to say what it used.
        max_output_tokens: Bound of the answer; None where the request has none.
        texts: What is to be turned into vectors.
        dimensions: How long the vectors are to be.
    """

    endpoint: str
    model: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    chat: dict[str, Any] = field(default_factory=dict)
    is_stream: bool = False
    wants_usage: bool = True
    max_output_tokens: int | None = None
    texts: list[str] = field(default_factory=list)
    dimensions: int | None = None

    @property
    def images(self) -> int:
        """How many pictures were sent."""
        contents = [message.get("content") for message in self.chat.get("messages", ())]
        return sum(part["type"] == "image_url" for parts in contents if isinstance(parts, list) for part in parts)

    def plain_chat(self) -> dict[str, Any]:
        """Return `chat` with text alone in its messages, as the answerers take it."""
        messages = [message | {"content": _text(message.get("content"))} for message in self.chat["messages"]]
        return self.chat | {"messages": messages}


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call to be sent; `arguments` is a string, which may be broken JSON."""

    id: str
    name: str
    arguments: str


@dataclass(slots=True)
class Said:
    """An answer to be put into a wire's form. `entry` has its tokens, brought up to date before each piece."""

    asked: Asked
    entry: Entry
    reply: Reply
    text: str
    finish_reason: str
    tool_calls: list[ToolCall]

    @property
    def has_usage(self) -> bool:
        """Whether the end of the answer says what was used."""
        return self.reply.has_usage and (self.asked.wants_usage or not self.asked.is_stream)

    def tokens(self) -> Entry:
        """Return the counts to be told; all zero in the variant `zero`."""
        if self.reply.usage == "zero":
            return Entry(self.entry.request_id, "", self.entry.model, self.entry.is_stream, {})
        return self.entry


class StreamForm(Protocol):
    """One stream in a wire's form. Each method returns whole server-sent events (see `sse`)."""

    def opening(self) -> list[str]:
        """What comes before the first piece."""

    def text(self, piece: str) -> list[str]:
        """A piece of the text, or of the refusal."""

    def tool_call(self, index: int, call: ToolCall) -> list[str]:
        """A tool call; each event counts as a piece."""

    def closing(self) -> list[str]:
        """The end, with the usage."""

    def ending_without_end(self) -> list[str]:
        """What closes a stream in good order whose answer has not ended."""


class Wire(ABC):
    """A vendor's wire. It knows nothing of faults: the server sends, breaks off and bills."""

    vendor: ClassVar[str]

    @abstractmethod
    def read(self, request: HTTPRequest, path: str) -> Asked | None:
        """Read a request; `path` stands below the wire's prefix and begins with a slash. None is a 404."""

    @abstractmethod
    def refusal(self, request: HTTPRequest, asked: Asked) -> tuple[int, Any] | None:
        """Return status and body for a request that the vendor would not take: no key, a wrong one, a bad schema."""

    @abstractmethod
    def error(self, status: int, code: str, message: str) -> Any:
        """Return the body of an error; an empty code stands for the vendor's usual one."""

    @abstractmethod
    def whole(self, said: Said) -> Any:
        """Return the body of a whole answer."""

    @abstractmethod
    def empty(self, said: Said) -> Any:
        """Return the body of an answer that has nothing in it."""

    @abstractmethod
    def stream(self, said: Said) -> StreamForm:
        """Return the form of a stream."""

    def stream_error(self, code: str, message: str) -> list[str]:
        """Return the events of an error inside a stream."""
        return [sse(self.error(500, code, message))]

    @abstractmethod
    def models(self, names: list[str]) -> Any:
        """Return the body of the list of models."""

    def headers(self, entry: Entry) -> dict[str, str]:
        """Return the headers that the vendor adds to each answer."""
        return {"x-request-id": entry.request_id}

    def client_request_id(self, request: HTTPRequest) -> str:
        """Return the caller's own id of the request, for the books."""
        return request.headers.get("x-client-request-id", "")

    def model_names(self) -> list[str]:
        """Return the models that the vendor lists."""
        return list(PRICES[self.vendor])


class EmbeddingWire(Wire):
    """The wire of a vendor with embeddings; the others answer 404 in `read`."""

    @abstractmethod
    def embeddings(self, asked: Asked, vectors: list[list[float]], said: Said) -> Any:
        """Return the body with the vectors."""


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(part["text"] for part in content if part["type"] == "text")
    return content or ""


def sse(data: Any, *, event: str = "") -> str:
    """Return one server-sent event; a string is sent as it is, anything else as JSON."""
    text = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {event}\n" if event else "") + f"data: {text}\n\n"


def bearer(request: HTTPRequest) -> str:
    """Return the key of an Authorization header; empty without one."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme == "Bearer" else ""
