"""The providers: one row each, imported on first use, so that no vendor's SDK is loaded before it is needed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings

from ai_router.batch_types import deployment_pairs
from ai_router.kept_keys import kept_keys
from ai_router.providers.base import Provider


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider that the router can talk to.

    Args:
        adapter: Where its adapter is; called with the provider's row of `settings.AI_PROVIDERS` less the model, by name.
        default_model: The model it uses unless told otherwise.
        embedding_model: The model that turns texts into vectors; empty where the provider has none.
        is_local: Whether it runs on machines of the site: on when its address is set, free, and no text leaves the house.
        needs_address: Whether it also needs an address to be on, as every customer has one of their own.
        finds_keys: Whether its SDK finds the keys by itself: on when the site has named its model, with or without a key.
        package: What must be installed beside the site's own packages: it is off without.
        extra: The site's extra that installs it.
        has_batches: Whether its adapter is a `BatchProvider` as well.
        batches_by_price: Whether it takes only some models in batches: those that it has a price of batches for.
        needs_batch_deployments: Whether it has batches only for models that the site named a deployment of their own for.
    """

    adapter: str
    default_model: str
    embedding_model: str = ""
    is_local: bool = False
    needs_address: bool = False
    finds_keys: bool = False
    package: str = ""
    extra: str = ""
    has_batches: bool = False
    batches_by_price: bool = False
    needs_batch_deployments: bool = False

    @property
    def is_installed(self) -> bool:
        """Whether the package is there, if it needs one."""
        return not self.package or _is_installed(self.package)


@lru_cache(maxsize=8)
def _is_installed(package: str) -> bool:
    """Look for a package without loading it."""
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


COMPATIBLE = "ai_router.providers.openai_compatible"
BUILT_IN: Mapping[str, ProviderRow] = {
    "openai": ProviderRow(
        "ai_router.providers.openai:OpenAIProvider",
        default_model="gpt-5.4-mini",
        embedding_model="text-embedding-3-small",
        has_batches=True,
    ),
    "gemini": ProviderRow(
        "ai_router.providers.gemini:GeminiProvider",
        default_model="gemini-3.8-flash",
        embedding_model="gemini-embedding-001",
        has_batches=True,
    ),
    "anthropic": ProviderRow(
        "ai_router.providers.anthropic:AnthropicProvider", default_model="claude-haiku-5-5", has_batches=True
    ),
    "groq": ProviderRow("ai_router.providers.groq:GroqProvider", default_model="openai/gpt-oss-120b", has_batches=True),
    "grok": ProviderRow(
        "ai_router.providers.grok:GrokProvider", default_model="grok-4.3", has_batches=True, batches_by_price=True
    ),
    # The name of a deployment, which most sites call like its model.
    "azure": ProviderRow(
        "ai_router.providers.azure:AzureProvider",
        default_model="gpt-5.4-mini",
        embedding_model="text-embedding-3-small",
        needs_address=True,
        has_batches=True,
        needs_batch_deployments=True,
    ),
    "ollama": ProviderRow(
        f"{COMPATIBLE}:OllamaProvider", default_model="any", embedding_model="nomic-embed-text", is_local=True
    ),
    "lm_studio": ProviderRow(
        f"{COMPATIBLE}:LMStudioProvider",
        default_model="any",
        embedding_model="text-embedding-nomic-embed-text-v1.5",
        is_local=True,
    ),
    "vllm": ProviderRow(f"{COMPATIBLE}:VLLMProvider", default_model="any", is_local=True),
    "legacy_gemini": ProviderRow(
        "ai_router.providers.legacy_gemini:LegacyGeminiProvider",
        default_model="gemini-2.5-flash",
        embedding_model="gemini-embedding-001",
        package="google.ai.generativelanguage",
        extra="legacy-gemini",
    ),
    "litellm": ProviderRow(
        "ai_router.providers.litellm:LiteLLMProvider",
        default_model="none",
        finds_keys=True,
        package="litellm",
        extra="litellm",
    ),
}


class Providers(Mapping[str, ProviderRow]):
    """All providers: those with a row above, and those that the site named with an address of OpenAI's form."""

    def __getitem__(self, name: str) -> ProviderRow:
        """Return the row of a provider."""
        if name in BUILT_IN:
            return BUILT_IN[name]
        row = settings.AI_COMPATIBLE_PROVIDERS[name]
        return ProviderRow(
            f"{COMPATIBLE}:CompatibleProvider", default_model="any", is_local=row.is_local, needs_address=True
        )

    def __iter__(self) -> Iterator[str]:
        """Name the providers."""
        return iter([*BUILT_IN, *settings.AI_COMPATIBLE_PROVIDERS])

    def __len__(self) -> int:
        """Count the providers."""
        return len(BUILT_IN) + len(settings.AI_COMPATIBLE_PROVIDERS)


PROVIDERS = Providers()


def is_on(name: str) -> bool:
    """Whether the router has an adapter for the provider and the site a key, or, for a local one, an address."""
    row, provider = settings.AI_PROVIDERS.get(name, {}), PROVIDERS.get(name)
    if provider is None or not provider.is_installed:
        return False
    has_key = bool(row.get("api_key") or settings.AI_PROVIDER_KEYS.get(name) or kept_keys().get(name))
    if provider.finds_keys:
        return bool(row.get("model"))
    has_address = bool(row.get("base_url"))
    return has_address if provider.is_local else has_key and (has_address or not provider.needs_address)


def leaves_the_site(name: str) -> bool:
    """Whether what a provider is sent leaves the site: not for the embedded engine, and not for local servers."""
    return name in PROVIDERS and not PROVIDERS[name].is_local


def takes_batches(name: str, model: str) -> bool:
    """Whether a provider takes requests to a model in batches."""
    row = PROVIDERS[name]
    if not row.needs_batch_deployments:
        return row.has_batches
    return model in deployment_pairs(settings.AI_PROVIDERS[name].get("batch_deployments", ""))


def load_adapter(name: str) -> Callable[..., Provider]:
    """Return what makes a provider's clients. The first time imports the vendor's SDK, which can take seconds."""
    return _load(PROVIDERS[name].adapter)


@lru_cache(maxsize=64)
def _load(path: str) -> Callable[..., Provider]:
    module, _, adapter = path.partition(":")
    found: Callable[..., Provider] = getattr(import_module(module), adapter)
    return found


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
            self._open[key] = load_adapter(name)(**row)
        return self._open[key]

    async def close(self) -> None:
        """Close every client."""
        while self._open:
            _, client = self._open.popitem()
            await client.close()
