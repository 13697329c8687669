"""The ladder of scope: helped < contributed < built < led < owned. A claim may step down from its evidence, never up."""

from dataclasses import dataclass
from functools import lru_cache

from jobs.grounding.words import Token

HELPED, CONTRIBUTED, BUILT, LED, OWNED = 1, 2, 3, 4, 5
LEVEL_NAMES = {HELPED: "helped", CONTRIBUTED: "contributed", BUILT: "built", LED: "led", OWNED: "owned"}

# Verbs of one line mean the same work and may stand for one another; across lines a claim keeps to the words of its evidence.
_GROUPS: tuple[tuple[int, str], ...] = (
    (HELPED, "help helped helping assist assisted assisting support supported supporting aid aided shadowed shadowing backed unterstütze unterstützt unterstützte unterstützen unterstützung mithilfe mithelfe mithalf mitgeholfen geholfen half assistiert assistiere assistierte"),
    (HELPED, "participate participated participating involved attended attending joined teilgenommen teilnahme beteiligt"),
    (CONTRIBUTED, "contribute contributed contributing contribution contributions mitgewirkt mitwirke mitwirkte mitarbeite mitarbeitete mitarbeit beigetragen mitwirkung mitgearbeitet"),
    (CONTRIBUTED, "collaborate collaborated collaborating partnered cooperated zusammengearbeitet zusammenarbeit kooperiert"),
    (BUILT, "build built building builds develop developed developing develops development create created creating creates implement implemented implementing implementation engineered engineering construct constructed constructing programmed programming coded crafted entwickle entwickelt entwickelte entwicklung entwickeln gebaut erstellt erstellte erstellung umgesetzt umsetzung implementiert implementierung aufgebaut programmiert"),
    (BUILT, "design designed designing designs devise devised devising conceive conceived conceptualised conceptualized entworfen entwurf konzipiert konzeption gestaltet"),
    (BUILT, "architect architected architecting"),
    (BUILT, "launch launched deliver delivered delivering delivers ship shipped released deploy deployed deploying establish established establishing etabliert introduced introducing introduce rolled eingeführt einführung ausgeliefert"),
    (BUILT, "write wrote written writing author authored verfasst geschrieben"),
    (BUILT, "initiate initiated initiiert"),
    (LED, "lead led leading leads leadership head headed heading spearhead spearheaded leite leitete geleitet leitung führe führte geführt führung leiten führen manage managed managing manages management gemanagt direct directed directing supervise supervised supervising oversee oversaw overseen overseeing guide guided guiding steer steered steering captained captain chaired chairing masterminded masterminding helmed commanded commanding presided governed beaufsichtigt überwacht"),
    (LED, "coordinate coordinated coordinating coordination koordiniere koordiniert koordinierte koordination koordinierung"),
    (LED, "mentor mentored mentoring coach coached coaching teach taught teaching educate educated train trained training instruct instructed instructing betreue betreut anleite angeleitet"),
    (LED, "drive drove driven driving orchestrate orchestrated championed"),
    (OWNED, "own owned owning ownership owner"),
    (OWNED, "found founded founding founder co-founded cofounded gegründet gründete gründung"),
    (OWNED, "accountable responsible verantworte verantwortet verantwortete verantwortlich verantwortung verantworten"),
)  # fmt: skip

# Groups whose verbs lower what they govern; irregular past forms stand on their own.
_GOVERNING = {0, 1, 2}
_PAST_FORMS = {
    "built",
    "led",
    "wrote",
    "drove",
    "oversaw",
    "leitete",
    "führte",
    "entwickelte",
    "erstellte",
    "gründete",
    "geleitet",
    "geführt",
}
_POSSESSIVES = {"my", "our", "your", "his", "her", "its", "their"}
_LEVEL: dict[str, tuple[int, int]] = {}
for _number, (_level, _verbs) in enumerate(_GROUPS):
    for _verb in _verbs.split():
        _LEVEL[_verb] = (_level, _number)


@dataclass(frozen=True, slots=True)
class ScopeVerb:
    """A verb of the ladder as used: `level` is lowered where a helping verb governs it (`helped build`)."""

    token: Token
    level: int
    group: int


@lru_cache(maxsize=20_000)
def _entry(word: str) -> tuple[int, int] | None:
    return (
        _LEVEL.get(word)
        or _LEVEL.get(word.removesuffix("s"))
        or (_LEVEL.get("co-" + word[2:]) if word.startswith("co") and "-" in word else None)
    )


def scope_verbs(words: list[Token]) -> list[ScopeVerb]:
    """Return the ladder's verbs in a clause, in its order."""
    found: list[ScopeVerb] = []
    for index, token in enumerate(words):
        entry = _entry(token.word)
        if entry is None or _is_title_word(token, index) or _is_adjective(words, index):
            continue
        governing = _governing_level(words, index)
        found.append(ScopeVerb(token, min(entry[0], governing), entry[1]))
    return found


def _is_title_word(token: Token, index: int) -> bool:
    """Whether a capitalised noun inside a sentence is rather part of a title, such as `Head` or `Lead`."""
    return (
        index > 0
        and token.text[0].isupper()
        and token.word in {"head", "lead", "founder", "owner", "architect", "mentor", "coach", "director", "management"}
    )


def _is_adjective(words: list[Token], index: int) -> bool:
    """Whether `own` belongs to somebody: "my own portfolio"."""
    return words[index].word == "own" and index > 0 and words[index - 1].word in _POSSESSIVES


def _governing_level(words: list[Token], index: int) -> int:
    """Return the level of a helping verb that governs the word at `index`, the highest level where none does.

    "Helped build" and "supported the team that built" are governed; in "helped customers and built a tool" the second verb is finite and
    stands on its own.
    """
    is_finite = words[index].word.endswith("ed") or words[index].word in _PAST_FORMS
    between: set[str] = set()
    for back in range(index - 1, max(-1, index - 8), -1):
        entry = _entry(words[back].word)
        if entry and entry[1] in _GOVERNING and (not is_finite or between & {"that", "who", "which"}):
            return entry[0]
        between.add(words[back].word)
    return _following_level(words, index)


def _following_level(words: list[Token], index: int) -> int:
    """German puts the helping participle last: `bei der Entwicklung … unterstützt`."""
    if not {"bei", "beim", "an"} & {word.word for word in words[max(0, index - 3) : index]}:
        return OWNED
    later = (_entry(token.word) for token in words[index + 1 :])
    return next((entry[0] for entry in later if entry and entry[1] in _GOVERNING), OWNED)
