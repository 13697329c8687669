"""Claims in French, Spanish, Italian, Portuguese, Dutch and Polish, held against lines of the CV in whatever language they are.

Numbers, names, dates, skills, languages, rungs of responsibility, ranks, degrees and praise are compared as in English. Other words are
compared by their stems where the CV is in the claim's language, and by the meanings of `crosswords.txt` everywhere: a word of work that
is listed there needs a line that means it. A word that is neither listed nor in the CV passes only across languages, beside others that
the CV bears.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from cv.facts import Fact
from jobs.grounding.base import Base
from jobs.grounding.concepts import known_and_foreign, mentions_in
from jobs.grounding.crosswords import CrossVocabulary, bare, meanings, small_words
from jobs.grounding.lexicon import DEGREES, FLUENCY, SENIORITY
from jobs.grounding.numbers import CHANGE_ABROAD, CHANGE_PATTERN, value_problems
from jobs.grounding.quantities import SCALES, quantities
from jobs.grounding.releases import release_problems
from jobs.grounding.scope import CONTRIBUTED, HELPED, OWNED, scope_verbs
from jobs.grounding.tongues import TONGUES, Tongue, found_in
from jobs.grounding.words import Token, parts, tokens

FLUENT = 5
# "Responsible for" the very work that a line names says no more than the line; what that work is, the other checks compare.
_DUTIES = r"responsable (?:de|du|des|de la|d['’]\w+)|responsable de|responsabile (?:di|del\w*)|responsável (?:pel[ao]s?|por)|verantwoordelijk voor|odpowiedzialn\w+ za|odpowiadał\w+ za"
_DUTY_WORDS = frozenset(["responsable", "responsables", "responsabile", "responsavel", "verantwoordelijk", "odpowiedzialna", "odpowiedzialny", "odpowiadalam", "odpowiadalem"])  # fmt: skip
# How much of two words' beginnings has to be the same for one to be made from the other.
_KIN = 5
_JOINT = re.compile(r"[,;:]|\s(?:et|y|e|ed|en|i|oraz|ainsi que|así como|nonché|bem como|alsmede)\s", re.IGNORECASE)
# Past forms of the first person that need no pronoun.
_DID = {"es": re.compile(r"\w{3,}(?:é|í)"), "pt": re.compile(r"\w{3,}(?:ei|i)"), "pl": re.compile(r"\w{3,}(?:łem|łam)")}
# From how many unknown words on a claim across languages needs a word that the CV bears.
UNKNOWN = 2
_SHORT = 2
_EACH = r"(?:par|chaque|tou(?:s|tes) les|al?l['’]|l['’]|al|a la|por|cada|alla|ogni|ao|à|per|elke|iedere|na|co|każd\w+)"
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
    return [replace(fact, text=_counted(fact.text, TONGUES[language])) for fact in facts]


def foreign_problems(claim: str, base: Base, language: str, *, cv_language: str) -> list[tuple[str, bool]]:
    """Return what is wrong with a claim in one of `TONGUES`, each with whether the person may confirm it.

    The facts of `base` are those of `in_english_units`.
    """
    tongue = TONGUES[language]
    counted = _counted(claim, tongue)
    said = AT_DISPOSAL.sub(" ", claim)
    line = Base(_nearest(counted, base, language), base.today)
    problems = [
        *value_problems(counted, base),
        *release_problems(counted, base),
        *_frequency_problems(counted, Base([*line.facts, *_quoted(counted, base)], base.today)),
        *_rank_problems(claim, base, tongue),
        *_rung_problems(claim, base, language),
        *_help_problems(claim, line, language),
        *_hedge_problems(claim, line, language),
        *_counted_problems(counted, base, language),
        *_direction_problems(claim, line, language),
        *_first_problems(counted, base),
        *_step_problems(counted, base),
    ]
    named, foreign = known_and_foreign(said, base.texts)
    problems += [
        f"“{skill}” is a skill that the cited lines do not name."
        for skill in foreign
        if not _is_said(skill, base, language)
    ]
    problems += [
        f"“{name.text}” is not in the cited lines of the CV."
        for name in _names(claim)
        if name.start not in named and not _is_known(name, base)
    ]
    found = [(message, False) for message in problems]
    if speaks_of_oneself(said, language) or is_statement(claim, language):
        found += [(m, True) for m in _word_problems(said, base, language, named, is_same=cv_language == language)]
    if not found and found_in(tongue.of_oneself, said) and not _rests_on(counted, base, language):
        found.append(("Nothing that this says of you was found in the CV.", True))
    return found


@lru_cache(maxsize=5_000)
def marks_of(text: str, language: str) -> frozenset[str]:
    """Return what tells which lines of a CV a text in `language`, or a line for one, speaks of: meanings, stems and numbers."""
    counted = _counted(text, TONGUES[language])
    found = {f"number {number.value:g}" for number in quantities(counted)}
    found |= {f"skill {mention.concept}" for mention in mentions_in(text)}
    for token in tokens(text):
        if not _says_nothing(token, language):
            found |= {f"means {number}" for number in meanings(token.word, language)} or {bare(token.word)}
    return frozenset(found)


@lru_cache(maxsize=5_000)
def line_marks(text: str, language: str) -> frozenset[str]:
    """Return the marks of a CV's line, in whatever language, for claims in `language`."""
    words = CrossVocabulary([text], language)
    return marks_of(text, language) | words.words | {f"means {number}" for number in words.meanings}


