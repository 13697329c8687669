"""What the REST API takes and how much it hands out at once."""

from collections.abc import Mapping
from typing import IO, Any

from django_filters import ModelChoiceFilter
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework.exceptions import ParseError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import JSONParser

from ai_router.api.bodies import MAX_DEPTH, TOO_DEEP, BadBodyError, check_bounds

__all__ = ["MAX_DEPTH", "BoundedJSONParser", "OwnFilterBackend", "OwnFilterSet", "Pages"]


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


class OwnFilterSet(FilterSet):  # type: ignore[misc]  # django_filters has no types
    """Filters by what the person owns: somebody else's key is answered as one that does not exist."""

    @classmethod
    def filter_for_field(cls, field: Any, field_name: str, lookup_expr: str | None = None) -> Any:
        """Return the filter of a field, with the person's own rows to choose from where rows have owners."""
        made = super().filter_for_field(field, field_name, lookup_expr)
        manager: Any = getattr(field.related_model, "objects", None)
        if isinstance(made, ModelChoiceFilter) and hasattr(manager, "for_user"):
            made.queryset = lambda request: manager.for_user(request.user) if request else manager.none()
        return made


class OwnFilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """The filters that a view names by its `filterset_fields`, as `OwnFilterSet`."""

    filterset_base = OwnFilterSet
