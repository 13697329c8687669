"""The page of one's own usage."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.usage.conftest import make_attempt
from usage.ledger import reconcile_expired_calls, settle_call
from usage.models import Budget
from usage.types import AttemptStatus, CallStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client_for, owner):
    """The owner's usage page, with single spaces."""

    def get(**query):
        response = client_for(owner).get(reverse("usage:mine"), query)
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    return get


def outbound(html: str) -> str:
    """What the list's first call says of what left the server."""
    return html.partition('<td class="calls__outbound">')[2].partition("</td>")[0]


def test_the_page_asks_for_signing_in(client, db):
    response = client.get(reverse("usage:mine"))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("accounts:sign_in"))


def test_without_calls_the_page_says_so(page):
    html = page()

    assert "No calls in the last 30 days" in html
    assert "data-plot" not in html


def test_without_recent_calls_the_page_says_what_earlier_ones_cost(page, settled_line, owner):
    settled_line(user=owner, cost=2 * 10**9, hours_ago=24 * 200)

    assert "All your calls so far: $2.00" in page()


def test_the_page_lists_only_ones_own_calls(page, settled_line, owner, stranger):
    settled_line(user=owner, task_type="cv_parsing", cost=12_345_678)
    settled_line(user=stranger, task_type="fast_summary", provider="groq")
    settled_line(task_type="job_matching")

    html = page()

    assert html.count("CV parsing") >= 3
    assert "$0.0123" in html
    assert "Fast summary" not in html
    assert "groq" not in html
    assert "Job matching" not in html


def test_the_embedded_engine_lets_nothing_leave(page, settled_line, owner):
    settled_line(user=owner, provider="embedded", cost=0)

    html = page()

    assert "nothing" in outbound(html)
    assert ">this server<" in html
    assert "Calls by provider" in html
    assert "Cost by provider" not in html


def test_everybody_who_was_sent_a_text_is_named_once(page, open_line, owner):
    call_id = open_line(user_id=owner.pk)
    assert "not known yet" in outbound(page())

    failed = make_attempt(provider="groq", model="quick-1", status=AttemptStatus.FAILED)
    embedded = make_attempt(provider="embedded", model="rules", cost_nanousd=0)
    attempts = [failed, failed, make_attempt(), embedded]
    settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=attempts, latency_ms=1, provider="embedded")

    assert outbound(page()).strip() == "text, to groq/quick-1, openai/small-1"


def test_a_call_that_was_never_booked_says_that_it_is_not_known(page, open_line, owner):
    open_line(user_id=owner.pk, held_nanousd=900, expires_at=timezone.now() - timedelta(seconds=1))
    reconcile_expired_calls()

    assert "not known: the answer was never booked" in outbound(page())


def test_a_kept_answer_lets_nothing_leave(page, open_line, owner):
    settle_call(
        call_id=open_line(user_id=owner.pk),
        status=CallStatus.SUCCEEDED,
        attempts=[],
        latency_ms=1,
        provider="openai",
        is_cached=True,
    )

    html = page()

    assert "kept answer" in html
    assert "nothing" in outbound(html)


def test_an_unknown_price_is_said_loudly(page, settled_line, owner):
    settled_line(user=owner, cost=None)

    html = page()

    assert '<td class="calls__cost number">unknown</td>' in html
    assert "plus 1 call of unknown price" in html


def test_the_period_can_be_chosen(page, settled_line, owner):
    settled_line(user=owner, hours_ago=50, task_type="cv_parsing")

    assert "CV parsing" not in page(period="24h")
    assert "CV parsing" in page(period="7d")
    assert 'href="?period=30d" aria-current="true"' in page(period="nonsense")


def test_the_plot_of_a_day_is_by_the_hour(page, settled_line, owner):
    settled_line(user=owner)

    html = page(period="24h")

    assert html.count("Hour (UTC)") == 2
    assert 'data-value="1500">$0.0000015<' in html


def test_long_lists_have_pages(page, settled_line, owner):
    for _ in range(26):
        settled_line(user=owner)

    assert "1–25 of 26" in page()
    second = page(page="2")
    assert "26–26 of 26" in second
    assert 'rel="prev"' in second
    assert page(page="x").count("calls__task") == page(page="1").count("calls__task")


def test_budgets_that_are_ones_own_are_shown(page, settled_line, owner, stranger):
    Budget.objects.create(name="Each month", limit_nanousd=10**9, is_per_user=True)
    Budget.objects.create(name="Ever", limit_nanousd=1_000, user=owner, period="total", is_hard=False)
    Budget.objects.create(name="Not mine", limit_nanousd=10, user=stranger)
    Budget.objects.create(name="The site", limit_nanousd=10**9)
    settled_line(user=owner, cost=1_500)

    html = page()

    assert "$0.0000015 of $1.00" in html
    assert "<strong>Used up.</strong> Does not start anew." in html
    assert "Not mine" not in html
    assert "The site" not in html


def test_names_are_escaped(page, settled_line, owner):
    settled_line(user=owner, provider="<b>x", task_type="<i>y")

    html = page()

    assert "<b>x" not in html
    assert "<i>y" not in html


def test_the_page_takes_a_fixed_number_of_queries(client_for, owner, settled_line, django_assert_max_num_queries):
    client = client_for(owner)
    for provider in ("openai", "groq", "grok"):
        settled_line(user=owner, provider=provider)

    with django_assert_max_num_queries(13):
        client.get(reverse("usage:mine"))
