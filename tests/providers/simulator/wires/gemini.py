"""Gemini's `generateContent`, embeddings and models: parts instead of strings, thoughts beside the output."""

import json
import re
from typing import Any, ClassVar

from tests.providers.simulator.books import Entry
from tests.providers.simulator.http import HTTPRequest
from tests.providers.simulator.wires.base import UNKNOWN_MODEL, WRONG_KEY, Asked, EmbeddingWire, Said, ToolCall, sse

USUAL_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
FINISH_REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"}
MODEL_PATH = re.compile(r"/models/([^/:]+):(\w+)")
METHODS = {
    "generateContent": "chat",
    "streamGenerateContent": "chat",
    "embedContent": "embeddings",
    "batchEmbedContents": "embeddings",
}
SCHEMA_WORDS = {
    "$anchor",
    "$defs",
    "$id",
    "$ref",
    "additionalProperties",
    "anyOf",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maximum",
    "minItems",
    "minimum",
    "oneOf",
    "prefixItems",
    "properties",
    "propertyOrdering",
    "required",
    "title",
    "type",
}
TYPE = "type.googleapis.com/google.rpc."
SIGNATURE = "c2lnbmVkIGJ5IHRoZSBtb2RlbA=="
UNSIGNED = re.compile(r"gemini-[12]|gemma")


class GeminiWire(EmbeddingWire):
    """Gemini's form."""

    vendor: ClassVar[str] = "gemini"

    def read(self, request: HTTPRequest, path: str) -> Asked | None:
        if (request.method, path) == ("GET", "/models"):
            return Asked("models")
        found = MODEL_PATH.fullmatch(path)
        if found is None or request.method != "POST" or found[2] not in METHODS:
            return None
        body, model = request.json(), found[1]
        if METHODS[found[2]] == "chat":
            config = body.get("generationConfig") or {}
            is_stream = found[2] == "streamGenerateContent"
            return Asked("chat", model, body, _chat(body), is_stream, max_output_tokens=config.get("maxOutputTokens"))
        wanted = body.get("requests") or [body]
        texts = ["".join(part["text"] for part in one["content"]["parts"]) for one in wanted]
        config = wanted[0].get("embedContentConfig") or {}
        dimensions = config.get("outputDimensionality") or wanted[0].get("outputDimensionality")
        return Asked("embeddings", model, body, texts=texts, dimensions=dimensions)

    def refusal(self, request: HTTPRequest, asked: Asked) -> tuple[int, Any] | None:
        key = request.headers.get("x-goog-api-key", "")
        if not key or key == WRONG_KEY:
            body = self.error(400, "", "API key not valid. Please pass a valid API key.")
            body["error"]["details"] = [{"@type": f"{TYPE}ErrorInfo", "reason": "API_KEY_INVALID"}]
            return 400, body
        if asked.model == UNKNOWN_MODEL:
            return 404, self.error(404, "", f"models/{asked.model} is not found")
        problem = _problem(asked)
        return (400, self.error(400, "", problem)) if problem else None

    def error(self, status: int, code: str, message: str) -> Any:
        word = USUAL_STATUSES.get(status, "UNKNOWN")
        said: dict[str, Any] = {"code": status, "message": message, "status": word}
        if code:
            said["details"] = [{"@type": f"{TYPE}ErrorInfo", "reason": code}]
        return {"error": said}

    def whole(self, said: Said) -> Any:
        text = said.reply.refusal or said.text
        parts: list[Any] = [{"text": text}] if text else []
        calls = _function_calls(said.tool_calls)
        if calls is None:
            return self.body(said, [], "MALFORMED_FUNCTION_CALL")
        return self.body(said, [*parts, *calls], self.finish_reason(said))

    def finish_reason(self, said: Said) -> str:
        return "SAFETY" if said.reply.refusal else FINISH_REASONS.get(said.finish_reason, said.finish_reason)

    def empty(self, said: Said) -> Any:
        """Nothing at all, or, where a code is scripted, a request that was not taken for its content."""
        body = {"modelVersion": said.entry.model, "responseId": said.entry.request_id} | self.usage_field(said)
        if said.reply.code:
            body["promptFeedback"] = {"blockReason": said.reply.code}
        return body

    def body(self, said: Said, parts: list[Any], finish_reason: str = "", *, is_told: bool = True) -> dict[str, Any]:
        candidate: dict[str, Any] = {"index": 0}
        if parts:
            candidate["content"] = {"role": "model", "parts": parts}
        if finish_reason:
            candidate["finishReason"] = finish_reason
        names = {"modelVersion": said.entry.model, "responseId": said.entry.request_id}
        return {"candidates": [candidate], **names} | (self.usage_field(said) if is_told else {})

    def usage_field(self, said: Said) -> dict[str, Any]:
        return {"usageMetadata": self.usage(said)} if said.has_usage else {}

    def usage(self, said: Said) -> dict[str, Any]:
        tokens = said.tokens()
        used = {
            "promptTokenCount": tokens.input_tokens,
            "candidatesTokenCount": tokens.output_tokens - tokens.reasoning_tokens,
            "totalTokenCount": tokens.input_tokens + tokens.output_tokens,
        }
        more = {"cachedContentTokenCount": tokens.cached_tokens, "thoughtsTokenCount": tokens.reasoning_tokens}
        return used | {name: count for name, count in more.items() if count}

    def stream(self, said: Said) -> "GeminiStream":
        return GeminiStream(self, said)

    def stream_error(self, code: str, message: str) -> list[str]:
        return [sse(self.error(503, code, message))]

    def embeddings(self, asked: Asked, vectors: list[list[float]], said: Said) -> Any:
        used = {"usageMetadata": {"promptTokenCount": said.tokens().input_tokens}} if said.reply.has_usage else {}
        values = [{"values": vector} for vector in vectors]
        if "requests" in asked.body:
            return {"embeddings": values, **used}
        return {"embedding": values[0], **used} if values else used

    def models(self, names: list[str]) -> Any:
        rows = [
            {
                "name": f"models/{name}",
                "displayName": name,
                "supportedGenerationMethods": ["embedContent" if "embedding" in name else "generateContent"],
            }
            for name in names
        ]
        return {"models": rows}

    def headers(self, entry: Entry) -> dict[str, str]:
        tier = str(entry.request.get("serviceTier") or "standard").lower()
        return {"server-timing": "gfet4t7; dur=1", "x-gemini-service-tier": tier}


