"""The vendors' wires, by the beginning of the path: one running simulator speaks all of them.

A wire is a subclass of `base.Wire` in a module of its own: `read` turns its requests into `Asked`, `whole` and `stream`
put an answer (`Said`) into its form, `error` puts errors. Faults, pauses, billing and books are the server's. To add one:
the module, a row in `WIRES` (the longest prefix that fits wins), a row in `ADDRESSES` (what the vendor's SDK takes as its
base URL), and its models in `prices.PRICES` under the provider's name.
"""

from tests.providers.simulator.wires.anthropic import AnthropicWire
from tests.providers.simulator.wires.azure import AzureResponsesWire, AzureWire
from tests.providers.simulator.wires.base import Wire
from tests.providers.simulator.wires.gemini import GeminiWire, LegacyGeminiWire
from tests.providers.simulator.wires.groq import GroqWire
from tests.providers.simulator.wires.local import LMStudioWire, OllamaWire, VLLMWire
from tests.providers.simulator.wires.openai import OpenAIWire
from tests.providers.simulator.wires.responses import ResponsesWire
from tests.providers.simulator.wires.xai import XAIWire

WIRES: dict[str, Wire] = {
    "/v1": OpenAIWire(),
    "/v1/responses": ResponsesWire(),
    "/groq/openai/v1": GroqWire(),
    "/azure/openai": AzureWire(),
    "/azure/openai/responses": AzureResponsesWire(),
    "/azure/openai/v1/responses": AzureResponsesWire(),
    "/xai/v1": XAIWire(),
    "/anthropic/v1": AnthropicWire(),
    "/gemini/v1": GeminiWire(),
    "/gemini/v1beta": LegacyGeminiWire(),
    "/ollama/v1": OllamaWire(),
    "/lm_studio/v1": LMStudioWire(),
    "/vllm/v1": VLLMWire(),
}
# Below the server's root: the address that each provider is set up with.
ADDRESSES: dict[str, str] = {
    "openai": "/v1",
    "groq": "/groq",
    "azure": "/azure",
    "grok": "/xai/v1",
    "anthropic": "/anthropic",
    "gemini": "/gemini",
    "legacy_gemini": "/gemini",
    "litellm": "/v1",
    "ollama": "/ollama/v1",
    "lm_studio": "/lm_studio/v1",
    "vllm": "/vllm/v1",
}


def find_wire(path: str) -> tuple[Wire, str] | None:
    """Return the wire that speaks at a path, and the rest of the path."""
    fitting = [prefix for prefix in WIRES if path == prefix or path.startswith((f"{prefix}/", f"{prefix}:"))]
    if not fitting:
        return None
    prefix = max(fitting, key=len)
    return WIRES[prefix], path[len(prefix) :]
