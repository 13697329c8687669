"""The operator's pages: the ledger to look at, budgets to set, and the overview."""

from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ai_router.models import HealthPoint
from tests.usage.conftest import make_attempt
from usage import call_lists, ledger_admin
from usage.admin import DollarsField
from usage.corrections import correct_cost
from usage.freezes import freeze
from usage.invoices.importing import import_invoice
from usage.ledger import book_cached_call, reconcile_expired_calls, settle_call
from usage.models import Alert, Attempt, Budget, Call, GroupOwner
from usage.standings import list_standings
from usage.types import AlertLevel, AttemptStatus, CallStatus, FreezeLevel, Outbound

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

    assert "No AI calls: last 30 days" in text
    assert "None is set: calls are not limited." in text


def test_the_admin_has_the_sites_icon(overview):
    assert '<link rel="icon" href="/static/careerai/icon.svg"' in overview().content.decode()


def test_the_overview_shows_cost_failures_unknown_prices_and_holds(overview, settled_line, open_line, owner):
    settled_line(user=owner, cost=12_345_678)
    settled_line(provider="groq", task_type="fast_summary", cost=5_000_000)
    settled_line(user=owner, status=CallStatus.FAILED, error_class="RateLimitError")
    settled_line(cost=None)
    open_line(held_nanousd=700_000_000)
    Budget.objects.create(name="Whole site", limit_nanousd=10**9)

    response = overview()
    text = text_of(response)

    assert "Cost by provider The figures as a table Day (UTC) openai groq" in text
    assert "Calls by provider The figures as a table Day (UTC) openai groq" in text
    assert "Running now 1 $0.7000 held" in text
    assert "Of unknown price 1 requests that are not in the cost" in text
    assert "Class Requests Calls lost RateLimitError 1 1" in text
    assert "$0.7174 of $1.00 $0.0174 spent, $0.7000 held, $0.2826 left" in text
    assert response.context["board"].total.sums.cost_nanousd == 17_347_178
    assert response.context["board"].running.held_nanousd == 700_000_000


def test_the_overview_of_free_calls_plots_the_calls(overview, settled_line):
    settled_line(provider="embedded", cost=0)

    text = text_of(overview())

    assert "No call has cost anything in this period" in text
    assert "Cost by provider" not in text
    assert "Calls by provider The figures as a table Day (UTC) embedded" in text


def test_failures_are_counted_by_their_error_or_their_end(overview, settled_line, open_line):
    settled_line(status=CallStatus.FAILED, error_class="RateLimitError")
    settled_line(status=CallStatus.FAILED, error_class="RateLimitError")
    settle_call(call_id=open_line(), status=CallStatus.INCOMPLETE, attempts=[make_attempt()], latency_ms=1)
    open_line(expires_at=timezone.now() - timedelta(seconds=1))
    reconcile_expired_calls()

    errors = [(line.name, line.sums.calls) for line in overview().context["board"].errors]

    assert errors == [("RateLimitError", 2), ("Expired", 1), ("Incomplete", 1)]


def test_the_period_of_the_overview_can_be_chosen(overview, settled_line):
    settled_line(hours_ago=30)

    assert overview(period="24h").context["board"].total.sums.calls == 0
    assert overview(period="7d").context["board"].total.sums.calls == 1


def test_staff_without_the_permission_see_no_figures(client_for, owner, settled_line):
    settled_line()
    owner.is_staff = True
    owner.save()

    assert "board" not in client_for(owner).get(reverse("admin:index")).context

    owner.user_permissions.add(Permission.objects.get(codename="view_call"))
    assert "board" in client_for(owner).get(reverse("admin:index")).context


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


