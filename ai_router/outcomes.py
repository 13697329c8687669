"""Learns from the ledger what comes of each model's answers, in the worker; calls look it up in `tallies.py`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from ai_router.cascade import add_answer
from ai_router.failures import REJECTIONS
from ai_router.models import ModelOutcome, OutcomeMark
from ai_router.tallies import Key
from ai_router.token_ratios import learn_ratios
from ai_router.trials import add_calls
from ai_router.types import Candidate
from usage.models import Attempt, Call
from usage.types import AttemptStatus, CallStatus

# A call's line shows its settlement a moment after the time that stands on it.
LAG = timedelta(seconds=2)
# How far back the first look goes, and the longest that a call can take from its line to its settlement.
FIRST_LOOK, LONGEST_CALL = timedelta(days=1), timedelta(hours=1)
CALLS_A_ROUND = 2_000


@dataclass(frozen=True, slots=True)
class Turn:
    """What one candidate did in one call, its repair included; money is None where it is not known."""

    candidate: Candidate
    has_passed: bool
    is_escalation: bool
    paid_nanousd: int | None
    expected_nanousd: int | None
    seconds: float


def learn_outcomes(*, now: datetime | None = None) -> int:
    """Take in the calls that were settled since the last time, each once, and return how many they were.

    Several workers may do so at once: whoever moves the mark learns, the others find nothing to do.
    """
    now = now or timezone.now()
    mark, _ = OutcomeMark.objects.get_or_create(pk=1, defaults={"learned_until": now - FIRST_LOOK})
    calls = list(
        Call.objects.filter(
            created_at__gt=mark.learned_until - LONGEST_CALL,
            settled_at__gt=mark.learned_until,
            settled_at__lte=now - LAG,
            status__in=[CallStatus.SUCCEEDED, CallStatus.FAILED, CallStatus.INCOMPLETE],
            is_cached=False,
        )
        .order_by("settled_at")
        .prefetch_related("attempts")[:CALLS_A_ROUND]
    )
    if not calls:
        return 0
    with transaction.atomic():
        moved = OutcomeMark.objects.filter(pk=1, learned_until=mark.learned_until).update(
            learned_until=calls[-1].settled_at
        )
        if not moved:
            return 0
        _add(calls)
    return len(calls)


def _add(calls: Sequence[Call]) -> None:
    """Add the turns of the calls to their rows; belongs in a transaction."""
    rows = {
        (row.task_type, row.prompt_version, Candidate(row.provider, row.model), row.is_escalation): row
        for row in ModelOutcome.objects.filter(task_type__in={call.task_type for call in calls})
    }
    changed: dict[Key, ModelOutcome] = {}
    answered = [(call, list(turns_of(call))) for call in calls]
    add_calls(answered)
    learn_ratios(calls)
    for call, turns in answered:
        for turn in turns:
            key = (call.task_type, call.prompt_version, turn.candidate, turn.is_escalation)
            row = rows.setdefault(key, _new_row(key))
            row.tally = add_answer(
                row.tally,
                has_passed=turn.has_passed,
                paid=turn.paid_nanousd,
                expected=turn.expected_nanousd,
                seconds=turn.seconds,
            )
            row.answers += 1
            row.updated_at = call.settled_at or call.created_at
            changed[key] = row
    ModelOutcome.objects.bulk_create(row for row in changed.values() if row.pk is None)
    fields = ["answers", "passed", "rejected", "paid_nanousd", "expected_nanousd", "seconds", "updated_at"]
    ModelOutcome.objects.bulk_update([row for row in changed.values() if row.pk is not None], fields, batch_size=200)


def _new_row(key: Key) -> ModelOutcome:
    task_type, prompt_version, candidate, is_escalation = key
    return ModelOutcome(
        task_type=task_type,
        prompt_version=prompt_version,
        provider=candidate.provider,
        model=candidate.model,
        is_escalation=is_escalation,
    )


def turns_of(call: Call) -> Iterator[Turn]:
    """Yield the candidates of a call whose answer passed or was rejected; outages say nothing of answers."""
    if "batch" in call.decision:
        # At another price, and in a time that nobody knows: it says little of what is asked at once.
        return
    expected = _expectations(call.decision)
    turns: dict[Candidate, list[Attempt]] = {}
    for attempt in call.attempts.all():
        if not attempt.is_embedded:
            turns.setdefault(Candidate(attempt.provider, attempt.model), []).append(attempt)
    is_escalation = False
    for candidate, attempts in turns.items():
        has_passed = any(attempt.status == AttemptStatus.SUCCEEDED for attempt in attempts)
        if not has_passed and not any(_is_rejected(attempt) for attempt in attempts):
            continue
        costs = [attempt.cost_nanousd for attempt in attempts]
        known = [cost for cost in costs if cost is not None]
        yield Turn(
            candidate,
            has_passed,
            is_escalation,
            sum(known) if len(known) == len(costs) else None,
            expected.get(str(candidate)),
            sum(attempt.duration_ms for attempt in attempts) / 1_000,
        )
        is_escalation = is_escalation or not has_passed


def _is_rejected(attempt: Attempt) -> bool:
    return attempt.status == AttemptStatus.REJECTED or attempt.error_class in REJECTIONS


def _expectations(decision: Mapping[str, Any]) -> dict[str, int]:
    """Return what the call's candidates had been expected to cost."""
    return {
        row["candidate"]: row["expected_nanousd"]
        for row in decision.get("candidates", [])
        if row.get("expected_nanousd")
    }
