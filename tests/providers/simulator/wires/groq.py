"""Groq: OpenAI's form; a stream says what it used in `x_groq` of its last chunk, unasked."""

from typing import Any, ClassVar

from tests.providers.simulator.http import HTTPRequest
from tests.providers.simulator.wires.base import Asked, Said, sse
from tests.providers.simulator.wires.openai import OpenAIStream, OpenAIWire


class GroqWire(OpenAIWire):
    """Groq's form."""

    vendor: ClassVar[str] = "groq"
    always_tells_usage: ClassVar[bool] = True

    def read(self, request: HTTPRequest, path: str) -> Asked | None:
        # Groq offers no embeddings.
        return None if path == "/embeddings" else super().read(request, path)

    def usage(self, said: Said) -> dict[str, Any]:
        used = super().usage(said)
        del used["prompt_tokens_details"]["cache_write_tokens"]
        return used | {"queue_time": 0.01, "prompt_time": 0.002, "completion_time": 0.03, "total_time": 0.032}

    def stream(self, said: Said) -> OpenAIStream:
        return GroqStream(self, said)


class GroqStream(OpenAIStream):
    """The first chunk has the request's id, the one with the finish reason the usage."""

    def opening(self) -> list[str]:
        choice = {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None, "logprobs": None}
        body = self.wire.body(self.said, "chat.completion.chunk", [choice])
        return [sse(body | {"x_groq": {"id": self.said.entry.request_id}})]

    def closing(self) -> list[str]:
        choice = {"index": 0, "delta": {}, "finish_reason": self.said.finish_reason, "logprobs": None}
        last = self.wire.body(self.said, "chat.completion.chunk", [choice])
        used = {"x_groq": {"id": self.said.entry.request_id} | self.wire.usage_field(self.said)}
        if self.said.reply.usage == "late":
            events = [last, self.wire.body(self.said, "chat.completion.chunk", []) | used]
        else:
            events = [last | used] * (2 if self.said.reply.usage == "duplicate" else 1)
        return [*map(sse, events), *self.ending_without_end()]