class LegacyGeminiWire(GeminiWire):
    """The older interface: a stream is one list of answers, and calls have no ids."""

    def stream(self, said: Said) -> "GeminiStream":
        return LegacyGeminiStream(self, said)

    def stream_error(self, code: str, message: str) -> list[str]:
        return ["," + json.dumps(self.error(503, code, message))]


class GeminiStream:
    """A stream of answers, each with a piece and with what was used so far; the last one says why it ends."""

    def __init__(self, wire: GeminiWire, said: Said) -> None:
        self.wire, self.said = wire, said
        self.is_broken = False

    def opening(self) -> list[str]:
        return []

    def text(self, piece: str) -> list[str]:
        is_told = self.said.reply.usage != "late"
        return [sse(self.wire.body(self.said, [{"text": piece}], is_told=is_told))]

    def tool_call(self, index: int, call: ToolCall) -> list[str]:
        parts = _function_calls([call])
        if parts is None:
            self.is_broken = True
            return []
        return [sse(self.wire.body(self.said, parts))]

    def closing(self) -> list[str]:
        reason = "MALFORMED_FUNCTION_CALL" if self.is_broken else self.wire.finish_reason(self.said)
        if self.said.reply.usage == "late":
            return [
                sse(self.wire.body(self.said, [], reason, is_told=False)),
                sse({"responseId": self.said.entry.request_id} | self.wire.usage_field(self.said)),
            ]
        return [sse(self.wire.body(self.said, [], reason))] * (2 if self.said.reply.usage == "duplicate" else 1)

    def ending_without_end(self) -> list[str]:
        return []


class LegacyGeminiStream(GeminiStream):
    """The same answers, as the items of a list."""

    def __init__(self, wire: GeminiWire, said: Said) -> None:
        super().__init__(wire, said)
        self.has_begun = False

    def opening(self) -> list[str]:
        return ["["]

    def text(self, piece: str) -> list[str]:
        return self._items(super().text(piece))

    def tool_call(self, index: int, call: ToolCall) -> list[str]:
        return self._items(super().tool_call(index, call))

    def closing(self) -> list[str]:
        return [*self._items(super().closing()), "]"]

    def ending_without_end(self) -> list[str]:
        return ["]"]

    def _items(self, events: list[str]) -> list[str]:
        items = []
        for event in events:
            items.append(("," if self.has_begun else "") + event.removeprefix("data: ").strip() + "\n")
            self.has_begun = True
        return items


