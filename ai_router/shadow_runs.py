"""Asks the arms of shadow traffic, one at a time, when no person's work waits.

A request is marked before its arm is asked, and never asked again: where a worker dies in between, that comparison is
lost, and the reconciler settles its line. What an arm may cost is held in the experiment's own budget, which is hard; the
budgets of the site, the task and the provider hold it too, those of people never do.
"""

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ai_router import trials
from ai_router.agreement import agreement_of
from ai_router.answers import acceptance, read_answer
from ai_router.calling import ask_candidates
from ai_router.errors import AllProvidersFailedError, CancelledByUserError, PrivacyError, ShadowWaitsError
from ai_router.experiments import Arm, arm_of_row
from ai_router.loop import provider_loop
from ai_router.models import BackgroundTask, ShadowRequest, TaskState
from ai_router.models.experiments import ExperimentState
from ai_router.planning import Beside, Plan, Question, open_plan
from ai_router.privacy import personal_values
from ai_router.prompts import prompt_in_force
from ai_router.routing import Choice
from ai_router.scheduling import Work
from ai_router.schemas import answer_form
from ai_router.settling import settle_failure, settle_success
from ai_router.shadows import REPEATABLE, SHADOW_TASK, Served, candidate_of, first_answer
from ai_router.steps import Outcome
from ai_router.trials import Pair, budget_of, purpose_of
from ai_router.types import Candidate, TaskSpec
from usage.errors import BudgetExceededError
from usage.models import BudgetHold
from usage.standings import list_standings

logger = logging.getLogger(__name__)

# What nobody had time for within an hour is dropped; what is left of crashes goes after a day.
MOST_AGE = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Again:
    """A call that is to be asked once more: what, of whom, and what came of it the first time."""

    row: ShadowRequest
    spec: TaskSpec[Any, Any]
    inputs: Any
    arm: Arm
    candidate: Candidate
    served: Served


def ask_beside(work: Work) -> None:
    """Ask the arm of a noted call, and add the pair of answers to the experiment; the request is deleted in any case.

    Raises:
        ShadowWaitsError: Somebody's work goes first; the request waits.
    """
    row = ShadowRequest.objects.select_related("arm__experiment", "arm__prompt_text").filter(pk=work.subject_id).first()
    if row is None:
        return
    try:
        again = _read(row)
        pair = _ask(again) if again is not None else None
        with work.finishing():
            if pair is not None:
                trials.add_pair(row.arm, pair)
            row.delete()
    except ShadowWaitsError:
        raise
    except BaseException:
        ShadowRequest.objects.filter(pk=row.pk).delete()
        raise


def forget_shadows(*, now: datetime | None = None) -> int:
    """Delete requests that nobody will ask any more; return how many those were."""
    return ShadowRequest.objects.filter(created_at__lt=(now or timezone.now()) - FORGOTTEN_AFTER).delete()[0]


def _read(row: ShadowRequest) -> Again | None:
    """Return what is to be asked; None where it is too late for it, or it was asked by a worker that died."""
    experiment = row.arm.experiment
    repeatable = REPEATABLE.get(row.prompt)
    is_wanted = experiment.state == ExperimentState.RUNNING and row.arm.is_on
    if not is_wanted or repeatable is None or row.asked_at or row.created_at < timezone.now() - MOST_AGE:
        return None
    if budget_of(experiment) is None:
        trials.stop(experiment, "its budget was taken away")
        return None
    spec, served, arm = repeatable.make_spec(), Served(**json.loads(row.served)), arm_of_row(row.arm)
    candidate = candidate_of(arm, spec.task_type, served.candidate)
    if candidate is None:
        return None
    return Again(row, spec, repeatable.inputs.model_validate_json(row.inputs), arm, candidate, served)


