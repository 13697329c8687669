"""The operator's pages: the ledger to look at, budgets to set, and the overview."""

from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.usage.conftest import make_attempt
from usage.admin import DollarsField
from usage.budgets import list_standings
from usage.dashboard import add_figures
from usage.ledger import reconcile_expired_calls, settle_call
from usage.models import Attempt, Budget, Call
from usage.types import AttemptStatus, CallStatus

pytestmark = pytest.mark.django_db


class Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts = []

    def handle_data(self, data):
        self.parts.append(data)


def text_of(response) -> str:
    assert response.status_code == 200
    parser = Text()
    parser.feed(response.content.decode())
    return " ".join(" ".join(parser.parts).split())


@pytest.fixture
def overview(client_for, staff):
    def get(**query):
        return client_for(staff).get(reverse("admin:index"), query)

    return get


def test_the_overview_of_an_empty_ledger_says_so(overview):
    text = text_of(overview())

    assert "No AI calls in the last 30 days" in text
    assert "None is set: calls are not limited." in text


def test_the_admin_has_the_sites_icon(overview):
    assert '<link rel="icon" href="/static/careerai/icon.svg"' in overview().content.decode()


def test_the_overview_shows_cost_failures_unknown_prices_and_holds(overview, settled_line, open_line, owner):
    settled_line(user=owner, cost=12_345_678)
    settled_line(provider="groq", task_type="fast_summary", cost=5_000_000)
    settled_line(user=owner, status=CallStatus.FAILED)
    settled_line(cost=None)
    open_line(held_nanousd=700_000_000)
    Budget.objects.create(name="Whole site", limit_nanousd=10**9)

    response = overview()
    text = text_of(response)

    assert "Cost by provider The figures as a table Day (UTC) openai groq" in text
    assert "Cost by task The figures as a table Day (UTC) Cover letter Fast summary" in text
    assert "Running now 1 $0.7000 held" in text
    assert "Of unknown price 1 not in the cost above" in text
    assert "RateLimitError 1" in text
    assert "$0.7174 of $1.00" in text
    assert response.context["overview"].summary.cost_nanousd == 17_347_178
    assert response.context["running"] == {"calls": 1, "held": 700_000_000}


def test_the_overview_of_free_calls_plots_the_calls(overview, settled_line):
    settled_line(provider="embedded", cost=0)

    text = text_of(overview())

    assert "No call has cost anything in this period" in text
    assert "Cost by provider" not in text
    assert "Calls by provider The figures as a table Day (UTC) embedded" in text


def test_failures_are_counted_by_their_error_or_their_end(overview, settled_line, open_line):
    settled_line(status=CallStatus.FAILED)
    settled_line(status=CallStatus.FAILED)
    settle_call(call_id=open_line(), status=CallStatus.INCOMPLETE, attempts=[make_attempt()], latency_ms=1)
    open_line(expires_at=timezone.now() - timedelta(seconds=1))
    reconcile_expired_calls()

    assert overview().context["errors"] == [("RateLimitError", 2), ("Incomplete", 1), ("Expired", 1)]


def test_the_period_of_the_overview_can_be_chosen(overview, settled_line):
    settled_line(hours_ago=30)

    assert overview(period="24h").context["overview"].summary.total_requests == 0
    assert overview(period="7d").context["overview"].summary.total_requests == 1


def test_staff_without_the_permission_see_no_figures(client_for, owner, settled_line):
    settled_line()
    owner.is_staff = True
    owner.save()

    assert "overview" not in client_for(owner).get(reverse("admin:index")).context

    owner.user_permissions.add(Permission.objects.get(codename="view_call"))
    assert "overview" in client_for(owner).get(reverse("admin:index")).context


def test_the_number_of_queries_does_not_grow_with_the_calls(
    client_for, staff, settled_line, django_assert_max_num_queries
):
    client = client_for(staff)
    for provider in ("openai", "groq", "embedded"):
        for task in ("cv_parsing", "cover_letter", "job_matching"):
            settled_line(provider=provider, task_type=task, status=CallStatus.FAILED)

    with django_assert_max_num_queries(21):
        client.get(reverse("admin:index"))


def test_calls_are_listed_and_filtered(client_for, staff, settled_line, owner):
    settled_line(user=owner, cost=12_345_678)
    settled_line(provider="groq", task_type="fast_summary", cost=None)
    address = reverse("admin:usage_call_changelist")

    everything = text_of(client_for(staff).get(address))
    groq = client_for(staff).get(address, {"provider__exact": "groq", "created_at_from_0": "2020-01-01"})

    assert "$0.0123" in everything
    assert "unknown" in everything
    assert groq.context["cl"].result_count == 1


