"""What the roll-ups say is what the lines say, at every moment."""

import threading
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.usage.conftest import make_attempt
from usage.behind import behind, close_behind
from usage.ledger import book_cached_call, open_call, reconcile_expired_calls, settle_call
from usage.models import Budget, Call, Correction, RollUp, RollUpGrain
from usage.models.rollups import LATENCY_EDGES_MS
from usage.rollup_repair import find_differences, merge_slots, rebuild
from usage.rollup_writing import latency_counter
from usage.rollups import COST_AND_CALLS, EVERYTHING, LATENCY_ERROR, Only, Sums, read
from usage.types import AttemptStatus, CallStatus, TokenUsage

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TRIAL = {"experiment": {"name": "shorter", "arm": "b", "arm_id": 2}, "cache": "miss"}


@pytest.fixture
def fast(settings, transactional_db):
    settings.AI_LEDGER = "fast"
    yield
    close_behind()


@pytest.fixture
def varied(settled_line, open_line, owner, stranger):
    """Calls of all kinds: of people and of nobody, answered, failed, fallen back, cached, unpriced, expired, corrected, open."""
    settled_line(user=owner, latency_ms=1_000)
    settled_line(user=stranger, provider="groq", task_type="fast_summary", status=CallStatus.FAILED)
    settled_line(cost=None, usage=TokenUsage(1, 2, 3, 4, 5))
    settled_line(user=owner, cost=0, hours_ago=1.5)
    settled_line(user=owner, hours_ago=30, latency_ms=900_000)
    failed = make_attempt(provider="groq", status=AttemptStatus.FAILED, cost_nanousd=200, error_class="RateLimitError")
    call_id = open_line(user_id=stranger.pk, prompt_version="letter/v2", purpose="shadow:3", decision=TRIAL)
    settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[failed, failed, make_attempt()], latency_ms=7)
    for is_late in (False, True):
        call_id = open_line(user_id=owner.pk, decision=TRIAL, expires_at=timezone.now() - timedelta(seconds=1))
        reconcile_expired_calls()
        if is_late:
            settle_call(
                call_id=call_id,
                status=CallStatus.SUCCEEDED,
                attempts=[make_attempt()],
                latency_ms=7,
                provider="openai",
                decision={"cache": "hit"},
            )
    book_cached_call(
        call_id=uuid4(),
        user_id=owner.pk,
        task_type="cover_letter",
        provider="openai",
        model="small-1",
        saved_nanousd=70,
        latency_ms=1,
    )
    open_line(user_id=owner.pk)


def rows() -> list[dict[str, object]]:
    merge_slots(now=timezone.now() + timedelta(days=2))
    found = RollUp.objects.order_by(*RollUp.KEY).values()
    return [{name: value for name, value in row.items() if name not in {"id", "slot"}} for row in found]


def test_every_way_to_book_keeps_the_rows_equal_to_the_lines(varied):
    assert list(find_differences()) == []
    assert RollUp.objects.filter(calls__lt=0).count() == 0


def test_made_anew_the_rows_are_the_same(varied):
    RollUp.objects.filter(calls=0, attempts=0).delete()
    before = rows()

    assert rebuild() >= 2
    assert rows() == before


def test_a_difference_is_found_told_and_put_right(varied):
    row = RollUp.objects.filter(grain=RollUpGrain.USER_HOUR, cost_nanousd__gt=0).first()
    RollUp.objects.filter(pk=row.pk).update(cost_nanousd=row.cost_nanousd - 1)

    found = list(find_differences())

    assert {difference.grain for difference in found} == {RollUpGrain.USER_HOUR, RollUpGrain.HOUR, RollUpGrain.USER_DAY}
    assert found[0].by == {"cost_nanousd": 1}
    assert str(found[0]).endswith(", an hour of one user: cost_nanousd 1")
    rebuild([found[0].day])
    assert list(find_differences()) == []


def test_the_migration_fills_the_rows_from_the_lines(varied):
    rebuild()
    before = rows()
    migration = import_module("usage.migrations.0010_fill_roll_ups")
    editor = SimpleNamespace(connection=connection)
    migration.empty(apps, editor)
    assert not RollUp.objects.exists()

    migration.fill(apps, editor)

    assert rows() == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one slot")
def test_slots_of_hours_that_are_over_are_put_together(settled_line):
    settled_line()
    settled_line(hours_ago=30)
    settled_line()
    now = timezone.now()

    assert merge_slots(now=now) == 0
    after_the_hour = merge_slots(now=now + timedelta(hours=1))
    assert after_the_hour >= 2
    # With the last hour of a day the day itself is over.
    assert after_the_hour + merge_slots(now=now + timedelta(days=1)) >= 4
    assert not RollUp.objects.exclude(slot=0).exists()
    assert list(find_differences()) == []


