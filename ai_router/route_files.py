"""Routes, pools and rules as a YAML file: read and checked as a whole, applied as a whole, and written back."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError as Refused
from django.db import models, transaction
from pydantic import Field, ValidationError, field_validator, model_validator

from ai_router.conditions import Conditions
from ai_router.models import Pool, PoolCandidate, Route, RouteCandidate, RoutingRule
from ai_router.models.routes import ListedCandidate
from ai_router.models.rules import RuleAction
from ai_router.routes import ROUTES
from ai_router.rules import RULES
from ai_router.strategies import strategy_names
from ai_router.types import ProviderName, StrategyName, TaskType, provider_choices
from ai_router.yaml_files import Changes, Part, YamlFileError, read_yaml, write_yaml

VERSION = 1


class CandidateEntry(Part):
    """One candidate; without a model the provider's default one."""

    provider: str
    model: str = Field("", max_length=120)
    weight: int = Field(1, ge=0, le=32_767)
    quality: int | None = Field(None, ge=0, le=32_767)
    enabled: bool = True

    @field_validator("provider")
    @classmethod
    def _provider_exists(cls, provider: str) -> str:
        known = dict(provider_choices())
        if provider not in known:
            message = f"there is no provider {provider!r}; known are {', '.join(known)}"
            raise ValueError(message)
        return provider

    @model_validator(mode="after")
    def _embedded_has_no_models(self) -> "CandidateEntry":
        if self.provider == ProviderName.EMBEDDED and self.model:
            message = "the embedded engine has no models"
            raise ValueError(message)
        return self


def _each_once(candidates: tuple[CandidateEntry, ...]) -> tuple[CandidateEntry, ...]:
    seen: set[tuple[str, str]] = set()
    for entry in candidates:
        if (entry.provider, entry.model) in seen:
            message = f"{entry.provider}/{entry.model or 'default'} stands there twice"
            raise ValueError(message)
        seen.add((entry.provider, entry.model))
    return candidates


def _known_strategy(strategy: str) -> str:
    if strategy and strategy not in strategy_names():
        message = f"there is no strategy {strategy!r}; known are {', '.join(strategy_names())}"
        raise ValueError(message)
    return strategy


class RouteEntry(Part):
    """The route of a task."""

    strategy: str = StrategyName.PREFERRED.value
    candidates: tuple[CandidateEntry, ...]

    _once = field_validator("candidates")(_each_once)
    _strategy = field_validator("strategy")(_known_strategy)


class ActionEntry(Part):
    """What a rule does: `pool` and `strategy`, or `pin`, or `deny`."""

    pool: str = ""
    strategy: str = ""
    pin: CandidateEntry | None = None
    deny: str = Field("", max_length=300)

    _strategy = field_validator("strategy")(_known_strategy)

    @model_validator(mode="after")
    def _does_one_thing(self) -> "ActionEntry":
        things = [bool(self.pool or self.strategy), self.pin is not None, bool(self.deny)]
        if sum(things) != 1:
            message = "say one thing: a pool or a strategy or both, or pin, or deny"
            raise ValueError(message)
        return self


class RuleEntry(Part):
    """A rule."""

    name: str = Field(min_length=1, max_length=80)
    priority: int = Field(100, ge=0, le=32_767)
    enabled: bool = True
    when: Conditions = Field(default_factory=Conditions)
    then: ActionEntry


class RouteFile(Part):
    """A whole file. What it does not name stays as it is, unless it is pruned."""

    version: int = VERSION
    pools: dict[str, tuple[CandidateEntry, ...]] = Field(default_factory=dict)
    routes: dict[str, RouteEntry] = Field(default_factory=dict)
    rules: tuple[RuleEntry, ...] = ()

    @field_validator("version")
    @classmethod
    def _is_ours(cls, version: int) -> int:
        if version != VERSION:
            message = f"this is version {version}; known is {VERSION}"
            raise ValueError(message)
        return version

    @field_validator("pools")
    @classmethod
    def _pools_have_names(cls, pools: dict[str, tuple[CandidateEntry, ...]]) -> dict[str, tuple[CandidateEntry, ...]]:
        for name, candidates in pools.items():
            try:
                Pool._meta.get_field("name").clean(name, None)
            except Refused as error:
                message = f"{name!r}: {error.messages[0]}"
                raise ValueError(message) from error
            _each_once(candidates)
        return pools

    @field_validator("routes")
    @classmethod
    def _routes_have_tasks(cls, routes: dict[str, RouteEntry]) -> dict[str, RouteEntry]:
        for name in routes:
            if name not in TaskType.values:
                message = f"there is no task {name!r}; known are {', '.join(TaskType.values)}"
                raise ValueError(message)
        return routes

    @field_validator("rules")
    @classmethod
    def _rules_have_names_of_their_own(cls, rules: tuple[RuleEntry, ...]) -> tuple[RuleEntry, ...]:
        names = [rule.name for rule in rules]
        for name in names:
            if names.count(name) > 1:
                message = f"there are two rules called {name!r}"
                raise ValueError(message)
        return rules


def read_file(text: str) -> RouteFile:
    """Read and check a file.

    Raises:
        YamlFileError: It is no YAML, or not in the form; nothing was changed.
    """
    return read_yaml(text, RouteFile, unknown="there is no such condition")


