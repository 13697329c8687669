"""JSON schemas in the strict form that providers' structured output asks for."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from ai_router.types import AnswerForm

if TYPE_CHECKING:
    from pydantic import BaseModel

# Limits that pydantic checks afterwards, and that strict mode does not take.
DROPPED_KEYS = frozenset({"default", "title", "minLength", "maxLength", "examples"})


@lru_cache(maxsize=128)
def answer_form(model: "type[BaseModel]") -> AnswerForm:
    """Return the form that asks for an answer which `model` can read."""
    return AnswerForm(model.__name__, strict_schema(model))


@lru_cache(maxsize=128)
def strict_schema(model: "type[BaseModel]") -> dict[str, Any]:
    """Return the schema of `model` for strict structured output.

    Strict mode wants every property required and no others allowed, and no word beside a `$ref`
    (OpenAI, "Structured outputs: supported schemas").
    """
    schema = model.model_json_schema()
    return cast(dict[str, Any], _strict(schema, schema))


def _strict(node: Any, root: dict[str, Any]) -> Any:
    """Return the node with the rules of strict mode applied, all the way down."""
    if isinstance(node, list):
        return [_strict(item, root) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _reference(node, root)
    result = {key: _strict(value, root) for key, value in node.items() if key not in DROPPED_KEYS}
    for key in ("properties", "$defs"):
        if isinstance(node.get(key), dict):
            result[key] = {name: _strict(value, root) for name, value in node[key].items()}
    if result.get("type") == "object":
        result["additionalProperties"] = False
        result["required"] = list(result.get("properties", {}))
    return result


def _reference(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Return the reference alone, or, where words stand beside it that must stay, the words and what it refers to."""
    words = {key: value for key, value in node.items() if key != "$ref" and key not in DROPPED_KEYS}
    if not words:
        return {"$ref": node["$ref"]}
    target = root["$defs"][node["$ref"].rpartition("/")[2]]
    return cast(dict[str, Any], _strict({**target, **words}, root))
