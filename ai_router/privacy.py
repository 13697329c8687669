"""Placeholders for personal data: what identifies a person is taken out before a text leaves, and put back after.

A `Veil` belongs to one call. It knows the person's own values (the task names them) and looks for e-mail addresses,
links, phone numbers, streets and birth dates of anybody else. The same words get the same mark, such as `[NAME_1]`;
other spellings of a value share its number (`[NAME_1b]`), so that a model sees one person and every spelling comes back
as it was. What cannot be hidden is not sent: `Veil.hide` raises, and the router asks nobody outside.

Names of people whom no field names are not found: a name is not a pattern.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from ai_router.errors import PrivacyError
from ai_router.types import AnswerForm, Message, PersonalKind, Terms, Tool, ToolCall

if TYPE_CHECKING:
    from pydantic import BaseModel

    from ai_router.identifiers import Find, KnownValues

RULE_OF_MARKS = (
    "Marks such as [NAME_1], [NAME_1b] or [EMAIL_1] stand for personal data. Use them like the words that they stand for, "
    "and copy them unchanged, brackets included; they are not gaps to be filled in."
)

_KINDS = "|".join(PersonalKind)
# Models drop brackets, escape the underscore or change its case; all of that is still the mark.
MARK = re.compile(rf"\[\s*(?P<kind>{_KINDS})\\?[_ -](?P<number>\d{{1,4}}[a-z]*)\s*\]", re.IGNORECASE)
# The first letter comes before the look at what stands before it: a pattern that begins with letters is found faster.
_BARE_KINDS = "|".join(rf"{kind[0]}(?<![\w\[]{kind[0]}){kind[1:]}" for kind in PersonalKind)
BARE_MARK = re.compile(rf"(?P<kind>{_BARE_KINDS})\\?_(?P<number>\d{{1,4}}[a-z]*)(?![\w\]])")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# What may be the beginning of a mark at the end of a piece.
_LONGEST_MARK = max(map(len, PersonalKind)) + 12
_OPEN_END = re.compile(rf"(?:\[[^\[\]\n]{{0,{_LONGEST_MARK}}}|(?<![\w\[])[A-Z][A-Z_]{{0,12}}\\?_?\d{{0,4}}[a-z]*)\Z")


# Where a JSON schema says something to the reader, where it names values, and where its keys are names.
_SCHEMA_WORDS = frozenset({"description", "title", "$comment"})
_SCHEMA_VALUES = frozenset({"const", "default", "enum", "example", "examples"})
_SCHEMA_NAMES = frozenset({"properties", "patternProperties", "$defs", "definitions"})


def personal_values(inputs: "BaseModel", personal: Mapping[str, PersonalKind]) -> list[tuple[PersonalKind, str]]:
    """Return what a task's inputs say of the person: the values at the dotted paths of `personal`, lists one by one."""
    return [
        (kind, str(value).strip())
        for path, kind in personal.items()
        for value in _at(inputs, path.split("."))
        if str(value).strip()
    ]


def _at(part: Any, path: Sequence[str]) -> Iterator[Any]:
    """Walk a path; what is None or missing has no value."""
    if isinstance(part, list | tuple):
        for item in part:
            yield from _at(item, path)
    elif part is not None and path:
        yield from _at(getattr(part, path[0], None), path[1:])
    elif part is not None:
        yield part


