"""OpenAI through its official SDK, over Chat Completions, and over Responses where a model takes nothing else."""

from collections.abc import Mapping
from typing import Any

import httpx2
import openai

from ai_router.providers.both_forms import BothForms, needs_responses
from ai_router.providers.chat_answer import Parts
from ai_router.providers.chat_request import Dialect
from ai_router.providers.file_batches import FileBatches
from ai_router.providers.responses_form import ResponseParts, responses_body
from ai_router.providers.transport import http_client
from ai_router.types import ProviderRequest


class OpenAIProvider(FileBatches, BothForms):
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

    def batch_form(self, request: ProviderRequest) -> tuple[str, dict[str, Any]]:
        """Return the address and the body of a request in a batch, in the form that its model takes."""
        if not needs_responses(request):
            return super().batch_form(request)
        return "/v1/responses", responses_body(request, provider=self.name, is_stream=False)

    def batch_parts(self, body: Mapping[str, Any], request_id: str) -> Parts:
        """Return what reads an answer in a batch, by its form."""
        return ResponseParts(request_id) if body.get("object") == "response" else super().batch_parts(body, request_id)
