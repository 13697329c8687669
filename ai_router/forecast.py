"""How long answers will be, from the ledger: what a quote is made of before there is an answer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from ai_router.copies import Copies
from ai_router.routing import EMBEDDED
from ai_router.types import Candidate
from usage.models import Call
from usage.types import CallStatus

RECENT_CALLS = 200
# With fewer answers than this of its own, a model is expected to write as much as the others do for the same prompt.
LEAST_OF_ITS_OWN = 9
KEPT_SECONDS = 60
# Shares of the bound for a task that has not been asked yet: answers are shorter than their bound.
LOW_SHARE, EXPECTED_SHARE, HIGH_SHARE = 0.1, 0.4, 0.9
LOW_QUANTILE, HIGH_QUANTILE = 0.1, 0.9


@dataclass(frozen=True, slots=True)
class OutputForecast:
    """Output tokens of an answer, reasoning and repairs included: the mean, and an interval that holds eight of ten."""

    low: int
    expected: int
    high: int


def forecast_output(*, task_type: str, prompt_version: str, candidate: Candidate, bound: int) -> OutputForecast:
    """Return what the last answers to this prompt say of the next one, at most `bound` tokens.

    The interval is that of split conformal prediction: of n answers and the next one, each is equally likely to be the
    k-th smallest, so the next one lies between the ranks ⌊(n+1)·0.1⌋ and ⌈(n+1)·0.9⌉ at least eight times of ten, whatever the
    distribution (Lei et al., "Distribution-Free Predictive Inference for Regression", 2018).
    """
    seen = _RECENT_OUTPUTS.get((task_type, prompt_version))
    outputs = seen.get(candidate, ())
    if len(outputs) < LEAST_OF_ITS_OWN:
        outputs = seen.get(None, ())
    if not outputs:
        return OutputForecast(round(bound * LOW_SHARE), round(bound * EXPECTED_SHARE), round(bound * HIGH_SHARE))
    low, high = interval_of(outputs)
    expected = round(sum(outputs) / len(outputs))
    return OutputForecast(min(bound, low), min(bound, expected), min(bound, high))


def interval_of(ordered: Sequence[int]) -> tuple[int, int]:
    """Return the values at the ranks of the interval, of values in ascending order; with few, the smallest and the largest."""
    ranks = len(ordered) + 1
    low, high = math.floor(ranks * LOW_QUANTILE), math.ceil(ranks * HIGH_QUANTILE)
    return ordered[max(low, 1) - 1], ordered[min(high, len(ordered)) - 1]


def _read_outputs(prompt: tuple[str, str]) -> dict[Candidate | None, list[int]]:
    """Read the output tokens of the last hosted answers to a task's prompt, by model and (None) of all, smallest first."""
    task_type, prompt_version = prompt
    answered = Call.objects.filter(
        task_type=task_type, prompt_version=prompt_version, status=CallStatus.SUCCEEDED, is_cached=False
    ).exclude(provider=EMBEDDED.provider)
    written = answered.order_by("-created_at").values_list(
        "provider", "model", F("output_tokens") + F("reasoning_tokens")
    )[:RECENT_CALLS]
    found: dict[Candidate | None, list[int]] = {}
    for provider, model, tokens in written:
        for key in (Candidate(provider, model), None):
            found.setdefault(key, []).append(tokens)
    return {key: sorted(tokens) for key, tokens in found.items()}


_RECENT_OUTPUTS = Copies(_read_outputs, seconds=KEPT_SECONDS)
