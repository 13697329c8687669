"""English words of like meaning, from WordNet: what a word of a CV bears beyond the gate's own lists.

A word is looked up by its part of speech where its ending tells it. Words of rank, praise and number have no others of like meaning here.
"""

from collections import defaultdict
from functools import cache, lru_cache

from jobs.grounding.lexicon import ABSOLUTES, DEGREES, LANGUAGES, NEUTRAL, SENIORITY
from jobs.grounding.wordlists import base_form, rows_of

# Endings of forms, each with what may stand in their place, and of which parts of speech the base form is.
_ENDINGS = (
    ("ies", ("y", "ie"), "nv"),
    ("es", ("", "e"), "nv"),
    ("s", ("",), "nv"),
    ("ied", ("y",), "v"),
    ("ed", ("", "e"), "v"),
    ("ing", ("", "e"), "v"),
)
# The shortest base form.
_SHORTEST = 3
# What says too much for a synonym of it to be one: standing, prizes, decisions, and which way a number went.
_STRONG = frozenset(
    ["advance", "all", "approve", "approved", "award", "awarded", "best", "boost", "certify", "chair", "command", "control", "cut", "decrease", "direct", "dismiss", "double", "earn", "elevate", "every", "fire", "first", "found", "gain", "govern", "graduate", "graduated", "grow", "head", "hire", "hired", "honor", "honour", "improve", "increase", "international", "national", "global", "local", "invent", "lead", "led", "license", "lose", "manage", "negotiate", "own", "patent", "profit", "promote", "promoted", "promotion", "publish", "published", "qualify", "raise", "recruit", "reduce", "save", "sign", "supervise", "team", "triple", "whole", "win", "won"]
)  # fmt: skip
_STRICT = _STRONG | ABSOLUTES | SENIORITY | LANGUAGES | frozenset(DEGREES)


@lru_cache(maxsize=50_000)
def senses_of(word: str) -> frozenset[str]:
    """Return the base forms that a folded word may be one of, each with its part of speech: `n.order` and `v.order` for "orders"."""
    if word in _STRICT or word in NEUTRAL:
        return frozenset()
    words = _table()
    base = base_form(word)
    found = {f"{kind}.{word}" for kind in "nvar"} if base == word else {f"v.{base}"}
    for ending, others, kinds in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST:
            bases = [stem + other for other in others]
            bases += [stem[:-1]] if kinds == "v" and stem[-1] == stem[-2] else []
            found |= {f"{kind}.{one}" for one in bases for kind in kinds}
    return frozenset(sense for sense in found if sense in words and sense[2:] not in _STRICT)


@lru_cache(maxsize=50_000)
def borne_by(word: str) -> frozenset[str]:
    """Return the base forms that a folded word of the evidence bears: those of like meaning, of its kind, and what is derived from it."""
    words = _table()
    return frozenset(other for sense in senses_of(word) for other in (sense, *words[sense]))


@cache
def _table() -> dict[str, set[str]]:
    """Return, by base form, what it bears."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows_of("wordnet.txt"):
        kind, _, rest = row.partition("|")
        words, _, others = rest.partition("|")
        if kind == "d":
            found[words].update(others.split())
            continue
        alike = {f"{kind}.{word}" for word in words.split()}
        general = {f"{kind}.{word}" for word in others.split()}
        for word in alike:
            found[word] |= (alike - {word}) | general
    return dict(found)
