"""OpenAI's form of Responses: items instead of messages, named events instead of chunks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ai_router.providers.chat_answer import Parts, text_in, token_usage
from ai_router.providers.chat_request import (
    TOOL_CHOICES,
    data_url,
    describe_form,
    function_of,
    sampling,
    text_of_document,
)
from ai_router.types import AnswerForm, Blob, Message, ProviderRequest
from usage.types import TokenUsage

# What a model thought comes back sealed, and goes along with its tool calls in the next request: nothing is kept there.
SEALED_THOUGHTS = "reasoning.encrypted_content"
# Tells them from what another provider wanted back with its calls.
THOUGHTS_MARK = "openai:"
REASONS = {"max_output_tokens": "length", "content_filter": "content_filter"}


def responses_body(request: ProviderRequest, *, provider: str, is_stream: bool) -> dict[str, Any]:
    """Return the body of a request; what is not set is not sent. The form has no stop words and no seed."""
    body: dict[str, Any] = {
        "model": request.model,
        "input": [item for message in request.messages for item in _items(message)],
        "max_output_tokens": request.max_output_tokens,
        "store": False,
        "include": [SEALED_THOUGHTS],
        **{name: value for name, value in sampling(request).items() if name != "seed"},
    }
    if request.reasoning_effort:
        body["reasoning"] = {"effort": request.reasoning_effort}
    if request.form is not None:
        body["text"] = {"format": _format(request.form)}
    if request.form is not None and not request.form.schema:
        body["input"].insert(0, {"role": "system", "content": describe_form(request.form)})
    if request.tools:
        body["tools"] = [{"type": "function", "strict": False, **function_of(tool)} for tool in request.tools]
        choice = request.tool_choice
        if choice:
            body["tool_choice"] = choice if choice in TOOL_CHOICES else {"type": "function", "name": choice}
    optional = {"service_tier": request.service_tier, "prompt_cache_key": request.prompt_cache_key}
    body |= {name: value for name, value in optional.items() if value}
    return body | ({"stream": True} if is_stream else {})


def _format(form: AnswerForm) -> dict[str, Any]:
    if not form.schema:
        return {"type": "json_object"}
    return {"type": "json_schema", "name": form.name, "strict": form.is_strict, "schema": form.schema}


def _items(message: Message) -> list[dict[str, Any]]:
    """Return a message as items."""
    if message.role == "tool":
        return [{"type": "function_call_output", "call_id": message.tool_call_id, "output": message.content}]
    items: list[dict[str, Any]] = []
    if message.content or message.blobs:
        parts = [{"type": "input_text", "text": message.content}] if message.blobs and message.content else []
        parts += [_part(blob) for blob in message.blobs]
        items.append({"role": message.role, "content": parts or message.content})
    for call in message.tool_calls:
        if call.opaque.startswith(THOUGHTS_MARK):
            items.append(json.loads(call.opaque.removeprefix(THOUGHTS_MARK)))
        items.append({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments})
    return items


def _part(blob: Blob) -> dict[str, Any]:
    if blob.is_image:
        return {"type": "input_image", "image_url": data_url(blob), "detail": "auto"}
    text = text_of_document(blob)
    if text is not None:
        return {"type": "input_text", "text": text}
    return {"type": "input_file", "filename": blob.name or "document", "file_data": data_url(blob)}


@dataclass(slots=True)
class ResponseParts(Parts):
    """The parts of an answer in this form; `take` is given whole answers and events."""

    thoughts: str = ""

    def take(self, body: Mapping[str, Any]) -> str:
        """Take a whole answer, or an event of one, and return its text."""
        kind = text_in(body, "type")
        if not kind:
            return self._take_whole(body, has_text=True)
        if kind in {"response.output_text.delta", "response.refusal.delta"}:
            return self._take_text(text_in(body, "delta"), is_refusal="refusal" in kind)
        if kind == "response.output_item.done":
            item = body.get("item")
            self._take_item(item if isinstance(item, Mapping) else {}, has_text=False)
        if kind in {"response.completed", "response.incomplete", "response.failed"}:
            answer = body.get("response")
            self._take_whole(answer if isinstance(answer, Mapping) else {}, has_text=False)
        return ""

    def _take_whole(self, answer: Mapping[str, Any], *, has_text: bool) -> str:
        """Take the usage and the end; the items of a stream have come before."""
        self.usage = _usage(answer.get("usage")) or self.usage
        self.service_tier = text_in(answer, "service_tier")
        output = answer.get("output")
        if has_text and isinstance(output, list):
            for item in output:
                self._take_item(item if isinstance(item, Mapping) else {}, has_text=True)
        status = text_in(answer, "status")
        details = answer.get("incomplete_details")
        reason = text_in(details, "reason") if isinstance(details, Mapping) else ""
        if status == "incomplete":
            self.finish_reason = REASONS.get(reason, "length")
        elif status == "completed" and (self.written or not has_text):
            self.finish_reason = "stop"
        return self.text

    def _take_item(self, item: Mapping[str, Any], *, has_text: bool) -> None:
        kind, content = text_in(item, "type"), item.get("content")
        if kind == "reasoning" and text_in(item, "encrypted_content"):
            kept = {name: item[name] for name in ("type", "id", "summary", "encrypted_content") if name in item}
            self.thoughts = THOUGHTS_MARK + json.dumps(kept)
        elif kind == "function_call":
            call = {"id": text_in(item, "call_id"), "name": text_in(item, "name")}
            arguments = text_in(item, "arguments")
            self.calls[len(self.calls)] = {**call, "arguments": arguments, "opaque": self.thoughts}
            self.thoughts = ""
            self.size += len(arguments)
        elif kind == "message" and has_text and isinstance(content, list):
            for part in content:
                if isinstance(part, Mapping):
                    self._take_text(text_in(part, "text"), is_refusal=False)
                    self._take_text(text_in(part, "refusal"), is_refusal=True)

    def _take_text(self, text: str, *, is_refusal: bool) -> str:
        self.size += len(text)
        if is_refusal:
            self.refusal += text
            return ""
        self.texts.append(text)
        return text


def _usage(told: Any) -> TokenUsage | None:
    """Count each token once: the input includes the cached ones, the output the reasoning."""
    if not isinstance(told, Mapping):
        return None
    sent, written = _count(told, "input_tokens"), _count(told, "output_tokens")
    if not sent and not written:
        return None
    of_sent, of_written = told.get("input_tokens_details"), told.get("output_tokens_details")
    return token_usage(
        sent,
        written,
        cached=_count(of_sent, "cached_tokens"),
        cache_write=_count(of_sent, "cache_write_tokens"),
        reasoning=_count(of_written, "reasoning_tokens"),
    )


def _count(told: Any, name: str) -> int:
    value = told.get(name) if isinstance(told, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