def _nearest(counted: str, base: Base, language: str) -> list[Fact]:
    """Return the facts that share most with a claim; all that tie, and all where none shares anything."""
    wanted = marks_of(counted, language)
    scored = [(len(wanted & line_marks(fact.text, language)), fact) for fact in base.facts]
    best = max((score for score, _ in scored), default=0)
    return [fact for score, fact in scored if score == best]


def _quoted(counted: str, base: Base) -> list[Fact]:
    """Return the facts that a claim repeats word for word, as a list of tasks does with several."""
    said = counted.casefold()
    return [fact for fact in base.facts if fact.text and fact.text.casefold().rstrip(".;") in said]


# What tells that something is not done, or not yet; and in what words a claim may say so.
_NOT_YET = re.compile(
    r"(?<!\w)(?:prévue?s?|pas encore|en cours|à l['’]essai|en test|pilote|prototyp\w*|essais?|maquette|previst[oa]s?|todavía no|aún no|en curso|en pruebas?|piloto|prueba|non ancora|"
    r"in corso|in prova|pilota|prova|ainda não|em curso|em teste|teste|gepland\w*|nog niet|lopend\w*|proef\w*|planowan\w*|jeszcze nie|na razie|w toku|w trakcie|prób\w*|pilotaż\w*|"
    r"planned|not yet|pilot\w*|trial|in progress|geplant\w*|noch nicht|laufend\w*|projet|projeté\w*|proyecto|progetto|prevê\w*|będzie|ma być|sera|será|sarà|wordt|zal)(?!\w)",
    re.IGNORECASE,
)
_PIECE = re.compile(r"[;:(),]|\s(?:et|y|e|ed|en|i|oraz|mais|pero|ma|mas|maar|ale|dont|che)\s")


def _hedge_problems(claim: str, line: Base, language: str) -> Iterator[str]:
    """What the nearest lines only plan or try may not be told as done."""
    if _NOT_YET.search(claim):
        return
    wanted = marks_of(claim, language)
    for text in line.lines:
        pieces = [piece for piece in _PIECE.split(text) if piece.strip()]
        hedged = [piece for piece in pieces if _NOT_YET.search(piece)]
        plain = [piece for piece in pieces if piece not in hedged]
        open_marks = {mark for piece in hedged for mark in line_marks(piece, language)} & wanted
        if open_marks - {mark for piece in plain for mark in line_marks(piece, language)}:
            found = _NOT_YET.search(hedged[0])
            yield f"The CV says “{found.group() if found else ''}” of this, and the claim does not."
            return


def _counted_problems(counted: str, base: Base, language: str) -> Iterator[str]:
    """A number has to stand in a line that says what it counts, where some line of the scope says that."""
    for number in quantities(counted):
        behind = tokens(counted[number.end : number.end + 40])[:3]
        nouns = [token for token in behind if not _says_nothing(token, language) and not token.has_digit]
        lines = [text for text in base.lines if any(other.key == number.key for other in quantities(text))]
        if not nouns or not lines or _names_time(behind):
            continue
        words = nouns[:2]
        is_here = any(CrossVocabulary([text], language).has(noun.word) for text in lines for noun in words)
        is_there = CrossVocabulary(base.lines, language).has(words[0].word)
        if is_there and not is_here:
            yield f"“{number.text} {words[0].text}” is not what the CV counts."


