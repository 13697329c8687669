"""The lexicon of skills, tools, methods, licences and languages: find them in text, and say how they are related.

The entries stand in `cv/data/skills/*.txt`, one a line: `Name | aliases | implied | related`, under a `[category]` line. A name or
alias marked `!` counts only in exactly this spelling (`JS`); one marked `?` is also an everyday word or a single letter (`Go`, `R`,
`Excel`) and counts only where its neighbours show that it is meant as a name.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

DATA_DIR = Path(__file__).parent / "data" / "skills"

# What a skill says about another one; see docs/matching.md for the reasons.
IMPLIED = 0.9
RELATED = 0.5
IMPLYING = 0.4
SIBLING = 0.4

_TOKEN = re.compile(r"(?<!\w)\.[^\W_]+|[^\W_]+(?:\+\+|#|\+(?!\w))?")
_GAP = re.compile(r"|[ \t\xa0]{1,3}|[ ]?[-‐‑–/&+’'_][ ]?|\.")
_LINE_BREAK = re.compile(r"[ \t]*\n[ \t]*")
_COMPOUND_END = re.compile(r"(?<=..)-?(kenntnisse|kenntnissen|erfahrung|skills)$")
_GENERIC_END = re.compile(
    r"(?<=\w)[ -](?:kenntnisse|skills|knowledge|experience|erfahrung|programming)$", re.IGNORECASE
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:;•·*\n\t-])\s*$")
_PLAIN_LEFT = re.compile(
    r"(?:^|[,;/|(:•·*+&\n\t–-]|\b(?:and|or|und|oder|et|ou|y|o|e|i|oraz|lub|with|in|using|of|mit|en|avec|con|w|ms|microsoft|like|e\.g\.|"
    r"advanced|basic|strong|good|proficient|knowledge|language|languages))\s*$",
    re.IGNORECASE,
)
_PLAIN_RIGHT = re.compile(
    r"\s*(?:$|[,;/|()•·\n]|\.(?:\s|$)|(?:and|or|und|oder|et|ou|y|o|e|i|oraz|lub)\b(?!\s+(?:above|to|beyond|the|find|get|do)\b))",
    re.IGNORECASE,
)
_NAMED_RIGHT = re.compile(
    r"[ -](?:programming|programmer|developers?|development|engineers?|language|code|codebase|coding|scripts?|scripting|packages?|services?|"
    r"microservices|backend|components?|ecosystem|library|framework|skills?|knowledge|proficiency|experience|spreadsheets?|macros|"
    r"formulas|documents|databases?|Kenntnisse|Entwickler|Entwicklung|Programmierung|applications|frontend|stack)\b",
    re.IGNORECASE,
)
_JOINING = ("-", "&", "'", "’")
_NO_NAME_LEFT = re.compile(
    r"(?:class|klasse|category|kategorie|kat\.|licen[cs]e|permis|vitamin|grade|hepatitis|section|part|plan|type|to|appendix|option)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Concept:
    """One entry of the lexicon; `implies` and `related` are names of other entries."""

    name: str
    category: str
    aliases: tuple[str, ...] = ()
    implies: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConceptMention:
    """A concept found in a text, at the characters `start` to `end`."""

    concept: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Spelling:
    concept: str
    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class _Lexicon:
    concepts: dict[str, Concept]
    spellings: dict[str, tuple[_Spelling, ...]]
    longest: int


def concept_of(text: str) -> str | None:
    """Return the concept that a whole short text names (`Postgres`, `MS Excel (advanced)`), or None."""
    lexicon = _lexicon()
    plain = _GENERIC_END.sub("", re.sub(r"\(.*?\)", " ", text).strip(" \t\n.,;:•-"))
    for candidate in (text.strip(), plain):
        tokens = [_fold(match.group()) for match in _TOKEN.finditer(candidate)]
        found = _look_up(lexicon, tokens)
        if found:
            return found[0].concept
    mentions = concepts_in(plain)
    if len({mention.concept for mention in mentions}) == 1:
        covered = max(mention.end - mention.start for mention in mentions)
        if covered >= 0.6 * len(plain):
            return mentions[0].concept
    return None


def concepts_in(text: str) -> list[ConceptMention]:
    """Return the concepts that a text mentions, in order; the longest name wins, and none overlaps another."""
    lexicon = _lexicon()
    matches = list(_TOKEN.finditer(text))
    folded = [_fold(match.group()) for match in matches]
    joins = [_joined(text, left.end(), right.start()) for left, right in pairwise(matches)]
    mentions: list[ConceptMention] = []
    position = 0
    while position < len(matches):
        reach = 1
        while reach < lexicon.longest and position + reach < len(matches) and joins[position + reach - 1]:
            reach += 1
        for length in range(reach, 0, -1):
            start, end = matches[position].start(), matches[position + length - 1].end()
            spelling = _accepted(lexicon, folded[position : position + length], text, start, end)
            if spelling:
                mentions.append(ConceptMention(spelling.concept, start, end))
                position += length
                break
        else:
            position += 1
    return mentions


@cache
def related(have: str, wanted: str) -> float:
    """Return how far a person who has one concept has the other, in [0, 1].

    1 for the same concept; 0.9 for what it implies (Django says Python), with a tenth less for each further step; 0.5 for near
    relatives (React, Vue.js); 0.4 for what may lie in it (Python may mean Django) and for two that imply the same and stand in the
    same category (MySQL, PostgreSQL); else 0. Names outside the lexicon are related only to themselves.
    """
    concepts = _lexicon().concepts
    if have.casefold() == wanted.casefold():
        return 1.0
    one, other = concepts.get(have), concepts.get(wanted)
    if one is None or other is None:
        return 0.0
    steps = implied_by(have)
    if wanted in steps:
        return float(IMPLIED ** steps[wanted])
    if wanted in one.related or have in other.related:
        return RELATED
    others = implied_by(wanted)
    if have in others:
        return IMPLYING
    return SIBLING if one.category == other.category and set(one.implies) & set(other.implies) else 0.0


@cache
def implied_by(name: str) -> dict[str, int]:
    """Return what a concept implies, directly or through others, with the number of steps."""
    concepts = _lexicon().concepts
    steps: dict[str, int] = {}
    frontier, distance = [name], 0
    while frontier:
        distance += 1
        frontier = [parent for child in frontier for parent in concepts[child].implies if parent not in steps]
        steps.update(dict.fromkeys(frontier, distance))
    return steps


def category_of(name: str) -> str:
    """Return the category of a concept (`licence`, `soft skill`, `language`, `database`, …); empty for an unknown one."""
    concept = _lexicon().concepts.get(name)
    return concept.category if concept else ""


def all_concepts() -> list[Concept]:
    """Return the whole lexicon."""
    return list(_lexicon().concepts.values())


@cache
def _lexicon() -> _Lexicon:
    concepts: dict[str, Concept] = {}
    spellings: dict[str, tuple[_Spelling, ...]] = {}
    for concept in _entries():
        concepts[concept.name] = concept
        for alias in concept.aliases:
            mark = alias[0] if alias[0] in "!?" else ""
            spelling = _Spelling(concept.name, mark, alias.removeprefix(mark))
            key = " ".join(_fold(match.group()) for match in _TOKEN.finditer(spelling.text))
            spellings[key] = (*spellings.get(key, ()), spelling)
    return _Lexicon(concepts, spellings, max(key.count(" ") + 1 for key in spellings))


def _entries() -> Iterator[Concept]:
    for path in sorted(DATA_DIR.glob("*.txt")):
        category = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                category = line.strip("[] ")
            elif line.strip() and not line.startswith("#"):
                yield _entry(line, category)


def _entry(line: str, category: str) -> Concept:
    name, aliases, implies, near = ([part.strip() for part in line.split("|")] + [""] * 3)[:4]
    spellings = [name, *_listed(aliases)]
    plain = name.lstrip("!?")
    # `!Sage` as an alias of Sage narrows the name itself: the marked spelling replaces the plain one.
    if any(alias.lstrip("!?") == plain and alias != plain for alias in spellings[1:]):
        spellings = spellings[1:]
    return Concept(plain, category, tuple(spellings), tuple(_listed(implies)), tuple(_listed(near)))


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _joined(text: str, start: int, end: int) -> bool:
    """Tell whether two words may belong to one name: nothing but a joint between them, or a line that was wrapped."""
    if _GAP.fullmatch(text, start, end):
        return True
    return text[end].islower() and bool(_LINE_BREAK.fullmatch(text, start, end))


@cache
def _fold(token: str) -> str:
    """Lower the case and take off accents, so that `Élevage` and `elevage` are one word."""
    decomposed = unicodedata.normalize("NFKD", token.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _look_up(lexicon: _Lexicon, tokens: list[str]) -> tuple[_Spelling, ...]:
    if not tokens:
        return ()
    head, last = tokens[:-1], tokens[-1]
    variants = [last]
    if len(last) > 3 and last.endswith("s"):
        variants.append(last[:-1])
    stem = _COMPOUND_END.sub("", last)
    if stem != last:
        variants.append(stem)
    for variant in variants:
        found = lexicon.spellings.get(" ".join([*head, variant]))
        if found:
            return found
    return ()


# "CAD 2.4 million", "3m CAD": Canadian dollars, and no drawings.
_CURRENCIES = frozenset({"CAD"})
_AMOUNT_RIGHT = re.compile(r"\s?\$?\s?\d[\d.,]*\s?(?:k|m|mn|bn|thousand|million|billion)?(?![\w-])", re.IGNORECASE)
_AMOUNT_LEFT = re.compile(r"\d\s?(?:k|m|mn|bn|thousand|million|billion)\s$|\d[.,]\d{3}\s$", re.IGNORECASE)


def _is_money(text: str, start: int, end: int) -> bool:
    left, right = text[max(0, start - 20) : start], text[end : end + 30]
    return text[start:end] in _CURRENCIES and bool(_AMOUNT_RIGHT.match(right) or _AMOUNT_LEFT.search(left))


def _accepted(lexicon: _Lexicon, tokens: list[str], text: str, start: int, end: int) -> _Spelling | None:
    if _is_money(text, start, end):
        return None
    for spelling in _look_up(lexicon, tokens):
        written = text[start:end]
        if not spelling.mark and not _is_false_plural(spelling.text, written):
            return spelling
        exact = written in {spelling.text, spelling.text + "s"}
        compound = bool(_COMPOUND_END.search(written)) and written.startswith(spelling.text)
        if compound or (exact and (spelling.mark == "!" or _is_named(text, start, end))):
            return spelling
    return None


def _is_false_plural(name: str, written: str) -> bool:
    """Tell `Leeds` from the plural of LEED: of an acronym only `APIs` is one."""
    is_plural = len(written) == len(name) + 1 and written[-1] in "sS"
    return name.isupper() and is_plural and not written[:-1].isupper()


def _is_named(text: str, start: int, end: int) -> bool:
    """Tell a name from an everyday word by what stands left and right of it."""
    left, right = text[max(0, start - 30) : start], text[end : end + 30]
    if _NAMED_RIGHT.match(right):
        return True
    if right.startswith(_JOINING) or left.endswith(_JOINING) or _NO_NAME_LEFT.search(left):
        return False
    if end - start > 3 and not _SENTENCE_START.search(left):
        return True
    return bool(_PLAIN_LEFT.search(left) and _PLAIN_RIGHT.match(right))
