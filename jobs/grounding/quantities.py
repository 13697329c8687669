"""Numbers in a text: value, unit and bound, in the notations that CVs and letters use.

A number is compared by value, so `94,772`, `94.772` (German) and `94 772` are the same, `$550K` is 550,000 dollars and `thirty per cent` is
30 %. Numbers inside names (`ISO 9001`, `B2B`, `Python3`) count as part of the name and, where they stand alone, as plain numbers.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

UNITS_EN = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
UNITS_DE = "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"
TENS_EN = "twenty thirty forty fifty sixty seventy eighty ninety"
TENS_DE = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"

WORD_VALUES: dict[str, int] = {"dozen": 12, "dutzend": 12, "score": 20}
for _names in (UNITS_EN, UNITS_DE):
    WORD_VALUES.update({name: value for value, name in enumerate(_names.split(), start=1)})
for _names in (TENS_EN, TENS_DE):
    WORD_VALUES.update({name: 10 * value for value, name in enumerate(_names.split(), start=2)})
# "One" and "eins" are pronouns more often than numbers.
for _pronoun in ("one", "eins", "score"):
    del WORD_VALUES[_pronoun]
for _tens, _units, _joint in ((TENS_EN, UNITS_EN, "{tens}-{unit}"), (TENS_DE, UNITS_DE, "{unit}und{tens}")):
    for _tens_value, _ten in enumerate(_tens.split(), start=2):
        for _unit_value, _digit in enumerate(_units.split()[:9], start=1):
            _name = _joint.format(tens=_ten, unit="ein" if _digit == "eins" else _digit)
            WORD_VALUES[_name] = 10 * _tens_value + _unit_value
MULTIPLES = {"double": 2, "doubled": 2, "doubling": 2, "twice": 2, "twofold": 2, "verdoppelt": 2, "verdoppelte": 2, "triple": 3, "tripled": 3, "tripling": 3, "threefold": 3, "verdreifacht": 3, "quadrupled": 4, "tenfold": 10, "halved": 0.5, "half": 0.5, "halving": 0.5, "halbiert": 0.5, "hälfte": 0.5, "quarter": 0.25}  # fmt: skip
SCALES = {"k": 10**3, "thousand": 10**3, "tausend": 10**3, "tsd": 10**3, "m": 10**6, "mm": 10**6, "mn": 10**6, "mio": 10**6, "million": 10**6, "millions": 10**6, "mila": 10**3, "mille": 10**3, "mil": 10**3, "duizend": 10**3, "tys": 10**3, "tysięcy": 10**3, "tysiąca": 10**3, "tysiące": 10**3, "milioni": 10**6, "milione": 10**6, "millones": 10**6, "millón": 10**6, "milhões": 10**6, "milhão": 10**6, "miljoen": 10**6, "mln": 10**6, "milionów": 10**6, "miliona": 10**6, "miliony": 10**6, "millionen": 10**6, "hundred": 100, "hundert": 100, "b": 10**9, "bn": 10**9, "mrd": 10**9, "billion": 10**9, "milliarden": 10**9, "milliarde": 10**9}  # fmt: skip
CURRENCIES = {"$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP", "pounds": "GBP", "chf": "CHF", "franken": "CHF", "¥": "JPY", "zł": "PLN", "pln": "PLN"}  # fmt: skip

# "A third of" is a share; the bare word may be an ordinal or three months.
FRACTIONS = re.compile(
    r"\b(?:(?P<count>one|two|three|an?)[ -](?P<part>third|quarter|fifth|tenth)s?(?= of| complete\w*| done| finished| fewer| less| more| lower| higher|\W*$|\b(?=[,.;]))|(?P<half>half(?= of| the| as)))",
    re.IGNORECASE,
)
# "By a third" is a share whatever follows.
BY_FRACTION = re.compile(
    r"\b(?:by|um) (?:(?:about|around|roughly|almost|nearly|over|more than|just under|etwa|rund|fast|knapp|gut|über|mehr als) )?"
    r"(?P<share>(?P<count>one|two|three|an?|ein(?:en)?|zwei|drei)[ -](?P<part>third|quarter|fifth|tenth|drittel|viertel|fünftel|zehntel)s?)\b",
    re.IGNORECASE,
)
GERMAN_FRACTION = re.compile(
    r"\b(?P<share>(?P<count>ein(?:en|em)?|zwei|drei) (?P<part>drittel|viertel|fünftel|zehntel)n?)\b(?! (?:stunde|jahr))",
    re.IGNORECASE,
)
_PARTS = {"third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0, "drittel": 100 / 3, "viertel": 25.0, "fünftel": 20.0, "zehntel": 10.0}  # fmt: skip
_WORDS = "|".join(sorted((*WORD_VALUES, *MULTIPLES), key=len, reverse=True))
_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
_MONEY = "|".join(re.escape(sign) for sign in sorted(CURRENCIES, key=len, reverse=True))
_DIGITS = r"\d{1,3}(?:[,.'’\u00a0\u202f ]\d{3})+(?![\d])(?:[.,]\d+)?|\d+(?:[.,]\d+)*"
QUANTITY = re.compile(
    rf"(?<![\w.])(?P<sign>{_MONEY})?\s?(?P<number>{_DIGITS}|(?:{_WORDS})(?!\w))"
    rf"(?:\s?(?P<scale>{_SCALE})(?!\w)(?:\.(?=\s?[€$£]|\s?euro))?)?(?P<plus>\s?\+)?"
    rf"\s?(?P<unit>%|percentage points?|points? de pourcentage|puntos porcentuales|punti percentuali|pontos percentuais|procentpunt(?:en)?|punkt\w* procentow\w+|per\s?cent[oi]?|pour\s?cent|por\s?cient[oa]|por\s?cento|procent|procenta?|prozentpunkte|prozent|{_MONEY}|x(?!\w)|×|-?fold|fach)?",
    re.IGNORECASE,
)


class Bound(StrEnum):
    """How a number is meant: exactly, more than, at most, or about."""

    EXACT = "exact"
    LOWER = "over"
    AT_LEAST = "at least"
    UPPER = "up to"
    ABOUT = "about"


BOUND_WORDS: dict[Bound, str] = {
    Bound.AT_LEAST: r"(?:at (?:the )?least|no (?:less|fewer) than|a minimum of|>=|≥|mindestens|wenigstens|au moins|al menos|almeno|pelo menos|minstens|co najmniej)",
    Bound.LOWER: r"(?:(?<!not )(?<!just )over|(?<!no )(?<!not )more than|above|beyond|exceeding|upwards of|in excess of|>|über|mehr als|plus de|más de|più di|oltre|mais de|meer dan|ruim|boven|supérieure?s? à|superior(?:es)? a|superiore a|superior a|hoger dan|ponad|więcej niż|powyżej|większ\w+ niż)",
    Bound.UPPER: r"(?:up to|as (?:many|much) as|no more than|(?<!just )under|less than|below|at most|fewer than|max\.?|maximum|<=?|≤|bis zu|unter|weniger als|höchstens|maximal|inférieure?s? à|moins de|sous(?: les?)?|jusqu['’]à|inferior(?:es)? a|menos de|hasta|inferiore a|(?:al |di )?massimo(?: di)?|(?:como |de |un )?máximo(?: de)?|no máximo|maximaal|au (?:plus|maximum)|maksymalnie|maks\.?|meno di|sotto(?: il)?|fino a|al massimo|até|abaixo de|minder dan|onder|tot|hooguit|lager dan|poniżej|mniej niż|co najwyżej|do|mniejsz\w+ niż)",
    Bound.ABOUT: r"(?:about|approx\.?|approximately|around|roughly|circa|ca\.?|some|nearly|almost|close to|just (?:under|over)|in the region of|~|≈|etwa|rund|ungefähr|circa|zirka|gut|fast|knapp|an estimated|environ|près d['’e]|env\.|quelque|presque|alrededor de|aproximadamente|unos|unas|cerca de|casi|quasi|circa|quase|uns|umas|ongeveer|zo'n|bijna|około|ok\.|blisko|prawie|mniej więcej)",
}
_BOUNDS = tuple(
    (
        bound,
        re.compile(
            rf"(?:^|(?<=[\s(~<>≈≥≤])|(?<=\W)){words}\s?(?:a |an |the |einem |einer )?(?:{_MONEY})?\s?$", re.IGNORECASE
        ),
    )
    for bound, words in BOUND_WORDS.items()
)


# "Ich half" and "half ich": helped.
_HELPED = re.compile(
    r"half (?:ich|bei|beim|mit|den|dem|der|in|im|an|auf|beim|dort|als|ihr|ihm)\b|(?<=ich )half\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a text. `unit` is `%`, `pp`, `x`, a currency's ISO 4217 code or empty; `text` is as written."""

    value: float
    unit: str
    bound: Bound
    text: str
    start: int
    end: int

    @property
    def key(self) -> tuple[float, str]:
        """What is compared: value and unit."""
        return round(self.value, 6), self.unit


