"""OpenAI through its official SDK, over Chat Completions, and over Responses where a model takes nothing else."""

import httpx2
import openai

from ai_router.providers.both_forms import BothForms
from ai_router.providers.chat_request import Dialect
from ai_router.providers.transport import http_client


class OpenAIProvider(BothForms):
    """A client of OpenAI."""

    name = "openai"
    dialect = Dialect(
        must_not_store=True, takes_documents=True, cache_key="prompt_cache_key", has_tiers=True, packs_vectors=True
    )

    def __init__(self, *, api_key: str, base_url: str = "") -> None:
        """Keep the key and the address; the connection is made at the first request."""
        client = openai.AsyncOpenAI(
            api_key=api_key,
            base_url=base_url or None,
            # The router retries, and counts what it retries.
            max_retries=0,
            http_client=http_client(httpx2),
        )
        super().__init__(client, sdk=openai, http=httpx2, api_key=api_key)
