"""YAML files of the site's settings: read without surprises, checked as a whole, every problem with its line and place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

F = TypeVar("F", bound=BaseModel)
Place = tuple[str | int, ...]


class YamlFileError(ValueError):
    """The file cannot be used; `problems` says why, each with its place in the file."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the problems."""
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


class Part(BaseModel):
    """A part of a file: a key that it does not have is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


@dataclass(slots=True)
class Changes:
    """What an import makes, changes, leaves and deletes, by name."""

    made: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    def note(self, name: str, old: object, new: object) -> bool:
        """Write down what happens to a part; whether it has to be written."""
        (self.made if old is None else self.same if old == new else self.changed).append(name)
        return old != new


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice is refused, and a number is what it looks like, to its last digit."""


def _read_mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int | float | Decimal):
            raise _problem(key_node, "a key is a word")
        if key in seen:
            raise _problem(key_node, f"{key!r} stands there twice")
        seen.add(key)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=deep)


def _read_number(loader: _Loader, node: yaml.ScalarNode) -> Any:
    try:
        return Decimal(node.value.replace("_", ""))
    except InvalidOperation:
        return loader.construct_yaml_float(node)


def _read_moment(loader: _Loader, node: yaml.ScalarNode) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        raise _problem(node, f"{node.value!r} is no date") from None


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _read_mapping)
_Loader.add_constructor("tag:yaml.org,2002:float", _read_number)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _read_moment)


def read_yaml(text: str, form: type[F], *, unknown: str = "there is no such field") -> F:
    """Read and check a file.

    Args:
        text: The file.
        form: What it must be.
        unknown: What is said of a key that the form does not have.

    Raises:
        YamlFileError: It is no YAML, or not in the form.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        raw = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        raise YamlFileError([f"{place}{getattr(error, 'problem', None) or 'this is no YAML'}"]) from error
    finally:
        loader.dispose()
    try:
        return form.model_validate(raw if raw is not None else {})
    except ValidationError as error:
        raise YamlFileError(_problems(error, dict(_lines(node)), unknown)) from error


def _problems(error: ValidationError, lines: dict[Place, int], unknown: str) -> list[str]:
    """Return what is wrong, one sentence a field, with the line of the field or of what is around it."""
    problems = []
    for part in error.errors(include_url=False, include_input=False):
        place = part["loc"]
        words = unknown if part["type"] == "extra_forbidden" else part["msg"].removeprefix("Value error, ")
        known = next((place[:end] for end in range(len(place), -1, -1) if place[:end] in lines), ())
        line = f"line {lines[known]}: " if known else ""
        name = ".".join(str(step) for step in place)
        problems.append(f"{line}{name}: {words}" if name else f"{line}{words}")
    return problems


def _lines(node: yaml.Node | None, place: Place = ()) -> Iterator[tuple[Place, int]]:
    """Yield the place of each part, and its line."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _lines(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            inner = (*place, number)
            yield inner, value.start_mark.line + 1
            yield from _lines(value, inner)


def _problem(node: yaml.Node, words: str) -> YamlFileError:
    return YamlFileError([f"line {node.start_mark.line + 1}: {words}"])


class _Dumper(yaml.SafeDumper):
    """YAML with exact numbers."""


def _write_number(dumper: _Dumper, number: Decimal) -> yaml.ScalarNode:
    kind = "int" if number == number.to_integral_value() else "float"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", f"{number.normalize():f}")


_Dumper.add_representer(Decimal, _write_number)


def write_yaml(raw: dict[str, Any]) -> str:
    """Return a file's text."""
    return yaml.dump(raw, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
