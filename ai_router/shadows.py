"""Shadow traffic: of a share of real calls another arm is asked as well, in the background, and nobody sees its answer.

Here calls are drawn and noted down; `shadow_runs.py` asks. Without shadow traffic a call looks into an empty copy. Of a call
that is drawn one row is written after it was settled: nothing waits for it, and what goes wrong here never reaches the caller.
"""

import json
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import DatabaseError, transaction
from django.utils import timezone

from ai_router.experiments import RUNNING, Arm, Running, draw
from ai_router.failures import REJECTIONS
from ai_router.models import ShadowRequest
from ai_router.planning import Plan
from ai_router.providers import is_on, leaves_the_site
from ai_router.routing import EMBEDDED, usual_model
from ai_router.steps import Outcome
from ai_router.types import Candidate, In, Out, TaskSpec, TaskType
from usage.types import AttemptRecord, AttemptStatus

if TYPE_CHECKING:
    from pydantic import BaseModel

logger = logging.getLogger(__name__)

SHADOW_TASK = "ai_router.ask_beside"
# More than so many that wait are not needed, and larger requests are not kept.
MOST_WAITING = 100
LARGEST_INPUTS = 2_000_000
DELAY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Served:
    """What came of the call that a person made.

    `has_passed` says so of the first answer that any model gave, as for experiments on real calls; `answer` is the text of
    the answer that the person got, None where that is not the first one. Cost and time are those of the whole call.
    """

    candidate: str
    has_passed: bool
    cost_nanousd: int | None
    seconds: float
    answer: str | None


@dataclass(frozen=True, slots=True)
class Repeatable:
    """How a task is found again by another process: what makes its spec for one call, and the form of its inputs."""

    make_spec: Callable[[], TaskSpec[Any, Any]]
    inputs: "type[BaseModel]"


REPEATABLE: dict[str, Repeatable] = {}
"""The tasks that shadow traffic may ask again, by the name of their prompt."""


def allow_shadows(make_spec: Callable[[], TaskSpec[In, Out]], inputs: type[In]) -> None:
    """Let shadow traffic ask a task again; its inputs must survive being written as JSON."""
    REPEATABLE[make_spec().prompt] = Repeatable(make_spec, inputs)


def sample(spec: TaskSpec[In, Out], inputs: In, plan: Plan[Out], outcome: Outcome[Out], *, user: Any) -> None:
    """Note a settled call down, if it is drawn, to be asked once more of an arm."""
    try:
        running = RUNNING.get().get(spec.task_type)
        if running is None or not _is_drawn(running, spec.prompt):
            return
        # The first arm stands for what people get.
        arm = draw(running.number, running.arms[1:], f"call {uuid4()}")
        served = _served(plan, outcome)
        if arm and served and _may_be_asked(arm, plan, served):
            _note(spec.prompt, inputs.model_dump_json(), arm=arm, call_id=plan.call_id, served=served, user=user)
    except (DatabaseError, ValueError):
        logger.warning("A call could not be noted down for shadow traffic", exc_info=True)


def first_answer(attempts: Sequence[AttemptRecord]) -> tuple[Candidate, bool] | None:
    """Return who answered first, and whether that passed, its repair included; None where nobody answered: an outage."""
    hosted = [attempt for attempt in attempts if attempt.provider != EMBEDDED.provider]
    for attempt in hosted:
        is_rejected = attempt.status == AttemptStatus.REJECTED or attempt.error_class in REJECTIONS
        if attempt.status == AttemptStatus.SUCCEEDED or is_rejected:
            first = Candidate(attempt.provider, attempt.model)
            own = [other for other in hosted if Candidate(other.provider, other.model) == first]
            return first, any(other.status == AttemptStatus.SUCCEEDED for other in own)
    return None


def candidate_of(arm: Arm, task_type: TaskType, served: str) -> Candidate | None:
    """Return whom an arm asks: its own model, or, where it only has another prompt, who served; None where it is not set up."""
    if not arm.provider:
        provider, _, model = served.partition("/")
        return Candidate(provider, model)
    if not is_on(arm.provider):
        return None
    model = arm.model or usual_model(arm.provider, task_type)
    return Candidate(arm.provider, model) if model else None


def _is_drawn(running: Running, prompt: str) -> bool:
    return running.is_for(prompt) and prompt in REPEATABLE and secrets.randbelow(100) < running.shadow_percent


def _served(plan: Plan[Out], outcome: Outcome[Out]) -> Served | None:
    """Return what came of the call; None where no model answered, or the answer broke off."""
    attempts = plan.journal.attempts
    found = first_answer(attempts)
    if found is None or not outcome.is_complete:
        return None
    first, has_passed = found
    costs = [attempt.cost_nanousd for attempt in attempts]
    return Served(
        candidate=str(first),
        has_passed=has_passed,
        cost_nanousd=None if None in costs else sum(cost or 0 for cost in costs),
        seconds=time.monotonic() - plan.began,
        answer=outcome.answer.text if outcome.answer and outcome.candidate == first else None,
    )


def _may_be_asked(arm: Arm, plan: Plan[Out], served: Served) -> bool:
    """Whether the arm may see the call's text, and would say something new.

    Only where the route alone decided, so not where a provider was asked for by name, or by a rule. What stayed on the
    site's machines is not sent elsewhere for the sake of a comparison.
    """
    candidate = candidate_of(arm, TaskType(plan.request.task_type), served.candidate)
    if candidate is None or not plan.ends_offline or "rule" in plan.decision or "experiment" in plan.decision:
        return False
    if arm.prompt is None and str(candidate) == served.candidate:
        return False
    has_left = any(leaves_the_site(attempt.provider) for attempt in plan.journal.attempts)
    return has_left or not leaves_the_site(candidate.provider)


def _note(prompt: str, inputs: str, *, arm: Arm, call_id: UUID, served: Served, user: Any) -> None:
    """Write the row, and the task that finds it; the worker looks for itself, so that no message is sent here."""
    from ai_router.scheduling import enqueue

    if len(inputs) > LARGEST_INPUTS or ShadowRequest.objects.count() >= MOST_WAITING:
        return
    owner_id = getattr(user, "pk", None)
    with transaction.atomic():
        row = ShadowRequest.objects.create(
            call_id=call_id,
            arm_id=arm.number,
            owner_id=owner_id,
            prompt=prompt,
            inputs=inputs,
            served=json.dumps(asdict(served)),
        )
        enqueue(SHADOW_TASK, subject_id=row.pk, owner_id=owner_id, priority=0, run_after=timezone.now() + DELAY)