def _function_calls(calls: list[ToolCall]) -> list[Any] | None:
    """Return calls as parts, the first one signed; None where the model wrote no JSON."""
    parts = []
    for number, call in enumerate(calls):
        try:
            arguments = json.loads(call.arguments)
        except ValueError:
            return None
        part: dict[str, Any] = {"functionCall": {"id": call.id, "name": call.name, "args": arguments}}
        parts.append(part if number else part | {"thoughtSignature": SIGNATURE})
    return parts


def _chat(body: dict[str, Any]) -> dict[str, Any]:
    """Put a request into the form of Chat Completions."""
    system = (body.get("systemInstruction") or {}).get("parts") or []
    told = [{"role": "system", "content": "".join(part["text"] for part in system)}] if system else []
    messages = [said for content in body.get("contents", ()) for said in _messages(content)]
    chat: dict[str, Any] = {"messages": [*told, *messages]}
    config = body.get("generationConfig") or {}
    schema = config.get("responseJsonSchema") or config.get("responseSchema")
    if schema:
        chat["response_format"] = {"type": "json_schema", "json_schema": {"name": "form", "schema": schema}}
    declared = [tool for row in body.get("tools") or () for tool in row.get("functionDeclarations", ())]
    return chat | ({"tools": [{"type": "function", "function": tool} for tool in declared]} if declared else {})


def _messages(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one turn as the messages that say the same in Chat Completions."""
    parts = content["parts"]
    results = [
        {
            "role": "tool",
            "tool_call_id": part["functionResponse"].get("id", part["functionResponse"]["name"]),
            "content": json.dumps(part["functionResponse"]["response"]),
        }
        for part in parts
        if "functionResponse" in part
    ]
    calls = [
        {
            "id": part["functionCall"].get("id", part["functionCall"]["name"]),
            "type": "function",
            "function": {
                "name": part["functionCall"]["name"],
                "arguments": json.dumps(part["functionCall"].get("args", {})),
            },
        }
        for part in parts
        if "functionCall" in part
    ]
    said = [_part(part) for part in parts if "text" in part or "inlineData" in part]
    role = {"model": "assistant"}.get(content["role"], content["role"])
    message = {"role": role, "content": said} | ({"tool_calls": calls} if calls else {})
    return [*results, *([message] if said or calls else [])]


def _part(part: dict[str, Any]) -> dict[str, Any]:
    if "text" in part:
        return {"type": "text", "text": part["text"]}
    is_image = (part["inlineData"].get("mimeType") or part["inlineData"]["mime_type"]).startswith("image/")
    return {"type": "image_url" if is_image else "file", **part["inlineData"]}


def _problem(asked: Asked) -> str:
    """Return what Gemini would not take in a request."""
    config = asked.body.get("generationConfig") or {}
    schema = config.get("responseJsonSchema")
    if schema and config.get("responseMimeType") != "application/json":
        return "response_json_schema needs response_mime_type application/json"
    parameters = [tool["function"].get("parametersJsonSchema") for tool in asked.chat.get("tools", ())]
    problem = next(filter(None, map(_schema_problem, [schema, *parameters])), "")
    if problem:
        return problem
    for content in asked.body.get("contents", ()):
        calls = [part for part in content["parts"] if "functionCall" in part]
        if calls and not UNSIGNED.match(asked.model) and not calls[0].get("thoughtSignature"):
            return "Function call is missing a thought_signature in functionCall parts"
    return ""


def _schema_problem(node: Any) -> str:
    """Return the word of a schema that Gemini does not know."""
    if isinstance(node, list):
        return next(filter(None, map(_schema_problem, node)), "")
    if not isinstance(node, dict):
        return ""
    unknown = node.keys() - SCHEMA_WORDS
    if unknown:
        return f"Unknown name {sorted(unknown)[0]!r}: Cannot find field."
    named = [child for key in ("properties", "$defs") for child in node.get(key, {}).values()]
    rest = [value for key, value in node.items() if key not in {"properties", "$defs", "enum"}]
    return next(filter(None, map(_schema_problem, [*named, *rest])), "")
