"""Skills as the gate sees them: one may be called by any of its names, and none may be claimed that the cited lines don't name."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from cv.skills import ConceptMention, concepts_in, related
from jobs.grounding.words import bears, is_neutral, mean_alike, stems, tokens

NEARBY = 6
# How near a skill has to be to one of the lines for the lines to imply it: Django says Python.
IMPLIED_ENOUGH = 0.8
# From how many letters on an abbreviation is one of initials.
MANY = 3


@lru_cache(maxsize=4_000)
def mentions_in(text: str) -> tuple[ConceptMention, ...]:
    """Return the skills, licences and languages that a text names."""
    return tuple(concepts_in(text))


def concepts_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the canonical names of the skills that the texts speak of."""
    return frozenset(mention.concept for text in texts for mention in mentions_in(text))


def known_and_foreign(text: str, evidence: Sequence[str]) -> tuple[frozenset[int], list[str]]:
    """Sort the skills that a text names by whether the evidence names them too.

    Returns:
        The character offsets of the words that name a skill of the evidence, whatever name the text uses for it; and the names, as
        written, of skills that the evidence does not have.
    """
    known = concepts_of(evidence)
    covered: set[int] = set()
    foreign = []
    for mention in mentions_in(text):
        said = text[mention.start : mention.end]
        if mention.concept in known or any(related(have, mention.concept) >= IMPLIED_ENOUGH for have in known):
            covered.update(range(mention.start, mention.end))
        elif (
            not is_neutral(said.lower())
            and not any(_says_nearby(said, line) for line in evidence)
            and not _is_work_of(said, evidence)
        ):
            foreign.append(said)
    return frozenset(covered), foreign


def _is_work_of(said: str, evidence: Sequence[str]) -> bool:
    """Whether what reads as a skill is the plain name of work, or of a subject, that the evidence has in another word."""
    if " " not in said and any(mean_alike(token.word, said.lower()) for line in evidence for token in tokens(line)):
        return True
    if said.isupper() and any(_initials_of(line, len(said)) & {said.lower()} for line in evidence):
        return True
    is_plain = said == said.lower() or (" " not in said and said.lower().endswith(("ing", "ance")))
    return is_plain and any(
        all(any(bears(token.word, word.word) for token in tokens(line)) for word in tokens(said)) for line in evidence
    )


def _initials_of(line: str, size: int) -> set[str]:
    """Return the initials of each run of so many plain words; capitals are names and ranks, whose initials meet others by chance."""
    words = [token.text for token in tokens(line)]
    runs = (words[start : start + size] for start in range(len(words) - size + 1))
    return {"".join(word[0] for word in run) for run in runs if size >= MANY and all(word.islower() for word in run)}


def _says_nearby(phrase: str, text: str) -> bool:
    """Whether all words of a phrase, in some form, stand close together in a text."""
    wanted = [stems(token.word) for token in tokens(phrase)]
    words = [stems(token.word) for token in tokens(text)]
    for start in range(len(words)):
        window = words[start : start + NEARBY]
        if all(any(not one.isdisjoint(other) for other in window) for one in wanted):
            return True
    return False
