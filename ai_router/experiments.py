"""Experiments on real calls: who takes part in which arm. Without one that runs, a call looks into an empty copy.

Shadow traffic, which asks beside real calls, is in `shadows.py`.

An arm is drawn by a hash of the experiment and the user, so that everybody stays in theirs; calls without a user are
drawn one by one. What came of the arms is counted and judged in `trials.py`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from uuid import UUID, uuid4

from ai_router.copies import Copy
from ai_router.models import CallAcceptance, Experiment, ExperimentArm
from ai_router.models.experiments import ExperimentState
from ai_router.prompts import Prompt

KEPT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to do a task; what is empty stays as it is without the experiment."""

    number: int
    name: str
    weight: int = 1
    is_on: bool = True
    provider: str = ""
    model: str = ""
    prompt: Prompt | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """An experiment that runs. In shadow traffic `shadow_percent` of the calls are asked again of an arm, otherwise it is 0."""

    number: int
    name: str
    prompt: str
    arms: tuple[Arm, ...]
    shadow_percent: int = 0

    def is_for(self, prompt: str) -> bool:
        """Whether calls with this prompt take part."""
        return self.prompt in {"", prompt}


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The arm of a call."""

    experiment: str
    arm: Arm

    @property
    def record(self) -> dict[str, Any]:
        """What the call's decision says of it."""
        return {"name": self.experiment, "arm": self.arm.name, "arm_id": self.arm.number}


def enrol(task_type: str, prompt: str, user: Any) -> Enrolment | None:
    """Return the arm of a call; None where no experiment runs for its task and prompt."""
    running = RUNNING.get().get(task_type)
    if running is None or running.shadow_percent or not running.is_for(prompt):
        return None
    who = getattr(user, "pk", None)
    arm = draw(running.number, running.arms, f"user {who}" if who is not None else f"call {uuid4()}")
    return Enrolment(running.name, arm) if arm else None


def draw(experiment: int, arms: Sequence[Arm], who: str) -> Arm | None:
    """Return the arm of somebody: always the same, but for those whose arm was taken out, who are drawn anew."""
    arms = tuple(arms)
    while arms:
        names = " ".join(str(arm.number) for arm in arms)
        digest = hashlib.blake2b(f"{experiment} {names} {who}".encode(), digest_size=8).digest()
        bounds = list(accumulate(arm.weight for arm in arms))
        place = int.from_bytes(digest) * bounds[-1] >> 64
        arm = next(arm for arm, bound in zip(arms, bounds, strict=True) if place < bound)
        if arm.is_on:
            return arm
        arms = tuple(other for other in arms if other is not arm)
    return None


def record_acceptance(call_id: UUID, accepted: bool) -> bool:  # noqa: FBT001
    """Note whether a user took the answer of a call; only the first word counts. Returns whether this was it."""
    _, is_first = CallAcceptance.objects.get_or_create(call_id=call_id, defaults={"is_accepted": accepted})
    return is_first


def _read_running() -> Mapping[str, Running]:
    """Read the experiments that run, by task."""
    rows = Experiment.objects.filter(state=ExperimentState.RUNNING).prefetch_related("arms__prompt_text")
    return {row.task_type: _running(row) for row in rows}


def _running(row: Experiment) -> Running:
    arms = tuple(arm_of_row(arm) for arm in row.arms.all())
    return Running(row.pk, row.name, row.prompt, arms, row.share_percent if row.is_shadow else 0)


def arm_of_row(row: ExperimentArm) -> Arm:
    """Return an arm as calls see it."""
    text = row.prompt_text
    prompt = Prompt(text.version, (text.system, text.user)) if text else None
    return Arm(row.pk, row.name, row.weight, row.is_on, row.provider, row.model, prompt)


# An experiment begins and ends for a process after so many seconds at the latest.
RUNNING = Copy(_read_running, seconds=KEPT_SECONDS)
