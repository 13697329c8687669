"""The words of a text that carry meaning, as stems, to compare what the lexicon does not know."""

import re
from collections.abc import Iterable
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

# Words of many demands and many jobs: two texts that share only such a word speak of different things (`risk management`, `project manager`).
_GENERAL_WORDS = frozenset(
    re.findall(
        r"\w+",
        """management manager manage managing managed project projects process processes service services system systems development develop developing developer
        design product products customer customers client clients business operation operations planning plan plans quality control administration
        administrative technical software tool tools data information environment environments general internal external company
        coordination coordinate organisation organization organise organize reporting report reports analysis solution solutions task tasks activity activities
        training technology technologies technique techniques method methods standard standards daily high level time
        verwaltung projekt projekte projekten prozess prozesse prozessen kunden kundinnen entwicklung planung steuerung durchführung aufgaben bereich bereichen technische technischen
        betreuung unterstützung organisation qualität lösungen systeme systemen unternehmen umgang
        gestion projet projets client clients service services développement suivi analyse mise qualité système systèmes entreprise
        gestión proyecto proyectos cliente clientes servicio servicios desarrollo control análisis calidad sistema sistemas empresa
        gestione progetto progetti cliente clienti servizio servizi sviluppo controllo analisi qualità sistemi azienda
        zarządzanie projekt projektów klient klienta klientów obsługa obsługi rozwój kontrola systemów firmy
        beheer klant klanten ontwikkeling projecten systemen kwaliteit gestão projeto projetos serviço serviços desenvolvimento qualidade""",
    )
)
_GENERAL_WEIGHT = 0.5


def weight_of(stems: Iterable[str], language: str) -> float:
    """Return how much some stems say together: a general word counts half of another."""
    general = _general_stems(language)
    return sum(_GENERAL_WEIGHT if stem in general else 1.0 for stem in stems)


@cache
def _general_stems(language: str) -> frozenset[str]:
    return frozenset(_stem(word, language) for word in _GENERAL_WORDS)


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
