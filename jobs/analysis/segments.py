"""A posting's text cut into the units that may state a requirement, each with its place and the section it stands in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from cv.skills import concepts_in
from jobs.analysis.patterns import HEADINGS, Section

_BULLET = re.compile(
    r"^[\U0001F300-\U0001FAFF\u2600-\u27BF\u2B00-\u2BFF\uFE0F\u200D]+\s*|^(?:[-–—•·▪●○◦■□►▶➢✓✔☑*+§o>]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+|^[•·▪●○◦■□►▶➢✓✔☑*]"
)
_INLINE_HEADING = re.compile(r"^([^.:;!?]{3,60}?)\s*[:：]\s*(?=\S)")
_SENTENCE_END = re.compile(
    r"(?<=[\w)\]%\"”])[.!?;](?=\s+[A-ZÀ-ÞŁŚŻŹĆ0-9•\-(])|\s*\n\s*\n\s*|(?<=[;])\s|[ \t\xa0]{3,}|\s*[•·▪●]\s*"
)
# Text pasted from a list that lost its line breaks: "…is requiredAbility to…", "…experience.Good knowledge…".
_GLUED = re.compile(r"(?<=[a-zà-ÿ)%])[.:;!]?(?=[A-ZÀ-ÞŁŚŻ][a-zà-ÿ]+[ ,’'.:-])")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|z\.B|bzw|ca|inkl|etc|incl|approx|min|max|Nr|No|vs|Mr|Mrs|Ms|Dr|St|d\.h|u\.a|p\.ex|ul|np|tzw|kat|Kl|lit|Tel|Co|Inc|Ltd|St|Std|inkl|ggf|evtl|mind)\.$", re.IGNORECASE)  # fmt: skip
# Headings that advertisements without line breaks hold within a line, and that begin no sentence.
_INNER_HEADING = re.compile(
    r"(?<=\S )(?:Nasze wymagania|Wymagania (?:konieczne|inne|stawiane pracownikowi)|Twój zakres obowiązków|Zakres obowiązków|Oferujemy|Co oferujemy|To oferujemy|Mile widziane|Poszukujemy osób|"
    r"Oczekujemy od Ciebie|Potrzebujemy od Ciebie|Twoim dodatkowym atutem jest|Kontakt do pracodawcy|Jeśli jesteś osobą, która|Za co będziesz odpowiedzialna/y|Na co dzień będziesz zajmować się|"
    r"Your responsibilities|Key responsibilities|Responsibilities|Requirements|Qualifications|What you(?:'|’)ll do|What we offer|Nice to have|Ihre Aufgaben|Deine Aufgaben|Ihr Profil|Dein Profil|Wir bieten|"
    r"Vos missions|Votre profil|Nous offrons|Funciones|Requisitos|Ofrecemos|Requisiti|Offriamo|Funções|Oferecemos|Wat ga je doen\?|Wat vragen wij\?|Wat bieden wij\?)(?=:? \S)"
)
_LONG_LINE = 160


@dataclass(frozen=True, slots=True)
class Segment:
    """A line or sentence: `text` stands at `start` to `end` of the posting, without its bullet."""

    text: str
    start: int
    end: int
    section: Section
    is_bullet: bool = False


def segments_of(text: str) -> list[Segment]:
    """Return the units of a posting in order; headings are not units, they set the section of what follows."""
    segments: list[Segment] = []
    section = Section.INTRO
    for start, end in _lines(text):
        first, is_bullet = _skip_bullet(text, start, end)
        heading = _heading(text[first:end], is_bullet=is_bullet)
        if heading:
            section = heading
            continue
        if _is_subheading(text[first:end]):
            section = Section.INTRO if section is Section.IGNORED else section
            continue
        for left, right in _sentences(text, first, end):
            inner = _INNER_HEADING.match(text, left)
            is_heading = text[left:right].endswith(":") or (inner is not None and inner.end() == right)
            if is_heading and (found := heading_section(text[left:right])):
                section = found
                continue
            inline = _INLINE_HEADING.match(text[left:right])
            found = heading_section(inline.group(1)) if inline and not is_bullet else None
            section = found or section
            begin = left + inline.end() if inline and found else left
            segments.append(Segment(text[begin:right], begin, right, section, is_bullet))
    return [segment for segment in segments if len(segment.text) > 2]


def heading_section(text: str) -> Section | None:
    """Return the section that a heading opens, or None for a text that is no known heading."""
    plain = re.sub(r"^[\W\d_]+|[\s:：.!?*#_–-]+$", "", text)
    if not plain or len(plain.split()) > 9:
        return None
    for part in (plain, *(part.strip() for part in plain.split("/"))):
        for section, pattern in HEADINGS:
            if pattern.fullmatch(part):
                return section
    return None


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of lines; a line that goes on in lower case after a break is joined with the next."""
    pending: tuple[int, int] | None = None
    for match in re.finditer(r"[^\n]+", text):
        stripped = match.group().strip()
        if not stripped:
            continue
        start = match.start() + match.group().index(stripped)
        end = start + len(stripped)
        if (
            pending
            and stripped[0].islower()
            and text.count("\n", pending[1], start) == 1
            and not _ends(text, pending[1])
        ):
            pending = (pending[0], end)
            continue
        if pending:
            yield pending
        pending = (start, end)
    if pending:
        yield pending


