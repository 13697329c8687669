"""Finding the lines of a CV that a text rests on."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from cv.facts import Fact
from jobs.grounding.base import folded, says
from jobs.grounding.concepts import mentions_in
from jobs.grounding.crosswords import meanings, with_parts
from jobs.grounding.foreign_words import line_marks, marks_of
from jobs.grounding.gate import Context, check_text, language_across
from jobs.grounding.phrases import plain
from jobs.grounding.quantities import quantities
from jobs.grounding.tongues import TONGUES
from jobs.grounding.types import ClaimCheck, Verdict
from jobs.grounding.wordnet import borne_by, senses_of
from jobs.grounding.words import LIST_ITEM, generals_of, groups_of, is_neutral, parts, sentences, stems, tokens

MOST_LINES = 6
# The shortest part of a German compound that is looked up in other languages.
MEANT_PART = 4
MOST_WORDS_OF_HEADING = 16


def find_evidence(text: str, facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts that best cover what a text states: of one scope where one suffices, best first.

    A fact is taken only if it covers a word or number that none before it does, so the list stays short.
    """
    wanted = _wanted(text)
    if not wanted:
        return []
    choices = [_cover(wanted, group) for group in _candidates(facts)]
    return max(choices, key=lambda chosen: (len(_covered(wanted, chosen)), -len(chosen)), default=[])


def check_claim(
    text: str,
    facts: Sequence[Fact],
    *,
    context: Context | None = None,
    today: date | None = None,
    known: Sequence[Fact] = (),
) -> ClaimCheck:
    """Check a text that cites nothing: find its evidence in the whole CV, and check it against that alone.

    Each scope is tried on its own, then scopes together; the best verdict counts. `known` are all facts of the CV where `facts` are not.
    """
    language = context.language if context and context.language in TONGUES else ""
    across = "" if language else language_across(text, known or facts, context or Context())
    wanted = _wanted(text, language, across)
    best: ClaimCheck | None = None
    best_has_lines = False
    for group in [*_candidates(facts), list(facts)]:
        chosen = _cover(wanted, group, language, across) if wanted else []
        if best is not None and not chosen:
            continue
        check = check_text(text, chosen, known=known or facts, context=context, today=today)
        if best is None or not best_has_lines or _rank(check) < _rank(best):
            best, best_has_lines = check, bool(chosen)
        if best.verdict == Verdict.SUPPORTED:
            return best
    return best or check_text(text, (), known=known or facts, context=context, today=today)


def check_document(
    text: str, facts: Sequence[Fact], *, context: Context | None = None, today: date | None = None
) -> list[ClaimCheck]:
    """Check a whole text, sentence by sentence.

    A list under a line that names a position of the CV may rest on that position alone, until another heading comes.
    """
    checks: list[ClaimCheck] = []
    scope_id = ""
    for line in text.splitlines():
        is_item = LIST_ITEM.match(line.strip()) is not None
        if line.strip() and not is_item:
            scope_id = _scope_named_in(line, facts)
        within = [fact for fact in facts if fact.scope_id == scope_id] if is_item and scope_id else facts
        checks += [check_claim(said, within, context=context, today=today, known=facts) for said in sentences(line)]
    return checks


def _scope_named_in(line: str, facts: Sequence[Fact]) -> str:
    """Return the scope of the position that a heading names, else an empty string."""
    words = folded(line)
    if len(words.split()) > MOST_WORDS_OF_HEADING or line.rstrip().endswith((".", "!", "?")):
        return ""
    headers = [
        fact for fact in facts if fact.id == fact.scope_id and fact.employer and says(words, folded(fact.employer))
    ]
    titled = [fact for fact in headers if fact.title and says(words, folded(fact.title))]
    scopes = dict.fromkeys(fact.scope_id for fact in titled or headers)
    return next(iter(scopes)) if len(scopes) == 1 else ""


