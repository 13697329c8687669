"""The gate: whether a text says only what the cited facts of a CV support. It is code, knows no model, and fails closed."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache

from cv.facts import Fact, FactKind
from jobs.analysis.language import language_of
from jobs.grounding.agents import others_problems
from jobs.grounding.base import Base, folded, says
from jobs.grounding.career import career_told, stations_in_order
from jobs.grounding.causes import cause_problems
from jobs.grounding.claims import word_problems
from jobs.grounding.foreign import borne_piece_by_piece, foreign_problems
from jobs.grounding.foreign_words import applies, has_foreign_content, in_english_units
from jobs.grounding.language_claims import language_problems, negation_problems, skill_level_problems
from jobs.grounding.lexicon import DEGREES, FIRST_PERSON, LANGUAGES
from jobs.grounding.numbers import number_problems
from jobs.grounding.periods import OF_DURATION
from jobs.grounding.phrases import plain
from jobs.grounding.quantities import quantities
from jobs.grounding.releases import release_problems
from jobs.grounding.scope_claims import best_lines, scope_problems
from jobs.grounding.shades import company_problems, direction_problems, hedge_problems, help_problems, part_problems
from jobs.grounding.standing import agent_problems, present_problems, rota_problems, span_problems, unfinished_problems
from jobs.grounding.titles import current_problems, head_problems, role_problems, title_problems
from jobs.grounding.tongues import TONGUES
from jobs.grounding.types import ClaimCheck, Verdict
from jobs.grounding.words import Vocabulary, is_german, is_neutral, separable_joined, stems, tokens

CLAUSE = re.compile(
    r"\s*(?:[;()—]|(?<!\d)[,:–]|[,:–](?!\d))\s*|\s+(?:and|und|sowie|while|where|wo|während)\s+", re.IGNORECASE
)
# Where else a sentence goes over from one station or paper to another.
TURN = re.compile(
    rf"{CLAUSE.pattern}|\s+(?=(?:with|mit) (?:an?|my|einem|einer|meinem|meiner)?\s?(?:[\w'’-]+ ){{0,2}}(?:bachelor|master|degree|diploma|doctor|certifi|qualification|background|abschluss|diplom|ausbildung|zertifi))"
    r"|\s+(?=(?:before|after|prior to|following|until|bevor|nachdem|nach|vor)\s)|\s+(?=to (?:[\w'’-]+ ){1,5}at )",
    re.IGNORECASE,
)
# A clause that speaks of what one was.
TITLED = re.compile(r"\b(?:as|role|position|post|am|was|been|being|became|als|rolle|bin|war|wurde)\b", re.IGNORECASE)
SHORT_WORD = 3
# From how many words on a clause states something, rather than naming a skill or a tool.
STATEMENT = 4
# Phrases about the reader, or courtesies, that state nothing about the applicant.
FRAMES = re.compile(
    r"\b(?:your|the hiring|hiring|ihr|ihrem|ihren|ihrer|ihres|ihre) (?:\w+ )?(?:team|teams|company|organi[sz]ation|department|unternehmens?|abteilung|teams)\b"
    r"|\bwriting (?:to (?:apply|you|ask)|in response|about)\b|\bbest (?:regards|wishes)\b|\bmit (?:freundlichen|besten|herzlichen) grüßen\b|\bfirst name\b",
    re.IGNORECASE,
)
# Where these stand, the employer is one that the applicant would work for, not one that was worked for.
WISH = re.compile(
    r"\b(?:would|will|could|can|may|like|want|hope|wish|interest\w*|apply\w*|appli\w+|join\w*|looking|look|writing|thank|möchte|würde|werde|bewerb\w*|freue|danke?|gern)\b",
    re.IGNORECASE,
)
# What was done for an employer, unless the same clause only wishes for it.
WORKED = re.compile(
    r"\b(?:worked|working|been|was|were|employed|served|interned|freelanced|consulted|trained|volunteered|hired|experience|"
    r"gearbeitet|arbeitete|war|beschäftigt|angestellt|tätig)\b",
    re.IGNORECASE,
)
WORKED_OR_BACK = re.compile(
    rf"{WORKED.pattern}|\b(?:work|return\w*|rejoin\w*|re-join\w*|come back|coming back|go back|join|employers?|intern|arbeitgeber\w*|zurückkehr\w*|zurück)\b",
    re.IGNORECASE,
)
DONE_FOR = re.compile(r"\b(?:for|with|by|für|mit|von) $", re.IGNORECASE)
# A sentence that only lists what one knows does not say where it was used.
KNOWS = re.compile(
    r"^(?:\W*\w+){0,8}?\W*\b(?:experience (?:in|with)|knowledge of|skills? (?:in|include)|familiar with|kenntnisse\w* (?:in|mit)|erfahrung\w* (?:in|mit))\b(?:\W*\w+){1,9}\W*$",
    re.IGNORECASE,
)
# What one knows, speaks or holds on paper belongs to no position.
HAS = re.compile(
    r"\b(?:speak|speaking|certificates?|certified|certification|licen[cs]ed?|diploma|degree|skills?|knowledge|fluen\w+|qualification|zertifi\w+|führerschein|\w*kenntnisse\w*|spreche|bachelor|master)\b",
    re.IGNORECASE,
)
CLAUSE_END = re.compile(r"[;,:–—]|\s(?:and|but|und|aber)\s", re.IGNORECASE)
# Before a title: a position that one has or had, not one that is applied for.
HELD = re.compile(
    r"\b(?:hold|held|holding|had|fill|filled|filling|occupied|left|leaving|my|mein\w*|hatte|bekleid\w*|besetz\w*|"
    r"(?:come|came) from|(?:am|was|were|been|work|worked|working|served|years|experience|time|bin|war) in)\s+"
    r"(?:(?:an?|the|this|die|der|eine[rn]?)\s+)?$",
    re.IGNORECASE,
)
APPLIED_BEFORE = r"(?:(?:position|role|job|post|opening|vacancy) (?:of|as)(?: an?| the)?|(?:apply|applying|applied|application) (?:for|as|to)(?: an?| the| your)?|your|stelle(?: als)?|bewerbung als|bewerbe mich (?:hiermit |gern |gerne )?(?:um die stelle |bei ihnen )?als|ausschreibung für(?: die stelle)?(?: als)?|ausgeschriebene stelle(?: als)?)"
APPLIED_AFTER = r"(?:position|role|job|post|posting|opening|vacancy|advertisement|stelle|-stelle|anzeige)"


@dataclass(frozen=True, slots=True)
class Context:
    """What a text may name without evidence: the posting that it answers, and the people it is from and to.

    The posting's title and employer may be named as what is applied for, never as something the applicant was or did. `language` is the
    text's ISO 639-1 code; those of `jobs.grounding.foreign` are checked by its rules, all others as English or German.
    """

    posting_title: str = ""
    posting_employer: str = ""
    posting_text: str = ""
    names: tuple[str, ...] = ()
    language: str = ""


def check_text(
    text: str,
    facts: Sequence[Fact],
    *,
    known: Sequence[Fact] = (),
    context: Context | None = None,
    today: date | None = None,
) -> ClaimCheck:
    """Check one bullet or sentence against the facts that it cites.

    Facts of one scope may be joined freely. Where facts of several scopes are cited, each clause must be borne by one of them, and a
    change of scope must be spelt out by naming its employer or title.

    Args:
        text: The claim.
        facts: The cited facts, and nothing else, decide.
        known: All facts of the CV; used to recognise titles and employers of other positions.
        context: What may be named without evidence.
        today: The day up to which current positions are counted; the present one by default.

    Returns:
        `UNSUPPORTED` for a wrong number, name, date, rank, scope or mixture; `NEEDS_CONFIRMATION` where only ordinary words lack
        evidence; `SUPPORTED` otherwise.
    """
    day = today or datetime.now(UTC).date()
    context = context or Context()
    if context.language in TONGUES:
        return _check_foreign(text, facts, known or facts, context, day)
    claim = separable_joined(plain(without_frames(text, context)))
    claim = career_told(_promotion_told(claim, known or facts), known or facts)
    kinds = {fact.id: fact.kind for fact in known if fact.id == fact.scope_id}
    across = language_across(claim, known or facts, context)
    tongue = "de" if context.language == "de" or is_german(claim) else ""
    facts = _whole_time_at(claim, known or facts) or facts
    written_in = _language_of(" ".join(fact.text for fact in known or facts)) if across else ""
    if written_in in TONGUES:
        facts = in_english_units(facts, written_in)
    bases = [
        Base(group, day, frozenset(kinds[fact.scope_id] for fact in group if fact.scope_id in kinds), across, tongue)
        for group in _by_scope(facts)
    ]
    if not bases:
        bases = [Base((), day)]
    problems = min((_problems(claim, base, known) for base in bases), key=_weight)
    if problems and len(bases) > 1:
        problems = _across_scopes(claim, bases, known) or []
    problems = problems or _mixed_lines(claim, bases, known)
    verdict = _verdict(problems)
    ids = [fact.id for fact in facts] if verdict == Verdict.SUPPORTED and has_content(claim) else []
    return ClaimCheck(
        text=text,
        verdict=verdict,
        problems=list(dict.fromkeys(message for message, _ in problems)),
        evidence_ids=list(dict.fromkeys(ids)),
    )


def _whole_time_at(claim: str, known: Sequence[Fact]) -> list[Fact]:
    """Return an employer's positions as one, from the first day to the last, where a claim says no more than that one was there."""
    posts = [fact for fact in known if fact.kind == FactKind.POSITION and fact.id == fact.scope_id and fact.start]
    for post in posts:
        same = [other for other in posts if other.employer and other.employer == post.employer]
        titles = Vocabulary([other.title for other in same])
        words = (
            {token.word for token in tokens(post.employer)}
            | {"spent", "employed", "stayed", "joined", "first", "before", "promoted", "moved"}
            | set(OF_DURATION)
        )
        if len(same) < 2 or not says_name(folded(claim), folded(post.employer)) or not stations_in_order(claim, same):
            continue
        if all(
            token.word in words or token.has_digit or is_neutral(token.word) or titles.has_form(token.word)
            for token in tokens(claim)
        ):
            starts = [other.start for other in same if other.start]
            ends = [other.end for other in same if other.end]
            is_current = any(other.current for other in same)
            last = None if is_current else max(ends, key=lambda day: (day.year, day.month or 0), default=None)
            first = min(starts, key=lambda day: (day.year, day.month or 0))
            told = [other.title for other in same if _names_any(claim, other.title)] or [""]
            whole = replace(post, start=first, end=last, current=is_current, text=f"{post.employer} first")
            return [replace(whole, title=title) for title in told]
    return []


