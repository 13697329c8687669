"""Skills: groups such as "Languages: Python, Go", lists, tags and tables, with levels."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from cv.extraction.types import TextLine
from cv.parsing.dates import find_periods
from cv.parsing.entries import left
from cv.parsing.lexicon import folded, words
from cv.parsing.rows import visible_text
from cv.parsing.sections import same_look
from cv.parsing.types import Part, Row, Section
from cv.parsing.values import note
from cv.resume import Skill, SkillGroup
from cv.skills import concept_of, concepts_in

MAX_LABEL_WORDS = 6
MAX_SKILL_WORDS = 8
MAX_GROUP_ROWS = 40
MAX_GRID_LABELS = 4
# Words after which a phrase goes on.
_INNER_WORDS = frozenset(
    [
        "de",
        "of",
        "und",
        "and",
        "au",
        "aux",
        "du",
        "des",
        "la",
        "le",
        "the",
        "for",
        "in",
        "et",
        "do",
        "da",
        "ao",
        "à",
        "von",
        "für",
        "mit",
        "with",
        "di",
        "w",
        "do",
        "na",
        "и",
    ]
)
# In points: a list within a list is set in by so much.
NESTED = 10.0
LABEL_SIZE = 1.1
_ACRONYM = re.compile(r"[A-Z][A-Z0-9]{1,4}")
_SPLIT = re.compile(r"\s*[,;，；、،|•·∙⋅●‣▪◦¦｜]\s*|\t+|\s{3,}|\s+/\s+")
_RATING = re.compile(r"[★☆●○◉◯■□▪▫⬤⚪⚫✦✧♦♢*]{2,}|\b\d{1,3}\s?%|\b\d\s?/\s?(?:5|10)\b")
_LEVEL = re.compile(r"^(?P<name>.+?)\s*(?:[(（]\s*(?P<level>[^()（）]+?)\s*[)）]|\s[-–—:]\s*(?P<other>[^()]+))$")


def read_skills(sections: Sequence[Section]) -> list[SkillGroup]:
    """Read skills sections."""
    groups: list[SkillGroup] = []
    for section in sections:
        found = list(_groups(section.rows))
        if section.kind == "custom" and section.heading is not None and found and not found[0][0]:
            found[0] = (section.title, found[0][1], section.heading.lines)
        tagged = _are_tags(found)
        for name, parts, lines in found:
            group = _group(name, parts, lines, tagged=tagged)
            if group.skills or group.name:
                _append(groups, group)
    return groups


def is_skill_group(section: Section) -> bool:
    """Return whether a section of the person's own lists skills: short pieces, most of them known, or a level first."""
    pieces = [piece for row in section.rows for piece in split_list(row.text)]
    if (
        not pieces
        or len(section.rows) > MAX_GROUP_ROWS
        or any(len(piece.split()) > 4 or find_periods(piece) for piece in pieces)
    ):
        return False
    known = sum(concept_of(piece) is not None or len(concepts_in(piece)) > 1 for piece in pieces)
    return _is_level(pieces[0]) or known * 2 >= len(pieces)


def _are_tags(groups: Sequence[tuple[str, list[Part], list[TextLine]]]) -> bool:
    """Return whether skills stand side by side with blanks only, as tags in boxes do once the boxes are gone."""
    texts = [visible_text(part.text) for _, parts, _ in groups for part in parts]
    long = [text for text in texts if len(text.split()) >= 2]
    return bool(long) and not any(_SPLIT.search(text) for text in texts)


def split_tags(text: str) -> list[str]:
    """Cut a row of tags into skills: at the names that the lexicon knows, and else before capitals."""
    pieces: list[str] = []
    place = 0
    for mention in concepts_in(text):
        pieces += _split_capitals(text[place : mention.start])
        pieces.append(text[mention.start : mention.end])
        place = mention.end
    return [*pieces, *_split_capitals(text[place:])]