def _names_time(words: Sequence[Token]) -> bool:
    return any(token.word in {"years", "months", "weeks", "days", "hours", "minutes", "seconds"} for token in words[:2])


# Which way something is compared or went, in the six languages, English and German.
_MORE = re.compile(
    r"(?<!\w)(?:augment\w*|hausse|accru\w*|progress\w+|supérieure?s?|aument\w*|crec\w+|incremen\w*|subi[óoe]\w*|superior(?:es)?|mont[ée]e?s?|pass[ée]e?s?|passat\w+|pasó|pasado|salit\w+|sal[ei]t[oa]|cresciut\w*|cresc\w+|increment\w*|superiore|"
    r"gestegen|stijg\w*|verhoog\w*|hoger|wzr[oa]\w*|zwiększ\w*|podnios\w*|powyżej|increas\w*|grew|raised|rose|gesteigert|erhöht\w*)(?!\w)", re.IGNORECASE,
)  # fmt: skip
_LESS = re.compile(
    r"(?<!\w)(?:rédui\w*|réduct\w*|baiss\w*|diminu\w*|ramené\w*|pass[ée]e?s?|passat\w+|pasó|pasado|inférieure?s?|reduc\w*|reduj\w*|dismin\w*|baj[óoé]|inferior(?:es)?|ridott\w*|riduz\w*|calat\w*|sces\w*|"
    r"inferiore|reduz\w*|desc[ei]\w*|verlaag\w*|vermind\w*|gedaald|dal\w+|lager|zmniejsz\w*|spad\w*|obniż\w*|skróc\w*|poniżej|reduc\w*|cut|lower\w*|fell|decreas\w*|gesenkt|reduzier\w*)(?!\w)",
    re.IGNORECASE,
)


def _ways_of(texts: Sequence[str]) -> set[str]:
    """Return which way the numbers of some lines went, by their words or by the two that they name."""
    found = [{way for way, pattern in (("more", _MORE), ("less", _LESS)) if pattern.search(text)} for text in texts]
    ways = {way for one in found if len(one) == 1 for way in one}
    for text in texts:
        for match in (*CHANGE_ABROAD.finditer(text), *CHANGE_PATTERN.finditer(text)):
            first, second = (next(iter(quantities(match[name])), None) for name in ("first", "second"))
            if first and second and first.value != second.value:
                ways.add("more" if second.value > first.value else "less")
    return ways


def _direction_problems(claim: str, line: Base, language: str) -> Iterator[str]:
    """What went down, or lies below, may not be told as up or above."""
    ways = _ways_of(line.lines)
    said = {way for way, pattern in (("more", _MORE), ("less", _LESS)) if pattern.search(claim)}
    if len(ways) == 1 and len(said) == 1 and not said & ways:
        yield "The claim turns the direction of a change round."


_STEP = re.compile(
    r"(?:rédui\w*|baiss\w*|augment\w*|diminu\w*|reduc\w*|reduj\w*|dismin\w*|aument\w*|ridott\w*|cal\w+|cresc\w+|reduz\w*|verlaag\w*|gedaald|gestegen|spad\w*|wzr[oa]\w*|zmniejsz\w*|obniż\w*) "
    r"(?:de|d['’]|del|di|del|em|en|un|met|o) ?(?:environ |circa |około |ongeveer |cerca de )?$", re.IGNORECASE,
)  # fmt: skip


def _step_problems(counted: str, base: Base) -> Iterator[str]:
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


def _first_problems(counted: str, base: Base) -> Iterator[str]:
    """The first month is not the first year."""
    known = {match["span"].lower() for text in base.texts for match in _FIRST_SPAN.finditer(text)}
    for match in _FIRST_SPAN.finditer(counted):
        if known and match["span"].lower() not in known:
            yield f"The cited lines do not say that this was “{match.group()}”."


def _frequency_problems(counted: str, line: Base) -> Iterator[str]:
    words = set(_FREQUENCIES.values())
    known = {token.word for text in line.texts for token in tokens(text)} & words
    for said in sorted(({token.word for token in tokens(counted)} & words) - known):
        yield f"The cited lines do not say that this was {said}."


