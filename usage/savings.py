"""What the caches spared: hits, misses and money by task."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from usage.reports import of_user
from usage.rollups import read


@dataclass(frozen=True, slots=True)
class CacheRow:
    """One task: calls that were answered from a cache, calls that looked there in vain, and what the hits first cost."""

    task_type: str
    hits: int
    misses: int
    saved_nanousd: int

    @property
    def hit_rate(self) -> float | None:
        """Share of the look-ups that found an answer; None without any."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else None


def summarise_savings(*, hours: int, user_id: int | None = None, now: datetime | None = None) -> list[CacheRow]:
    """Return the tasks of the last `hours` that used a cache, the one with most hits first, in one query."""
    since = (now or timezone.now()) - timedelta(hours=hours)
    found = read(since=since, by=["task_type"], only=of_user(user_id))
    rows = [
        CacheRow(cell.names[0], cell.sums.cache_hits, cell.sums.cache_misses, cell.sums.saved_nanousd) for cell in found
    ]
    return sorted((row for row in rows if row.hits or row.misses), key=lambda row: (-row.hits, row.task_type))
