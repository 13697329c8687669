"""How much a text reads as a job title, an organisation or a place."""

import re
from functools import cache

from cv.parsing.lexicon import folded, words

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Words from which on a name has a capital in its middle.
DESCRIBED = 3


def title_score(text: str) -> float:
    """Return how much a text reads as a job title, from 0."""
    plain = folded(text)
    tokens = plain.split()
    known = words("titles", "words")
    if plain in known:
        return 3.0
    if CJK.search(text):
        return 2.0 if any(plain.endswith(word) for word in known if CJK.search(word)) else 0.0
    hits = [token in known for token in tokens]
    score = 0.0
    if any(hits):
        score = 2.2 if hits[0] or hits[-1] else 1.6
    elif any(len(token) > len(ending) + 2 and token.endswith(ending) for token in tokens for ending in _endings()):
        score = 1.6
    if any(f" {word} " in f" {plain} " for word in known if " " in word):
        score = max(score, 2.2)
    return score


@cache
def _endings() -> tuple[str, ...]:
    return tuple(ending for ending in words("titles", "endings") if not CJK.search(ending))


def organisation_score(text: str) -> float:
    """Return how much a text reads as the name of an organisation, from 0."""
    plain = folded(text)
    if CJK.search(text):
        known = words("organisations", "forms") | words("organisations", "words")
        return 2.4 if any(word in plain for word in known if CJK.search(word)) else 0.0
    tokens = plain.split()
    forms = words("organisations", "forms")
    known = words("organisations", "words")
    score = 0.0
    if any(token in forms for token in tokens[1:]) or any(f" {form}" in f" {plain}" and " " in form for form in forms):
        score = 2.4
    elif tokens and tokens[0] in forms and len(tokens) > 1 and (len(tokens[0]) > 2 or not tokens[0].isascii()):
        score = 2.0
    if any(token in known for token in tokens):
        # "An imaginary technology company" says what an employer is, not its name.
        named = len(tokens) < DESCRIBED or any(word[:1] != word[:1].lower() for word in text.split()[1:])
        score = max(score, 1.8 if named or text.upper() == text.lower() else 0.9)
    if re.search(r"[«»\"„“”]|\.(?:com|org|net|io|de|ai)\b", text):
        score = max(score, 1.5)
    return score
