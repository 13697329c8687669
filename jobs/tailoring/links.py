"""What a line of a CV and a requirement have in common, word by word and in any of the languages."""

from collections.abc import Iterable

from cv.facts import Fact
from cv.skills import concepts_in
from jobs.grounding.words import is_neutral, tokens
from jobs.posting import Requirement

SKILL_SHARE, VERB_SHARE = 1.5, 0.25
LONGEST_STEM = 6
SHORTEST_STEM = 4


def links_of(fact: Fact, requirements: Iterable[Requirement]) -> dict[str, float]:
    """Return, by requirement, how many of its skills and words a line takes up; a skill counts for more than a word."""
    words, concepts = content_of(fact.text)
    first = next(iter(words), "")
    links: dict[str, float] = {}
    for requirement in requirements:
        asked, wanted = content_of(requirement.text)
        shared = [word for word in words if any(is_akin(word, other) for other in asked)]
        link = SKILL_SHARE * len(concepts & wanted) + len(shared) + (VERB_SHARE if first in shared else 0.0)
        if link:
            links[requirement.id] = link
    return links


def content_of(text: str) -> tuple[list[str], set[str]]:
    """Return the words of a line that say something, and the skills that it names; words of a skill are not counted again."""
    mentions = concepts_in(text)
    rest = list(text)
    for mention in mentions:
        rest[mention.start : mention.end] = " " * (mention.end - mention.start)
    words = [
        token.word for token in tokens("".join(rest)) if len(token.word) >= SHORTEST_STEM and not is_neutral(token.word)
    ]
    return list(dict.fromkeys(words)), {mention.concept for mention in mentions}


def is_akin(one: str, other: str) -> bool:
    """Whether two words have the same stem, roughly and in any of the languages: clean, cleaned; Betreuung, betreut."""
    length = min(len(one), len(other), LONGEST_STEM)
    return length >= SHORTEST_STEM and one[:length] == other[:length]
