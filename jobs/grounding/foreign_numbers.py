"""Numbers of claims in the six languages: what they count, which way they went, how often something was."""

import re
from collections.abc import Iterator, Sequence

from jobs.grounding.base import Base
from jobs.grounding.crosswords import CrossVocabulary
from jobs.grounding.foreign_words import _FREQUENCIES, says_nothing
from jobs.grounding.numbers import CHANGE_ABROAD, CHANGE_PATTERN
from jobs.grounding.quantities import quantities
from jobs.grounding.words import Token, tokens


def counted_problems(counted: str, base: Base, language: str) -> Iterator[str]:
    """A number has to stand in a line that says what it counts, where some line of the scope says that."""
    for number in quantities(counted):
        behind = tokens(counted[number.end : number.end + 40])[:3]
        nouns = [token for token in behind if not says_nothing(token, language) and not token.has_digit]
        lines = [text for text in base.lines if any(other.key == number.key for other in quantities(text))]
        is_year = not number.unit and number.value in base.years
        if not nouns or not lines or is_year or _names_time(behind):
            continue
        words = nouns[:2]
        is_here = any(CrossVocabulary([text], language).has(noun.word) for text in lines for noun in words)
        is_there = CrossVocabulary(base.lines, language).has(words[0].word)
        if is_there and not is_here:
            yield f"“{number.text} {words[0].text}” is not what the CV counts."


def _names_time(words: Sequence[Token]) -> bool:
    return any(token.word in {"years", "months", "weeks", "days", "hours", "minutes", "seconds"} for token in words[:2])


# Which way something is compared or went, in the six languages, English and German.
MORE = re.compile(
    r"(?<!\w)(?:augment\w*|hausse|accru\w*|progress\w+|supérieure?s?|aument\w*|crec\w+|incremen\w*|subi[óoe]\w*|superior(?:es)?|mont[ée]e?s?|pass[ée]e?s?|passat\w+|pasó|pasado|salit\w+|sal[ei]t[oa]|cresciut\w*|cresc\w+|increment\w*|superiore|"
    r"gestegen|stijg\w*|verhoog\w*|hoger|wzr[oa]\w*|zwiększ\w*|podnios\w*|powyżej|increas\w*|grew|raised|rose|gesteigert|erhöht\w*)(?!\w)", re.IGNORECASE,
)  # fmt: skip
LESS = re.compile(
    r"(?<!\w)(?:rédui\w*|réduct\w*|baiss\w*|diminu\w*|ramené\w*|pass[ée]e?s?|passat\w+|pasó|pasado|inférieure?s?|reduc\w*|reduj\w*|dismin\w*|baj[óoé]|inferior(?:es)?|ridott\w*|riduz\w*|calat\w*|sces\w*|"
    r"inferiore|reduz\w*|desc[ei]\w*|verlaag\w*|vermind\w*|gedaald|dal\w+|lager|zmniejsz\w*|spad\w*|obniż\w*|skróc\w*|poniżej|reduc\w*|cut|lower\w*|fell|decreas\w*|gesenkt|reduzier\w*)(?!\w)",
    re.IGNORECASE,
)


def ways_abroad(texts: Sequence[str]) -> set[str]:
    """Return which way the numbers of some lines went, by their words or by the two that they name."""
    found = [{way for way, pattern in (("more", MORE), ("less", LESS)) if pattern.search(text)} for text in texts]
    ways = {way for one in found if len(one) == 1 for way in one}
    for text in texts:
        for match in (*CHANGE_ABROAD.finditer(text), *CHANGE_PATTERN.finditer(text)):
            first, second = (next(iter(quantities(match[name])), None) for name in ("first", "second"))
            if first and second and first.value != second.value:
                ways.add("more" if second.value > first.value else "less")
    return ways


def direction_problems(claim: str, line: Base, language: str) -> Iterator[str]:
    """What went down, or lies below, may not be told as up or above."""
    ways = ways_abroad(line.lines)
    said = {way for way, pattern in (("more", MORE), ("less", LESS)) if pattern.search(claim)}
    if len(ways) == 1 and len(said) == 1 and not said & ways:
        yield "The claim turns the direction of a change round."


_STEP = re.compile(
    r"(?:rédui\w*|baiss\w*|augment\w*|diminu\w*|reduc\w*|reduj\w*|dismin\w*|aument\w*|ridott\w*|cal\w+|cresc\w+|reduz\w*|verlaag\w*|gedaald|gestegen|spad\w*|wzr[oa]\w*|zmniejsz\w*|obniż\w*) "
    r"(?:[\w'’ -]{0,60}? )?(?:de|d['’]|d['’]un|del|di|del|em|en|en (?:un|el)|un|met|o) ?(?:environ |circa |około |ongeveer |cerca de )?$", re.IGNORECASE,
)  # fmt: skip


def step_problems(counted: str, base: Base) -> Iterator[str]:
    """What fell from 38 % to 24 % has not fallen by 38 %."""
    ends = {
        number.value
        for text in base.texts
        for match in CHANGE_ABROAD.finditer(text)
        for name in ("first", "second")
        for number in quantities(match[name])
    }
    for number in quantities(counted):
        is_range = CHANGE_ABROAD.search(counted[max(0, number.start - 4) :])
        if number.value in ends and _STEP.search(counted[: number.start]) and not is_range:
            yield f"The CV gives “{number.text}” as an end of the change, not as its size."


_FIRST_SPAN = re.compile(
    r"(?<!\w)(?:premi(?:er|ère)s?|primer[ao]?s?|prim[oaie]|primeir[oa]s?|eerste|pierwsz\w+|first|erste[nrms]?) (?P<span>an|année|mois|semaine|jour|año|mes|semana|día|anno|mese|settimana|giorno|ano|mês|dia|jaar|maand|week|dag|"
    r"roku?|miesi\w+|tygodni\w+|dni\w*|year|month|week|day|jahr|monat|woche|tag)\w*", re.IGNORECASE,
)  # fmt: skip


def first_problems(counted: str, base: Base) -> Iterator[str]:
    """The first month is not the first year."""
    known = {match["span"].lower() for text in base.texts for match in _FIRST_SPAN.finditer(text)}
    for match in _FIRST_SPAN.finditer(counted):
        if known and match["span"].lower() not in known:
            yield f"The cited lines do not say that this was “{match.group()}”."


def frequency_problems(counted: str, line: Base) -> Iterator[str]:
    """How often something was done has to stand in the line."""
    words = set(_FREQUENCIES.values())
    known = {token.word for text in line.texts for token in tokens(text)} & words
    for said in sorted(({token.word for token in tokens(counted)} & words) - known):
        yield f"The cited lines do not say that this was {said}."
