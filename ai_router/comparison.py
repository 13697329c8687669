"""Models side by side: what came of the answers of each to each task, from the ledger's lines of a period.

An *answer* is what one model made of one call, its repair included, as in `outcomes.py`: it passed the task's verifier, or it
was rejected. Attempts without an answer are failures, and count for neither. Answers of shadow traffic count like others; the
acceptance is that of answers that somebody saw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connections
from django.db.models import DateTimeField
from django.utils import timezone

from ai_router.failures import REJECTIONS
from ai_router.intervals import Measured, mean, percentile, rate
from ai_router.models import CallAcceptance
from ai_router.routing import EMBEDDED
from usage.models import Attempt, Call
from usage.types import NANOUSD_PER_USD, AttemptStatus

# A quarter of a year: these figures are read from raw lines.
MAX_HOURS = 24 * 92
# Times are counted in steps: of so many milliseconds up to a limit. None is wider than a twentieth of the times in it.
STEPS = ((200, 1), (2_000, 10), (20_000, 100), (200_000, 1_000))
LAST_STEP = 10_000


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """What one model did for one task in a period.

    Money is in dollars, except `cost_nanousd`: all that was paid to it, failures and lost hedges too. `passed` is empty for
    the embedded engine, whose answers no verifier sees. Costs and times are those of an answer, its repair included.
    """

    task: str
    provider: str
    model: str
    answers: int = 0
    failures: int = 0
    unpriced: int = 0
    cost_nanousd: int = 0
    passed: Measured = field(default_factory=lambda: Measured(0))
    accepted: Measured = field(default_factory=lambda: Measured(0))
    usd: Measured = field(default_factory=lambda: Measured(0))
    p50_ms: Measured = field(default_factory=lambda: Measured(0))
    p95_ms: Measured = field(default_factory=lambda: Measured(0))


@dataclass(slots=True)
class _Sums:
    """What is added up of one model and one task."""

    answers: int = 0
    passed: int = 0
    failures: int = 0
    unpriced: int = 0
    nanousd: int = 0
    priced: int = 0
    usd: float = 0.0
    usd_squared: float = 0.0
    times: dict[int, int] = field(default_factory=dict)


Key = tuple[str, str, str]


def compare_models(
    *, hours: int, task: str = "", user_id: int | None = None, now: datetime | None = None
) -> list[ModelFigures]:
    """Return the figures of every model that was asked in the last `hours`, by task, the busiest first; in two queries.

    Args:
        hours: Length of the period, at most `MAX_HOURS`.
        task: Only this task; empty for all.
        user_id: Only this person's calls; None for everybody's, shadow traffic included.
        now: The end of the period.
    """
    since = (now or timezone.now()) - timedelta(hours=hours)
    sums = _sums(since, task, user_id)
    accepted = _acceptances(since, task, user_id)
    found = [_figures(key, sums.get(key, _Sums()), accepted.get(key, (0, 0))) for key in sums.keys() | accepted.keys()]
    return sorted(found, key=lambda one: (one.task, -one.answers, one.provider, one.model))


def _figures(key: Key, sums: _Sums, accepted: tuple[int, int]) -> ModelFigures:
    task, provider, model = key
    times = sorted(sums.times.items())
    return ModelFigures(
        task,
        provider,
        model,
        answers=sums.answers,
        failures=sums.failures,
        unpriced=sums.unpriced,
        cost_nanousd=sums.nanousd,
        passed=Measured(0) if provider == EMBEDDED.provider else rate(sums.passed, sums.answers),
        accepted=rate(*accepted),
        usd=mean(sums.priced, sums.usd, sums.usd_squared),
        p50_ms=percentile(times, 0.5),
        p95_ms=percentile(times, 0.95),
    )


def _sums(since: datetime, task: str, user_id: int | None) -> Mapping[Key, _Sums]:
    """Add up the answers: attempts by call and model first, then those by task and model."""
    where, values = _scope(since, task, user_id)
    # By an outer join, so that every database begins with the period's calls, and not with all attempts there ever were.
    errors = ", ".join(["%s"] * len(REJECTIONS))
    turns = f"""
        SELECT c.task_type, a.provider, a.model, SUM(a.duration_ms) AS ms, SUM(a.cost_nanousd) AS cost,
            MAX(CASE WHEN a.status = %s THEN 1 ELSE 0 END) AS passed,
            MAX(CASE WHEN a.status IN (%s, %s) OR a.error_class IN ({errors}) THEN 1 ELSE 0 END) AS answered,
            MAX(CASE WHEN a.status = %s THEN 1 ELSE 0 END) AS failed,
            MAX(CASE WHEN a.cost_nanousd IS NULL THEN 1 ELSE 0 END) AS unpriced
        FROM {_table(Call)} c LEFT JOIN {_table(Attempt)} a ON a.call_id = c.id
        WHERE {where} GROUP BY a.call_id, c.task_type, a.provider, a.model"""  # noqa: S608 - our own names
    usd = f"CASE WHEN answered = 1 AND unpriced = 0 THEN CAST(cost AS DOUBLE PRECISION) / {NANOUSD_PER_USD} END"
    statement = f"""
        SELECT task_type, provider, model, answered, CASE WHEN answered = 1 THEN {_step("ms")} END AS step,
            COUNT(*), SUM(passed), SUM(failed), SUM(unpriced), SUM(cost), COUNT({usd}), SUM({usd}), SUM(({usd}) * ({usd}))
        FROM ({turns}) turns WHERE provider IS NOT NULL GROUP BY task_type, provider, model, answered, step"""  # noqa: S608
    good, rejected, failed = (
        str(one.value) for one in (AttemptStatus.SUCCEEDED, AttemptStatus.REJECTED, AttemptStatus.FAILED)
    )
    found: dict[Key, _Sums] = {}
    for row in _rows(statement, [good, good, rejected, *sorted(REJECTIONS), failed, *values]):
        own = found.setdefault((row[0], row[1], row[2]), _Sums())
        is_answered, step, turns_counted, passed, failures, unpriced, cost, priced, dollars, squares = row[3:]
        own.nanousd += int(cost or 0)
        own.unpriced += int(unpriced)
        if not is_answered:
            own.failures += int(failures)
            continue
        own.answers += turns_counted
        own.passed += int(passed)
        own.priced += priced
        own.usd += float(dollars or 0)
        own.usd_squared += float(squares or 0)
        if step or row[1] == EMBEDDED.provider:
            # Nobody knows how long a provider worked on a request of a batch.
            own.times[int(step)] = own.times.get(int(step), 0) + turns_counted
    return found


def _acceptances(since: datetime, task: str, user_id: int | None) -> Mapping[Key, tuple[int, int]]:
    """Return how many answers of each model were taken, and of how many somebody said so."""
    where, values = _scope(since, task, user_id)
    statement = f"""
        SELECT c.task_type, c.provider, c.model, SUM(CASE WHEN x.is_accepted THEN 1 ELSE 0 END), COUNT(*)
        FROM {_table(CallAcceptance)} x JOIN {_table(Call)} c ON c.id = x.call_id
        WHERE {where} GROUP BY c.task_type, c.provider, c.model"""  # noqa: S608 - our own names
    return {
        (task, provider, model): (int(taken), said) for task, provider, model, taken, said in _rows(statement, values)
    }


def _scope(since: datetime, task: str, user_id: int | None) -> tuple[str, list[Any]]:
    """Return the condition of the calls, and its values."""
    wanted: dict[str, Any] = {"c.created_at >= %s": DateTimeField().get_db_prep_value(since, connections["default"])}
    if task:
        wanted["c.task_type = %s"] = task
    if user_id is not None:
        wanted["c.user_id = %s"] = user_id
    return " AND ".join(wanted), list(wanted.values())


def _step(column: str) -> str:
    """Return the middle of the step that a time lies in."""
    cases = " ".join(f"WHEN {column} < {most} THEN {_middle(column, width)}" for most, width in STEPS)
    return f"CASE {cases} ELSE {_middle(column, LAST_STEP)} END"


def _middle(column: str, width: int) -> str:
    # The sign is doubled, as statements with values take it.
    return f"({column} - {column} %% {width} + {width // 2})" if width > 1 else column


def _rows(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall())


def _table(model: Any) -> str:
    return connections["default"].ops.quote_name(model._meta.db_table)