def _word_problems(said: str, base: Base, language: str, named: frozenset[int], *, is_same: bool) -> Iterator[str]:
    """Compare words of work with the cited lines; `is_same`: they are in the claim's language, so every word has to be there."""
    # As written, too: a claim may quote a line of another language whole, and is not made plain.
    known = CrossVocabulary([*base.texts, *base.headers, *(fact.text for fact in base.facts)], language)
    borne = bool(named) or not {number.value for number in quantities(said)}.isdisjoint(n.value for n in base.numbers)
    unknown = []
    ways = _ways_of(base.texts)
    for token in tokens(said):
        if token.start in named or token.has_digit or _says_nothing(token, language):
            continue
        is_way = any(
            pattern.fullmatch(token.word) and way in ways for way, pattern in (("more", _MORE), ("less", _LESS))
        )
        if is_way or known.has(token.word) or all(map(known.has, parts(token.word))):
            borne = True
        elif is_same or meanings(token.word, language):
            yield f"“{token.text}” is not in the cited lines of the CV."
        else:
            unknown.append(token.text)
    if len(unknown) >= UNKNOWN and not borne:
        yield f"Nothing like “{' '.join(unknown)}” was found in the cited lines of the CV."


def _says_nothing(token: Token, language: str) -> bool:
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


def _is_said(phrase: str, base: Base, language: str) -> bool:
    """Whether the cited lines mean what a skill's name says, in another language."""
    known = CrossVocabulary(base.texts, language)
    return all(meanings(token.word, language) and known.has(token.word) for token in tokens(phrase))


def speaks_of_oneself(claim: str, language: str) -> bool:
    """Whether a sentence tells what the writer does or did: a verb of the first person that stands in the list of words of work."""
    tongue = TONGUES[language]
    acts = re.finditer(rf"(?<!\w)(?:{tongue.acts})(?!\w)", claim, re.IGNORECASE)
    does = any(
        _is_act(token.word, language) and not _says_nothing(token, language)
        for act in acts
        for token in tokens(act.group())
    )
    return does or found_in(tongue.of_oneself, claim) is not None


def _is_act(word: str, language: str) -> bool:
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
    words = [token for token in tokens(said) if not _says_nothing(token, language)]
    return len(words) >= UNKNOWN and not found_in(_TO_READER[language], claim) and not applies(claim, language)


def has_foreign_content(claim: str, language: str) -> bool:
    """Whether a sentence says anything of the applicant that a CV could bear."""
    tongue = TONGUES[language]
    said = AT_DISPOSAL.sub(" ", claim)
    patterns = (tongue.of_oneself, tongue.praise, *tongue.ladder.values())
    is_factual = bool(quantities(said) or mentions_in(said) or list(_names(said))) or speaks_of_oneself(said, language)
    is_factual = is_factual or is_statement(claim, language)
    return is_factual or any(found_in(pattern, said) for pattern in patterns)


def applies(claim: str, language: str) -> bool:
    """Whether a sentence speaks of applying, so that it may name what is applied for."""
    return found_in(TONGUES[language].applies, claim) is not None


def _counted(text: str, tongue: Tongue) -> str:
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


def _rank_problems(claim: str, base: Base, tongue: Tongue) -> Iterator[str]:
    for pattern, said in (
        (tongue.praise, "praises or generalises more than the cited lines do"),
        (tongue.ranks, "is a rank that the cited lines do not give"),
        (tongue.degrees, "is a degree that the cited lines do not give"),
    ):
        for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", claim, re.IGNORECASE):
            if not base.vocabulary.has_form(match.group().lower()):
                yield f"“{match.group()}” {said}."
    for token in tokens(claim):
        is_degree = token.word in DEGREES and (len(token.word) > 2 or token.text.isupper())
        if (token.word in SENIORITY or is_degree) and not base.vocabulary.has_form(token.word):
            yield f"“{token.text}” is a rank or degree that the cited lines do not give."
    known = [FLUENCY[token.word] for text in base.texts for token in tokens(text) if token.word in FLUENCY]
    if (
        (fluent := found_in(tongue.fluent, claim))
        and max(known, default=0) < FLUENT
        and not base.vocabulary.has(fluent.group().lower())
    ):
        yield f"The CV does not give a language “{fluent.group()}”."