def _split_capitals(text: str) -> list[str]:
    """Cut before each word with a capital where other words have none ("Atención al cliente Negociación")."""
    words_ = text.split()
    if not words_:
        return []
    if all(_ACRONYM.fullmatch(word) for word in words_):
        return words_
    if all(word[0].isupper() for word in words_) or not any(word[0].isupper() for word in words_):
        return [" ".join(words_)]
    pieces: list[list[str]] = []
    for word in words_:
        if word[0].isupper() or not pieces:
            pieces.append([word])
        else:
            pieces[-1].append(word)
    return [" ".join(piece) for piece in pieces]


def _append(groups: list[SkillGroup], group: SkillGroup) -> None:
    if groups and not group.name and not groups[-1].name:
        groups[-1].skills.extend(group.skills)
    else:
        groups.append(group)


def _groups(rows: Sequence[Row]) -> Iterator[tuple[str, list[Part], list[TextLine]]]:
    """Yield label, parts and the label's lines of each group."""
    name = ""
    parts: list[Part] = []
    name_lines: list[TextLine] = []
    labels_alone = _label_looks(rows)
    for number, row in enumerate(rows):
        label, rest = _label(row)
        if not label and number in labels_alone:
            label, rest = _label_text(row).rstrip(" :："), []
        if label:
            if name or parts:
                yield name, parts, name_lines
            name, parts, name_lines = label, rest, row.lines
        elif _starts_anew(rows, number, named=bool(name)):
            if name or parts:
                yield name, parts, name_lines
            name, parts, name_lines = "", list(row.parts), []
        else:
            parts = _continued(parts, row)
    if name or parts:
        yield name, parts, name_lines


def _continued(parts: list[Part], row: Row) -> list[Part]:
    """Add a row to a group; a list that wraps inside an item is put together."""
    first = row.parts[0]
    if parts and not row.bullet:
        above = visible_text(parts[-1].text)
        if len(row.parts) == 1 and same_look(parts[-1].look, first.look) and _is_one_skill(above, first.text):
            return [*parts[:-1], _glued(parts[-1], first)]
        commas = _SPLIT.search(above) is not None
        is_open = commas and not above.endswith((",", ";", "、", "，", "|", "·", "•"))
        if is_open and first.text[:1].islower() and _is_one_block(parts[-1], first):
            return [*parts[:-1], _glued(parts[-1], first), *row.parts[1:]]
        if (
            is_open
            and len(above) > 30
            and (first.text[:1].islower() or (len(above) > 50 and _SPLIT.search(first.text)))
        ):
            return [*parts[:-1], _glued(parts[-1], first), *row.parts[1:]]
    return [*parts, *row.parts]


def _is_one_block(last: Part, first: Part) -> bool:
    """Return whether two parts are of one paragraph of a page."""
    upper, lower = last.lines[-1], first.lines[0]
    return upper.place is not None and upper.block == lower.block and same_look(last.look, first.look)


def _glued(last: Part, first: Part) -> Part:
    return Part(f"{last.text} {first.text}", last.look, [*last.lines, *first.lines], last.url, last.gap)


def _is_one_skill(above: str, below: str) -> bool:
    """Return whether a skill goes on in the next row of a narrow column: it ends within a phrase, or only both are known."""
    if _SPLIT.search(above) or _SPLIT.search(below):
        return False
    if folded(above.rsplit(maxsplit=1)[-1]) in _INNER_WORDS:
        return True
    both = concept_of(f"{above} {below}")
    return both is not None and both not in {concept_of(above), concept_of(below)}


