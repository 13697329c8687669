"""Leases: who works on a background task, until when, and whether that process is still alive."""

import hashlib
import logging
import os
import platform
import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.db import DatabaseError, connections
from django.utils import timezone

from ai_router.models import BackgroundTask, TaskState

logger = logging.getLogger(__name__)

# A lost worker on another machine is noticed after LEASE; on this machine the process table tells at once.
LEASE = timedelta(seconds=30)
RENEWAL_SECONDS = 10.0


def new_owner() -> str:
    """Return a lease owner that no other claim has: machine, process, its start, and a random part."""
    return f"{_machine()}:{os.getpid()}:{_started(os.getpid())}:{uuid4().hex[:12]}"


def is_known_dead(owner: str) -> bool:
    """Tell whether the process behind `owner` ran on this machine and is gone; False where that cannot be known."""
    machine, _, rest = owner.partition(":")
    parts = rest.split(":")
    if machine != _machine() or len(parts) != 3 or not parts[0].isdecimal():
        return False
    process_id = int(parts[0])
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return _started(process_id) != parts[1]


class Lease:
    """Holds a claimed task: renews it from a thread of its own until the block is left."""

    def __init__(self, task_id: UUID, owner: str, *, renewal_seconds: float = RENEWAL_SECONDS) -> None:
        """Take over a claim that was written under `owner`."""
        self.task_id = task_id
        self.owner = owner
        self.renewal_seconds = renewal_seconds
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> "Lease":
        """Start to renew."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to renew."""
        self._left.set()
        self._thread.join()

    def renew(self) -> bool:
        """Put the lease's end off; False once somebody else has the task or it is finished."""
        held = BackgroundTask.objects.filter(pk=self.task_id, lease_owner=self.owner, state=TaskState.RUNNING)
        return held.update(lease_until=timezone.now() + LEASE) == 1

    def _keep(self) -> None:
        try:
            while not self._left.wait(self.renewal_seconds):
                try:
                    if not self.renew():
                        return
                except DatabaseError:
                    logger.warning("The lease of task %s could not be renewed", self.task_id, exc_info=True)
        finally:
            connections.close_all()


def _machine() -> str:
    """Name this machine's process table: host, boot and process namespace, shortened to 12 characters."""
    facts = [platform.node()]
    for source in (Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")):
        try:
            facts.append(str(source.readlink()) if source.is_symlink() else source.read_text(encoding="ascii"))
        except OSError:
            facts.append("")
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]


def _started(process_id: int) -> str:
    """Return when a process started, in clock ticks since boot (field 22 of proc(5) stat); empty where unknown."""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
