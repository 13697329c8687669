"""Answers in the form of OpenAI's Chat Completions, which most vendors speak.

They are read from plain JSON and nothing in them is taken for granted: what is missing or of the wrong type reads as
absent, so that a server that nearly speaks the form fails with one of our errors and not with a `KeyError`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ai_router.errors import MalformedAnswerError
from ai_router.providers.base import MAX_TEXT_CHARACTERS
from ai_router.types import FinishReason, ToolCall
from usage.types import TokenUsage

FINISH_REASONS = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    "content_filter": FinishReason.CONTENT_FILTER,
}


@dataclass(slots=True)
class Parts:
    """The parts of an answer as they come, whole or in pieces."""

    request_id: str = ""
    texts: list[str] = field(default_factory=list)
    refusal: str = ""
    finish_reason: str = ""
    usage: TokenUsage | None = None
    service_tier: str = ""
    calls: dict[int, dict[str, str]] = field(default_factory=dict)
    size: int = 0

    @property
    def text(self) -> str:
        """The answer's text."""
        return "".join(self.texts)

    @property
    def written(self) -> str:
        """All that the model wrote."""
        called = [call["name"] + call["arguments"] for call in self.calls.values()]
        return "".join([*self.texts, self.refusal, *called])

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tool calls, in order; one that came without an id gets one."""
        return tuple(
            ToolCall(call["id"] or f"call_{index}", call["name"], call["arguments"] or "{}", call.get("opaque", ""))
            for index, call in sorted(self.calls.items())
        )

    @property
    def reason(self) -> FinishReason:
        """Why the answer ended; some servers say `stop` when tools are to be called."""
        found = FINISH_REASONS.get(self.finish_reason, FinishReason.STOP)
        return FinishReason.TOOL_CALLS if self.calls and found is FinishReason.STOP else found

    @property
    def is_too_long(self) -> bool:
        """Whether it has grown past anything that a model writes."""
        return self.size > MAX_TEXT_CHARACTERS

    def take(self, body: Mapping[str, Any]) -> str:
        """Take a whole answer, or a chunk of one, and return its text; a chunk with the usage has no choices."""
        self._take_about(body)
        choice = first(body.get("choices"))
        if choice is None:
            return ""
        self.finish_reason = text_in(choice, "finish_reason") or self.finish_reason
        said = choice.get("delta", choice.get("message"))
        if not isinstance(said, Mapping):
            return ""
        refusal = text_in(said, "refusal")
        self.refusal += refusal
        text = _content(said.get("content"))
        self.size += len(text) + len(refusal)
        self.texts.append(text)
        calls = said.get("tool_calls")
        for place, call in enumerate(calls if isinstance(calls, list) else ()):
            self._take_call(place, call)
        return text

    def _take_about(self, body: Mapping[str, Any]) -> None:
        """Take what a body says about the answer; of several reports of the usage the last holds."""
        told = body.get("usage")
        if told is None and isinstance(body.get("x_groq"), Mapping):
            told = body["x_groq"].get("usage")
        self.usage = read_usage(told) or self.usage
        self.service_tier = text_in(body, "service_tier") or self.service_tier

    def _take_call(self, place: int, call: Any) -> None:
        """Add a tool call, or a piece of one; pieces of the same call have its index."""
        if not isinstance(call, Mapping):
            return
        index = call.get("index")
        known = self.calls.setdefault(
            index if isinstance(index, int) else place, {"id": "", "name": "", "arguments": ""}
        )
        known["id"] = text_in(call, "id") or known["id"]
        function = call.get("function")
        if isinstance(function, Mapping):
            known["name"] = text_in(function, "name") or known["name"]
            arguments = function.get("arguments")
            # Ollama has been seen to send an object where a string belongs.
            added = arguments if isinstance(arguments, str) else json.dumps(arguments) if arguments else ""
            known["arguments"] += added
            self.size += len(added)


def read_usage(told: Any) -> TokenUsage | None:
    """Count each token once: the prompt includes the cached ones, the completion the reasoning.

    xAI counts its reasoning beside the completion; the total tells which it is. A report that nothing at all was used is
    no report.
    """
    if not isinstance(told, Mapping):
        return None
    sent, written = _count(told, "prompt_tokens"), _count(told, "completion_tokens")
    if not sent and not written:
        return None
    of_sent, of_written = _details(told, "prompt_tokens_details"), _details(told, "completion_tokens_details")
    reasoning = _count(of_written, "reasoning_tokens")
    is_beside = reasoning > written or (reasoning and _count(told, "total_tokens") == sent + written + reasoning)
    return token_usage(
        sent,
        written if not is_beside else written + reasoning,
        cached=_count(of_sent, "cached_tokens"),
        cache_write=_count(of_sent, "cache_write_tokens"),
        reasoning=reasoning,
    )


def token_usage(sent: int, written: int, *, cached: int, cache_write: int, reasoning: int) -> TokenUsage:
    """Return the usage; parts that are larger than their whole are cut."""
    cached = min(cached, sent)
    cache_write = min(cache_write, sent - cached)
    reasoning = min(reasoning, written)
    return TokenUsage(
        input_tokens=sent - cached - cache_write,
        cached_input_tokens=cached,
        cache_write_tokens=cache_write,
        output_tokens=written - reasoning,
        reasoning_tokens=reasoning,
    )


def read_json(content: bytes, *, provider: str, model: str, request_id: str = "") -> Mapping[str, Any]:
    """Read the body of a whole answer.

    Raises:
        MalformedAnswerError: It is no JSON object, or an error in the guise of an answer.
    """
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as error:
        message = f"{provider} answered with something that is no JSON"
        raise MalformedAnswerError(message, provider=provider, model=model, request_id=request_id) from error
    if not isinstance(body, Mapping) or body.get("error"):
        what = "an error in the guise of an answer" if isinstance(body, Mapping) else "JSON that is no object"
        message = f"{provider} answered with {what}"
        raise MalformedAnswerError(message, provider=provider, model=model, request_id=request_id)
    return body


def first(items: Any) -> Mapping[str, Any] | None:
    """Return the first object of a list."""
    return items[0] if isinstance(items, list) and items and isinstance(items[0], Mapping) else None


def text_in(body: Mapping[str, Any], name: str) -> str:
    """Return a text; empty where there is none."""
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _content(content: Any) -> str:
    """Return the text of a content, which some servers send in parts."""
    if isinstance(content, list):
        return "".join(text_in(part, "text") for part in content if isinstance(part, Mapping))
    return content if isinstance(content, str) else ""


def _count(told: Mapping[str, Any], name: str) -> int:
    value = told.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _details(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = told.get(name)
    return value if isinstance(value, Mapping) else {}
