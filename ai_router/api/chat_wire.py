"""Answers of `/v1/chat/completions` in OpenAI's form, whole and in pieces."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ai_router.embeddings import EmbeddingResult
from ai_router.types import FinishReason, ProviderAnswer, TaskResult, ToolCall
from usage.money import usd_text
from usage.types import TokenUsage

END = "data: [DONE]\n\n"
UNKNOWN = "unknown"


def completion(result: TaskResult[ProviderAnswer], *, created: int) -> dict[str, Any]:
    """Return a whole answer."""
    answer = result.output
    message: dict[str, Any] = {
        "role": "assistant",
        "content": answer.text if answer.text or not answer.tool_calls else None,
        "refusal": None,
    }
    if answer.tool_calls:
        message["tool_calls"] = [_call(call) for call in answer.tool_calls]
    return {
        "id": completion_id(result.call_id),
        "object": "chat.completion",
        "created": created,
        "model": result.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish_word(answer)}],
        "usage": usage_form(result.usage, result.cost_nanousd),
    }


class Chunks:
    """Writes the events of one stream; with `has_usage` the last one says what was used."""

    def __init__(self, call_id: UUID, model: str, *, created: int, has_usage: bool) -> None:
        """Keep what all chunks share."""
        self._frame = {
            "id": completion_id(call_id),
            "object": "chat.completion.chunk",
            "created": created,
            "model": model,
        }
        self._has_usage = has_usage

    def opening(self) -> str:
        """Say who speaks."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def text(self, piece: str) -> str:
        """Add text."""
        return self._chunk({"content": piece})

    def closing(self, result: TaskResult[ProviderAnswer]) -> list[str]:
        """Write what comes after the text: all tool calls in one piece, why it ended, what it used, and the end."""
        answer = result.output
        events = []
        if answer.tool_calls:
            calls = [{"index": index, **_call(call)} for index, call in enumerate(answer.tool_calls)]
            events.append(self._chunk({"tool_calls": calls}))
        events.append(self._chunk({}, finish_reason=finish_word(answer)))
        if self._has_usage:
            used = usage_form(result.usage, result.cost_nanousd)
            events.append(_event({**self._frame, "choices": [], "usage": used}))
        return [*events, END]

    def _chunk(self, delta: dict[str, Any], *, finish_reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        chunk: dict[str, Any] = {**self._frame, "choices": [choice]}
        if self._has_usage:
            chunk["usage"] = None
        return _event(chunk)


def error_event(body: Mapping[str, Any]) -> str:
    """Write an error into a stream whose headers are gone; OpenAI's clients raise it."""
    return _event(body)


def call_headers(*, call_id: UUID, provider: str, model: str) -> dict[str, str]:
    """Say in headers who answered, and which line of the ledger it is."""
    return {"x-careerai-call-id": str(call_id), "x-careerai-provider": provider, "x-careerai-model": model}


def result_headers(result: TaskResult[Any] | EmbeddingResult) -> dict[str, str]:
    """Say the same of a finished call, and what it cost in dollars; `unknown` where the price is."""
    headers = call_headers(call_id=result.call_id, provider=result.provider, model=result.model)
    headers["x-careerai-cost-usd"] = usd_text(result.cost_nanousd) or UNKNOWN
    if isinstance(result, TaskResult) and result.is_cached:
        headers["x-careerai-cached"] = "true"
    return headers


def completion_id(call_id: UUID) -> str:
    """Return the call's id in OpenAI's form."""
    return f"chatcmpl-{call_id.hex}"


def finish_word(answer: ProviderAnswer) -> str:
    """Return why an answer ended, in OpenAI's words."""
    if answer.tool_calls:
        return "tool_calls"
    if answer.finish_reason in {FinishReason.LENGTH, FinishReason.CONTENT_FILTER}:
        return answer.finish_reason.value
    return "stop"


def usage_form(usage: TokenUsage, cost_nanousd: int | None) -> dict[str, Any]:
    """Return the tokens as OpenAI counts them, cached and reasoning ones within the totals, and the cost in dollars."""
    sent, written = usage.total_input_tokens, usage.total_output_tokens
    return {
        "prompt_tokens": sent,
        "completion_tokens": written,
        "total_tokens": sent + written,
        "prompt_tokens_details": {"cached_tokens": usage.cached_input_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "cost_usd": usd_text(cost_nanousd),
    }


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _event(data: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"
