"""What the router has to know of models beside their price: windows, what they take, and how they take reasoning.

These are the facts that come with the application. A site says more, or otherwise, in its own catalog: what holds there is
answered by `modelbook`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Facts of a model. One that is not known is taken to read text, to call tools, to keep to a schema, and perhaps to think.

    Args:
        context_window: Tokens of input and output together; None where unknown.
        max_output: Most tokens of one answer; None where unknown.
        reasoning_effort: What is asked of a model that thinks before it writes; empty leaves the vendor's default.
        reasoning_allowance: Output tokens that thinking may use beside the answer's own.
        takes_images: Whether pictures may be sent.
        takes_documents: Whether documents, such as a PDF, may be sent as they are.
        takes_tools: Whether it can ask to have tools called.
        has_schema: Whether it can be held to a JSON schema; otherwise it is asked for JSON, and the schema described.
        takes_sampling: Whether `temperature` and `top_p` may be set; models that think refuse them.
        embeds: Whether it turns texts into vectors instead of writing.
        needs_responses: When OpenAI takes a request over its Responses API only: `always`, or with `tools`.
        is_known: Whether anybody has said anything about the model.
    """

    context_window: int | None = None
    max_output: int | None = None
    reasoning_effort: str = ""
    reasoning_allowance: int = 0
    takes_images: bool = False
    takes_documents: bool = False
    takes_tools: bool = True
    has_schema: bool = True
    takes_sampling: bool = True
    embeds: bool = False
    needs_responses: str = ""
    is_known: bool = True


def _openai(window: int, output: int, *, effort: str = "", allowance: int = 0, responses: str = "") -> ModelFacts:
    """Return the facts of a model of OpenAI's that sees pictures and documents."""
    return ModelFacts(
        window,
        output,
        reasoning_effort=effort,
        reasoning_allowance=allowance,
        takes_images=True,
        takes_documents=True,
        takes_sampling=not effort,
        needs_responses=responses,
    )


def _grok(window: int, *, effort: str = "") -> ModelFacts:
    """Return the facts of a model of xAI's, which sees pictures."""
    return ModelFacts(window, reasoning_effort=effort, reasoning_allowance=2_000 if effort else 0, takes_images=True)


def _claude(window: int, output: int = 64_000, *, has_schema: bool = True, takes_sampling: bool = True) -> ModelFacts:
    """Return the facts of a model of Anthropic's; all see pictures and documents, and think only if asked to."""
    return ModelFacts(
        window,
        output,
        takes_images=True,
        takes_documents=True,
        has_schema=has_schema,
        takes_sampling=takes_sampling,
    )


def _gemini(output: int = 65_536, *, effort: str = "low", allowance: int = 2_000) -> ModelFacts:
    """Return the facts of a model of Google's; all see pictures and documents, and the later ones think unasked."""
    return ModelFacts(
        1_048_576,
        output,
        reasoning_effort=effort,
        reasoning_allowance=allowance if effort else 0,
        takes_images=True,
        takes_documents=True,
    )


_GPT_OSS = ModelFacts(131_072, 65_536, reasoning_effort="low", reasoning_allowance=2_000)
_EMBEDDING = ModelFacts(8_192, embeds=True, takes_tools=False, has_schema=False)
# Open models that think before they write, and cannot be told how long.
_OPEN_THINKER = ModelFacts(reasoning_allowance=4_000)
_OPEN_WRITER = ModelFacts()

