"""Budgets and quotas by REST: staff set them, each person reads those that are theirs, owners those of their groups."""

import json

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from usage.models import AuditEntry, Budget, BudgetRaise, GroupOwner

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/ai/budgets/"


@pytest.fixture
def operator(staff):
    """Staff with the permissions of the administration, and no superuser."""
    staff.is_superuser = False
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(content_type__model__in=["budget", "budgetraise"]))
    return staff


def send(client, method: str, address: str = ADDRESS, **body: object):
    return getattr(client, method)(address, json.dumps(body), content_type="application/json")


def one(budget: Budget) -> str:
    return f"{ADDRESS}{budget.pk}/"


def test_staff_set_change_and_delete_a_budget_and_the_audit_log_has_it(client_for, operator, owner, settled_line):
    client = client_for(operator)
    settled_line(user=owner, cost=250_000_000)

    made = send(
        client,
        "post",
        name="Owner",
        limit="0.50",
        user="owner",
        at_warning="downgrade",
        warn_percent=40,
        period="total",
    )

    assert made.status_code == 201, made.content
    budget = Budget.objects.get()
    assert (budget.limit_nanousd, budget.user, budget.at_warning, budget.warn_percent) == (
        500_000_000, owner, "downgrade", 40,
    )  # fmt: skip
    shown = client_for(owner).get(one(budget)).json()
    assert shown["limit"] == "0.5"
    assert shown["standing"] == {
        "limit": "0.5", "spent": "0.25", "held": "0", "left": "0.25", "used_percent": 50.0, "resets_at": None,
    }  # fmt: skip
    changed = send(client, "patch", one(budget), limit="2", provider="groq")
    assert (changed.status_code, changed.json()["limit"]) == (200, "2")
    assert client_for(owner).get(one(budget)).json()["standing"]["spent"] == "0"
    assert client.delete(one(budget)).status_code == 204
    entries = AuditEntry.objects.filter(model="budget").order_by("pk")
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("created", operator), ("changed", operator), ("deleted", operator),
    ]  # fmt: skip
    assert entries[1].changes["provider"] == [None, "groq"]


def test_a_quota_is_set_in_calls(client_for, operator):
    made = send(client_for(operator), "post", name="Ten", unit="calls", limit="10", is_per_user=True)

    assert (made.status_code, made.json()["limit"]) == (201, "10")
    assert Budget.objects.get().limit_nanousd == 10
    unclear = send(client_for(operator), "patch", one(Budget.objects.get()), unit="money")
    assert "limit" in unclear.json()["error"]["fields"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"limit": "a lot"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "NaN"}, "limit"),
        ({"limit": "٢٥"}, "limit"),
        ({"limit": "1_000"}, "limit"),
        ({"limit": "0.0000000001"}, "limit"),
        ({"limit": "1e30"}, "limit"),
        ({"limit": "1e9999999"}, "limit"),
        ({"limit": "1.5", "unit": "calls"}, "limit"),
        ({"name": ""}, "name"),
        ({"name": "taken"}, "name"),
        ({"user": "nobody"}, "user"),
        ({"group": "nobody"}, "group"),
        ({"period": "week"}, "period"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"warn_percent": 0}, "warn_percent"),
        ({"warn_percent": 101}, "warn_percent"),
        ({"at_warning": "stop"}, "at_warning"),
        ({"at_limit": "notify"}, "__all__"),
        ({"period": "rolling"}, "__all__"),
        ({"rolling_hours": 745, "period": "rolling"}, "__all__"),
        ({"user": "owner", "is_per_user": True}, "__all__"),
    ],
)
def test_a_wrong_value_is_named_in_the_error_form_and_nothing_is_saved(client_for, operator, owner, values, field):
    Budget.objects.create(name="taken", limit_nanousd=1)

    answer = send(client_for(operator), "post", **{"name": "new", "limit": "1", **values})

    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["code"] == "invalid"
    assert field in answer.json()["error"]["fields"]
    assert Budget.objects.count() == 1


