"""The groups that a person is in, as this process last saw them."""

from typing import Any

from django.contrib.auth.models import Group

from ai_router.copies import Copies

KEPT_SECONDS = 30


def _read_groups(user_id: Any) -> frozenset[str]:
    return frozenset(Group.objects.filter(user=user_id).values_list("name", flat=True))


GROUPS = Copies(_read_groups, seconds=KEPT_SECONDS)
