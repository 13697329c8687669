"""Markdown and plain text: the outline as lines that people read, forms take, and our own reader reads back."""

import re
from collections.abc import Iterator

from cv.export.outline import Entry, Link, Outline, Section, outline_of
from cv.resume import Resume

# What Markdown would take for a mark; at the beginning of a line more signs are.
_MARKS = re.compile(r"([\\`*_\[\]<>#|])")
_LINE_START = re.compile(r"^(\s*)([-+~]|\d+(?=[.)]\s))")


def to_markdown(resume: Resume) -> bytes:
    """Return the résumé as Markdown: sections are headings of level 2, entries of level 3, positions of level 4."""
    outline = outline_of(resume)
    blocks = [f"# {_escaped(outline.name)}"] if outline.name else []
    if outline.headline:
        blocks.append(f"**{_escaped(outline.headline)}**")
    if outline.contacts:
        blocks.append("\n".join(f"- {_linked(contact)}" for contact in outline.contacts))
    for section in outline.sections:
        blocks += _marked_section(section)
    return ("\n\n".join(blocks) + "\n").encode()


def _marked_section(section: Section) -> Iterator[str]:
    if section.title:
        yield f"## {_escaped(section.title)}"
    yield from map(_escaped, section.paragraphs)
    for entry in section.entries:
        yield from _marked_entry(entry, level=3)
    if section.lines:
        yield "\n".join(
            f"- **{_escaped(line.label)}**{': ' if line.text else ''}{_escaped(line.text)}" if line.label else f"- {_escaped(line.text)}"
            for line in section.lines
        )  # fmt: skip
    if section.bullets:
        yield _marked_list(section.bullets)


def _marked_entry(entry: Entry, *, level: int) -> Iterator[str]:
    head = _escaped(_head(entry))
    if head:
        yield f"{'#' * level} {head}"
    if aside := _aside(entry):
        yield f"*{_escaped(aside)}*"
    if entry.link:
        yield _linked(entry.link)
    yield from map(_escaped, entry.paragraphs)
    if entry.bullets:
        yield _marked_list(entry.bullets)
    yield from map(_escaped, entry.notes)
    for part in entry.parts:
        yield from _marked_entry(part, level=4)


def _marked_list(texts: list[str]) -> str:
    return "\n".join(f"- {_escaped(text)}" for text in texts)


def _escaped(text: str) -> str:
    return _LINE_START.sub(r"\1\\\2", _MARKS.sub(r"\\\1", text))


def _linked(link: Link) -> str:
    target = link.url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{_escaped(link.text)}]({target})" if target and "<" not in target else _escaped(link.text)


def to_text(resume: Resume) -> bytes:
    """Return the résumé as plain text in UTF-8, for forms that take nothing else; nothing is wrapped."""
    outline = outline_of(resume)
    blocks = [_text_head(outline), *(_text_section(section) for section in outline.sections)]
    return ("\n\n\n".join(filter(None, blocks)) + "\n").encode()


def _text_head(outline: Outline) -> str:
    return "\n".join(filter(None, [outline.name, outline.headline, *(contact.text for contact in outline.contacts)]))


def _text_section(section: Section) -> str:
    blocks = ["\n".join([*section.paragraphs, *(_text_line(line.label, line.text) for line in section.lines)])]
    blocks += ["\n".join(_text_entry(entry)) for entry in section.entries]
    blocks.append("\n".join(f"- {text}" for text in section.bullets))
    body = "\n\n".join(filter(None, blocks))
    return f"{section.title.upper()}\n\n{body}" if section.title else body


def _text_line(label: str, text: str) -> str:
    return ": ".join(filter(None, (label, text)))


def _text_entry(entry: Entry) -> Iterator[str]:
    yield from filter(None, [_head(entry), _aside(entry), entry.link.text if entry.link else ""])
    yield from entry.paragraphs
    yield from (f"- {text}" for text in entry.bullets)
    yield from entry.notes
    for part in entry.parts:
        yield ""
        yield from _text_entry(part)


def _head(entry: Entry) -> str:
    return ", ".join(filter(None, (entry.title, entry.subtitle)))


def _aside(entry: Entry) -> str:
    return " · ".join(filter(None, (entry.aside, entry.dates)))
