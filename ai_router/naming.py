"""What a model's name stands for, as other programs write it.

`auto` follows the route of chats, `task:<name>` that of a task, `<provider>/<model>` is that one and nothing else, and a
bare name is looked up: in the settings, on the routes, in the site's catalog, among the site's prices and in the published price lists.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.core.cache import cache

from ai_router.errors import NoProviderAvailableError, UnknownModelError
from ai_router.models import CatalogModel, ModelPrice, RouteCandidate
from ai_router.pricing import is_published
from ai_router.providers import PROVIDERS, is_on
from ai_router.routing import AUTO, EMBEDDED, Choice, choose_candidates, default_model
from ai_router.types import WRITING_TASKS, Candidate, TaskType

TASK_MARK = "task:"
MAX_NAME = 200
KEPT_SECONDS = 5
# Price lists name models of other vendors that the same company resells under another interface.
OWN_FAMILIES = {"gemini": ("gemini", "gemma")}


@dataclass(frozen=True, slots=True)
class Target:
    """Whose line a call is in the ledger, and who may answer it."""

    task_type: TaskType
    choice: Choice


def find_target(name: str, *, optimize_cost: bool = False) -> Target:
    """Return who answers to a name.

    The embedded engine has rules for tasks and none for chats, so it is never among them.

    Raises:
        UnknownModelError: No task, no provider that is set up, or no model of one has this name.
        NoProviderAvailableError: The route that the name stands for has no hosted provider that is set up.
    """
    if len(name) > MAX_NAME or not name.isprintable():
        raise UnknownModelError(name[:MAX_NAME])
    if name == AUTO or name.startswith(TASK_MARK):
        task_type = TaskType.CHAT if name == AUTO else _task(name)
        return _hosted(task_type, choose_candidates(task_type, optimize_cost=optimize_cost))
    provider, slash, model = name.partition("/")
    if slash and model and provider in PROVIDERS and is_on(provider):
        return Target(TaskType.CHAT, _only(Candidate(provider, model)))
    candidates = _hosts(name)
    if not candidates:
        raise UnknownModelError(name)
    return Target(TaskType.CHAT, _only(*candidates))


def follow_task(task_type: TaskType, *, provider: str = AUTO, model: str = "", optimize_cost: bool = False) -> Target:
    """Return who answers a free prompt of a task: its route, or the named provider, with the named model.

    Raises:
        NoProviderAvailableError: Nobody hosted is set up who may answer.
    """
    choice = choose_candidates(task_type, provider=provider, optimize_cost=optimize_cost)
    if provider != AUTO and model:
        choice = replace(choice, hosted=tuple(Candidate(candidate.provider, model) for candidate in choice.hosted))
    return _hosted(task_type, choice)


def embedding_model(name: str) -> str:
    """Return what `embed` calls a model that is named as other programs do.

    Raises:
        UnknownModelError: No provider that is set up, or no model of one, has this name.
    """
    if name in {AUTO, f"{TASK_MARK}{TaskType.EMBEDDING.value}"}:
        return AUTO
    return name if name == EMBEDDED.provider else str(find_target(name).choice.hosted[0])


def listed_models() -> list[Candidate]:
    """Return the models that the site knows by name: default ones, those of routes, those of its catalog and with a price of its own."""
    on = [provider for provider in PROVIDERS if is_on(provider)]
    known = [Candidate(provider, default_model(provider)) for provider in on]
    for table in (RouteCandidate, ModelPrice, CatalogModel):
        rows = table._base_manager.filter(provider__in=on).exclude(model="")
        known += [Candidate(*row) for row in rows.order_by("provider", "model").values_list("provider", "model")]
    return list(dict.fromkeys(known))


def _task(name: str) -> TaskType:
    value = name.removeprefix(TASK_MARK)
    if value not in WRITING_TASKS:
        raise UnknownModelError(name)
    return TaskType(value)


def _hosted(task_type: TaskType, choice: Choice) -> Target:
    if not choice.hosted:
        message = f"no hosted provider is set up for {task_type.value!r}"
        raise NoProviderAvailableError(message)
    return Target(task_type, replace(choice, ends_offline=False))


def _only(*candidates: Candidate) -> Choice:
    return Choice(candidates, ends_offline=False, is_named=True)


def _hosts(model: str) -> list[Candidate]:
    """Return who has a model of this name; kept for some seconds."""
    if not model:
        return []
    key = f"ai_router:hosts:{hashlib.sha256(model.encode()).hexdigest()}"
    kept: list[Candidate] | None = cache.get(key)
    if kept is None:
        kept = [candidate for candidate in listed_models() if candidate.model == model] or list(_published(model))
        cache.set(key, kept, KEPT_SECONDS)
    return [candidate for candidate in kept if is_on(candidate.provider)]


def _published(model: str) -> Iterator[Candidate]:
    """Return the providers that are on and whose price list has the model."""
    for provider, row in PROVIDERS.items():
        if row.is_local or not is_on(provider) or not model.startswith(OWN_FAMILIES.get(provider, "")):
            continue
        if is_published(provider, model):
            yield Candidate(provider, model)
