"""Titles and times of a claim: what the applicant was, where, and whether it lasts."""

import re
from collections.abc import Iterable, Sequence

from cv.facts import Fact, FactKind
from jobs.grounding.base import Base, folded, says
from jobs.grounding.lexicon import DEGREES
from jobs.grounding.periods import years_of
from jobs.grounding.scope_claims import best_lines
from jobs.grounding.words import Vocabulary, mean_alike, tokens


def title_problems(claim: str, base: Base, *, known: Sequence[Fact]) -> Iterable[str]:
    """A title must be that of the cited scope, in full where another of the CV's titles contains it."""
    words = " ".join(token.word for token in tokens(claim))
    own = {folded(fact.title) for fact in base.facts if fact.title}
    employers = {folded(fact.employer) for fact in base.facts if fact.employer}
    for fact in known:
        title, employer = folded(fact.title), folded(fact.employer)
        is_title = fact.kind in {FactKind.POSITION, FactKind.VOLUNTEERING, FactKind.EDUCATION}
        is_elsewhere = title and title not in own and not any(_is_said(title, one.text) for one in base.facts)
        is_in_training = is_generic(title) and base.vocabulary.has_form(title)
        is_within_own = is_in_training or any(says(other, title) and says(words, other) for other in own)
        if is_title and is_elsewhere and says(words, title) and not is_within_own:
            yield f"“{fact.title}” is the title of another position."
        is_foreign = employer and employer not in employers and not says(base.vocabulary.joined, employer)
        if is_foreign and says(words, employer):
            yield f"“{fact.employer}” belongs to another part of the CV."


def is_generic(title: str) -> bool:
    """Whether the name of a course of study is but the name of its kind."""
    return title in DEGREES


def _is_said(title: str, line: str) -> bool:
    """Whether a line says the words of a title; a single word in whatever form."""
    return says(folded(line), title) or (" " not in title and Vocabulary([line]).has_form(title))


# What is said of oneself in words of rank or trade: "I am the …", "as a …", "promoted to …".
ROLE = re.compile(
    r"(?:\b(?:i am|i'm|i was|i have been|i've been|i became|i had been|ich bin|ich war|ich wurde|(?:war|bin|wurde) ich(?: dort| als)?|(?:work|works|worked|working|serve|served|serving|employed|hired|started|began|acted|acting|promoted|arbeite|arbeitete|gearbeitet|tätig) (?:there |here |still |currently )?(?:as|to|als)|my (?:role|position|job|work) (?:as|of)|role of|position of|title of)"
    r"|(?:^|[,;(–—-] ?)(?:as|als))\s+(?:(?:an?|the|their|its|ein|eine|einen|der|die|zum|zur)\s+)?(?P<role>[^,.;:()]+)",
    re.IGNORECASE,
)
ROLE_END = re.compile(
    r"\s+(?:at|of|for|with|in|on|and|who|since|from|where|while|until|to|by|during|under|i|bei|beim|der|für|im|seit|von|und|mit|in|habe)\b.*",
    re.IGNORECASE,
)
HOW_LONG = re.compile(
    r"^(?:(?:mehr als|über|rund|etwa|fast|knapp|gut|more than|over|about|almost|nearly) )?(?:[\w.,]+ )(?:jahre?n?|monate?n?|wochen|years?|months?|weeks?) (?:lang )?",
    re.IGNORECASE,
)
AGENT = re.compile(
    r"(?:er|or|ist|eer|ian|ant|ent|yst|man|woman|nurse|chef|cook|lead|head|chief|ceo|cto|cfo|coo|officer|clerk|pilot|driver|in|mann|frau|kraft|leitung|assistenz)$",
    re.IGNORECASE,
)
# A rank in a title is not told by the words of its trade.
RANK = re.compile(
    r"(?:leiter|leiterin|leitung|chef|chefin|meister|meisterin|direktor|direktorin|manager|head|lead|chief|director)$"
)
NO_ROLE = frozenset(
    [
        "speaker",
        "member",
        "native",
        "student",
        "graduate",
        "better",
        "other",
        "earlier",
        "former",
        "user",
        "owner",
        "number",
        "confident",
        "different",
        "excellent",
        "present",
        "current",
        "consistent",
        "competent",
        "efficient",
        "certain",
        "her",
        "his",
        "certified",
        "proficient",
        "fluent",
        "able",
        "certain",
        "in",
        "used",
        "part",
        "certain",
        "winner",
        "volunteer",
        "mother",
        "father",
        "plan",
        "parent",
        "development",
        "department",
        "environment",
        "management",
        "content",
        "client",
        "patient",
    ]
)
LOWERING = frozenset(
    [
        "deputy",
        "assistant",
        "junior",
        "trainee",
        "intern",
        "internship",
        "apprentice",
        "student",
        "acting",
        "interim",
        "vice",
        "associate",
        "co",
        "assistenz",
        "stellvertretende",
        "stellvertretender",
        "stellvertretend",
        "praktikantin",
        "praktikant",
        "azubi",
        "auszubildende",
        "auszubildender",
        "werkstudent",
        "werkstudentin",
        "volunteer",
        "aspiring",
        "substitute",
        "part-time",
        "jr",
        "teaching",
    ]
)


