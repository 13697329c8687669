"""The person's name and headline, found by look and position, and by the e-mail address."""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from cv.extraction.text import join_wrapped
from cv.extraction.types import TextLine
from cv.parsing.contact import Snippet
from cv.parsing.dates import find_periods
from cv.parsing.entries import is_sentence
from cv.parsing.heads import is_place
from cv.parsing.judging import organisation_score, title_score
from cv.parsing.lexicon import folded
from cv.parsing.sections import heading_kind
from cv.parsing.values import joined, set_value
from cv.resume import Person

TITLES = frozenset({"resume", "résumé", "curriculum vitae", "cv", "lebenslauf", "curriculum", "vita", "履歴書", "简历",
                    "個人簡歷", "职务经历书", "職務経歴書", "резюме", "özgeçmiş", "życiorys", "životopis", "السيرة الذاتية",
                    "hoja de vida", "currículo", "curriculo", "bewerbung", "europass", "이력서"})  # fmt: skip
_FOLDED_TITLES = frozenset(folded(title) for title in TITLES)
_DEGREES = re.compile(
    r",?\s+(?:ph\.?d\.?|m\.?d\.?|mba|m\.?sc\.?|b\.?sc\.?|cpa|pmp|rn|esq\.?|jr\.?|sr\.?|i{2,3})$", re.IGNORECASE
)
_NOT_NAME = re.compile(r"[@\d/\\<>{}=_#%&*+]|https?:|www\.")
_PARTICLES = frozenset(
    [
        "de",
        "da",
        "del",
        "della",
        "der",
        "den",
        "van",
        "von",
        "zu",
        "zur",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "ben",
        "di",
        "do",
        "dos",
        "das",
        "du",
        "y",
        "e",
        "ter",
        "ten",
    ]
)
# What pictures are called where they have no name.
_FILE_WORDS = re.compile(
    r"^(?:profile|avatar|photo|image|picture|logo)[-_ ]?(?:pic|photo|picture|image)?\w?$", re.IGNORECASE
)
_TITLE_AT_END = re.compile(r"\s+(?:résumé|resume|curriculum vitae|cv|lebenslauf)$", re.IGNORECASE)
_CUT = re.compile(r"\s*[|¦•·]\s*|\s+[–—-]\s+|,\s+")
# How letters are written in addresses.
_TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae"})
LARGE = 1.15
# A name of few words may go on in the next row; letters so many times larger than the text's leave no doubt.
MAX_NAME_WORDS = 5
NAME_SIZE = 1.4


def fill_name(person: Person, snippets: Sequence[Snippet], *, author: str = "", size: float = 0.0) -> None:
    """Set name and headline from the snippets above the first heading, marking those as used."""
    options = [
        s
        for s in snippets
        if not s.used and s.text and folded(s.text) not in _FOLDED_TITLES and s.label in {"", "name"}
    ]
    for snippet in snippets:
        if folded(snippet.text) in _FOLDED_TITLES:
            snippet.used = True
    if not person.name:
        _choose_name(person, options, author, size)
    if not person.headline:
        _choose_headline(person, [option for option in options if not option.used])


def _choose_name(person: Person, options: Sequence[Snippet], author: str, size: float) -> None:
    largest = max((snippet.look.size for snippet in options), default=0.0)
    best, best_score, best_name = None, 1.0, ""
    for number, snippet in enumerate(options[:14]):
        for place, piece in enumerate(_CUT.split(snippet.text)):
            name = _TITLE_AT_END.sub("", _DEGREES.sub("", piece.strip(" ,|·•")))
            score = name_score(name, person.email, author) - 0.35 * number - 0.8 * place
            score += 1.5 * (snippet.look.size >= largest > size * LARGE) + 0.5 * snippet.look.bold
            score -= 1.0 * (snippet.look.size < largest / 1.3)
            if score > best_score:
                best, best_score, best_name = snippet, score, name
    if best is None:
        return
    lines = list(best.lines)
    if len(best_name.split()) < MAX_NAME_WORDS and best.text == best_name:
        best_name, lines = _with_other_half(best, options, best_name, size)
    set_value(person, "name", best_name, lines, min(0.98, 0.5 + 0.1 * best_score), quotation=best.text)
    best.used = True
    rest = [
        piece
        for piece in _CUT.split(best.text)
        if piece and best_name not in piece and folded(piece) not in _FOLDED_TITLES
    ]
    if (rest and title_score(", ".join(rest)) > 0) or (rest and best.text.startswith(best_name)):
        headline = best.text.replace(best_name, "", 1).strip(" ,|·•–—-")
        if headline and not _DEGREES.fullmatch(" " + headline):
            set_value(person, "headline", headline, best.lines, 0.8)


