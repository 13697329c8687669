"""Words as the gate sees them: tokens, stems, clauses and sentences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import snowballstemmer

from jobs.grounding.lexicon import ABBREVIATIONS, FLUENCY, GERMAN_MARKERS, NEUTRAL
from jobs.grounding.wordlists import base_form, rows_of
from jobs.grounding.wordnet import borne_by, senses_of

TOKEN = re.compile(r"[^\W_]\w*(?:[.+#&'’/-]+\w+)*[+#]*")
PARTS = re.compile(r"[./&'’+#-]+")
SENTENCE_END = re.compile(r"([.!?…]+[\"'”’»)\]]*)(\s+|$)")
SUFFIXES = ("", "s", "e", "es", "ed", "en", "er", "ers", "or", "ors", "ing", "ings", "ion", "ions", "al", "ally", "ance", "ence", "ment", "ments", "ity", "ive", "ly", "ation", "ations", "ication", "ative", "ency", "y", "ure")  # fmt: skip
# British endings and the American ones that the same word has.
BRITISH = re.compile(r"(?<=\w{3})is(?=(?:e|ed|es|ing|er|ers|ation|ations)$)|(?<=\w{3})ys(?=(?:e|ed|es|ing|er|ers)$)")
# A German noun for a woman who does it: `Kolleginnen`, `Fahrerin`.
GERMAN_FEMALE = re.compile(r"(?<=\w{5})in(?:nen)?$")
# What German verbs and the nouns made of them end in.
GERMAN_PREFIX = re.compile(
    r"^(ab|an|auf|aus|bei|durch|ein|fest|her|hin|mit|nach|um|vor|weiter|zu|zusammen)?(?:ge|zu)(?=\w{4,}(?:t|en)$)"
)
GERMAN_ENDING = re.compile(r"(?:ungen|ung|tet|test|ten|te|et|est|en|ern|eln|t|e|n)$")
_ROOT = 5

_english = snowballstemmer.stemmer("english")
_german = snowballstemmer.stemmer("german")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text: `text` as written, `word` folded, `start` its character offset."""

    text: str
    word: str
    start: int

    @property
    def is_name(self) -> bool:
        """Whether it is written like a name: a capital, several of them, or a sign that words don't have."""
        return self.text[0].isupper() or any(sign in self.text for sign in "+#") or any(c.isupper() for c in self.text)

    @property
    def has_digit(self) -> bool:
        """Whether a digit is part of it."""
        return any(c.isdigit() for c in self.text)


LIST_ITEM = re.compile(r"(?:[-–—•·*▪●○>]|\d{1,2}[.)])\s")


@lru_cache(maxsize=50_000)
def stems(word: str) -> frozenset[str]:
    """Return the English and the German stem of a folded word; a text in either language is compared by both.

    An irregular English form has the stems of its base form.
    """
    base = base_form(word)
    female = GERMAN_FEMALE.sub("", word)
    found = {_german.stemWord(female)} if female != word else set()
    found |= {_english.stemWord(base), _english.stemWord(BRITISH.sub(_american, base)), _german.stemWord(word)}
    return frozenset(found | _german_root(word))


def _american(match: re.Match[str]) -> str:
    return match.group().replace("s", "z")


def _german_root(word: str) -> set[str]:
    """Return what a German verb's forms and the noun made of it share: `Verhandlung`, `verhandelt`; nothing for a short word."""
    bare = GERMAN_PREFIX.sub(lambda match: match[1] or "", word)
    bare = GERMAN_ENDING.sub("", bare)
    root = re.sub(r"e(?=[lr]$)", "", bare)
    is_german = len(root) >= _ROOT and not word.endswith(("ing", "ment", "ent", "ant", "ist"))
    return {f"de {root}"} if is_german else set()


@cache
def _groups() -> dict[str, frozenset[int]]:
    """Return the numbers of the synonym groups that a stem stands in."""
    table: dict[str, set[int]] = {}
    for number, line in enumerate(rows_of("synonyms.txt")):
        for word in line.split():
            for stem in stems(word):
                table.setdefault(stem, set()).add(number)
    return {stem: frozenset(numbers) for stem, numbers in table.items()}


@cache
def _generals() -> dict[str, frozenset[str]]:
    """Return, by the stem of a word, the stems of the words that say the same more generally."""
    table: dict[str, set[str]] = {}
    for line in rows_of("hypernyms.txt"):
        general, _, kinds = line.partition(":")
        said = {stem for word in general.split() for stem in stems(word)}
        for word in kinds.split():
            for stem in stems(word):
                table.setdefault(stem, set()).update(said)
    return {stem: frozenset(said) for stem, said in table.items()}


