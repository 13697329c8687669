"""What the caches spared: hits, misses and money by task."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from usage.models import Call


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
    calls = Call.objects.filter(created_at__gte=since).order_by()
    if user_id is not None:
        calls = calls.filter(user_id=user_id)
    counted = calls.values_list("task_type").annotate(
        hits=Count("pk", filter=Q(is_cached=True)),
        misses=Count("pk", filter=Q(decision__cache="miss")),
        saved=Coalesce(Sum("saved_nanousd"), 0),
    )
    rows = [CacheRow(*row) for row in counted]
    return sorted((row for row in rows if row.hits or row.misses), key=lambda row: (-row.hits, row.task_type))
