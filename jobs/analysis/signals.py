"""What in a posting speaks of a fraud: the signs that consumer and police authorities warn of, each told with its words."""

import re

# Each sign: what the person is told, and how it is said.
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (told, re.compile(pattern, re.IGNORECASE))
    for told, pattern in (
        (
            "It asks for money. An honest employer never does",
            (r"(?:registration|training|application|processing|administration|onboarding|starter[- ]?kit|security|visa processing|background check) (?:fee|deposit|costs?)\b(?! (?:is|are|will be) (?:paid|covered|waived|refunded|reimbursed) by (?:us|the (?:employer|company)))|"
            r"refundable (?:deposit|fee)|(?:pay|send|transfer|deposit) (?:us |a |an |the |an? initial |upfront )*(?:fee|deposit|amount|€|\$|£|eur|usd)\b|up[- ]?front (?:fee|payment)|"
            r"buy (?:your|the) (?:own )?(?:starter kit|equipment|gift cards?)|(?:anmelde|bearbeitungs|schulungs|registrierungs|vermittlungs)gebühr|kaution (?:überweisen|zahlen)|vorkasse|"
            r"frais (?:d(?:'|’)inscription|de dossier|de formation)|tasa de inscripción|cuota de inscripción|pago previo|quota di iscrizione|"
            r"opłat\w* (?:rejestracyjn|wpisow|szkoleniow)\w*|taxa de (?:inscrição|registo)|inschrijfgeld|inschrijfkosten"),
        ),
        (
            "It wants money or parcels passed on through you, which may be money laundering",
            (r"(?:receive|accept|process|forward|cash|deposit) (?:\w+ ){0,3}(?:payments?|che(?:ck|que)s?|funds|money|transfers?|wires?|parcels?|packages?) (?:\w+ ){0,4}(?:(?:to|into|through|via|at|from) your (?:own |personal |private |bank )*(?:account|home|address)|(?:and|then) (?:forward|re-?ship|send|transfer|wire))|"
            r"(?:use|through|via|on) your (?:own |personal |private )+(?:bank )?account|re-?ship(?:ping|ment)? (?:agent|clerk|coordinator|packages|parcels)|(?:buy|purchase|send) (?:\w+ ){0,3}(?:gift ?cards?|bitcoin|crypto(?:currency)?)\b|"
            r"keep (?:\d+ ?%|a (?:percentage|commission)) (?:of|from) (?:each|every|the) (?:transfer|payment|transaction)|(?:über|auf) ihr(?:em?)? (?:eigenes |privates |private[sn] )*(?:bank)?konto|pakete (?:\w+ ){0,4}(?:weiterleiten|weitersenden|weiterversenden)|"
            r"sur votre compte (?:bancaire|personnel)|en (?:su|tu) cuenta (?:bancaria|personal)|sul (?:suo|tuo) conto|na (?:twoje|własne|prywatne) konto"),
        ),
        (
            "It asks for bank or identity data before there is a contract",
            (r"(?:send|provide|submit|e-?mail|include|give|need|have)\b[^.\n]{0,50}\b(?:bank(?:ing)? (?:account |login )?(?:details|data|information|number|statement|log-?in)|credit card (?:details|number)|social security number|\bssn\b|(?:copy|photo|scan|picture) of (?:your |both sides of your |the )*(?:passport|id(?: card)?|driver(?:'|’)?s licen[cs]e|identity card))|"
            r"(?:kopie|foto|scan) (?:ihres|deines|des|von ihrem) (?:personal)?ausweis|(?:bankdaten|kontodaten|kreditkartendaten)[^.\n]{0,30}(?:senden|schicken|angeben|mitteilen)|copie de (?:votre|la) (?:pièce d(?:'|’)identité|carte (?:d(?:'|’)identité|bancaire))|"
            r"(?:copia|foto) de (?:su|tu) (?:dni|pasaporte)|datos bancarios|skan (?:dowodu|paszportu)|kopie van (?:je|uw) (?:paspoort|identiteitskaart)"),
        ),
        (
            "It leads away to a private chat",
            (r"(?:contact|message|text|write|apply|add|reach|interview\w*|reply|send|hit)\b[^.\n]{0,50}\b(?:whats ?app|telegram|signal|wechat|google hangouts|line app|viber)\b|(?:whats ?app|telegram|wechat|hangouts)\s*(?:only|us|me|\+?\d|:|@|t\.me)|"
            r"(?:\b(?:nur|bewerb\w+|melde\w*|schreib\w*|kontakt\w*)\b[^.\n]{0,40}\b(?:whats ?app|telegram)\b)|(?:contacte\w*|écri\w+|escri\w+|scriv\w+|napisz|contacteer)[^.\n]{0,40}(?:whats ?app|telegram)|t\.me/\w+|wa\.me/\d+"),
        ),
        (
            "It promises a lot of money for little work",
            (r"(?:earn|make|get paid|verdien\w*|gagne\w*|gana|guadagn\w+|zarabiaj|zarób|verdien|ganhe)\b[^.\n]{0,30}(?:up to |bis zu |jusqu(?:'|’)à |hasta |fino a |do |tot |até )?(?:€|\$|£|zł|eur|usd|gbp)? ?(?:(?:\d{3,5}|\d{1,2}[.,]\d{3})(?: ?(?:€|\$|£|zł|eur|usd|euros?|dollars?))? (?:a|per|each|every|pro|am|par|al|por|/)? ?(?:day|tag|jour|día|dia|giorno|dziennie|dag)|(?:\d{4,5}|\d{1,2}[.,]\d{3})(?: ?(?:€|\$|£|zł|eur|usd|euros?|dollars?))? (?:a|per|each|every|pro|par|a la|por|alla)? ?(?:week|woche|semaine|semana|settimana|tygodniowo))\b|"
            r"(?:easy|quick|fast|guaranteed|passive|instant) (?:money|income|cash|profit)\b|get rich|be your own boss|unlimited earning|financial freedom|schnelles geld|passives einkommen|finanzielle freiheit|leicht verdientes geld|"
            r"argent facile|revenus? (?:passifs?|garantis?)|dinero (?:fácil|rápido)|ingresos (?:pasivos|garantizados)|soldi facili|guadagni? (?:facil[ei]|garantit[oi])|łatw\w+ (?:pieniądz|zarob)\w+|dinheiro fácil|snel geld verdienen"),
        ),
        (
            "It says that nothing is looked at: no interview, no experience, no papers",
            r"no (?:interview|experience (?:or|and) no (?:\w+ )?(?:qualifications?|interview)|background check|resume|cv)(?:s|es)? (?:is |are )?(?:needed|required|necessary)|(?:hired|start|employed) (?:immediately|today|instantly) without|kein(?:e)? (?:vorstellungsgespräch|bewerbungsgespräch)|sans entretien|sin entrevista|senza colloquio|bez rozmowy",
        ),
    )
)  # fmt: skip
_FREE_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]+@(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|aol|gmx|web|mail|protonmail|proton|yandex|icloud|zoho|wp|o2|interia|libero|laposte|orange|free)\.(?:com|de|fr|it|es|pl|net|org|me|ru|co\.uk)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:no|not|never|don(?:'|’)t|without|free of|beware|warning|kein\w*|nicht|niemals|nie|ohne|pas de|sans|aucune?|ne|sin|nunca|senza|mai|bez|zonder|geen|sem|ikke)\b[^.\n]{0,60}$",
    re.IGNORECASE,
)
_LONGEST = 120


