"""OpenAI's Chat Completions, Embeddings and Models; the vendors that speak its form differ by what they override."""

import base64
import struct
import time
from typing import Any, ClassVar

from tests.providers.simulator.http import HTTPRequest
from tests.providers.simulator.wires.base import (
    UNKNOWN_MODEL,
    WRONG_KEY,
    Asked,
    EmbeddingWire,
    Said,
    ToolCall,
    bearer,
    sse,
)

USUAL_CODES = {
    400: "invalid_request_error",
    401: "invalid_api_key",
    404: "model_not_found",
    429: "rate_limit_exceeded",
}
TOOL_PIECE = 12


class OpenAIWire(EmbeddingWire):
    """OpenAI's form."""

    vendor: ClassVar[str] = "openai"
    needs_key: ClassVar[bool] = True
    # Whether a stream says what it used: only if asked to, or always.
    always_tells_usage: ClassVar[bool] = False

    def read(self, request: HTTPRequest, path: str) -> Asked | None:
        if (request.method, path) == ("GET", "/models"):
            return Asked("models")
        if (request.method, path) == ("POST", "/chat/completions"):
            return self.read_chat(request.json())
        if (request.method, path) == ("POST", "/embeddings"):
            return self.read_embeddings(request.json())
        return None

    def read_chat(self, body: dict[str, Any], *, model: str = "") -> Asked:
        wanted = bool((body.get("stream_options") or {}).get("include_usage"))
        return Asked(
            "chat",
            model or body.get("model", ""),
            body,
            chat=body,
            is_stream=bool(body.get("stream")),
            wants_usage=self.always_tells_usage or wanted,
            max_output_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        )

    def read_embeddings(self, body: dict[str, Any], *, model: str = "") -> Asked:
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        return Asked("embeddings", model or body.get("model", ""), body, texts=texts, dimensions=body.get("dimensions"))

    def key(self, request: HTTPRequest) -> str:
        """Return the key that the request came with."""
        return bearer(request)

    def refusal(self, request: HTTPRequest, asked: Asked) -> tuple[int, Any] | None:
        key = self.key(request)
        if (self.needs_key and not key) or key == WRONG_KEY:
            return 401, self.error(401, "", f"Incorrect API key provided: {key}")
        if asked.model == UNKNOWN_MODEL:
            return 404, self.error(404, "", f"The model `{asked.model}` does not exist")
        form = (asked.chat.get("response_format") or {}).get("json_schema")
        problem = strict_problem(form["schema"]) if form and form.get("strict") else ""
        if problem:
            return 400, self.error(400, "", problem)
        return None

    def error(self, status: int, code: str, message: str) -> Any:
        code = code or USUAL_CODES.get(status, "server_error" if status >= 500 else "")
        return {"error": {"message": message, "type": code, "param": None, "code": code}}

    def whole(self, said: Said) -> Any:
        refusal = said.reply.refusal
        message: dict[str, Any] = {
            "role": "assistant",
            "content": None if refusal or not said.text else said.text,
            "refusal": refusal or None,
        }
        if said.tool_calls:
            message["tool_calls"] = [_tool_call(call) for call in said.tool_calls]
        choice = {"index": 0, "message": message, "finish_reason": said.finish_reason, "logprobs": None}
        return self.body(said, "chat.completion", [choice]) | self.usage_field(said)

    def empty(self, said: Said) -> Any:
        return self.body(said, "chat.completion", [])

    def stream(self, said: Said) -> "OpenAIStream":
        return OpenAIStream(self, said)

    def body(self, said: Said, kind: str, choices: list[Any]) -> dict[str, Any]:
        body = {
            "id": f"chatcmpl-{said.entry.request_id}",
            "object": kind,
            "created": int(time.time()),
            "model": said.entry.model,
            "choices": choices,
        }
        tier = said.reply.service_tier or said.asked.body.get("service_tier")
        return body | ({"service_tier": tier} if tier else {})

    def usage_field(self, said: Said) -> dict[str, Any]:
        """Return what was used, as it stands in a body; nothing where it is not told."""
        return {"usage": self.usage(said)} if said.has_usage else {}

    def usage(self, said: Said) -> dict[str, Any]:
        tokens = said.tokens()
        return {
            "prompt_tokens": tokens.input_tokens,
            "completion_tokens": tokens.output_tokens,
            "total_tokens": tokens.input_tokens + tokens.output_tokens,
            "prompt_tokens_details": {
                "cached_tokens": tokens.cached_tokens,
                "cache_write_tokens": tokens.cache_write_tokens,
                "audio_tokens": 0,
            },
            "completion_tokens_details": {"reasoning_tokens": tokens.reasoning_tokens, "audio_tokens": 0},
        }

    def embeddings(self, asked: Asked, vectors: list[list[float]], said: Said) -> Any:
        packed = asked.body.get("encoding_format") == "base64"
        data = [
            {"object": "embedding", "index": index, "embedding": _packed(vector) if packed else vector}
            for index, vector in enumerate(vectors)
        ]
        tokens = said.tokens().input_tokens
        used = {"usage": {"prompt_tokens": tokens, "total_tokens": tokens}} if said.reply.has_usage else {}
        return {"object": "list", "model": asked.model, "data": data, **used}

    def models(self, names: list[str]) -> Any:
        rows = [{"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "simulator"} for name in names]
        return {"object": "list", "data": rows}


class OpenAIStream:
    """A stream of chunks that ends in `[DONE]`."""

    def __init__(self, wire: OpenAIWire, said: Said) -> None:
        self.wire, self.said = wire, said

    def opening(self) -> list[str]:
        return [self._chunk({"role": "assistant", "content": ""})]

    def text(self, piece: str) -> list[str]:
        return [self._chunk({"refusal" if self.said.reply.refusal else "content": piece})]

    def tool_call(self, index: int, call: ToolCall) -> list[str]:
        first = {"index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        pieces = [call.arguments[at : at + TOOL_PIECE] for at in range(0, len(call.arguments), TOOL_PIECE)]
        rest = [{"index": index, "function": {"arguments": piece}} for piece in pieces]
        return [self._chunk({"tool_calls": [part]}) for part in (first, *rest)]

    def closing(self) -> list[str]:
        events = [self._chunk({}, finish_reason=self.said.finish_reason)]
        if self.said.has_usage:
            events += [self._usage_chunk()] * (2 if self.said.reply.usage == "duplicate" else 1)
        return [*events, *self.ending_without_end()]

    def ending_without_end(self) -> list[str]:
        return [sse("[DONE]")]

    def _usage_chunk(self) -> str:
        return sse(self.wire.body(self.said, "chat.completion.chunk", []) | self.wire.usage_field(self.said))

    def _chunk(self, delta: dict[str, Any], *, finish_reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        is_told = self.said.reply.usage == "cumulative" and self.said.has_usage
        used = self.wire.usage_field(self.said) if is_told else {"usage": None}
        return sse(self.wire.body(self.said, "chat.completion.chunk", [choice]) | used)


def strict_problem(node: Any) -> str:
    """Return what strict mode would not take in a schema."""
    if isinstance(node, list):
        return next(filter(None, map(strict_problem, node)), "")
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "object":
        if node.get("additionalProperties") is not False:
            return "additionalProperties must be false"
        if set(node.get("required", ())) != set(node.get("properties", {})):
            return "every property must be required"
    if "$ref" in node and len(node) > 1:
        return "$ref must stand alone"
    return next(filter(None, map(strict_problem, node.values())), "")


def _tool_call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
