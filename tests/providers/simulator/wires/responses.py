"""OpenAI's Responses: items instead of messages, named events instead of chunks."""

import itertools
import time
from typing import Any, ClassVar

from tests.providers.simulator.http import HTTPRequest
from tests.providers.simulator.wires.base import Asked, Said, ToolCall, sse
from tests.providers.simulator.wires.openai import TOOL_PIECE, OpenAIWire


class ResponsesWire(OpenAIWire):
    """The form of `/v1/responses`."""

    vendor: ClassVar[str] = "openai"
    always_tells_usage: ClassVar[bool] = True

    def read(self, request: HTTPRequest, path: str) -> Asked | None:
        if (request.method, path) != ("POST", ""):
            return None
        return self.read_responses(request)

    def read_responses(self, request: HTTPRequest) -> Asked:
        body = request.json()
        return Asked(
            "chat",
            body.get("model", ""),
            body,
            chat=_chat(body),
            is_stream=bool(body.get("stream")),
            max_output_tokens=body.get("max_output_tokens"),
        )

    def whole(self, said: Said) -> Any:
        return self.response(said, _status(said), _output(said))

    def empty(self, said: Said) -> Any:
        return self.response(said, "completed", [])

    def stream(self, said: Said) -> Any:
        return ResponsesStream(self, said)

    def stream_error(self, code: str, message: str) -> list[str]:
        return [sse({"type": "error", "code": code, "message": message, "param": None}, event="error")]

    def response(self, said: Said, status: str, output: list[Any]) -> dict[str, Any]:
        reasons = {"length": "max_output_tokens", "content_filter": "content_filter"}
        reason = reasons.get(said.finish_reason) if status == "incomplete" else None
        tier = said.reply.service_tier or said.asked.body.get("service_tier")
        body = {
            "id": f"resp_{said.entry.request_id}",
            "object": "response",
            "created_at": int(time.time()),
            "status": status,
            "error": None,
            "incomplete_details": {"reason": reason} if reason else None,
            "model": said.entry.model,
            "output": output,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "service_tier": tier or "default",
        }
        return body | (self.usage_field(said) if status != "in_progress" else {})

    def usage(self, said: Said) -> dict[str, Any]:
        tokens = said.tokens()
        return {
            "input_tokens": tokens.input_tokens,
            "input_tokens_details": {
                "cached_tokens": tokens.cached_tokens,
                "cache_write_tokens": tokens.cache_write_tokens,
            },
            "output_tokens": tokens.output_tokens,
            "output_tokens_details": {"reasoning_tokens": tokens.reasoning_tokens},
            "total_tokens": tokens.input_tokens + tokens.output_tokens,
        }


class ResponsesStream:
    """A stream of named, numbered events."""

    def __init__(self, wire: ResponsesWire, said: Said) -> None:
        self.wire, self.said = wire, said
        self._numbers = itertools.count()

    def opening(self) -> list[str]:
        begun = self.wire.response(self.said, "in_progress", [])
        thought = [self._event("response.output_item.done", output_index=0, item=item) for item in _thought(self.said)]
        item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
        return [
            self._event("response.created", response=begun),
            *thought,
            self._event("response.output_item.added", output_index=0, item=item),
        ]

    def text(self, piece: str) -> list[str]:
        kind = "refusal" if self.said.reply.refusal else "output_text"
        where = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        return [self._event(f"response.{kind}.delta", **where, delta=piece, logprobs=[])]

    def tool_call(self, index: int, call: ToolCall) -> list[str]:
        item = _function_call(call)
        where = {"item_id": item["id"], "output_index": index + 1}
        pieces = [call.arguments[at : at + TOOL_PIECE] for at in range(0, len(call.arguments), TOOL_PIECE)]
        begun = item | {"arguments": "", "status": "in_progress"}
        return [
            self._event("response.output_item.added", output_index=index + 1, item=begun),
            *(self._event("response.function_call_arguments.delta", **where, delta=piece) for piece in pieces),
            self._event("response.function_call_arguments.done", **where, name=call.name, arguments=call.arguments),
            self._event("response.output_item.done", output_index=index + 1, item=item),
        ]

    def closing(self) -> list[str]:
        status = _status(self.said)
        whole = self.wire.response(self.said, status, _output(self.said))
        return [self._event(f"response.{status}", response=whole)]

    def ending_without_end(self) -> list[str]:
        return []

    def _event(self, kind: str, **fields: Any) -> str:
        return sse({"type": kind, "sequence_number": next(self._numbers), **fields}, event=kind)


def _status(said: Said) -> str:
    return "incomplete" if said.finish_reason in {"length", "content_filter"} else "completed"


def _output(said: Said) -> list[Any]:
    text = {"type": "output_text", "text": said.text, "annotations": [], "logprobs": []}
    content = {"type": "refusal", "refusal": said.reply.refusal} if said.reply.refusal else text
    message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [content]}
    wrote = [message] if said.text or said.reply.refusal else []
    return [*_thought(said), *wrote, *map(_function_call, said.tool_calls)]


def _thought(said: Said) -> list[Any]:
    """Return what the model thought, sealed where the request asked for it."""
    if not said.reply.reasoning_tokens:
        return []
    is_asked = "reasoning.encrypted_content" in said.asked.body.get("include", ())
    sealed = {"encrypted_content": "c2VhbGVk"} if is_asked else {}
    return [{"id": "rs_1", "type": "reasoning", "summary": [], **sealed}]


def _function_call(call: ToolCall) -> dict[str, Any]:
    return {
        "id": f"fc_{call.id}",
        "type": "function_call",
        "status": "completed",
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
    }


def _chat(body: dict[str, Any]) -> dict[str, Any]:
    """Put a request into the form of Chat Completions."""
    items = body["input"] if isinstance(body["input"], list) else [{"role": "user", "content": body["input"]}]
    told = [{"role": "system", "content": body["instructions"]}] if body.get("instructions") else []
    chat: dict[str, Any] = {"model": body.get("model", ""), "messages": [*told, *map(_message, items)]}
    form = (body.get("text") or {}).get("format") or {}
    if form.get("type") == "json_schema":
        chat["response_format"] = {"type": "json_schema", "json_schema": form}
    tools = [{"type": "function", "function": tool} for tool in body.get("tools") or ()]
    return chat | ({"tools": tools} if tools else {})


def _message(item: dict[str, Any]) -> dict[str, Any]:
    if item.get("type") == "function_call":
        call = {"id": item["call_id"], "type": "function", "function": item}
        return {"role": "assistant", "content": "", "tool_calls": [call]}
    if item.get("type") == "reasoning":
        return {"role": "assistant", "content": ""}
    if item.get("type") == "function_call_output":
        return {"role": "tool", "tool_call_id": item["call_id"], "content": item["output"]}
    content = item["content"]
    if isinstance(content, str):
        return {"role": item["role"], "content": content}
    kinds = {"input_text": "text", "output_text": "text", "input_image": "image_url", "input_file": "file"}
    return {"role": item["role"], "content": [part | {"type": kinds[part["type"]]} for part in content]}
