"""System checks: routes, providers, models and prices that do not fit together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from ai_router.batch_types import unread_pairs
from ai_router.modelbook import facts_in_force
from ai_router.models import PoolCandidate, Route, RouteCandidate, RoutingRule
from ai_router.pricebook import prices_in_force
from ai_router.pricing import Prices
from ai_router.providers import PROVIDERS, is_on, leaves_the_site
from ai_router.routes import FIRST_CHOICES
from ai_router.routing import default_model
from ai_router.strategies import STRATEGIES, find_strategy, strategy_names
from ai_router.types import Candidate, ProviderName, TaskType, provider_choices


def register_checks() -> None:
    """Register all of them; those that read the database run with `migrate` and `check --database`."""
    checks.register(check_settings, "ai_router")
    checks.register(check_tables, "ai_router")
    checks.register(check_prices, checks.Tags.database)
    checks.register(check_routes, checks.Tags.database)
    checks.register(check_models, checks.Tags.database)
    checks.register(check_rules, checks.Tags.database)


def check_settings(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Look for a default provider that does not exist or is off, keys that nobody uses, and limits that contradict."""
    found: list[checks.CheckMessage] = []
    name = settings.DEFAULT_AI_PROVIDER
    if name and name not in dict(provider_choices()):
        known = ", ".join(dict(provider_choices()))
        found.append(
            checks.Error(f"DEFAULT_AI_PROVIDER is {name!r}.", hint=f"Known are: {known}.", id="ai_router.E001")
        )
    elif name and name != ProviderName.EMBEDDED and not is_on(name):
        hint = f"Set the key of {name}, or unset DEFAULT_AI_PROVIDER."
        found.append(checks.Warning(f"DEFAULT_AI_PROVIDER is {name!r}, which is off.", hint=hint, id="ai_router.W001"))
    for provider, row in settings.AI_PROVIDERS.items():
        if row.get("api_key") and provider not in PROVIDERS:
            message = f"There is a key for {provider!r}, but no adapter."
            found.append(checks.Warning(message, hint="The key is not used.", id="ai_router.W002"))
        elif row.get("api_key") and not PROVIDERS[provider].is_installed:
            message = f"There is a key for {provider!r}, but its package is not installed."
            hint = f"Install the extra {PROVIDERS[provider].extra!r}, as in `uv pip install '.[{PROVIDERS[provider].extra}]'`."
            found.append(checks.Warning(message, hint=hint, id="ai_router.W002"))
    found += [
        checks.Warning(
            f"{name.upper()}_MODEL is not set: {name!r} writes with the model that its server lists first.",
            hint="Name a model: what it costs is known by its name.",
            id="ai_router.W010",
        )
        for name, address in settings.AI_COMPATIBLE_PROVIDERS.items()
        if is_on(name) and not address.is_local and not settings.AI_PROVIDERS[name]["model"]
    ]
    found += _strategy_messages()
    found += _batch_messages()
    if settings.AI_DEADLINE_SECONDS < settings.AI_ATTEMPT_SECONDS:
        hint = "An attempt is cut at the deadline: leave time for a second one."
        found.append(checks.Warning("AI_DEADLINE_SECONDS is below AI_ATTEMPT_SECONDS.", hint=hint, id="ai_router.W003"))
    return found


def _batch_messages() -> Iterator[checks.CheckMessage]:
    """Say which pairs of deployments are none."""
    for provider, row in settings.AI_PROVIDERS.items():
        for said in unread_pairs(row.get("batch_deployments", "")):
            yield checks.Error(
                f"{provider.upper()}_OPENAI_BATCH_DEPLOYMENTS has {said!r}, which is no pair of deployments.",
                hint="Write pairs such as gpt-5.4-mini=gpt-5.4-mini-batch, separated by commas, each deployment once.",
                id="ai_router.E008",
            )


def _strategy_messages() -> Iterator[checks.CheckMessage]:
    """Say which strategies of the site's own cannot be used."""
    for name, place in settings.AI_STRATEGIES.items():
        hint = (
            "Write AI_STRATEGIES=name=package.module:function, with names of 40 characters at most that are not taken."
        )
        if name in STRATEGIES or not 0 < len(name) <= 40:
            yield checks.Error(f"A strategy cannot be called {name!r}.", hint=hint, id="ai_router.E006")
            continue
        try:
            is_callable = callable(find_strategy(name))
        except (ImportError, ValueError):
            is_callable = False
        if not is_callable:
            yield checks.Error(f"The strategy {name!r} is not at {place!r}.", hint=hint, id="ai_router.E006")


