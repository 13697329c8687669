"""Lines of the ledger for the tests of `usage`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from usage.ledger import open_call, settle_call
from usage.models import Call
from usage.rollup_repair import rebuild
from usage.types import AttemptRecord, AttemptStatus, CallStatus, TokenUsage

OpenLine = Callable[..., UUID]
SettledLine = Callable[..., Call]


def make_attempt(**more: object) -> AttemptRecord:
    values: dict[str, object] = {
        "provider": "openai",
        "model": "small-1",
        "status": AttemptStatus.SUCCEEDED,
        "started_at": timezone.now(),
        "duration_ms": 120,
        "usage": TokenUsage(input_tokens=10, output_tokens=5),
        "cost_nanousd": 1_500,
    }
    return AttemptRecord(**{**values, **more})


def move_line(call_id: UUID, when: datetime) -> None:
    """Let a call have been opened at another time."""
    line = Call.objects.get(id=call_id)
    Call.objects.filter(id=call_id).update(created_at=when)
    midnights = (
        moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) for moment in (line.created_at, when)
    )
    rebuild(sorted(set(midnights)))


@pytest.fixture
def open_line(db: None) -> OpenLine:
    def make(**more: object) -> UUID:
        call_id = uuid4()
        values: dict[str, object] = {
            "user_id": None,
            "task_type": "cover_letter",
            "held_nanousd": 5_000,
            "expires_at": timezone.now() + timedelta(minutes=5),
        }
        open_call(call_id=call_id, **{**values, **more})
        return call_id

    return make


@pytest.fixture
def settled_line(open_line: OpenLine) -> SettledLine:
    """A finished call: who, when, what it cost and how it ended are the caller's."""

    def make(
        *,
        user=None,
        task_type: str = "cover_letter",
        provider: str = "openai",
        cost: int | None = 1_500,
        status: CallStatus = CallStatus.SUCCEEDED,
        hours_ago: float = 0,
        latency_ms: int = 300,
        **more: object,
    ) -> Call:
        call_id = open_line(user_id=user.pk if user else None, task_type=task_type)
        is_good = status == CallStatus.SUCCEEDED
        attempt = make_attempt(
            provider=provider,
            cost_nanousd=cost,
            duration_ms=latency_ms,
            status=AttemptStatus.SUCCEEDED if is_good else AttemptStatus.FAILED,
            **more,
        )
        settle_call(
            call_id=call_id,
            status=status,
            attempts=[attempt],
            latency_ms=latency_ms,
            provider=provider,
            model="small-1",
            error_class="" if is_good else "RateLimitError",
        )
        if hours_ago:
            move_line(call_id, timezone.now() - timedelta(hours=hours_ago))
        return Call.objects.get(id=call_id)

    return make
