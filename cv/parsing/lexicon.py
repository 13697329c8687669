"""Word lists in many languages, kept as JSON beside the code and read once."""

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
# Scripts that write words without spaces between them; a word boundary means nothing there.
UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_MARKS = re.compile(r"[^\w+#&]+")


@cache
def table(name: str) -> Any:
    """Return the word list `name`."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


@cache
def words(name: str, *path: str) -> frozenset[str]:
    """Return all words under a path of a list, in every language, folded."""
    value = table(name)
    for key in path:
        value = value[key]
    return frozenset(folded(word) for word in _leaves(value))


def _leaves(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    else:
        for element in value.values() if isinstance(value, dict) else value:
            yield from _leaves(element)


@cache
def folded(text: str) -> str:
    """Return the text for comparison: compatibility form, lower case, no accents on Latin letters, single spaces."""
    text = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(
        char
        for letter in text
        for char in (unicodedata.normalize("NFD", letter) if "a" <= _base(letter) <= "z" else letter)
        if not ("\u0300" <= char <= "\u036f")
    )
    return " ".join(_MARKS.sub(" ", plain.replace("ł", "l").replace("ı", "i").replace("ø", "o")).split())


def _base(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[:1]


def alternatives(options: Iterable[str]) -> str:
    """Return a regular expression's alternation of the options, longest first, each whole words only."""
    ordered = sorted(set(options), key=lambda option: (-len(option), option))
    return "|".join(_bounded(option) for option in ordered if option)


def _bounded(option: str) -> str:
    body = re.escape(option).replace(r"\ ", r"\s+")
    unspaced = re.compile(f"[{UNSPACED}]")
    before = "" if unspaced.match(option[0]) else r"(?<!\w)"
    after = "" if unspaced.match(option[-1]) or not option[-1].isalnum() else r"(?!\w)"
    return before + body + after
