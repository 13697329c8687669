"""What the REST API takes and how much it hands out at once."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import JSONParser

from ai_router.api.bodies import MAX_DEPTH, TOO_DEEP, BadBodyError, check_bounds

__all__ = ["MAX_DEPTH", "BoundedJSONParser", "Pages"]


class BoundedJSONParser(JSONParser):
    """Reads JSON that is at most `MAX_DEPTH` levels deep and holds finite numbers only."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the parsed body.

        Raises:
            ParseError: It is no JSON, is nested too deeply, or holds a number such as `1e400`.
        """
        try:
            parsed = super().parse(stream, media_type, parser_context)
            check_bounds(parsed)
        except (RecursionError, BadBodyError) as error:
            reason = str(error) if isinstance(error, BadBodyError) else TOO_DEEP
            message = f"JSON parse error - {reason}"
            raise ParseError(message) from error
        return parsed


class Pages(LimitOffsetPagination):
    """Lists by `limit` and `offset`; a greater limit is taken as the greatest."""

    max_limit = 500
