"""What a claim leaves out of its evidence and must not: that one only helped, planned or tried; and which way a number went."""

import re
from collections.abc import Iterable, Sequence

from jobs.grounding.base import Base
from jobs.grounding.scope import CONTRIBUTED, scope_verbs
from jobs.grounding.scope_claims import best_lines
from jobs.grounding.words import Token, base_form, is_neutral, mean_alike, stems, tokens

# Each says that something is less than it sounds; a claim about it has to say so too, in one of these forms.
_HEDGES: tuple[str, ...] = (
    r"prototyp\w*|proofs? of concept|proof-of-concept|pocs?|mock-?ups?|demos?|pilot\w*|beta|trials?|mvp|entwurf|konzept\w*",
    r"drafts?",
    r"plan(?:s|ned|ning)? to|intend(?:ed|ing|s)? to|aim(?:ed|ing|s)? to|hop(?:ed|ing|es) to|wanted to|about to|geplant\w*|(?:due|scheduled|expected) to",
    r"attempt(?:ed|s|ing)?|tried to|trying to|try to|versucht\w*",
    r"propos(?:ed|als?|ing|es)|suggest(?:ed|ions?|ing|s)|recommend(?:ed|ations?|ing|s)|pitched|vorgeschlagen|vorschl[aä]g\w*",
    r"nominat(?:ed|ion|ions)|shortlist\w*|finalists?|runners?-up|candidate|nominiert\w*",
    r"cancel(?:l?ed|l?ation)|abandoned|unfinished|incomplete|discontinued|withdrawn|abgebrochen\w*|not (?:completed|finished|launched)",
    r"under (?:the )?(?:supervision|guidance|direction)|supervised by|unter (?:aufsicht|anleitung)",
    r"fill(?:ed|ing|s)? in|stand(?:ing)? in|stood in|deputi[sz]\w*|substitut\w*|on behalf of|vertret\w*|in (?:the )?absence|absences?|interim|acting",
    r"occasional\w*|sometimes|now and then|gelegentlich\w*|from time to time",
    r"part-time|teilzeit\w*|half-time",
    r"partial\w*|partly|in part|teilweise",
    r"simulat\w*|hypothetical|fictional|fictitious|mock",
    r"in progress|ongoing|not yet|pending|laufend",
)  # fmt: skip
HEDGES = tuple(re.compile(rf"(?<![\w-])(?:{pattern})(?!\w)", re.IGNORECASE) for pattern in _HEDGES)
CLAUSE = re.compile(r"[;:]|,?\s+(?:and|but|und|aber)\s+|,\s")

_UP = "increase raise grow boost lift expand double triple quadruple gain rise climb improve spend extend prolong accelerate multiply steigern gesteigert erhöht erhöhte"
_DOWN = "reduce cut lower decrease trim shrink slash shorten minimise minimize drop curb halve save fall decline worsen lose senken gesenkt reduziert reduzierte verkürzt verringert"
_WAYS = tuple(
    (way, frozenset(stem for verb in verbs.split() for stem in stems(verb)))
    for way, verbs in (("up", _UP), ("down", _DOWN))
)


def hedge_problems(claim: str, base: Base) -> Iterable[str]:
    """What the CV calls a prototype, a plan, an attempt or a nomination may not be told as the thing itself."""
    lines = best_lines(tokens(claim), base)
    for hedge in HEDGES:
        if not lines or not all(hedge.search(line) for line in lines) or hedge.search(claim):
            continue
        found = [hedge.search(_best_clause(line, claim)) for line in lines]
        if found and all(found) and found[0]:
            yield f"The CV says “{found[0].group()}” of this, and the claim does not."


def help_problems(claim: str, base: Base) -> Iterable[str]:
    """What the CV only helped with may not be told as one's own work, with whatever verb."""
    words = tokens(claim)
    if any(verb.level <= CONTRIBUTED for verb in scope_verbs(words)):
        return
    governing = ""
    for line in best_lines(words, base):
        clauses = [clause for clause in CLAUSE.split(line) if clause]
        governing = helping_verb(clauses[0]) if clauses else ""
        best = _best_clause(line, claim)
        is_own = best != line and not helping_verb(best) and _begins_with_verb(best) and best != clauses[0]
        if not governing or is_own:
            return
    if governing:
        yield f"The CV says “{governing}”; the claim leaves that out."


def direction_problems(claim: str, base: Base) -> Iterable[str]:
    """What the CV lowered may not be told as raised, nor the other way round."""
    said = _directions(claim)
    known = {way for line in best_lines(tokens(claim), base) for way in _directions(line)}
    if known and said - known:
        yield "The claim turns the direction of a change round."


def _directions(text: str) -> set[str]:
    words = [token.word for token in tokens(text) if not is_neutral(token.word)]
    return {way for way, verbs in _WAYS for word in words if not stems(word).isdisjoint(verbs)}


def _best_clause(line: str, claim: str) -> str:
    """Return the clause of a line that the claim speaks of; the whole line where it speaks of several alike."""
    clauses = [clause for clause in CLAUSE.split(line) if clause.strip()]
    wanted = [token.word for token in tokens(claim) if not is_neutral(token.word)]
    scores = [
        sum(any(mean_alike(word, token.word) for token in tokens(clause)) for word in wanted) for clause in clauses
    ]
    best = max(scores, default=0)
    return clauses[scores.index(best)] if scores.count(best) == 1 and len(_touched(scores)) == 1 else line


def _touched(scores: Sequence[int]) -> list[int]:
    return [score for score in scores if score]


def helping_verb(clause: str) -> str:
    """Return the verb of a clause that begins with helping or contributing."""
    words = [token for token in tokens(clause) if not is_neutral(token.word)]
    verbs = scope_verbs(words[:1])
    return words[0].text if verbs and verbs[0].level <= CONTRIBUTED else ""


def _begins_with_verb(clause: str) -> bool:
    first: Token | None = next((token for token in tokens(clause) if not is_neutral(token.word)), None)
    return first is not None and (
        first.word.endswith(("ed", "te")) or bool(scope_verbs([first])) or _is_past(first.word)
    )


def _is_past(word: str) -> bool:
    return base_form(word) != word
