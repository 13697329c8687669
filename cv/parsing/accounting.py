"""Nothing is dropped silently: text of a line that no value holds is kept as unassigned."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from cv.extraction.types import ExtractedDocument, TextLine
from cv.parsing.lexicon import folded, words
from cv.parsing.rows import visible_text
from cv.parsing.values import line_item
from cv.resume import Item, PartialDate, Resume

_WORD = re.compile(r"[\w+#]+")
# Runs of words that no value holds are kept when they say at least so much.
MIN_CHARACTERS = 2


def add_unassigned(resume: Resume, document: ExtractedDocument, headings: Sequence[TextLine]) -> None:
    """Add to `resume.unassigned` every run of words of a visible line that neither a value nor a heading holds."""
    held = _held(resume)
    headed = {line.id for line in headings}
    ignored = _ignored()
    for line in document.visible_lines:
        if line.id in headed:
            continue
        for run in _missing_runs(visible_text(line.text), held.get(line.id, frozenset()), ignored):
            resume.unassigned.append(line_item(run, [line], 0.3))


def _held(resume: Resume) -> dict[str, frozenset[str]]:
    """Return the words of all values by the lines that they come from."""
    found: dict[str, set[str]] = defaultdict(set)
    for item in resume.items():
        for field, meta in item.meta.items():
            if meta.source is None:
                continue
            tokens = set(_tokens(_text(getattr(item, field, ""))))
            if isinstance(getattr(item, field, None), PartialDate | bool):
                tokens |= set(_tokens(meta.source.quotation))
            for line_id in meta.source.line_ids:
                found[line_id] |= tokens | set(_tokens(_related(item, field)))
    return {line_id: frozenset(tokens) for line_id, tokens in found.items()}


def _related(item: Item, field: str) -> str:
    """Return the texts of an item that share their lines with a field without a note of their own."""
    texts = [
        _text(getattr(item, name))
        for name in type(item).model_fields
        if name not in {"id", "meta"} and name not in item.meta
    ]
    return " ".join(texts)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, PartialDate):
        return f"{value.raw} {value.iso()}"
    if isinstance(value, list):
        return " ".join(element for element in value if isinstance(element, str))
    if hasattr(value, "text"):
        return str(value.text)
    return ""


def _tokens(text: str) -> Iterator[str]:
    for match in _WORD.finditer(folded(text)):
        yield match[0]


def _ignored() -> frozenset[str]:
    kinds = ("email", "phone", "url", "location", "birth", "nationality", "name", "profile", "highlights", "period",
             "title", "employer", "degree", "area", "institution", "technologies")  # fmt: skip
    phrases = {phrase for kind in kinds for phrase in words("labels", kind)}
    phrases |= (
        words("education", "scores")
        | words("education", "courses")
        | words("dates", "until")
        | words("dates", "present")
    )
    return frozenset(phrases | {"at", "in", "of", "and", "the", "gpa", "http", "https", "www", "mailto", "from", "for"})


def _missing_runs(text: str, held: frozenset[str], ignored: frozenset[str]) -> Iterator[str]:
    """Yield the stretches of a line whose words no value holds, without labels standing alone."""
    begin = stop = -1
    for match in [*re.finditer(r"\S+", text), None]:
        tokens = list(_tokens(match[0])) if match else ["."]
        is_parted = match is not None and match.end() == len(text) and text.endswith("-")
        is_held = match is None or (bool(tokens) and all(_is_held(token, held, is_parted) for token in tokens))
        if is_held:
            if begin >= 0:
                yield from _worth(text[begin:stop], ignored)
            begin = -1
        elif tokens and match is not None:
            begin = match.start() if begin < 0 else begin
            stop = match.end()


def _is_held(token: str, held: frozenset[str], is_parted: bool) -> bool:  # noqa: FBT001 - a fact about the token
    """Return whether a value holds a word, or one that a line's end parts."""
    if is_parted and any(word.startswith(token) for word in held):
        return True
    return token in held or (len(token) > 3 and any(token in word for word in held))


def _worth(run: str, ignored: frozenset[str]) -> Iterator[str]:
    plain = run.strip(" ,;:|·•–—-()[]/\t")
    label = folded(plain)
    if (
        label and label not in ignored and (len(label) >= MIN_CHARACTERS or not label.isascii()) and not label.isdigit()
    ) or (label.isdigit() and len(label) > 2):
        yield plain
