"""The rung of a claim's verbs before that of its evidence."""

import re
from collections.abc import Iterable, Sequence

from cv.facts import FactKind
from jobs.grounding.base import Base
from jobs.grounding.concepts import concepts_of, known_and_foreign
from jobs.grounding.crosswords import CrossVocabulary
from jobs.grounding.lexicon import MADE, MAKING
from jobs.grounding.periods import OF_DURATION
from jobs.grounding.phrases import plain
from jobs.grounding.scope import BUILT, CONTRIBUTED, HELPED, LED, LEVEL_NAMES, ScopeVerb, scope_verbs
from jobs.grounding.tongues import TONGUES, level_of
from jobs.grounding.wordlists import base_form
from jobs.grounding.words import (
    Token,
    Vocabulary,
    bears,
    is_neutral,
    mean_alike,
    stems,
    tokens,
    vocabulary_of,
)

MADE_WITHIN = 80
JOINT = re.compile(r"[,;:]|\s(?:and|und|sowie|while|but)\s", re.IGNORECASE)
# A participle with an agent behind it tells what others did.
OF_OTHERS = re.compile(r"\s+by (?!me\b|myself\b)", re.IGNORECASE)
WITHIN = re.compile(r"\b(?:in|at|during) (?:the |an? |our )?((?:[\w'-]+ ?){1,3})")
RESPONSIBLE = frozenset(["responsible", "verantwortlich"])
# What the name of some work ends in, rather than that of a thing.
OF_WORK = ("ing", "tion", "ance", "ment", "sis", "ung", "al")
LEADING = frozenset(["lead", "leads", "led", "leading", "manage", "manages", "managed", "managing", "head", "heads", "headed", "heading"])  # fmt: skip
DRIVER = re.compile(r"driver|driving|chauffeur|fahrer|rijbewijs|führerschein", re.IGNORECASE)
# What is only there to be driven by whoever names it.
MACHINE = re.compile(r"forklift|reach truck|digger|excavator|tractor|stapler|bagger|traktor", re.IGNORECASE)
RUNS_ITSELF = re.compile(r"(?:attended|joined|member|mitglied)\b", re.IGNORECASE)
# To run a group of people is to lead it; to run a machine or a test is not.
RUNS_PEOPLE = re.compile(
    r"(?:Run|Runs|Ran|Running)\b (?:\w+['’]?s? ){0,3}(?:club|team|group|crew|choir|department|shop|store|kitchen|pass|course|workshop|camp|class|shift|office|school|nursery|bar|restaurant)s?\b",
    re.IGNORECASE,
)


def scope_problems(claim: str, base: Base) -> Iterable[str]:
    """A verb may not stand higher on the ladder than where the best fitting cited line puts it, nor be a different kind of work.

    The line is that which fits the verb's own clause or, where the clause alone says too little, the whole claim.
    """
    words = tokens(claim)
    skills, _ = known_and_foreign(claim, base.texts)
    titles = Vocabulary(base.headers).words
    for verb in scope_verbs(words):
        is_name = verb.token.text[0].isupper() and verb.token.start > 0
        if (is_name and verb.token.word in titles) or (verb.token.start in skills and verb.token.word.endswith("ing")):
            continue
        if OF_OTHERS.match(claim[verb.token.start + len(verb.token.text) :]):
            continue
        problem = _problem_of(verb, words, best_lines(words, base) or base.texts, base)
        clause = _clause_of(verb, claim)
        says_what = any(not is_neutral(token.word) and token.start != verb.token.start for token in clause)
        if problem and says_what and len(clause) < len(words):
            evidence = best_lines(clause, base)
            problem = _problem_of(verb, clause, evidence, base) if evidence else problem
        if problem:
            yield problem


def _clause_of(verb: ScopeVerb, claim: str) -> list[Token]:
    """Return the words of the clause that a verb stands in, with those of the same offsets as in the claim."""
    ends = [0, *(match.end() for match in JOINT.finditer(claim)), len(claim) + 1]
    place = next(number for number, end in enumerate(ends) if end > verb.token.start)
    return [token for token in tokens(claim) if ends[place - 1] <= token.start < ends[place]]


