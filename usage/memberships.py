"""Who belonged to which group when, as far back as the site has kept it.

A group's budget counts the calls of those who are members when they are opened, and when it counts anew, those of the members of
that moment. What is set right later has to find the windows that counted a call, whoever is a member by then.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, Q
from django.db.models.signals import m2m_changed
from django.utils import timezone

from usage.models import GroupMembership

ENDS = ("post_remove", "pre_clear")


def was_member(*, user_id: int, group_id: int, at: datetime) -> bool:
    """Whether a person belonged to a group at a moment."""
    stays = GroupMembership.objects.filter(user_id=user_id, group_id=group_id, since__lte=at)
    return stays.filter(Q(until=None) | Q(until__gt=at)).exists()


def watch() -> None:
    """Write down from now on who joins and leaves, in the transaction in which they do."""
    through = get_user_model().groups.through
    m2m_changed.connect(_note, sender=through, dispatch_uid="usage.memberships")


def _note(instance: Model, action: str, reverse: bool, pk_set: Collection[Any] | None, **_: Any) -> None:  # noqa: FBT001 - Django's signal
    """Write down a change, seen from the account or, reversed, from the group."""
    own, other = ("group_id", "user_id") if reverse else ("user_id", "group_id")
    now = timezone.now()
    if action == "post_add":
        GroupMembership.objects.bulk_create(
            GroupMembership(**{own: instance.pk, other: key, "since": now}) for key in sorted(pk_set or ())
        )
    elif action in ENDS:
        stays = GroupMembership.objects.filter(**{own: instance.pk}, until=None)
        (stays if pk_set is None else stays.filter(**{f"{other}__in": pk_set})).update(until=now)