@pytest.mark.parametrize("asked", ["provider__exact=groq", "status__exact=failed", "task_type__exact=fast_summary"])
def test_a_list_of_rare_calls_reads_the_hours_that_have_them(client_for, staff, settled_line, open_line, asked):
    settled_line(provider="groq", task_type="fast_summary", hours_ago=900)
    settled_line(provider="groq", task_type="fast_summary", status=CallStatus.FAILED)
    settled_line(hours_ago=300)
    open_line()
    client, address = client_for(staff), reverse("admin:usage_call_changelist")
    client.get(address)

    with CaptureQueriesContext(connection) as captured:
        page = client.get(f"{address}?{asked}")
    lists = [query["sql"] for query in captured.captured_queries if 'FROM "usage_call"' in query["sql"]]

    assert page.context["cl"].result_count == len(page.context["cl"].result_list) == (1 if "failed" in asked else 2)
    # One counts, one lists, and both know when.
    assert len(lists) == 2
    assert all('"created_at" >= ' in statement for statement in lists)
    assert client.get(address, {"status__exact": "open"}).context["cl"].result_count == 1
    assert client.get(address, {"provider__exact": "nobody"}).context["cl"].result_count == 0


def test_a_list_of_common_calls_needs_no_hours(client_for, staff, settled_line, monkeypatch):
    monkeypatch.setattr(ledger_admin, "MOST_COUNTED", 2)
    for number in range(4):
        settled_line(hours_ago=number * 30)
    client, address = client_for(staff), reverse("admin:usage_call_changelist")

    with CaptureQueriesContext(connection) as captured:
        assert len(client.get(address, {"provider__exact": "openai"}).context["cl"].result_list) == 4
    assert not [one for one in captured.captured_queries if '"usage_call"."created_at" >= ' in one["sql"]]
    monkeypatch.setattr(ledger_admin, "MOST_COUNTED", 100)
    monkeypatch.setattr(call_lists, "MOST_SPANS", 1)
    assert client.get(address, {"provider__exact": "openai"}).context["cl"].result_count == 4


def test_the_list_counts_no_further_than_anybody_pages(client_for, staff, settled_line, monkeypatch):
    monkeypatch.setattr(ledger_admin, "MOST_COUNTED", 2)
    for _ in range(4):
        settled_line()

    assert client_for(staff).get(reverse("admin:usage_call_changelist")).context["cl"].result_count == 3


DECISION = {
    "strategy": "cost_optimized",
    "rule": "night",
    "experiment": {"name": "shorter letters", "arm": "short", "arm_id": 2},
    "candidates": [
        {
            "candidate": "groq/fast",
            "input_tokens": 12,
            "expected_nanousd": 900,
            "held_nanousd": 1_800,
            "why": "half the price",
        },
        {"candidate": "openai/small-1", "expected_nanousd": 1_000, "held_nanousd": 2_000, "facts": "unknown"},
        {"candidate": "embedded/rules", "expected_nanousd": 0, "held_nanousd": 0},
    ],
    "passed_over": [["grok/grok-3", "budget 'Site'"]],
}


def test_a_call_shows_why_it_went_where_and_what_that_cost(client_for, staff, owner, open_line):
    call_id = open_line(user_id=owner.pk, decision=DECISION)
    began = Call.objects.get(pk=call_id).created_at
    failed = make_attempt(
        provider="groq",
        model="fast",
        status=AttemptStatus.FAILED,
        error_class="RateLimitError",
        http_status=429,
        started_at=began,
        duration_ms=300,
    )
    prices = {"input": "2.5", "output": "10", "unit": "USD per million tokens", "source": "list"}
    good = make_attempt(unit_prices=prices, started_at=began + timedelta(milliseconds=500), duration_ms=1_000)
    settle_call(
        call_id=call_id,
        status=CallStatus.SUCCEEDED,
        attempts=[failed, good],
        provider="openai",
        model="small-1",
        latency_ms=2_000,
        overhead_us=4_000,
        outbound=Outbound([["user", "Dear [NAME_1]"]], {"NAME": 1}),
    )

    response = client_for(staff).get(reverse("admin:usage_call_change", args=[call_id]))
    text, record = text_of(response), response.context["record"]

    assert "Order the cheapest first Rule night Experiment shorter letters – short" in text
    assert "groq/fast Failed, RateLimitError $0.0000009 $0.0000018 12 half the price" in text
    assert "embedded/rules not asked $0.00 $0.00 – –" in text
    assert "grok/grok-3 budget 'Site'" in text
    assert "2.5 sent, 10 written list" in text
    assert "$0.000005 held, $0.000001 thought (300 % of it)" in text
    assert [(part.milliseconds, part.percent) for part in record.time] == [(1_300, 65.0), (4.0, 0.2), (696.0, 34.8)]
    assert "The text went to groq/fast, openai/small-1. Hidden behind placeholders: 1 × name." in text
    assert "Dear" not in text


