"""Azure OpenAI through OpenAI's SDK: the model's name is that of a deployment.

With an `api_version` requests go below the deployment's path; without one they go to the newer `/openai/v1`, which needs
none. The address is the resource's, such as `https://name.openai.azure.com`.
"""

from typing import Any

import httpx2
import openai

from ai_router.providers.both_forms import BothForms
from ai_router.providers.chat_request import Dialect
from ai_router.providers.transport import http_client


class AzureProvider(BothForms):
    """A client of one Azure OpenAI resource."""

    name = "azure"
    dialect = Dialect(takes_documents=True, cache_key="prompt_cache_key", packs_vectors=True)

    def __init__(self, *, api_key: str, base_url: str = "", api_version: str = "") -> None:
        """Keep the key and the address; the connection is made at the first request.

        Raises:
            ValueError: There is no address: every resource has its own.
        """
        if not base_url:
            message = "Azure OpenAI needs the address of the resource: set AZURE_OPENAI_ENDPOINT"
            raise ValueError(message)
        options: dict[str, Any] = {"api_key": api_key, "max_retries": 0, "http_client": http_client(httpx2)}
        endpoint = base_url.rstrip("/")
        client: openai.AsyncOpenAI
        if api_version:
            client = openai.AsyncAzureOpenAI(azure_endpoint=endpoint, api_version=api_version, **options)
        else:
            root = endpoint if endpoint.endswith("/openai/v1") else f"{endpoint}/openai/v1"
            client = openai.AsyncOpenAI(base_url=root, default_headers={"api-key": api_key}, **options)
        super().__init__(client, sdk=openai, http=httpx2, api_key=api_key)
