"""Definite articles that lines of CVs leave out: "gestion de l'agenda" is "la gestion de l'agenda" in a sentence."""

import re
from dataclasses import dataclass

_VOWEL = re.compile(r"^[aeiouàâäéèêëîïôöûüh]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Nouns:
    """What nouns of work end in, by gender and number, with the article of each; `elided` stands before vowels, `joint` between two nouns."""

    feminine: str
    masculine: str
    feminines: str
    masculines: str
    articles: tuple[str, str, str, str]
    elided: tuple[str, str]
    joint: str


_NOUNS: dict[str, _Nouns] = {
    "fr": _Nouns(
        r"(?:tion|sion|xion|ité|ance|ence|ure|ise|tenue|vente|aide|saisie|veille|relance|recherche|paie|conduite|visite|collecte|pose|coupe|taille|analyse|garde|démarche|prise|livraison)",
        r"(?:ment|age|eur|isme|accueil|suivi|contrôle|conseil|soutien|entretien|encadrement|appui|calcul|tri|service|transport|achat|envoi|support|travail)",
        r"(?:tions|sions|ances|ences|relances|visites|ventes|livraisons|commandes)",
        r"(?:ments|ages|suivis|contrôles|conseils|entretiens|achats|envois)",
        ("la ", "le ", "les ", "les "), ("l'", "l'"), "et",
    ),
    "es": _Nouns(
        r"(?:ción|sión|tión|dad|tud|eza|ura|ncia|nza|ayuda|venta|compra|mejora|entrega|puesta|carga|descarga|recogida|búsqueda|toma|tutoría)",
        r"(?:miento|aje|apoyo|control|servicio|cierre|cuidado|desarrollo|diseño|manejo|registro|trato|cobro|análisis|reparto|cálculo)",
        r"(?:ciones|siones|ventas|compras|mejoras)", r"(?:mientos|controles|servicios|cierres)",
        ("la ", "el ", "las ", "los "), ("la ", "el "), "y",
    ),
    "it": _Nouns(
        r"(?:zione|sione|tione|tà|ura|enza|anza|vendita|cura|accoglienza|consegna|ricerca|verifica|pulizia|tenuta|raccolta|guida|analisi)",
        r"(?:mento|aggio|supporto|controllo|servizio|sviluppo|lavoro|calcolo|progetto|carico|scarico)",
        r"(?:zioni|sioni|vendite|consegne|ricerche|verifiche|pulizie)", r"(?:menti|controlli|servizi)",
        ("la ", "il ", "le ", "i "), ("l'", "l'"), "e",
    ),
    "pt": _Nouns(
        r"(?:ção|são|tão|dade|ura|eza|ência|ância|agem|ajuda|venda|compra|análise|entrega|pesquisa|tutoria)",
        r"(?:mento|apoio|controlo|controle|serviço|desenvolvimento|registo|registro|cálculo|trabalho|ensino|estudo|transporte)",
        r"(?:ções|sões|vendas|compras|entregas)", r"(?:mentos|serviços|registos)",
        ("a ", "o ", "as ", "os "), ("a ", "o "), "e",
    ),
    "nl": _Nouns(
        r"(?:ing|tie|heid|teit|zorg|controle|inkoop|verkoop|hulp|analyse|opvang|inzet)", r"(?:onderhoud|beheer|toezicht|advies|overleg|contact)",
        r"(?:ingen|ties|controles|analyses)", r"(?:adviezen|contacten)",
        ("de ", "het ", "de ", "de "), ("de ", "het "), "en",
    ),
}  # fmt: skip
PAIR = 3
# Italian "lo" stands before s and another consonant, z, gn and ps.
_LO = re.compile(r"^(?:s[bcdfgklmnpqrtv]|z|gn|ps)", re.IGNORECASE)


def with_definite(line: str, language: str) -> str | None:
    """Return a line that names work with the article of its first noun, and of a second one joined to it; None where it can't be told."""
    if language not in _NOUNS:
        return None
    nouns = _NOUNS[language]

    def article(noun: str) -> str | None:
        kinds = (nouns.feminines, nouns.masculines, nouns.feminine, nouns.masculine)
        number = next((n for n, ending in enumerate(kinds) if re.search(rf"{ending}$", noun)), None)
        if number is None:
            return None
        is_plural, gender = number < 2, number % 2
        if language == "it" and gender == 1 and (_LO.match(noun) or (is_plural and _VOWEL.match(noun))):
            return "gli " if is_plural else "lo "
        if is_plural:
            return nouns.articles[2 + gender]
        return nouns.elided[gender] if _VOWEL.match(noun) else nouns.articles[gender]

    first = article(line.split(maxsplit=1)[0])
    if first is None:
        return None
    second = re.compile(
        rf"(?<= {nouns.joint} )([a-zà-ÿ]+)(?= (?:de|du|des|d|del|di|della|dei|da|do|dos|das|a|au|aux|al|van|aan|bij)\b)"
    )
    if len(line.split()) == PAIR:
        # "wondzorg en medicatiebeheer": two things and nothing behind them.
        second = re.compile(rf"(?<= {nouns.joint} )([a-zà-ÿ]+)$")
    return first + second.sub(lambda match: f"{article(match[1]) or ''}{match[1]}", line)