def check_prices(
    app_configs: Any, *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Look for default models without a known price."""
    if not databases:
        return []
    models = [Candidate(name, default_model(name)) for name in PROVIDERS if is_on(name)]
    return [
        checks.Warning(
            f"No price is known for {candidate}: its calls have no cost, and no budget can hold them.",
            hint="Enter its price under “Model prices” in the admin, or choose another model.",
            id="ai_router.W004",
        )
        for candidate, prices in _prices(models).items()
        if prices is None
    ]


def _prices(candidates: Sequence[Candidate]) -> Mapping[Candidate, Prices | None]:
    """Look prices up; before the first migration there are none of the site."""
    try:
        return prices_in_force(candidates)
    except DatabaseError:
        return {}


def check_tables(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Look for a task without a route, and providers without a name."""
    found: list[checks.CheckMessage] = [
        checks.Error(f"The task {task.value!r} has no route.", hint="Add it to FIRST_CHOICES.", id="ai_router.E002")
        for task in TaskType
        if task not in FIRST_CHOICES
    ]
    found += [
        checks.Error(
            f"The provider {name!r} cannot stand on a route.", hint="Add it to ProviderName.", id="ai_router.E003"
        )
        for name in PROVIDERS
        if name not in dict(provider_choices())
    ]
    return found


def check_routes(
    app_configs: Any, *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Look for routes that name what is not there, or candidates that nobody reaches."""
    if not databases:
        return []
    try:
        return [message for route in Route.objects.prefetch_related("candidates") for message in _route_messages(route)]
    except DatabaseError:
        # Before the first migration there is no table to look at.
        return []


def _route_messages(route: Route) -> Iterator[checks.CheckMessage]:
    """Say what is wrong with a route."""
    if route.strategy not in strategy_names():
        hint = f"Known are: {', '.join(strategy_names())}."
        yield checks.Error(f"The route {route} has strategy {route.strategy!r}.", hint=hint, id="ai_router.E004")
    if route.task_type not in TaskType.values:
        hint = "Delete it in the admin."
        yield checks.Warning(f"There is a route for the task {route.task_type!r}.", hint=hint, id="ai_router.W005")
    is_over = False
    for candidate in route.candidates.all():
        if candidate.provider not in dict(provider_choices()):
            hint = "Correct or delete it in the admin."
            yield checks.Error(f"The route {route} names {candidate.provider!r}.", hint=hint, id="ai_router.E005")
        if is_over and candidate.is_enabled:
            hint = "The embedded engine always answers: move it to the end."
            yield checks.Warning(f"On the route {route}, {candidate} is never asked.", hint=hint, id="ai_router.W006")
        is_over = is_over or (candidate.is_enabled and candidate.provider == ProviderName.EMBEDDED)


def check_models(
    app_configs: Any, *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Look for candidates of routes, pools and rules whose model nobody knows: a slip, or one of the site's own."""
    if not databases:
        return []
    try:
        named = [(place, one) for place, one in _named_models() if one.model and leaves_the_site(one.provider)]
        unknown = {candidate for candidate in {one for _, one in named} if not facts_in_force(candidate).is_known}
    except DatabaseError:
        # Before the first migration there is no table to look at.
        return []
    unpriced = {candidate for candidate, prices in _prices(sorted(unknown, key=str)).items() if prices is None}
    return [
        checks.Warning(
            f"{place} names {candidate}, of which nobody knows what it takes or costs.",
            hint="Correct the name, or say what it is under “Models” in the admin (and its price under “Model prices”).",
            id="ai_router.W011",
        )
        for place, candidate in named
        if candidate in unpriced
    ]


def _named_models() -> Iterator[tuple[str, Candidate]]:
    """Return who names which model; what is switched off is left out."""
    for row in RouteCandidate.objects.filter(is_enabled=True).select_related("route"):
        yield f"The route {row.route}", Candidate(row.provider, row.model)
    for listed in PoolCandidate.objects.filter(is_enabled=True).select_related("pool"):
        yield f"The pool {listed.pool}", Candidate(listed.provider, listed.model)
    for rule in RoutingRule.objects.filter(is_enabled=True):
        yield f"The rule {rule}", Candidate(rule.provider, rule.model)


def check_rules(
    app_configs: Any, *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Look for rules that cannot be read, name what is not there, or stand behind one that takes every request."""
    if not databases:
        return []
    try:
        rules = list(RoutingRule.objects.filter(is_enabled=True).order_by("priority", "name"))
        found = [message for rule in rules for message in _rule_messages(rule)]
        found += [message for row in PoolCandidate.objects.select_related("pool") for message in _pool_messages(row)]
    except DatabaseError:
        # Before the first migration there is no table to look at.
        return []
    taken_by = next((place for place, rule in enumerate(rules) if not rule.conditions), len(rules))
    return [
        *found,
        *(
            checks.Warning(
                f"The rule {rule} is never reached: {rules[taken_by]} holds for every request.",
                hint="Give the one that comes first conditions, or a higher priority number.",
                id="ai_router.W007",
            )
            for rule in rules[taken_by + 1 :]
        ),
    ]


def _rule_messages(rule: RoutingRule) -> Iterator[checks.CheckMessage]:
    """Say what is wrong with a rule."""
    from pydantic import ValidationError

    from ai_router.conditions import conditions_problems, read_conditions

    try:
        read_conditions(rule.conditions)
    except ValidationError as error:
        hint = "; ".join(conditions_problems(error))
        yield checks.Error(f"The conditions of the rule {rule} cannot be read.", hint=hint, id="ai_router.E007")
    if rule.strategy and rule.strategy not in strategy_names():
        hint = f"Known are: {', '.join(strategy_names())}."
        yield checks.Error(f"The rule {rule} has strategy {rule.strategy!r}.", hint=hint, id="ai_router.E004")
    if rule.provider and rule.provider not in dict(provider_choices()):
        hint = "Correct it in the admin."
        yield checks.Error(f"The rule {rule} pins {rule.provider!r}.", hint=hint, id="ai_router.E005")


def _pool_messages(row: PoolCandidate) -> Iterator[checks.CheckMessage]:
    """Say what is wrong with a candidate of a pool."""
    if row.provider not in dict(provider_choices()):
        hint = "Correct or delete it in the admin."
        yield checks.Error(f"The pool {row.pool} names {row.provider!r}.", hint=hint, id="ai_router.E005")
