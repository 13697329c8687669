"""Grok: xAI speaks OpenAI's Chat Completions, so OpenAI's SDK serves it.

xAI's own SDK speaks gRPC and could not share this connection. Two things differ: reasoning is counted beside the
completion (`chat_answer.read_usage`), and what finds a shared beginning again is a header. Its keys for language models
open no embeddings.
"""

import httpx2
import openai

from ai_router.errors import InvalidRequestError
from ai_router.providers.chat_request import Dialect
from ai_router.providers.grok_batches import GrokBatches
from ai_router.providers.transport import http_client
from ai_router.types import EmbeddingAnswer, EmbeddingRequest

ADDRESS = "https://api.x.ai/v1"


class GrokProvider(GrokBatches):
    """A client of xAI."""

    name = "grok"
    dialect = Dialect(cache_key="x-grok-conv-id")

    def __init__(self, *, api_key: str, base_url: str = "") -> None:
        """Keep the key and the address; the connection is made at the first request."""
        client = openai.AsyncOpenAI(
            api_key=api_key, base_url=base_url or ADDRESS, max_retries=0, http_client=http_client(httpx2)
        )
        super().__init__(client, sdk=openai, http=httpx2, api_key=api_key)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """Raise: xAI has no embeddings for the keys of its language models."""
        message = "grok has no embeddings"
        raise InvalidRequestError(message, provider=self.name, model=request.model)
