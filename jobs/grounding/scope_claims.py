"""The rung of a claim's verbs before that of its evidence."""

from collections.abc import Iterable, Sequence

from jobs.grounding.base import Base
from jobs.grounding.concepts import known_and_foreign
from jobs.grounding.crosswords import CrossVocabulary
from jobs.grounding.periods import OF_DURATION
from jobs.grounding.scope import BUILT, CONTRIBUTED, LEVEL_NAMES, ScopeVerb, scope_verbs
from jobs.grounding.tongues import TONGUES, level_of
from jobs.grounding.words import Token, Vocabulary, groups_of, is_neutral, mean_alike, stems, tokens, vocabulary_of


def scope_problems(claim: str, base: Base) -> Iterable[str]:
    """A verb may not stand higher on the ladder than where the best fitting cited line puts it, nor be a different kind of work."""
    words = tokens(claim)
    skills, _ = known_and_foreign(claim, base.texts)
    titles = Vocabulary(base.headers).words
    for verb in scope_verbs(words):
        is_name = verb.token.text[0].isupper() and verb.token.start > 0
        if (is_name and verb.token.word in titles) or (verb.token.start in skills and verb.token.word.endswith("ing")):
            continue
        evidence = best_lines(words, base) or base.texts
        levels = [other for line in evidence for other in scope_verbs(tokens(line))]
        is_meant = bool(base.across) and CrossVocabulary(list(evidence), base.across).has(verb.token.word)
        reach = _reach_across(verb, evidence) if is_meant else _reach(verb, levels)
        stated_in = any(_stem_in(verb.token.word, line) for line in evidence) or (
            verb.level <= BUILT and any(_says_alike(verb.token.word, line) for line in evidence)
        )
        if reach is None and verb.level <= CONTRIBUTED and any(_says_work_of(line, words) for line in evidence):
            continue
        if reach is None and not stated_in:
            yield f"“{verb.token.text}” is not what the cited line says was done."
        elif reach is not None and verb.level > reach:
            yield f"“{verb.token.text}” says more than the CV, which says “{LEVEL_NAMES[reach]}”."


def _says_work_of(line: str, words: Sequence[Token]) -> bool:
    """Whether a claim names, in some form, the work that a line begins with: "helped plan" of "planned …"."""
    first = next((token.word for token in tokens(line) if not is_neutral(token.word)), "")
    return bool(first) and any(mean_alike(first, token.word) for token in words)


def _reach(verb: ScopeVerb, evidence: list[ScopeVerb]) -> int | None:
    """Return the level up to which the evidence bears this verb: that of its like, or of any verb for a lower rung."""
    alike = [other.level for other in evidence if other.group == verb.group]
    if alike:
        return max(alike)
    higher = [other.level for other in evidence if other.level > verb.level and verb.level <= 2]
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
    scored = []
    for text in base.lines or base.texts:
        have = vocabulary_of(text)
        meant = CrossVocabulary([text], base.across) if base.across else None
        scored.append((sum(have.has(word) or (meant is not None and meant.has(word)) for word in wanted), text))
    best = max((score for score, _ in scored), default=0)
    return [text for score, text in scored if score == best > 0]


def _says_alike(word: str, text: str) -> bool:
    return any(not groups_of(word).isdisjoint(groups_of(token.word)) for token in tokens(text))


def _stem_in(word: str, text: str) -> bool:
    return any(not stems(word).isdisjoint(stems(token.word)) for token in tokens(text))