def says_name(words: str, employer: str) -> bool:
    """Whether folded words name an employer, be it without its last word or two ("General Hospital" for short "General")."""
    pieces = employer.split()
    return says(words, employer) or (len(pieces) > 2 and says(words, " ".join(pieces[:2])))


def _names_any(claim: str, title: str) -> bool:
    said = Vocabulary([claim])
    return any(said.has_form(token.word) for token in tokens(title) if not is_neutral(token.word))


PROMOTED = re.compile(
    r"\b(?:(?:was |been |got )?promoted|rose|advanced|moved up|progressed|worked my way up)(?: from (?P<old>[\w' -]+?))? to (?P<new>[\w' -]+?)(?= (?:at|in|with|after|within)\b|[,.;]|$)",
    re.IGNORECASE,
)


def _promotion_told(claim: str, known: Sequence[Fact]) -> str:
    """Return a claim with a promotion put as the later title, where the CV has both titles with one employer in that order."""
    match = PROMOTED.search(claim)
    posts = [fact for fact in known if fact.kind == FactKind.POSITION and fact.id == fact.scope_id and fact.start]
    for late in posts if match else ():
        for early in posts:
            titles = " ".join((early.title, late.title)).lower()
            said = f"{match['old'] or early.title} {match['new']}".lower() if match else ""
            is_later = early.start and late.start and early.start.year <= late.start.year and early != late
            if is_later and early.employer == late.employer and said == titles and match:
                return f"{claim[: match.start()]}{late.title}{claim[match.end() :]}"
    return claim


