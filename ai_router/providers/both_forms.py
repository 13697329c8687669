"""Providers that speak Responses beside Chat Completions: OpenAI and Azure.

Chat Completions keeps nothing on the provider's side unless asked to, has all that the router needs (strict schemas,
streaming with usage, cached and reasoning tokens), and is the form that most others speak too. From GPT-5.4 on, models
that think take tools over Responses only, and the models for long thinking take nothing else at all: for those requests
(`ModelFacts.needs_responses`) the other form is used, also there with nothing kept on the provider's side.
"""

from collections.abc import AsyncGenerator

from ai_router.providers.chat_answer import Parts
from ai_router.providers.responses_form import ResponseParts, responses_body
from ai_router.providers.stainless import StainlessProvider
from ai_router.types import ProviderAnswer, ProviderRequest


class BothForms(StainlessProvider):
    """A client that takes the form which the request needs."""

    async def complete(self, request: ProviderRequest) -> ProviderAnswer:
        """Ask for a whole answer."""
        if not needs_responses(request):
            return await super().complete(request)
        body = responses_body(request, provider=self.name, is_stream=False)
        content, request_id = await self._post("/responses", body, request)
        return self._answer(content, ResponseParts(request_id), request)

    async def stream(self, request: ProviderRequest) -> AsyncGenerator[str | ProviderAnswer, None]:
        """Ask for an answer in pieces; the last item is the whole of it, with the usage that closes the stream."""
        is_other = needs_responses(request)
        parts: Parts = ResponseParts() if is_other else Parts()
        pieces = (
            self._stream("/responses", responses_body(request, provider=self.name, is_stream=True), request, parts)
            if is_other
            else super().stream(request)
        )
        async for piece in pieces:
            yield piece


def needs_responses(request: ProviderRequest) -> bool:
    """Whether OpenAI takes this request over Responses only."""
    needed = request.model_facts.needs_responses
    return needed == "always" or (needed == "tools" and bool(request.tools))
