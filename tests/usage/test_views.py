"""The page of one's own usage."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ai_router.limits import admit, forget_counts
from tests.usage.conftest import make_attempt
from usage.ledger import reconcile_expired_calls, settle_call
from usage.models import Budget, Call
from usage.paging import read_calls
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

    first = page()
    assert "25 of 26" in first
    assert 'rel="prev"' not in first
    second = page(before=link(first, "before"))
    assert (second.count('<td class="calls__task">'), "Older" in second) == (1, False)
    assert page(after=link(second, "after")).count('<td class="calls__task">') == 25
    assert page(before="x", after="1-2").count('<td class="calls__task">') == 25


def link(html: str, name: str) -> str:
    """The name of the page that a link leads to."""
    return html.partition(f"&amp;{name}=")[2].partition("#")[0]


def test_every_call_is_on_exactly_one_page_however_many_share_a_moment(open_line, owner, stranger):
    for number in range(63):
        call_id = open_line(user_id=(stranger if number % 9 == 0 else owner).pk)
        Call.objects.filter(pk=call_id).update(created_at=timezone.now() - timedelta(seconds=number // 20))
    since = timezone.now() - timedelta(hours=1)

    pages = [read_calls(user_id=owner.pk, since=since)]
    while pages[-1].older:
        pages.append(read_calls(user_id=owner.pk, since=since, before=pages[-1].older))
    back = [read_calls(user_id=owner.pk, since=since, after=one.newer) for one in pages[1:]]

    found = [call.pk for one in pages for call in one.calls]
    assert [len(one.calls) for one in pages] == [25, 25, 6]
    assert found == list(Call.objects.filter(user=owner).order_by("-created_at", "-id").values_list("pk", flat=True))
    assert [[call.pk for call in one.calls] for one in back] == [[call.pk for call in one.calls] for one in pages[:-1]]


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
    Budget.objects.create(name="Each month", limit_nanousd=10**9, is_per_user=True)
    # What is read once for many pages: limits of the site, the number beside the bell, the budget's first window.
    client.get(reverse("usage:mine"))

    with django_assert_max_num_queries(11):
        client.get(reverse("usage:mine"))


def test_the_page_shows_ones_own_limits_and_what_is_left_of_them(page, owner, settings):
    settings.AI_USER_REQUESTS_PER_MINUTE, settings.AI_USER_TOKENS_PER_MINUTE, settings.AI_USER_RUNNING = 3, 0, 2
    forget_counts()
    admit(user_id=owner.pk, task_type="chat", tokens=10)

    html = page()

    assert '<th scope="row">Calls in a minute</th> <td class="number">1 of 3</td> <td class="number">2</td>' in html
    assert '<th scope="row">Calls at once</th> <td class="number">1 of 2</td>' in html
    assert "when they end" in html
    assert "Tokens in a minute" not in html


def test_a_quota_says_how_many_calls_are_left(page, settled_line, owner):
    Budget.objects.create(name="Ten", limit_nanousd=10, unit="calls", is_per_user=True, period="day", at_limit="stop")
    settled_line(user=owner)

    html = page()

    assert "1 of 10 calls" in html
    assert "9 calls left." in html
    assert "When they are made, further calls are refused" in html