def _label(row: Row) -> tuple[str, list[Part]]:
    """Return a label in front of a row's skills and the parts with the skills, or no label."""
    text = row.text
    match = re.match(r"^\s*([^:：,;]{1,60}?)\s*[:：]\s*(.*)$", text)
    if match and len(match[1].split()) <= MAX_LABEL_WORDS:
        return visible_text(match[1]), _after(row.parts, match.end(1))
    if len(row.parts) >= 2:
        first, second = row.parts[0], row.parts[1]
        if second.gap and _SPLIT.search(second.text) and not _SPLIT.search(first.text.strip()):
            return visible_text(first.text), row.parts[1:]
        is_over = first.look.size >= LABEL_SIZE * second.look.size and first.look.bold and not second.look.bold
        if is_over and second.gap and len(first.text.split()) <= MAX_LABEL_WORDS and not _is_level(second.text):
            return visible_text(first.text), row.parts[1:]
        styled = first.look.bold and not second.look.bold
        if (
            styled
            and not second.gap
            and _SPLIT.search(" ".join(part.text for part in row.parts[1:]))
            and len(first.text.split()) <= MAX_LABEL_WORDS
        ):
            rest = re.match(r"^\s*\(([^)]*)\)\s*[:：]?\s*", second.text)
            kept = (
                [Part(second.text[rest.end() :], second.look, second.lines), *row.parts[2:]] if rest else row.parts[1:]
            )
            return visible_text(first.text), kept
    return "", []


def _after(parts: Sequence[Part], stop: int) -> list[Part]:
    """Return the parts' text after `stop` characters of the row, without the colon."""
    kept: list[Part] = []
    place = 0
    for part in parts:
        place += 1 if part.gap else 0
        end = place + len(part.text)
        if end > stop:
            text = part.text[max(0, stop - place) :]
            if not kept:
                text = re.sub(r"^\s*[:：]\s*", "", text)
            if text.strip():
                kept.append(Part(text, part.look, part.lines, part.url, part.gap))
        place = end
    return kept


def _label_looks(rows: Sequence[Row]) -> set[int]:
    """Return the rows that are labels of the rows below: set in one look, while those below are set in another."""
    if len(rows) < 2:
        return set()
    if larger := _larger_labels(rows):
        return larger
    model = rows[0]
    if nested := _nested_labels(rows):
        return nested
    if _is_list(visible_text(model.text)) or len(model.text.split()) > MAX_LABEL_WORDS or model.bullet:
        return set()
    alike = [
        n
        for n, row in enumerate(rows)
        if same_look(row.look, model.look)
        and not row.bullet
        and not _is_list(visible_text(row.text))
        and _near(row, model)
    ]
    followed = [n for n in alike if n + 1 < len(rows) and n + 1 not in alike]
    others = [row for n, row in enumerate(rows) if n not in alike]
    stands_out = (
        model.look.bold or any(row.look.size < model.look.size for row in others) or any(row.bullet for row in others)
    )
    if others and stands_out and len(followed) * 2 >= len(alike) and not _only_levels(rows, followed):
        return set(followed)
    return set()


def _larger_labels(rows: Sequence[Row]) -> set[int]:
    """Return the rows in larger letters than the first ones, each above smaller rows: labels of all groups but the first."""
    sizes = Counter(row.look.size for row in rows)
    usual = sizes.most_common(1)[0][0]
    if not usual or rows[0].look.size > usual:
        return set()
    return {
        number
        for number, (row, below) in enumerate(pairwise(rows))
        if row.look.size >= LABEL_SIZE * usual >= LABEL_SIZE * below.look.size
        and not row.bullet
        and "\t" not in row.text
        and len(row.text.split()) <= MAX_LABEL_WORDS
    }


def _nested_labels(rows: Sequence[Row]) -> set[int]:
    """Return the rows in bold of a list whose own lists, set further in and not in bold, are the skills."""
    labels = {number for number, row in enumerate(rows) if row.bullet and row.look.bold and "\t" not in row.text}
    inner = [row for number, row in enumerate(rows) if number not in labels]
    edges = [edge for number in labels if (edge := left(rows[number])) is not None]
    is_nested = bool(edges) and all(
        not row.look.bold and (begin := left(row)) is not None and begin > max(edges) + NESTED for row in inner
    )
    return labels if is_nested and inner and 0 in labels and len(rows) - 1 not in labels else set()


def _label_text(row: Row) -> str:
    """Return a label row's text; labels side by side head one group, a level beside its label is left out."""
    cells = [cell.strip() for cell in visible_text(row.text).split("\t")]
    return ", ".join(cell for number, cell in enumerate(cells) if cell and (number == 0 or not _is_level(cell)))