@dataclass(slots=True)
class Veil:
    """The marks of one call, and what each stands for.

    Args:
        known: The person's own values, with their kind.
    """

    known: Sequence[tuple[PersonalKind, str]] = ()
    _spellings: dict[str, str] = field(default_factory=dict)
    _marks: dict[tuple[PersonalKind, str], str] = field(default_factory=dict)
    _roots: dict[tuple[PersonalKind, str], tuple[int, Iterator[int]]] = field(default_factory=dict)
    _numbers: dict[PersonalKind, Iterator[int]] = field(default_factory=dict)
    _values: "KnownValues | None" = None
    _first_number: int = 1

    def hide(self, messages: Sequence[Message], *, is_beginning: bool = True) -> tuple[Message, ...]:
        """Return the messages with marks in place of personal data; at the beginning, the system message says what marks are.

        Raises:
            PrivacyError: A known value is still there in another form, such as with invisible signs inside.
        """
        self._get_ready([text for message in messages for text in _texts(message)])
        hidden = tuple(_changed(message, self._hide_text) for message in messages)
        self._check(text for message in hidden for text in _texts(message))
        return _with_rule(hidden) if self._spellings and is_beginning else hidden

    def hide_terms(self, terms: Terms, messages: Sequence[Message]) -> Terms:
        """Return the terms of a request with marks in place of personal data; names of tools and of properties stay.

        It comes before `hide` of the same request's messages, which are looked at for marks that stand there already.

        Raises:
            PrivacyError: As `hide`.
        """
        found = list(_texts_of(terms))
        if not found:
            return terms
        self._get_ready([*found, *(text for message in messages for text in _texts(message))])
        hidden = _changed_terms(terms, self._hide_text)
        self._check(_texts_of(hidden))
        return hidden

    @property
    def counts(self) -> dict[str, int]:
        """Return how many different values were hidden, by kind."""
        counted: dict[str, int] = {}
        for kind, _ in self._roots:
            counted[kind.value] = counted.get(kind.value, 0) + 1
        return counted

    @property
    def is_empty(self) -> bool:
        """Whether nothing was hidden, so that nothing need be put back."""
        return not self._spellings

    def restore(self, text: str, *, in_json: bool = False) -> str:
        """Put back what the marks of this call stand for; marks that it never gave stay. In JSON, values are escaped."""
        if not self._spellings:
            return text

        def put_back(match: re.Match[str]) -> str:
            value = self._spellings.get(_key(match))
            if value is None:
                return match.group()
            return json.dumps(value, ensure_ascii=False)[1:-1] if in_json else value

        return BARE_MARK.sub(put_back, MARK.sub(put_back, text))

    def restore_calls(self, calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
        """Put back what stands in the arguments of tool calls."""
        return tuple(replace(call, arguments=self.restore(call.arguments, in_json=True)) for call in calls)

    def _get_ready(self, texts: Sequence[str]) -> None:
        # Its patterns take a while to be made ready, so that they are not before the first text is to be hidden.
        from ai_router.identifiers import KnownValues

        if self._values is None and self.known:
            self._values = KnownValues(self.known)
        if not self._spellings:
            self._first_number = 1 + max((_number_in(text) for text in texts), default=0)

    def _hide_text(self, text: str) -> str:
        from ai_router.identifiers import patterns_in

        known = self._values.find(text) if self._values else ()
        pieces, end = [], 0
        for found in _without_overlaps([*known, *patterns_in(text)]):
            pieces += [text[end : found.start], self._mark(found.kind, found.value, text[found.start : found.end])]
            end = found.end
        return "".join([*pieces, text[end:]]) if pieces else text

    def _mark(self, kind: PersonalKind, value: str, spelling: str) -> str:
        """Return the mark of a spelling: a number for the value, and a letter for each further spelling."""
        key = (kind, spelling)
        if key not in self._marks:
            root = (kind, value.casefold())
            if root not in self._roots:
                numbers = self._numbers.setdefault(kind, count(self._first_number))
                self._roots[root] = (next(numbers), count(1))
            number, letters = self._roots[root]
            name = f"{kind.value}_{number}{_letters(next(letters))}"
            self._marks[key] = f"[{name}]"
            self._spellings[name] = spelling
        return self._marks[key]

    def _check(self, texts: Iterator[str]) -> None:
        """Look for the person's values once more, with everything gone that hides them from the first look."""
        if not self.known:
            return
        plain = [(kind, _plain(value)) for kind, value in self.known]
        for text in texts:
            seen = _plain(text)
            for kind, value in plain:
                if len(value) > 3 and kind is not PersonalKind.ADDRESS and _stands_in(value, seen):
                    message = f"a personal value ({kind.value.lower()}) could not be replaced by a placeholder"
                    raise PrivacyError(message)


class Unveiling:
    """Puts values back while a text comes in pieces; what may be half a mark waits for the next piece."""

    def __init__(self, veil: Veil, *, in_json: bool = False) -> None:
        self._veil = veil
        self._in_json = in_json
        self._kept = ""
        self._is_in_word = False

    def add(self, piece: str) -> str:
        """Return what can be shown after this piece."""
        if self._veil.is_empty:
            return piece
        text = self._kept + piece
        match = _OPEN_END.search(text)
        cut = match.start() if match else len(text)
        self._kept = text[cut:]
        return self._restored(text[:cut])

    def end(self) -> str:
        """Return what was kept back."""
        text, self._kept = self._kept, ""
        return self._restored(text)

    def _restored(self, text: str) -> str:
        """Put values back; what goes on a word that was shown is no mark, as it would be none in the whole text."""
        before = "a" if self._is_in_word else ""
        if text:
            self._is_in_word = text[-1].isalnum() or text[-1] in "_["
        return self._veil.restore(before + text, in_json=self._in_json)[len(before) :]


def _without_overlaps(found: "list[Find]") -> "list[Find]":
    """Keep the first of finds that overlap, and of those that begin together the longest."""
    kept: list[Find] = []
    for find in sorted(found, key=lambda find: (find.start, -find.end)):
        if not kept or find.start >= kept[-1].end:
            kept.append(find)
        elif find.end > kept[-1].end:
            # A street that runs into a name, say: what it covers more must not be left standing.
            kept[-1] = replace(kept[-1], end=find.end)
    return kept


def _texts(message: Message) -> Iterator[str]:
    """Return all that a message says."""
    yield message.content
    for call in message.tool_calls:
        yield call.arguments


def _changed(message: Message, change: Callable[[str], str]) -> Message:
    """Return the message with its texts changed."""
    content = change(message.content)
    calls = tuple(replace(call, arguments=change(call.arguments)) for call in message.tool_calls)
    is_same = content == message.content and calls == message.tool_calls
    return message if is_same else replace(message, content=content, tool_calls=calls)


def _texts_of(terms: Terms) -> Iterator[str]:
    """Yield all texts of the terms that may speak of a person."""
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    _changed_terms(terms, note)
    yield from found


def _changed_terms(terms: Terms, change: Callable[[str], str]) -> Terms:
    """Return the terms with their texts changed."""
    form = terms.form
    return Terms(
        form and AnswerForm(form.name, _changed_schema(form.schema, change), form.is_strict),
        tuple(
            Tool(tool.name, change(tool.description), _changed_schema(tool.parameters, change)) for tool in terms.tools
        ),
        tuple(map(change, terms.stop)),
    )


def _changed_schema(node: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON schema with what it says and the values that it names changed."""
    if isinstance(node, list):
        return [_changed_schema(child, change) for child in node]
    if not isinstance(node, Mapping):
        return node
    found: dict[str, Any] = {}
    for key, value in node.items():
        if key in _SCHEMA_WORDS and isinstance(value, str):
            found[key] = change(value)
        elif key in _SCHEMA_VALUES:
            found[key] = _changed_value(value, change)
        elif key in _SCHEMA_NAMES and isinstance(value, Mapping):
            found[key] = {name: _changed_schema(child, change) for name, child in value.items()}
        else:
            found[key] = _changed_schema(value, change)
    return found


def _changed_value(value: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON value with its texts changed, but for the names of its members."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_changed_value(item, change) for item in value]
    return {name: _changed_value(item, change) for name, item in value.items()} if isinstance(value, dict) else value


def _with_rule(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Say in the system message what marks are; once."""
    if messages and messages[0].role == "system":
        if RULE_OF_MARKS in messages[0].content:
            return messages
        first = replace(messages[0], content=f"{messages[0].content}\n\n{RULE_OF_MARKS}")
        return (first, *messages[1:])
    return (Message("system", RULE_OF_MARKS), *messages)


def _key(match: re.Match[str]) -> str:
    return f"{match['kind'].upper()}_{match['number'].lower()}"


def _number_in(text: str) -> int:
    """Return the highest number of a mark that stands in the text already: ours begin above it."""
    marks = [mark for mark, sign in ((MARK, "["), (BARE_MARK, "_")) if sign in text]
    return max((int(re.sub(r"\D", "", match["number"])) for mark in marks for match in mark.finditer(text)), default=0)


def _letters(ordinal: int) -> str:
    """Return nothing for the first spelling, then b, c … z, bb, and so on."""
    letters = ""
    while ordinal > 1:
        ordinal, place = divmod(ordinal - 2, 25)
        letters = chr(ord("b") + place) + letters
        ordinal += 1
    return letters


def _plain(text: str) -> str:
    """Return the text as an eye reads it: no invisible signs, one form of each letter, single spaces, no case."""
    return " ".join(unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold().split())


def _stands_in(value: str, text: str) -> bool:
    from ai_router.identifiers import SPACELESS

    at = text.find(value)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(value) : at + len(value) + 1]
        if SPACELESS.search(value) or not ((before and before.isalnum()) or (after and after.isalnum())):
            return True
        at = text.find(value, at + 1)
    return False
