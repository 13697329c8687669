"""Azure OpenAI through OpenAI's SDK: the model's name is that of a deployment.

With an `api_version` requests go below the deployment's path; without one they go to the newer `/openai/v1`, which needs
none. The address is the resource's, such as `https://name.openai.azure.com`.

Batches go to deployments of their own kind (global batch), so the site says which one stands beside a deployment. Azure takes
no key of ours with a batch: one whose id was lost is known by its file, whose name is our key.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx2
import openai

from ai_router.batch_types import BatchProgress, deployment_pairs
from ai_router.errors import InvalidRequestError
from ai_router.providers.both_forms import BothForms, needs_responses
from ai_router.providers.chat_answer import Parts, text_in
from ai_router.providers.chat_request import Dialect, chat_body
from ai_router.providers.file_batches import FileBatches, file_name
from ai_router.providers.responses_form import ResponseParts, responses_body
from ai_router.providers.transport import http_client
from ai_router.types import ProviderRequest


class AzureProvider(FileBatches, BothForms):
    """A client of one Azure OpenAI resource."""

    name = "azure"
    dialect = Dialect(takes_documents=True, cache_key="prompt_cache_key", packs_vectors=True)

    keeps_batch_keys = False

    def __init__(self, *, api_key: str, base_url: str = "", api_version: str = "", batch_deployments: str = "") -> None:
        """Keep the key and the address; the connection is made at the first request.

        `batch_deployments` are pairs such as `gpt-5.4-mini=gpt-5.4-mini-batch`, separated by commas.

        Raises:
            ValueError: There is no address: every resource has its own.
        """
        if not base_url:
            message = "Azure OpenAI needs the address of the resource: set AZURE_OPENAI_ENDPOINT"
            raise ValueError(message)
        options: dict[str, Any] = {"api_key": api_key, "max_retries": 0, "http_client": http_client(httpx2)}
        endpoint = base_url.rstrip("/")
        client: openai.AsyncOpenAI
        self.is_at_one_address = not api_version
        if api_version:
            client = openai.AsyncAzureOpenAI(azure_endpoint=endpoint, api_version=api_version, **options)
        else:
            root = endpoint if endpoint.endswith("/openai/v1") else f"{endpoint}/openai/v1"
            client = openai.AsyncOpenAI(base_url=root, default_headers={"api-key": api_key}, **options)
        super().__init__(client, sdk=openai, http=httpx2, api_key=api_key)
        self._batch_deployments = deployment_pairs(batch_deployments)

    def batch_form(self, request: ProviderRequest) -> tuple[str, dict[str, Any]]:
        """Return the address and the body of a request in a batch, for the deployment that takes batches."""
        deployment = self._batch_deployments.get(request.model)
        if deployment is None:
            message = f"azure has no batch deployment for {request.model!r}: set AZURE_OPENAI_BATCH_DEPLOYMENTS"
            raise InvalidRequestError(message, provider=self.name, model=request.model, status_code=400)
        named = replace(request, model=deployment)
        if needs_responses(request):
            return "/v1/responses", responses_body(named, provider=self.name, is_stream=False)
        return "/chat/completions", chat_body(named, self.dialect, provider=self.name, is_stream=False)

    def batch_parts(self, body: Mapping[str, Any], request_id: str) -> Parts:
        """Return what reads an answer in a batch, by its form."""
        return ResponseParts(request_id) if body.get("object") == "response" else super().batch_parts(body, request_id)

    async def find_batch(self, key: str, *, size: int, since: datetime, others: Collection[str]) -> str:
        """Return the id of the batch whose file has the key for its name."""
        found = (await self._read("/files?purpose=batch")).get("data")
        rows = [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
        file_ids = {text_in(row, "id") for row in rows if text_in(row, "filename") == file_name(key)}
        async for batch in self._batches():
            if text_in(batch, "input_file_id") in file_ids:
                return text_in(batch, "id")
        return ""

    async def look_at_batch(self, batch_id: str) -> BatchProgress:
        """Return how a batch stands; Azure names a time for its end and goes on after it."""
        return replace(await super().look_at_batch(batch_id), expires_at=None)