def language_across(claim: str, known: Sequence[Fact], context: Context) -> str:
    """Return the claim's language, English or German, where the CV is in another one; else nothing."""
    language = context.language if context.language in {"en", "de"} else "de" if is_german(claim) else "en"
    written_in = _language_of(" ".join(fact.text for fact in known))
    return language if written_in and written_in != language else ""


@lru_cache(maxsize=100)
def _language_of(text: str) -> str:
    return language_of(text)


def _check_foreign(text: str, facts: Sequence[Fact], known: Sequence[Fact], context: Context, day: date) -> ClaimCheck:
    """Check a text in another language than English and German; facts of several scopes have to bear it each on their own."""
    claim = text
    for name in context.names:
        claim = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", claim) if name.strip() else claim
    if applies(text, context.language):
        for name in (context.posting_title, context.posting_employer):
            claim = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", claim, flags=re.IGNORECASE) if name else claim
    is_content = has_foreign_content(claim, context.language)
    counted = in_english_units(facts, context.language)
    written_in = _language_of(" ".join(fact.text for fact in known))
    if written_in in TONGUES and written_in != context.language:
        counted = in_english_units(counted, written_in)
    bases = [Base(group, day) for group in _by_scope(counted)] or [Base((), day)]
    problems = min(
        (foreign_problems(claim, base, context.language, cv_language=written_in) for base in bases), key=_weight
    )
    if problems and len(bases) > 1:
        problems = [] if borne_piece_by_piece(claim, bases, context.language) else problems
    problems = problems or [(message, False) for message in unfinished_problems(claim, facts, known=known, today=day)]
    verdict = _verdict(problems) if is_content else Verdict.SUPPORTED
    ids = [fact.id for fact in facts] if verdict == Verdict.SUPPORTED and is_content else []
    messages = [message for message, _ in problems] if is_content else []
    return ClaimCheck(
        text=text, verdict=verdict, problems=list(dict.fromkeys(messages)), evidence_ids=list(dict.fromkeys(ids))
    )