def _problem_of(verb: ScopeVerb, words: Sequence[Token], evidence: Sequence[str], base: Base) -> str:
    """Return what is wrong with a verb before the lines that it is about, nothing where they bear it."""
    # The name of a skill tells of no deed: "Inventory management" in a list is not "headed the inventory".
    skills = {plain(fact.text) for fact in base.facts if fact.kind == FactKind.SKILL}
    levels = [other for line in evidence if line not in skills for other in scope_verbs(tokens(line))]
    is_meant = bool(base.across) and CrossVocabulary(list(evidence), base.across).has(verb.token.word)
    reach = _reach_across(verb, evidence) if is_meant else _reach(verb, levels)
    is_alike = verb.level <= BUILT and any(_says_alike(verb.token.word, line) for line in evidence)
    if _says_no_more(verb, words, evidence) or _drives(verb, evidence, base):
        return ""
    if reach is None and _puts_into_words(verb, words, evidence):
        return ""
    if reach is None:
        is_same = is_alike or any(_stem_in(verb.token.word, line) for line in evidence)
        is_less = verb.level <= CONTRIBUTED and any(_says_work_of(line, words) for line in evidence)
        is_help = verb.level == HELPED and verb.group == 0 and any(RUNS_ITSELF.match(line) is None for line in evidence)
        return "" if is_same or is_less or is_help else f"“{verb.token.text}” is not what the cited line says was done."
    # To have contributed is to have helped.
    is_help = (
        reach == HELPED
        and verb.level == CONTRIBUTED
        and verb.token.word.startswith(("contribut", "mit", "beigetragen"))
    )
    if verb.level > reach and not (is_alike and reach == BUILT) and not is_help:
        return f"“{verb.token.text}” says more than the CV, which says “{LEVEL_NAMES[reach]}”."
    return ""


def _drives(verb: ScopeVerb, evidence: Sequence[str], base: Base) -> bool:
    """Whether driving is that of a driver, or of a machine that the lines name."""
    is_driving = verb.token.word.startswith(("driv", "drove"))
    return is_driving and (any(map(DRIVER.search, base.headers)) or any(map(MACHINE.search, evidence)))


def _puts_into_words(verb: ScopeVerb, words: Sequence[Token], evidence: Sequence[str]) -> bool:
    """Whether a verb of making goes with a thing that is made so, where the line only names the thing: "wrote scripts" of "Scripts for …"."""
    near = {token.word for token in words if abs(token.start - verb.token.start) < MADE_WITHIN}
    for line in evidence:
        first = [token for token in tokens(line) if not is_neutral(token.word) and not token.has_digit][:5]
        is_named_only = not scope_verbs(tokens(line)) and not (first and is_past_form(first[0].word))
        made = [token.word for token in first if not MADE.isdisjoint(_endings(token.word))]
        if verb.token.word in MAKING and is_named_only and any(bears(thing, word) for thing in made for word in near):
            return True
    return False


def _endings(word: str) -> set[str]:
    """Return the word, without a plural ending too, and the ends that a German compound may have."""
    ways = {word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("en"), word.removesuffix("e")}
    return ways | {way[start:] for way in ways for start in range(3, max(3, len(way) - 4))}


def is_past_form(word: str) -> bool:
    """Whether a word looks like a verb of the past."""
    return word.endswith(("ed", "te")) or base_form(word) != word


def _says_no_more(verb: ScopeVerb, words: Sequence[Token], evidence: Sequence[str]) -> bool:
    """Whether a verb of a higher rung is but another way to say what a line says."""
    return (
        (verb.token.word.startswith("particip") and any(_has_part(verb, words, line) for line in evidence))
        or (verb.token.word in RESPONSIBLE and any(_is_duty(verb, words, line) for line in evidence))
        or (verb.token.word in LEADING and any(RUNS_PEOPLE.match(line) for line in evidence))
    )


