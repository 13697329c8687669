"""Calls that go on while their lines are not in the database yet: held exactly in this process, written behind.

Every record goes to the spool (`usage.spool`) before the call goes on, and into the database a moment later, by a thread
of its own. How much may wait is bounded, in calls and in money. While the database does not answer, hard budgets count
from what was last seen of them, with everything that this process has taken since.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connections
from django.utils import timezone

from usage import booking
from usage.errors import BudgetExceededError, LedgerUnavailableError
from usage.models import BudgetWindow
from usage.records import OpenedCall, Record, SettledCall, write_record
from usage.spool import Spool, files_of_the_dead, read_file
from usage.thresholds import refusal, shares_of

logger = logging.getLogger(__name__)

DATABASE_IS_DOWN = (OperationalError, InterfaceError)
# How long records are gathered before they are written, and how long a database that is down is left alone.
GATHERING_SECONDS = 0.2
# How long what budgets leave is believed; while calls come it is read again whenever records have been written.
FRESH_SECONDS = 2 * GATHERING_SECONDS
RETRY_SECONDS = 1.0
WRITTEN_TOGETHER = 50
# How long the connection of the thread that writes is kept where nothing comes.
IDLE_SECONDS = 5.0
REFUSED = "refused"
# Of so many people and tasks it is remembered what budgets leave them, some kilobytes each.
MOST_KEPT = 5_000
CLOSING_SECONDS = 5.0

Key = tuple[int | None, str, str, frozenset[str] | None]


class Room:
    """What budgets leave: their windows as they were last read, less what this process has taken since."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._lock = threading.Lock()
        self._windows: dict[Key, list[BudgetWindow]] = {}
        self._taken: dict[UUID, dict[int, int]] = {}
        self._generation = 0
        # Until when a key's windows are believed, and a call that they were asked for.
        self._fresh_until: dict[Key, float] = {}
        self._asked: dict[Key, OpenedCall] = {}

    def remember(self, call: OpenedCall, windows: list[BudgetWindow]) -> None:
        """Keep windows that somebody has read."""
        with self._lock:
            self._keep({_key(call): windows})

    def _keep(self, found: Mapping[Key, list[BudgetWindow]]) -> None:
        """Keep windows behind all others, and forget those that nobody has asked for longest, where they are too many."""
        for key in found:
            self._windows.pop(key, None)
        self._windows |= found
        for key in list(islice(self._windows, max(0, len(self._windows) - MOST_KEPT))):
            del self._windows[key]

    def take(self, call: OpenedCall, *, may_read: bool) -> None:
        """Take what the call may cost out of every window that applies.

        Raises:
            BudgetExceededError: A hard budget has no room for it.
            LedgerUnavailableError: It is not known which budgets apply, and the database does not say.
        """
        if not call.held_nanousd and not call.providers:
            return
        key = _key(call)
        self._asked[key] = call
        while True:
            generation = self._generation
            is_fresh = not may_read or time.monotonic() < self._fresh_until.get(key, 0.0)
            windows = self._windows.get(key) if is_fresh else None
            is_read = windows is None
            if windows is None:
                windows = self._read(call, may_read=may_read)
            with self._lock:
                # What was read while records were being written may count them twice or not at all.
                if is_read and generation != self._generation:
                    continue
                if is_read and may_read:
                    self._windows[key] = windows
                    self._fresh_until[key] = time.monotonic() + FRESH_SECONDS
                self._take(call, windows)
                return

    def _read(self, call: OpenedCall, *, may_read: bool) -> list[BudgetWindow]:
        if may_read:
            return booking.find_windows(call)
        message = "the database does not answer, and it is not known which budgets apply"
        raise LedgerUnavailableError(message)

    def _take(self, call: OpenedCall, windows: Iterable[BudgetWindow]) -> None:
        taken: dict[int, int] = {}
        for window in windows:
            budget = window.budget
            share, cost = shares_of(budget, call.held_nanousd, call.providers)
            used = window.spent_nanousd + window.held_nanousd
            used += sum(amounts.get(window.pk, 0) for amounts in self._taken.values())
            refused = share and refusal(
                budget, share, cost, used=used, is_saving=call.is_saving, resets_at=window.ends_at
            )
            if refused:
                raise refused
            taken[window.pk] = share
        if taken:
            self._taken[call.call_id] = taken

    def give_back(self, call_ids: Iterable[UUID]) -> None:
        """Count these here no more; every window is read again by whoever needs it."""
        with self._lock:
            self._generation += 1
            self._fresh_until.clear()
            for call_id in call_ids:
                self._taken.pop(call_id, None)

    def renew(self, written: Sequence[OpenedCall]) -> None:
        """Count these in the database from now on, where they are written, and read their windows and those asked for since.

        So the next calls find them here and do not read themselves. Nothing else may write records meanwhile.
        """
        asked, self._asked = self._asked, {}
        asked = dict(list(asked.items())) | {_key(call): call for call in written}
        now = timezone.now()
        found = {key: booking.find_windows(replace(call, created_at=now)) for key, call in asked.items()}
        with self._lock:
            self._generation += 1
            self._keep(found)
            self._fresh_until = dict.fromkeys(found, time.monotonic() + FRESH_SECONDS)
            for call in written:
                self._taken.pop(call.call_id, None)