def has_content(text: str) -> bool:
    """Whether a text states anything at all about an applicant."""
    return any(not is_neutral(token.word) for token in tokens(text))


def without_frames(text: str, context: Context) -> str:
    """Return the text without courtesies, the names that it may use, and the posting's title and employer where they are applied for."""
    claim = FRAMES.sub(" you ", text)
    for name in context.names:
        claim = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " you ", claim) if name.strip() else claim
    if context.posting_title:
        title = re.escape(context.posting_title)
        quoted = rf"[“\"„»]?{title}[”\"“«]?(?!\w)"
        after = rf"\s*{APPLIED_AFTER}\b"
        named = rf"\b{APPLIED_BEFORE}\s+{quoted}(?:{after})?|\b(?:the\s+|die\s+|der\s+)?{quoted}{after}"
        claim = re.sub(named, _title_applied_for, claim, flags=re.IGNORECASE)
    if context.posting_employer:
        employer = re.escape(context.posting_employer)
        kept = r"(?<!\w)(?<!\bat )(?<!\bbei )(?<!\bAt )(?<!\bBei )"
        claim = re.sub(rf"{kept}{employer}(?:['’]s)?(?!\w)", _employer_applied_to, claim)
        claim = re.sub(rf"\byour role\s+(?:at|with|bei|in) {employer}(?!\w)", " your role ", claim, flags=re.IGNORECASE)
    return re.sub(r"\s+", " ", claim).strip()


def _title_applied_for(match: re.Match[str]) -> str:
    is_applied_for = match.group().lower().startswith(("appl", "bewerb", "aussch", "ausge", "your"))
    return match.group() if not is_applied_for and HELD.search(match.string[: match.start()]) else " your role "


# Somebody who goes back has been there.
AGAIN = re.compile(
    r"\b(?:again|once more|back|return\w*|rejoin\w*|re-join\w*|former|old|before|previous\w*|earlier|used to|wieder|zurück\w*|erneut|früher\w*|ehemalig\w*|damals|schon einmal)\b",
    re.IGNORECASE,
)
# A clause of its own that tells what was done there.
WHERE_WORKED = re.compile(
    r"^[,;]?\s*(?:where|for whom|for which|with whom|who|which|wo|für die|bei (?:dem|der|denen)|die mich|der mich)\b(?!.*\b(?:would|will|could|can|möchte|würde|werde|kann)\b)",
    re.IGNORECASE,
)


