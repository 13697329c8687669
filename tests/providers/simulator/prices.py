"""What the simulator's models cost, by vendor. From the vendors' price lists, November 2026."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Rates:
    """Dollars per million tokens; what has no price of its own costs what input costs."""

    sent: Fraction
    cached: Fraction
    written: Fraction
    cache_write: Fraction


def rates(sent: str, written: str, *, cached: str = "", cache_write: str = "") -> Rates:
    return Rates(Fraction(sent), Fraction(cached or sent), Fraction(written), Fraction(cache_write or sent))


FREE = rates("0", "0")
OPENAI = {
    "gpt-5.4-mini": rates("0.75", "4.5", cached="0.075"),
    "gpt-5.4-nano": rates("0.2", "1.25", cached="0.02"),
    "gpt-4.1-mini": rates("0.4", "1.6", cached="0.1"),
    "gpt-5.4-pro": rates("30", "180"),
    "gpt-6-luna": rates("0.1", "0.5", cached="0.01", cache_write="0.125"),
    "text-embedding-3-small": rates("0.02", "0"),
    "text-embedding-3-large": rates("0.13", "0"),
}
PRICES: dict[str, dict[str, Rates]] = {
    "openai": OPENAI,
    "azure": OPENAI,
    "groq": {
        "openai/gpt-oss-20b": rates("0.075", "0.3", cached="0.0375"),
        "openai/gpt-oss-120b": rates("0.15", "0.6", cached="0.075"),
        "llama-3.3-70b-versatile": rates("0.59", "0.79"),
        "llama-3.1-8b-instant": rates("0.05", "0.08"),
    },
    "grok": {
        "grok-4.3": rates("1.25", "2.5", cached="0.2"),
        "grok-4.5": rates("2", "6", cached="0.3"),
    },
    "anthropic": {
        "claude-haiku-4-5": rates("1", "5", cached="0.1", cache_write="1.25"),
        "claude-haiku-5-5": rates("0.1", "0.5", cached="0.01", cache_write="0.125"),
        "claude-sonnet-5-5": rates("2", "10", cached="0.1", cache_write="2.5"),
    },
    "gemini": {
        "gemini-3.8-flash": rates("0.75", "3.75", cached="0.075"),
        "gemini-3.5-flash-lite": rates("0.3", "2.5", cached="0.03"),
        "gemini-2.5-flash-lite": rates("0.1", "0.4", cached="0.01"),
        "gemini-embedding-001": rates("0.15", "0"),
    },
    "ollama": {"qwen3:8b": FREE, "nomic-embed-text": FREE},
    "lm_studio": {"qwen3-8b": FREE, "text-embedding-nomic-embed-text-v1.5": FREE},
    "vllm": {"Qwen/Qwen3-8B": FREE},
}
