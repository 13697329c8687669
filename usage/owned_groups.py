"""Groups whose figures a person may see without being staff. Looked up with each request, so whoever is removed sees no more."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import QuerySet

from usage.models import GroupOwner


def groups_owned_by(user: Any) -> QuerySet[Group]:
    """Return the groups that a person owns."""
    return Group.objects.filter(pk__in=GroupOwner.objects.filter(user_id=user.pk).values("group")).order_by("name")


def members_of(group: Group) -> dict[int, str]:
    """Return the names of a group's members of today, by account."""
    found = get_user_model().objects.filter(groups=group).order_by("username")
    return dict(found.values_list("pk", "username"))
