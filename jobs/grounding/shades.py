"""What a claim leaves out of its evidence and must not: that one only helped, planned or tried; and which way a number went."""

import re
from collections.abc import Iterable, Sequence

from jobs.grounding.base import Base
from jobs.grounding.numbers import CHANGE_PATTERN
from jobs.grounding.phrases import plain
from jobs.grounding.quantities import quantities
from jobs.grounding.scope import CONTRIBUTED, scope_verbs
from jobs.grounding.scope_claims import best_lines
from jobs.grounding.wordlists import base_form
from jobs.grounding.words import Token, bears, is_neutral, mean_alike, stems, tokens


def _whole_words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{pattern})(?!\w)", re.IGNORECASE)


# Each says that something is less than it sounds; a claim about it has to say so too, in one of these forms, or in one of the second ones.
_HEDGES: tuple[tuple[str, str], ...] = (
    (r"prototyp\w*|proofs? of concept|proof-of-concept|pocs?|mock-?ups?|demos?|pilot\w*|beta|trials?|mvp|entwurf|konzept\w*", r"test\w*|tr(?:ied|ying) out|experiment\w*|erprob\w*|getestet\w*|probe\w*|versuchs\w*"),
    (r"drafts?", r"drafted|drafting|entwurf\w*|entworfen"),
    (r"plan(?:s|ned|ning)? to|planned for|intend(?:ed|ing|s)? to|aim(?:ed|ing|s)? to|hop(?:ed|ing|es) to|wanted to|about to|geplant\w*|(?:due|scheduled|expected) to|in preparation|in planning|in vorbereitung", r"plan\w*|to come|will be|wird|werden|soll|vorgesehen\w*|upcoming|future"),
    (r"attempt(?:ed|s|ing)?|tried to|trying to|try to|versucht\w*", r""),
    (r"propos(?:ed|als?|ing|es)|suggest(?:ed|ions?|ing|s)|recommend(?:ed|ations?|ing|s)|pitched|vorgeschlagen\w*|vorschl[aä]g\w*", r""),
    (r"nominat(?:ed|ion|ions)|shortlist\w*|finalists?|runners?-up|candidate|nominiert\w*", r""),
    (r"cancel(?:l?ed|l?ation)|abandoned|unfinished|incomplete|discontinued|withdrawn|abgebrochen\w*|not (?:completed|finished|launched)", r"inactive|lapsed|shelved|dropped|came to nothing|did not|didn't|never|was not|were not|unsuccessful\w*|fell through|nicht"),
    (r"(?:under|with) (?:the |some |close )?(?:supervision|guidance|direction)|supervised by|unter (?:aufsicht|anleitung)", r""),
    (r"fill(?:ed|ing|s)? in|stand(?:ing)? in|stood in|deputi[sz]\w*|substitut\w*|on behalf of|\w*vertret\w*|cover(?:ed|ing|s)?(?= for)|maternity cover|in (?:the )?absence|absences?|interim|acting", r""),
    (r"occasional\w*|sometimes|now and then|gelegentlich\w*|from time to time|ad hoc|when short|if needed|as needed|bei bedarf|mitunter", r"some|a few|need\w*|short\w*|zuweilen|ab und zu|manchmal|einige\w*"),
    (r"exposure to|insights? into|shadow\w*|sat in on|observ(?:ed|ing) (?=the |how |a )|einblick\w*|hospiti\w+|hospitanz|hospitation", r"saw|see|seen|watch\w*|look\w*|learn\w*|experience|contact|first|brief\w*|attend\w*|kennen\w*|follow\w*|accompan\w*|begleit\w*"),
    (r"declined|turned down|rejected|applied for|runner-up|longlist\w*|not (?:taken up|accepted|adopted|implemented|approved|pursued|published|selected|awarded)|abgelehnt\w*", r"not|n't|nicht|place|apply\w*|second"),
    (r"support(?:ing)? (?:only|role)|assisting|as (?:a )?backup|back-?up|in a supporting role|zuarbeit\w*", r"support\w*|help\w*|assist\w*|hand|part|contribut\w*|unterstütz\w*|geholfen|mit\w+|second"),
    (r"partial\w*|partly|in part|teilweise", r""),
    (r"simulat\w*|hypothetical|fictional|fictitious|mock", r""),
    (r"in progress|ongoing|laufend", r"not|yet|still|currently|under way|underway|noch|derzeit|gerade|zurzeit|momentan|awaiting|studying|working towards?"),
    (r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|most|some|half|several|many|a few|few) (?:out )?of (?:them|which|whom)\b|(?:\d+|two|three|four|five|six|seven|eight|nine) (?:out )?of (?:the )?(?:\d+|three|four|five|six|seven|eight|nine|ten|twelve)\b|teilweise|zum teil|(?:davon|darunter) \w+", r"\d+|one|two|three|four|five|six|seven|eight|nine|ten|most\w*|some|half|several|many|few|part\w*|of|main\w*|includ\w*|majority|davon|darunter|ein|zwei|drei|vier|fünf|sechs|meist\w*|einige\w*|überwiegend|teil\w*|zum teil"),
    (r"not yet|pending|noch nicht|awaiting|under review|on hold|ausstehend\w*", r"not|isn't|yet|nicht|await\w*|wait\w*|pending|review\w*|hold|open|undecided|offen\w*|still|noch|wart\w*"),
)  # fmt: skip
HEDGES = tuple(
    (_whole_words(pattern), re.compile(rf"(?<!\w)(?:{pattern}|{also or pattern})(?!\w)", re.IGNORECASE))
    for pattern, also in _HEDGES
)
JOINTLY = re.compile(
    r"\b(?:we\b|one of (?:a|the) (?:gang|team|crew|group|squad|pair|panel)|as part of (?:a|the|an)|in a (?:pair|team|group)|with (?:a|another) fellow|group project|"
    r"zu (?:zweit|dritt|viert)|im (?:zweier|dreier|vierer)?team|jointly(?: with)?|together with|in (?:close )?(?:partnership|collaboration|cooperation) with|with the (?:help|support) of|gemeinsam mit|zusammen mit|in (?:enger )?zusammenarbeit mit)\b",
    re.IGNORECASE,
)
# In whatever words a claim says that one was not alone.
COMPANY = re.compile(
    r"\b(?:with|together|joint\w*|team\w*|we|us|our|colleagues?|help\w*|part|gang|crew|group|pair|squad|partners?|joined|between us|co-\w+|shared?|sharing|fellow|one of|contribut\w*|support\w*|collaborat\w*|cooperat\w*|mit|gemeinsam\w*|zusammen\w*|wir|unser\w*|beteilig\w*|mitgewirkt|geholfen|unterstütz\w*|and i)\b",
    re.IGNORECASE,
)
OF_ONESELF = re.compile(r"\b(?:i|i've|my|ich|mein\w*)\b", re.IGNORECASE)
# A noun and what it is limited to, as it stands behind a verb of change.
OF_ONE_THING = re.compile(
    r"\b(?P<noun>[\w-]{4,}) (?:of|for|von|bei|der|des) (?P<what>(?:(?!from\b|to\b|by\b|in\b|von\b|um\b|auf\b)[\w'’-]+ ?){1,4})"
)
CLAUSE = re.compile(r"[;:]|,?\s+(?:and|but|und|aber)\s+|,\s")

