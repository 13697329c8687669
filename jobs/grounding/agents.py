"""Who did it, and whether it goes on: what a line tells of somebody else, and present forms of what the CV gives as ended, in all eight languages."""

import re
from collections.abc import Callable, Iterator, Sequence

from cv.facts import Fact, FactKind


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


# Somebody else, inside or outside the house; English, German, French, Spanish, Italian, Portuguese, Dutch, Polish.
_OTHERS = (
    r"colleagues?|co-?workers?|contractors?|subcontractors?|agenc(?:y|ies)|suppliers?|vendors?|owners?|bosses|boss|charit(?:y|ies)|consultants?|consultancy|accountants?|freelancers?|department|head office|"
    r"team lead(?:er)?|line manager|(?:firm|company|team|office|person|member|partner|specialist|trainer|designer|engineer|nurse|teacher|manager) (?=\w)|"
    r"kolleg(?:e|in|en|innen)|agentur|dienstleister|lieferant\w*|inhaber(?:in)?|chef(?:in)?|steuerbüro|steuerberater(?:in)?|fremdfirma|externe[rn]? \w+|fachabteilung|zentrale|vorgesetzte[rn]?|abteilung|"
    r"collègues?|confrères?|prestataires?|éditeur|sous-traitants?|agence|fournisseurs?|patron(?:ne)?|cabinet|expert-comptable|direction|siège|service \w+|élus?|cheffe?|"
    r"compañer[oa]s?|contratistas?|subcontratas?|agencia|proveedor(?:es|a)?|dueñ[oa]s?|jef[ea]s?|asesoría|gestoría|departamento|dirección|consultora|empresa extern\w+|"
    r"collegh?[aie]|appaltator\w+|agenzia|fornitor[ei]|titolare|capo|commercialista|ufficio|consulente|ditta|reparto|"
    r"colegas?|empreiteir\w+|agência|fornecedor(?:es|a)?|don[oa]|chefe|contabilista|escritório|prestador(?:a|es)?|"
    r"collega['’]?s?|aannemer|bureau|leverancier|eigena(?:ar|resse)|baas|accountantskantoor|boekhouder|afdeling|leidinggevende|"
    r"kole(?:ga|dzy|żank[ai])|wykonawca|podwykonawca|agencja|dostawca|właściciel(?:ka)?|szef(?:owa)?|biuro|księgow[ay]|dział|firma|kierowni(?:k|czka)|zespół"
)
_ARTICLE = (
    r"(?:the|an?|another|my|our|one|other|ein(?:e|en|em|er)?|de[rnm]|die|das|andere[rn]?|une?|l[ea]s?|l['’]|un[oa]?s?|autres?|mon|ma|el|l[oa]s|otr[oa]s?|mi|il|gli|i|altr[oaie]|[oa]s?|uma?|outr[oa]s?|"
    r"een|het|mijn|inn[ya]|moj[ae]?)\s*"
)
# Somebody else as the subject of a piece, with an article: without one it may be the writer's own title.
_SUBJECT = re.compile(rf"^\s*(?:[–-]\s*)?(?:{_ARTICLE}){{1,2}}(?:\w+\s+)?(?:{_OTHERS})\b(?=\s+\w)", re.IGNORECASE)
_BY = _words(
    rf"(?:by|par|von|vom|durch|door|przez|por|pel[oa]s?|da|dal|dallo|dalla|dai|dagli|dalle|dall['’])\s*(?:{_ARTICLE})?(?:{_ARTICLE})?(?:\w+\s+)?(?:{_OTHERS})"
)
_BEHIND_VERB = _words(
    rf"(?:l[oae]s?|li|gli)\s+\w+\s+{_ARTICLE}(?:\w+\s+)?(?:{_OTHERS})|(?:macht|übernimmt|erledigt|führt)\s+(?:{_ARTICLE})?(?:{_OTHERS})|"
    rf"\w{{3,}}(?:uje|ują|wał|wała|wało|ił|iła|iło|ał|ała|ało)\s+(?:{_OTHERS})|(?:doet|maakt|verzorgt)\s+(?:{_ARTICLE})?(?:{_OTHERS})"
)
_OTHER = _words(_OTHERS)
_PIECE = re.compile(
    r"[;:(),]|\s[–—-]\s|\s(?:while|whereas|but|während|aber|tandis que|mais|mientras(?: que)?|pero|mentre|ma|enquanto|mas|terwijl|maar|natomiast)\s"
)


