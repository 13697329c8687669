"""How long answers usually are, from the ledger: what a quote is made of before there is an answer."""

from dataclasses import dataclass

from django.db.models import F

from ai_router.copies import Copies
from ai_router.routing import EMBEDDED
from usage.models import Call
from usage.types import CallStatus

RECENT_CALLS = 50
KEPT_SECONDS = 60
# Shares of the bound for a task that has not been asked yet: answers are shorter than their bound.
LOW_SHARE, EXPECTED_SHARE = 0.1, 0.4


@dataclass(frozen=True, slots=True)
class OutputForecast:
    """Output tokens of a usual answer, reasoning included, and of a short one."""

    low: int
    expected: int


def forecast_output(*, task_type: str, prompt_version: str, bound: int) -> OutputForecast:
    """Return the median and the lowest tenth of the last answers to this prompt; shares of the bound where there are none."""
    seen = _RECENT_OUTPUTS.get((task_type, prompt_version))
    if not seen:
        return OutputForecast(round(bound * LOW_SHARE), round(bound * EXPECTED_SHARE))
    return OutputForecast(min(bound, seen[len(seen) // 10]), min(bound, seen[len(seen) // 2]))


def _read_outputs(prompt: tuple[str, str]) -> list[int]:
    """Return the output tokens of the last hosted answers to a task's prompt, smallest first."""
    task_type, prompt_version = prompt
    answered = Call.objects.filter(
        task_type=task_type, prompt_version=prompt_version, status=CallStatus.SUCCEEDED, is_cached=False
    ).exclude(provider=EMBEDDED.provider)
    totals = answered.order_by("-created_at").values_list(F("output_tokens") + F("reasoning_tokens"), flat=True)
    return sorted(totals[:RECENT_CALLS])


_RECENT_OUTPUTS = Copies(_read_outputs, seconds=KEPT_SECONDS)
