"""What the router has to know of models beside their price: windows, what they take, and how they take reasoning."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Facts of a model family. A model that is not known is taken to read text, to call tools and to keep to a schema.

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
UNKNOWN = ModelFacts()


def facts_of(model: str) -> ModelFacts:
    """Return what is known of a model; nothing, for one that is not in the table."""
    fitting = [prefix for prefix in MODELS if model.startswith(prefix)]
    return MODELS[max(fitting, key=len)] if fitting else UNKNOWN
