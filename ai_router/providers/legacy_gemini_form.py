"""Requests and answers of Gemini's older interface, `v1beta` as the retired SDK knows it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from ai_router.types import FinishReason, Message, ProviderRequest, ToolCall
from usage.types import TokenUsage

FINISH_REASONS = {
    "STOP": FinishReason.STOP,
    "MAX_TOKENS": FinishReason.LENGTH,
    **dict.fromkeys(
        ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"), FinishReason.CONTENT_FILTER
    ),
}
UNSPECIFIED = frozenset({"", "FINISH_REASON_UNSPECIFIED", "BLOCK_REASON_UNSPECIFIED"})
MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
# A schema that is nested deeper, or in itself, is asked for as any object.
MAX_SCHEMA_DEPTH = 12
SCHEMA_WORDS = {"description": "description", "enum": "enum", "minItems": "min_items", "maxItems": "max_items"}


def request_of(request: ProviderRequest, language: Any) -> Any:
    """Return the request as the SDK's message."""
    values: dict[str, Any] = {
        "model": f"models/{request.model}",
        "contents": _contents(request),
        "generation_config": _config(request),
    }
    system = "\n\n".join(message.content for message in request.messages if message.role == "system")
    if system:
        values["system_instruction"] = {"parts": [{"text": system}]}
    if request.tools:
        declared = [
            {"name": tool.name, "description": tool.description}
            | ({"parameters": old_schema(tool.parameters)} if tool.parameters.get("properties") else {})
            for tool in request.tools
        ]
        values["tools"] = [{"function_declarations": declared}]
    if request.tools and request.tool_choice:
        named = {} if request.tool_choice in MODES else {"allowed_function_names": [request.tool_choice]}
        mode = {"mode": MODES.get(request.tool_choice, "ANY"), **named}
        values["tool_config"] = {"function_calling_config": mode}
    return language.GenerateContentRequest(values)


def _config(request: ProviderRequest) -> dict[str, Any]:
    """Return what is set of the settings that this interface knows."""
    config: dict[str, Any] = {
        "max_output_tokens": request.max_output_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop_sequences": list(request.stop) or None,
    }
    if request.form is not None:
        config["response_mime_type"] = "application/json"
        config["response_schema"] = old_schema(request.form.schema) if request.form.schema else None
    return {name: value for name, value in config.items() if value is not None}


def old_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON schema in the dialect of this interface: no references, types in capitals, null as a property."""
    return _old(schema, schema.get("$defs", {}), 0)


def _old(node: Mapping[str, Any], named: Mapping[str, Any], depth: int) -> dict[str, Any]:
    if depth > MAX_SCHEMA_DEPTH:
        return {"type_": "OBJECT"}
    if "$ref" in node:
        return _old(named[node["$ref"].rpartition("/")[2]], named, depth + 1)
    variants = node.get("anyOf") or node.get("oneOf")
    if variants:
        kept = [variant for variant in variants if variant.get("type") != "null"]
        nullable = {"nullable": True} if len(kept) < len(variants) else {}
        return _old(kept[0], named, depth + 1) | nullable
    found: dict[str, Any] = {new: node[old] for old, new in SCHEMA_WORDS.items() if old in node}
    found["type_"] = str(node.get("type", "string")).upper()
    if "const" in node:
        found["enum"] = [node["const"]]
    if "enum" in found:
        found["enum"], found["format_"] = [str(value) for value in found["enum"]], "enum"
    if "items" in node:
        found["items"] = _old(node["items"], named, depth + 1)
    if node.get("properties"):
        found["properties"] = {name: _old(child, named, depth + 1) for name, child in node["properties"].items()}
        found["required"] = list(node.get("required", ()))
    return found


def _contents(request: ProviderRequest) -> list[dict[str, Any]]:
    """Return the conversation; the results of tools come as one turn of the user's."""
    names = {call.id: call.name for message in request.messages for call in message.tool_calls}
    turns: list[dict[str, Any]] = []
    for message in request.messages:
        if message.role == "system":
            continue
        role = "model" if message.role == "assistant" else "user"
        parts = _parts(message, names)
        if turns and turns[-1]["role"] == role:
            turns[-1]["parts"] += parts
        elif parts:
            turns.append({"role": role, "parts": parts})
    return turns


def _parts(message: Message, names: Mapping[str, str]) -> list[dict[str, Any]]:
    if message.role == "tool":
        found = _object(message.content)
        response = {"result": message.content} if found is None else found
        return [{"function_response": {"name": names.get(message.tool_call_id, ""), "response": response}}]
    parts: list[dict[str, Any]] = [
        {"inline_data": {"mime_type": blob.media_type, "data": blob.data}} for blob in message.blobs
    ]
    if message.content:
        parts.append({"text": message.content})
    calls = [
        {"function_call": {"name": call.name, "args": _object(call.arguments) or {}}} for call in message.tool_calls
    ]
    return parts + calls


def _object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a text is; None where it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


@dataclass(slots=True)
class Parts:
    """The parts of an answer, of a stream as they come."""

    texts: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    finish_reason: str = ""
    block_reason: str = ""
    usage: TokenUsage | None = None
    size: int = 0

    @property
    def text(self) -> str:
        """The answer's text."""
        return "".join(self.texts)

    @property
    def written(self) -> str:
        """All that the model wrote."""
        return "".join([*self.texts, *(call.name + call.arguments for call in self.calls)])

    @property
    def reason(self) -> FinishReason:
        """Why the answer ended."""
        found = FINISH_REASONS.get(self.finish_reason, FinishReason.STOP)
        return FinishReason.TOOL_CALLS if self.calls and found is FinishReason.STOP else found

    def take(self, answer: Mapping[str, Any]) -> str:
        """Take an answer, or a piece of one, and return its text."""
        self.usage = _usage(answer.get("usage_metadata") or {}) or self.usage
        blocked = str((answer.get("prompt_feedback") or {}).get("block_reason", ""))
        self.block_reason = "" if blocked in UNSPECIFIED else blocked
        text = ""
        for candidate in (answer.get("candidates") or ())[:1]:
            reason = str(candidate.get("finish_reason", ""))
            self.finish_reason = self.finish_reason if reason in UNSPECIFIED else reason
            for part in (candidate.get("content") or {}).get("parts") or ():
                text += part.get("text") or ""
                call = part.get("function_call")
                if call:
                    arguments = json.dumps(call.get("args") or {})
                    self.calls.append(ToolCall(f"call_{uuid4().hex[:16]}", call.get("name", ""), arguments))
        self.texts.append(text)
        self.size += len(text)
        return text


def _usage(used: Mapping[str, Any]) -> TokenUsage | None:
    """Count each token once; what the total has beyond prompt and answer are thoughts, which have no field here."""
    total = int(used.get("total_token_count") or 0)
    if not total:
        return None
    sent, written = int(used.get("prompt_token_count") or 0), int(used.get("candidates_token_count") or 0)
    cached = min(int(used.get("cached_content_token_count") or 0), sent)
    return TokenUsage(
        input_tokens=sent - cached,
        cached_input_tokens=cached,
        output_tokens=written,
        reasoning_tokens=max(0, total - sent - written),
    )
