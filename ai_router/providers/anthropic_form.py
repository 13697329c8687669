"""Our requests in the form of Anthropic's Messages API."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import anthropic

from ai_router.types import Blob, Message, ProviderRequest, Tool, ToolCall

CONNECT_SECONDS = 5.0
TOOL_CHOICES = {"auto": "auto", "none": "none", "required": "any"}
SERVICE_TIERS = {"priority": "auto", "auto": "auto", "default": "standard_only", "standard": "standard_only"}
NOT_IN_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")
JSON_ALONE = "Answer with one JSON object and nothing else."
THOUGHTS_MARK = "anthropic:"
# The status that an error inside a stream or a batch would have had: its own is 200.
STATUSES_OF_TYPES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "api_error": 500,
    "overloaded_error": 529,
}


def arguments_of(request: ProviderRequest) -> dict[str, Any]:
    """Build the SDK's arguments; what is not set is not sent, as models differ in what they take."""
    arguments: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_output_tokens,
        "messages": _messages(request.messages),
        "timeout": anthropic.Timeout(request.timeout_seconds, connect=CONNECT_SECONDS),
    }
    system = _system(request)
    if system:
        arguments["system"] = system
    if request.tools:
        arguments["tools"] = [_tool(tool) for tool in request.tools]
        if request.tool_choice:
            arguments["tool_choice"] = _tool_choice(request.tool_choice)
    if request.stop:
        arguments["stop_sequences"] = list(request.stop)
    if request.service_tier in SERVICE_TIERS:
        arguments["service_tier"] = SERVICE_TIERS[request.service_tier]
    if request.client_request_id:
        arguments["extra_headers"] = {"X-Client-Request-Id": request.client_request_id}
    if output := _output_config(request):
        arguments["output_config"] = output
    if sampling := _sampling(request):
        arguments["extra_body"] = sampling
    return arguments


def _system(request: ProviderRequest) -> list[dict[str, Any]]:
    """Return the system messages; where requests share a beginning, it ends here for the provider's cache."""
    texts = [message.content for message in request.messages if message.role == "system"]
    if request.form is not None and not _is_held_to_form(request):
        texts.append(JSON_ALONE)
        if request.form.schema:
            texts.append(f"It must fit this JSON schema:\n{json.dumps(request.form.schema, ensure_ascii=False)}")
    blocks: list[dict[str, Any]] = [{"type": "text", "text": text} for text in texts if text]
    if blocks and request.prompt_cache_key:
        blocks[-1]["cache_control"] = {"type": "ephemeral"}
    return blocks


def _is_held_to_form(request: ProviderRequest) -> bool:
    """Whether the model takes the form's schema; otherwise it is told in words."""
    return request.form is not None and bool(request.form.schema) and request.model_facts.has_schema


def _output_config(request: ProviderRequest) -> dict[str, Any]:
    """Ask for JSON in the form, and for an effort."""
    config: dict[str, Any] = {}
    if request.form is not None and _is_held_to_form(request):
        schema = anthropic.transform_schema(dict(request.form.schema))
        config["format"] = {"type": "json_schema", "schema": schema}
    if request.reasoning_effort:
        config["effort"] = request.reasoning_effort
    return config


def _sampling(request: ProviderRequest) -> dict[str, Any]:
    """Return temperature or top_p for the models that take one of them: Anthropic's scale of the first ends at 1.

    The SDK has no argument for either, since newer models refuse to be told (2.12, November 2026).
    """
    if not request.model_facts.takes_sampling:
        return {}
    if request.temperature is not None:
        return {"temperature": min(request.temperature, 1.0)}
    return {} if request.top_p is None else {"top_p": request.top_p}


def _tool(tool: Tool) -> dict[str, Any]:
    schema = {"type": "object", "properties": {}, **tool.parameters}
    return {"name": tool.name, "description": tool.description, "input_schema": schema}


def _tool_choice(choice: str) -> dict[str, str]:
    """Translate `auto`, `none`, `required`, or the name of a tool."""
    if choice in TOOL_CHOICES:
        return {"type": TOOL_CHOICES[choice]}
    return {"type": "tool", "name": choice}


def _messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Return the conversation: the results of tools come as one message of the user's."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "system":
            continue
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message)
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    return turns


def _blocks(message: Message) -> list[dict[str, Any]]:
    """Return a message's parts; Anthropic takes no empty text."""
    if message.role == "tool":
        result: dict[str, Any] = {"type": "tool_result", "tool_use_id": _id(message.tool_call_id)}
        return [result | ({"content": message.content} if message.content else {})]
    blocks = [_blob(blob) for blob in message.blobs]
    if message.content:
        blocks.append({"type": "text", "text": message.content})
    if message.tool_calls:
        # A model that thought before it called must see its thoughts again, signed and first.
        blocks = [*_thoughts(message.tool_calls[0]), *blocks]
    calls = [
        {"type": "tool_use", "id": _id(call.id), "name": call.name, "input": _input(call)}
        for call in message.tool_calls
    ]
    return blocks + calls


def packed_thoughts(blocks: Sequence[Mapping[str, Any]]) -> str:
    """Return what a model thought before its tool calls, to be kept with the first of them; empty for nothing."""
    return THOUGHTS_MARK + json.dumps(blocks, ensure_ascii=False) if blocks else ""


def _thoughts(call: ToolCall) -> list[dict[str, Any]]:
    """Return what Claude thought before a call; nothing for one of another vendor's."""
    if not call.opaque.startswith(THOUGHTS_MARK):
        return []
    found: list[dict[str, Any]] = json.loads(call.opaque.removeprefix(THOUGHTS_MARK))
    return found


def _id(call_id: str) -> str:
    """Return the id of a tool call, which may be another vendor's, with the characters that Anthropic takes."""
    return NOT_IN_AN_ID.sub("_", call_id)


def _input(call: ToolCall) -> dict[str, Any]:
    """Read a tool call's arguments; what the model broke it need not see again."""
    try:
        found = json.loads(call.arguments)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _blob(blob: Blob) -> dict[str, Any]:
    """Return an image, a PDF or a text as Anthropic takes it."""
    if blob.media_type.startswith("text/"):
        text = blob.data.decode("utf-8", "replace")
        source: dict[str, Any] = {"type": "text", "media_type": "text/plain", "data": text}
    else:
        data = base64.b64encode(blob.data).decode("ascii")
        source = {"type": "base64", "media_type": blob.media_type, "data": data}
    if blob.is_image:
        return {"type": "image", "source": source}
    return {"type": "document", "source": source} | ({"title": blob.name} if blob.name else {})
