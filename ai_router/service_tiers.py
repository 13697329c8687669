"""Service tiers: how a provider serves a request (at once, when there is room, over night) and what that does to its price.

An answer that names its tier is priced by that tier. Providers call the tier of those who ask for none by different names;
here it is the empty one, `STANDARD`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

STANDARD = ""
BATCH = "batch"
# `auto` is what some servers echo; it names no tier.
STANDARD_NAMES = frozenset({"", "auto", "default", "on_demand", "standard", "unspecified"})
# What a provider may make of a request that leaves the tier to it, beside the standard one.
AUTO = "auto"
TIERS_OF_AUTO = ("flex", "priority")
MAX_NAME = 20

HALF, WHOLE = Decimal("0.5"), Decimal(1)


@dataclass(frozen=True, slots=True)
class Share:
    """What a tier costs as a share of the standard price, for every model of a provider.

    Args:
        plain: The share for input and output.
        cached: The share for what is read from, or written to, the provider's cache.
    """

    plain: Decimal
    cached: Decimal


# Where the price list has no price of its own for a model's tier: what the provider promises for all of its models, as of
# November 2026. Where it does not say that the cache is cheaper too, the cache costs what it always does.
#
# - OpenAI, batch: https://platform.openai.com/docs/guides/batch (half of the synchronous price); flex costs what batch does:
#   https://platform.openai.com/docs/guides/flex-processing
# - Azure, batch: https://learn.microsoft.com/azure/ai-foundry/openai/how-to/batch (half of global standard)
# - Gemini, batch and flex: https://ai.google.dev/gemini-api/docs/optimization (half). Its priority tier costs from 75 to
#   100 % more, by model: no share.
# - Anthropic, batch: https://platform.claude.com/docs/en/build-with-claude/batch-processing#pricing (half of all, the cache
#   too). Its priority tier is sold by contract: no share.
# - Groq, batch: https://console.groq.com/docs/batch (half, not of the cache); flex costs what on-demand does:
#   https://console.groq.com/docs/flex-processing. Its performance tier is sold as capacity: no share.
SHARES: Mapping[tuple[str, str], Share] = {
    ("openai", BATCH): Share(HALF, WHOLE),
    ("openai", "flex"): Share(HALF, WHOLE),
    ("azure", BATCH): Share(HALF, WHOLE),
    ("gemini", BATCH): Share(HALF, WHOLE),
    ("gemini", "flex"): Share(HALF, WHOLE),
    ("anthropic", BATCH): Share(HALF, HALF),
    ("groq", BATCH): Share(HALF, WHOLE),
    ("groq", "flex"): Share(WHOLE, WHOLE),
}


def tier_named(name: str) -> str:
    """Return the tier that a provider names; `STANDARD` for its word for that, and for none."""
    word = name.strip().lower().removeprefix("service_tier_")[:MAX_NAME]
    return STANDARD if word in STANDARD_NAMES else word


def asked_tier(provider: str) -> str:
    """Return the tier that requests to a provider name, in its own words; empty where they name none."""
    tier: str = settings.AI_SERVICE_TIERS.get(provider, "")
    return tier