def _rung_problems(claim: str, base: Base, language: str) -> Iterator[str]:
    """A verb may not stand on a higher rung than the lines nearest to the claim, or to the verb's own clause, in whatever language they are."""
    tongue = TONGUES[language]
    for level, pattern in tongue.ladder.items():
        match = found_in(pattern, claim)
        if match is None:
            continue
        ends = [0, *(joint.start() for joint in _JOINT.finditer(claim)), len(claim)]
        place = next(number for number, end in enumerate(ends) if end > match.start())
        pieces = dict.fromkeys((claim, claim[ends[place - 1] : ends[place]]))
        if not any(_bears_rung(match.group(), level, piece, base, language) for piece in pieces):
            yield f"“{match.group()}” says more than the cited lines do."


def _bears_rung(said: str, level: int, piece: str, base: Base, language: str) -> bool:
    tongue = TONGUES[language]
    line = Base(
        _nearest(_counted(re.sub(rf"(?<!\w){re.escape(said)}(?!\w)", " ", piece), tongue), base, language), base.today
    )
    reached = max((rung_of(text, tongue) for text in line.lines or line.texts), default=0)
    if level <= max(reached, CONTRIBUTED) or line.vocabulary.has_form(said.lower()):
        return True
    is_duty = level == OWNED and found_in(_DUTIES, piece) is not None and reached not in {HELPED, CONTRIBUTED}
    return is_duty or any(_is_kin(said, token.word) for text in line.lines for token in tokens(text))


def _help_problems(claim: str, line: Base, language: str) -> Iterator[str]:
    """What the nearest lines only helped with may not be told as one's own work."""
    tongue = TONGUES[language]
    helping = [_helps_first(text, tongue) for text in line.lines]
    acts = (
        token
        for act in re.finditer(rf"(?<!\w)(?:{tongue.acts})(?!\w)", claim, re.IGNORECASE)
        for token in tokens(act.group())
    )
    is_told = any(not _says_nothing(token, language) and _is_act(token.word, language) for token in acts)
    if is_told and helping and all(helping) and not _says_help(claim, tongue):
        yield f"The CV says “{helping[0]}”; the claim leaves that out."


def _says_help(text: str, tongue: Tongue) -> bool:
    levels = [tongue.ladder[HELPED], tongue.ladder[CONTRIBUTED]]
    return any(found_in(pattern, text) for pattern in levels) or any(
        verb.level <= CONTRIBUTED for verb in scope_verbs(tokens(text))
    )


def _is_kin(one: str, other: str) -> bool:
    left, right = bare(one), bare(other)
    return len(left) >= _KIN and left[:_KIN] == right[:_KIN]


def _helps_first(line: str, tongue: Tongue) -> str:
    """Return the first word of a line where it says that one helped."""
    first = next((token.text for token in tokens(line)), "")
    return first if first and _says_help(first, tongue) else ""


def rung_of(text: str, tongue: Tongue) -> int:
    """Return the rung of a line in English, German or the tongue: that of its lowest helping verb, else the highest."""
    levels = [verb.level for verb in scope_verbs(tokens(text))]
    levels += [level for level, pattern in tongue.ladder.items() if found_in(pattern, text)]
    low = [level for level in levels if level <= CONTRIBUTED]
    return min(low) if low else max(levels, default=0)


def _names(claim: str) -> Iterator[Token]:
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


def _is_known(name: Token, base: Base) -> bool:
    said = base.vocabulary
    pieces = [piece for piece in parts(name.word) if len(piece) > 1]
    return said.has_form(name.word) or (bool(pieces) and all(said.has_form(piece) for piece in pieces))


def _rests_on(claim: str, base: Base, language: str) -> bool:
    """Whether a number, name or skill of the claim, or a word of some length, stands in the cited lines."""
    skills = {mention.concept for text in base.texts for mention in mentions_in(text)}
    values = {number.key for number in base.numbers} | {(float(year), "") for year in base.years}
    known = CrossVocabulary(base.texts, language)
    return (
        any(mention.concept in skills for mention in mentions_in(claim))
        or any(number.key in values for number in quantities(claim))
        or any(known.has(token.word) for token in tokens(claim) if not _says_nothing(token, language))
    )
