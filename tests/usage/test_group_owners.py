"""Owners of a group see its figures and budgets; nobody else does, and nobody sees a text."""

import csv
import json
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from usage import group_views
from usage.models import AuditEntry, Budget, GroupOwner, OutboundText, RollUpGrain
from usage.types import CallStatus

pytestmark = pytest.mark.django_db
REPORT = "/api/v1/ai/usage/report/"
USAGE = "/api/v1/ai/usage/"


@pytest.fixture
def advisers(owner, settled_line, stranger):
    """A group with one member, who has two calls, one with a text; a stranger has a call, too."""
    group = Group.objects.create(name="advisers & friends")
    owner.groups.add(group)
    line = settled_line(user=owner, task_type="cv_parsing", cost=2_000_000_000)
    OutboundText.objects.create(call=line, user=owner, messages=[["user", "Top secret"]], sent_at=line.created_at)
    settled_line(user=owner, cost=500_000_000, provider="groq")
    settled_line(user=stranger, cost=7_000_000_000, task_type="fast_summary")
    Budget.objects.create(name="Of advisers", limit_nanousd=10**10, group=group)
    Budget.objects.create(name="Of the site", limit_nanousd=10**10)
    Budget.objects.create(name="Of a person", limit_nanousd=10**10, user=owner)
    return group


@pytest.fixture
def boss(django_user_model, advisers):
    """Somebody who owns the group: neither staff nor a member."""
    user = django_user_model.objects.create_user("boss", "boss@example.org", "a long password 1")
    GroupOwner.objects.create(group=advisers, user=user)
    return user


def page_of(group: Group) -> str:
    return reverse("usage:group", args=[group.pk])


def test_an_owner_sees_the_groups_figures_by_member_and_its_budgets_and_no_text(
    client_for, boss, advisers, django_assert_max_num_queries
):
    client = client_for(boss)
    # The first look begins the windows of the budgets.
    client.get(page_of(advisers))
    with django_assert_max_num_queries(14):
        response = client.get(page_of(advisers))
    html = " ".join(response.content.decode().split())

    assert response.status_code == 200
    assert "its 1 member of today" in html
    assert "$2.50" in html
    assert "CV parsing" in html
    assert '<th scope="row">owner</th>' in html
    assert "$2.50 of $10.00" in html
    for hidden in ("Of the site", "Of a person", "stranger", "Fast summary", "Top secret", "calls/"):
        assert hidden not in html
    assert page_of(advisers) in client.get(reverse("usage:mine")).content.decode()


def test_an_owner_asks_for_the_group_by_rest_and_gets_a_table(client_for, boss, advisers, owner):
    client, query = client_for(boss), {"group": advisers.name}

    assert client.get(USAGE, query).json()["cost_usd"] == 2.5
    assert client.get(f"{USAGE}provider/groq/", query).json()["cost_usd"] == 0.5
    assert client.get(USAGE, query | {"user": "owner"}).json()["total_requests"] == 2
    table = b"".join(client.get(REPORT, query | {"by": "user,task", "type": "csv"}).streaming_content).decode()
    rows = list(csv.DictReader(StringIO(table)))
    assert [(row["user"], row["task"], row["cost_usd"]) for row in rows] == [
        ("owner", "cover_letter", "0.5"),
        ("owner", "cv_parsing", "2"),
    ]
    assert "Top secret" not in table
    owner.groups.add(Group.objects.create(name="a group of others"))
    (row,) = json.loads(b"".join(client.get(REPORT, query | {"by": "group"}).streaming_content))["rows"]
    assert (row["group"], row["cost_usd"]) == (advisers.name, "2.5")


def test_nobody_else_sees_anything_and_is_not_told_which_groups_there_are(client_for, boss, advisers, owner, stranger):
    other = Group.objects.create(name="others")
    stranger.groups.add(other)

    # A member is no owner, an owner of one group none of another, and of no group is it told whether it exists.
    for person, group in ((owner, advisers), (stranger, advisers), (boss, other)):
        client = client_for(person)
        assert client.get(page_of(group)).status_code == 403
        for address in (USAGE, REPORT, f"{USAGE}provider/openai/"):
            assert client.get(address, {"group": group.name}).status_code == 403
    for query in ({"group": "nobody"}, {"group": advisers.name, "user": "stranger"}, {"user": "owner"}):
        assert client_for(boss).get(USAGE, query).status_code == 403
    assert client_for(boss).get(reverse("usage:group", args=[10**6])).status_code == 403
    assert "groups/" not in client_for(owner).get(reverse("usage:mine")).content.decode()
    calls = b"".join(client_for(boss).get(f"{USAGE}calls/", {"group": advisers.name}).streaming_content)
    assert b'"calls": [\n]' in calls


def test_an_owner_who_is_removed_sees_nothing_at_once(client_for, boss, advisers, staff):
    client = client_for(boss)
    assert client.get(page_of(advisers)).status_code == 200
    own = GroupOwner.objects.get()

    client_for(staff).post(reverse("admin:usage_groupowner_delete", args=[own.pk]), {"post": "yes"})

    assert client.get(page_of(advisers)).status_code == 403
    assert client.get(USAGE, {"group": advisers.name}).status_code == 403
    assert AuditEntry.objects.filter(action="deleted", model="group owner", actor=staff).exists()


def test_an_empty_group_and_one_of_today_are_said(client_for, staff, boss, advisers, owner):
    owner.groups.clear()

    html = " ".join(client_for(boss).get(page_of(advisers)).content.decode().split())

    assert "its 0 members of today" in html
    assert "No calls in the last 30 days" in html
    assert client_for(staff).get(page_of(advisers)).status_code == 200


def test_members_are_told_apart_by_weeks_and_days_not_by_hours(client_for, boss, advisers, owner, settled_line):
    settled_line(user=owner, status=CallStatus.FAILED, cost=None)
    client = client_for(boss)

    with CaptureQueriesContext(connection) as queries:
        rows = client.get(page_of(advisers), {"period": "90d"}).context["by_member"]

    assert len(queries) == 11
    (asked,) = [query["sql"] for query in queries if "GROUP BY user_key" in query["sql"]]
    assert f"grain = {RollUpGrain.USER_WEEK}" in asked
    assert [(row.name, row.requests, row.failed, row.unpriced, row.cost_nanousd) for row in rows] == [
        ("owner", 3, 1, 1, 2_500_000_000)
    ]


def test_of_many_members_those_who_cost_least_are_one_row(client_for, boss, advisers, settled_line, monkeypatch):
    monkeypatch.setattr(group_views, "MEMBERS_SHOWN", 1)
    advisers.user_set.set([boss, *type(boss).objects.filter(username__in=["owner", "stranger"])])
    settled_line(user=boss, status=CallStatus.FAILED, cost=7)

    rows = client_for(boss).get(page_of(advisers)).context["by_member"]

    assert [(row.name, row.requests, row.failed, row.cost_nanousd) for row in rows] == [
        ("stranger", 1, 0, 7_000_000_000),
        ("2 others", 3, 1, 2_500_000_007),
    ]
