"""Admin page of models side by side: a plot and a table for each task, with links to the calls behind them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from ai_router.comparison import ModelFigures, compare_models
from ai_router.intervals import Measured
from ai_router.types import TaskType
from usage.money import format_usd
from usage.periods import PERIODS, find_period
from usage.types import NANOUSD_PER_USD

Write = Callable[[float], str]
DEFAULT_PERIOD = "7d"


@dataclass(frozen=True, slots=True)
class Mark:
    """One figure of a plot: its words, and where it and its bounds lie from 0 to 100."""

    label: str
    value: str
    bounds: str
    middle: float | None = None
    low: float = 0.0
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Plot:
    """One measure of all models of a task, on one scale."""

    title: str
    hint: str
    scale: str
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class TaskComparison:
    """The models of one task."""

    task: str
    label: str
    plots: list[Plot]
    rows: list[tuple[ModelFigures, str]]


def comparison_view(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    """Show the models of the chosen task and period, for those who may see calls; `context` is the admin's own."""
    if not request.user.has_perm("usage.view_call"):
        raise PermissionDenied
    period = find_period(request.GET.get("period", DEFAULT_PERIOD))
    asked = request.GET.get("task", "")
    task = asked if asked in TaskType.values else ""
    found = compare_models(hours=period.hours, task=task)
    since = timezone.now() - timedelta(hours=period.hours)
    tasks = [_task(name, list(rows), since.isoformat()) for name, rows in groupby(found, key=lambda one: one.task)]
    more = {
        "title": "Models compared",
        "period": period,
        "periods": PERIODS,
        "task": task,
        "choices": TaskType.choices,
        "tasks": tasks,
    }
    return TemplateResponse(request, "admin/ai_router/compare.html", context | more)


def _task(task: str, rows: Sequence[ModelFigures], since: str) -> TaskComparison:
    labels = dict(TaskType.choices)
    plots = [
        _plot("Passed the verifier", "more is better", rows, lambda one: one.passed, _percent, most=1.0),
        _plot("Accepted by people", "more is better", rows, lambda one: one.accepted, _percent, most=1.0),
        _plot("Cost of an answer", "less is better", rows, lambda one: one.usd, _dollars),
        _plot("Time, half within", "less is better", rows, lambda one: one.p50_ms, _seconds),
        _plot("Time, 95 of 100 within", "less is better", rows, lambda one: one.p95_ms, _seconds),
    ]
    return TaskComparison(
        task,
        str(labels.get(task, task)),
        [plot for plot in plots if plot.marks],
        [(row, _calls(row, since)) for row in rows],
    )


def _plot(
    title: str,
    hint: str,
    rows: Sequence[ModelFigures],
    measure: Callable[[ModelFigures], Measured],
    write: Write,
    *,
    most: float = 0.0,
) -> Plot:
    """Put the models that have the figure on one scale, which begins at zero."""
    found = [(f"{row.provider}/{row.model}", measure(row)) for row in rows if measure(row).count]
    most = most or max((one.high or one.value or 0.0 for _, one in found), default=0.0)
    return Plot(title, hint, write(most), [_mark(label, one, write, most) for label, one in found])


def _mark(label: str, one: Measured, write: Write, most: float) -> Mark:
    value = one.value or 0.0
    low, high = one.low if one.low is not None else value, one.high if one.high is not None else value
    if one.is_too_few:
        bounds = f"too few to conclude anything: {one.count}"
    elif one.low is None or one.high is None:
        bounds = f"of {one.count:,}, too few for an interval"
    else:
        bounds = f"{write(low)} to {write(high)}, of {one.count:,}"
    place = 100 / most if most else 0.0
    return Mark(
        label, write(value), bounds, round(value * place, 2), round(low * place, 2), round((high - low) * place, 2)
    )


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _dollars(usd: float) -> str:
    return format_usd(round(usd * NANOUSD_PER_USD))


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.2f} s"


def _calls(row: ModelFigures, since: str) -> str:
    """Return the address of the calls that a model answered."""
    wanted = {
        "task_type__exact": row.task,
        "provider__exact": row.provider,
        "model__exact": row.model,
        "created_at__gte": since,
    }
    return f"{reverse('admin:usage_call_changelist')}?{urlencode(wanted)}"
