"""xAI: OpenAI's form, but the reasoning tokens are counted beside the completion's, not inside."""

from typing import Any, ClassVar

from tests.providers.simulator.http import HTTPRequest
from tests.providers.simulator.wires.base import Asked, Said
from tests.providers.simulator.wires.openai import OpenAIWire

# xAI has codes of HTTP's kind where OpenAI has its own.
USUAL_CODES = {
    400: "Client specified an invalid argument",
    401: "Unauthorized",
    404: "The requested resource was not found",
    429: "Some resource has been exhausted",
}


class XAIWire(OpenAIWire):
    """xAI's form."""

    vendor: ClassVar[str] = "grok"

    def read(self, request: HTTPRequest, path: str) -> Asked | None:
        # Its key for a language model opens no embeddings.
        return None if path == "/embeddings" else super().read(request, path)

    def usage(self, said: Said) -> dict[str, Any]:
        used, tokens = super().usage(said), said.tokens()
        del used["prompt_tokens_details"]["cache_write_tokens"]
        return used | {"completion_tokens": tokens.output_tokens - tokens.reasoning_tokens, "num_sources_used": 0}

    def error(self, status: int, code: str, message: str) -> Any:
        return {"code": code or USUAL_CODES.get(status, "The service is currently unavailable"), "error": message}