@cache
def _settings() -> dict[str, frozenset[str]]:
    """Return, by the stem of a word for a trade or a place of work, the stems of the words that go without saying there."""
    table: dict[str, set[str]] = {}
    for line in rows_of("settings.txt"):
        places, _, things = line.partition(":")
        said = {stem for word in things.split() for stem in stems(word)}
        for word in places.split():
            for stem in stems(word):
                table.setdefault(stem, set()).update(said)
    return {stem: frozenset(said) for stem, said in table.items()}


@lru_cache(maxsize=50_000)
def goes_without_saying(word: str) -> frozenset[str]:
    """Return the stems of what is there for everyone where a folded word names the trade or the place of work."""
    return frozenset(thing for stem in stems(word) for thing in _settings().get(stem, ()))


@lru_cache(maxsize=50_000)
def generals_of(word: str) -> frozenset[str]:
    """Return the stems of the words that say the same as a folded word, but more generally."""
    return frozenset(general for stem in stems(word) for general in _generals().get(stem, ()))


@lru_cache(maxsize=100_000)
def bears(known: str, said: str) -> bool:
    """Whether a word of the evidence bears a word of the claim: a form of it, a listed synonym, or the name of its kind."""
    return (
        mean_alike(known, said)
        or not stems(said).isdisjoint(generals_of(known))
        or not senses_of(said).isdisjoint(borne_by(known))
        or _are_kin(known, said)
    )


@lru_cache(maxsize=50_000)
def groups_of(word: str) -> frozenset[int]:
    """Return the numbers of the synonym groups that a folded word stands in."""
    return frozenset(number for stem in stems(word) for number in _groups().get(stem, ()))


@lru_cache(maxsize=100_000)
def mean_alike(one: str, other: str) -> bool:
    """Whether two folded words are forms of one word, or listed synonyms."""
    return not stems(one).isdisjoint(stems(other)) or not groups_of(one).isdisjoint(groups_of(other))


@lru_cache(maxsize=50_000)
def fluency_of(word: str) -> int:
    """Return the level at which a folded word, in whatever form, says that a language is spoken; 0 for other words."""
    return FLUENCY.get(word) or max(
        (FLUENCY[known] for known in FLUENCY if len(known) > 5 and stems(known) & stems(word)), default=0
    )


def fold(text: str) -> str:
    """Lower the case, straighten apostrophes and drop a possessive's ending."""
    word = text.lower().replace("’", "'")
    return word[:-2] if word.endswith("'s") else word.rstrip("'")


def tokens(text: str) -> list[Token]:
    """Return the words and numbers of a text."""
    return list(_tokens(text))


@lru_cache(maxsize=20_000)
def _tokens(text: str) -> tuple[Token, ...]:
    return tuple(Token(match.group(), fold(match.group()), match.start()) for match in TOKEN.finditer(text))


def parts(word: str) -> list[str]:
    """Return the pieces of a compound such as `ci/cd` or `web-based`; a plain word is its only piece."""
    return [piece for piece in PARTS.split(word) if piece]


def is_german(text: str) -> bool:
    """Whether a text reads as German rather than English, by its small words."""
    words = [token.word for token in tokens(text)]
    german = sum(word in GERMAN_MARKERS for word in words)
    return (german >= 1 and german * 6 >= len(words)) or (any(c in "äöüß" for c in text.lower()) and german > 0)


@lru_cache(maxsize=50_000)
def is_neutral(word: str) -> bool:
    """Whether a word states nothing about the applicant on its own."""
    if word in NEUTRAL:
        return True
    pieces = parts(word)
    return len(pieces) > 1 and all(piece in NEUTRAL for piece in pieces)


_PARTICLES = (
    "an|ab|auf|aus|bei|durch|ein|fest|her|hin|mit|nach|um|vor|weiter|zu|zusammen|teil|bereit|sicher|entgegen|los|zurück"
)
# "Ich leite … an": the verb stands beside the pronoun, or first, and its particle ends the clause.
_SEPARABLE = re.compile(
    rf"(?P<front>\b(?:ich|wir) )(?P<verb>[a-zäöüß]{{3,}}(?:e|te|en|ten))\b(?P<between>(?:[^.;:!?]|(?<=\d)\.)*?) (?P<particle>{_PARTICLES})(?=[.;:!?,]|$)|"
    rf"(?P<verb2>\b[a-zäöüß]{{3,}}(?:e|te|en|ten)) (?P<back>ich|wir)\b(?P<between2>(?:[^.;:!?]|(?<=\d)\.)*?) (?P<particle2>{_PARTICLES})(?=[.;:!?,]|$)",
    re.IGNORECASE,
)


def separable_joined(text: str) -> str:
    """Return a German text with separated verbs put together: `Ich anleite …` for `Ich leite … an`."""
    if not is_german(text):
        return text
    return _SEPARABLE.sub(_joined, text)