def test_only_staff_who_may_change_budgets_change_them(client, client_for, owner, staff):
    budget = Budget.objects.create(name="Mine", limit_nanousd=1, user=owner)
    staff.is_superuser = False
    staff.save()

    for person in (owner, staff):
        answers = [
            send(client_for(person), "post", name="new", limit="1"),
            send(client_for(person), "patch", one(budget), limit="1000"),
            client_for(person).delete(one(budget)),
            send(
                client_for(person), "post", f"{one(budget)}raises/", amount="1", until="2030-01-01T00:00Z", reason="x"
            ),
            client_for(person).get(f"{one(budget)}history/"),
        ]
        assert [answer.status_code for answer in answers] == [403] * 5
    assert client.get(ADDRESS).status_code == 401
    assert Budget.objects.get().limit_nanousd == 1


def test_raises_need_the_permissions_of_raises(client_for, operator):
    budget = Budget.objects.create(name="site", limit_nanousd=1)
    given = budget.raises.create(amount_nanousd=1, until=timezone.now() + timezone.timedelta(hours=1), reason="x")
    address = f"{one(budget)}raises/"
    client = client_for(operator)
    operator.user_permissions.set(Permission.objects.filter(content_type__model="budget"))

    refused = [
        client.get(address),
        send(client, "post", address, amount="1", until="2030-01-01T00:00Z", reason="x"),
        client.delete(f"{address}{given.pk}/"),
    ]
    operator.user_permissions.set(Permission.objects.filter(codename__in=["view_budget", "view_budgetraise"]))

    assert [answer.status_code for answer in refused] == [403] * 3
    assert client.get(address).json()[0]["id"] == given.pk
    assert client.delete(f"{address}{given.pk}/").status_code == 403


def test_a_person_reads_what_is_theirs_and_an_owner_what_their_group_has(client_for, owner, stranger, operator):
    group, other = Group.objects.create(name="advisers"), Group.objects.create(name="others")
    for name, more in {
        "each": {"is_per_user": True},
        "of owner": {"user": owner},
        "of stranger": {"user": stranger},
        "of group": {"group": group},
        "of others": {"group": other},
        "off": {"user": owner, "is_active": False},
        "site": {},
    }.items():
        Budget.objects.create(name=name, limit_nanousd=10**9, **more)

    def names(person, query: str = "") -> list[str]:
        return [row["name"] for row in client_for(person).get(f"{ADDRESS}{query}").json()["results"]]

    assert names(owner) == ["each", "of owner"]
    assert names(stranger) == ["each", "of stranger"]
    assert len(names(operator)) == 7
    assert names(operator, "?is_active=false") == ["off"]
    own = GroupOwner.objects.create(group=group, user=stranger)
    assert names(stranger) == ["each", "of group", "of stranger"]
    row = Budget.objects.get(name="of group")
    assert client_for(stranger).get(one(row)).json()["standing"]["left"] == "1"
    own.delete()
    assert client_for(stranger).get(one(row)).status_code == 404


def test_staff_raise_a_budget_and_see_its_history(client_for, operator, owner, settled_line):
    budget = Budget.objects.create(name="each", limit_nanousd=10**9, is_per_user=True)
    settled_line(user=owner, cost=300_000_000)
    client_for(owner).get(ADDRESS)
    until = (timezone.now() + timezone.timedelta(hours=1)).isoformat()
    address = f"{one(budget)}raises/"

    bad = send(client_for(operator), "post", address, amount="1", until="2020-01-01T00:00Z", reason="late")
    made = send(client_for(operator), "post", address, amount="0.25", until=until, reason="a fair", user="owner")

    assert (bad.status_code, bad.json()["error"]["code"]) == (400, "invalid")
    assert made.status_code == 201, made.content
    assert client_for(owner).get(one(budget)).json()["standing"]["limit"] == "1.25"
    (listed,) = client_for(operator).get(address).json()
    assert (listed["amount"], listed["made_by"], listed["user"]) == ("0.25", operator.username, "owner")
    (window,) = client_for(operator).get(f"{one(budget)}history/").json()
    assert (window["user"], window["spent"], window["held"]) == ("owner", "0.3", "0")
    assert client_for(operator).delete(f"{address}{listed['id']}/").status_code == 204
    assert not BudgetRaise.objects.exists()
