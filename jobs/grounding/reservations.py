"""What a line of a CV says with a reservation, in any of the eight languages, may not be told without it in French, Spanish, Italian, Portuguese, Dutch or Polish."""

import re
from collections.abc import Callable, Iterator, Sequence


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


# Each class: what tells it in a line, and in what words a claim may say as much; one pattern serves for both.
_CLASSES: tuple[re.Pattern[str], ...] = (
    _words(
        r"prévue?s?|pas encore|en cours|à l['’]essai|en test|pilote|prototyp\w*|essais?|maquette|previst[oa]s?|todavía|aún|en curso|en pruebas?|piloto|prueba|non ancora|ancora|"
        r"in corso|in prova|pilota|prova|provando|ainda|em curso|em teste|teste|gepland\w*|nog (?:niet|geen)|lopend\w*|proef\w*|planowan\w*|jeszcze nie|na razie|w toku|w trakcie|prób\w*|pilotaż\w*|"
        r"planned|not yet|pilot(?:s|phase)?|trial|in progress|geplant\w*|noch nicht|laufend\w*|projets?|projeté\w*|proyectos?|progett[oi]|prevê\w*|będzie|ma być|sera|será|sarà|wordt|zal|"
        r"attente|pendiente|espera|attesa|à l['’]étude|en estudio|oczek\w+|awaiting|pending|under review|ausstehend|concept|brouillon|borrador|bozza|rascunho|szkic|entwurf|draft\w*|"
        r"propos\w+|propuest\w+|propong\w+|voorstel\w*|voorgesteld|zapropon\w+|propoz\w+|vorgeschlagen|proposed|(?:in|en|em|w) (?:voorbereiding|preparación|preparazione|preparação|préparation|przygotowaniu)"
    ),
    _words(
        r"il m['’]est arrivé|occasionnel\w*|ponctuel\w*|parfois|de temps en temps|quelquefois|ocasional\w*|puntual\w*|a veces|de vez en cuando|occasional\w*|saltuari\w*|talvolta|ogni tanto|a volte|esporádic\w*|"
        r"pontual\w*|às vezes|de vez em quando|af en toe|soms|incidenteel|gelegentlich\w*|okazjonaln\w*|sporadyczn\w*|czasami|czasem|doraźn\w*|zuweilen|sometimes|in caso di|bei bedarf|en cas de|"
        r"en caso de|indien nodig|w razie"
    ),
    _words(
        r"rempla[cç]\w*|par intérim|intérim\w*|suppléan\w*|sustitu\w+|suplen\w+|interin\w+|sostitu\w+|supplen\w+|substitu\w+|vervang\w+|verving|waarnem\w+|zastęp\w+|vertret\w*|stood in|standing in|"
        r"cover\w*|absence|ausencia|assenza|ausência|afwezigheid|nieobecnoś\w+|interim|ad interim|en l['’]absence"
    ),
    _words(
        r"sous (?:la )?(?:supervision|direction|responsabilité|tutelle)|encadrée?|bajo (?:la )?(?:supervisión|dirección|tutela)|supervisad\w+|sotto (?:la )?(?:supervisione|guida|direzione)|"
        r"sob (?:a )?(?:supervisão|orientação|direção)|onder (?:toezicht|begeleiding|leiding)|pod (?:nadzorem|kierunkiem|opieką)|under (?:the )?(?:supervision|guidance|direction)|unter (?:aufsicht|anleitung)"
    ),
    _words(
        r"nominée?|nommée? pour|finaliste|sélectionnée?|nominad[oa]|finalista|candidat[oa] al|nominat[oa]|nomead[oa] para|genomineerd|finalist\w*|nominowan\w*|nominiert|nominated|shortlisted"
    ),
    _words(
        r"abandonn\w+|interrompu\w*|arrêté\w*|inachevé\w*|annulé\w*|abandonad\w+|cancelad\w+|interrumpid\w+|sin terminar|no terminad\w+|inacabad\w+|abbandonat\w*|interrott\w*|annullat\w*|"
        r"interrompid\w+|inacabad\w+|cancelad\w+|afgebroken|gestopt|geannuleerd|niet afgemaakt|niet afgerond|przerwan\w+|nieukończon\w+|anulowan\w+|abgebrochen\w*|dropped|cancelled|unfinished|abandoned|"
        r"non (?:achevé\w*|terminé\w*|complétée?|completat\w*|terminat\w*|conclus\w*)|não (?:concluíd\w+|terminad\w+)"
    ),
)
# A part of several: a claim has to give a number or a share as well.
_PART_OF = _words(
    r"(?:\d+|une?|deux|trois|quatre|cinq|dos|tres|cuatro|cinco|due|tre|quattro|cinque|dois|duas|três|quatro|twee|drie|vier|vijf|dwa|dwie|trzy|cztery|la plupart|la moitié|la mayoría|la mitad|la maggior parte|la metà|a maioria|"
    r"metade|de meeste|de helft|większość|połowa|half|most|one|two|three|some|einige) (?:d['’]entre (?:eux|elles)|sur|de (?:ellos|ellas)|de los|de las|di (?:essi|esse)|dei|delle|su|deles|delas|dos|das|ervan|van de|z nich|ze|z|of) (?:them|\w+)"
)
_ANY_PART = _words(
    r"\d+|une?|deux|trois|quatre|cinq|dont|partie|plupart|moitié|certain\w*|quelques|plusieurs|un[oa]?s?|dos|tres|cuatro|cinco|mayoría|mitad|algun\w+|part[ei]s?|vari[oae]s?|due|tre|quattro|cinque|maggior\w*|metà|alcun\w+|"
    r"dois|duas|três|quatro|maioria|metade|twee|drie|vier|vijf|meeste|helft|enkele|sommige|deel|waarvan|dwa|dwie|trzy|cztery|większość|połow\w+|część|niektór\w+|kilka"
)
# Done with somebody: a claim has to say so in some words.
_JOINTLY = _words(
    r"(?:en|in|em) (?:étroite )?(?:collaboration|collaborazione|colaboración|colaboração|équipe|équipes|equipo|equipa|equipe|squadra|team|binôme|tandem|coppia|pareja)(?: d['’]?\w+| de \w+)?|conjointement|avec (?:l['’]aide|un|une|deux|trois|mes|des|l['’]équipe)|"
    r"junto (?:con|a)|conjuntamente|con (?:un|una|dos|tres|otr[oa]s?|ayuda|el equipo|la ayuda)|insieme (?:a|al|alla|ai|con)|assieme|con (?:due|tre|altri|l['’]aiuto|un collega|una collega)|em conjunto|juntamente|com (?:um|uma|dois|duas|três|a ajuda)|"
    r"samen met|met (?:een|twee|drie|hulp)|in samenwerking|wspólnie|razem z|we współpracy|przy pomocy|z (?:dwoma|dwiema|trzema|koleg\w+|kolegami|pomocą)|together with|jointly|gemeinsam|zusammen mit"
)
_COMPANY = _words(
    r"avec|ensemble|équipe\w*|nous|notre|nos|collabor\w+|conjoint\w*|à deux|à trois|binôme|participé?\w*|aidé?\w*|contribu\w+|con|junto\w*|equipo|nosotr\w+|nuestr\w+|colabor\w+|conjunt\w+|particip\w+|ayud\w+|\w+mos|"
    r"insieme|assieme|squadra|team|noi|nostr\w+|partecip\w+|\w+iamo|abbiamo|com|equip[ae]|nós|noss\w+|ajud\w+|met|samen|we|wij|ons|onze|medewerk\w+|mee\w*|wspóln\w+|razem|z|ze|my|nasz\w*|zesp\w+|współ\w+"
)
# The first words of one's own deed.
_PIECE = re.compile(r"[;:(),]|\s(?:et|y|e|ed|en|i|oraz|mais|pero|ma|mas|maar|ale|dont|che)\s")