# What raises a title, and must stand in it.
RAISING = frozenset(
    [
        "head",
        "chief",
        "senior",
        "lead",
        "leading",
        "principal",
        "master",
        "executive",
        "managing",
        "general",
        "regional",
        "area",
        "national",
        "global",
        "first",
        "vice",
        "leitende",
        "leitender",
        "oberste",
    ]
)
# Who does what: the noun says no more than the verb.
DOERS = {
    "mentor": "mentored",
    "coach": "coached",
    "tutor": "tutored",
    "trainer": "trained",
    "instructor": "instructed",
    "moderator": "moderated",
}


def role_problems(claim: str, base: Base) -> Iterable[str]:
    """A role that one claims to have had is a title of the cited lines, with the word that lowers it."""
    titles = [folded(text).split() for text in _titles_of(base)]
    for match in ROLE.finditer(claim):
        role = folded(HOW_LONG.sub("", ROLE_END.sub("", match["role"]))).split()
        if not role or not AGENT.search(role[-1]) or role[-1] in NO_ROLE:
            continue
        holding = [title for title in titles if any(mean_alike(role[-1], word) for word in title)]
        raising = [word for word in role[:-1] if word in RAISING]
        if not holding and role[-1] in DOERS and base.vocabulary.has_form(DOERS[role[-1]]):
            continue
        if holding and raising and not any(set(raising) <= set(title) for title in holding):
            yield f"“{raising[0]} {role[-1]}” is not a title of the cited lines."
        elif not holding and base.across and not RANK.search(role[-1]) and all(map(base.means, role)):
            continue
        elif not holding:
            yield f"“{' '.join(role)}” is not a title of the cited lines."
        elif all(set(title) & LOWERING - set(role) for title in holding):
            lowering = next(word for word in holding[0] if word in LOWERING)
            yield f"The CV's title says “{lowering}”, and the claim leaves that out."


def head_problems(claim: str, base: Base) -> Iterable[str]:
    """Who was deputy or assistant may not borrow the work that the rest of the title names."""
    words = tokens(claim)
    for text in base.headers:
        title = folded(text).split()
        if not set(title) & LOWERING or any(word.word in LOWERING or word.word.startswith("intern") for word in words):
            continue
        rest = [word for word in title if word not in LOWERING]
        lines = Vocabulary(base.lines)
        if (
            len(rest) > 1
            and all(any(mean_alike(word, token.word) for token in words) for word in rest)
            and not all(map(lines.has, rest))
        ):
            yield f"The CV's title is “{text}”, and the claim leaves a part of it out."


def _titles_of(base: Base) -> list[str]:
    kinds = {FactKind.HEADLINE, FactKind.SUMMARY, FactKind.OTHER}
    return [
        *(fact.title for fact in base.facts if fact.title),
        *(fact.text for fact in base.facts if fact.kind in kinds),
    ]


SINCE = re.compile(r"\b(?:since|seit)\s+(?:\w+\s+)?(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)


def current_problems(claim: str, base: Base) -> Iterable[str]:
    """`Currently` and `since 2020` hold for what has not ended."""
    yield from _since_problems(claim, base)
    dated = [fact for fact in base.facts if fact.start or fact.end]
    is_open = any(fact.kind == FactKind.EDUCATION and fact.start and not fact.end for fact in dated)
    if not dated or is_open or any(fact.current for fact in dated):
        return
    match = re.search(
        r"\b(i am (?:an?|the|still|on|in|at|\w+ \w+ at)|i'm (?:an?|the|still)|i (?:still|now) \w+|i (?:work|serve|hold the position)|ich (?:bin|arbeite|leite)|currently|current|at present|since (?:\w+ )?(?:19|20)\d\d|to date|derzeit|aktuell\w*|seit (?:\w+ )?(?:19|20)\d\d)\b",
        claim,
        re.IGNORECASE,
    )
    if match is None:
        return
    said = rf"\b(?:currently|since|derzeit|aktuell|seit|{re.escape(match.group())})\b"
    if not any(re.search(said, text, re.IGNORECASE) for text in base.texts):
        yield "The CV gives this as ended."


def _since_problems(claim: str, base: Base) -> Iterable[str]:
    """What a line dates itself has not been done since another year of the position."""
    for match in SINCE.finditer(claim):
        years = [years_of(line) for line in best_lines(tokens(claim), base)]
        if years and all(years) and int(match["year"]) not in set().union(*years):
            yield f"The CV does not date this “{match.group()}”."
