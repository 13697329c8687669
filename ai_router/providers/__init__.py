"""The providers: one row each, imported on first use, so that no vendor's SDK is loaded before it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings

from ai_router.providers.base import Provider


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider that the router can talk to.

    Args:
        adapter: Where its adapter is; called with the provider's row of `settings.AI_PROVIDERS` less the model, by name.
        default_model: The model it uses unless told otherwise.
        is_local: Whether it runs on machines of the site: on when its address is set, free, and no text leaves the house.
    """

    adapter: str
    default_model: str
    is_local: bool = False


PROVIDERS: Mapping[str, ProviderRow] = {
    "openai": ProviderRow("ai_router.providers.openai:OpenAIProvider", default_model="gpt-5.4-mini"),
    "gemini": ProviderRow("ai_router.providers.gemini:GeminiProvider", default_model="gemini-3.8-flash"),
    "anthropic": ProviderRow("ai_router.providers.anthropic:AnthropicProvider", default_model="claude-haiku-5-5"),
}


def is_on(name: str) -> bool:
    """Whether the router has an adapter for the provider and the site a key, or, for a local one, an address."""
    row = settings.AI_PROVIDERS.get(name, {})
    if name not in PROVIDERS:
        return False
    if PROVIDERS[name].is_local:
        return bool(row.get("base_url"))
    return bool(row.get("api_key") or settings.AI_PROVIDER_KEYS.get(name))


def leaves_the_site(name: str) -> bool:
    """Whether what a provider is sent leaves the site: not for the embedded engine, and not for local servers."""
    return name in PROVIDERS and not PROVIDERS[name].is_local


class Connections:
    """The providers' clients of one event loop: one for each provider, key and address."""

    def __init__(self) -> None:
        """Start with none."""
        self._open: dict[tuple[str, ...], Provider] = {}

    def to(self, name: str, *, api_key: str) -> Provider:
        """Return the provider's client for a key, connected with the settings of this moment."""
        row = {name: value for name, value in settings.AI_PROVIDERS[name].items() if name != "model"}
        row["api_key"] = api_key
        key = (name, *row.values())
        if key not in self._open:
            module, _, adapter = PROVIDERS[name].adapter.partition(":")
            client: Provider = getattr(import_module(module), adapter)(**row)
            self._open[key] = client
        return self._open[key]

    async def close(self) -> None:
        """Close every client."""
        while self._open:
            _, client = self._open.popitem()
            await client.close()