def _has_part(verb: ScopeVerb, words: Sequence[Token], line: str) -> bool:
    """Whether a line tells of something done in what a claim says one took part in."""
    behind = [token.word for token in words if token.start > verb.token.start and not is_neutral(token.word)][:2]
    places = [match[1].split() for match in WITHIN.finditer(line)]
    return bool(behind) and any(all(any(bears(place, word) for place in found) for word in behind) for found in places)


def _is_duty(verb: ScopeVerb, words: Sequence[Token], line: str) -> bool:
    """Whether "responsible for …" goes on with the very work that a line begins with, and the line says that it was one's own."""
    if any(other.level <= CONTRIBUTED for other in scope_verbs(tokens(line))):
        return False
    if any(other.level == LED and other.token.start == 0 for other in scope_verbs(tokens(line))):
        return True
    heads: set[str] = set()
    for clause in JOINT.split(line):
        said = [token.word for token in tokens(clause)]
        heads |= {*said[:1], *[word for word in said if not is_neutral(word)][:1]}
    behind = [token.word for token in words if token.start > verb.token.start][:5]
    return any(word.endswith(OF_WORK) and bears(head, word) for head in heads for word in behind)


def _says_work_of(line: str, words: Sequence[Token]) -> bool:
    """Whether a claim names, in some form, the work that a line begins with: "helped plan" of "planned …"."""
    first = next((token.word for token in tokens(line) if not is_neutral(token.word)), "")
    return bool(first) and any(mean_alike(first, token.word) for token in words)


def _reach(verb: ScopeVerb, evidence: list[ScopeVerb]) -> int | None:
    """Return the level up to which the evidence bears this verb: that of its like, or of any verb for a lower rung."""
    alike = [other.level for other in evidence if other.group == verb.group]
    if alike:
        return max(alike)
    higher = [other.level for other in evidence if other.level >= verb.level and verb.level <= CONTRIBUTED]
    if higher:
        return max(higher)
    return (
        max((other.level for other in evidence), default=None) if any(o.level < verb.level for o in evidence) else None
    )


def _reach_across(verb: ScopeVerb, evidence: Sequence[str]) -> int:
    """Return the level of lines in another language that mean the verb: that of their lowest helping verb, else the verb's own or theirs."""
    levels = [other.level for line in evidence for other in scope_verbs(tokens(line))]
    levels += [level for line in evidence for tongue in TONGUES.values() if (level := level_of(line, tongue))]
    low = [level for level in levels if level <= CONTRIBUTED]
    return min(low) if low else max(levels, default=min(verb.level, BUILT))


def best_lines(words: list[Token], base: Base) -> list[str]:
    """Return the cited lines that share most words with the claim; all that tie, none where none does. The scope's title and employer count for no line."""
    key = tuple(token.word for token in words)
    if key not in base.best_lines:
        base.best_lines[key] = _most_alike(key, base)
    return base.best_lines[key]


def _most_alike(words: Sequence[str], base: Base) -> list[str]:
    heads = Vocabulary(base.headers) if base.lines else None
    wanted = [
        word
        for word in words
        if not is_neutral(word) and word not in OF_DURATION and not (heads and word in heads.words)
    ]
    verbs = {verb.token.word for verb in scope_verbs(tokens(" ".join(words)))}
    skills = concepts_of([" ".join(words)])
    scored = []
    for text in base.lines or base.texts:
        have = vocabulary_of(text)
        meant = CrossVocabulary([text], base.across) if base.across else None
        found = [word for word in wanted if have.has(word) or (meant is not None and meant.has(word))]
        # A skill under another name counts like its word; where lines tie, what something was done to counts before the verb.
        shared = len(skills & concepts_of([text])) if skills else 0
        things = len({word for word in found if word not in verbs}) + shared
        scored.append(((len(found) + shared, things), text))
    best = max((score for score, _ in scored), default=(0, 0))
    return [text for score, text in scored if score == best > (0, 0)]


def _says_alike(word: str, text: str) -> bool:
    return any(bears(token.word, word) for token in tokens(text))


def _stem_in(word: str, text: str) -> bool:
    return any(not stems(word).isdisjoint(stems(token.word)) for token in tokens(text))