def _employer_applied_to(match: re.Match[str]) -> str:
    """Return what stands for the posting's employer; its name stays where something is said to have been done for it."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    is_return = AGAIN.search(match.string) is not None and WORKED_OR_BACK.search(match.string) is not None
    if is_return or (WHERE_WORKED.search(after) and WORKED.search(after)):
        return match.group()
    if not DONE_FOR.search(before):
        return " you "
    clause = CLAUSE_END.split(before)[-1] + CLAUSE_END.split(after)[0]
    is_wish = WISH.search(clause if WORKED.search(clause) else match.string) is not None
    return " you " if is_wish else match.group()


def _by_scope(facts: Iterable[Fact]) -> list[list[Fact]]:
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.scope_id, []).append(fact)
    return list(groups.values())


def _problems(claim: str, base: Base, known: Sequence[Fact]) -> list[tuple[str, bool]]:
    """Return what is wrong, each with whether the person may confirm it."""
    if not base.facts and has_content(claim):
        return [("Nothing in the CV is cited for this.", False)]
    checks: tuple[Callable[[str, Base], Iterable[str]], ...] = (
        number_problems,
        scope_problems,
        language_problems,
        skill_level_problems,
        negation_problems,
        current_problems,
        hedge_problems,
        help_problems,
        direction_problems,
        company_problems,
        part_problems,
        release_problems,
        role_problems,
        head_problems,
        _cause_problems,
        _standing_problems,
    )
    found = [(message, False) for check in checks for message in check(claim, base)]
    found += [(message, False) for message in title_problems(claim, base, known=known)]
    found += [(message, False) for message in unfinished_problems(claim, base.facts, known=known, today=base.today)]
    found += word_problems(claim, base)
    return found


def _standing_problems(claim: str, base: Base) -> Iterator[str]:
    lines = best_lines(tokens(claim), base) if base.lines else []
    yield from agent_problems(claim, lines)
    yield from others_problems(claim, lines, _stems_of)
    yield from span_problems(claim, lines)
    yield from rota_problems(claim, lines)
    yield from present_problems(claim, base.facts)


def _stems_of(text: str) -> set[str]:
    return {stem for token in tokens(text) if not is_neutral(token.word) for stem in stems(token.word)}


def _cause_problems(claim: str, base: Base) -> Iterable[str]:
    return cause_problems(claim, lambda piece: best_lines(tokens(piece), base))


def _weight(problems: Sequence[tuple[str, bool]]) -> tuple[int, int]:
    return sum(not may_confirm for _, may_confirm in problems), len(problems)


def _across_scopes(claim: str, bases: Sequence[Base], known: Sequence[Fact]) -> list[tuple[str, bool]]:
    """Check clause by clause; a clause keeps the scope of the one before it unless it names another."""
    current: Base | None = None
    for clause in _clauses(claim):
        if current is not None and not _problems(clause, current, known):
            continue
        fitting = [base for base in bases if not _problems(clause, base, known)]
        named = [base for base in fitting if current is None or _names_scope(clause, base, claim, known)]
        if not named:
            return _why_not(clause, bases, known, mixes=bool(fitting))
        current = named[0]
    return []


def _clauses(claim: str) -> Iterator[str]:
    """Yield the clauses of a claim that state something; a date or place of time goes with the clause behind it."""
    waiting = ""
    for clause in TURN.split(claim):
        whole = f"{waiting} {clause}".strip()
        if clause and has_content(clause):
            yield whole
            waiting = ""
        else:
            waiting = whole
    if quantities(waiting):
        yield waiting


def _mixed_lines(claim: str, bases: Sequence[Base], known: Sequence[Fact]) -> list[tuple[str, bool]]:
    """Find clauses whose number or words no single cited line of the scope bears, but only several together."""
    lines = [
        Base(
            [fact, *(other for other in base.facts if other.id == other.scope_id)],
            base.today,
            base.kinds,
            base.across,
            base.language,
        )
        for base in bases
        for fact in base.facts
    ]
    for clause in (TURN if len(bases) > 1 else CLAUSE).split(claim) if len(lines) > 1 else ():
        is_statement = quantities(clause) or sum(not is_neutral(token.word) for token in tokens(clause)) >= STATEMENT
        if clause and is_statement and all(_problems(clause, line, known) for line in lines):
            return [(f"“{clause.strip(' .')}” puts words of one line to those of another.", False)]
    return []


def _why_not(clause: str, bases: Sequence[Base], known: Sequence[Fact], *, mixes: bool) -> list[tuple[str, bool]]:
    if mixes:
        return [(f"“{clause}” borrows from another part of the CV without naming it.", False)]
    return min((_problems(clause, base, known) for base in bases), key=_weight)


def _names_scope(clause: str, base: Base, claim: str, known: Sequence[Fact]) -> bool:
    """Whether a clause says that it now speaks of this scope."""
    words = " ".join(token.word for token in tokens(clause))
    if not base.facts[0].scope_id:
        words_of_own = FIRST_PERSON | LANGUAGES
        is_own = any(token.word in words_of_own for token in tokens(clause)) or HAS.search(clause) is not None
        return is_own or bool(KNOWS.search(claim))
    if base.facts[0].kind == FactKind.EDUCATION and any(
        token.word in DEGREES or token.word == "doctor" for token in tokens(clause)
    ):
        return True
    headers = {" ".join(t.word for t in tokens(part)) for fact in base.facts for part in (fact.employer, fact.title)}
    if any(header and f" {header} " in f" {words} " for header in headers):
        return True
    title = base.facts[0].title
    others = Vocabulary([fact.title for fact in known if fact.title != title])
    own = [token.word for token in tokens(title) if not is_neutral(token.word) and not others.has_form(token.word)]
    return TITLED.search(clause) is not None and any(says(words, word) for word in own if len(word) > SHORT_WORD)


def _verdict(problems: Sequence[tuple[str, bool]]) -> Verdict:
    if not problems:
        return Verdict.SUPPORTED
    only_words = all(may_confirm for _, may_confirm in problems)
    return Verdict.NEEDS_CONFIRMATION if only_words else Verdict.UNSUPPORTED