def _key(call: OpenedCall) -> Key:
    providers = None if call.providers is None else frozenset(call.providers)
    return call.user_id, call.task_type, call.purpose, providers


class Behind:
    """The calls of this process whose records wait."""

    def __init__(self, folder: Path) -> None:
        """Begin with an empty spool."""
        self.room = Room()
        self._spool = Spool(folder)
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: list[Record] = []
        self._files: list[Path] = []
        self._open: set[UUID] = set()
        self._waiting_nanousd = 0
        self._down_until = 0.0
        self._something = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, call: OpenedCall, *, may_read: bool) -> None:
        """Hold the call's worst-case cost here, and write its record to the spool.

        Args:
            call: The call.
            may_read: Whether the database may be asked for the budgets; otherwise they are as last known.

        Raises:
            BudgetExceededError: A hard budget has no room for it.
            LedgerUnavailableError: So much waits already that nothing more may go on without the database.
        """
        if self._is_full(call) and (not self.flush() or self._is_full(call)):
            message = f"{len(self._waiting)} records wait for the database, and no more may"
            raise LedgerUnavailableError(message)
        try:
            self.room.take(call, may_read=may_read)
        except BudgetExceededError as error:
            # What has ended may have cost less than it held.
            if not error.is_used_up or not may_read or not self.flush():
                raise
            self.room.take(call, may_read=may_read)
        try:
            self._add(call)
        except BaseException:
            self.room.give_back([call.call_id])
            raise
        self._open.add(call.call_id)

    def settle(self, call: SettledCall) -> bool:
        """Write the record of how a call ended; False where it was not opened here, or has ended."""
        with self._lock:
            if call.call_id not in self._open:
                return False
            self._open.discard(call.call_id)
        self._add(call)
        return True

    @property
    def is_database_down(self) -> bool:
        """Whether the database did not answer a moment ago, and is left alone for another."""
        return time.monotonic() < self._down_until

    def note_that_it_is_down(self) -> None:
        """Leave the database alone for a moment, so that not every call waits for it in vain."""
        self._down_until = time.monotonic() + RETRY_SECONDS

    def add(self, *records: Record) -> None:
        """Write records of a call that has ended, and whose line the database does not take now."""
        for record in records:
            self._add(record)

    def flush(self) -> bool:
        """Write everything that waits into the database; False where that was not possible."""
        with self._writing:
            with self._lock:
                records, self._waiting = self._waiting, []
                if (full := self._spool.close_file()) is not None:
                    self._files.append(full)
                files = list(self._files)
            try:
                replay(records)
            except DATABASE_IS_DOWN:
                with self._lock:
                    self._waiting = records + self._waiting
                self.note_that_it_is_down()
                return False
            with self._lock:
                self._waiting_nanousd -= sum(one.held_nanousd for one in records if isinstance(one, OpenedCall))
                self._files = self._files[len(files) :]
            if records:
                self._renew_room([record for record in records if isinstance(record, OpenedCall)])
            for path in files:
                path.unlink(missing_ok=True)
            return True

    def _renew_room(self, written: list[OpenedCall]) -> None:
        try:
            self.room.renew(written)
        except DatabaseError:
            # They are written all the same; whoever comes next sees for themselves.
            self.room.give_back(call.call_id for call in written)

    def close(self) -> None:
        """Write what waits, and end the thread; what cannot be written is left for others."""
        self._stopping.set()
        self._something.set()
        if self._thread is not None:
            self._thread.join(CLOSING_SECONDS)
        self.flush()
        self._spool.close()

    def forget(self) -> None:
        """Leave everything to the parent process, in a child of it."""
        self._spool.forget()

    def _is_full(self, call: OpenedCall) -> bool:
        return (
            len(self._waiting) >= settings.AI_LEDGER_WAITING_CALLS
            or self._waiting_nanousd + call.held_nanousd > settings.AI_LEDGER_WAITING_NANOUSD
        )

    def _add(self, record: Record) -> None:
        line = write_record(record)
        with self._lock:
            self._spool.append(line)
            self._waiting.append(record)
            if isinstance(record, OpenedCall):
                self._waiting_nanousd += record.held_nanousd
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_on, name="ledger", daemon=True)
                self._thread.start()
        self._something.set()

    def _write_on(self) -> None:
        """Write what waits, again and again."""
        while not self._stopping.is_set():
            if not self._something.wait(IDLE_SECONDS):
                connections.close_all()
                self._something.wait()
            self._stopping.wait(GATHERING_SECONDS)
            self._something.clear()
            if not self.flush():
                connections.close_all()
                if not self._stopping.wait(RETRY_SECONDS):
                    self._something.set()
        connections.close_all()


