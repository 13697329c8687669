"""One of several processes that open and settle calls against the same budgets; prints what it saw as JSON."""

import json
import os
import random
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

LIMIT, LARGEST_HOLD, ROUNDS = 4_000, 100, 80


def main(argument: str) -> None:
    sys.path.insert(0, str(Path(__file__).parents[2]))
    os.environ["DJANGO_SETTINGS_MODULE"] = "careerai.settings"
    import django

    django.setup()
    print(json.dumps(hammer(random.Random(int(argument)))))  # noqa: S311, T201


def hammer(dice: random.Random) -> dict[str, int]:
    """Open calls, settle them a little later, until nothing fits any more."""
    from django.utils import timezone

    from usage.errors import BudgetExceededError
    from usage.ledger import open_call
    from usage.models import BudgetWindow

    refused = paid = overshoot = 0
    running = []
    for _ in range(ROUNDS):
        held, call_id = dice.randint(1, LARGEST_HOLD), uuid4()
        expires_at = timezone.now() + timedelta(hours=1)
        try:
            open_call(call_id=call_id, user_id=None, task_type="x", held_nanousd=held, expires_at=expires_at)
            running.append((call_id, held))
        except BudgetExceededError:
            refused += 1
        overshoot += any(w.held_nanousd + w.spent_nanousd > LIMIT for w in BudgetWindow.objects.all())
        if len(running) > 2:
            paid += settle(*running.pop(0), dice)
    paid += sum(settle(call_id, held, dice) for call_id, held in running)
    return {"refused": refused, "paid": paid, "overshoot": overshoot}


def settle(call_id, held: int, dice: random.Random) -> int:
    from django.utils import timezone

    from usage.ledger import settle_call
    from usage.types import AttemptRecord, AttemptStatus, CallStatus

    cost = dice.randint(held // 2, held)
    attempt = AttemptRecord("openai", "small-1", AttemptStatus.SUCCEEDED, timezone.now(), 1, cost_nanousd=cost)
    settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[attempt], latency_ms=1)
    return cost


if __name__ == "__main__":
    main(sys.argv[1])
