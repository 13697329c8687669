"""xAI: the answer of its management API to `/v1/billing/teams/…/usage`, asked for US dollars by day and by model."""

from collections.abc import Iterator, Mapping
from typing import Any

from usage.errors import InvoiceFormError
from usage.invoices.tables import read_day
from usage.invoices.types import BilledLine, LineError, read_amount


def is_series(body: Any) -> bool:
    """Whether it is such an answer."""
    series = body.get("timeSeries") if isinstance(body, Mapping) else None
    return isinstance(series, list) and all(map(_is_one, series))


def read_points(body: Mapping[str, Any]) -> Iterator[tuple[int, tuple[str, Mapping[str, Any]]]]:
    """Yield each point with its number and the name of its series.

    Raises:
        InvoiceFormError: The answer is not whole.
    """
    if body.get("limitReached") is True:
        message = (
            "xAI has cut this answer short (`limitReached`), so its sums would be too small; ask for fewer days at once"
        )
        raise InvoiceFormError(message)
    number = 0
    for series in body["timeSeries"]:
        for point in _points(series):
            number += 1
            yield number, (str(_names(series)[0]), point)


def point_line(point: tuple[str, Mapping[str, Any]]) -> BilledLine:
    """Read a point: a moment, and the dollars as its first value."""
    name, values = point
    amounts = values.get("values")
    if not isinstance(amounts, list) or len(amounts) != 1:
        message = "a point must have one value, the US dollars; ask for `usd` alone"
        raise LineError(message)
    return BilledLine(read_day(str(values.get("timestamp", ""))), name, read_amount(amounts[0]))


def _is_one(series: Any) -> bool:
    return isinstance(series, Mapping) and isinstance(_names(series), list) and isinstance(_points(series), list)


def _names(series: Mapping[str, Any]) -> Any:
    return series.get("groupLabels") or series.get("group") or [""]


def _points(series: Mapping[str, Any]) -> Any:
    return series.get("dataPoints") or []