def replay(records: Iterable[Record]) -> None:
    """Write records into the database, each call once however often this is done.

    A record that the database does not take for what it says is set aside and reported; it stops no other.

    Raises:
        OperationalError: The database does not answer. So does `InterfaceError`.
    """
    opened: dict[UUID, OpenedCall] = {}
    settled: dict[UUID, SettledCall] = {}
    for record in records:
        if isinstance(record, OpenedCall):
            opened[record.call_id] = record
        else:
            settled.setdefault(record.call_id, record)
    for call_id in _without_written_together(opened, settled):
        try:
            _write(opened.get(call_id), settled.get(call_id))
        except DATABASE_IS_DOWN:
            raise
        except DatabaseError:
            logger.exception("ledger_record_refused: call %s is set aside in %s", call_id, REFUSED)
            _set_aside([one for one in (opened.get(call_id), settled.get(call_id)) if one])


def _without_written_together(opened: dict[UUID, OpenedCall], settled: dict[UUID, SettledCall]) -> list[UUID]:
    """Write new calls together, which costs a fraction of one by one; return those for which that will not do."""
    left = [call_id for call_id in settled if call_id not in opened]
    new = list(opened)
    for start in range(0, len(new), WRITTEN_TOGETHER):
        part = new[start : start + WRITTEN_TOGETHER]
        try:
            is_written = booking.write_together([(opened[call_id], settled.get(call_id)) for call_id in part])
        except DATABASE_IS_DOWN:
            raise
        except DatabaseError:
            # One of them is refused; which one, is seen one by one.
            is_written = False
        if not is_written:
            left += part
    return left


def _write(opened: OpenedCall | None, settled: SettledCall | None) -> None:
    if opened is None:
        if settled is not None:
            booking.write_settled(settled)
        return
    try:
        booking.write_late(opened, settled)
    except IntegrityError:
        # The person is gone; what was paid for them is not.
        booking.write_late(replace(opened, user_id=None), settled)


def _set_aside(records: Iterable[Record]) -> None:
    folder = settings.AI_LEDGER_SPOOL_DIR
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / REFUSED).open("a", encoding="utf-8") as file:
        file.writelines(write_record(record) + "\n" for record in records)


def replay_left_records(folder: Path) -> int:
    """Write what processes left that are no more; returns how many records that were."""
    count = 0
    with files_of_the_dead(folder) as paths:
        for path in paths:
            records = read_file(path)
            replay(records)
            path.unlink(missing_ok=True)
            count += len(records)
    return count


_behinds: dict[int, Behind] = {}
_lock = threading.Lock()


def settle_here(call: SettledCall) -> bool:
    """Write how a call ended where it was opened behind the database's back, by this process; False elsewhere."""
    found = _behinds.get(os.getpid())
    return found is not None and found.settle(call)


def behind() -> Behind:
    """Return this process's, made at first use."""
    found = _behinds.get(os.getpid())
    if found is not None:
        return found
    with _lock:
        return _behinds.get(os.getpid()) or _behinds.setdefault(os.getpid(), Behind(settings.AI_LEDGER_SPOOL_DIR))


def close_behind() -> None:
    """Write what waits and end this process's thread; the next call starts another."""
    with _lock:
        found = _behinds.pop(os.getpid(), None)
    if found is not None:
        found.close()


def _forget_after_fork() -> None:
    """Leave what waits to the parent."""
    global _lock  # noqa: PLW0603 - the parent may have held it at the moment of the fork
    _lock = threading.Lock()
    for found in _behinds.values():
        found.forget()
    _behinds.clear()


atexit.register(close_behind)
os.register_at_fork(after_in_child=_forget_after_fork)
