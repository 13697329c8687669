"""A claim before its evidence: the base of cited facts, and one checker for each kind of statement."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from cv.facts import Fact, FactKind
from jobs.grounding.concepts import known_and_foreign
from jobs.grounding.lexicon import ABSOLUTES, DEGREES, FLUENCY, LANGUAGES, NEGATIONS, SENIORITY
from jobs.grounding.periods import duration_of, months_of, supports, years_of
from jobs.grounding.quantities import MULTIPLES, WORD_VALUES, Bound, Quantity, quantities
from jobs.grounding.scope import LEVEL_NAMES, ScopeVerb, scope_verbs
from jobs.grounding.words import Token, Vocabulary, is_german, is_neutral, parts, stems, tokens

CHANGE_PATTERN = re.compile(r"\b(?:from|von)\s+(?P<first>\S+).{0,40}?\b(?:to|auf)\s+(?P<second>\S+)", re.IGNORECASE)
JOINED = re.compile(r"[,;]|\s(?:and|und|sowie)\s", re.IGNORECASE)
HOLDS_UP_TO = {
    Bound.EXACT: {Bound.EXACT, Bound.ABOUT},
    Bound.ABOUT: {Bound.ABOUT},
    Bound.LOWER: {Bound.LOWER},
    Bound.UPPER: {Bound.UPPER},
}


# What the kind of an entry says by itself.
KIND_WORDS = {
    FactKind.EDUCATION: "degree studied study studies university course studiert studiere studium abschluss hochschule",
    FactKind.LANGUAGE: "language speaker sprache sprachen muttersprache",
    FactKind.CERTIFICATE: "certificate certified certification zertifikat zertifiziert zertifizierung",
    FactKind.PROJECT: "project projekt",
    FactKind.AWARD: "award awarded auszeichnung",
    FactKind.PUBLICATION: "published publication veröffentlicht veröffentlichung",
    FactKind.VOLUNTEERING: "volunteer volunteered voluntary ehrenamtlich ehrenamt",
}


@dataclass(slots=True)
class Base:
    """The cited facts of one scope, ready for comparison. `title` and `employer` of the scope are part of what may be said."""

    facts: Sequence[Fact]
    today: date
    texts: list[str] = field(init=False)
    vocabulary: Vocabulary = field(init=False)
    numbers: list[Quantity] = field(init=False)
    years: set[int] = field(init=False)
    months: set[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        """Index texts, numbers and dates."""
        own = [fact.text for fact in self.facts]
        headers = [part for fact in self.facts for part in (fact.employer, fact.title) if part]
        self.texts = list(dict.fromkeys([*own, *headers]))
        self.vocabulary = Vocabulary([*self.texts, *(KIND_WORDS.get(fact.kind, "") for fact in self.facts)])
        self.numbers = [number for text in self.texts for number in quantities(text)]
        dates = [day for fact in self.facts for day in (fact.start, fact.end) if day]
        self.years = {year for text in self.texts for year in years_of(text)} | {day.year for day in dates}
        self.months = {month for text in self.texts for month in months_of(text)}
        self.months |= {(day.year, day.month) for day in dates if day.month}


def number_problems(claim: str, base: Base) -> Iterable[str]:
    """Each number must be in the cited facts with its unit and bound; years and durations may follow from their dates."""
    stated_years, stated_months = years_of(claim), months_of(claim)
    for year in sorted(stated_years - base.years):
        yield f"The year {year} is not in the cited lines of the CV."
    for year, month in sorted(stated_months - base.months):
        if year in base.years:
            yield f"The month {year}-{month:02d} is not in the cited lines of the CV."
    for number in quantities(claim):
        if number.unit == "" and int(number.value) in stated_years:
            continue
        duration = duration_of(number, claim)
        if any(_bears(number, other) for other in base.numbers):
            continue
        if duration and any(fact.start for fact in base.facts):
            if not supports(duration, [fact for fact in base.facts if fact.start], today=base.today):
                yield f"The CV's dates do not bear “{number.text} {'years' if duration.months >= 12 else 'months'}”."
            continue
        yield _number_problem(number, base)
    yield from _swapped(claim, base)


def _bears(number: Quantity, evidence: Quantity) -> bool:
    return number.key == evidence.key and number.bound in HOLDS_UP_TO[evidence.bound]


def _number_problem(number: Quantity, base: Base) -> str:
    alike = next((other for other in base.numbers if other.key == number.key), None)
    if alike:
        said = f"{alike.bound.value} {alike.text}" if alike.bound != Bound.EXACT else alike.text
        return f"The CV says “{said}”, not “{number.bound.value} {number.text}”.".replace("exact ", "exactly ")
    return f"The number “{number.text}” is not in the cited lines of the CV."


def _swapped(claim: str, base: Base) -> Iterable[str]:
    """Find numbers whose nouns or order were exchanged: `12 countries, 3 teams` is not `3 countries, 12 teams`."""
    counted = _counted(base.texts)
    for number, noun in _counted([claim]):
        here = {stem for value, other in counted if value == number for stem in stems(other)}
        elsewhere = {stem for value, other in counted if value != number for stem in stems(other)}
        if here and stems(noun).isdisjoint(here) and not stems(noun).isdisjoint(elsewhere):
            yield f"“{number[0]:g} {noun}” mixes up two numbers of the CV."
    evidence = {_pair(match) for text in base.texts for match in CHANGE_PATTERN.finditer(text)}
    for match in CHANGE_PATTERN.finditer(claim):
        first, second = _pair(match)
        if first and second and (second, first) in evidence and (first, second) not in evidence:
            yield f"“{match.group()}” turns the CV's numbers round."


def _pair(match: re.Match[str]) -> tuple[str, str]:
    first, second = (re.sub(r"[^\d.,%]", "", match[name]).strip(".,") for name in ("first", "second"))
    return first, second


def _counted(texts: Iterable[str]) -> list[tuple[tuple[float, str], str]]:
    """Return each plain number with the word that follows it."""
    found = []
    for text in texts:
        for number in quantities(text):
            following = tokens(text[number.end : number.end + 40])
            if following and not following[0].has_digit and not is_neutral(following[0].word):
                found.append((number.key, following[0].word))
    return found


def word_problems(claim: str, base: Base) -> Iterable[tuple[str, bool]]:
    """Yield what each word of the claim lacks in the evidence, with whether the person may confirm it.

    Names, praise, ranks, degrees and languages can never be confirmed away; ordinary words can.
    """
    german = is_german(claim)
    words = tokens(claim)
    named, foreign = known_and_foreign(claim, base.texts)
    for skill in foreign:
        yield f"“{skill}” is a skill that the cited lines do not name.", False
    checked_elsewhere = {verb.token.start for verb in scope_verbs(words)} | named
    for number in quantities(claim):
        checked_elsewhere |= set(range(number.start, number.end))
    for index, token in enumerate(words):
        if token.start in checked_elsewhere or _is_numeric(token.word):
            continue
        supported = _is_supported(token.word, base)
        problem = None if supported else _category_problem(token)
        if problem:
            yield problem, False
        elif not supported and not is_neutral(token.word):
            is_name = (
                (token.is_name and index > 0 and not german)
                or token.has_digit
                or "+" in token.text
                or "#" in token.text
            )
            yield f"“{token.text}” is not in the cited lines of the CV.", not is_name


def _is_supported(word: str, base: Base) -> bool:
    if base.vocabulary.has(word):
        return True
    pieces = parts(word)
    return len(pieces) > 1 and all(base.vocabulary.has(piece) or is_neutral(piece) for piece in pieces)


def _category_problem(token: Token) -> str | None:
    if token.word in ABSOLUTES:
        return f"“{token.text}” praises or generalises more than the cited lines do."
    if token.word in SENIORITY:
        return f"“{token.text}” is a rank that the cited lines do not give."
    if token.word in DEGREES:
        return f"“{token.text}” is a degree that the cited lines do not give."
    if token.word in LANGUAGES:
        return f"The language “{token.text}” is not in the cited lines."
    if token.word in FLUENCY:
        return f"“{token.text}” is a level that the cited lines do not give."
    return None


def _is_numeric(word: str) -> bool:
    return word in WORD_VALUES or word in MULTIPLES or word[0].isdigit()


def scope_problems(claim: str, base: Base) -> Iterable[str]:
    """A verb may not stand higher on the ladder than where the best fitting cited line puts it, nor be a different kind of work."""
    words = tokens(claim)
    for verb in scope_verbs(words):
        evidence = _best_lines(words, base)
        levels = [other for line in evidence for other in scope_verbs(tokens(line))]
        reach = _reach(verb, levels)
        stated_in = any(_stem_in(verb.token.word, line) for line in evidence)
        if reach is None and not stated_in:
            yield f"“{verb.token.text}” is not what the cited line says was done."
        elif reach is not None and verb.level > reach:
            yield f"“{verb.token.text}” says more than the CV, which says “{LEVEL_NAMES[reach]}”."


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


def _best_lines(words: list[Token], base: Base) -> list[str]:
    """Return the cited lines that share most words with the claim; all that tie."""
    wanted = {stem for token in words if not is_neutral(token.word) for stem in stems(token.word)}
    scored = []
    for text in base.texts:
        have = {stem for token in tokens(text) for stem in stems(token.word)}
        scored.append((len(wanted & have), text))
    best = max((score for score, _ in scored), default=0)
    return [text for score, text in scored if score == best]


def _stem_in(word: str, text: str) -> bool:
    return any(not stems(word).isdisjoint(stems(token.word)) for token in tokens(text))


def negation_problems(claim: str, base: Base) -> Iterable[str]:
    """What the CV denies may not be claimed, nor the other way round."""
    denied, asserted = _polarity(base.texts)
    claimed_denied, claimed = _polarity([claim])
    wrongly_claimed = [word for stem, word in claimed.items() if stem in denied and stem not in asserted]
    if wrongly_claimed:
        yield f"The CV denies “{wrongly_claimed[0]}”."
    wrongly_denied = [word for stem, word in claimed_denied.items() if stem in asserted and stem not in denied]
    if wrongly_denied:
        yield f"This denies “{wrongly_denied[0]}”, which the CV states."


def _polarity(texts: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the stems that stand within four words after a negation, and those that stand free, each with its word."""
    denied: dict[str, str] = {}
    asserted: dict[str, str] = {}
    for text in texts:
        for piece in re.split(r"[.;:,!?()]", text):
            reach = 0
            for token in tokens(piece):
                if token.word in NEGATIONS:
                    reach = 4
                    continue
                if not is_neutral(token.word):
                    (denied if reach > 0 else asserted).update(dict.fromkeys(stems(token.word), token.text))
                reach -= 1
    return denied, asserted


