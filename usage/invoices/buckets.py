"""Answers that list days, each with results: the form of OpenAI's and Anthropic's interfaces for administrators."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """One result: its place among all of the file, the beginning of its day, and what it says."""

    number: int
    start: str
    values: Mapping[str, Any]


def items_of(body: Any) -> Iterator[Item]:
    """Yield the results of a page, or of a list of pages or days; a day without one has a result that says nothing."""
    number = 0
    for bucket in _buckets(body):
        start = str(bucket.get("start_time") or bucket.get("starting_at") or "")
        results = bucket.get("results", bucket.get("result"))
        if not start or not isinstance(results, list):
            continue
        for values in [one for one in results if isinstance(one, Mapping)] or [{}]:
            number += 1
            yield Item(number, start, values)


def _buckets(body: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(body, list):
        for one in body:
            yield from _buckets(one)
    elif isinstance(body, Mapping):
        if isinstance(body.get("data"), list):
            yield from _buckets(body["data"])
        else:
            yield body
