"""Old lines leave the database for compressed files; what they add up to stays in the roll-ups.

A day goes in steps, and each of them may be cut short by a kill: its settled lines are written to a file of JSON, one line a
call, which gets its name when all of it is on disk; then the file is noted in the database with its digest and its sums; then
the lines that are in it are deleted. The next run goes on where the last one ended. Lines that come later, such as a call
that was still open, go to another file of the same day.
"""

import fcntl
import gzip
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Min

from usage.archived_spending import count_archived, delete_archived
from usage.errors import ArchiveInUseError, BrokenArchiveError
from usage.models import Archive, Attempt, Call
from usage.types import CORRECTION, CallStatus

_Line = TypeVar("_Line", Call, Attempt)
BATCH = 1_000
LOCK = ".lock"
# Budgets of the month, and of the last hours, are counted from the lines alone when somebody changes them.
LEAST_DAYS = 32


@dataclass(slots=True)
class Archived:
    """What one run has done."""

    files: int = 0
    calls: int = 0
    attempts: int = 0
    counted: int = 0


def archive_lines(folder: Path, *, older_than_days: int, now: datetime) -> Archived:
    """Write the settled lines of days that ended so many days ago to files in a folder, and delete them.

    Raises:
        ArchiveInUseError: Another run does so.
        BrokenArchiveError: A file that was written before is gone or has changed, and its lines are not deleted yet.
        OSError: The folder cannot be written to.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    done = Archived()
    with _alone_in(folder):
        for archive in Archive.objects.filter(is_removed=False).order_by("day", "part"):
            _remove(archive, folder, done)
        end = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=older_than_days)
        while day := _oldest_day(end):
            _remove(_export(day, folder), folder, done)
        _count_older_files(folder, done)
    return done


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder: two at once would write into the same file."""
    descriptor = os.open(folder / LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ArchiveInUseError(str(folder)) from error
        yield
    finally:
        os.close(descriptor)


def _count_older_files(folder: Path, done: Archived) -> None:
    """Keep what the lines of files count for that were written before that was kept, as far as they are in the folder."""
    for archive in Archive.objects.filter(is_removed=True, is_counted=False).order_by("day", "part"):
        path = folder / archive.file
        if path.exists() and _digest(path) == archive.digest:
            done.counted += count_archived(archive, _read(path))


def _read(path: Path) -> Iterator[tuple[Call, list[Attempt]]]:
    """Yield the lines of a file as they were in the ledger; those that are there still were never deleted."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        while batch := list(map(json.loads, islice(lines, BATCH))):
            kept = set(
                map(str, Call.objects.filter(pk__in=[line["id"] for line in batch]).values_list("pk", flat=True))
            )
            for line in batch:
                attempts = line.pop("attempts")
                if line["id"] not in kept:
                    yield _line(Call, line), [_line(Attempt, values) for values in attempts]


def _line(model: type[_Line], values: dict[str, Any]) -> _Line:
    """Make a line of its values; what the model does not have any more is left out."""
    known = {field.attname for field in model._meta.concrete_fields}
    return model(**{name: value for name, value in values.items() if name in known})


def _oldest_day(end: datetime) -> datetime | None:
    """Return the first day before `end` with settled lines."""
    settled = Call.objects.exclude(status=CallStatus.OPEN).filter(created_at__lt=end)
    first = settled.aggregate(first=Min("created_at"))["first"]
    return first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) if first else None


def _export(day: datetime, folder: Path) -> Archive:
    """Write the settled lines of a day to a file, and note it."""
    part = 1 + Archive.objects.filter(day=day.date()).count()
    archive = Archive(day=day.date(), part=part, file=f"usage-{day:%Y-%m-%d}-{part}.jsonl.gz")
    unfinished = folder / f"{archive.file}.part"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with gzip.open(file, "wt", encoding="utf-8") as text:
            for call in _settled_on(day):
                attempts = list(call.attempts.all())
                _add(archive, call, attempts)
                text.write(json.dumps(_plain(call, attempts), cls=DjangoJSONEncoder, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())
    archive.digest = _digest(unfinished)
    unfinished.replace(folder / archive.file)
    archive.save()
    return archive


def _add(archive: Archive, call: Call, attempts: Sequence[Attempt], *, sign: int = 1) -> None:
    """Count a line in the sums of a file, or, with the sign -1, no longer."""
    archive.calls += sign
    archive.attempts += sign * sum(attempt.error_class != CORRECTION for attempt in attempts)
    archive.cost_nanousd += sign * sum(attempt.cost_nanousd or 0 for attempt in attempts)
    archive.cost_nanousd += sign * (call.cost_nanousd or 0) if call.is_written_off else 0


def _is_as_written(written: Mapping[UUID, Mapping[str, Any]], call: Call) -> bool:
    """Whether a line was neither set right nor booked since it was written to a file."""
    line = written[call.pk]
    return (call.status, call.cost_nanousd, len(call.attempts.all())) == (
        line["status"],
        line["cost_nanousd"],
        len(line["attempts"]),
    )


def _settled_on(day: datetime) -> Iterator[Call]:
    lines = Call.objects.exclude(status=CallStatus.OPEN).filter(
        created_at__gte=day, created_at__lt=day + timedelta(days=1)
    )
    return lines.order_by("created_at", "pk").prefetch_related("attempts").iterator(chunk_size=BATCH)


def _plain(call: Call, attempts: list[Any]) -> dict[str, Any]:
    """Return a call with its attempts as values that JSON knows."""
    return _values(call) | {"attempts": [_values(attempt) for attempt in attempts]}


def _values(line: Any) -> dict[str, Any]:
    return {field.attname: getattr(line, field.attname) for field in line._meta.concrete_fields}


def _remove(archive: Archive, folder: Path, done: Archived) -> None:
    """Delete the lines that are in a file, unless the file is not what was written."""
    path = folder / archive.file
    if not path.exists() or _digest(path) != archive.digest:
        raise BrokenArchiveError(str(path))
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        while batch := {UUID(line["id"]): line for line in map(json.loads, islice(lines, BATCH))}:
            settled = Call.objects.filter(pk__in=batch).exclude(status=CallStatus.OPEN)
            delete_archived(settled, is_as_written=partial(_is_as_written, batch))
            # What was set right since goes to another file of the day, as it is now; this one no longer counts it.
            for key in settled.values_list("pk", flat=True):
                attempts = [_line(Attempt, values) for values in batch[key].pop("attempts")]
                _add(archive, _line(Call, batch[key]), attempts, sign=-1)
    archive.is_removed = True
    archive.save(update_fields=["is_removed", "calls", "attempts", "cost_nanousd"])
    done.files += 1
    done.calls += archive.calls
    done.attempts += archive.attempts


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
