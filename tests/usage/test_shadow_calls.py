"""What the site asks for itself beside a person's call: its money is the site's, its text the person's."""

from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from tests.usage.conftest import make_attempt
from usage.errors import BudgetExceededError
from usage.ledger import settle_call
from usage.models import Budget, Call, OutboundText
from usage.records import OpenedCall, read_record, write_record
from usage.reports import summarise_usage
from usage.standings import list_standings
from usage.types import BudgetPeriod, CallStatus, Outbound

pytestmark = pytest.mark.django_db

PURPOSE = "shadow:3"


@pytest.fixture
def served(settled_line, owner) -> Call:
    """The person's own call."""
    return settled_line(user=owner, cost=1_000)


@pytest.fixture
def shadow(open_line, served):
    """Open and settle a shadow of it."""

    def make(*, cost: int = 4_000, **more: object) -> Call:
        call_id = open_line(purpose=PURPOSE, shadow_of_id=served.pk, **more)
        settle_call(
            call_id=call_id,
            status=CallStatus.SUCCEEDED,
            attempts=[make_attempt(provider="groq", cost_nanousd=cost)],
            latency_ms=300,
            provider="groq",
            model="small-1",
            outbound=Outbound([["user", "Write to [NAME_1]."]], {"NAME": 1}),
        )
        return Call.objects.get(pk=call_id)

    return make


def budget(name: str, limit: int, **more: object) -> Budget:
    return Budget.objects.create(name=name, limit_nanousd=limit, period=BudgetPeriod.TOTAL, **more)


def spent() -> dict[str, int]:
    return {row.budget.name: row.spent_nanousd for row in list_standings()}


def test_its_own_budget_counts_it_and_nothing_else(shadow, settled_line, open_line):
    budget("shadow", 9_000, purpose=PURPOSE)
    budget("other", 9_000, purpose="shadow:4")
    budget("site", 90_000)

    shadow(cost=4_000)
    settled_line(cost=7_000)

    assert spent() == {"shadow": 4_000, "other": 0, "site": 12_000}
    with pytest.raises(BudgetExceededError, match="shadow"):
        open_line(purpose=PURPOSE, held_nanousd=5_001)
    open_line(held_nanousd=5_001)


def test_a_budget_that_is_made_later_takes_over_what_was_spent_for_it(shadow):
    shadow(cost=4_000)

    budget("shadow", 9_000, purpose=PURPOSE)

    assert spent() == {"shadow": 4_000}


def test_it_is_in_nobodys_figures_and_budgets_but_in_the_sites(shadow, owner):
    budget("each", 5_000, is_per_user=True)

    shadow(cost=4_000)

    (own,) = list_standings(user_id=owner.pk)
    assert own.spent_nanousd == 1_000
    mine = summarise_usage(hours=1, user_id=owner.pk)
    assert (mine.total_requests, mine.cost_nanousd) == (1, 1_000)
    assert summarise_usage(hours=1).cost_nanousd == 5_000


def test_the_person_sees_who_got_their_text_and_reads_it(shadow, owner, stranger, client_for):
    call = shadow()

    page = client_for(owner).get(reverse("usage:mine")).content.decode()
    address = reverse("usage:outbound", args=[call.pk])
    text = " ".join(client_for(owner).get(address).content.decode().split())

    assert "also to groq/small-1" in page
    assert address in page
    assert "[NAME_1]" in text
    assert "You did not pay for it" in text
    assert client_for(stranger).get(address).status_code == 404


def test_the_text_goes_with_the_person(shadow, owner):
    call = shadow()

    owner.delete()

    assert not OutboundText.objects.exists()
    assert Call.objects.filter(pk=call.pk).exists()


def test_a_shadow_of_nobodys_call_keeps_no_text(settled_line, open_line):
    beside = settled_line()
    call_id = open_line(purpose=PURPOSE, shadow_of_id=beside.pk)

    settle_call(
        call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[make_attempt()], latency_ms=1, outbound=Outbound([])
    )

    assert not OutboundText.objects.exists()


def test_its_record_waits_on_disk_as_it_is():
    now = timezone.now()
    record = OpenedCall(uuid4(), None, "x", 5, now, now, purpose=PURPOSE, shadow_of_id=uuid4())

    assert read_record(write_record(record)) == record


def test_the_operator_tells_both_apart(shadow, staff, client_for):
    call = shadow()
    calls = reverse("admin:usage_call_changelist")

    def shown(**query: str) -> str:
        return client_for(staff).get(calls, query).content.decode()

    assert str(call.pk) in shown(made_for="shadow")
    assert str(call.shadow_of_id) not in shown(made_for="shadow")
    assert str(call.pk) not in shown(made_for="people")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite for its plan")
def test_the_shadows_of_calls_are_found_without_a_look_at_all_calls(served):
    assert "usage_call_shadows" in Call.objects.filter(shadow_of__in=[served.pk, uuid4()]).explain()
