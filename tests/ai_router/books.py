"""Compare the ledger with the simulator's books, line by line."""

from tests.providers.simulator import Simulator
from usage.models import Call


def assert_books_agree(simulator: Simulator) -> None:
    """Every request is an attempt of its call, in order, with the same tokens and the same cost to the nano-dollar."""
    entries = simulator.closed_books()
    calls = {str(call.id): call for call in Call.objects.prefetch_related("attempts")}
    booked = [attempt for call in calls.values() for attempt in call.attempts.all() if attempt.provider != "embedded"]
    assert len(booked) == len(entries)
    for call_id, call in calls.items():
        hosted = [attempt for attempt in call.attempts.all() if attempt.provider != "embedded"]
        asked = [entry for entry in entries if entry.client_request_id == call_id]
        assert [_attempt_line(attempt) for attempt in hosted] == [_entry_line(entry) for entry in asked]
        assert call.cost_nanousd == sum(entry.cost_nanousd for entry in asked)
        assert call.cost_nanousd <= call.held_nanousd
        assert call.status != "open"


def _attempt_line(attempt):
    return (
        attempt.model,
        attempt.input_tokens + attempt.cached_input_tokens + attempt.cache_write_tokens,
        attempt.cached_input_tokens,
        attempt.output_tokens + attempt.reasoning_tokens,
        attempt.reasoning_tokens,
        attempt.cost_nanousd,
    )


def _entry_line(entry):
    return (
        entry.model,
        entry.input_tokens,
        entry.cached_tokens,
        entry.output_tokens,
        entry.reasoning_tokens,
        entry.cost_nanousd,
    )
