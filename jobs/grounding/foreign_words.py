"""What texts in French, Spanish, Italian, Portuguese, Dutch and Polish speak of: their numbers, words and names, and whom they tell of."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from cv.facts import Fact
from jobs.grounding.base import Base
from jobs.grounding.concepts import mentions_in
from jobs.grounding.crosswords import CrossVocabulary, bare, meanings, small_words
from jobs.grounding.quantities import SCALES, quantities
from jobs.grounding.tongues import TONGUES, Tongue, found_in
from jobs.grounding.words import Token, tokens

_DUTY_WORDS = frozenset(["responsable", "responsables", "responsabile", "responsavel", "verantwoordelijk", "odpowiedzialna", "odpowiedzialny", "odpowiadalam", "odpowiadalem"])  # fmt: skip
# How much of two words' beginnings has to be the same for one to be made from the other.
_KIN = 5
# Past forms of the first person that need no pronoun.
_DID = {"es": re.compile(r"\w{3,}(?:é|í)"), "pt": re.compile(r"\w{3,}(?:ei|i)"), "pl": re.compile(r"\w{3,}(?:łem|łam)")}
# From how many unknown words on a claim across languages needs a word that the CV bears.
UNKNOWN = 2
_SHORT = 2
_EACH = (
    r"(?:par|chaque|tou(?:s|tes) les|al?l['’]|l['’]|al|a la|por|cada|alla|ogni|a|ao|à|per|elke|iedere|na|co|każd\w+)"
)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
# "Une soixantaine de": about sixty.
_COLLECTIVES = {
    "dizaine": 10, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100, "douzaine": 12,
    "decena": 10, "quincena": 15, "veintena": 20, "treintena": 30, "cuarentena": 40, "cincuentena": 50, "centenar": 100, "docena": 12,
    "decina": 10, "quindicina": 15, "ventina": 20, "trentina": 30, "quarantina": 40, "cinquantina": 50, "sessantina": 60, "centinaio": 100, "dozzina": 12,
    "dezena": 10, "vintena": 20, "trintena": 30, "centena": 100, "duzia": 12,
    "tiental": 10, "vijftiental": 15, "twintigtal": 20, "dertigtal": 30, "veertigtal": 40, "vijftigtal": 50, "zestigtal": 60, "honderdtal": 100, "dozijn": 12,
}  # fmt: skip
_COLLECTIVE = re.compile(
    r"(?<!\w)(?:une|una|un|uma|um|een) (?P<name>[^\W\d]+(?:aine|ena|enar|ina|aio|tal|dozijn|úzia|ena))(?: d['’]| de | di |\s)",
    re.IGNORECASE,
)
_LARGER = {
    word: value
    for words in (
        "14:quatorze 15:quinze 16:seize 20:vingt 30:trente 40:quarante 50:cinquante 60:soixante 80:quatre-vingts 100:cent 13:treize",
        "13:trece 14:catorce 15:quince 16:dieciséis 18:dieciocho 20:veinte 30:treinta 40:cuarenta 50:cincuenta 60:sesenta 70:setenta 80:ochenta 90:noventa 100:cien",
        "13:tredici 14:quattordici 15:quindici 16:sedici 18:diciotto 20:venti 30:trenta 40:quaranta 50:cinquanta 60:sessanta 70:settanta 80:ottanta 90:novanta 100:cento",
        "13:treze 14:catorze 15:quinze 20:vinte 30:trinta 40:quarenta 50:cinquenta 60:sessenta 70:setenta 80:oitenta 90:noventa 100:cem 2:duas",
        "13:dertien 14:veertien 15:vijftien 20:twintig 30:dertig 40:veertig 50:vijftig 60:zestig 70:zeventig 80:tachtig 90:negentig 100:honderd",
        "2:dwie 2:dwóch 2:dwoma 2:dwiema 2:dwaj 2:dwoje 3:trzech 3:trzema 3:trzej 4:czterech 4:czterema 4:czterej 5:pięciu 6:sześciu 7:siedmiu 8:ośmiu 9:dziewięciu 10:dziesięciu",
        "12:dwunastu 15:piętnastu 15:piętnaście 20:dwudziestu 20:dwadzieścia 30:trzydzieści 30:trzydziestu 40:czterdzieści 40:czterdziestu 50:pięćdziesiąt 50:pięćdziesięciu 100:stu",
    )
    for value, word in ((int(entry.split(":")[0]), entry.split(":")[1]) for entry in words.split())
}
_WORDS_FOR_NUMBERS = re.compile(
    rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, _LARGER), key=len, reverse=True))})(?!\w)", re.IGNORECASE
)
# Adjectives and adverbs of frequency by what they say in English.
_HOW_OFTEN = {
    "weekly": r"(?:w|na) tygodni\w+|hebdomadaires?|hebdomadairement|semanal(?:es|mente)?|semanais|settimanal\w+|wekelijks\w*|tygodniow\w+|cotygodniow\w+",
    "monthly": r"mensuel\w*|mensual(?:es|mente)?|mensil\w+|mensal(?:mente)?|mensais|maandelijks\w*|miesięczn\w+|comiesięczn\w+",
    "daily": r"quotidien\w*|diari[oa]s?|diariamente|quotidian\w+|giornalier\w+|diári[oa]s?|dagelijks\w*|dzienn\w+|codzienn\w+",
    "yearly": r"annuel\w*|anual(?:es|mente)?|anuais|annual\w+|annu[oaie]|(?:w|na) roku?(?! \d)|jaarlijks\w*|roczn\w+|coroczn\w+",
}
_FREQUENCIES = {"years": "yearly", "months": "monthly", "weeks": "weekly", "days": "daily", "hours": "hourly"}
AT_DISPOSAL = re.compile(
    r"\b(?:(?:je suis|quedo|fico|sono) )?(?:à votre disposition|a su disposición|a (?:vostra )?disposizione|à (?:sua |vossa )?disposição)\b",
    re.IGNORECASE,
)
_WORDS_THAT_NAME_NOTHING = frozenset(
    [
        "cv",
        "madame",
        "monsieur",
        "monsieur",
        "señor",
        "señora",
        "sr",
        "sra",
        "signor",
        "signora",
        "senhor",
        "senhora",
        "meneer",
        "mevrouw",
        "pan",
        "pani",
        "państwo",
        "państwa",
        "państwu",
        "państwem",
        "vous",
        "votre",
        "vos",
    ]
)


def in_english_units(facts: Sequence[Fact], language: str) -> list[Fact]:
    """Return facts with number words as digits and units of time in English, as claims in that language are compared."""
    return [replace(fact, text=counted_in(fact.text, TONGUES[language])) for fact in facts]


@lru_cache(maxsize=5_000)
def marks_of(text: str, language: str) -> frozenset[str]:
    """Return what tells which lines of a CV a text in `language`, or a line for one, speaks of: meanings, stems and numbers."""
    counted = counted_in(text, TONGUES[language])
    found = {f"number {number.value:g}" for number in quantities(counted)}
    found |= {f"skill {mention.concept}" for mention in mentions_in(text)}
    for token in tokens(text):
        if not says_nothing(token, language):
            found |= {f"means {number}" for number in meanings(token.word, language)} or {bare(token.word)}
    return frozenset(found)


@lru_cache(maxsize=5_000)
def line_marks(text: str, language: str) -> frozenset[str]:
    """Return the marks of a CV's line, in whatever language, for claims in `language`."""
    words = CrossVocabulary([text], language)
    return marks_of(text, language) | words.words | {f"means {number}" for number in words.meanings}