def _ask(again: Again) -> Pair | None:
    """Ask the arm, and return both answers' figures; None where nothing could be asked."""
    _let_others_go_first(again.row)
    mine = ShadowRequest.objects.filter(pk=again.row.pk, asked_at=None)
    if not mine.update(asked_at=timezone.now()):
        return None
    try:
        plan = _open(again)
    except BudgetExceededError as error:
        _consider_the_end(again, error)
        return None
    except PrivacyError:
        return None
    if plan is None:
        return None
    outcome = _answer(plan)
    agreement = _agreement(again, outcome)
    plan.decision["shadow"] |= {} if agreement is None else {"agreement": round(agreement, 4)}
    seconds = time.monotonic() - plan.began
    cost: int | None = None
    if outcome is None:
        settle_failure(plan, AllProvidersFailedError(plan.journal.attempts))
        costs = [attempt.cost_nanousd for attempt in plan.journal.attempts]
        cost = None if None in costs else sum(one or 0 for one in costs)
    else:
        cost = settle_success(plan, outcome).cost_nanousd
    found = first_answer(plan.journal.attempts)
    return Pair(again.served, found[1] if found else None, cost, seconds, agreement)


def _let_others_go_first(row: ShadowRequest) -> None:
    """Wait while anything else waits, or another request is being asked."""
    due = Q(run_after=None) | Q(run_after__lte=timezone.now())
    waiting = BackgroundTask.objects.filter(due, state=TaskState.QUEUED).exclude(name=SHADOW_TASK)
    asked = ShadowRequest.objects.filter(asked_at__isnull=False).exclude(pk=row.pk)
    if waiting.exists() or asked.exists():
        raise ShadowWaitsError


def _open(again: Again) -> Plan[Any] | None:
    """Hold what the arm may cost, and write its line; None where its own budget does not hold it."""
    experiment, spec, inputs = again.row.arm.experiment, again.spec, again.inputs
    prompt = again.arm.prompt or prompt_in_force(spec.prompt)
    question: Question[Any] = Question(
        spec.task_type,
        messages=cache(lambda: prompt.render(inputs)),
        accept=acceptance(spec, inputs),
        max_output_tokens=spec.max_output_tokens,
        form=answer_form(spec.answer_schema) if spec.answer_schema else None,
        falls_back_on_refusal=spec.falls_back_on_refusal,
        prompt_version=prompt.version,
        personal=lambda: personal_values(inputs, spec.personal),
    )
    choice = Choice((again.candidate,), ends_offline=False, is_named=True)
    beside = Beside(purpose_of(experiment), again.row.call_id)
    plan = open_plan(question, choice, user=None, request_id="", beside=beside)
    plan.decision["shadow"] = {"experiment": experiment.name, "arm": again.arm.name, "of": str(again.row.call_id)}
    holds = BudgetHold.objects.filter(call_id=plan.call_id, window__budget__purpose=purpose_of(experiment))
    if plan.held_nanousd and not holds.exists():
        # The experiment was stopped in this very moment, and its budget put away.
        settle_failure(plan, CancelledByUserError())
        return None
    # Nobody waits for it, so it is not worth a second request.
    plan.request = replace(plan.request, limits=replace(plan.request.limits, hedge=None))
    return plan


def _answer(plan: Plan[Any]) -> Outcome[Any] | None:
    """Return the arm's accepted answer; None where it has none."""
    loop = provider_loop()
    try:
        return loop.start(ask_candidates(plan.request, plan.journal, upstream=loop.upstream)).wait()
    except AllProvidersFailedError:
        return None
    except BaseException as error:
        settle_failure(plan, error)
        raise


def _agreement(again: Again, outcome: Outcome[Any] | None) -> float | None:
    """Return how far both answers agree; None where one is missing, or the task has no form."""
    if outcome is None or outcome.answer is None or again.served.answer is None or again.spec.answer_schema is None:
        return None
    texts: Sequence[str] = (again.served.answer, outcome.answer.text)
    try:
        one, other = (read_answer(again.spec.answer_schema, text, may_be_cut=True)[0] for text in texts)
    except ValueError:
        return None
    return agreement_of(one.model_dump(mode="json"), other.model_dump(mode="json"))  # type: ignore[union-attr]  # of a form


def _consider_the_end(again: Again, error: BudgetExceededError) -> None:
    """End the experiment where its own budget has no room for another answer; other budgets only cost this comparison."""
    experiment = again.row.arm.experiment
    budget = budget_of(experiment)
    if budget is None or error.budget_name != budget.name:
        return
    (standing,) = [one for one in list_standings() if one.budget.pk == budget.pk]
    if not standing.held_nanousd:
        trials.stop(experiment, "its budget leaves no room for another answer")