def language_problems(claim: str, base: Base) -> Iterable[str]:
    """A language may not be claimed at a higher level than the CV gives it."""
    level = 0
    for clause in JOINED.split(claim):
        words = [token.word for token in tokens(clause)]
        # A clause without a level of its own goes with the one before: "fluent in English and German".
        level = max((FLUENCY[word] for word in words if word in FLUENCY), default=level)
        for name in (word for word in words if word in LANGUAGES):
            lines = [f.text for f in base.facts if _stem_in(name, f.text)]
            known = [FLUENCY[token.word] for line in lines for token in tokens(line) if token.word in FLUENCY]
            if lines and level > max(known, default=0):
                yield f"The CV does not give {name.title()} at that level."


def current_problems(claim: str, base: Base) -> Iterable[str]:
    """`Currently` and `since 2020` hold for what has not ended."""
    dated = [fact for fact in base.facts if fact.start or fact.end]
    if not dated or any(fact.current for fact in dated):
        return
    if re.search(
        r"\b(currently|current|at present|since (?:\w+ )?(?:19|20)\d\d|to date|derzeit|aktuell\w*|seit (?:\w+ )?(?:19|20)\d\d)\b",
        claim,
        re.IGNORECASE,
    ):
        said = any(re.search(r"\b(currently|since|derzeit|aktuell|seit)\b", text, re.IGNORECASE) for text in base.texts)
        if not said:
            yield "The CV gives this as ended."


def title_problems(claim: str, base: Base, *, known: Sequence[Fact]) -> Iterable[str]:
    """A title must be that of the cited scope, in full where another of the CV's titles contains it."""
    words = " ".join(token.word for token in tokens(claim))
    own = {_folded(fact.title) for fact in base.facts if fact.title}
    employers = {_folded(fact.employer) for fact in base.facts if fact.employer}
    for fact in known:
        title, employer = _folded(fact.title), _folded(fact.employer)
        is_title = fact.kind in {FactKind.POSITION, FactKind.VOLUNTEERING, FactKind.EDUCATION}
        is_elsewhere = title and title not in own and not _says(base.vocabulary.joined, title)
        if is_title and is_elsewhere and _says(words, title):
            yield f"“{fact.title}” is the title of another position."
        is_foreign = employer and employer not in employers and not _says(base.vocabulary.joined, employer)
        if is_foreign and _says(words, employer):
            yield f"“{fact.employer}” belongs to another part of the CV."


def _folded(text: str) -> str:
    return " ".join(token.word for token in tokens(text))


def _says(words: str, phrase: str) -> bool:
    return f" {phrase} " in f" {words} "
