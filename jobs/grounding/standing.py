"""How things stand by the CV: what is not finished, what others did to one, what lies behind."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from cv.facts import Fact, FactKind
from jobs.grounding.periods import years_of
from jobs.grounding.wordlists import base_form
from jobs.grounding.words import stems, tokens


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{pattern})(?!\w)", re.IGNORECASE)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# That one has finished a course of study; and that one is still at it, or never finished.
_FINISHED = _words(
    r"graduated|graduate|(?:hold|have|holding|with|earned|obtained|completed|finished|received|gained|got|possess)(?: \w+){0,3} (?:degree|diploma|bachelor\w*|master\w*|doctorate|bsc|ba|msc|ma|phd|mba|beng|meng)|"
    r"(?:habe|besitze|mit|verfüge über)(?: \w+){0,3} (?:abschluss|bachelor\w*|master\w*|diplom)|abgeschlossen\w*|absolvent\w*|absolviert|"
    r"diplômée?|titulaire|obtenu|titulad[oa]|graduad[oa]|licenciad[oa]|laureat[oa]|conseguito|diplomat[oa]|formad[oa] em|concluí|afgestudeerd|behaald\w*|afgerond|ukończył\w*|absolwent\w*|dyplomowan\w+"
)
_UNFINISHED = _words(
    r"stud(?:y|ying|ent|ents|ies)|working towards?|in progress|currently|enrolled|expect\w*|yet|not|began|started|since|final[- ]year|(?:first|second|third|fourth)[- ]year|pursuing|reading|part of|attended|unfinished|modules?|"
    r"studier\w*|student\w*|derzeit|noch|begonnen|voraussichtlich|angefangen|nicht|seit|semester|étudi\w+|en cours|pas|encore|actuellement|prépare|estudi\w+|cursando|curso|no|aún|actualmente|"
    r"stud(?:io|iando|entessa|ente)|in corso|non|ancora|frequento|attualmente|frequento|estud\w+|a frequentar|não|ainda|atualmente|studeer\w*|volg|niet|nog|momenteel|studiuj\w+|student\w*|w trakcie|nie|jeszcze|obecnie"
)
_LEFT_OPEN = _words(
    r"in progress|not completed|not finished|incomplete|unfinished|no degree|without (?:a )?degree|discontinued|abandoned|left (?:after|before)|interrupted|ongoing|expected|abgebrochen|nicht abgeschlossen|ohne abschluss|laufend|"
    r"en cours|non achevé\w*|inachevé\w*|en curso|sin terminar|no finalizad\w*|in corso|non complet\w+|em curso|incomplet\w*|lopend|niet afgerond|w trakcie|nieukończon\w+|present|heute"
)


# Letters of a word by which a course of study is known.
_TELLING = 3


def unfinished_problems(claim: str, facts: Sequence[Fact], *, known: Sequence[Fact], today: date) -> Iterator[str]:
    """A course of study that goes on, or was broken off, may not be told as finished: the one that a claim names of all that are `known`, or the cited ones."""
    if _FINISHED.search(claim) is None or _UNFINISHED.search(claim):
        return
    said = {token.word for token in tokens(claim) if len(token.word) >= _TELLING}
    all_known = [fact for fact in known if fact.kind == FactKind.EDUCATION]
    named = [fact for fact in all_known if said & {token.word for token in tokens(fact.text)}]
    studies = named or [fact for fact in facts if fact.kind == FactKind.EDUCATION]
    if studies and all(_is_open(fact, today) for fact in studies):
        yield f"The CV does not give “{studies[0].text}” as finished."


def _is_open(fact: Fact, today: date) -> bool:
    is_later = fact.end is not None and (fact.end.year, fact.end.month or 1) > (today.year, today.month)
    return is_later or (fact.start is not None and fact.end is None) or _LEFT_OPEN.search(fact.text) is not None


def span_problems(claim: str, lines: Sequence[str]) -> Iterator[str]:
    """What a line dates from one year to another was not done over other years, though the post may have been held then."""
    said, known = years_of(claim), [years_of(line) for line in lines]
    if len(said) > 1 and known and all(len(years) > 1 for years in known) and not said <= set().union(*known):
        yield f"The CV dates this {min(known[0])} to {max(known[0])}."


_EACH = re.compile(r"\b(?:every|each|per)\s+(?P<what>[a-z]{3,})\b(?! (?:or|in)\b)", re.IGNORECASE)


def rota_problems(claim: str, lines: Sequence[str]) -> Iterator[str]:
    """Every fourth weekend is not every weekend."""
    for match in _EACH.finditer(claim):
        what = match["what"]
        some = re.compile(rf"\b(?:one|two|three|\d+) {what}s? (?:in|out of) \w+|\bevery \w+ {what}s?\b", re.IGNORECASE)
        each = re.compile(rf"\b(?:every|each|per|a) {what}\b|\b{what}ly\b", re.IGNORECASE)
        found = [some.search(line) for line in lines if not each.search(line)]
        if len(found) == len(lines) > 0 and found[0] and all(found):
            yield f"The CV says “{found[0].group()}”."


# What was done by somebody else: "trained by the head chef".
_BY_OTHERS = re.compile(
    r"\b(?P<verb>[^\W\d]{4,}(?:ed|en|ught|uilt|led|t))\s+by\s+(?!me\b|myself|hand\b|phone|post\b|e-?mail|car\b|rail|sea\b|air\b|about|around|roughly|nearly|over|up|just|a (?:third|quarter|half|tenth|fifth)|half|one\b|two\b|three\b|[\d£$€]|[^\W\d]+ing\b)"
    r"(?P<who>[^\W\d]+)",
    re.IGNORECASE,
)
_BY = re.compile(r"\bby\b", re.IGNORECASE)


def agent_problems(claim: str, lines: Sequence[str]) -> Iterator[str]:
    """What others did to one, or to one's work, may not be told as one's own deed."""
    found = [_BY_OTHERS.search(line) for line in lines]
    if not _BY.search(claim) and found and all(match and _is_own_deed(match, claim) for match in found) and found[0]:
        yield f"The CV says that this was “{found[0].group()}”."


def _is_own_deed(match: re.Match[str], claim: str) -> bool:
    """Whether a claim tells in the active voice what a line tells of others, and nothing else in the line tells it."""
    verb = stems(match["verb"].lower())
    again = sum(not verb.isdisjoint(stems(token.word)) for token in tokens(match.string)) > 1
    return not again and _is_active(claim, verb)


def _is_active(claim: str, verb: frozenset[str]) -> bool:
    words = tokens(claim)
    for index, token in enumerate(words):
        if not verb.isdisjoint(stems(token.word)):
            before = words[index - 1].word if index else ""
            return index == 0 or before in {"i", "and", "also", "have", "i've", "then", "successfully", "personally"}
    return False


# Verbs that tell of what one has, knows or wants rather than of a duty.
_OF_STATE = _set(
    "am have know speak hold bring can want would could will should may might must like love enjoy hope believe understand think feel look wish need offer combine possess own remain live "
    "learn see find apply write ask thank welcome read refer attach enclose describe mention list name count value care mean come go do did had was were has became been"
)
_I_DO = re.compile(
    r"\bi (?:also |regularly |usually |often |now |still |mainly |currently |personally )?(?P<verb>[a-z]{3,})\b(?![-'’])",
    re.IGNORECASE,
)
_THEN = re.compile(
    r"\b(?:when|if|while|as i|which i|what i|where i|that i|because|since|used to|can|could|would|will|know|experience|familiar|skills?)\b",
    re.IGNORECASE,
)


def present_problems(claim: str, facts: Sequence[Fact]) -> Iterator[str]:
    """A duty of a post that has ended may not be told as one that one has now."""
    dated = [
        fact
        for fact in facts
        if fact.kind in {FactKind.POSITION, FactKind.HIGHLIGHT, FactKind.VOLUNTEERING} and fact.end
    ]
    if not dated or len(dated) < len([fact for fact in facts if fact.scope_id]) or any(fact.current for fact in facts):
        return
    for match in _I_DO.finditer(claim):
        verb = match["verb"].lower()
        is_past = base_form(verb) != verb or verb.endswith("ed")
        if verb not in _OF_STATE and not is_past and not _THEN.search(claim) and verb not in _PAST_ALIKE:
            yield f"The CV gives this as ended, and “{match.group()}” tells of the present."
            return


# Past forms that look like the present.
_PAST_ALIKE = _set(
    "cut put set read let hit cost spread split shut quit beat taught built sold kept held led met made ran won wrote drove took gave grew began spent brought bought caught fed sang sat stood sent dealt drew flew fought found lent left lost paid rose said saw sent sewed shot sold spoke told thought threw understood wore withdrew undertook oversaw got went came became did knew"
)
