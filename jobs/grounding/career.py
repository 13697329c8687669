"""A working life told in one sentence: stations of a CV named one after another, in the order that their dates give."""

import re
from collections.abc import Sequence

from cv.facts import Fact, FactKind
from jobs.grounding.base import folded, says
from jobs.grounding.words import Vocabulary, is_neutral, tokens, vocabulary_of

# "Before that post" and "after that degree" name a station only to say when; what stands beside them is what is claimed.
_TIMES = re.compile(
    r"(?:^|,\s*|\s+)(?P<when>before|prior to|after|following|during|alongside|vor|nach|während)\s+(?:(?:joining|starting (?:at|in|with)|moving (?:on )?(?:in)?to|going|turning|switching to|changing to|becoming|working (?:at|as|in)|my|the|an?|der|meiner|dem|meinem|completing|finishing|obtaining|earning)\s+)*"
    r"(?P<station>[^,;.]+?)(?=,|;|\.|$|\s+(?:i|ich)\b|\s+[a-zäöü]+\s+ich\b)",
    re.IGNORECASE,
)
_STUDIES = re.compile(
    r"\b(?:studi(?:es|ums?|engangs?)|studying|degree|bachelors?|masters?|doctorate|phd|apprenticeship|ausbildung|training)\b",
    re.IGNORECASE,
)
_FIRST_JOB = re.compile(
    r"\bmy (?:very )?first (?P<what>job|position|role|post|employer|employment|station)\b", re.IGNORECASE
)
_FIRST_THEN = re.compile(
    r"\bfirst (?=(?:as|in|at|with|for|on)\b)(?=.*\b(?:then|now|later|afterwards|today|since)\b)|\bat first\b",
    re.IGNORECASE,
)
# How long a word of a title is that may stand for it.
LONG = 4
_ENDS = {
    "before": 1,
    "prior to": 1,
    "vor": 1,
    "after": -1,
    "following": -1,
    "nach": -1,
    "during": 0,
    "alongside": 0,
    "während": 0,
}


def career_told(claim: str, known: Sequence[Fact]) -> str:
    """Return a claim without the words that only put stations in order, where the CV's dates bear that order.

    "Before joining Larkspur" goes where the rest of the sentence names a station that ended before Larkspur began; "my first job" is "my
    job" where it names the first one, and "first as a nurse, now as a sister" loses its `first`.
    """
    said = _FIRST_THEN.sub("", claim) if len(_stations_named(claim, known)) != 1 else claim
    if _FIRST_JOB.search(said) and (named := _stations_named(said, known)):
        posts = [fact for fact in known if fact.kind == FactKind.POSITION and fact.id == fact.scope_id and fact.start]
        earliest = min(posts, key=_start, default=None)
        if earliest is not None and all(fact.scope_id == earliest.scope_id for fact in named):
            said = _FIRST_JOB.sub(r"my \g<what>", said)
    for match in list(_TIMES.finditer(said))[::-1]:
        rest = said[: match.start()] + said[match.end() :]
        then = _stations_named(match["station"], known)
        other = [fact for fact in _stations_named(rest, known) if fact not in then]
        has_rest = any(not is_neutral(token.word) for token in tokens(rest))
        if then and other and has_rest and _only_names(match["station"], then):
            way = _ENDS[match["when"].lower()]
            order = {1: _precedes, -1: lambda one, two: _precedes(two, one), 0: _overlaps}[way]
            if all(order(one, two) for one in other for two in then):
                said = rest
    return re.sub(r"\s+([,.;])", r"\1", re.sub(r"\s+", " ", said)).strip() or claim


def stations_in_order(claim: str, posts: Sequence[Fact]) -> bool:
    """Whether a claim names several positions of one employer in the order of their dates, or none of them."""
    words = folded(claim)
    places = [(place, _start(post)) for post in posts if (place := _place_of(post.title, words)) >= 0]
    return len(places) != 1 and [start for _, start in sorted(places)] == sorted(start for _, start in places)


def _place_of(title: str, words: str) -> int:
    """Return where folded words name a title, or a word of it that is long enough to tell it by; -1 where they don't."""
    whole = folded(title)
    if says(words, whole):
        return f" {words} ".index(f" {whole} ")
    said = words.split()
    return next(
        (number for number, word in enumerate(said) if len(word) > 5 and Vocabulary([whole]).has_form(word)), -1
    )


def _stations_named(text: str, known: Sequence[Fact]) -> list[Fact]:
    """Return the positions and studies that a text names by employer, school or title."""
    words = folded(text)
    heads = [fact for fact in known if fact.id == fact.scope_id and (fact.start or fact.end)]
    by_place = [fact for fact in heads if fact.employer and _says_short(words, folded(fact.employer))]
    by_title = [fact for fact in heads if fact.title and says(words, folded(fact.title))]
    by_title = by_title or [fact for fact in heads if _says_its_word(words, fact, heads)]
    if _STUDIES.search(text):
        studies = [fact for fact in heads if fact.kind == FactKind.EDUCATION]
        named = [
            fact
            for fact in studies
            if any(vocabulary_of(fact.text).has_form(word) for word in words.split() if len(word) > LONG)
        ]
        by_title = by_title or named or studies
    titled = [fact for fact in by_title if fact in by_place]
    return titled or by_place or by_title


def _says_its_word(words: str, fact: Fact, heads: Sequence[Fact]) -> bool:
    """Whether folded words name a title by a word that no other title of the CV has."""
    others = vocabulary_of(" ".join(other.title for other in heads if other.title != fact.title))
    own = [word for word in folded(fact.title).split() if len(word) > LONG and not others.has_form(word)]
    return any(not is_neutral(word) and vocabulary_of(words).has_form(word) for word in own)


def _says_short(words: str, name: str) -> bool:
    pieces = name.split()
    return says(words, name) or (len(pieces) > 2 and says(words, " ".join(pieces[:2])))


def _only_names(text: str, named: Sequence[Fact]) -> bool:
    """Whether a text says no more than the names of stations, and years that they have."""
    own = Vocabulary([part for fact in named for part in (fact.employer, fact.title, fact.text)])
    years = {str(day.year) for fact in named for day in (fact.start, fact.end) if day}
    return all(
        is_neutral(token.word)
        or own.has_form(token.word)
        or token.word in years | {"joining", "moving", "starting", "becoming"}
        or _STUDIES.fullmatch(token.word) is not None
        for token in tokens(text)
    )


def _start(fact: Fact) -> tuple[int, int]:
    return (fact.start.year, fact.start.month or 1) if fact.start else (0, 0)


def _overlaps(one: Fact, two: Fact) -> bool:
    """Whether two stations went on at one time."""
    return not _precedes(one, two) and not _precedes(two, one)


def _precedes(one: Fact, two: Fact) -> bool:
    """Whether one station had begun, and ended, no later than the other went on; a year alone is read generously."""
    end = (one.end.year, one.end.month or 1) if one.end else None
    return (
        end is not None
        and _start(one) <= _start(two)
        and end <= (_start(two)[0], _start(two)[1] if two.start and two.start.month else 12)
    )
