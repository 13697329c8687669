"""How hard a request is, from 0 to 1, where its caller does not say: from its size, its form and its tools."""

import math
from collections.abc import Mapping
from typing import Any

# Input of up to so many tokens is short; of so many, long.
SHORT_TOKENS, LONG_TOKENS = 250, 16_000
MANY_FIELDS = 40
MANY_TOOLS = 8
LONG_ANSWER_TOKENS = 8_000
WEIGHTS = (0.4, 0.3, 0.2, 0.1)


def estimate_complexity(
    *, input_tokens: int, max_output_tokens: int, schema: Mapping[str, Any] | None = None, tools: int = 0
) -> float:
    """Return the complexity: the weighted sum of four shares, each from 0 to 1.

    The input's length on a scale of logarithms (weight 0.4), the fields of the answer's form out of 40 (0.3), the tools
    out of 8 (0.2), and the bound of the answer out of 8,000 tokens (0.1).
    """
    length = math.log(max(input_tokens, 1) / SHORT_TOKENS) / math.log(LONG_TOKENS / SHORT_TOKENS)
    shares = (
        length,
        count_fields(schema or {}) / MANY_FIELDS,
        tools / MANY_TOOLS,
        max_output_tokens / LONG_ANSWER_TOKENS,
    )
    return round(sum(weight * min(1.0, max(0.0, share)) for weight, share in zip(WEIGHTS, shares, strict=True)), 3)


def count_fields(schema: Any) -> int:
    """Count the properties of a JSON schema, nested and defined ones included."""
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        own = len(properties) if isinstance(properties, Mapping) else 0
        return own + sum(count_fields(value) for value in schema.values())
    if isinstance(schema, list):
        return sum(count_fields(value) for value in schema)
    return 0
