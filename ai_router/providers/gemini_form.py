"""Our requests in the form of Gemini's `generateContent`."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from google.genai import types

from ai_router.types import Blob, Message, ProviderRequest, Tool, ToolCall

TOOL_CHOICES = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
# Efforts in the words of other vendors, and what older models take instead: so many tokens of thinking.
THINKING_BUDGETS = {"none": 0, "minimal": 0, "low": 1_024, "medium": 8_192, "high": 24_576, "xhigh": 24_576}
# Models before the third generation know budgets of thinking, later ones levels; the first did not think.
BUDGETED_MODELS = ("gemini-2.5",)
UNTHINKING_MODELS = ("gemini-1", "gemini-2.0", "gemini-pro", "gemini-flash", "gemma")
# From the third generation on, a call that a model made must come back with the model's signature, or with these words
# where another model made it (Gemini API, "Thought signatures", November 2026).
UNSIGNED_MODELS = (*UNTHINKING_MODELS, *BUDGETED_MODELS)
SIGNATURE_MARK = "gemini:"
NO_SIGNATURE = b"skip_thought_signature_validator"
# The words of JSON Schema that Gemini takes (google-genai 3.4, `response_json_schema`).
SCHEMA_KEYS = frozenset(
    [
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
    ]
)


def config_of(request: ProviderRequest) -> types.GenerateContentConfig:
    """Build the SDK's settings; what is not set is not sent, as models differ in what they take."""
    system = "\n\n".join(message.content for message in request.messages if message.role == "system")
    values: dict[str, Any] = {
        "http_options": _http_options(request),
        "max_output_tokens": request.max_output_tokens,
        "system_instruction": system or None,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop_sequences": list(request.stop) or None,
        "seed": request.seed,
        "service_tier": request.service_tier or None,
        "thinking_config": _thinking(request),
        # Nothing is kept for the project's log, and the SDK sends nothing that was not asked for here.
        "store": False,
        "automatic_continuation": False,
        "automatic_function_calling": types.AutomaticFunctionCallingConfig(disable=True),
    }
    if request.form is not None:
        values["response_mime_type"] = "application/json"
        if request.form.schema:
            values["response_json_schema"] = schema_for_gemini(request.form.schema)
    if request.tools:
        values["tools"] = [types.Tool(function_declarations=[_tool(tool) for tool in request.tools])]
        values["tool_config"] = _tool_config(request.tool_choice)
    return types.GenerateContentConfig(**{name: value for name, value in values.items() if value is not None})


def _http_options(request: ProviderRequest) -> types.HttpOptions:
    """Return the time limit, in milliseconds, and our id of the call."""
    headers = {"X-Client-Request-Id": request.client_request_id} if request.client_request_id else None
    return types.HttpOptions(timeout=max(1, round(request.timeout_seconds * 1000)), headers=headers)


def _thinking(request: ProviderRequest) -> types.ThinkingConfig | None:
    """Say how long to think, where that was asked for and the model knows how."""
    effort = request.reasoning_effort
    if not effort or request.model.startswith(UNTHINKING_MODELS):
        return None
    if request.model.startswith(BUDGETED_MODELS):
        return types.ThinkingConfig(thinking_budget=THINKING_BUDGETS.get(effort, -1))
    return types.ThinkingConfig(thinking_level=types.ThinkingLevel("minimal" if effort == "none" else effort))


def _tool(tool: Tool) -> types.FunctionDeclaration:
    parameters = schema_for_gemini(tool.parameters) if tool.parameters else None
    return types.FunctionDeclaration(name=tool.name, description=tool.description, parameters_json_schema=parameters)


def _tool_config(choice: str) -> types.ToolConfig | None:
    """Translate `auto`, `none`, `required`, or the name of a tool."""
    if not choice:
        return None
    mode = types.FunctionCallingConfigMode(TOOL_CHOICES.get(choice, "ANY"))
    names = None if choice in TOOL_CHOICES else [choice]
    return types.ToolConfig(
        function_calling_config=types.FunctionCallingConfig(mode=mode, allowed_function_names=names)
    )


def schema_for_gemini(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema with the words that Gemini takes; what the others ask for is checked afterwards."""
    return {key: _translated(key, value) for key, value in _without_const(schema).items() if key in SCHEMA_KEYS}


def _without_const(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say a constant as a list of one, which Gemini knows."""
    return {**schema, "enum": [schema["const"]]} if "const" in schema else schema


def _translated(key: str, value: Any) -> Any:
    """Translate what stands below a word of a schema."""
    if key in {"properties", "$defs"}:
        return {name: schema_for_gemini(child) for name, child in value.items()}
    if isinstance(value, Mapping):
        return schema_for_gemini(value)
    if key in {"anyOf", "oneOf", "prefixItems"}:
        return [schema_for_gemini(child) for child in value]
    return value


def packed_signature(signature: bytes | None) -> str:
    """Return what a model signed a call with, to be kept with it; empty where it did not."""
    return SIGNATURE_MARK + base64.b64encode(signature).decode("ascii") if signature else ""


def contents_of(request: ProviderRequest) -> list[types.Content]:
    """Return the conversation; the results of tools come as one turn of the user's."""
    names = {call.id: call.name for message in request.messages for call in message.tool_calls}
    signs = not request.model.startswith(UNSIGNED_MODELS)
    turns: list[types.Content] = []
    for message in request.messages:
        if message.role == "system":
            continue
        role = "model" if message.role == "assistant" else "user"
        parts = _parts(message, names, signs=signs)
        if turns and turns[-1].role == role and turns[-1].parts is not None:
            turns[-1].parts += parts
        elif parts:
            turns.append(types.Content(role=role, parts=parts))
    return turns


def _parts(message: Message, names: Mapping[str, str], *, signs: bool) -> list[types.Part]:
    if message.role == "tool":
        return [_result(message, names)]
    parts = [_blob(blob) for blob in message.blobs]
    if message.content:
        parts.append(types.Part(text=message.content))
    for number, call in enumerate(message.tool_calls):
        # Of several calls at once only the first is signed.
        signature = _signature(call) or (NO_SIGNATURE if signs and not number else None)
        asked = types.FunctionCall(id=call.id, name=call.name, args=_arguments(call))
        parts.append(types.Part(function_call=asked, thought_signature=signature))
    return parts


def _signature(call: ToolCall) -> bytes | None:
    """Return what Gemini signed a call with; None for one of another vendor's."""
    if not call.opaque.startswith(SIGNATURE_MARK):
        return None
    return base64.b64decode(call.opaque.removeprefix(SIGNATURE_MARK))


def _result(message: Message, names: Mapping[str, str]) -> types.Part:
    """Return a tool's result; Gemini knows it by the tool's name too, and takes an object only."""
    try:
        found = json.loads(message.content)
    except ValueError:
        found = message.content
    response = found if isinstance(found, dict) else {"result": found}
    call_id = message.tool_call_id
    return types.Part(
        function_response=types.FunctionResponse(id=call_id, name=names.get(call_id, call_id), response=response)
    )


def _arguments(call: ToolCall) -> dict[str, Any]:
    """Read a tool call's arguments; what the model broke it need not see again."""
    try:
        found = json.loads(call.arguments)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _blob(blob: Blob) -> types.Part:
    """Return an image, a PDF or a text as it is: Gemini takes all by their media type."""
    return types.Part(inline_data=types.Blob(data=blob.data, mime_type=blob.media_type))