# By the beginning of the model's name, the longest that fits. Sources: the vendors' model pages, as of November 2026.
# From GPT-5.4 on, OpenAI takes tools of a model that thinks over Responses only (its own error message says so).
MODELS: dict[str, ModelFacts] = {
    "gpt-4o": _openai(128_000, 16_384),
    "gpt-4.1": _openai(1_000_000, 32_768),
    "gpt-5": _openai(400_000, 128_000, effort="minimal", allowance=2_000),
    "gpt-5.": _openai(400_000, 128_000, effort="low", allowance=2_000),
    "gpt-5.4": _openai(1_050_000, 128_000, effort="low", allowance=2_000, responses="tools"),
    "gpt-5.4-mini": _openai(400_000, 128_000, effort="low", allowance=2_000, responses="tools"),
    "gpt-5.4-nano": _openai(400_000, 128_000, effort="low", allowance=2_000, responses="tools"),
    "gpt-5.4-pro": _openai(1_050_000, 128_000, effort="medium", allowance=8_000, responses="always"),
    "gpt-5.5": _openai(1_000_000, 128_000, effort="low", allowance=2_000, responses="tools"),
    "gpt-5.5-pro": _openai(1_000_000, 128_000, effort="medium", allowance=8_000, responses="always"),
    "gpt-5.6": _openai(1_050_000, 128_000, effort="low", allowance=2_000, responses="tools"),
    "gpt-6": _openai(1_050_000, 128_000, effort="low", allowance=2_000, responses="tools"),
    "gpt-5-pro": _openai(400_000, 272_000, effort="high", allowance=16_000, responses="always"),
    "gpt-5.2-pro": _openai(400_000, 128_000, effort="medium", allowance=8_000, responses="always"),
    "gpt-5.3-codex": _openai(400_000, 128_000, effort="low", allowance=2_000, responses="always"),
    "o1": _openai(200_000, 100_000, effort="low", allowance=4_000),
    "o1-pro": _openai(200_000, 100_000, effort="low", allowance=16_000, responses="always"),
    "o3": _openai(200_000, 100_000, effort="low", allowance=4_000),
    "o3-pro": _openai(200_000, 100_000, effort="low", allowance=16_000, responses="always"),
    "o4": _openai(200_000, 100_000, effort="low", allowance=4_000),
    "text-embedding-": _EMBEDDING,
    "openai/gpt-oss-": _GPT_OSS,
    "gpt-oss": _GPT_OSS,
    "llama-3": ModelFacts(131_072, 32_768, has_schema=False),
    "meta-llama/llama-4": ModelFacts(131_072, 8_192, takes_images=True),
    "qwen/qwen3": ModelFacts(131_072, 40_960, has_schema=False),
    "grok-4.3": _grok(1_000_000, effort="low"),
    "grok-4.20": _grok(1_000_000),
    "grok-4.5": _grok(500_000, effort="low"),
    "grok-4.6": _grok(500_000, effort="low"),
    "grok-4.7": _grok(500_000, effort="low"),
    "claude-3": _claude(200_000, 8_192, has_schema=False),
    "claude-3-haiku": _claude(200_000, 4_096, has_schema=False),
    "claude-haiku-4": _claude(200_000),
    "claude-sonnet-4": _claude(200_000),
    "claude-sonnet-4-0": _claude(200_000, has_schema=False),
    "claude-sonnet-4-6": _claude(1_000_000),
    "claude-opus-4": _claude(200_000, 32_000),
    "claude-opus-4-6": _claude(1_000_000),
    "claude-opus-4-7": _claude(1_000_000, takes_sampling=False),
    "claude-opus-4-8": _claude(1_000_000, takes_sampling=False),
    "claude-opus-4-0": _claude(200_000, 32_000, has_schema=False),
    "claude-": _claude(1_000_000, takes_sampling=False),
    "gemini-1": _gemini(8_192, effort=""),
    "gemini-2.0": _gemini(8_192, effort=""),
    "gemini-2.5": _gemini(),
    "gemini-2.5-flash-lite": _gemini(effort=""),
    "gemini-": _gemini(),
    "gemini-embedding": ModelFacts(2_048, embeds=True, takes_tools=False, has_schema=False),
    "nomic-embed": _EMBEDDING,
    "text-embedding-nomic": _EMBEDDING,
}
# Servers of the site's own hold every model to a schema, and decide themselves how large a window is.
LOCAL_PROVIDERS = frozenset({"ollama", "lm_studio", "vllm"})
LOCAL_MODELS: dict[str, ModelFacts] = {
    "qwen3": _OPEN_THINKER,
    "deepseek-r1": _OPEN_THINKER,
    "magistral": _OPEN_THINKER,
    "phi4-reasoning": _OPEN_THINKER,
    "gpt-oss": replace(_GPT_OSS, context_window=None, max_output=None),
    "llama": _OPEN_WRITER,
    "mistral": _OPEN_WRITER,
    "ministral": _OPEN_WRITER,
    "qwen2": _OPEN_WRITER,
    "phi": _OPEN_WRITER,
    "gemma": replace(_OPEN_WRITER, takes_images=True),
    "nomic-embed": _EMBEDDING,
    "text-embedding-": _EMBEDDING,
    "mxbai-embed": replace(_EMBEDDING, context_window=512),
    "bge-": _EMBEDDING,
}
# One may turn out to think, so its answers get room for that: a hold that is larger than needed, and no answer that is cut.
UNKNOWN = ModelFacts(reasoning_allowance=2_000, is_known=False)


def facts_of(model: str, *, provider: str = "") -> ModelFacts:
    """Return what comes with the application about a model, or `UNKNOWN`.

    A fine-tuned model (`ft:gpt-4.1-mini:…`) is as its base, one behind a reseller (`anthropic/claude-…`) as with its maker.
    """
    table = LOCAL_MODELS if provider in LOCAL_PROVIDERS else MODELS
    found = (_longest(table, name) for name in _names(model))
    return next((facts for facts in found if facts is not None), UNKNOWN)


def family_of(model: str, *, provider: str = "") -> str:
    """Return the name that the facts of a model stand under here, such as that without a date; empty where nothing is known."""
    table = LOCAL_MODELS if provider in LOCAL_PROVIDERS else MODELS
    fitting = ((prefix for prefix in table if name.startswith(prefix)) for name in _names(model))
    return next((max(names, key=len) for prefixes in fitting if (names := list(prefixes))), "")


def base_of(model: str) -> str:
    """Return the name of the model that a fine-tuned one of OpenAI's was made of; empty for any other name."""
    mark, _, rest = model.partition(":")
    return rest.partition(":")[0] if mark == "ft" else ""


def _names(model: str) -> Iterator[str]:
    """Yield the names to look for: as it is, the base, and what stands behind the last slash."""
    name = base_of(model) or model
    yield name
    if "/" in name:
        yield name.rpartition("/")[2]
    # Hugging Face writes names in capitals, as vLLM does.
    if not name.islower():
        yield name.rpartition("/")[2].lower()


def _longest(table: Mapping[str, ModelFacts], name: str) -> ModelFacts | None:
    """Return the row whose beginning of a name is the longest that fits."""
    fitting = [prefix for prefix in table if name.startswith(prefix)]
    return table[max(fitting, key=len)] if fitting else None
