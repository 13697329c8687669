"""The audit log: who changed what, before and after, and never a secret."""

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse

from ai_router.models import ModelPrice, ProviderKey, RateLimit, Route, RouteCandidate
from careerai.accounts.models import ApiToken
from careerai.accounts.tokens import create_token, find_token
from usage.audit import acting
from usage.corrections import correct_cost
from usage.models import AlertChannel, AuditEntry, Budget

pytestmark = pytest.mark.django_db


def entries(**wanted) -> list[tuple[str, dict]]:
    return [(line.action, line.changes) for line in AuditEntry.objects.filter(**wanted).order_by("pk")]


def test_a_budget_is_written_with_what_it_was_and_what_it_is(client_for, staff):
    client = client_for(staff)
    form = {
        "name": "All",
        "unit": "money",
        "limit_nanousd": "25",
        "period": "month",
        "is_hard": "on",
        "is_active": "on",
    }
    form |= {"warn_percent": "80", "at_warning": "notify", "at_limit": ""}
    client.post(reverse("admin:usage_budget_add"), form)
    budget = Budget.objects.get()

    client.post(reverse("admin:usage_budget_change", args=[budget.pk]), {**form, "limit_nanousd": "40"})
    client.post(reverse("admin:usage_budget_change", args=[budget.pk]), {**form, "limit_nanousd": "40"})
    budget.delete()

    (added, made), (changed, change), (deleted, gone) = entries(model="budget")
    assert (added, changed, deleted) == ("created", "changed", "deleted")
    assert made["limit_nanousd"] == [None, 25_000_000_000]
    assert change == {"limit_nanousd": [25_000_000_000, 40_000_000_000]}
    assert gone["name"] == ["All", None]
    assert [line.actor_name for line in AuditEntry.objects.order_by("pk")] == ["staff", "staff", "the site itself"]


def test_routes_prices_limits_and_channels_are_watched():
    route = Route.objects.create(task_type="cover_letter") if not Route.objects.exists() else Route.objects.first()
    AuditEntry.objects.all().delete()
    RouteCandidate.objects.create(route=route, provider="groq", model="another", position=90)
    ModelPrice.objects.create(provider="openai", model="x", input_nanousd_per_million=1, output_nanousd_per_million=2)
    RateLimit.objects.create(requests_per_minute=10)
    AlertChannel.objects.create(name="slack", kind="slack", addresses="https://hooks.example.org/T0/secret")

    models = {line.model for line in AuditEntry.objects.all()}

    assert models == {"route candidate", "model price", "rate limit", "alert channel"}
    assert "secret" not in str(entries())


def test_a_key_is_never_in_the_log():
    key = ProviderKey(provider="openai", name="main")
    key.set_secret("sk-first-secret-of-all")
    key.save()
    key.set_secret("sk-second-secret-of-all")
    key.save()

    (_, made), (action, change) = entries()

    assert action == "changed"
    assert change["sealed"] == ["(not shown)", "(not shown)"]
    assert "secret" not in str(made).replace("is_secret", "")
    assert key.sealed not in str(made) + str(change)


def test_a_token_is_written_without_its_digest_and_its_use_is_no_change(owner):
    token, plain = create_token(user=owner, name="batch")

    assert find_token(plain) == token

    ((action, made),) = entries(model="API token")
    assert (action, made["name"], made["digest"]) == ("created", [None, "batch"], [None, "(not shown)"])
    assert ApiToken.objects.get().digest not in str(made)


def test_rights_of_people_are_written_and_their_names_and_passwords_are_not(owner):
    owner.first_name = "Anna"
    owner.set_password("another-long-password")
    owner.save()
    assert entries() == []

    owner.is_staff = True
    owner.save()
    group = Group.objects.create(name="advisers")
    owner.groups.add(group)
    owner.groups.remove(group)

    found = entries(object_name="owner")
    assert found[0] == ("changed", {"is_staff": [False, True]})
    assert found[1:] == [("changed", {"groups": [None, "advisers"]}), ("changed", {"groups": ["advisers", None]})]


def test_a_change_that_is_rolled_back_leaves_no_line():
    with transaction.atomic():
        RateLimit.objects.create(requests_per_minute=10)
        transaction.set_rollback(True)

    assert entries() == []


def test_a_command_says_who_runs_it():
    with acting("root (command)"):
        RateLimit.objects.create(requests_per_minute=10)

    assert AuditEntry.objects.get().actor_name == "root (command)"


def test_nobody_changes_the_log(client_for, staff):
    RateLimit.objects.create(requests_per_minute=10)
    line = AuditEntry.objects.get()
    client = client_for(staff)

    assert client.get(reverse("admin:usage_auditentry_add")).status_code == 403
    assert client.post(reverse("admin:usage_auditentry_delete", args=[line.pk]), {"post": "yes"}).status_code == 403
    page = client.get(reverse("admin:usage_auditentry_change", args=[line.pk])).content.decode()
    assert "requests per minute" in page


def test_who_runs_a_command_is_named_and_who_started_the_server_is_not(monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "root")
    for number, arguments in enumerate((["manage.py", "import_routes"], ["manage.py", "serve"])):
        monkeypatch.setattr("sys.argv", arguments)
        RateLimit.objects.create(requests_per_minute=10, task_type=("", "chat")[number])

    names = [line.actor_name for line in AuditEntry.objects.order_by("pk")]
    assert names == ["root (manage.py import_routes)", "the site itself"]


def test_the_log_shows_amounts_in_dollars_and_dates_as_other_pages(client_for, staff, settled_line):
    correct_cost(settled_line(cost=12_340_000).pk, cost_nanousd=0, reason="refunded", by=staff)
    Budget.objects.create(name="Quota", unit="calls", limit_nanousd=12_000)
    client = client_for(staff)

    listed = client.get(reverse("admin:usage_auditentry_changelist")).content.decode()
    entry = AuditEntry.objects.get(reason="refunded")
    shown = client.get(reverse("admin:usage_auditentry_change", args=[entry.pk])).content.decode()

    assert "cost: $0.0123 → $0.00" in listed
    assert "$0.0123</td><td>$0.00</td>" in shown
    # A quota counts calls in the same field.
    assert "12000" in listed
    assert f"{entry.at.day} {entry.at:%b %Y, %H:%M}" in listed
