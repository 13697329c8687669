"""Who may answer a request, and in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings

from ai_router.errors import NoProviderAvailableError, RequestDeniedError
from ai_router.freezes import heed_freezes
from ai_router.kept_keys import refresh_keys
from ai_router.modelbook import facts_in_force
from ai_router.providers import PROVIDERS, is_on
from ai_router.routes import ROUTES, Listed, first_route
from ai_router.rules import Facts, Rule, first_match
from ai_router.situation import Traits
from ai_router.types import Candidate, ProviderName, StrategyName, TaskType, Wishes

if TYPE_CHECKING:
    from ai_router.experiments import Enrolment
    from ai_router.planning import Question

EMBEDDED = Candidate(ProviderName.EMBEDDED.value, "rules")
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Choice:
    """The hosted candidates of a request in the route's order, whether the embedded engine stands behind them, and why.

    `traits` is what the route says of its candidates, `wishes` what the caller wants; `is_named` says that a provider was
    asked for by name, `rule` which rule decided, `owner` whose request it is, and `experiment` which arm it has.
    """

    hosted: tuple[Candidate, ...] = ()
    ends_offline: bool = True
    strategy: str = StrategyName.PREFERRED
    passed_over: tuple[tuple[str, str], ...] = ()
    traits: Mapping[Candidate, Traits] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=Wishes)
    is_named: bool = False
    rule: str = ""
    owner: str = ""
    experiment: Mapping[str, Any] | None = None


def choose_candidates(
    task_type: TaskType,
    *,
    provider: str = AUTO,
    optimize_cost: bool = False,
    wishes: Wishes | None = None,
    question: "Question[Any] | None" = None,
    user: Any = None,
) -> Choice:
    """Return who may answer.

    `auto` follows the task's route; candidates without a key, and providers that have just refused their key, are
    passed over. `embedded` means the embedded engine alone, a provider's name that provider alone.

    A rule may put a pool or one model in the place of the route's candidates, or refuse the request. One that refuses also
    holds for a provider asked for by name; none holds for the embedded engine, which asks nobody.

    Raises:
        NoProviderAvailableError: A provider was asked for by name that is not set up.
        RequestDeniedError: A rule refuses such requests.
        FrozenError: The calls of this token, user or task were stopped.
    """
    choice = _choose(
        task_type, provider=provider, optimize_cost=optimize_cost, wishes=wishes, question=question, user=user
    )
    return heed_freezes(choice, task_type, user)


def _choose(
    task_type: TaskType,
    *,
    provider: str,
    optimize_cost: bool,
    wishes: Wishes | None,
    question: "Question[Any] | None",
    user: Any,
) -> Choice:
    """Follow rules and the route."""
    if provider == EMBEDDED.provider or (provider == AUTO and EMBEDDED.provider == settings.DEFAULT_AI_PROVIDER):
        return Choice()
    refresh_keys()
    wishes = wishes or Wishes()
    if optimize_cost and not wishes.strategy:
        wishes = replace(wishes, strategy=StrategyName.COST_OPTIMIZED.value)
    rule = first_match(Facts(task_type, wishes, question=question, user=user))
    if rule is not None and rule.is_denial:
        raise RequestDeniedError(rule.name, rule.message)
    owner = str(getattr(user, "pk", None) or "")
    if provider != AUTO:
        if not is_on(provider):
            message = f"provider {provider!r} is not set up"
            raise NoProviderAvailableError(message)
        model = usual_model(provider, task_type)
        return Choice((Candidate(provider, model),), ends_offline=False, is_named=True, owner=owner)
    if not any(is_on(name) for name in PROVIDERS):
        return Choice()
    choice = _follow(task_type, rule, wishes=wishes, owner=owner)
    if question is not None and question.enrolment is not None:
        choice = _take_part(choice, task_type, wishes, question.enrolment)
    strategy = _strategy(choice, wishes)
    return choice if strategy == choice.strategy else replace(choice, strategy=strategy)


def _take_part(choice: Choice, task_type: TaskType, wishes: Wishes, enrolment: "Enrolment") -> Choice:
    """Put the arm's candidate first, if it has one; what a rule or the caller wants of the order goes before.

    So does it for every arm alike, and those calls are counted for none.
    """
    arm = enrolment.arm
    if not choice.hosted or choice.rule or _strategy(choice, wishes) != choice.strategy:
        return choice
    if not arm.provider:
        return replace(choice, experiment=enrolment.record)
    model = arm.model or usual_model(arm.provider, task_type) if arm.provider in PROVIDERS else ""
    reason = _why_not(arm.provider) or ("" if model else "no model for this task")
    if reason:
        passed_over = (*choice.passed_over, (f"{arm.provider}/{model}", f"experiment: {reason}"))
        return replace(choice, passed_over=passed_over)
    own = Candidate(arm.provider, model)
    return replace(
        choice,
        hosted=(own, *(candidate for candidate in choice.hosted if candidate != own)),
        strategy=StrategyName.PREFERRED,
        experiment={**enrolment.record, "candidate": str(own)},
    )


def reconsider(choice: Choice, task_type: TaskType, *, question: "Question[Any]", user: Any) -> Choice:
    """Return a choice that was made before its request was known, as it is with the request known: rules may say more.

    Raises:
        NoProviderAvailableError: Nobody hosted is left.
        RequestDeniedError: A rule refuses such requests.
        FrozenError: The calls of this token, user or task were stopped.
    """
    found = choose_candidates(task_type, wishes=choice.wishes, question=question, user=user)
    kept = replace(choice, owner=found.owner) if choice.is_named else replace(found, ends_offline=choice.ends_offline)
    final = heed_freezes(kept, task_type, user)
    if not final.hosted and not final.ends_offline:
        message = f"no hosted provider is set up for {task_type.value!r}"
        raise NoProviderAvailableError(message)
    return final


def _strategy(choice: Choice, wishes: Wishes) -> str:
    """Return the strategy of a call: what its caller asks for, or else the rule's or the route's."""
    if wishes.strategy:
        return wishes.strategy
    if wishes.complexity is not None or wishes.cost_sensitive or wishes.speed_priority:
        return StrategyName.BALANCED.value
    return choice.strategy


def _follow(task_type: TaskType, rule: Rule | None, *, wishes: Wishes, owner: str) -> Choice:
    """Walk the candidates of the rule or else of the task's route.

    What stands behind the embedded engine is never reached. `DEFAULT_AI_PROVIDER` comes first on routes alone: a rule is
    more particular.
    """
    route = ROUTES.get().get(task_type) or first_route(task_type)
    strategy = (rule.strategy if rule else "") or route.strategy
    listed = _listed(rule, task_type)
    if rule is None or listed is None:
        choice = walk(route.candidates, task_type)
        hosted = tuple(_default_first(choice.hosted, task_type))
        name = rule.name if rule else ""
        return replace(choice, hosted=hosted, strategy=strategy, rule=name, wishes=wishes, owner=owner)
    return replace(walk(listed, task_type), strategy=strategy, rule=rule.name, wishes=wishes, owner=owner)


def _listed(rule: Rule | None, task_type: TaskType) -> tuple[Listed, ...] | None:
    """Return the candidates of a rule; None leaves those of the route.

    A rule for every task has candidates that write. Those of them that make vectors are for embeddings, or else the route's.
    """
    if rule is None or rule.candidates is None or task_type is not TaskType.EMBEDDING:
        return rule.candidates if rule else None
    if TaskType.EMBEDDING in rule.conditions.tasks:
        return rule.candidates
    return (
        tuple(
            listed
            for listed in rule.candidates
            if listed.model and facts_in_force(Candidate(listed.provider, listed.model)).embeds
        )
        or None
    )


def walk(candidates: Sequence[Listed], task_type: TaskType) -> Choice:
    """Return who of these may be asked now, in this order, and why the others may not."""
    traits: dict[Candidate, Traits] = {}
    passed_over: list[tuple[str, str]] = []
    for listed in candidates:
        if listed.provider == EMBEDDED.provider:
            break
        reason = _why_not(listed.provider)
        model = "" if reason else listed.model or usual_model(listed.provider, task_type)
        if not model:
            reason = reason or "no model for this task"
            passed_over.append((f"{listed.provider}/{listed.model}" if listed.model else listed.provider, reason))
        else:
            traits.setdefault(Candidate(listed.provider, model), listed.traits)
    return Choice(tuple(traits), passed_over=tuple(passed_over), traits=traits)


def _why_not(provider: str) -> str:
    """Return why a provider is passed over; empty where it is not."""
    if provider not in PROVIDERS:
        return "not built in"
    return "" if is_on(provider) else "no key"


def _default_first(hosted: Sequence[Candidate], task_type: TaskType) -> list[Candidate]:
    """Put `DEFAULT_AI_PROVIDER` first where it is set up, with `DEFAULT_AI_MODEL` where that is set; once each."""
    name = settings.DEFAULT_AI_PROVIDER
    if name and name in PROVIDERS and not _why_not(name) and (model := usual_model(name, task_type)):
        hosted = [Candidate(name, model), *(c for c in hosted if c.provider != name)]
    return list(dict.fromkeys(hosted))


def usual_model(provider: str, task_type: str) -> str:
    """Return the model of a provider for a task where nothing names one; empty where it has none."""
    return PROVIDERS[provider].embedding_model if task_type == TaskType.EMBEDDING else default_model(provider)


def default_model(provider: str) -> str:
    """Return the model of a provider where nothing names one.

    `<PROVIDER>_MODEL` comes first, then `DEFAULT_AI_MODEL` (which belongs to `DEFAULT_AI_PROVIDER`, or, with none set, to
    OpenAI), then the adapter's own.
    """
    own = str(settings.AI_PROVIDERS.get(provider, {}).get("model", ""))
    if own:
        return own
    if settings.DEFAULT_AI_MODEL and provider == (settings.DEFAULT_AI_PROVIDER or ProviderName.OPENAI):
        return str(settings.DEFAULT_AI_MODEL)
    return PROVIDERS[provider].default_model
