"""Tolerant reading of JSON: any value survives each kind of damage, and nothing but `ValueError` is raised."""

import json
import string
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ai_router.repair import MAX_CHARACTERS, is_json, repair_json

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
KEYS = st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
CONTAINERS = st.lists(VALUES, max_size=4) | st.dictionaries(KEYS, VALUES, max_size=4)


def as_text(value: Any, *, item_end: str = "", comment: str = "", braces: int = 1, quote: str = '"') -> str:
    """Write a value as JSON with the damage asked for."""

    def write(node: Any) -> str:
        if isinstance(node, str):
            return written_string(node, quote)
        if isinstance(node, dict):
            items = [f"{write(key)}{comment}:{comment}{write(item)}" for key, item in node.items()]
            return "{" * braces + ",".join(items) + (item_end if items else "") + comment + "}" * braces
        if isinstance(node, list):
            return f"[{comment}" + f",{comment}".join(write(item) for item in node) + (item_end if node else "") + "]"
        return json.dumps(node)

    return write(value)


def written_string(text: str, quote: str) -> str:
    if quote == '"':
        return json.dumps(text)
    return quote + json.dumps(text)[1:-1].replace('\\"', '"').replace("'", "\\'") + quote


def read(text: str, **options: bool) -> Any:
    return json.loads(repair_json(text, **options))


@given(VALUES)
def test_valid_json_is_returned_as_it_is(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=2, ensure_ascii=False), f" {json.dumps(value)}\n"):
        assert repair_json(text) == text


@given(
    VALUES,
    st.sampled_from(["```json\n{}\n```", "```\n{}\n```", "```JSON\n{}```", "Here it is:\n```json\n{}\n``` Bye!"]),
)
@example("a [1] b", "```json\n{}\n```")
def test_code_fence(value: Any, fence: str) -> None:
    assert read(fence.replace("{}", json.dumps(value))) == value


@given(
    CONTAINERS,
    st.sampled_from(["Sure [see below]: {}\nI hope that helps.", "Answer for {name}:\n{}", "{}\n\n(1) done"]),
)
def test_prose_around(value: Any, prose: str) -> None:
    if len(json.dumps(value)) > 2:
        assert read(prose.replace("{}", json.dumps(value))) == value


@given(VALUES)
def test_byte_order_mark(value: Any) -> None:
    assert read("\ufeff" + json.dumps(value)) == value


@given(CONTAINERS, st.sampled_from([",", " , ", ",\n", ",,"]))
def test_trailing_commas(value: Any, comma: str) -> None:
    assert read(as_text(value, item_end=comma)) == value


@given(CONTAINERS, st.sampled_from(["// a \"note'\n", "/* [a, {b} */", "# so it is: {\n", "\n", "\ufeff "]))
def test_comments(value: Any, comment: str) -> None:
    assert read(as_text(value, comment=comment)) == value


@given(VALUES)
def test_single_quotes(value: Any) -> None:
    assert read(as_text(value, quote="'")) == value


@given(CONTAINERS)
def test_doubled_braces(value: Any) -> None:
    assert read(as_text(value, braces=2)) == value


@given(VALUES)
def test_values_as_python_writes_them(value: Any) -> None:
    if not _has_apostrophes_in_quotes(value):
        assert read(repr(value)) == value


def _has_apostrophes_in_quotes(value: Any) -> bool:
    """Whether Python escapes characters in a way (`\\x80`, `\\U0001f600`) that JSON does not know."""
    return any(mark in repr(value) for mark in ("\\x", "\\U"))