def test_a_call_that_is_gone_leads_to_the_list(client_for, staff):
    response = client_for(staff).get(reverse("admin:usage_call_change", args=[uuid4()]))

    assert response.url == reverse("admin:usage_call_changelist")


@pytest.mark.parametrize(
    "decision",
    [
        {},
        [],
        {"candidates": "x", "passed_over": 3, "experiment": "e"},
        {"candidates": ["a/b", 4], "passed_over": [["x"], 1]},
    ],
)
def test_a_decision_of_another_form_is_read_as_far_as_it_goes(client_for, staff, open_line, decision):
    call_id = open_line(decision=decision)

    assert "Nobody is" not in text_of(client_for(staff).get(reverse("admin:usage_call_change", args=[call_id])))


def test_a_kept_answer_says_so(client_for, staff, owner):
    call_id = uuid4()
    book_cached_call(
        call_id=call_id,
        user_id=owner.pk,
        task_type="job_analysis",
        provider="groq",
        model="fast",
        saved_nanousd=7_000_000,
        latency_ms=3,
        decision={"cache": "memory"},
    )

    text = text_of(client_for(staff).get(reverse("admin:usage_call_change", args=[call_id])))

    assert "answered from it (memory)" in text
    assert "$0.0070 saved by the cache" in text
    assert "Nobody: a kept answer was given." in text


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


FORM = {
    "name": "Site",
    "limit_nanousd": "2.50",
    "unit": "money",
    "at_warning": "notify",
    "period": "month",
    "is_hard": "on",
    "is_active": "on",
}


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


def test_a_key_of_more_digits_than_a_database_takes_is_no_fault_of_the_site(client_for, staff):
    client = client_for(staff)

    answers = {
        client.get(reverse(f"admin:usage_{model}_changelist"), {"user": "9" * 23}).status_code
        for model in ("call", "alert", "budget", "budgetraise")
    }

    assert answers == {200 if connection.vendor == "postgresql" else 400}


@given(st.decimals(0, 10**6, places=9))
def test_dollars_are_read_and_shown_without_loss(dollars):
    field = DollarsField()

    nanousd = field.clean(f"${dollars:,f}")

    assert nanousd == dollars * 10**9
    assert field.clean(field.prepare_value(nanousd)) == nanousd
    assert Decimal(field.prepare_value(nanousd)) == dollars


@pytest.mark.parametrize("text", ["x", "1e9999999", ".", "0,50", "12,50", "1,00,000", "1_000", "١٢"])
def test_a_refused_amount_is_shown_as_it_was_written(text):
    assert DollarsField().prepare_value(text) == text
    with pytest.raises(ValidationError, match="amount of dollars"):
        DollarsField().clean(text)


def test_a_quota_is_set_in_whole_calls(client_for, staff):
    client = client_for(staff)
    form = FORM | {"unit": "calls", "limit_nanousd": "12.5"}
    assert "Write a whole number of calls." in text_of(client.post(reverse("admin:usage_budget_add"), form))

    client.post(reverse("admin:usage_budget_add"), form | {"limit_nanousd": "12", "at_limit": "stop"})

    quota = Budget.objects.get()
    assert (quota.limit_nanousd, quota.at_limit) == (12, "stop")
    assert 'value="12"' in client.get(reverse("admin:usage_budget_change", args=[quota.pk])).content.decode()
    more = {"budget": quota.pk, "amount_nanousd": "3", "reason": "a fair"} | {
        f"{name}_{part}": value
        for name, day in (("starts_at", "2026-01-01"), ("until", "2040-01-01"))
        for part, value in enumerate((day, "00:00:00"))
    }
    client.post(reverse("admin:usage_budgetraise_add"), more)
    assert quota.raises.get().amount_nanousd == 3
    assert "3 calls" in text_of(client.get(reverse("admin:usage_budgetraise_changelist")))


def test_what_does_not_fit_how_hard_a_budget_is_is_refused(client_for, staff):
    form = FORM | {"at_limit": "notify"}

    text = text_of(client_for(staff).post(reverse("admin:usage_budget_add"), form))

    assert "When it is used up, a hard budget leaves only free candidates or refuses" in text
    assert not Budget.objects.exists()