def nearest(counted: str, base: Base, language: str) -> list[Fact]:
    """Return the facts that share most with a claim; all that tie, and all where none shares anything."""
    wanted = marks_of(counted, language)
    scored = [(len(wanted & line_marks(fact.text, language)), fact) for fact in base.facts]
    best = max((score for score, _ in scored), default=0)
    return [fact for score, fact in scored if score == best]


def lines_nearest(piece: str, base: Base, language: str) -> list[str]:
    """Return the lines nearest to a piece of a claim; none where no line shares anything with it."""
    counted = counted_in(piece, TONGUES[language])
    wanted = marks_of(counted, language)
    facts = nearest(counted, base, language)
    return [fact.text for fact in facts if wanted & line_marks(fact.text, language)]


def told(text: str, language: str) -> frozenset[str]:
    """Return what a text speaks of, by stems and meanings."""
    words = CrossVocabulary([token.text for token in tokens(text) if not says_nothing(token, language)], language)
    return frozenset({f"stem {one}" for one in words.stems} | {f"means {number}" for number in words.meanings})


def says_nothing(token: Token, language: str) -> bool:
    """Whether a word states nothing about the applicant, or is a number, which other checks compare."""
    plain = bare(token.word)
    tongue = TONGUES[language]
    is_counted = (
        token.word in tongue.numbers.split()
        or token.word in tongue.months.split()
        or token.word in _LARGER
        or token.word in SCALES
        or plain in _COLLECTIVES
    )
    return (
        len(plain) <= _SHORT
        or plain in _DUTY_WORDS
        or is_counted
        or plain in small_words(language)
        or plain in _WORDS_THAT_NAME_NOTHING
    )