def others_problems(claim: str, lines: Sequence[str], marks: Callable[[str], set[str]]) -> Iterator[str]:
    """What a line says that somebody else did may not be told without them; `marks` tells what a text speaks of."""
    if _OTHER.search(claim):
        return
    wanted = marks(claim)
    told = [_told_of_others(line, wanted, marks) for line in lines]
    if told and all(told):
        yield f"The CV says this of somebody else: “{told[0]}”."


def _told_of_others(line: str, wanted: set[str], marks: Callable[[str], set[str]]) -> str:
    """Return the piece of a line that tells of somebody else what a claim speaks of, where no other piece does."""
    pieces = [piece for piece in _PIECE.split(line) if piece and piece.strip()]
    others = [piece for piece in pieces if any(form.search(piece) for form in (_SUBJECT, _BY, _BEHIND_VERB))]
    own = {mark for piece in pieces if piece not in others for mark in marks(piece)}
    return next((piece.strip() for piece in others if marks(piece) & wanted - own), "")


# That something is so at the moment.
_NOW = _words(
    r"actuellement|aujourd['’]hui|à ce jour|en ce moment|(?:mon|ma|mes) (?:\w+ )?actuel(?:le)?s?|actualmente|hoy(?: en día)?|en la actualidad|(?:mi|mis) (?:\w+ )?actual(?:es)?|attualmente|oggi|ad oggi|adesso|"
    r"(?:mio|mia|miei|mie) (?:\w+ )?attual[ei]|attuale (?:ruolo|posizione|lavoro)|atualmente|hoje|(?:meu|minha) (?:\w+ )?atual|momenteel|thans|op dit moment|tegenwoordig|huidige|obecnie|aktualnie|obecn(?:ej|ym|ego)"
)
_HAVE = r"ai|avais|eus|aurai|aurais|suis|étais|fus|serai|serais|souhait\w*|voudrais|aimerais|peux|sais|veux|espère|crois|pense|connais|maîtrise|possède|dispose|parle|reste|vous|me|m|l|y|en|n|ne|tiens|propose|compte|cherche"
_BEFORE = re.compile(r"\b(?:voor|vóór|avant|antes d[eo]|prima d\w+|przed)(?: mijn)?\W*$", re.IGNORECASE)
# Forms of the first person in the present, each language's own.
_I_DO = {
    "fr": re.compile(rf"(?<!\w)(?:je\s+|j['’])(?!(?:{_HAVE})(?!\w))\w+(?<!ais)(?<!rai)(?!\w)", re.IGNORECASE),
    "es": re.compile(r"^\W*(?!com[oó]\b|tengo|hablo|domino|conozco|puedo|quiero|deseo|poseo|cuento|dispongo)[^\W\d]{4,}o(?=\s+(?:el|la|los|las|un|una|unas|unos)\s)", re.IGNORECASE),
    "it": re.compile(r"^\W*(?!ho\b|conosco|parlo|posso|voglio|desidero|possiedo|dispongo)(?:io\s+)?[^\W\d]{4,}o(?=\s+(?:il|lo|la|i|gli|le|un|una|uno)\s)", re.IGNORECASE),
    "pt": re.compile(r"^\W*(?!tenho|falo|domino|conheço|posso|quero|desejo|possuo|disponho)[^\W\d]{4,}o(?=\s+(?:o|os|as|um|uma)\s)", re.IGNORECASE),
    "nl": re.compile(r"(?<!\w)(?:(?:maak|beheer|leid|ben|doe|organiseer|begeleid|schrijf|werk|verzorg|coördineer) ik|ik (?:maak|beheer|leid|doe|organiseer|begeleid|schrijf|werk|verzorg|coördineer))(?!\w)", re.IGNORECASE),
    "pl": re.compile(r"(?<!\w)(?!mam|znam|umiem|posiadam|szukam|pragnę|mogę|chcę|proszę)[^\W\d]{4,}(?<!ł)(?<!ą)(?:am|uję|dzę)(?!\w)", re.IGNORECASE),
}  # fmt: skip
_POSTS = {FactKind.POSITION, FactKind.HIGHLIGHT, FactKind.VOLUNTEERING}


def ended_problems(claim: str, facts: Sequence[Fact], language: str) -> Iterator[str]:
    """What a post was that has ended may not be told as the present; `facts` are those nearest to the claim."""
    scoped = [fact for fact in facts if fact.scope_id]
    if not scoped or not all(fact.kind in _POSTS and fact.end and not fact.current for fact in scoped):
        return
    match = _NOW.search(claim) or _I_DO[language].search(claim)
    if match and not _BEFORE.search(claim[: match.start()]) and not any(_NOW.search(fact.text) for fact in scoped):
        yield f"The CV gives this as ended, and “{match.group().strip()}” tells of the present."