def test_a_call_belongs_to_the_hour_in_which_it_was_opened(open_line):
    call_id = open_line()
    Call.objects.filter(pk=call_id).update(created_at=NOON + timedelta(minutes=59, seconds=59, microseconds=999_999))
    settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[make_attempt()], latency_ms=1)

    assert [cell.start for cell in read(step="hour")] == [NOON]
    assert [cell.start for cell in read(step="day")] == [NOON.replace(hour=0)]
    assert list(find_differences()) == []


def test_a_second_settlement_adds_nothing(settled_line):
    line = settled_line()
    before = rows()

    settle_call(call_id=line.pk, status=CallStatus.FAILED, attempts=[make_attempt()], latency_ms=2)

    assert rows() == before


def test_what_is_written_behind_is_added_when_it_is_written(fast):
    call_id = uuid4()
    values = {"user_id": None, "task_type": "x", "held_nanousd": 5}
    open_call(call_id=call_id, expires_at=timezone.now() + timedelta(minutes=5), **values)
    settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[make_attempt()], latency_ms=1, decision=TRIAL)

    assert behind().flush()

    assert [cell.names for cell in read(by=["experiment", "arm"])] == [("shorter", "b")]
    assert list(find_differences()) == []


def test_names_are_told_apart_and_narrowed(varied, owner, stranger):
    by_user = {cell.names[0]: cell.sums.calls for cell in read(by=["user"])}
    by_provider = {cell.names[0]: (cell.sums.attempts, cell.sums.cost_nanousd) for cell in read(by=["provider"])}

    assert by_user == {owner.pk: 6, stranger.pk: 2, 0: 1}
    assert by_provider == {"openai": (6, 6_000), "groq": (3, 1_900), "": (0, 5_000)}
    assert [cell.sums.calls for cell in read(only=Only(users=[stranger.pk], task_type="fast_summary"))] == [1]
    failed = read(by=["error_class"], only=Only(provider="groq", status="failed"))
    assert {cell.names[0]: (cell.sums.calls, cell.sums.attempts) for cell in failed} == {
        "RateLimitError": (1, 2),
        "": (0, 1),
    }
    assert read(only=Only(users=[])) == []


def test_cached_calls_are_counted_with_what_they_saved(varied):
    (cell,) = read(with_latencies=True)

    assert (cell.sums.cache_hits, cell.sums.cache_misses, cell.sums.saved_nanousd) == (1, 2, 70)
    assert sum(cell.sums.latencies) == 7


moments = st.datetimes(datetime(2026, 11, 18), datetime(2026, 11, 22), timezones=st.just(UTC))  # noqa: DTZ001
DIMENSIONS = (
    "user",
    "task_type",
    "provider",
    "model",
    "status",
    "error_class",
    "prompt_version",
    "purpose",
    "experiment",
    "arm",
)
names = st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=4)


@pytest.fixture
def spread(varied):
    """Put the calls at odd moments of some days."""
    for number, line in enumerate(Call.objects.order_by("pk")):
        Call.objects.filter(pk=line.pk).update(created_at=NOON - timedelta(days=1) + timedelta(minutes=377.7 * number))
    RollUp.objects.all().delete()
    rebuild()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_any_period_and_any_names_add_up_to_the_lines(spread, data, owner):
    since, until = sorted(data.draw(st.tuples(moments, moments)))
    by, step = data.draw(names), data.draw(st.sampled_from([None, "hour", "day"]))
    only = data.draw(
        st.sampled_from([EVERYTHING, Only(users=[owner.pk, 0]), Only(provider="openai"), Only(status="failed")])
    )

    read_cells = read(since=since, until=until, by=by, step=step, only=only, with_latencies=True)

    columns = [*([step] if step else []), *("user_key" if name == "user" else name for name in by)]
    assert {(cell.start, cell.names): cell.sums for cell in read_cells} == of_lines(since, until, columns, only)


def of_lines(since: datetime, until: datetime, columns: list[str], only: Only) -> dict[object, Sums]:
    """Add up line by line, without the database's help."""
    sums: dict[object, Sums] = {}
    for call in Call.objects.exclude(status="open").filter(created_at__gte=since, created_at__lt=until):
        for line in (call, *call.attempts.all()):
            trial = call.decision.get("experiment") or {}
            hour = call.created_at.replace(minute=0, second=0, microsecond=0)
            named = {
                "hour": hour,
                "day": hour.replace(hour=0),
                "user_key": call.user_id or 0,
                "task_type": call.task_type,
                "prompt_version": call.prompt_version,
                "purpose": call.purpose,
                "experiment": trial.get("name", ""),
                "arm": trial.get("arm", ""),
            } | {name: getattr(line, name) for name in ("provider", "model", "status", "error_class")}
            if only.users is not None and named["user_key"] not in only.users:
                continue
            if any(named[name] != value for name, value in only.names().items()):
                continue
            starts = [named[name] for name in columns if name in {"hour", "day"}]
            key = (starts[0] if starts else None, tuple(named[name] for name in columns if name not in {"hour", "day"}))
            sums[key] = sums.get(key, Sums(latencies=(0,) * 32)) + (of_call(call) if line is call else of_attempt(line))
    return sums


