"""Counts what comes of the arms of experiments, and ends what is certain; nothing of it is within a call.

Arms on real calls are counted from the ledger, those of shadow traffic in pairs: each answer beside the one that the
person got for the same request.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ai_router.evidence import Mean, Rate, is_above, is_higher, is_lower
from ai_router.experiments import RUNNING
from ai_router.models import CallAcceptance, Experiment, ExperimentArm
from ai_router.models.experiments import ExperimentState, Goal
from usage.audit import record
from usage.models import Budget, Call
from usage.types import AuditAction, BudgetPeriod, CallStatus

if TYPE_CHECKING:
    from ai_router.outcomes import Turn
    from ai_router.shadows import Served

logger = logging.getLogger(__name__)

ACCEPTANCES_A_ROUND = 500
NANOUSD = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """What a person got, and what an arm of shadow traffic made of the same request.

    `has_passed` is None where the arm had no answer at all, `agreement` (from 0 to 1) where the task's answers have no form.
    """

    served: "Served"
    has_passed: bool | None
    cost_nanousd: int | None
    seconds: float
    agreement: float | None = None


def add_pair(arm: ExperimentArm, pair: Pair) -> None:
    """Add a pair of answers to an arm and to the control; belongs in the transaction that makes sure it is added once.

    Where the arm had no answer only its call is counted: an outage says nothing of answers.
    """
    control, mine = arm.experiment.arms.all()[0], ExperimentArm.objects.filter(pk=arm.pk)
    if pair.has_passed is None:
        mine.update(calls=F("calls") + 1)
        return
    served = pair.served
    figures = _answered(pair.has_passed, pair.cost_nanousd, pair.seconds)
    if pair.has_passed != served.has_passed:
        figures["better" if pair.has_passed else "worse"] = 1
    if pair.agreement is not None:
        figures |= {"compared": 1, "agreement": pair.agreement, "agreement_squared": pair.agreement**2}
    usual = _answered(served.has_passed, served.cost_nanousd, served.seconds)
    for row, found in sorted([(control, usual), (arm, figures)], key=lambda each: each[0].pk):
        ExperimentArm.objects.filter(pk=row.pk).update(**{name: F(name) + value for name, value in found.items()})


def _answered(has_passed: bool, cost_nanousd: int | None, seconds: float) -> dict[str, float]:  # noqa: FBT001
    figures = {"calls": 1, "passed" if has_passed else "rejected": 1}
    return figures | _priced(cost_nanousd) | _timed(seconds)


def _priced(cost_nanousd: int | None) -> dict[str, float]:
    if cost_nanousd is None:
        return {}
    usd = cost_nanousd / NANOUSD
    return {"priced": 1, "usd": usd, "usd_squared": usd**2}


def _timed(seconds: float) -> dict[str, float]:
    return {"timed": 1, "seconds": seconds, "seconds_squared": seconds**2}


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
    figures |= _priced(call.cost_nanousd)
    if call.latency_ms is not None and call.status == CallStatus.SUCCEEDED:
        figures |= _timed(call.latency_ms / 1_000)
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
    scales = Scales(experiment.goal, level_of(experiment, len(arms)), arms[0].pk if experiment.is_shadow else None)
    taking_part = [arm for arm in arms if arm.is_on]
    best = next((arm for arm in taking_part if scales.beats_all(arm, taking_part)), None)
    if best is not None:
        stop(experiment, f"“{best}” is best", winner=best)
        return
    for arm in taking_part[1:] if taking_part and taking_part[0] == arms[0] else []:
        if scales.is_better(arms[0], arm) or scales.passes_more(arms[0], arm):
            ExperimentArm.objects.filter(pk=arm.pk).update(is_on=False)
            taking_part = [other for other in taking_part if other != arm]
            logger.warning(
                "Experiment %r: arm %r does worse than the control and was taken out", str(experiment), str(arm)
            )
            RUNNING.forget()
    if len(taking_part) < 2:
        stop(experiment, "every other arm did worse than the control", winner=taking_part[0] if taking_part else None)
    elif calls_of(experiment, arms) >= experiment.max_calls:
        stop(experiment, f"no difference that is certain within {experiment.max_calls:,} calls")


def calls_of(experiment: Experiment, arms: Sequence[ExperimentArm]) -> int:
    """Return how many calls took part; in shadow traffic the control has one of each pair."""
    return sum(arm.calls for arm in (arms[1:] if experiment.is_shadow else arms))


def level_of(experiment: Experiment, arms: int) -> float:
    """Return the chance of error of one comparison: all that are made share the experiment's.

    Each arm is compared with each other by the goal, both ways, and with the control by what passes.
    """
    return experiment.alpha / max(1, arms * (arms - 1) + (0 if experiment.goal == Goal.PASSED else arms - 1))


def start(experiment: Experiment) -> None:
    """Let calls take part; shadow traffic gets its budget."""
    experiment.state, experiment.started_at = ExperimentState.RUNNING, timezone.now()
    with transaction.atomic():
        experiment.save(update_fields=["state", "started_at"])
        if experiment.is_shadow:
            Budget.objects.create(
                name=f"Shadow traffic: {experiment.name}",
                purpose=purpose_of(experiment),
                period=BudgetPeriod.TOTAL,
                limit_nanousd=experiment.budget_nanousd or 0,
            )
    RUNNING.forget()


def purpose_of(experiment: Experiment) -> str:
    """Return what marks the calls of shadow traffic in the ledger."""
    return f"shadow:{experiment.pk}"


def budget_of(experiment: Experiment) -> Budget | None:
    """Return the budget of shadow traffic; None where somebody made it soft, or put it away."""
    return Budget.objects.filter(purpose=purpose_of(experiment), is_active=True, is_hard=True).first()


def stop(experiment: Experiment, verdict: str, *, winner: ExperimentArm | None = None) -> None:
    """End an experiment that runs; calls follow their route again, and the budget of shadow traffic is put away."""
    ended = Experiment.objects.filter(pk=experiment.pk, state=ExperimentState.RUNNING).update(
        state=ExperimentState.STOPPED, verdict=verdict[:200], winner=winner, stopped_at=timezone.now()
    )
    if ended:
        Budget.objects.filter(purpose=purpose_of(experiment)).update(is_active=False)
        states = [ExperimentState.RUNNING.value, ExperimentState.STOPPED.value]
        record(AuditAction.CHANGED, experiment, changes={"state": states}, reason=verdict)
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


def agreement(arm: ExperimentArm) -> Mean:
    """How far an arm's answers agree with those that people got, from 0 to 1."""
    return Mean(arm.compared, arm.agreement, arm.agreement_squared)


