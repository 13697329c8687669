"""Anthropic's Messages and Models: blocks instead of strings, named events, cached tokens beside the input."""

import json
import re
from typing import Any, ClassVar

from tests.providers.simulator.books import Entry
from tests.providers.simulator.http import HTTPRequest
from tests.providers.simulator.wires.base import UNKNOWN_MODEL, WRONG_KEY, Asked, Said, ToolCall, Wire, bearer, sse

USUAL_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}
TOOL_ID = re.compile(r"[a-zA-Z0-9_-]+")
TOOL_PIECE = 12
# Words of JSON Schema that structured outputs refuse.
REFUSED_WORDS = {"minimum", "maximum", "minLength", "maxLength", "pattern", "maxItems", "oneOf", "default"}
# Models that refuse to be told how to sample.
UNSAMPLED = re.compile(r"claude-(haiku|sonnet|opus|fable)-5")


class AnthropicWire(Wire):
    """Anthropic's form."""

    vendor: ClassVar[str] = "anthropic"

    def read(self, request: HTTPRequest, path: str) -> Asked | None:
        if (request.method, path) == ("GET", "/models"):
            return Asked("models")
        if (request.method, path) != ("POST", "/messages"):
            return None
        body = request.json()
        return Asked(
            "chat",
            body.get("model", ""),
            body,
            chat=_chat(body),
            is_stream=bool(body.get("stream")),
            max_output_tokens=body.get("max_tokens"),
        )

    def refusal(self, request: HTTPRequest, asked: Asked) -> tuple[int, Any] | None:
        key = bearer(request)
        if not key or key == WRONG_KEY:
            return 401, self.error(401, "", "invalid bearer token")
        if asked.model == UNKNOWN_MODEL:
            return 404, self.error(404, "", f"model: {asked.model}")
        problem = _problem(request, asked) if asked.endpoint == "chat" else ""
        return (400, self.error(400, "", problem)) if problem else None

    def error(self, status: int, code: str, message: str) -> Any:
        kind = code or USUAL_TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": None}

    def stream_error(self, code: str, message: str) -> list[str]:
        return [sse(self.error(529, code, message), event="error")]

    def whole(self, said: Said) -> Any:
        text = said.reply.refusal or said.text
        blocks: list[Any] = [{"type": "text", "text": text}] if text else []
        blocks += [_tool_use(call) | {"input": _input(call)} for call in said.tool_calls]
        return self.message(said, blocks) | self.ending(said) | self.usage_field(said)

    def empty(self, said: Said) -> Any:
        message = self.message(said, [])
        del message["content"]
        return message

    def message(self, said: Said, blocks: list[Any]) -> dict[str, Any]:
        return {
            "id": f"msg_{said.entry.request_id}",
            "type": "message",
            "role": "assistant",
            "model": said.entry.model,
            "content": blocks,
            "stop_reason": None,
            "stop_sequence": None,
            "stop_details": None,
        }

    def ending(self, said: Said) -> dict[str, Any]:
        is_refused = bool(said.reply.refusal)
        return {
            "stop_reason": "refusal" if is_refused else STOP_REASONS.get(said.finish_reason, said.finish_reason),
            "stop_sequence": None,
            "stop_details": {"type": "refusal", "category": None, "explanation": None} if is_refused else None,
        }

    def usage_field(self, said: Said) -> dict[str, Any]:
        """Return what was used, as it stands in a message; nothing where it is not told."""
        tier = said.reply.service_tier or "standard"
        return {"usage": self.usage(said) | {"service_tier": tier}} if said.has_usage else {}

    def usage(self, said: Said) -> dict[str, Any]:
        tokens = said.tokens()
        return {
            "input_tokens": tokens.input_tokens - tokens.cached_tokens - tokens.cache_write_tokens,
            "cache_read_input_tokens": tokens.cached_tokens,
            "cache_creation_input_tokens": tokens.cache_write_tokens,
            "output_tokens": tokens.output_tokens,
            "output_tokens_details": {"thinking_tokens": tokens.reasoning_tokens} if tokens.reasoning_tokens else None,
        }

    def stream(self, said: Said) -> "AnthropicStream":
        return AnthropicStream(self, said)

    def models(self, names: list[str]) -> Any:
        rows = [
            {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"} for name in names
        ]
        return {"data": rows, "has_more": False, "first_id": names[0], "last_id": names[-1]}

    def headers(self, entry: Entry) -> dict[str, str]:
        return {"request-id": entry.request_id}


class AnthropicStream:
    """A stream of named events: each block is opened, filled and closed."""

    def __init__(self, wire: AnthropicWire, said: Said) -> None:
        self.wire, self.said = wire, said
        self.index = -1
        self.is_text = False

    def opening(self) -> list[str]:
        usage = self.wire.usage_field(self.said)
        return [
            self._event("message_start", message=self.wire.message(self.said, []) | usage),
            self._event("ping"),
        ]

    def text(self, piece: str) -> list[str]:
        opened = [] if self.is_text else self._open({"type": "text", "text": ""})
        self.is_text = True
        return [*opened, self._delta({"type": "text_delta", "text": piece})]

    def tool_call(self, index: int, call: ToolCall) -> list[str]:
        opened = self._open(_tool_use(call) | {"input": {}})
        self.is_text = False
        pieces = [call.arguments[at : at + TOOL_PIECE] for at in range(0, len(call.arguments), TOOL_PIECE)]
        deltas = [self._delta({"type": "input_json_delta", "partial_json": piece}) for piece in ("", *pieces)]
        return ["".join(opened), *deltas]

    def closing(self) -> list[str]:
        closed = [self._event("content_block_stop", index=self.index)] if self.index >= 0 else []
        ending = self.wire.ending(self.said)
        used = {"usage": self.wire.usage(self.said)} if self.said.has_usage else {}
        deltas = [self._event("message_delta", delta=ending, **used)]
        if self.said.reply.usage == "duplicate":
            deltas *= 2
        elif self.said.reply.usage == "late":
            deltas = [
                self._event("message_delta", delta=ending, usage={"output_tokens": 1}),
                self._event("message_delta", delta={"stop_reason": None, "stop_sequence": None}, **used),
            ]
        return [*closed, *deltas, self._event("message_stop")]

    def ending_without_end(self) -> list[str]:
        return []

    def _open(self, block: dict[str, Any]) -> list[str]:
        closed = [self._event("content_block_stop", index=self.index)] if self.index >= 0 else []
        self.index += 1
        return [*closed, self._event("content_block_start", index=self.index, content_block=block)]

    def _delta(self, delta: dict[str, Any]) -> str:
        return self._event("content_block_delta", index=self.index, delta=delta)

    def _event(self, kind: str, **fields: Any) -> str:
        return sse({"type": kind, **fields}, event=kind)


def _tool_use(call: ToolCall) -> dict[str, Any]:
    return {"type": "tool_use", "id": call.id, "name": call.name}


def _input(call: ToolCall) -> Any:
    """Return a call's arguments, which Anthropic has read already; what is no object becomes none."""
    try:
        return json.loads(call.arguments)
    except ValueError:
        return {}


def _chat(body: dict[str, Any]) -> dict[str, Any]:
    """Put a request into the form of Chat Completions."""
    system = body.get("system") or []
    told = [{"role": "system", "content": part["text"]} for part in system] if isinstance(system, list) else []
    messages = [said for message in body.get("messages", ()) for said in _messages(message)]
    chat: dict[str, Any] = {"model": body.get("model", ""), "messages": [*told, *messages]}
    form = (body.get("output_config") or {}).get("format")
    if form:
        chat["response_format"] = {"type": "json_schema", "json_schema": {"name": "form", "schema": form["schema"]}}
    tools = [
        {"name": tool["name"], "description": tool.get("description", ""), "parameters": tool["input_schema"]}
        for tool in body.get("tools") or ()
    ]
    return chat | ({"tools": [{"type": "function", "function": tool} for tool in tools]} if tools else {})


def _messages(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one message of Anthropic's as those that say the same in Chat Completions."""
    content = message["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    results = [
        {"role": "tool", "tool_call_id": block["tool_use_id"], "content": block.get("content", "")}
        for block in blocks
        if block["type"] == "tool_result"
    ]
    calls = [
        {
            "id": block["id"],
            "type": "function",
            "function": {"name": block["name"], "arguments": json.dumps(block["input"])},
        }
        for block in blocks
        if block["type"] == "tool_use"
    ]
    kinds = {"text": "text", "image": "image_url", "document": "file"}
    parts = [block | {"type": kinds[block["type"]]} for block in blocks if block["type"] in kinds]
    said = {"role": message["role"], "content": parts} | ({"tool_calls": calls} if calls else {})
    return [*results, *([said] if parts or calls else [])]


def _problem(request: HTTPRequest, asked: Asked) -> str:
    """Return what Anthropic would not take in a request."""
    body = asked.body
    if not request.headers.get("anthropic-version"):
        return "anthropic-version: header is required"
    if not body.get("max_tokens"):
        return "max_tokens: Field required"
    if UNSAMPLED.match(asked.model) and {"temperature", "top_p", "top_k"} & body.keys():
        return "temperature: Extra inputs are not permitted"
    form = (body.get("output_config") or {}).get("format")
    problem = _schema_problem(form["schema"]) if form else ""
    return problem or _conversation_problem(body.get("messages") or [])


def _conversation_problem(messages: list[dict[str, Any]]) -> str:
    """Return what is wrong with the turns: empty texts, unknown ids, calls without results."""
    if not messages or messages[0]["role"] != "user":
        return "messages: first message must use the user role"
    asked_for: set[str] = set()
    for message in messages:
        blocks = message["content"] if isinstance(message["content"], list) else []
        answered = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
        if answered != asked_for:
            return "messages: `tool_use` ids were found without `tool_result` blocks immediately after"
        asked_for = {block["id"] for block in blocks if block["type"] == "tool_use"}
        if not all(TOOL_ID.fullmatch(name) for name in asked_for | answered):
            return "messages: String should match pattern '^[a-zA-Z0-9_-]+$'"
        if any(block["type"] == "text" and not block["text"] for block in blocks):
            return "messages: text content blocks must be non-empty"
    return ""


def _schema_problem(node: Any) -> str:
    """Return what structured outputs would not take in a schema."""
    if isinstance(node, list):
        return next(filter(None, map(_schema_problem, node)), "")
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "object" and node.get("additionalProperties") is not False:
        return "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
    properties = node.get("properties", {})
    refused = REFUSED_WORDS & node.keys()
    if refused:
        return f"output_config.format.schema: properties {sorted(refused)} are not supported"
    rest = [value for key, value in node.items() if key != "properties"]
    return next(filter(None, map(_schema_problem, [*properties.values(), *rest])), "")