def of_call(call: Call) -> Sums:
    counters = [0] * 32
    if call.latency_ms is not None and not call.is_cached:
        counters[latency_counter(call.latency_ms)] = 1
    return Sums(
        calls=1,
        cache_hits=int(call.is_cached),
        cache_misses=int(call.decision.get("cache") == "miss"),
        saved_nanousd=call.saved_nanousd,
        unpriced_calls=int(call.cost_nanousd is None),
        latency_ms=0 if call.is_cached else call.latency_ms or 0,
        cost_nanousd=call.cost_nanousd if call.error_class == "Expired" else 0,
        latencies=tuple(counters),
    )


def of_attempt(attempt) -> Sums:
    kinds = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
    return Sums(
        attempts=1,
        unpriced_attempts=int(attempt.cost_nanousd is None),
        free_attempts=int(attempt.cost_nanousd == 0),
        cost_nanousd=attempt.cost_nanousd or 0,
        latencies=(0,) * 32,
        **{kind: getattr(attempt, kind) for kind in kinds},
    )


def test_who_cost_most_is_read_without_the_others(settled_line, owner, stranger, staff):
    settled_line(user=owner, cost=5)
    settled_line(user=owner, cost=5)
    settled_line(user=stranger, cost=10)
    settled_line(user=staff, cost=9)

    most = read(by=["user"], counted=COST_AND_CALLS, most=2)

    # Of two who cost the same, who made more calls comes first.
    assert [(cell.names, cell.sums.cost_nanousd) for cell in most] == [((owner.pk,), 10), ((stranger.pk,), 10)]


def test_a_period_is_one_query(varied, django_assert_num_queries):
    with django_assert_num_queries(1):
        read(since=timezone.now() - timedelta(days=3, minutes=7), until=timezone.now(), by=["user"], step="day")


@given(st.lists(st.integers(16, 524_287), min_size=1, max_size=30), st.floats(0.01, 1))
def test_percentiles_are_as_near_as_promised(latencies, share):
    counters = [0] * 32
    for latency in latencies:
        counters[latency_counter(latency)] += 1

    found = Sums(latencies=tuple(counters)).latency_percentile(share)

    exact = next(one for number, one in enumerate(sorted(latencies), 1) if number >= share * len(latencies))
    assert abs(found - exact) <= (LATENCY_ERROR + 0.03) * exact


def test_percentiles_at_the_ends():
    assert Sums().latency_percentile(0.5) is None
    assert Sums(latencies=(1,) + (0,) * 31).latency_percentile(0.5) == 8
    assert Sums(latencies=(0,) * 31 + (1,)).latency_percentile(0.5) == LATENCY_EDGES_MS[-1]


def test_what_a_deleted_account_used_is_nobodys(varied, owner):
    before = {cell.names[0]: cell.sums for cell in read(by=["user"])}

    key = owner.pk
    owner.delete()

    after = {cell.names[0]: cell.sums for cell in read(by=["user"])}
    assert key not in after
    assert after[0] == before[0] + before[key]
    assert list(find_differences()) == []


def test_a_late_settlement_leaves_the_estimate_on_record(open_line):
    call_id = open_line(held_nanousd=900, expires_at=timezone.now() - timedelta(seconds=1))
    reconcile_expired_calls()
    assert not Correction.objects.exists()

    settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[make_attempt()], latency_ms=1)

    kept = Correction.objects.get()
    assert (kept.call_id, str(kept)) == (call_id, f"{call_id}: 900 → 1500")
    assert (kept.status_before, kept.status_after) == ("unknown", "succeeded")


@pytest.mark.django_db(transaction=True)
def test_many_writers_of_the_same_rows_neither_block_each_other_nor_lose_anything(owner):
    Budget.objects.create(name="site", limit_nanousd=10**9)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        failed = make_attempt(
            provider="groq", status=AttemptStatus.FAILED, error_class="RateLimitError", cost_nanousd=0
        )
        try:
            for turn in range(6):
                call_id = uuid4()
                user_id = owner.pk if turn % 2 else None
                held = {"task_type": f"task {turn % 2}", "held_nanousd": 9, "user_id": user_id}
                open_call(call_id=call_id, expires_at=timezone.now() + timedelta(minutes=5), **held)
                attempts = [failed, make_attempt()] if number % 2 else [make_attempt(), failed]
                settle_call(call_id=call_id, status=CallStatus.SUCCEEDED, attempts=attempts, latency_ms=10**turn)
                merge_slots(now=timezone.now() + timedelta(days=2))
        except BaseException as error:
            errors.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert sum(cell.sums.calls for cell in read()) == 48
    assert list(find_differences()) == []
