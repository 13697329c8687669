"""Any server that speaks OpenAI's Chat Completions: Ollama, LM Studio, vLLM, and others by their address."""

import time
from collections.abc import AsyncGenerator
from dataclasses import replace

import httpx2
import openai

from ai_router.errors import ModelNotFoundError
from ai_router.providers.chat_request import Dialect
from ai_router.providers.stainless import StainlessProvider
from ai_router.providers.transport import http_client
from ai_router.types import EmbeddingAnswer, EmbeddingRequest, ProviderAnswer, ProviderRequest

# Stands for whichever model the server lists first, where the site has named none.
ANY_MODEL = "any"
KEPT_SECONDS = 60.0
# The SDK wants a key; servers without one do not look at it.
NO_KEY = "none"


class CompatibleProvider(StainlessProvider):
    """A client of one such server."""

    name = "openai_compatible"
    dialect = Dialect(bound="max_tokens")

    def __init__(self, *, api_key: str = "", base_url: str, name: str = "") -> None:
        """Keep the address, the key where the server wants one, and the name that the site gave it."""
        self.name = name or self.name
        client = openai.AsyncOpenAI(
            api_key=api_key or NO_KEY, base_url=base_url, max_retries=0, http_client=http_client(httpx2)
        )
        super().__init__(client, sdk=openai, http=httpx2, api_key=api_key)
        self._first, self._first_until = "", 0.0

    async def complete(self, request: ProviderRequest) -> ProviderAnswer:
        """Ask for a whole answer."""
        return await super().complete(await self._named(request))

    async def stream(self, request: ProviderRequest) -> AsyncGenerator[str | ProviderAnswer, None]:
        """Ask for an answer in pieces; the last item is the whole of it."""
        async for item in super().stream(await self._named(request)):
            yield item

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """Turn texts into vectors."""
        return await super().embed(replace(request, model=await self._model(request.model)))

    async def _named(self, request: ProviderRequest) -> ProviderRequest:
        """Return the request with the name of a model; what is known of `any` is left to the one that it stands for."""
        if request.model != ANY_MODEL:
            return request
        facts = request.facts if request.facts and request.facts.is_known else None
        return replace(request, model=await self._model(ANY_MODEL), facts=facts)

    async def _model(self, name: str) -> str:
        """Return the model's name, or the first that the server lists; looked up again each minute."""
        if name != ANY_MODEL:
            return name
        if time.monotonic() >= self._first_until:
            listed = await self.list_models()
            if not listed:
                message = f"{self.name} has no model"
                raise ModelNotFoundError(message, provider=self.name, model=name)
            self._first, self._first_until = listed[0], time.monotonic() + KEPT_SECONDS
        return self._first


class OllamaProvider(CompatibleProvider):
    """A client of Ollama."""

    name = "ollama"


class LMStudioProvider(CompatibleProvider):
    """A client of LM Studio."""

    name = "lm_studio"


class VLLMProvider(CompatibleProvider):
    """A client of vLLM."""

    name = "vllm"