def speaks_of_oneself(claim: str, language: str) -> bool:
    """Whether a sentence tells what the writer does or did: a verb of the first person that stands in the list of words of work."""
    tongue = TONGUES[language]
    acts = re.finditer(rf"(?<!\w)(?:{tongue.acts})(?!\w)", claim, re.IGNORECASE)
    does = any(
        is_act(token.word, language) and not says_nothing(token, language)
        for act in acts
        for token in tokens(act.group())
    )
    return does or found_in(tongue.of_oneself, claim) is not None


def is_act(word: str, language: str) -> bool:
    """Whether a word tells of something that one does or did."""
    return bool(meanings(word, language)) or (language in _DID and _DID[language].fullmatch(word) is not None)


# Who is spoken to, in each language; a sentence to the reader tells of the job or of a wish.
_TO_READER = {
    "fr": r"vous|votre|vos|veuillez|merci|cordialement|salutations|annonce|candidature|entretien|lettre|souhaite\w*|aimerais|serais|serai\w*|pourrais|espère|attends?",
    "es": r"usted(?:es)?|su (?:empresa|equipo|oferta|anuncio|atención|respuesta)|les|anuncio|oferta|candidatura|entrevista|carta|atentamente|saludos|gracias|gustaría|agradecería|quisiera|desearía|espero|estaría|podría",
    "it": r"vi|voi|vostr[oaie]|loro|la vostra|annuncio|candidatura|colloquio|lettera|cordiali|saluti|grazie|vorrei|desidero|piacerebbe|spero|sarei|potrei|attesa",
    "pt": r"vós|vosso|vossa|vossos|vossas|lhes?|anúncio|candidatura|entrevista|carta|cumprimentos|atenciosamente|obrigad[oa]|gostaria|desejo|desejaria|espero|estaria|poderia|teria",
    "nl": r"u|uw|jullie|vacature|sollicitatie|gesprek|brief|groet(?:en)?|dank|graag|zou|zouden|wil|hoop|kijk uit",
    "pl": r"pan|pani|państwo|państwa|państwu|państwem|ogłoszeni\w+|aplikacj\w+|kandydatur\w+|rozmow\w+|list\w*|poważaniem|pozdraw\w+|dziękuję|chciał\w+|chętnie|mam nadzieję|proszę",
}  # fmt: skip


