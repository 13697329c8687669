"""How strong a model is beside its kin, from 1 (smallest) to 5: the vendors' own ladders, read off the name.

A tier is no benchmark. It says which of two models its vendor sells as the better one, and stands in until the operator
gives a candidate a quality of its own. A name that says nothing has none.
"""

import re
from functools import lru_cache

# A word of the name that stands for a step of the ladder, whatever the family; the first that is found decides.
WORDS: tuple[tuple[int, frozenset[str]], ...] = (
    (1, frozenset({"nano", "lite", "tiny", "instant"})),
    (2, frozenset({"mini", "flash", "haiku", "small", "fast"})),
    (5, frozenset({"opus"})),
)
# A larger sibling of its family.
LARGER = frozenset({"pro", "ultra", "heavy"})
# Families by the beginning of the name, the longest that fits.
FAMILIES: dict[str, int] = {
    "gpt-4": 3,
    "gpt-5": 4,
    "gpt-6": 5,
    "gpt-oss": 2,
    "o1": 4,
    "o3": 4,
    "o4": 4,
    "gemini-": 3,
    "claude-": 4,
    "grok-2": 3,
    "grok-3": 3,
    "grok-": 4,
    "mistral-large": 3,
    "mistral-medium": 3,
}
# Open models carry their size in billions of parameters: up to this many, this tier.
SIZES = ((9.0, 1), (40.0, 2), (130.0, 3), (float("inf"), 4))
SIZE = re.compile(r"(?<![0-9.])(\d+(?:\.\d+)?)b(?![a-z])")


@lru_cache(maxsize=512)
def tier_of(model: str) -> int | None:
    """Return the tier of a model, or None where its name does not say."""
    name = model.lower().rpartition("/")[2]
    words = set(re.split(r"[-_:. ]", name))
    for tier, known in WORDS:
        if words & known:
            return tier
    size = SIZE.search(name)
    if size:
        return next(tier for bound, tier in SIZES if float(size[1]) <= bound)
    fitting = [prefix for prefix in FAMILIES if name.startswith(prefix)]
    if not fitting:
        return None
    return min(5, FAMILIES[max(fitting, key=len)] + bool(words & LARGER))