@dataclass(frozen=True, slots=True)
class Scales:
    """Compares arms: by which goal, and with which chance of error each time.

    `served` is the arm of shadow traffic that stands for what people got, and that shares its requests with each other arm.
    """

    goal: str
    level: float
    served: int | None = None

    def beats_all(self, arm: ExperimentArm, arms: Sequence[ExperimentArm]) -> bool:
        """Whether an arm is certainly better than every other."""
        others = [other for other in arms if other != arm]
        return bool(others) and all(self.is_better(arm, other) for other in others)

    def is_better(self, arm: ExperimentArm, other: ExperimentArm) -> bool:
        """Whether an arm is certainly better by the goal."""
        if self.goal == Goal.PASSED:
            return self.passes_more(arm, other)
        if self.goal == Goal.ACCEPTED:
            return is_higher(acceptance(arm), acceptance(other), alpha=self.level)
        # Each interval holds by itself, so it does not matter whether the arms had the same requests.
        measure = cost if self.goal == Goal.COST else duration
        return is_lower(measure(arm), measure(other), alpha=self.level)

    def passes_more(self, arm: ExperimentArm, other: ExperimentArm) -> bool:
        """Whether more of an arm's answers pass, for certain.

        Where both answered the same requests, only those count that one passed and the other did not: with equal rates
        either is as likely (McNemar, 1947), so the arm's share of these is compared with a half.
        """
        if arm.pk == self.served:
            return is_above(Rate(other.worse, other.better), 0.5, alpha=self.level)
        if other.pk == self.served:
            return is_above(Rate(arm.better, arm.worse), 0.5, alpha=self.level)
        return is_higher(passing(arm), passing(other), alpha=self.level)