def reservation_problems(
    claim: str, lines: Sequence[str], marks: Callable[[str], set[str]], *, is_own: bool
) -> Iterator[str]:
    """Say which reservation of the nearest lines a claim leaves out; `marks` tells what a text speaks of, `is_own` whether it tells of the writer's deeds."""
    wanted = marks(claim)
    for said, also in (
        *((one, one) for one in _CLASSES),
        (_PART_OF, _ANY_PART),
        *([(_JOINTLY, _COMPANY)] if is_own else []),
    ):
        if not also.search(claim) and lines and all(_touches(said, text, wanted, marks) for text in lines):
            found = said.search(lines[0])
            yield f"The CV says “{found.group() if found else ''}” of this, and the claim does not."
            return


def _touches(said: re.Pattern[str], line: str, wanted: set[str], marks: Callable[[str], set[str]]) -> bool:
    """Whether what a claim speaks of stands in a piece of the line that has the reservation, and in none without it."""
    pieces = [piece for piece in _PIECE.split(line) if piece.strip()]
    reserved = [piece for piece in pieces if said.search(piece)]
    free = {mark for piece in pieces if piece not in reserved for mark in marks(piece)}
    return bool({mark for piece in reserved for mark in marks(piece)} & wanted - free)


_NO = _words(
    r"pas|sans|aucune?|jamais|ni|no|sin|ningún|ninguna|nunca|non|senza|nessun[ao]?|mai|não|sem|nenhum[a]?|niet|geen|zonder|nooit|nie|bez|żadn\w+|nigdy|not|kein\w*|nicht|ohne|without"
)
# How many words that say something a denial reaches.
_REACH = 3


def denial_problems(claim: str, lines: Sequence[str], marks: Callable[[str], set[str]]) -> Iterator[str]:
    """What the lines deny may not be claimed."""
    denied, stated = _polarity(lines, marks)
    _, said = _polarity([claim], marks)
    if wrong := said & denied - stated:
        yield f"The CV denies “{sorted(wrong)[0].rpartition(' ')[2]}”."


def _polarity(lines: Sequence[str], marks: Callable[[str], set[str]]) -> tuple[set[str], set[str]]:
    denied: set[str] = set()
    stated: set[str] = set()
    for line in lines:
        for piece in re.split(r"[.;:,!?()]", line):
            match = _NO.search(piece)
            words = piece[match.end() :].split() if match else []
            reach = " ".join(words[: _REACH + 1])
            denied |= marks(reach) if match else set()
            stated |= marks(piece[: match.start()] + " " + " ".join(words[_REACH + 1 :]) if match else piece)
    return denied, stated
