"""Counts what comes of the arms of experiments, from the ledger, and ends what is certain; nothing of it is within a call."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ai_router.evidence import Mean, Rate, is_higher, is_lower
from ai_router.experiments import RUNNING
from ai_router.models import CallAcceptance, Experiment, ExperimentArm
from ai_router.models.experiments import ExperimentState, Goal
from usage.models import Call
from usage.types import CallStatus

if TYPE_CHECKING:
    from ai_router.outcomes import Turn

logger = logging.getLogger(__name__)

ACCEPTANCES_A_ROUND = 500
NANOUSD = 1_000_000_000


def add_calls(calls: Iterable[tuple[Call, Sequence["Turn"]]]) -> None:
    """Add calls that were settled to their arms; belongs in the transaction that makes sure they are added once."""
    sums: dict[int, dict[str, float]] = {}
    for call, turns in calls:
        arm = arm_of(call.decision)
        if arm is not None:
            found = sums.setdefault(arm, {})
            for name, value in _figures(call, turns).items():
                found[name] = found.get(name, 0) + value
    for arm in sorted(sums):
        changes = {name: F(name) + value for name, value in sums[arm].items()}
        ExperimentArm.objects.filter(pk=arm, experiment__state=ExperimentState.RUNNING).update(**changes)


def arm_of(decision: Mapping[str, Any]) -> int | None:
    """Return the number of a call's arm."""
    found = decision.get("experiment")
    return found.get("arm_id") if isinstance(found, dict) else None


def _figures(call: Call, turns: Sequence["Turn"]) -> dict[str, float]:
    """Return what a call adds to its arm: the first answer decides, cost and time are those of the whole call.

    Where the arm's own model did not answer at all, nothing is said of its answers.
    """
    figures: dict[str, float] = {"calls": 1}
    own = (call.decision.get("experiment") or {}).get("candidate")
    if turns and own in {None, str(turns[0].candidate)}:
        figures["passed" if turns[0].has_passed else "rejected"] = 1
    if call.cost_nanousd is not None:
        usd = call.cost_nanousd / NANOUSD
        figures |= {"priced": 1, "usd": usd, "usd_squared": usd**2}
    if call.latency_ms is not None and call.status == CallStatus.SUCCEEDED:
        seconds = call.latency_ms / 1_000
        figures |= {"timed": 1, "seconds": seconds, "seconds_squared": seconds**2}
    return figures


def look() -> None:
    """Count what users said, then judge every experiment that runs; several workers may do so at once."""
    running = list(Experiment.objects.filter(state=ExperimentState.RUNNING))
    if not running:
        return
    _add_acceptances(running)
    for experiment in running:
        judge(experiment)


def _add_acceptances(running: Sequence[Experiment]) -> None:
    """Count each word of a user once, as soon as the ledger knows the call."""
    since = min(experiment.started_at for experiment in running if experiment.started_at)
    rows = list(
        CallAcceptance.objects.filter(is_counted=False, recorded_at__gte=since).order_by("recorded_at")[
            :ACCEPTANCES_A_ROUND
        ]
    )
    decisions = dict(Call.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "decision"))
    for row in rows:
        with transaction.atomic():
            is_mine = row.pk in decisions and CallAcceptance.objects.filter(pk=row.pk, is_counted=False).update(
                is_counted=True
            )
            arm = arm_of(decisions[row.pk]) if is_mine else None
            if arm is not None:
                name = "accepted" if row.is_accepted else "declined"
                mine = ExperimentArm.objects.filter(pk=arm, experiment__state=ExperimentState.RUNNING)
                mine.update(**{name: F(name) + 1})


def judge(experiment: Experiment) -> None:
    """Take out arms that certainly do harm, and end the experiment where one is best, alone, or the calls are used up."""
    arms = list(experiment.arms.all())
    level = level_of(experiment, len(arms))
    taking_part = [arm for arm in arms if arm.is_on]
    best = next((arm for arm in taking_part if _beats_all(experiment, arm, taking_part, level)), None)
    if best is not None:
        stop(experiment, f"“{best}” is best", winner=best)
        return
    for arm in taking_part[1:] if taking_part and taking_part[0] == arms[0] else []:
        if _is_harmful(experiment, arm, arms[0], level):
            ExperimentArm.objects.filter(pk=arm.pk).update(is_on=False)
            taking_part = [other for other in taking_part if other != arm]
            logger.warning(
                "Experiment %r: arm %r does worse than the control and was taken out", str(experiment), str(arm)
            )
            RUNNING.forget()
    if len(taking_part) < 2:
        stop(experiment, "every other arm did worse than the control", winner=taking_part[0] if taking_part else None)
    elif sum(arm.calls for arm in arms) >= experiment.max_calls:
        stop(experiment, f"no difference that is certain within {experiment.max_calls:,} calls")


def level_of(experiment: Experiment, arms: int) -> float:
    """Return the chance of error of one comparison: all that are made share the experiment's.

    Each arm is compared with each other by the goal, both ways, and with the control by what passes.
    """
    return experiment.alpha / max(1, arms * (arms - 1) + (0 if experiment.goal == Goal.PASSED else arms - 1))


def start(experiment: Experiment) -> None:
    """Let calls take part."""
    experiment.state, experiment.started_at = ExperimentState.RUNNING, timezone.now()
    experiment.save(update_fields=["state", "started_at"])
    RUNNING.forget()


def stop(experiment: Experiment, verdict: str, *, winner: ExperimentArm | None = None) -> None:
    """End an experiment that runs; calls follow their route again."""
    ended = Experiment.objects.filter(pk=experiment.pk, state=ExperimentState.RUNNING).update(
        state=ExperimentState.STOPPED, verdict=verdict[:200], winner=winner, stopped_at=timezone.now()
    )
    if ended:
        logger.info("Experiment %r ended: %s", str(experiment), verdict)
    RUNNING.forget()


def passing(arm: ExperimentArm) -> Rate:
    """How many first answers passed the verifier."""
    return Rate(arm.passed, arm.rejected)


def acceptance(arm: ExperimentArm) -> Rate:
    """How many answers users took."""
    return Rate(arm.accepted, arm.declined)


def cost(arm: ExperimentArm) -> Mean:
    """What a call costs, in US dollars."""
    return Mean(arm.priced, arm.usd, arm.usd_squared)


def duration(arm: ExperimentArm) -> Mean:
    """What a call takes, in seconds."""
    return Mean(arm.timed, arm.seconds, arm.seconds_squared)


def _beats_all(experiment: Experiment, arm: ExperimentArm, arms: Sequence[ExperimentArm], level: float) -> bool:
    others = [other for other in arms if other != arm]
    return bool(others) and all(_is_better(experiment.goal, arm, other, level) for other in others)


def _is_better(goal: str, arm: ExperimentArm, other: ExperimentArm, level: float) -> bool:
    """Whether an arm is certainly better by the goal."""
    if goal == Goal.PASSED:
        return is_higher(passing(arm), passing(other), alpha=level)
    if goal == Goal.ACCEPTED:
        return is_higher(acceptance(arm), acceptance(other), alpha=level)
    measure = cost if goal == Goal.COST else duration
    return is_lower(measure(arm), measure(other), alpha=level)


def _is_harmful(experiment: Experiment, arm: ExperimentArm, control: ExperimentArm, level: float) -> bool:
    """Whether an arm is certainly worse than the control, by the goal or by what passes."""
    by_goal = _is_better(experiment.goal, control, arm, level)
    return by_goal or _is_better(Goal.PASSED, control, arm, level)