def is_statement(claim: str, language: str) -> bool:
    """Whether a sentence that names no writer tells of the writer nonetheless, as a line of a CV does: it speaks neither to a reader nor of the application."""
    said = AT_DISPOSAL.sub(" ", claim)
    words = [token for token in tokens(said) if not says_nothing(token, language)]
    return len(words) >= UNKNOWN and not found_in(_TO_READER[language], claim) and not applies(claim, language)


def has_foreign_content(claim: str, language: str) -> bool:
    """Whether a sentence says anything of the applicant that a CV could bear."""
    tongue = TONGUES[language]
    said = AT_DISPOSAL.sub(" ", claim)
    patterns = (tongue.of_oneself, tongue.praise, *tongue.ladder.values())
    is_factual = bool(quantities(said) or mentions_in(said) or list(names_in(said))) or speaks_of_oneself(
        said, language
    )
    is_factual = is_factual or is_statement(claim, language)
    return is_factual or any(found_in(pattern, said) for pattern in patterns)


# The post that one has, or had, is not the one applied for.
_OWN_POST = re.compile(
    r"(?<!\w)(?:mon (?:dernier |ancien )?poste|mi (?:último |anterior )?puesto|mio (?:ultimo |precedente )?(?:posto|ruolo|lavoro)|minha (?:última |anterior )?função|"
    r"mijn (?:huidige |vorige |laatste |eerste )?(?:functie|baan)|(?:poste|puesto|ruolo|posto|cargo|função) (?:actuel|actual|attuale|atual)|(?:moje|moim|mojej) (?:\w+ )?(?:stanowisk\w+|pracy))(?!\w)",
    re.IGNORECASE,
)


def applies(claim: str, language: str) -> bool:
    """Whether a sentence speaks of applying, so that it may name what is applied for."""
    return found_in(TONGUES[language].applies, _OWN_POST.sub(" ", claim)) is not None


def counted_in(text: str, tongue: Tongue) -> str:
    """Return a text with number words as digits; months before a year, and units of time behind numbers and in frequencies, in English."""
    said = text
    for name, month in zip(tongue.months.split(), _MONTHS, strict=True):
        said = re.sub(rf"(?<!\w){name}(?: de)? (?=(?:19|20)\d\d)", f"{month} ", said, flags=re.IGNORECASE)
    said = _COLLECTIVE.sub(lambda match: f"about {_COLLECTIVES[bare(match['name'])]} ", said)
    said = _WORDS_FOR_NUMBERS.sub(lambda match: str(_LARGER[match.group().lower()]), said)
    for value, word in enumerate(tongue.numbers.split(), start=2):
        said = re.sub(rf"(?<!\w){word}(?!\w)", str(value), said, flags=re.IGNORECASE)
    for often, pattern in _HOW_OFTEN.items():
        said = re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", often, said, flags=re.IGNORECASE)
    for unit, pattern in tongue.units.items():
        if unit in _FREQUENCIES:
            said = re.sub(rf"(?<!\w){_EACH}\s?(?:{pattern})(?!\w)", _FREQUENCIES[unit], said, flags=re.IGNORECASE)
        said = re.sub(rf"(?<=\d )(?:{pattern})(?!\w)", unit, said, flags=re.IGNORECASE)
    return said


def is_kin(one: str, other: str) -> bool:
    """Whether two words begin so much alike that one may be made from the other."""
    left, right = bare(one), bare(other)
    return len(left) >= _KIN and left[:_KIN] == right[:_KIN]


def names_in(claim: str) -> Iterator[Token]:
    """Yield what is written like a name inside a sentence."""
    words = tokens(claim)
    for index, token in enumerate(words):
        before = claim[: token.start].rstrip()[-1:]
        starts = index == 0 or before in {".", "!", "?", ":", "«", "„", "“"}
        is_capital = token.text[0].isupper() and not starts
        if (
            (is_capital or any(c.isupper() for c in token.text[1:]))
            and token.word not in _WORDS_THAT_NAME_NOTHING
            and not token.text[0].isdigit()
        ):
            yield token