def quantities(text: str) -> list[Quantity]:
    """Return the numbers of a text, in its order."""
    return list(_quantities(text))


@lru_cache(maxsize=10_000)
def _quantities(text: str) -> tuple[Quantity, ...]:
    found = [
        Quantity(_share(match), "%", _bound_of_share(text[: match.start()]), match.group(), match.start(), match.end())
        for match in FRACTIONS.finditer(text)
    ]
    for pattern in (BY_FRACTION, GERMAN_FRACTION):
        for match in pattern.finditer(text):
            start, end = match.span("share")
            if not any(share.start < end and start < share.end for share in found):
                found.append(
                    Quantity(
                        _PARTS[match["part"].lower()] * _count(match),
                        "%",
                        _bound_of_share(text[:start]),
                        match["share"],
                        start,
                        end,
                    )
                )
    shares = [(share.start, share.end) for share in found]
    for match in QUANTITY.finditer(text):
        if any(start <= match.start("number") < end for start, end in shares):
            continue
        word = match["number"].lower()
        if word == "half" and _HELPED.match(text, match.start("number")):
            continue
        value = WORD_VALUES.get(word, MULTIPLES.get(word))
        if value is None:
            value = parse_number(match["number"])
        value *= SCALES[match["scale"].lower()] if match["scale"] else 1
        unit = "x" if word in MULTIPLES else _unit(match)
        bound = Bound.LOWER if match["plus"] else _bound(text[: match.start()])
        found.append(Quantity(float(value), unit, bound, match.group().strip(), match.start(), match.end()))
    return tuple(_with_unit_of_end(sorted(found, key=lambda quantity: quantity.start), text))