def test_a_call_shows_its_attempts(client_for, staff, open_line):
    call_id = open_line(decision={"why": "the route"})
    failed = make_attempt(provider="groq", status=AttemptStatus.FAILED, error_class="RateLimitError", http_status=429)
    settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[failed, make_attempt()], latency_ms=1)

    text = text_of(client_for(staff).get(reverse("admin:usage_call_change", args=[call_id])))

    assert "the route" in text
    assert "RateLimitError 429" in text
    assert "$0.000003" in text


def test_the_ledger_cannot_be_changed_by_anybody(client_for, staff, settled_line):
    line = settled_line()
    before = Call.objects.values().get()
    client = client_for(staff)

    answers = [
        client.get(reverse("admin:usage_call_add")),
        client.post(reverse("admin:usage_call_change", args=[line.pk]), {"task_type": "x"}),
        client.post(reverse("admin:usage_call_delete", args=[line.pk]), {"post": "yes"}),
    ]
    client.post(
        reverse("admin:usage_call_changelist"),
        {"action": "delete_selected", "_selected_action": [str(line.pk)], "post": "yes"},
    )

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Call.objects.values().get() == before
    assert Attempt.objects.count() == 1


FORM = {"name": "Site", "limit_nanousd": "2.50", "period": "month", "is_hard": "on", "is_active": "on"}


def test_a_budget_is_set_in_dollars(client_for, staff):
    client = client_for(staff)
    client.post(reverse("admin:usage_budget_add"), FORM)

    budget = Budget.objects.get()
    assert budget.limit_nanousd == 2_500_000_000
    assert "$2.50" in text_of(client.get(reverse("admin:usage_budget_changelist")))
    assert 'value="2.5"' in client.get(reverse("admin:usage_budget_change", args=[budget.pk])).content.decode()


@pytest.mark.parametrize("limit", ["", "x", "-1", "1e99", "0.0000000001", "NaN", "1000001"])
def test_a_bad_limit_is_refused(client_for, staff, limit):
    response = client_for(staff).post(reverse("admin:usage_budget_add"), FORM | {"limit_nanousd": limit})

    assert response.status_code == 200
    assert "limit_nanousd" in response.context["adminform"].errors
    assert not Budget.objects.exists()


def test_a_budget_for_one_user_and_for_each_is_refused(client_for, staff, owner):
    form = FORM | {"user": owner.pk, "is_per_user": "on"}

    text = text_of(client_for(staff).post(reverse("admin:usage_budget_add"), form))

    assert "Choose one user, or each user, not both." in text


def test_a_budget_that_counts_something_else_counts_anew(client_for, staff, settled_line):
    settled_line(task_type="cv_parsing", cost=100)
    settled_line(task_type="cover_letter", cost=7)
    budget = Budget.objects.create(name="Site", limit_nanousd=10**9)
    assert list_standings()[0].spent_nanousd == 107
    address = reverse("admin:usage_budget_change", args=[budget.pk])

    client_for(staff).post(address, FORM | {"task_type": "cover_letter"})
    assert list_standings()[0].spent_nanousd == 7

    window = budget.windows.get().pk
    client_for(staff).post(address, FORM | {"task_type": "cover_letter", "limit_nanousd": "9"})
    assert budget.windows.get().pk == window


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "the whole site"),
        ({"is_per_user": True}, "each user"),
        ({"task_type": "cv_parsing", "provider": "openai"}, "cv_parsing, openai"),
    ],
)
def test_a_budget_says_what_it_counts(more, words):
    assert Budget(**more).scope == words


@given(st.decimals(0, 10**6, places=9))
def test_dollars_are_read_and_shown_without_loss(dollars):
    field = DollarsField()

    nanousd = field.clean(f"${dollars:,}")

    assert nanousd == dollars * 10**9
    assert field.clean(field.prepare_value(nanousd)) == nanousd
    assert Decimal(field.prepare_value(nanousd)) == dollars


def test_a_refused_amount_is_shown_as_it_was_written():
    assert DollarsField().prepare_value("x") == "x"
    with pytest.raises(ValidationError, match="amount of dollars"):
        DollarsField().clean("x")


def test_the_figures_of_the_first_page_take_seven_queries(settled_line, staff, rf, django_assert_num_queries):
    settled_line()
    settled_line(status=CallStatus.FAILED, provider="groq", hours_ago=30)
    request = rf.get("/", {"period": "90d"})
    request.user = staff
    assert staff.has_perm("usage.view_call")

    with django_assert_num_queries(7):
        figures = add_figures(request, {})
        assert len(figures["failures"]) == 1
