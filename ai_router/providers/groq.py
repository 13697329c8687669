"""Groq through its official SDK, over Chat Completions.

Its streams say what they used unasked, beside the chunk; a schema goes neither with a stream nor with tools, where it
is described in words instead. It offers no embeddings.
"""

import groq
import httpx

from ai_router.errors import InvalidRequestError
from ai_router.providers.chat_request import Dialect
from ai_router.providers.file_batches import DAY_SECONDS, FileBatches
from ai_router.providers.transport import http_client
from ai_router.types import EmbeddingAnswer, EmbeddingRequest


class GroqProvider(FileBatches):
    """A client of Groq."""

    name = "groq"
    path = "/openai/v1"
    dialect = Dialect(asks_stream_usage=False, form_excludes=frozenset({"stream", "tools"}), has_tiers=True)

    def __init__(self, *, api_key: str, base_url: str = "") -> None:
        """Keep the key and the address (without a path); the connection is made at the first request."""
        client = groq.AsyncGroq(
            api_key=api_key, base_url=base_url or None, max_retries=0, http_client=http_client(httpx)
        )
        super().__init__(client, sdk=groq, http=httpx, api_key=api_key)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """Raise: Groq has no embeddings."""
        message = "groq has no embeddings"
        raise InvalidRequestError(message, provider=self.name, model=request.model)

    def batch_window(self, seconds: int) -> str:
        """Return how long a batch may take: whole days, from one to seven."""
        return "24h" if seconds < 2 * DAY_SECONDS else f"{min(7, seconds // DAY_SECONDS)}d"