def _rank(check: ClaimCheck) -> tuple[int, int]:
    order = (Verdict.SUPPORTED, Verdict.NEEDS_CONFIRMATION, Verdict.UNSUPPORTED)
    return order.index(check.verdict), len(check.problems)


def _candidates(facts: Sequence[Fact]) -> list[list[Fact]]:
    """Return the facts of each scope, those without one together."""
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.scope_id, []).append(fact)
    return list(groups.values())


@lru_cache(maxsize=10_000)
def _wanted(text: str, language: str = "", across: str = "") -> tuple[frozenset[str], ...]:
    """Return what evidence has to bear, each with the marks of which one will do: words, numbers, and skills under whatever name."""
    if language:
        return tuple(frozenset([mark]) for mark in sorted(marks_of(text, language)))
    said = plain(text)
    words = {token.word for token in tokens(said) if not is_neutral(token.word) and not token.has_digit}
    wanted = [_marks_of_word(word) | _meant(word, across) for word in sorted(words)]
    wanted += [frozenset([f"skill {mention.concept}"]) for mention in mentions_in(text)]
    wanted += [frozenset([f"{number.value:g}{number.unit}"]) for number in quantities(text)]
    return tuple(dict.fromkeys(wanted))


def _meant(word: str, across: str) -> frozenset[str]:
    """Return the meanings of a word and of its parts, where the CV is in another language than the text."""
    ends = (word[start:] for start in range(MEANT_PART, len(word) - MEANT_PART)) if across == "de" else ()
    pieces = (word, *parts(word), *ends) if across else ()
    return frozenset(f"means {number}" for piece in pieces for number in meanings(piece, across))


@lru_cache(maxsize=50_000)
def _marks_of_word(word: str) -> frozenset[str]:
    return stems(word) | {f"group {number}" for number in groups_of(word)} | senses_of(word)


@lru_cache(maxsize=10_000)
def _marks(text: str) -> frozenset[str]:
    """Return what a line bears: its words, their synonyms and kinds, its numbers and skills."""
    marks = {f"skill {mention.concept}" for mention in mentions_in(text)}
    marks |= {f"{number.value:g}{number.unit}" for number in quantities(text)}
    for token in tokens(plain(text)):
        for piece in {token.word, *parts(token.word)}:
            marks |= _marks_of_word(piece) | generals_of(piece) | borne_by(piece)
    return frozenset(marks)


def _fact_marks(fact: Fact, language: str = "", across: str = "") -> frozenset[str]:
    said = " ".join((fact.text, fact.employer, fact.title))
    dates = {day.year for day in (fact.start, fact.end) if day}
    if language:
        return line_marks(said, language) | {f"number {year}" for year in dates}
    meant = _meanings_in(said) if across else frozenset()
    return _marks(said) | meant | {f"{year:g}" for year in dates}


@lru_cache(maxsize=5_000)
def _meanings_in(text: str) -> frozenset[str]:
    return frozenset(f"means {number}" for token in tokens(text) for number in with_parts(token.word))


def _cover(wanted: Sequence[frozenset[str]], facts: Iterable[Fact], language: str = "", across: str = "") -> list[Fact]:
    """Choose facts greedily by how much they cover that is not covered yet; `language` where it is one of `TONGUES`."""
    borne = [(fact, _covered(wanted, [fact], language, across)) for fact in facts]
    chosen: list[Fact] = []
    left = set(range(len(wanted)))
    while len(chosen) < MOST_LINES:
        fact, covered = max(borne, key=lambda pair: len(pair[1] & left), default=(None, set()))
        if fact is None or not covered & left:
            break
        chosen.append(fact)
        left -= covered
    return chosen


def _covered(
    wanted: Sequence[frozenset[str]], chosen: Iterable[Fact], language: str = "", across: str = ""
) -> set[int]:
    """Return the places of what the chosen facts bear."""
    marks = {mark for fact in chosen for mark in _fact_marks(fact, language, across)}
    return {place for place, ways in enumerate(wanted) if not ways.isdisjoint(marks)}