_UP = "rise climb jump up increase raise grow boost lift expand double triple quadruple gain rise climb improve spend extend prolong accelerate multiply steigern gesteigert erhöht erhöhte"
_DOWN = "sink down reduce cut lower decrease trim shrink slash shorten minimise minimize drop curb halve save fall decline worsen lose senken gesenkt reduziert reduzierte verkürzt verringert"
_BY_WAY = (
    ("up", re.compile(r"\bup (?:from|by|to) \S*\d|\bup \S*\d|\+\s?\d", re.IGNORECASE)),
    ("down", re.compile(r"\bdown (?:from|by|to)\b|\bdown \S*\d|[-–−]\d+\s?%", re.IGNORECASE)),
)
_WAYS = tuple(
    (way, frozenset(stem for verb in verbs.split() for stem in stems(verb)))
    for way, verbs in (("up", _UP), ("down", _DOWN))
)


def hedge_problems(claim: str, base: Base) -> Iterable[str]:
    """What the CV calls a prototype, a plan, an attempt or a nomination may not be told as the thing itself."""
    lines = best_lines(tokens(claim), base)
    for hedge, said in HEDGES:
        if not lines or not all(hedge.search(line) for line in lines) or said.search(claim):
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
        governing = governing or (helping_verb(best) if best != line else "")
        is_own = best != line and not helping_verb(best) and begins_with_verb(best) and best != clauses[0]
        if not governing or is_own:
            return
    if governing:
        yield f"The CV says “{governing}”; the claim leaves that out."


def company_problems(claim: str, base: Base) -> Iterable[str]:
    """What the CV says was done jointly with somebody may not be told as one's own."""
    if COMPANY.search(claim) or not (OF_ONESELF.search(claim) or begins_with_verb(claim)):
        return
    written = {plain(fact.text): fact.text for fact in base.facts}
    lines = [written.get(line, line) for line in best_lines(tokens(claim), base)]
    found = [JOINTLY.search(_best_clause(line, claim)) for line in lines]
    if found and all(found) and found[0]:
        yield f"The CV says “{found[0].group()}”; the claim leaves that out."


def part_problems(claim: str, base: Base) -> Iterable[str]:
    """What the CV says went up or down of one thing may not be told of all: sales of one kind are not sales."""
    if not any(way_of(token.word) for token in tokens(claim)):
        return
    said = [token.word for token in tokens(claim)]
    for line in best_lines(tokens(claim), base):
        for match in OF_ONE_THING.finditer(line):
            before = tokens(line[: match.start()])[-2:]
            of_what = [
                token.word for token in tokens(match["what"]) if not is_neutral(token.word) and not token.has_digit
            ]
            is_changed = any(way_of(token.word) for token in before)
            has_noun = any(mean_alike(match["noun"].lower(), word) for word in said)
            if (
                is_changed
                and has_noun
                and of_what
                and not any(bears(known, word) for known in of_what for word in said)
            ):
                yield f"The CV says this of “{match['what'].strip()}” only."
                return


def ways_of(text: str) -> set[str]:
    """Return which way the numbers of a CV's line went, by its words or by the two that it names."""
    ways = _directions(text)
    for match in CHANGE_PATTERN.finditer(text):
        first, second = (next(iter(quantities(match[name])), None) for name in ("first", "second"))
        if first and second and first.value != second.value:
            ways.add("up" if second.value > first.value else "down")
    return ways | {way for way, pattern in _BY_WAY if pattern.search(text)}


def way_of(word: str) -> str:
    """Return which way a verb says that something went, nothing for other words."""
    return next((way for way, verbs in _WAYS if not stems(word).isdisjoint(verbs)), "")


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


def begins_with_verb(clause: str) -> bool:
    """Whether the first word of a clause that says anything is a verb of the past or of the ladder."""
    first: Token | None = next((token for token in tokens(clause) if not is_neutral(token.word)), None)
    return first is not None and (
        first.word.endswith(("ed", "te")) or bool(scope_verbs([first])) or _is_past(first.word)
    )


def _is_past(word: str) -> bool:
    return base_form(word) != word
