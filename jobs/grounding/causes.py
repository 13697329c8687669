"""Causes: a claim may say that one thing came of another only where one line of the CV tells of both."""

import re
from collections.abc import Callable, Iterator, Sequence

# What comes before the thing that something is put down to, and what comes between cause and effect; English, German, French, Spanish, Italian,
# Portuguese, Dutch, Polish.
_DUE_TO = re.compile(
    r"\b(?:thanks to|due to|because of|owing to|as a result of|on the back of|dank|aufgrund|infolge|wegen|grâce (?:à|au|aux)|gracias (?:a|al)|debido (?:a|al)|"
    r"grazie (?:a|al|alla|allo|alle|agli|ai|all['’])|graças (?:a|ao|à|aos|às)|devido (?:a|ao|à)|dankzij|vanwege|dzięki|wskutek)(?!\w)",
    re.IGNORECASE,
)
_LED_TO = re.compile(
    r"(?:,|\b(?:and|und|et|y|e|en|i)\b)?\s*(?:\b(?:which|that|who|was|ce qui|lo que|il che|o que|wat|co)\b\s+)?(?:\b(?:has|have|had|hat|a|ha)\b\s+)?"
    r"\b(?:led to|leading to|resulted in|resulting in|results in|brought about|contributed to|caused|causing|thereby|führte zu|führten zu|wodurch|entraînant|permettant|permis de|"
    r"permitiendo|permitió|lo que|logrando|consentendo|permettendo|permitindo|waardoor|zodat|co pozwoliło|dzięki czemu|dadurch)(?!\w)",
    re.IGNORECASE,
)
# A thing of one's own that does something to a number or an amount.
_MY_THING = re.compile(
    r"^\W*(?:my|our|the|mein\w*|unser\w*|mon|ma|mes|mi|mis|il mio|la mia|meu|minha|mijn|mój|moja|moje)\s+(?P<cause>(?:[\w'’-]+ ){1,6}?)"
    r"(?:(?:has|have|had|hat|haben|a|ha|heeft)\s+)?(?=(?:cut|reduc\w+|rais\w+|increas\w+|lower\w+|sav(?:ed|es)|improv\w+|boost\w+|doubl\w+|halv\w+|shorten\w+|brought|"
    r"senkt\w*|gesenkt|reduzier\w+|steiger\w+|gesteigert|erhöh\w+|verkürz\w+|rédui\w+|augment\w+|baiss\w+|reduj\w+|aument\w+|ridott\w+|ridus\w+|reduzi\w+|verlaag\w+|verhoog\w+|zmniejsz\w+|zwiększ\w+)\b)",
    re.IGNORECASE,
)


def cause_problems(claim: str, lines_for: Callable[[str], Sequence[str]]) -> Iterator[str]:
    """Say where a claim puts one thing down to another and no line tells of both; `lines_for` finds the lines nearest to a piece of it."""
    for cause, effect in _pairs(claim):
        one, other = set(lines_for(cause)), set(lines_for(effect))
        if one and other and not one & other:
            yield f"The CV does not say that this came of “{cause.strip(' ,.')}”."


def _pairs(claim: str) -> Iterator[tuple[str, str]]:
    """Yield the two sides of each cause that a claim tells of."""
    if match := _DUE_TO.search(claim):
        before, after = claim[: match.start()], claim[match.end() :]
        if before.strip(" ,;"):
            yield after, before
        elif "," in after:
            cause, _, effect = after.partition(",")
            yield cause, effect
        else:
            words = after.split()
            yield " ".join(words[:3]), " ".join(words[3:])
    if match := _LED_TO.search(claim):
        yield claim[: match.start()], claim[match.end() :]
    if match := _MY_THING.match(claim):
        yield match["cause"], claim[match.end() :]