def apply_file(file: RouteFile, *, prune: bool = False, dry_run: bool = False) -> Changes:
    """Make the database say what the file says, all of it or nothing.

    Args:
        file: What to apply.
        prune: Delete the pools and rules that the file does not name.
        dry_run: Undo everything at the end; what would have changed is returned all the same.

    Raises:
        YamlFileError: A rule names a pool that is neither in the file nor in the database.
    """
    with transaction.atomic():
        before = export_file()
        changes = _apply(file, before, prune=prune)
        if dry_run:
            transaction.set_rollback(True)
    ROUTES.forget()
    RULES.forget()
    return changes


def _apply(file: RouteFile, before: RouteFile, *, prune: bool) -> Changes:
    changes = Changes()
    old_rules = {rule.name: rule for rule in before.rules}
    for name, candidates in file.pools.items():
        if changes.note(f"pool {name}", before.pools.get(name), candidates):
            pool, _ = Pool.objects.get_or_create(name=name)
            _replace(PoolCandidate, candidates, pool=pool)
    for task, route in file.routes.items():
        if changes.note(f"route {task}", before.routes.get(task), route):
            row, _ = Route.objects.update_or_create(task_type=task, defaults={"strategy": route.strategy})
            _replace(RouteCandidate, route.candidates, route=row)
    for rule in file.rules:
        if changes.note(f"rule {rule.name}", old_rules.get(rule.name), rule):
            _save_rule(rule)
    if prune:
        kept = {rule.name for rule in file.rules}
        changes.deleted += [f"rule {name}" for name in old_rules if name not in kept]
        RoutingRule.objects.exclude(name__in=kept).delete()
        changes.deleted += [f"pool {name}" for name in before.pools if name not in file.pools]
        Pool.objects.exclude(name__in=file.pools).delete()
    return changes


def _replace(table: type[ListedCandidate], entries: Iterable[CandidateEntry], **owner: models.Model) -> None:
    """Put the candidates of a route or pool in the place of those that it has."""
    table._base_manager.filter(**owner).delete()
    # One by one, as each is a line of the audit log.
    for position, entry in enumerate(entries, 1):
        table._base_manager.create(
            position=position,
            provider=entry.provider,
            model=entry.model,
            weight=entry.weight,
            quality=entry.quality,
            is_enabled=entry.enabled,
            **owner,
        )


def _save_rule(entry: RuleEntry) -> None:
    pool = None
    if entry.then.pool:
        pool = Pool.objects.filter(name=entry.then.pool).first()
        if pool is None:
            message = f"rules: {entry.name!r} names the pool {entry.then.pool!r}, which is not there"
            raise YamlFileError([message])
    action = RuleAction.DENY if entry.then.deny else RuleAction.PIN if entry.then.pin else RuleAction.ROUTE
    RoutingRule.objects.update_or_create(
        name=entry.name,
        defaults={
            "priority": entry.priority,
            "is_enabled": entry.enabled,
            "conditions": entry.when.given(),
            "action": action,
            "pool": pool,
            "strategy": entry.then.strategy,
            "provider": entry.then.pin.provider if entry.then.pin else "",
            "model": entry.then.pin.model if entry.then.pin else "",
            "message": entry.then.deny,
        },
    )


def export_file() -> RouteFile:
    """Return what the database says, as a file; rows that no check would pass are left out."""
    pools = Pool.objects.prefetch_related("candidates")
    routes = Route.objects.filter(task_type__in=TaskType.values).prefetch_related("candidates")
    rules = RoutingRule.objects.select_related("pool")
    return RouteFile.model_construct(
        version=VERSION,
        pools={pool.name: _entries(pool.candidates.all()) for pool in pools},
        routes={
            route.task_type: RouteEntry.model_construct(
                strategy=route.strategy, candidates=_entries(route.candidates.all())
            )
            for route in routes
        },
        rules=tuple(_rule_entry(rule) for rule in rules if _is_readable(rule)),
    )


def write_file(file: RouteFile) -> str:
    """Return the file as YAML; what has its usual value is left out."""
    raw = file.model_dump(mode="json", exclude_defaults=True)
    return write_yaml({"version": VERSION, **raw})


def _entries(rows: Iterable[ListedCandidate]) -> tuple[CandidateEntry, ...]:
    return tuple(
        CandidateEntry.model_construct(
            provider=row.provider, model=row.model, weight=row.weight, quality=row.quality, enabled=row.is_enabled
        )
        for row in rows
    )


def _is_readable(rule: RoutingRule) -> bool:
    try:
        Conditions.model_validate(rule.conditions)
    except ValidationError:
        return False
    return True


def _rule_entry(rule: RoutingRule) -> RuleEntry:
    pin = CandidateEntry.model_construct(provider=rule.provider, model=rule.model) if rule.provider else None
    return RuleEntry.model_construct(
        name=rule.name,
        priority=rule.priority,
        enabled=rule.is_enabled,
        when=Conditions.model_validate(rule.conditions),
        then=ActionEntry.model_construct(
            pool=rule.pool.name if rule.pool else "",
            strategy=rule.strategy,
            pin=pin if rule.action == RuleAction.PIN else None,
            deny=rule.message if rule.action == RuleAction.DENY else "",
        ),
    )