def fraud_signals(text: str, *, employer: str = "") -> list[str]:
    """Return warnings, one a sign, each with the words that it rests on. A sign is a reason to look twice, no proof."""
    found = []
    for told, pattern in _SIGNS:
        said = next((match for match in pattern.finditer(text) if not _is_denied(text, match)), None)
        if said:
            found.append(f"{told}: “{_around(text, said)}”.")
    mail = _FREE_MAIL.search(text)
    if mail and (found or employer):
        found.append(f"The address for replies is a free mailbox, not the employer's own: “{mail.group()}”.")
    return found


def _is_denied(text: str, match: re.Match[str]) -> bool:
    """Tell `We never ask for a registration fee` from asking for one; a sign that begins with `no` denies nothing."""
    return not match.group().casefold().startswith(("no ", "kein", "sans", "sin ", "senza", "bez ")) and bool(
        _NEGATED.search(text[max(0, match.start() - 80) : match.start()])
    )


def _around(text: str, match: re.Match[str]) -> str:
    """Return the line or sentence that holds a match, cut to a length that can be read at a glance."""
    start = max(text.rfind("\n", 0, match.start()), text.rfind(". ", 0, match.start()) + 1) + 1
    ends = [end for sign in ("\n", ". ") if (end := text.find(sign, match.end())) >= 0]
    said = " ".join(text[max(start, match.start() - 60) : min([*ends, match.end() + 60, len(text)])].split())
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"