def _with_other_half(best: Snippet, options: Sequence[Snippet], name: str, size: float) -> tuple[str, list[TextLine]]:
    """Return the name with the piece before or behind it in the same look where a name is set in two rows or colours."""
    place = options.index(best)
    parts = [best]
    beside = [number for number, option in enumerate(options) if _is_beside(best, option)]
    for other in (place + 1, place - 1, *beside, place + 2, place - 2):
        half = options[other] if 0 <= other < len(options) else None
        if half is None or half.used or half in parts or not _touches(parts, half, options):
            continue
        if _is_half(best, half, name, size=size):
            half.used = True
            parts = sorted([*parts, half], key=lambda part: _position(part, options))
            name = join_wrapped(part.text for part in parts)
    return name, [line for part in parts for line in part.lines]


def _touches(parts: Sequence[Snippet], half: Snippet, options: Sequence[Snippet]) -> bool:
    """Return whether a piece is the neighbour of one of a name's, or stands at its height."""
    place = options.index(half)
    return any(abs(options.index(part) - place) == 1 or _is_beside(part, half) for part in parts)


def _position(part: Snippet, options: Sequence[Snippet]) -> tuple[float, ...]:
    """Return where a piece stands in reading order: by its place on the page, else among the others."""
    line = part.lines[0]
    if line.place is None:
        return (0, options.index(part), 0)
    return (line.page, round(line.place[1] / 2), line.place[0])


def _is_beside(best: Snippet, other: Snippet) -> bool:
    """Return whether a piece in the same look stands in the same row of the page, though perhaps in another column."""
    first, second = best.lines[0], other.lines[0]
    if first.place is None or second.place is None or first.page != second.page or best.look != other.look:
        return False
    return abs(first.place[1] - second.place[1]) < 1 and abs(first.place[3] - second.place[3]) < 1


def _is_half(best: Snippet, half: Snippet, name: str, *, size: float) -> bool:
    """Return whether a piece beside a name is its other half: set alike, and of few words."""
    words_ = [*name.split(), *half.text.split()]
    if half.look.size != best.look.size or not best.look.size or len(words_) > MAX_NAME_WORDS:
        return False
    if name_score(half.text, "", "") <= 0 and title_score(half.text) < 2:
        # The ending of a family name may be that of a profession.
        return best.look.size > size * NAME_SIZE and name_score(half.text, "", "") > -2
    beside = half.row == best.row or half.text.endswith("-")
    if len(name.split()) > 1 and (beside or best.look.size <= size * NAME_SIZE or len(half.text.split()) > 1):
        return False
    return title_score(half.text) == 0 or (title_score(half.text) < 2 and best.look.size > size * NAME_SIZE)


def name_score(text: str, email: str, author: str) -> float:
    """Return how much a text reads as a person's name; 1 and less means that it hardly does."""
    tokens = text.replace(".", ". ").split()
    if (
        not tokens
        or len(tokens) > 6
        or len(text) > 48
        or _NOT_NAME.search(text)
        or heading_kind(text)
        or is_place(text)
    ):
        return -5.0
    score = 0.0
    if re.search(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", text):
        score += 2.0 if len("".join(tokens)) <= 8 else -1.0
    elif all(token[0].isupper() or token.casefold() in _PARTICLES or not token[0].isascii() for token in tokens):
        score += 2.0 if 2 <= len(tokens) <= 4 else 0.8
    # Many family names end like professions ("Neumann"), so an ending says less than a word.
    title = title_score(text)
    if title >= 1.6:
        score -= 2.2 if title > 1.6 or len(tokens) == 1 else 0.8
    if organisation_score(text) >= 1.8:
        score -= 1.0
    local = re.sub(r"[\d._+-]+", " ", email.partition("@")[0]).strip()
    if local and score > 0:
        plain = folded(local).replace(" ", "")
        spellings = {folded(text), folded(text.casefold().translate(_TRANSCRIBED))}
        similar = max(fuzz.partial_ratio(spelling.replace(" ", ""), plain) for spelling in spellings)
        score += 2.5 if similar >= 85 else 0.0
    if author and fuzz.token_sort_ratio(folded(text), folded(author)) >= 90:
        score += 1.5
    return score


def _is_no_headline(text: str) -> bool:
    if len(text) > 90 or len(text.split()) > 10 or re.search(r"@|https?:", text):
        return True
    return (
        is_sentence(text)
        or is_place(text)
        or bool(heading_kind(text))
        or bool(find_periods(text))
        or not re.search(r"[^\W\d_]{2}", text)
    )


def _choose_headline(person: Person, options: Sequence[Snippet]) -> None:
    name_row = next((s.row for s in options), 0)
    best, best_score = None, 0.4
    for number, snippet in enumerate(options[:8]):
        text = snippet.text
        if _is_no_headline(text) or folded(text) == folded(person.name) or _FILE_WORDS.match(text):
            continue
        score = (
            title_score(text)
            + (1.0 - 0.25 * number)
            - 0.5 * bool(re.search(r"\d", text))
            - 0.1 * (snippet.row - name_row)
        )
        if score > best_score:
            best, best_score = snippet, score
    if best is not None:
        set_value(person, "headline", joined([best.text]), best.lines, min(0.9, 0.5 + 0.12 * best_score))
        best.used = True
