"""The language of a posting, told by its small words: quick, and the same on every machine."""

import re
from collections import Counter

_SMALL_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(["requirements", "experience", "skills", "responsibilities", "knowledge", "salary", "the", "and", "of", "to", "in", "for", "with", "you", "we", "is", "are", "our", "your", "will", "as", "on", "or", "be", "that", "this", "a", "an", "at", "by", "from", "have"]),
    "de": frozenset(["vollzeit", "teilzeit", "anforderungen", "aufgaben", "gehalt", "kenntnisse", "erfahrung", "wir", "suchen", "zum", "ab", "und", "der", "die", "das", "wir", "sie", "mit", "für", "in", "von", "zu", "ist", "sind", "ihre", "im", "den", "des", "ein", "eine", "einen", "auf", "bei", "als", "oder", "unser", "du", "dich"]),
    "fr": frozenset(["profil", "missions", "expérience", "salaire", "temps", "le", "la", "les", "et", "des", "de", "du", "un", "une", "pour", "vous", "nous", "en", "dans", "avec", "sur", "est", "au", "aux", "votre", "notre", "ou", "par", "à", "qui"]),
    "es": frozenset(["experiencia", "requisitos", "funciones", "salario", "jornada", "el", "la", "los", "las", "y", "de", "en", "un", "una", "para", "con", "por", "se", "que", "del", "su", "al", "o", "es", "nuestro", "tu", "como", "más"]),
    "it": frozenset(["esperienza", "requisiti", "conoscenza", "contratto", "il", "la", "i", "gli", "le", "e", "di", "del", "della", "in", "un", "una", "per", "con", "che", "da", "al", "si", "nel", "sono", "o", "è", "nostra", "nostro"]),
    "pl": frozenset(["wymagania", "doświadczenie", "znajomość", "umowa", "obowiązków", "i", "w", "z", "na", "do", "się", "oraz", "dla", "o", "od", "po", "jest", "to", "nie", "za", "przy", "we", "ze", "lub", "pracy", "praca"]),
    "nl": frozenset(["ervaring", "functie", "vacature", "wat", "de", "het", "een", "en", "van", "in", "voor", "met", "je", "wij", "is", "op", "te", "zijn", "als", "aan", "bij", "ons", "onze", "of", "jij"]),
    "pt": frozenset(["experiência", "requisitos", "funções", "conhecimentos", "salário", "vaga", "o", "a", "os", "as", "e", "de", "do", "da", "em", "um", "uma", "para", "com", "por", "que", "se", "no", "na", "ou", "ao", "nossa", "você"]),
}  # fmt: skip
_ENOUGH = 3


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of a text's language, or an empty string where too few small words tell."""
    words = Counter(re.findall(r"[^\W\d_]+", text.casefold()[:20_000]))
    votes = {language: sum(words[word] for word in small) for language, small in _SMALL_WORDS.items()}
    best = max(votes, key=lambda language: votes[language])
    return best if votes[best] >= _ENOUGH else ""
