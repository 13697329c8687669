"""How far claims in the six languages reach: a part is not the whole, two lines are not one, and beside a coordinator one was none."""

import re
from collections.abc import Iterator
from functools import cache

from cv.facts import FactKind
from jobs.grounding.base import Base
from jobs.grounding.concepts import mentions_in
from jobs.grounding.crosswords import CrossVocabulary, bare, meanings, small_words
from jobs.grounding.foreign_words import says_nothing
from jobs.grounding.lexicon import GENERAL_VERBS, VERBS_OF_WORK
from jobs.grounding.quantities import quantities
from jobs.grounding.words import tokens

# What a CV says of the person rather than of a deed.
OF_ONESELF = {FactKind.HEADLINE, FactKind.SUMMARY, FactKind.EDUCATION, FactKind.CERTIFICATE, FactKind.OTHER}
# From how many words on that the CV has a clause has to rest on one line.
_CLAUSE = 3
# Where a sentence goes over from one station, skill or paper to another.
TURN = re.compile(
    r"[,;:()]|\s(?:et|y|e|ed|en|i|oraz|mais|pero|ma|mas|maar|ale|puis|luego|poi|depois|daarna|potem|ainsi que|así como|nonché|bem como|alsmede)\s|"
    r"\s(?=(?:avant|après|antes|después|prima|dopo|depois|voor(?:dat|aleer)?|nadat|przed|zanim|po tym|pendant|durante|tijdens|podczas)\s)|"
    r"\s(?=(?:avec|con|com|met|z) (?:une?|una?|um|uma|een)?\s?(?:diplôme|master|licence|certificat|título|grado|máster|certificad|laurea|diploma|certificat|licenciatura|mestrado|dyplom|magist|licencjat))",
    re.IGNORECASE,
)
# All of a place or a group, by the first letters of what it is.
_ALL_OF = re.compile(
    r"(?<!\w)(?:tout(?:e)? (?:le |la |l['’]|mon |ma |notre )|l['’]ensemble (?:du |de la |de l['’]|des )|l['’]intégralité (?:du |de la |de l['’])|tod[oa] (?:el |la |o |a |mi |nuestr[oa] )|tutt[oa] (?:il |la |l['’]|lo )|"
    r"l['’]intero? |(?:de |het )?(?:hele|gehele|volledige) |cał(?:ej|ego|ą|y|a|e|ym|ymi) )(?P<what>[^\W\d]{4,})", re.IGNORECASE,
)  # fmt: skip
_ALL = re.compile(
    r"(?<!\w)(?:tout\w*|tous|l['’]ensemble|intégral\w*|tod[oa]s?|tutt\w|inter[oa]|heel|hele|gehele|volledig\w*|cał\w+|wszyst\w+|whole|entire|all|ganz\w*|gesamt\w*)(?!\w)",
    re.IGNORECASE,
)


def reach_problems(claim: str, base: Base, language: str) -> Iterator[str]:
    """A part may not be told as the whole of it."""
    known = CrossVocabulary([*base.texts, *base.headers], language)
    for match in _REACHING.finditer(claim):
        if not known.has(match.group().lower()):
            yield f"“{match.group()}” reaches further than the cited lines do."
    whole = _ALL_OF.search(claim)
    if whole and not any(_ALL.search(text) for text in base.texts):
        yield f"“{whole.group()}” generalises more than the cited lines do."


def fused_problems(claim: str, base: Base, language: str) -> Iterator[str]:
    """What a clause says has to stand in one line, not in several together."""
    if len(base.lines) < 2:
        return
    lines = [CrossVocabulary([line, *base.headers, *base.implied], language) for line in base.lines]
    every = CrossVocabulary([*base.texts, *base.implied], language)
    for piece in TURN.split(claim):
        words = [token.word for token in tokens(piece) if not token.has_digit and not says_nothing(token, language)]
        known = [word for word in words if every.has(word)]
        if len(known) >= _CLAUSE and not any(all(map(line.has, known)) for line in lines):
            yield f"“{piece.strip(' .')}” puts words of one line to those of another."