def _is_list(text: str) -> bool:
    """Return whether a text lists things; wide gaps alone may also part labels of a grid."""
    return len(split_list(text.replace("\t", " "))) > 1 or text.count("\t") > MAX_GRID_LABELS - 1


def _only_levels(rows: Sequence[Row], labels: Sequence[int]) -> bool:
    return all(_is_level(visible_text(rows[n + 1].text)) and (n + 2 >= len(rows) or n + 2 in labels) for n in labels)


def _near(row: Row, model: Row) -> bool:
    first, second = left(row), left(model)
    return first is None or second is None or abs(first - second) < 400


def _starts_anew(rows: Sequence[Row], number: int, *, named: bool) -> bool:
    """Return whether an unlabelled row after a labelled group begins a group of its own."""
    row, before = rows[number], rows[number - 1] if number else None
    return bool(named and before is not None and row.bullet and before.bullet and row.after_gap)


def _is_level(text: str) -> bool:
    plain = folded(text)
    return plain in words("labels", "levels") or bool(_RATING.fullmatch(text.strip()))


def _group(name: str, parts: Sequence[Part], lines: Sequence[TextLine], *, tagged: bool) -> SkillGroup:
    group = SkillGroup()
    if name:
        level = _LEVEL.match(name)
        if level and level["level"] and _is_level(level["level"]):
            name, group.level = level["name"], level["level"]
        group.name = name
        note(group, "name", lines, 0.85)
    for part in parts:
        for text in split_list(part.text):
            for piece in split_tags(text) if tagged and _is_row_of_tags(text) else [text]:
                _add_skill(group, piece, part)
    return group


def _is_row_of_tags(text: str) -> bool:
    """Return whether a text with blanks only is several skills: it names two, or begins anew in its middle."""
    if len(concepts_in(text)) >= 2:
        return True
    capitals = [word[0].isupper() for word in text.split()]
    return len(capitals) >= 3 and sum(capitals) >= 2 and not all(capitals)


def _add_skill(group: SkillGroup, text: str, part: Part) -> None:
    plain = visible_text(_RATING.sub("", text)).strip(" .,;:-–—")
    if plain.count("(") != plain.count(")"):
        plain = plain.strip("()")
    if not plain or not any(char.isalnum() for char in plain):
        return
    if _is_level(plain):
        _set_level(group, plain, part)
        return
    skill = Skill(name=plain)
    match = _LEVEL.match(plain)
    level = (match["level"] or match["other"]) if match else None
    if match and level and _is_level(level):
        skill = Skill(name=match["name"], level=level)
    confidence = 0.9 if len(plain.split()) <= 4 else 0.6 if len(plain.split()) <= MAX_SKILL_WORDS else 0.4
    note(skill, "name", part.lines, confidence)
    group.skills.append(skill)


def _set_level(group: SkillGroup, level: str, part: Part) -> None:
    item = group.skills[-1] if group.skills and not group.name else group
    if not item.level:
        item.level = level
        note(item, "level", part.lines, 0.8)
    else:
        note(item, "level", part.lines, 0.6)


def split_list(text: str) -> list[str]:
    """Cut a list at its separators; those inside brackets stay, and "A and B" is cut at its end."""
    pieces: list[str] = []
    depth_text = re.sub(r"[(（][^()（）]*[)）]", lambda match: match[0].translate(_SHIELD), text)
    for piece in _SPLIT.split(depth_text):
        plain = piece.translate(_UNSHIELD).strip()
        if plain:
            pieces.append(plain)
    if len(pieces) > 1 and (match := re.match(r"^(?:and|und|et|y|e|i|og|och|en|ve|и|sowie|or)\s+(.+)$", pieces[-1])):
        pieces[-1] = match[1]
    return pieces


_SHIELD = {ord(sign): chr(0xE000 + number) for number, sign in enumerate(",;，；、،|•·/\t ")}
_UNSHIELD = {number: chr(sign) for sign, number in ((key, ord(value)) for key, value in _SHIELD.items())}


def is_known_level(text: str) -> bool:
    """Return whether a text is a word for a level of skill."""
    return folded(text) in words("labels", "levels")
