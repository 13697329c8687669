"""What the REST API takes and how much it hands out at once."""

from collections.abc import Mapping
from itertools import chain
from math import isfinite
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import JSONParser

MAX_DEPTH = 64


class BoundedJSONParser(JSONParser):
    """Reads JSON that is at most `MAX_DEPTH` levels deep and holds finite numbers only."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the parsed body.

        Raises:
            ParseError: It is no JSON, is nested too deeply, or holds a number such as `1e400`.
        """
        too_deep = f"JSON parse error - nested deeper than {MAX_DEPTH} levels"
        try:
            parsed = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(too_deep) from error
        level: list[Any] = [parsed]
        for _ in range(MAX_DEPTH + 1):
            if any(isinstance(value, float) and not isfinite(value) for value in level):
                raise ParseError("JSON parse error - a number is out of range")
            level = list(chain.from_iterable(_inner(value) for value in level))
            if not level:
                return parsed
        raise ParseError(too_deep)


def _inner(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


class Pages(LimitOffsetPagination):
    """Lists by `limit` and `offset`; a greater limit is taken as the greatest."""

    max_limit = 500
