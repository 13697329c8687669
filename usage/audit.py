"""The audit log: every change of what is set, with each field before and after, and who changed it.

Models are listed once, by the app that they belong to (`audit`). Their rows are watched by Django's signals, so that it
does not matter whether a change comes from the admin, a page, the API or a command; the line is written in the
transaction of the change. What code changes by `update()` sends no signal: it writes its line with `record`.
"""

import getpass
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.db.models import ManyToManyField, Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save

from usage.models import AuditEntry
from usage.types import AuditAction

SITE = "the site itself"
HIDDEN = "(not shown)"
LONGEST = 2_000
# Commands that serve requests and do background work, so that whoever started them changes nothing.
SERVERS: tuple[list[str], ...] = ([], ["serve"], ["runserver"])
_KEPT = "_audit_before"


@dataclass(frozen=True, slots=True)
class _Watch:
    """What is written of a model's rows: never fields of `ignored`, of `secret` only that they changed.

    Where `only` names fields, it is those alone, and that a row was made is not written.
    """

    ignored: frozenset[str]
    secret: frozenset[str]
    only: frozenset[str]


_watched: dict[type[Model], _Watch] = {}
_actor: ContextVar[Any] = ContextVar("audit_actor", default=None)


def audit(
    model: type[Model],
    *,
    ignored: Collection[str] = (),
    secret: Collection[str] = (),
    only: Collection[str] = (),
) -> None:
    """Have every change of a model's rows written to the audit log; a second call changes nothing.

    Args:
        model: The model.
        ignored: Fields whose change is none, such as when something was last used.
        secret: Fields of which it is only told that they changed.
        only: Fields whose change counts, where most do not; then nothing is written of new rows.
    """
    is_new = model not in _watched
    _watched[model] = _Watch(frozenset(ignored), frozenset(secret), frozenset(only))
    if not is_new:
        return
    uid = f"audit-{model._meta.label}"
    pre_save.connect(_before, sender=model, dispatch_uid=uid)
    post_save.connect(_saved, sender=model, dispatch_uid=uid)
    post_delete.connect(_deleted, sender=model, dispatch_uid=uid)
    for field in model._meta.many_to_many:
        m2m_changed.connect(_linked, sender=field.remote_field.through, dispatch_uid=f"{uid}-{field.name}")


@contextmanager
def acting(actor: Any) -> Iterator[None]:
    """Name who makes the changes within: a user, or a word for a command."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def record(
    action: AuditAction,
    row: Model,
    *,
    changes: Mapping[str, Any] | None = None,
    actor: Any = None,
    reason: str = "",
) -> AuditEntry:
    """Write a line of the audit log."""
    actor = actor if actor is not None else _current_actor()
    is_user = isinstance(actor, Model)
    return AuditEntry.objects.create(
        actor=actor if is_user else None,
        actor_name=(actor.get_username() if is_user else str(actor or SITE))[:150],
        action=action,
        model=str(row._meta.verbose_name)[:100],
        object_id=str(row.pk)[:64],
        object_name=str(row)[:200],
        changes=dict(changes or {}),
        reason=reason[:500],
    )


class AuditMiddleware:
    """Names the signed-in user as the one who makes the changes of a request."""

    async_capable = sync_capable = True

    def __init__(self, get_response: Any) -> None:
        """Take the next in line."""
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        if self.is_async:
            return self._answer(request)
        with acting(request):
            return self.get_response(request)

    async def _answer(self, request: Any) -> Any:
        with acting(request):
            return await self.get_response(request)


def _current_actor() -> Any:
    """Return who is at work: the user of the request, once they are known, or whoever runs a command."""
    actor = _actor.get()
    if actor is None and Path(sys.argv[0]).name == "manage.py" and sys.argv[1:2] not in SERVERS:
        return f"{_account()} (manage.py {' '.join(sys.argv[1:2])})"
    if hasattr(actor, "META"):
        user = getattr(actor, "user", None)
        return user if user is not None and user.is_authenticated else "somebody not signed in"
    return actor


def _account() -> str:
    """Return the name of the machine's account that runs a command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def _before(sender: type[Model], instance: Model, update_fields: Collection[str] | None = None, **_: Any) -> None:
    """Keep how the row was, unless nothing that counts is going to change."""
    instance.__dict__.pop(_KEPT, None)
    is_new = instance.pk is None or instance._state.adding  # noqa: SLF001 - Django's own, and documented
    if is_new or not _counted(sender, update_fields):
        return
    known = sender._base_manager.filter(pk=instance.pk).first()
    if known is not None:
        instance.__dict__[_KEPT] = _values(known)


def _saved(
    sender: type[Model],
    instance: Model,
    created: bool,  # noqa: FBT001 - Django's signal
    raw: bool = False,  # noqa: FBT001, FBT002
    update_fields: Collection[str] | None = None,
    **_: Any,
) -> None:
    """Write what has changed."""
    before = instance.__dict__.pop(_KEPT, None)
    if raw or (before is None and (not created or _watched[sender].only)):
        return
    after = _values(instance)
    names = _counted(sender, update_fields)
    changes = {
        name: [_shown(sender, name, (before or {}).get(name)), _shown(sender, name, after[name])]
        for name in names
        if (before or {}).get(name) != after[name]
    }
    # What was empty, and still is, says nothing.
    changes = {name: pair for name, pair in changes.items() if pair != [None, None]}
    if changes or created:
        record(AuditAction.CREATED if created else AuditAction.CHANGED, instance, changes=changes)


def _deleted(sender: type[Model], instance: Model, **_: Any) -> None:
    """Write how it was."""
    values = _values(instance)
    changes = {name: [_shown(sender, name, values[name]), None] for name in _counted(sender, None)}
    record(AuditAction.DELETED, instance, changes={name: pair for name, pair in changes.items() if pair[0] is not None})


def _linked(  # noqa: PLR0917 - Django's signal
    sender: type[Model],
    instance: Model,
    action: str,
    reverse: bool,  # noqa: FBT001 - Django's signal
    model: type[Model],
    pk_set: Collection[Any] | None,
    **_: Any,
) -> None:
    """Write what was added to, or taken from, a list of other rows."""
    if reverse or action not in {"post_add", "post_remove", "post_clear"}:
        return
    field = next(
        (
            one
            for one in instance._meta.many_to_many
            if isinstance(one, ManyToManyField) and one.remote_field.through is sender
        ),
        None,
    )
    if field is None or (action != "post_clear" and not pk_set):
        return
    names = ", ".join(str(row) for row in model._base_manager.filter(pk__in=pk_set or ())) or "all"
    pair = [None, names] if action == "post_add" else [names, None]
    record(AuditAction.CHANGED, instance, changes={field.name: pair})


def _counted(model: type[Model], update_fields: Collection[str] | None) -> list[str]:
    """Return the fields whose change is written."""
    watch = _watched[model]
    names = {field.name for field in model._meta.concrete_fields if not field.primary_key} - watch.ignored
    if watch.only:
        names &= watch.only
    if update_fields is not None:
        names &= set(update_fields)
    return sorted(names)


def _values(row: Model) -> dict[str, Any]:
    """Return the row's values by the names of their fields."""
    return {field.name: field.value_from_object(row) for field in row._meta.concrete_fields}


def _shown(model: type[Model], name: str, value: Any) -> Any:
    """Return a value as it is written: what JSON knows, no secret, nothing endless."""
    if value is None or value == "":
        return None
    if name in _watched[model].secret:
        return HIDDEN
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | dict):
        text = str(value)
        return value if len(text) <= LONGEST else text[:LONGEST]
    return str(value)[:LONGEST]