@given(CONTAINERS)
def test_line_breaks_inside_strings(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    # A line break that stands before a mark of JSON ends the string for any reader.
    assert read(text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t").replace("\0", "\\\\")) == value


@given(CONTAINERS)
def test_a_byte_order_mark_a_fence_and_trailing_commas_together(value: Any) -> None:
    assert read("\ufeffHere:\n```json\n" + as_text(value, item_end=",", comment=" // so\n") + "\n```\nBye.") == value


@given(CONTAINERS, st.data())
def test_a_cut_end_leaves_a_beginning_of_the_value(value: Any, data: st.DataObject) -> None:
    text = json.dumps(value)
    cut = text[: data.draw(st.integers(1, len(text)))]

    try:
        part = read(cut)
    except ValueError:
        # Nothing was finished yet.
        assert cut != text
    else:
        assert is_beginning(part, value)
    if cut != text:
        with pytest.raises(ValueError):  # noqa: PT011
            repair_json(cut, may_be_cut=False)


def test_a_number_that_is_cut_behind_its_sign_is_dropped():
    assert read('[[], ["a", -') == [[], ["a"]]
    with pytest.raises(ValueError):  # noqa: PT011
        repair_json('[[], ["a", -', may_be_cut=False)


def is_beginning(part: Any, whole: Any) -> bool:
    """Whether everything in `part` stands in `whole`, at the same place."""
    if isinstance(part, dict) and isinstance(whole, dict):
        keys = list(whole)[: len(part)]
        return list(part) == keys and all(is_beginning(part[key], whole[key]) for key in keys)
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(is_beginning(*pair) for pair in zip(part, whole, strict=False))
    return type(part) is type(whole) and part == whole


@given(st.text() | st.text(alphabet="{}[]\"'\\,:/*#`\n -+.0eE1ntuNaN\ufeff\ud800"))
@example("[" * 5_000)
@example('{"a":' * 5_000)
@example("{" * 5_000)
@example('{"a": "\\ud800"')
@example("{'a': 1e999999, 'b': " + "9" * 5_000)
def test_nothing_but_a_value_error_is_raised(text: str) -> None:
    try:
        repaired = repair_json(text)
    except ValueError:
        return
    assert is_json(repaired)


@given(st.text(alphabet=string.ascii_letters + " .,"))
def test_prose_alone_is_no_answer(text: str) -> None:
    if text.strip() not in {"true", "false", "null", "True", "False", "None", "NaN", "Infinity", "undefined"}:
        with pytest.raises(ValueError):  # noqa: PT011
            repair_json(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": NaN, "b": [Infinity, -Infinity]}', {"a": None, "b": [None, None]}),
        ("{a: True, b_2: None, 'c': undefined}", {"a": True, "b_2": None, "c": None}),
        ('{"a": +1, "b": .5, "c": 2., "d": 007, "e": -1e3}', {"a": 1, "b": 0.5, "c": 2.0, "d": 7, "e": -1000.0}),
        ('{"a": "he said "hello" to me", "b": 1}', {"a": 'he said "hello" to me', "b": 1}),
        ('{"a": "x"\n "b": "y"}', {"a": "x", "b": "y"}),
        ("{'a': 'it's so'}", {"a": "it's so"}),
        ('{"a": "\\d+ \\u12 \\\' \\ud83d\\ude00 \\ud83d"}', {"a": "\\d+ \\u12 ' \N{GRINNING FACE} \ufffd"}),
        ('{"a": [1, 2}', {"a": [1, 2]}),
        ('{"a": 1, "b": 2\n```', {"a": 1, "b": 2}),
        ('{"a": [1, 23', {"a": [1]}),
        ('{"a": "one", "b": "tw', {"a": "one"}),
        ('{"a": [{"b": 1}, {"c', {"a": [{"b": 1}]}),
        ("{{'a': {{'b': [{{}}]}}}}", {"a": {"b": [{}]}}),
        ("```\nNaN\n```", None),
    ],
)
def test_what_models_write(text: str, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    "text", ["", "   ", "{", "[{", "```json\n```", "{a}", '{"a" 1}', '{"a": hello}', "I cannot do that.", "1 2"]
)
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        repair_json(text)


def test_nothing_is_executed() -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        repair_json('{"a": __import__("os").getpid()}')


def test_a_long_text_is_not_read() -> None:
    with pytest.raises(ValueError, match="too long"):
        repair_json("{" + " " * MAX_CHARACTERS)


@pytest.mark.parametrize("unit", ["{", "[", '"', "'", '"\\', "/*", '" ', "[1,", '{"a":', "'a' ", "```", '{"a": 1,'])
def test_the_work_grows_with_the_text_only(unit: str) -> None:
    # Work that grew with the square of the length would take many minutes here.
    for text in (unit * (100_000 // len(unit)), '{"a": ' + unit * (100_000 // len(unit))):
        try:
            repair_json(text)
        except ValueError:
            continue
