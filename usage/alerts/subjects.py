"""What may run away, and be stopped: names for people, and how much is usual."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model

from usage.rollups import Only, Sums, read
from usage.types import NANOUSD_PER_USD, SubjectKind, Watched

# What is usual is the busiest hour but for one in twenty, of those in which something was done, in two weeks.
LOOKED_BACK = timedelta(days=14)
BUSY = 0.95
# Less than this is called usual by nobody: a call a minute, two thousand tokens a minute, a cent in five.
LEAST_USUAL = {Watched.VOLUME: 1.0, Watched.TOKENS: 2_000.0, Watched.COST: 0.01}
MINUTES = {Watched.VOLUME: 1, Watched.TOKENS: 1, Watched.COST: 5}

_name_tokens: Callable[[Iterable[int]], Mapping[int, str]] = lambda _: {}  # noqa: E731 - replaced by the floor that knows


def name_tokens_by(names: Callable[[Iterable[int]], Mapping[int, str]]) -> None:
    """Take a function that returns what people call API tokens, by number: tokens belong to a floor above."""
    global _name_tokens  # noqa: PLW0603 - set once, at start
    _name_tokens = names


def name_of(kind: str, key: str) -> str:
    """Return what people call a subject."""
    if kind == SubjectKind.TOKEN:
        return _name_tokens([int(key)]).get(int(key), f"API token {key}")
    if kind == SubjectKind.USER:
        return user_names([int(key)]).get(int(key), f"user {key}")
    return key.replace("_", " ")


def user_names(keys: Iterable[int]) -> dict[int, str]:
    """Return the names of users, by number."""
    return {row.pk: row.get_username() for row in get_user_model().objects.filter(pk__in=list(keys))}


def usual_rate(kind: str, key: str, *, user_id: int | None, measure: str, now: datetime) -> float:
    """Return what is usual for a subject: calls or tokens in a minute, or dollars in five.

    A token is compared with all that its user does.
    """
    if kind == SubjectKind.TASK:
        only = Only(task_type=key)
    else:
        only = Only(users=[int(key) if kind == SubjectKind.USER else user_id or 0])
    # This hour, and the one before, may be part of what runs away.
    until = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    cells = read(since=until - LOOKED_BACK, until=until, step="hour", only=only)
    counted: Callable[[Sums], float] = {
        Watched.VOLUME: lambda sums: sums.calls,
        Watched.TOKENS: lambda sums: sums.total_input_tokens + sums.total_output_tokens,
        Watched.COST: lambda sums: sums.cost_nanousd / NANOUSD_PER_USD,
    }[Watched(measure)]
    hours = sorted(counted(cell.sums) for cell in cells)
    busy = hours[int(BUSY * (len(hours) - 1))] if hours else 0.0
    return max(LEAST_USUAL[Watched(measure)], busy * MINUTES[Watched(measure)] / 60)