def _ends(text: str, end: int) -> bool:
    return text[end - 1] in ".:;!?"


def _skip_bullet(text: str, start: int, end: int) -> tuple[int, bool]:
    match = _BULLET.match(text[start:end])
    return (start + match.end(), True) if match and start + match.end() < end else (start, False)


def _heading(line: str, *, is_bullet: bool) -> Section | None:
    if len(line) > 90 or (is_bullet and not line.endswith(":")):
        return None
    section = heading_section(line)
    # "SQL is a plus" looks like the heading of a list of wishes, but is one itself.
    is_wish = section is Section.NICE and not line.endswith(":") and bool(concepts_in(line))
    return None if is_wish else section


def _is_subheading(line: str) -> bool:
    """Tell a heading that no table knows, such as `Languages:`; it opens no other section, but it ends an ignored one."""
    looks_like_one = line.endswith(":") or (line.isupper() and len(line.split()) > 1)
    return looks_like_one and len(line.split()) <= 6 and not concepts_in(line)


def _headings_within(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where a known heading with a colon stands within a line, as in advertisements that lost their line breaks."""
    for colon in re.finditer(r":", text[start:end]):
        before = re.search(
            r"(?:[^\s.:;!?]+[ ]){0,4}[^\s.:;!?]+\s?$",
            text[max(start, start + colon.start() - 70) : start + colon.start()],
        )
        words = before.group().split(" ") if before else []
        for number in range(len(words)):
            heading = " ".join(words[number:])
            if heading[:1].isupper() and heading_section(heading):
                yield start + colon.start() - len(heading)
                break


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    cuts = [start]
    for match in _SENTENCE_END.finditer(text, start, end):
        if not _ABBREVIATION.search(text[max(start, match.start() - 8) : match.start() + 1]):
            cuts += [match.end() if match.group().strip() else match.start()]
    if end - start > _LONG_LINE:
        cuts += _headings_within(text, start, end)
        cuts += [place for match in _INNER_HEADING.finditer(text, start, end) for place in match.span()]
        names = [(mention.start, mention.end) for mention in concepts_in(text[start:end])]
        for match in _GLUED.finditer(text, start, end):
            place = match.end() - start
            if not any(left < place < right for left, right in names):
                cuts.append(match.end())
    cuts = [*sorted(set(cuts)), end]
    for left, right in pairwise(cuts):
        piece = text[left:right]
        stripped = piece.strip(" \t\n.;•·")
        if stripped:
            begin = left + piece.index(stripped)
            begin, _ = _skip_bullet(text, begin, begin + len(stripped))
            yield begin, left + piece.index(stripped) + len(stripped)
