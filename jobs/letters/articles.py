"""Definite articles that lines of CVs leave out: "gestion de l'agenda" is "la gestion de l'agenda" in a sentence."""

import re

_VOWEL = re.compile(r"^[aeiouàâäéèêëîïôöûüh]", re.IGNORECASE)
# By language: what feminine and masculine nouns of work end in, the articles before consonants and before vowels, and what joins two nouns.
_NOUNS: dict[str, tuple[str, str, str, str, str, str, str]] = {
    "fr": (r"(?:tion|sion|xion|ité|ance|ence|ure|ise|tenue|vente|aide)", r"(?:ment|age|eur|isme|accueil|suivi|contrôle|conseil|soutien|entretien|encadrement)", "la ", "le ", "l'", "l'", "et"),
    "es": (r"(?:ción|sión|tión|dad|tud|eza|ura|ncia|ayuda|venta|compra|mejora)", r"(?:miento|aje|apoyo|control|servicio|cierre|cuidado|desarrollo|diseño|manejo)", "la ", "el ", "la ", "el ", "y"),
    "it": (r"(?:zione|sione|tione|tà|ura|enza|anza|vendita|cura|accoglienza)", r"(?:mento|aggio|supporto|controllo|servizio|sviluppo)", "la ", "il ", "l'", "l'", "e"),
    "pt": (r"(?:ção|são|tão|dade|ura|ência|ância|agem|ajuda|venda|compra)", r"(?:mento|apoio|controlo|controle|serviço|desenvolvimento)", "a ", "o ", "a ", "o ", "e"),
}  # fmt: skip
# Italian "lo" stands before s and another consonant, z, gn and ps.
_LO = re.compile(r"^(?:s[bcdfgklmnpqrtv]|z|gn|ps)", re.IGNORECASE)


def with_definite(line: str, language: str) -> str | None:
    """Return a line that names work with the article of its first noun, and of a second one joined to it; None where it can't be told."""
    if language not in _NOUNS:
        return None
    feminine, masculine, la, le, la_vowel, le_vowel, joint = _NOUNS[language]

    def article(noun: str) -> str | None:
        is_vowel = _VOWEL.match(noun) is not None
        if re.search(rf"{feminine}$", noun):
            return la_vowel if is_vowel else la
        if not re.search(rf"{masculine}$", noun):
            return None
        if language == "it" and _LO.match(noun):
            return "lo "
        return le_vowel if is_vowel else le

    first = article(line.split(maxsplit=1)[0])
    if first is None:
        return None
    second = re.compile(rf"(?<= {joint} )([a-zà-ÿ]+)(?= (?:de|du|des|d|del|di|della|dei|da|do|dos|das|a|au|aux|al)\b)")
    return first + second.sub(lambda match: f"{article(match[1]) or ''}{match[1]}", line)
