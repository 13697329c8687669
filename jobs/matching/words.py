"""The words of a text that carry meaning, as stems, to compare what the lexicon does not know."""

import re
from functools import cache, lru_cache

import snowballstemmer

_WORD = re.compile(r"[^\W\d_]{3,}")
_STEMMERS = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "nl": "dutch", "pt": "portuguese", "pl": "polish",
}  # fmt: skip
# Words that any two texts about work share, and words that tell a person's sex.
_EMPTY_WORDS = frozenset(
    re.findall(
        r"\w+",
        """the and for with our you your are will this that from have has was were not but all any can other their they them his her she him
        hers its who what when where which into out over more than such well also able ability work working works job role years year
        experience experienced skills skill knowledge strong good excellent required requirements preferred must including related field
        new use using used etc one two three plus least minimum own per within across under through both each various help ensure provide
        support team teams practice practices practical know knows known familiar familiarity understanding proficiency proficient relevant
        similar professional demonstrated previous prior proven solid minimum role roles position positions hands comparable
        und oder der die das des dem den ein eine einer eines einem mit für von bei auf aus zur zum als auch wie ist sind sie wir ihre unser
        sowie sein seine ihr nach über unter durch berufserfahrung praxis praktische vergleichbare vergleichbaren einschlägige einschlägiger jahre jahren erfahrung kenntnisse gute sehr arbeit mehrere
        les des une pour dans avec sur par vous nous votre notre est sont aux ses son expérience années travail bonne très
        los las una uno para con por del que sus experiencia años trabajo buen bueno muy como más
        per delle degli dei che esperienza anni lavoro
        oraz dla jest się nie doświadczenie lat praca pracy""",
    )
)


def stems_of(text: str, language: str) -> frozenset[str]:
    """Return the stems of the words that carry meaning; where there is no stemmer for a language, the words."""
    words = (match.group().casefold() for match in _WORD.finditer(text))
    return frozenset(_stem(word, language) for word in words if word not in _EMPTY_WORDS)


@lru_cache(maxsize=20_000)
def _stem(word: str, language: str) -> str:
    return str(_stemmer(_STEMMERS[language]).stemWord(word)) if language in _STEMMERS else word


@cache
def _stemmer(name: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(name)
