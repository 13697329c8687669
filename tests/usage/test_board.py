"""The operator's first page in figures, and the calls behind each of them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.usage.conftest import make_attempt, move_line
from usage.board import load_board, running, sum_up
from usage.call_lists import list_calls, read_place
from usage.dashboard import add_figures
from usage.errors import FilterError
from usage.filters import NOBODY, Filter, read_filter, understand
from usage.ledger import settle_call
from usage.models import Alert, Budget, Call
from usage.rollups import Only, Sums, read
from usage.types import AlertLevel, AttemptStatus, CallStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def one_line(settled_line):
    settled_line()


def board_of(**asked):
    return load_board(understand(Filter(**asked)))


def behind(query: str) -> list[Call]:
    """Return all calls that an address lists."""
    found = understand(read_filter(dict(parse_qsl(query))))
    return list_calls(since=found.since, until=found.until, only=found.only, limit=10_000).calls


@pytest.mark.usefixtures("one_line")
@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"period": "1y"}, "period", "choose one of 24h, 7d, 30d, 90d"),
        ({"since": "yesterday"}, "since", "no day such as 2026-11-01"),
        ({"since": "٢٠٢٦-١١-٠١"}, "since", "with the digits 0 to 9"),
        ({"since": "9999-12-31"}, "since", "no day such as"),
        ({"until": "2026-11-01"}, "since", "Give the first day"),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "since", "ends before it begins"),
        ({"since": "2020-01-01"}, "since", "longer than 400 days"),
        ({"by": "colour"}, "by", "choose one of provider, task, model, user"),
        ({"status": "done"}, "status", "choose one of open"),
        ({"user": "nobody-here"}, "user", "There is no user 'nobody-here'"),
        ({"group": "x" * 151}, "group", "too long"),
        ({"group": "of nobody"}, "group", "There is no group"),
        ({"provider": "nope"}, "provider", "no call with the provider 'nope'. It has openai."),
        ({"task": "\x00"}, "task", "can be no name"),
    ],
)
def test_an_address_that_cannot_be_says_what_is_wrong(client_for, staff, wrong, field, words):

    with pytest.raises(FilterError) as found:
        board_of(**wrong)
    page = client_for(staff).get(reverse("admin:index"), wrong)
    listed = client_for(staff).get(reverse("admin:usage_call_behind"), wrong)

    assert found.value.field == field
    assert words in found.value.user_message
    if "status" not in wrong:
        assert page.status_code == 400
        assert "board" not in page.context
        assert page.context["problem"].user_message == found.value.user_message
    assert listed.status_code == 400


@given(st.builds(Filter, task=st.text(max_size=8), user=st.text(max_size=8), by=st.sampled_from(["user", "task", "x"])))
@settings(max_examples=30)
def test_an_address_is_read_back_as_it_was_written(asked):
    stripped = Filter(task=asked.task.strip(), user=asked.user.strip(), by=asked.by)

    assert read_filter(dict(parse_qsl(asked.query()))) == stripped


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        ({}, "hours=720&by=provider"),
        ({"period": "7d", "task": "cv_parsing", "by": "user"}, "hours=168&task=cv_parsing&by=user"),
        ({"since": "2026-11-01", "until": "2026-11-02"}, "since=2026-11-01&until=2026-11-02&by=provider"),
        ({"since": "2026-11-01T14"}, ""),
        ({"user": NOBODY}, ""),
    ],
)
def test_a_view_can_be_had_as_a_report_where_there_is_one(client_for, staff, asked, query):
    assert Filter(**asked).report_query == query
    assert not query or client_for(staff).get(f"{reverse('ai-usage-report')}?{query}").status_code == 200


def test_all_parts_of_the_page_add_up_to_the_same(settled_line, owner, stranger):
    settled_line(user=owner, cost=700)
    settled_line(user=stranger, provider="groq", task_type="cv_parsing", cost=50)
    settled_line(provider="groq", status=CallStatus.FAILED, cost=9)

    for by in ("provider", "task", "model", "user"):
        board = board_of(by=by)
        assert board.total.sums.cost_nanousd == 759
        assert sum(line.sums.cost_nanousd for line in board.lines) == board.cost.total == 759
        assert sum(line.sums.calls for line in board.lines) == board.calls.total == 3
        assert board.names.cost_nanousd == 759
    assert [(line.name, line.sums.cost_nanousd) for line in board.spenders] == [
        (owner.username, 700),
        (stranger.username, 50),
        (NOBODY, 9),
    ]


def test_names_narrow_every_figure(settled_line, owner, stranger):
    group = Group.objects.create(name="north")
    group.user_set.add(owner)
    settled_line(user=owner, cost=700)
    settled_line(user=stranger, provider="groq", task_type="cv_parsing", cost=50)

    for asked in ({"user": owner.username}, {"group": "north"}, {"provider": "openai"}, {"task": "cover_letter"}):
        board = board_of(**asked)
        assert board.total.sums.cost_nanousd == board.cost.total == 700
        assert [line.name for line in board.spenders] == [owner.username]
    assert board_of(group="north", user=stranger.username).total.sums.calls == 0
    assert board_of(model="small-1").total.sums.calls == 2


def test_every_figure_leads_to_the_calls_behind_it(settled_line, open_line, owner):
    settled_line(user=owner, cost=700, hours_ago=30)
    settled_line(provider="groq", task_type="cv_parsing", cost=50)
    settled_line(status=CallStatus.FAILED, cost=9)
    rescued = open_line()
    failed = make_attempt(
        provider="groq", status=AttemptStatus.FAILED, error_class="ProviderTimeoutError", cost_nanousd=2
    )
    settle_call(
        call_id=rescued, status=CallStatus.SUCCEEDED, attempts=[failed, make_attempt()], latency_ms=1, provider="openai"
    )
    open_line()

    for by in ("provider", "task", "model", "user"):
        board = board_of(by=by, period="7d")
        for line in board.lines:
            assert len(behind(line.query)) >= line.sums.calls
        for start, slot, cells in board.cost.rows:
            for query, figure in cells:
                found = behind(f"{query}&since={slot}&until={slot}")
                assert bool(found) == bool(figure)
                assert all(start <= call.created_at < start + timedelta(days=1) for call in found)
    board = board_of()
    assert {call.pk for call in behind(board.errors[0].query)} == {board.failures[0].pk}
    assert [call.pk for call in behind(Filter(error="ProviderTimeoutError").query())] == [rescued]
    assert rescued in {call.pk for call in behind(Filter(provider="groq").query())}


def test_what_runs_is_narrowed_to_users_and_to_nobody(open_line, owner):
    own = open_line(user_id=owner.pk, held_nanousd=7)
    nobodys = open_line(held_nanousd=20)

    assert {call.pk for call in running(Only()).calls} == {own, nobodys}
    assert [call.pk for call in running(Only(users=(owner.pk,))).calls] == [own]
    assert (running(Only(users=(0,))).held_nanousd, running(Only(users=())).count) == (20, 0)
    assert running(Only(provider="openai")).count == 2


def test_sums_that_are_not_asked_for_are_not_read(settled_line):
    settled_line(cost=700)

    (cell,) = read(counted=("calls", "cost_nanousd"))

    assert cell.sums == Sums(calls=1, cost_nanousd=700)


def test_rare_calls_are_found_far_back_and_page_by_page(settled_line):
    for hours_ago in (1, 1.5, 30, 31, 500, 501, 1_500):
        settled_line(hours_ago=hours_ago, provider="groq", task_type="cv_parsing", status=CallStatus.FAILED)
        settled_line(hours_ago=hours_ago)
    since = timezone.now() - timedelta(days=90)
    wanted = list(Call.objects.filter(task_type="cv_parsing").values_list("pk", flat=True))

    for asked in (
        {"only": Only(provider="groq")},
        {"statuses": [CallStatus.FAILED]},
        {"only": Only(task_type="cv_parsing")},
    ):
        found, place = [], None
        for _ in range(4):
            page = list_calls(since=since, before=place, limit=2, **asked)
            found += [call.pk for call in page.calls]
            place = read_place(str(page.next)) if page.next else None
        assert found == wanted
        assert page.next is None


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"])
def test_a_place_at_the_end_of_all_time_is_none(client_for, staff, moment):
    answer = client_for(staff).get(reverse("admin:usage_call_behind"), {"before": f"{moment}_{uuid4()}"})

    assert answer.status_code == 400
    assert "is no place in the list" in answer.content.decode()


def test_a_list_of_rare_calls_reads_the_hours_that_have_them_by_the_index_of_time(settled_line):
    settled_line(hours_ago=200, provider="groq", status=CallStatus.FAILED)
    settled_line(hours_ago=300)
    since = timezone.now() - timedelta(days=90)

    with CaptureQueriesContext(connection) as captured:
        page = list_calls(since=since, only=Only(provider="groq"), statuses=[CallStatus.FAILED])
    read = [query["sql"] for query in captured.captured_queries if 'FROM "usage_call"' in query["sql"]]

    assert len(page.calls) == len(read) == 1
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            plan = cursor.execute(f"EXPLAIN QUERY PLAN {read[0]}").fetchall()
        assert "created_at>? AND created_at<?" in str(plan)


def test_the_list_takes_a_fixed_number_of_queries(staff, client_for, settled_line, django_assert_num_queries):
    client = client_for(staff)
    address = reverse("admin:usage_call_behind")
    for count in (1, 8):
        for _ in range(count):
            settled_line()
        with django_assert_num_queries(10):
            assert client.get(address, {"period": "24h", "provider": "openai"}).status_code == 200


def test_the_list_says_what_its_calls_add_up_to(client_for, staff, settled_line, open_line, owner):
    settled_line(user=owner, cost=700)
    call_id = open_line(user_id=owner.pk)
    failed = make_attempt(provider="groq", status=AttemptStatus.FAILED, cost_nanousd=200)
    settle_call(
        call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[failed, make_attempt()], latency_ms=1, provider="openai"
    )

    page = client_for(staff).get(reverse("admin:usage_call_behind"), {"provider": "groq"})

    assert page.context["total"].sums.cost_nanousd == 200
    assert [(call.pk, part) for call, part in page.context["rows"]] == [(call_id, 200)]
    assert sum_up(understand(Filter())).sums.cost_nanousd == 2_400
    assert client_for(owner).get(reverse("admin:usage_call_behind")).status_code == 302
    assert client_for(staff).get(reverse("admin:usage_call_behind"), {"before": "x"}).status_code == 400


def test_the_page_takes_a_fixed_number_of_queries(staff, rf, settled_line, owner, django_assert_num_queries):
    for number in range(7):
        settled_line(user=owner, status=CallStatus.FAILED, provider=f"provider-{number}", hours_ago=number * 50)
        settled_line(task_type=f"task-{number}")
    assert staff.has_perm("usage.view_call")

    def figures(address):
        request = rf.get("/", address)
        request.user = staff
        assert "board" in add_figures(request, {})

    with django_assert_num_queries(21):
        figures({"period": "90d"})
    for _ in range(7):
        settled_line(status=CallStatus.FAILED)
    with django_assert_num_queries(12):
        figures({"period": "90d"})
    with django_assert_num_queries(14):
        figures({"period": "90d", "by": "user"})


def test_hours_and_days_cover_the_period(settled_line):
    line = settled_line()
    move_line(line.pk, datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC))

    day = load_board(understand(Filter(since="2026-11-20", until="2026-11-20")))
    days = load_board(understand(Filter(since="2026-11-18", until="2026-11-20")))
    hour = load_board(understand(Filter(since="2026-11-20T23", until="2026-11-20T23")))

    assert [len(board.cost.rows) for board in (day, days, hour)] == [24, 3, 1]
    assert [board.total.sums.calls for board in (day, days, hour)] == [1, 1, 1]
    assert load_board(understand(Filter(since="2026-11-19", until="2026-11-19"))).total.sums.calls == 0


def test_budgets_and_alerts_are_for_who_may_see_them(client_for, owner, settled_line):
    settled_line()
    Budget.objects.create(name="secret plan", limit_nanousd=10**9)
    Alert.objects.create(key="one", title="Unusual cost", level=AlertLevel.WARNING)
    shown = {"view_budget": "secret plan", "view_alert": "Unusual cost"}
    owner.is_staff = True
    owner.save()
    for permissions in (["view_call"], ["view_call", "view_budget"], ["view_call", "view_alert"]):
        owner.user_permissions.set(Permission.objects.filter(content_type__app_label="usage", codename__in=permissions))

        page = client_for(owner).get(reverse("admin:index")).content.decode()

        assert {name: text in page for name, text in shown.items()} == {name: name in permissions for name in shown}
        assert "Over time, by provider" in page
