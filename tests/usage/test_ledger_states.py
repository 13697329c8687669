"""Any order of opening, settling, dying and reconciling: lines, roll-ups and budgets stay the same amount."""

from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db.models import Sum
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.usage.conftest import make_attempt
from usage import booking
from usage.corrections import correct_cost
from usage.errors import BudgetExceededError, UncorrectableError
from usage.ledger import open_call, reconcile_expired_calls, settle_call
from usage.models import Attempt, Budget, Call, LaterRollUp, RollUp, RollUpSpan
from usage.rollup_later import make_later_rows
from usage.rollup_repair import find_differences
from usage.rollups import read
from usage.types import AttemptStatus, CallStatus

LIFE = timedelta(minutes=5)
attempts = st.lists(
    st.builds(
        make_attempt,
        provider=st.sampled_from(["openai", "groq"]),
        status=st.sampled_from(AttemptStatus),
        cost_nanousd=st.integers(0, 500),
        error_class=st.sampled_from(["", "RateLimitError"]),
    ),
    max_size=3,
)


class PowerCutError(Exception):
    """The process is gone in the middle of its transaction."""


class Ledger(RuleBasedStateMachine):
    calls = Bundle("calls")

    def __init__(self):
        super().__init__()
        for model in (Call, RollUp, LaterRollUp, RollUpSpan, Budget):
            model.objects.all().delete()
        self.budget = Budget.objects.create(name="site", limit_nanousd=20_000)
        self.of_groq = Budget.objects.create(name="groq", limit_nanousd=20_000, provider="groq")
        self.recent = Budget.objects.create(
            name="hours", limit_nanousd=20_000, period="rolling", rolling_hours=5, is_hard=False
        )
        self.now = timezone.now()
        self.settled = {}

    @rule(
        target=calls,
        held=st.integers(0, 3_000),
        task=st.sampled_from(["cover_letter", "cv_parsing"]),
        days_ago=st.sampled_from([0, 0, 9]),
    )
    def hold(self, held, task, days_ago):
        call_id = uuid4()
        with suppress(BudgetExceededError):
            open_call(
                call_id=call_id, user_id=None, task_type=task, held_nanousd=held, expires_at=timezone.now() + LIFE
            )
        # As if it had run ever since.
        Call.objects.filter(pk=call_id).update(created_at=timezone.now() - timedelta(days=days_ago))
        return call_id

    @rule(call_id=calls, cost=st.integers(0, 900))
    def correct(self, call_id, cost):
        with suppress(UncorrectableError):
            correct_cost(call_id, cost_nanousd=cost, reason="wrong price", by=None)

    @rule()
    def make_weeks(self):
        make_later_rows()

    @rule(call_id=calls, attempts=attempts, status=st.sampled_from(sorted(set(CallStatus) - {"open", "unknown"})))
    def settle(self, call_id, attempts, status):
        self._settle(call_id, attempts, status)

    @rule(call_id=calls, attempts=attempts)
    def die_while_settling(self, call_id, attempts):
        with patch.object(booking, "add_settled", side_effect=PowerCutError), suppress(PowerCutError):
            settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=attempts, latency_ms=9)

    @rule(call_id=calls)
    def settle_again(self, call_id):
        if call_id in self.settled:
            before = Call.objects.values().get(pk=call_id)
            assert not settle_call(call_id=call_id, **self.settled[call_id])
            assert Call.objects.values().get(pk=call_id) == before

    @rule()
    def expire(self):
        reconcile_expired_calls(now=timezone.now() + LIFE)
        assert not Call.objects.filter(status="open").exists()

    def _settle(self, call_id, attempts, status):
        how = {"status": status, "attempts": attempts, "latency_ms": 20}
        if settle_call(call_id=call_id, **how):
            self.settled[call_id] = how

    @invariant()
    def everything_is_the_same_amount(self):
        lines = Call.objects.exclude(status="open").aggregate(cost=Sum("cost_nanousd"))["cost"] or 0
        spent, held = self._in(self.budget)
        assert lines == sum(cell.sums.cost_nanousd for cell in read()) == spent
        assert lines == sum(cell.sums.cost_nanousd for cell in read(by=["user"]))
        assert held == (Call.objects.filter(status="open").aggregate(held=Sum("held_nanousd"))["held"] or 0)
        on_groq = Attempt.objects.filter(provider="groq").aggregate(cost=Sum("cost_nanousd"))["cost"] or 0
        lost = Call.objects.filter(status="unknown").aggregate(cost=Sum("cost_nanousd"))["cost"] or 0
        assert self._in(self.of_groq) == (on_groq + lost, held)
        since = timezone.now() - LIFE
        recent = Call.objects.exclude(status="open").filter(created_at__gte=since).aggregate(cost=Sum("cost_nanousd"))
        assert self._in(self.recent) == (recent["cost"] or 0, held)

    def _in(self, budget):
        found = budget.windows.aggregate(spent=Sum("spent_nanousd"), held=Sum("held_nanousd"))
        return found["spent"] or 0, found["held"] or 0

    def teardown(self):
        assert list(find_differences()) == []


@pytest.mark.django_db
def test_lines_rollups_and_budgets_are_the_same_amount_in_any_order():
    run_state_machine_as_test(Ledger, settings=settings(max_examples=12, stateful_step_count=12))
