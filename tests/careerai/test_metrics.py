"""What Prometheus reads is what the ledger has, of all processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.test import Client
from django.utils import timezone
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from ai_router.models import BackgroundTask, CatalogModel
from tests.careerai.metrics_worker import call
from tests.usage.conftest import make_attempt, open_line, settled_line
from usage.corrections import correct_cost
from usage.ledger import book_cached_call, reconcile_expired_calls, settle_call
from usage.models import Budget
from usage.types import AttemptStatus, CallStatus, TokenUsage

__all__ = ["open_line", "settled_line"]

WORKER = Path(__file__).with_name("metrics_worker.py")
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
# The names that others may rely on.
PROMISED = {
    "ai_requests_total",
    "ai_response_duration_seconds_bucket",
    "ai_tokens_used_total",
    "ai_cost_usd_total",
    "ai_active_requests",
    "ai_cache_hits_total",
    "ai_model_health_score",
    "ai_router_overhead_seconds",
    "ai_unpriced_calls_total",
}

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(**headers: str) -> str:
    response = Client().get("/metrics", headers=headers)
    assert response.status_code == 200, response.content
    return response.content.decode()


def figures(text: str | None = None) -> Figures:
    samples = (sample for family in parse(text or scrape()) for sample in family.samples)
    found = [((sample.name, frozenset(sample.labels.items())), sample.value) for sample in samples]
    assert len(dict(found)) == len(found), "a series stands twice"
    return dict(found)


def figure(found: Figures, name: str, **labels: str) -> float:
    """Return the sum of the series of a name whose labels are these, among others."""
    wanted = frozenset(labels.items())
    return sum(value for (own, has), value in found.items() if own == name and wanted <= has)


@pytest.mark.django_db
def test_every_promised_figure_is_told(settled_line, open_line):
    call = settled_line(usage=TokenUsage(10, 20, 30, 40, 50), latency_ms=300)
    settled_line(status=CallStatus.FAILED, cost=0)
    settled_line(cost=None)
    book_cached_call(
        call_id=uuid4(),
        user_id=None,
        task_type="cover_letter",
        provider="openai",
        model="small-1",
        saved_nanousd=70,
        latency_ms=1,
    )
    timed = open_line(task_type="fast_summary")
    settle_call(call_id=timed, status=CallStatus.SUCCEEDED, attempts=[], latency_ms=20, overhead_us=1_250)
    open_line(held_nanousd=7_000)

    found = figures()

    assert {name for name, _ in found} >= PROMISED
    assert figure(found, "ai_requests_total", provider="openai", status="succeeded") == 3
    assert figure(found, "ai_requests_total", status="failed") == 1
    assert figure(found, "ai_attempts_total", error_class="", status="failed") == 1
    assert figure(found, "ai_cost_usd_total", task_type="cover_letter") == pytest.approx(call.cost_nanousd / 1e9)
    kinds = {"input": 10, "cached_input": 20, "cache_write": 30, "output": 40, "reasoning": 50}
    extra = {"input": 20, "output": 10}
    for kind, tokens in kinds.items():
        assert figure(found, "ai_tokens_used_total", kind=kind) == tokens + extra.get(kind, 0)
    assert figure(found, "ai_cache_hits_total") == 1
    assert figure(found, "ai_unpriced_calls_total") == 1
    assert figure(found, "ai_active_requests", task_type="cover_letter") == 1
    assert figure(found, "ai_held_usd") == pytest.approx(7e-6)
    assert figure(found, "ai_response_duration_seconds_count", provider="openai") == 3
    assert figure(found, "ai_response_duration_seconds_sum", provider="openai") == pytest.approx(0.9)
    assert figure(found, "ai_response_duration_seconds_bucket", provider="openai", le="0.256") == 0
    assert figure(found, "ai_response_duration_seconds_bucket", provider="openai", le="0.512") == 3
    assert figure(found, "ai_router_overhead_seconds", quantile="0.5") == pytest.approx(0.00125)
    assert figure(found, "ai_router_overhead_seconds_sum") == pytest.approx(0.00125)
    assert figure(found, "ai_router_overhead_seconds_count") == 1


@pytest.mark.django_db
def test_both_forms_are_what_their_parsers_take(settled_line):
    settled_line()

    plain, modern = scrape(), scrape(Accept=OPENMETRICS)

    assert {family.name for family in parse_openmetrics(modern)} == {
        family.name.removesuffix("_total") for family in parse(plain)
    }


@pytest.mark.django_db
def test_names_that_callers_invent_make_no_series(settled_line):
    CatalogModel.objects.create(provider="openai", model="ours-1")
    for model in ("gpt-4.1-2031-01-01", "gpt-4.1-2032-01-01", "ours-1", "invented-1", "invented-2"):
        settled_line(model=model)

    models = {dict(labels).get("model") for name, labels in figures() if name == "ai_tokens_used_total"}

    assert models == {"gpt-4.1", "ours-1", "other"}


@pytest.mark.django_db
def test_no_counter_falls_when_a_call_is_settled_that_was_written_off(open_line):
    call_id = open_line(held_nanousd=5_000, expires_at=timezone.now() - timedelta(seconds=1))
    reconcile_expired_calls()
    before = figures()
    settle_call(
        call_id=call_id, status=CallStatus.SUCCEEDED, attempts=[make_attempt()], latency_ms=9, provider="openai"
    )

    after = figures()

    assert (figure(before, "ai_written_off_calls"), figure(after, "ai_written_off_calls")) == (1, 0)
    assert (figure(before, "ai_written_off_usd"), figure(after, "ai_written_off_usd")) == (pytest.approx(5e-6), 0)
    falling = [key for key, value in before.items() if key[0].endswith("_total") and after.get(key, 0) < value]
    assert falling == []


@pytest.mark.django_db
def test_no_counter_falls_when_a_cost_is_set_right(settled_line, staff):
    call, unpriced = settled_line(), settled_line(cost=None)
    before = figures()
    correct_cost(call.pk, cost_nanousd=0, reason="refunded", by=staff)
    correct_cost(unpriced.pk, cost_nanousd=3, reason="the price is known", by=staff)

    after = figures()

    assert figure(after, "ai_corrections_usd") == pytest.approx(-1_497e-9)
    assert [key for key, value in before.items() if key[0].endswith("_total") and after.get(key, 0) < value] == []


@pytest.mark.django_db
def test_budgets_and_what_waits_are_told(open_line):
    Budget.objects.create(name="site", limit_nanousd=1_000_000_000)
    Budget.objects.create(name="each", limit_nanousd=1, is_per_user=True, is_hard=False)
    open_line(held_nanousd=250_000_000)
    BackgroundTask.objects.create(name="cv.parse", subject_id=1)
    BackgroundTask.objects.create(name="cv.parse", subject_id=2, run_after=timezone.now() + timedelta(hours=1))
    BackgroundTask.objects.create(name="cv.parse", subject_id=3, state="failed")

    found = figures()

    assert {dict(labels)["budget"] for name, labels in found if name == "ai_budget_left_usd"} == {"site"}
    assert [figure(found, f"ai_budget_{name}_usd") for name in ("limit", "held", "left")] == [1, 0.25, 0.75]
    assert figure(found, "ai_background_tasks", task="cv.parse", state="queued") == 2
    assert 0 <= figure(found, "ai_background_oldest_seconds") < 60


@pytest.mark.django_db
def test_a_model_that_fails_loses_its_health(settled_line):
    for _ in range(4):
        settled_line(provider="groq", status=CallStatus.FAILED, error_class="ProviderUnavailableError")
    settled_line()

    found = figures()

    assert figure(found, "ai_model_health_score", provider="openai", model="other") == 100
    assert figure(found, "ai_model_health_score", provider="groq", model="other") == 60
    assert figure(found, "ai_provider_state", provider="embedded") == 1


@pytest.mark.django_db(transaction=True)
def test_one_scrape_has_the_calls_of_all_processes_also_of_killed_ones(tmp_path):
    with working(3, tmp_path) as other:
        call(2)
        assert other.stdout.readline() == "done\n"
        other.send_signal(signal.SIGKILL)
        other.wait()
        found = figures()

    assert figure(found, "ai_requests_total", task_type="fast_summary", status="succeeded") == 5
    assert figure(found, "ai_router_overhead_seconds_count") == 5


def working(calls: int, folder: Path) -> "subprocess.Popen[str]":
    """Start a process of the site that makes so many calls and then waits."""
    row = connection.settings_dict
    url = (
        f"sqlite:///{row['NAME']}"
        if connection.vendor == "sqlite"
        else f"postgres://{row['USER']}@{row['HOST']}:{row['PORT']}/{row['NAME']}"
    )
    environment = {**os.environ, "DATABASE_URL": url, "CAREERAI_DATA_DIR": str(folder)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen([sys.executable, str(WORKER), str(calls)], env=environment, text=True, **pipes)


Ask = Callable[..., int]


@pytest.fixture
def ask(db) -> Ask:
    def make(address: str = "127.0.0.1", **headers: str) -> int:
        return Client(REMOTE_ADDR=address, HTTP_HOST="10.0.0.7:8000").get("/metrics", headers=headers).status_code

    return make


def test_without_a_token_only_this_machine_may_read(ask):
    assert ask() == ask("::1") == 200
    assert ask("192.0.2.7") == ask("") == ask("unix:") == 403
    # Whoever comes through a proxy on this machine is somebody else.
    assert ask(**{"X-Forwarded-For": "192.0.2.7"}) == ask(Forwarded="for=192.0.2.7") == 403


def test_with_a_token_it_alone_decides(ask, settings):
    settings.METRICS_TOKEN = "a-long-token"

    assert ask("192.0.2.7", Authorization="Bearer a-long-token") == 200
    assert ask() == ask(Authorization="Bearer a-long-tokeN") == ask(Authorization="a-long-token") == 401


def test_a_database_that_is_gone_is_said(ask):
    with patch.object(CursorWrapper, "execute", side_effect=OperationalError("gone")):
        assert ask() == 503


@pytest.mark.django_db
def test_a_scrape_costs_the_same_few_queries_however_much_there_is(settled_line, django_assert_max_num_queries):
    for number in range(3):
        settled_line(provider=f"p{number}", model=f"m{number}", status=AttemptStatus.SUCCEEDED)

    with django_assert_max_num_queries(24):
        scrape()
