"""What the router has to know of models beside their price: window, and how they take reasoning."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Facts of a model family.

    Args:
        context_window: Tokens of input and output together; None where unknown.
        reasoning_effort: What is asked of a model that thinks before it writes; empty leaves the vendor's default.
        reasoning_allowance: Output tokens that thinking may use beside the answer's own.
    """

    context_window: int | None = None
    reasoning_effort: str = ""
    reasoning_allowance: int = 0


# By the beginning of the model's name, the longest that fits. Sources: the vendors' model pages, as of November 2026.
MODELS: dict[str, ModelFacts] = {
    "gpt-4o": ModelFacts(128_000),
    "gpt-4.1": ModelFacts(1_000_000),
    "gpt-5": ModelFacts(400_000, reasoning_effort="minimal", reasoning_allowance=2_000),
    "gpt-5.": ModelFacts(400_000, reasoning_effort="low", reasoning_allowance=2_000),
    "gpt-6": ModelFacts(1_050_000, reasoning_effort="low", reasoning_allowance=2_000),
    "o1": ModelFacts(200_000, reasoning_effort="low", reasoning_allowance=4_000),
    "o3": ModelFacts(200_000, reasoning_effort="low", reasoning_allowance=4_000),
    "o4": ModelFacts(200_000, reasoning_effort="low", reasoning_allowance=4_000),
}
UNKNOWN = ModelFacts()


def facts_of(model: str) -> ModelFacts:
    """Return what is known of a model; nothing, for one that is not in the table."""
    fitting = [prefix for prefix in MODELS if model.startswith(prefix)]
    return MODELS[max(fitting, key=len)] if fitting else UNKNOWN
