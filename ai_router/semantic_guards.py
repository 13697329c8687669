"""What must be the same in two texts before one answer may serve both: numbers, names, negations, comparisons, language.

A text is near another one also when a single word turns its meaning round. These words are taken out and compared; any
difference, also in their order, is a miss, however near the rest is.
"""

import hashlib
import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
NUMBER = re.compile(r"\d+(?:[.,:/\-]\d+)*")
ADDRESS = re.compile(r"\S+@\S+|(?:https?://|www\.)\S+|[@#]\w+|[€$£¥%]")
NEGATIONS = _words(
    "not no never none nothing nobody nowhere neither nor without cannot except unless hardly barely lack lacks lacking"
    " nicht kein keine keinen keinem keiner keines nie niemals nichts niemand ohne weder außer kaum"
    " ne pas sans jamais aucun aucune rien personne sauf nunca ningún ninguna nada nadie sin salvo"
    " non mai nessuno nessuna niente senza nie nigdy bez żaden żadna nikt"
)
# Words that turn a request into another one: comparisons, order, direction, opposites.
TURNING = _words(
    "more less fewer most least better worse best worst over under above below before after minimum maximum min max between"
    " up down in out on off first last only both either all any each every some few many always often sometimes rarely"
    " increase decrease raise lower start stop begin end open close add remove include exclude enable disable allow forbid"
    " accept reject hire fire buy sell win lose true false yes left right old new same different again"
    " mehr weniger besser schlechter über unter vor nach mindestens höchstens alle einige immer oft selten ja nein"
    " plus moins mieux avant après toujours oui más menos mejor peor antes después siempre sí"
)
NUMBER_WORDS = _words(
    "zero one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand million"
    " half third quarter once twice double null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf hundert"
    " tausend un deux trois quatre cinq six sept huit neuf dix cent mille uno dos tres cuatro cinco seis siete ocho nueve"
    " diez ciento mil"
)
# Words that open a sentence with a capital and name nobody.
OPENERS = _words(
    "a an the i how what which who whom whose when where why is are was were do does did can could should would will may"
    " please tell give show list write explain describe help make find compare summarize summarise translate if and or but"
    " in on at for of to with my your our their this that these those it there you we they"
    " wie was wer wo wann warum welche ist sind kann können soll bitte der die das ein eine ich mein"
)
SUFFIXES_OF_COMPARISON = ("er", "est")
SHORTEST_COMPARISON = 5
STOP_WORDS = {
    "en": _words("the and of to is in that it for on with as are this be you"),
    "de": _words("der die das und ist nicht ein eine ich zu den mit auf für von wie"),
    "fr": _words("le la les et est un une des du que pour dans je vous sur"),
    "es": _words("el los las y es un una que de por para con en como mi"),
    "it": _words("il lo gli e è un una che di per con non come mi"),
    "pl": _words("i w na z do jest się to że jak dla nie mój"),
}


def guard_of(text: str) -> int:
    """Return a 63-bit digest of the words that must be the same; different digests never share an answer."""
    words = WORD.findall(text)
    plain = [word.casefold().replace("’", "'") for word in words]
    # In their order: from one place to the other is not the way back.
    facts = (
        NUMBER.findall(text),
        [match.casefold() for match in ADDRESS.findall(text)],
        [word.casefold() for word in words if _is_name(word)],
        [word for word in plain if _turns(word)],
        _language(plain),
    )
    digest = hashlib.blake2b(repr(facts).encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def _is_name(word: str) -> bool:
    """Whether a word has a capital letter or a digit in it, and is not one that opens sentences."""
    has_mark = any(letter.isupper() or letter.isdigit() for letter in word)
    return has_mark and ((len(word) > 1 and word.isupper()) or word.casefold() not in OPENERS)


def _turns(word: str) -> bool:
    """Whether a word negates, compares, counts or turns a request round."""
    if word in NEGATIONS or word in TURNING or word in NUMBER_WORDS or word.endswith("n't"):
        return True
    return len(word) >= SHORTEST_COMPARISON and word.endswith(SUFFIXES_OF_COMPARISON)


def _language(words: list[str]) -> str:
    """Return the language whose little words are most frequent; empty where none are there."""
    counts = {name: sum(word in known for word in words) for name, known in STOP_WORDS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""
