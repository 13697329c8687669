"""Servers of models on the own machine: OpenAI's form, without a key and mostly without details of the usage."""

from typing import Any, ClassVar

from tests.providers.simulator.wires.base import Said
from tests.providers.simulator.wires.openai import OpenAIWire


class LocalWire(OpenAIWire):
    """What they have in common."""

    needs_key: ClassVar[bool] = False

    def usage(self, said: Said) -> dict[str, Any]:
        used = super().usage(said)
        return {name: used[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")}


class OllamaWire(LocalWire):
    """Ollama; its errors have no code."""

    vendor: ClassVar[str] = "ollama"

    def error(self, status: int, code: str, message: str) -> Any:
        kind = {404: "not_found_error", 400: "invalid_request_error"}.get(status, "api_error")
        return {"error": {"message": message, "type": code or kind, "param": None, "code": code or None}}


class LMStudioWire(LocalWire):
    """LM Studio; errors may be plain words, and its streams do not say what they used."""

    vendor: ClassVar[str] = "lm_studio"

    def error(self, status: int, code: str, message: str) -> Any:
        return super().error(status, code, message) if code else {"error": message}

    def usage_field(self, said: Said) -> dict[str, Any]:
        return {} if said.asked.is_stream and said.reply.usage == "" else super().usage_field(said)


class VLLMWire(LocalWire):
    """vLLM; errors are older ones of OpenAI's, with the status as the code."""

    vendor: ClassVar[str] = "vllm"

    def error(self, status: int, code: str, message: str) -> Any:
        kind = {404: "NotFoundError", 400: "BadRequestError"}.get(status, "InternalServerError")
        return {"error": {"message": message, "type": code or kind, "param": None, "code": code or status}}
