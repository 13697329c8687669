"""Requests in the form of OpenAI's Chat Completions, which most vendors speak."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ai_router.errors import InvalidRequestError
from ai_router.types import AnswerForm, Blob, Message, ProviderRequest, Tool

NO_PARAMETERS: Mapping[str, Any] = {"type": "object", "properties": {}}
TOOL_CHOICES = frozenset({"auto", "none", "required"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a vendor's form differs from OpenAI's.

    Args:
        bound: The field with the most tokens of the answer.
        must_not_store: Whether it keeps what it is sent unless told not to.
        asks_stream_usage: Whether a stream only says what it used if asked to.
        takes_documents: Whether it takes files beside pictures.
        form_excludes: What a schema cannot be asked for together with: `stream`, `tools`.
        cache_key: Where the key of a shared beginning goes: a field of the body, or a header with a hyphen in its name.
        has_tiers: Whether it has service tiers.
        packs_vectors: Whether it sends vectors as packed bytes, which are read faster than numbers.
    """

    bound: str = "max_completion_tokens"
    must_not_store: bool = False
    asks_stream_usage: bool = True
    takes_documents: bool = False
    form_excludes: frozenset[str] = frozenset()
    cache_key: str = ""
    has_tiers: bool = False
    packs_vectors: bool = False


def chat_body(request: ProviderRequest, dialect: Dialect, *, provider: str, is_stream: bool) -> dict[str, Any]:
    """Return the body of a request; what is not set is not sent, as models differ in what they take.

    Raises:
        InvalidRequestError: It has a document, and the vendor takes none.
    """
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(message, request, dialect, provider) for message in request.messages],
        dialect.bound: request.max_output_tokens,
        **sampling(request),
        **_optional(request, dialect),
    }
    if request.tools:
        body["tools"] = [{"type": "function", "function": function_of(tool)} for tool in request.tools]
        if request.tool_choice:
            body["tool_choice"] = tool_choice(request.tool_choice)
    if request.form is not None:
        asked = {"stream"} if is_stream else set()
        asked |= {"tools"} if request.tools else set()
        has_schema = request.model_facts.has_schema
        _ask_for_form(body, request.form, has_schema=has_schema, is_excluded=bool(asked & dialect.form_excludes))
    if is_stream:
        body["stream"] = True
        if dialect.asks_stream_usage:
            body["stream_options"] = {"include_usage": True}
    return body


def sampling(request: ProviderRequest) -> dict[str, Any]:
    """Return the fields of the sampling, less those that a model which thinks would refuse."""
    fields = {"temperature": request.temperature, "top_p": request.top_p, "seed": request.seed}
    if not request.model_facts.takes_sampling:
        fields = {"seed": request.seed}
    return {name: value for name, value in fields.items() if value is not None}


def _optional(request: ProviderRequest, dialect: Dialect) -> dict[str, Any]:
    """Return the fields that are set, and that the vendor knows."""
    fields: dict[str, Any] = {
        "stop": list(request.stop),
        "reasoning_effort": request.reasoning_effort,
        "service_tier": request.service_tier if dialect.has_tiers else "",
        # A name with a hyphen is that of a header.
        dialect.cache_key: request.prompt_cache_key if "-" not in dialect.cache_key else "",
    }
    set_fields = {name: value for name, value in fields.items() if name and value}
    return set_fields | ({"store": False} if dialect.must_not_store else {})


def function_of(tool: Tool) -> dict[str, Any]:
    """Return a tool as a function of OpenAI's."""
    return {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters or NO_PARAMETERS)}


def tool_choice(choice: str) -> Any:
    """Return the choice as a word, or as the function that must be called."""
    return choice if choice in TOOL_CHOICES else {"type": "function", "function": {"name": choice}}


def describe_form(form: AnswerForm) -> str:
    """Say in words what form an answer must have, for a model that cannot be held to it."""
    schema = json.dumps(form.schema, separators=(",", ":"), ensure_ascii=False)
    fitting = f" that fits this JSON schema:\n{schema}" if form.schema else "."
    return f"Answer with one JSON object and nothing else{fitting}"


def data_url(blob: Blob) -> str:
    """Return a blob as an address that holds it."""
    return f"data:{blob.media_type};base64,{base64.b64encode(blob.data).decode()}"


def text_of_document(blob: Blob) -> str | None:
    """Return a plain text document, fenced; None for any other kind."""
    if not blob.media_type.startswith("text/"):
        return None
    return f"\n--- {blob.name or 'document'} ---\n{blob.data.decode('utf-8', 'replace')}\n---\n"


def document_refused(request: ProviderRequest, blob: Blob, provider: str) -> InvalidRequestError:
    """Return the error of a document that the vendor does not take."""
    message = f"{provider} takes no documents of the type {blob.media_type!r}"
    return InvalidRequestError(message, provider=provider, model=request.model)


def _ask_for_form(body: dict[str, Any], form: AnswerForm, *, has_schema: bool, is_excluded: bool) -> None:
    """Ask for the form as strictly as the model can be held to it: by its schema, as JSON, or in words."""
    if form.schema and has_schema and not is_excluded:
        schema = {"name": form.name, "strict": form.is_strict, "schema": form.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return
    if not is_excluded:
        body["response_format"] = {"type": "json_object"}
    if form.schema or is_excluded:
        body["messages"] = [{"role": "system", "content": describe_form(form)}, *body["messages"]]


def _message(message: Message, request: ProviderRequest, dialect: Dialect, provider: str) -> dict[str, Any]:
    """Return a message in the vendor's form."""
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.tool_call_id, "content": message.content}
    if message.tool_calls:
        calls = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
        return {"role": message.role, "content": message.content or None, "tool_calls": calls}
    if not message.blobs:
        return {"role": message.role, "content": message.content}
    parts = [{"type": "text", "text": message.content}] if message.content else []
    return {
        "role": message.role,
        "content": parts + [_part(blob, request, dialect, provider) for blob in message.blobs],
    }


def _part(blob: Blob, request: ProviderRequest, dialect: Dialect, provider: str) -> dict[str, Any]:
    if blob.is_image:
        return {"type": "image_url", "image_url": {"url": data_url(blob)}}
    text = text_of_document(blob)
    if text is not None:
        return {"type": "text", "text": text}
    if not dialect.takes_documents:
        raise document_refused(request, blob, provider)
    return {"type": "file", "file": {"filename": blob.name or "document", "file_data": data_url(blob)}}