def mixed_problems(counted: str, base: Base) -> Iterator[str]:
    """A number and a skill that a claim puts together may not stand in two lines of which the number's names other skills."""
    named = {mention.concept for mention in mentions_in(counted)}
    for number in quantities(counted):
        lines = [text for text in base.lines if any(other.key == number.key for other in quantities(text))]
        skills = [{mention.concept for mention in mentions_in(text)} for text in lines]
        elsewhere = {m.concept for text in base.lines if text not in lines for m in mentions_in(text)}
        if lines and all(skills) and not any(named & one for one in skills) and named & elsewhere:
            yield f"“{number.text}” stands in a line that names other skills."


# What lowers a title.
_LOWERING = re.compile(
    r"(?<!\w)(?:stagiaire\w*|stage|apprentie?|alternante?|adjointe?|assistante?|aide|junior|auxiliaire|suppléante?|intérim\w*|bénévole|becari[oa]|prácticas|aprendiz\w*|ayudante|auxiliar|asistente|"
    r"adjunt[oa]|suplente|interin[oa]|voluntari[oa]|tirocinante|stagista|apprendista|assistente|aiuto|vice|ausiliari[oa]|supplente|volontari[oa]|estagiári[oa]|estágio|ajudante|assistente|"
    r"substitut[oa]|stagiair\w*|leerling|assistent\w*|hulp|adjunct|plaatsvervangend|vrijwillig\w*|stażyst\w*|praktykant\w*|asystent\w*|pomocnik|młodsz[ya]|zastępc\w+|p\.o\.|wolontariusz\w*|"
    r"intern|trainee|apprentice|assistant|deputy|acting|junior|volunteer|praktikant\w*|azubi|auszubildende\w*|werkstudent\w*|stellvertret\w*|assistenz)(?!\w)",
    re.IGNORECASE,
)
# How far something reached.
_REACHING = re.compile(
    r"(?<!\w)(?:(?:inter)?na(?:t|c|z)ion\w+|mondia\w+|mundia\w+|europ[éeêä]\w*|région\w+|region\w+|landelijk\w*|internationa\w+|wereldwijd\w*|krajow\w+|ogólnopolsk\w+|międzynarodow\w+|światow\w+)(?!\w)",
    re.IGNORECASE,
)
_IS = re.compile(
    r"(?<!\w)(?:je suis|j['’]étais|j['’]ai été|(?:travaillé|travaille|travaillais|employée?) comme|en tant que|soy|era|fui|he sido|(?:trabajé|trabajo|trabajaba) (?:como|de)|sono(?: stat[oa])?|ero|(?:lavoro|lavorato|lavoravo) come|"
    r"sou|fui|(?:trabalhei|trabalho) como|ik (?:ben|was)|(?:werk|werkte|gewerkt) als|jestem|był[ae]m|(?:pracuj\w+|pracowa\w+) jako)\s+(?:(?:une?|el|la|una|il|l['’]|de|het|een|um|uma|o|a|le)\s?)?(?P<role>[^\W\d]{5,})",
    re.IGNORECASE,
)


def role_problems(claim: str, base: Base, language: str) -> Iterator[str]:
    """Whom a line only names beside one, one was not."""
    match = _IS.search(claim)
    if match is None or bare(match["role"]) in small_words(language):
        return
    own = [fact for fact in base.facts if fact.kind in OF_ONESELF]
    titles = CrossVocabulary([*base.headers, *(fact.text for fact in own)], language)
    heads = CrossVocabulary([line.split()[0] for line in base.lines if line.split()], language)
    known = CrossVocabulary(base.lines, language)
    holding = [header for header in base.headers if CrossVocabulary([header], language).has(match["role"])]
    if holding and all(_LOWERING.search(header) for header in holding) and not _LOWERING.search(claim):
        found = _LOWERING.search(holding[0])
        yield f"The CV's title says “{found.group() if found else ''}”, and the claim leaves that out."
    if base.lines and known.has(match["role"]) and not titles.has(match["role"]) and not heads.has(match["role"]):
        yield f"“{match['role']}” is not a title of the cited lines."


