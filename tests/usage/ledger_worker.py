"""A process with a ledger written behind; it is killed, or stopped, in the middle of its work by the test."""

import os
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4


def main(spool: str, count: str) -> None:
    sys.path.insert(0, str(Path(__file__).parents[2]))
    os.environ["DJANGO_SETTINGS_MODULE"] = "careerai.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.utils import timezone

    from usage import behind as behind_module
    from usage.ledger import open_call, settle_call
    from usage.types import AttemptRecord, AttemptStatus, CallStatus

    settings.AI_LEDGER = "fast"
    settings.AI_LEDGER_SPOOL_DIR = Path(spool)
    # Nothing reaches the database before the process is killed.
    behind_module.GATHERING_SECONDS = 3_600.0
    for number in range(int(count)):
        call_id, now = uuid4(), timezone.now()
        open_call(call_id=call_id, user_id=None, task_type="x", held_nanousd=100, expires_at=now + timedelta(minutes=5))
        if number:
            attempt = AttemptRecord("openai", "small-1", AttemptStatus.SUCCEEDED, now, 1, cost_nanousd=60 + number)
            settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[attempt], latency_ms=1)
        print(UUID(str(call_id)), flush=True)  # noqa: T201
    sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])