def _joined(match: re.Match[str]) -> str:
    if match["verb"]:
        return f"{match['front']}{match['particle'].lower()}{match['verb']}{match['between']}"
    return f"{match['particle2'].lower()}{match['verb2'].lower()} {match['back']}{match['between2']}"


@lru_cache(maxsize=10_000)
def _indexed(text: str) -> tuple[frozenset[str], frozenset[str], frozenset[int], frozenset[str], frozenset[str]]:
    """Return the words of a text, their stems and synonym groups, and what they bear more generally and by WordNet."""
    words = frozenset(piece for token in tokens(text) for piece in (token.word, *parts(token.word)))
    return (
        words,
        frozenset(stem for word in words for stem in stems(word)),
        frozenset(number for word in words for number in groups_of(word)),
        frozenset(general for word in words for general in generals_of(word)),
        frozenset(sense for word in words for sense in borne_by(word)),
    )


class Vocabulary:
    """The words of a set of texts, and what counts as saying the same."""

    def __init__(self, texts: list[str]) -> None:
        """Index the texts."""
        self.words: set[str] = set()
        self.stems: set[str] = set()
        self.groups: set[int] = set()
        self.generals: set[str] = set()
        self.senses: set[str] = set()
        for text in texts:
            self.add(text)
        self.joined = " ".join(token.word for text in texts for token in tokens(text))

    def add(self, text: str, *, senses: bool = True) -> None:
        """Take up the words of a text, with what they mean in WordNet or without it."""
        words, found, groups, generals, meant = _indexed(text)
        self.words |= words
        self.stems |= found
        self.groups |= groups
        self.generals |= generals
        self.senses |= meant if senses else frozenset()

    def has_form(self, word: str) -> bool:
        """Whether the word or an inflection of it occurs."""
        return word in self.words or not stems(word).isdisjoint(self.stems)

    def has(self, word: str) -> bool:
        """Whether the word, an inflection of it, a listed synonym or something of its kind occurs."""
        return word in self.words or not stems(word).isdisjoint(self.stems) or self._has_kin(word)

    def _has_kin(self, word: str) -> bool:
        if not groups_of(word).isdisjoint(self.groups) or not stems(word).isdisjoint(self.generals):
            return True
        if not senses_of(word).isdisjoint(self.senses):
            return True
        return any(_are_kin(word, other) for other in self.words if other[:5] == word[:5])


@lru_cache(maxsize=5_000)
def vocabulary_of(text: str) -> Vocabulary:
    """Return the words of one text; not to be added to."""
    return Vocabulary([text])


def _are_kin(one: str, other: str) -> bool:
    """Whether two words share a root of at least five letters and differ by a derivational ending only."""
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length >= 5 and one[length:] in SUFFIXES and other[length:] in SUFFIXES


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text; a line break ends one too, abbreviations and decimals don't."""
    for line in text.splitlines():
        start = 0
        for match in SENTENCE_END.finditer(line):
            if _ends_sentence(line, match):
                yield from _stripped(line[start : match.end(1)])
                start = match.end()
        yield from _stripped(line[start:])


def unwrapped(text: str) -> str:
    """Return a text with the lines joined that only a right margin has parted: the next word would not have fitted.

    The margin is the longest line; list items, and lines that end a sentence, stay as they are.
    """
    lines = [line.strip() for line in text.splitlines()]
    width = max(map(len, lines), default=0)
    joined: list[str] = []
    last = ""
    for line in lines:
        has_no_room = last and line and len(last) + 1 + len(line.split()[0]) > width
        if has_no_room and last[-1] not in ".!?:" and not LIST_ITEM.match(line):
            joined[-1] += f" {line}"
        else:
            joined.append(line)
        last = line
    return "\n".join(joined)


def _ends_sentence(line: str, match: re.Match[str]) -> bool:
    following = line[match.end() : match.end() + 1]
    if following and not (following.isupper() or following.isdigit() or following in "\"'“„«(["):
        return False
    if match.group(1) != ".":
        return True
    before = line[: match.start()].rsplit(None, 1)
    word = before[-1].lstrip("(\"'“„") if before else ""
    # "Maria K. Jones" has an initial; "evaluated data in R. Then" ends.
    previous = before[0].split()[-1:] if len(before) > 1 else []
    is_name_before = not previous or previous[0][:1].isupper()
    is_initial = len(word) == 1 and word.isupper() and word != "I" and is_name_before
    is_german_ordinal = word.isdigit() and len(word) <= 2 and bool(following)
    return not (
        is_initial
        or is_german_ordinal
        or word.lower() in ABBREVIATIONS
        or ("." in word.rstrip(".") and not word[0].isdigit())
    )


def _stripped(text: str) -> Iterator[str]:
    if text.strip():
        yield text.strip()