# Forms of verbs by which one tells of what one does: of the first person, participles behind "have", and infinitives behind a small word.
_VERBS = {
    "fr": r"(?:j['’]ai|ai|avons|avoir) (?:\w+ ){0,1}?(?P<a>\w{3,}(?:é|i|u|is|it|ert)e?s?)|(?:je|j['’]) ?(?P<b>\w{3,}(?:e|ais|s))|(?:à|de|pour|d['’]) ?(?P<c>\w{3,}(?:er|ir|re))|en (?P<d>\w{3,}ant)",
    "es": r"(?P<a>\w{3,}(?:é|í|aba|ía|amos|imos|emos|ndo))|(?:he|hemos|haber) (?P<b>\w{3,}(?:ado|ido|to|cho))|(?:a|de|para|por|en|al) (?P<c>\w{3,}(?:ar|er|ir))|(?:^|[,;.] |yo |que )(?P<d>\w{3,}[oy])",
    "it": r"(?P<a>\w{3,}(?:avo|evo|ivo|iamo|ando|endo))|(?:ho|abbiamo|sono|avere|avendo) (?:\w+ ){0,1}?(?P<b>\w{3,}(?:at|it|ut|ett|ort|ist|ess|itt|tt|rs|nt|st|ert)[oaie])|(?:a|ad|di|per|da|nel|nello) (?P<c>\w{3,}(?:are|ere|ire))|(?:^|[,;.] |io |dove |martedì |che )(?P<d>\w{3,}o)",
    "pt": r"(?P<a>\w{3,}(?:ei|ava|ia|amos|emos|imos|ndo))|(?:tenho|temos|ter) (?P<b>\w{3,}(?:ado|ido|to))|(?:a|de|para|por|em|ao) (?P<c>\w{3,}(?:ar|er|ir))|(?:^|[,;.] |eu )(?P<d>\w{3,}o)",
    "nl": r"(?:ik|we|wij) (?P<a>\w{3,})|(?P<b>\w{3,}(?:de|te)) (?:ik|we|wij)|(?:heb|had|hebben) [^,;.]*?(?P<c>\w*ge\w{2,}(?:d|t|en))|(?:te|aan het) (?P<d>\w{3,}en)",
    "pl": r"(?P<a>\w{2,}(?:łem|łam|liśmy|łyśmy))|(?P<b>\w{2,}(?:ę|uję|amy|imy|ymy|ujemy))|(?P<c>\w{3,}(?:ając|ując|iąc))|(?:do|na|przez|przy) (?P<d>\w{3,}(?:ania|anie|enia|enie|aniu|eniu))",
}  # fmt: skip
_BY_VERB = {
    language: re.compile(rf"(?<![^\W\d_])(?:{pattern})(?!\w)", re.IGNORECASE) for language, pattern in _VERBS.items()
}
# How much of what stands beside a verb has to be in one line that only names its things.
_MOST_OF = 0.75


@cache
def _meanings_of_work() -> frozenset[int]:
    """Return the meanings of verbs that tell only that one was at work on what is named beside them."""
    return frozenset(number for verb in VERBS_OF_WORK | GENERAL_VERBS for number in meanings(verb, "en"))


def verbs_beside_things(said: str, base: Base, language: str) -> frozenset[int]:
    """Return the places of verbs that the list of words of work does not know, where one line bears the things beside them and has no verb itself."""
    found = {
        match.start(name)
        for match in _BY_VERB[language].finditer(said)
        for name, word in match.groupdict().items()
        if word and meanings(word, language) <= _meanings_of_work()
    }
    things = [token.word for token in tokens(said) if token.start not in found and not says_nothing(token, language)]
    lines = [CrossVocabulary([line, *base.headers], language) for line in base.lines] if found else []
    is_borne = any(sum(map(line.has, things)) >= _MOST_OF * len(things) > 0 for line in lines)
    return frozenset(found) if is_borne else frozenset()