def test_a_budget_shows_how_it_stands_and_its_history(client_for, staff, settled_line, open_line, owner):
    client = client_for(staff)
    budget = Budget.objects.create(name="Site", limit_nanousd=10**9)
    each = Budget.objects.create(name="Each", limit_nanousd=10**9, is_per_user=True)
    settled_line(user=owner, cost=250_000_000)
    open_line(user_id=owner.pk, held_nanousd=500_000_000)

    listed = text_of(client.get(reverse("admin:usage_budget_changelist")))
    page = text_of(client.get(reverse("admin:usage_budget_change", args=[budget.pk])))

    assert "$0.2500 spent, $0.5000 held, $0.2500 left" in listed
    assert "For each user for themselves" in listed
    assert "There is more room from" in page
    assert "$0.2500 left" in page
    assert "owner" in text_of(client.get(reverse("admin:usage_budget_change", args=[each.pk])))
    client.post(reverse("admin:usage_budget_change", args=[budget.pk]), FORM | {"limit_nanousd": "5"})
    assert "limit" in text_of(client.get(reverse("admin:usage_budget_change", args=[budget.pk])))


def test_the_list_of_budgets_takes_a_fixed_number_of_queries(client_for, staff, owner, django_assert_max_num_queries):
    client = client_for(staff)
    for number in range(6):
        Budget.objects.create(name=f"b{number}", limit_nanousd=10**9, provider=f"p{number}")
    client.get(reverse("admin:usage_budget_changelist"))

    with django_assert_max_num_queries(12):
        client.get(reverse("admin:usage_budget_changelist"))


# How many queries each page takes, whatever there is to show; the overview and the calls behind a figure have tests of their own.
QUERIES = {
    "/admin/usage/call/": 6,
    "/admin/usage/call/{call}/change/": 9,
    "/admin/usage/budget/": 7,
    "/admin/usage/budget/{budget}/change/": 8,
    "/admin/usage/alert/": 6,
    "/admin/usage/alertrule/": 5,
    "/admin/usage/auditentry/": 5,
    "/admin/usage/freeze/": 5,
    "/admin/usage/correction/": 4,
    "/admin/usage/groupowner/": 6,
    "/admin/usage/providerinvoice/": 6,
    "/admin/usage/providerinvoice/compare/": 5,
    "/admin/usage/providerinvoice/add/": 3,
    "/admin/ai_router/healthpoint/": 3,
    "/usage/": 11,
    "/usage/alerts/": 8,
}


def test_every_page_takes_as_many_queries_however_much_there_is_to_show(client_for, staff, settled_line, stranger):
    client = client_for(staff)
    group = Group.objects.create(name="north")

    def add(number: int) -> None:
        call = settled_line(user=staff, task_type=f"task_{number}", provider=f"provider-{number}")
        settled_line(user=stranger)
        correct_cost(call.pk, cost_nanousd=1, reason="refunded", by=staff)
        Budget.objects.create(name=f"site {number}", limit_nanousd=10**9)
        Budget.objects.create(name=f"own {number}", limit_nanousd=10**9, user=staff, period="day")
        Alert.objects.create(key=f"a{number}", title="Unusual cost", level=AlertLevel.WARNING, user=staff)
        freeze(("user", str(stranger.pk)), level=FreezeLevel.FREEZE, message="stopped", made_by=staff)
        GroupOwner.objects.create(group=group, user=staff if number else stranger)
        rows = f"date,model,cost\n2026-11-1{number},m,1\n2026-11-1{number},n,2\n"
        import_invoice(rows.encode(), provider="groq", file_name=f"{number}.csv")
        HealthPoint.objects.create(provider=f"p{number}", model="", at=timezone.now(), score=90, requests=3)

    def count() -> dict[str, int]:
        names = {"call": Call.objects.first().pk, "budget": Budget.objects.get(name="site 0").pk}
        found = {}
        for page in QUERIES:
            client.get(page.format(**names))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page.format(**names)).status_code == 200
            found[page] = len(queries)
        return found

    add(0)
    few = count()
    add(1)
    settled_line(user=staff)

    assert few == count() == QUERIES