# "From 20 to 65 per cent" gives the unit once.
_TO = re.compile(
    r"\s?(?:to|auf|bis|à|au|a|al|para|naar|tot|do|na)\s?(?:(?:about|around|over|rund|etwa|circa|environ|unos|około)\s?)?",
    re.IGNORECASE,
)
_FROM = re.compile(r"\b(?:from|von|de|du|da|dal|do|van|z|ze|od)\s?$", re.IGNORECASE)


def _with_unit_of_end(found: list[Quantity], text: str) -> list[Quantity]:
    """Return numbers with the per cent of the end of a range given to its beginning."""
    for place, (one, other) in enumerate(pairwise(found)):
        is_range = _TO.fullmatch(text[one.end : other.start]) and _FROM.search(text[: one.start])
        if is_range and other.unit == "%" and not one.unit:
            found[place] = replace(one, unit="%")
    return found


def _bound_of_share(before: str) -> Bound:
    """Return how a share in words is meant: nobody means a third to the digit."""
    bound = _bound(before)
    return Bound.ABOUT if bound == Bound.EXACT else bound


def _share(match: re.Match[str]) -> float:
    return 50.0 if match["half"] else _count(match) * _PARTS[match["part"].lower()]


def _count(match: re.Match[str]) -> int:
    return {"two": 2, "three": 3, "zwei": 2, "drei": 3}.get(match["count"].lower(), 1)


def parse_number(text: str) -> float:
    """Read a number in English or German notation; three digits after a single sign are a thousand's group."""
    bare = re.sub(r"['’\u00a0\u202f ]", "", text)
    marks = [sign for sign in bare if sign in ".,"]
    if not marks:
        return float(bare)
    last = max(bare.rfind("."), bare.rfind(","))
    decimals = bare[last + 1 :]
    is_grouped = len(set(marks)) == 1 and len(decimals) == 3 and not bare.startswith("0")
    if is_grouped or (len(set(marks)) == 1 and len(marks) > 1):
        return float(re.sub(r"[.,]", "", bare))
    return float(re.sub(r"[.,]", "", bare[:last]) + "." + decimals)


def _unit(match: re.Match[str]) -> str:
    if match["sign"]:
        return CURRENCIES[match["sign"].lower()]
    unit = (match["unit"] or "").lower()
    if unit in CURRENCIES:
        return CURRENCIES[unit]
    if unit.startswith(("percentage", "prozentp", "procentp", "point", "punto", "punti", "ponto", "punkt")):
        return "pp"
    if unit == "%" or unit.startswith(("per", "pour", "por", "proc", "proz")):
        return "%"
    return "x" if unit else ""


def _bound(before: str) -> Bound:
    return next((bound for bound, pattern in _BOUNDS if pattern.search(before)), Bound.EXACT)
