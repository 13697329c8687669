"""Requests that can wait: collected, sent through the batch interfaces of providers, settled, and answered once."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.utils import timezone

from ai_router import batch_items, batch_joining, batches, requests
from ai_router.models import (
    BackgroundTask,
    BatchItem,
    BatchState,
    ItemState,
    ProviderBatch,
    QueuedRequest,
    TaskState,
    WebhookDelivery,
)
from ai_router.scheduling import perform, perform_most_urgent, reconcile
from tests.ai_router.books import assert_books_agree
from tests.providers.simulator import BatchReply, Reply
from usage.behind import close_behind
from usage.ledger import reconcile_expired_calls
from usage.models import AuditEntry, Budget, BudgetHold, Call, OutboundText

ADDRESS = "/api/v1/ai/requests/"
DAY = "24h"
WIRES = {
    "openai": "gpt-5.4-mini",
    "azure": "gpt-5.4-mini",
    "groq": "openai/gpt-oss-120b",
    "grok": "grok-4.3",
    "anthropic": "claude-haiku-5-5",
    "gemini": "gemini-3.8-flash",
}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(client_for, owner):
    return client_for(owner)


@pytest.fixture
def use(simulator, settings):
    """Switch one provider on."""

    def switch(provider: str) -> None:
        row = {"api_key": "simulated", "base_url": simulator.url(provider), "model": WIRES[provider]}
        if provider == "azure":
            row["batch_deployments"] = "gpt-5.4-mini=gpt-5.4-mini-batch"
        settings.AI_PROVIDERS = {provider: row}

    return switch


def send(client, prompt: str = "Say hello.", **body: object):
    given = {"prompt": prompt, "completion_window": DAY, "provider": next(iter(settings.AI_PROVIDERS)), **body}
    return client.post(ADDRESS, json.dumps(given), content_type="application/json").json()


def join(client, *prompts: str) -> list[dict]:
    """Send requests and let them be put into a batch."""
    sent = [send(client, prompt) for prompt in prompts]
    for request in sent:
        perform_most_urgent(task_of(request).pk, requests.answer_request)
    return sent


def task_of(request: dict) -> BackgroundTask:
    return BackgroundTask.objects.get(name=requests.REQUEST_TASK, subject_id=request["id"])


def tend(times: int = 1) -> ProviderBatch:
    """Let the batch go on, as if its time had come."""
    for _ in range(times):
        batch = ProviderBatch.objects.latest("pk")
        BackgroundTask.objects.filter(pk=batch.background_task_id).update(run_after=None)
        perform(batch.background_task_id, batches.tend)
    return ProviderBatch.objects.latest("pk")


def shown(client, request: dict) -> dict:
    return client.get(request["status_url"]).json()


def statuses() -> list[str]:
    return list(QueuedRequest.objects.order_by("pk").values_list("status", flat=True))


@pytest.mark.parametrize("provider", WIRES)
def test_requests_that_can_wait_go_out_together_and_come_back_for_less(client, simulator, use, provider):
    use(provider)
    simulator.script(Reply(text="One."), Reply(text="Two."))

    first, second = join(client, "Say one.", "Say two.")
    waiting = shown(client, second)
    sent = tend()
    ended = tend()
    answers = [shown(client, request) for request in (first, second)]

    assert (waiting["status"], waiting["batch"]["state"]) == ("batched", "collecting")
    assert (waiting["batch"]["requests"], waiting["batch"]["position"]) == (2, 2)
    assert (sent.state, ended.state) == (BatchState.SENT, BatchState.ENDED)
    assert [(answer["status"], answer["answer"]["text"]) for answer in answers] == [("done", "One."), ("done", "Two.")]
    assert len(simulator.batches.all) == 1
    assert_books_agree(simulator)
    prices = Call.objects.latest("created_at").attempts.get().unit_prices
    assert prices["tier"] == "batch"
    assert {str(answer["answer"]["call_id"]) for answer in answers} == {str(call.pk) for call in Call.objects.all()}
    # Nothing is left at the provider.
    assert not simulator.batches.files
    assert all(batch.is_deleted for batch in simulator.batches.all if provider in {"anthropic", "gemini"})
    assert not BackgroundTask.objects.filter(state__in=("queued", "running")).exists()


def test_a_batch_is_looked_at_later_and_later_and_its_calls_hold_on(client, simulator, use, owner):
    use("openai")
    simulator.batches.script(BatchReply(looks=2))
    Budget.objects.create(name="all", limit_nanousd=10**12)
    (request,) = join(client, "Say hello.")
    tend()
    call = Call.objects.get()
    assert call.status == "open"
    ProviderBatch.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    Call.objects.update(expires_at=timezone.now() + timedelta(minutes=1))

    before = timezone.now()
    batch = tend()

    assert batch.state == BatchState.SENT
    assert batch.background_task.run_after >= before + timedelta(minutes=5)
    assert reconcile_expired_calls(now=timezone.now() + timedelta(hours=24)) == 0
    assert BudgetHold.objects.get().held_nanousd == call.held_nanousd
    assert tend(2).state == BatchState.ENDED
    assert not BudgetHold.objects.exists()
    assert shown(client, request)["status"] == "done"
    assert_books_agree(simulator)


def test_the_hold_is_half_of_what_one_answer_costs_otherwise(client, simulator, use):
    use("openai")
    join(client, "Say hello.")
    tend(2)
    ordinary = send(client, "Say hello again.", completion_window="")
    perform_most_urgent(task_of(ordinary).pk, requests.answer_request)

    batched, other = Call.objects.order_by("created_at")

    assert 0 < batched.cost_nanousd <= batched.held_nanousd < other.held_nanousd / 2


def test_what_is_not_done_in_time_goes_the_ordinary_way(client, simulator, use, run_tasks):
    use("openai")
    simulator.batches.script(BatchReply(ending="expired", done=1))
    join(client, "Say one.", "Say two.")

    tend(2)

    assert statuses() == ["done", "queued"]
    assert run_tasks() == 1
    assert statuses() == ["done", "done"]
    assert [entry.tier for entry in simulator.books] == ["batch", ""]
    unfinished = Call.objects.get(status="failed")
    assert (unfinished.cost_nanousd, unfinished.error_class) == (0, "ProviderTimeoutError")
    assert sum(call.cost_nanousd for call in Call.objects.all()) == simulator.billed_nanousd


@pytest.mark.parametrize("provider", ["openai", "anthropic", "grok"])
def test_requests_that_fail_alone_go_the_ordinary_way(client, simulator, use, run_tasks, provider):
    use(provider)
    simulator.script(Reply(text="One."), Reply(status=500), Reply(refusal="No."))
    join(client, "Say one.", "Say two.", "Say three.")

    tend(2)
    after_batch = statuses()
    run_tasks()

    assert after_batch == ["done", "queued", "queued"]
    assert statuses() == ["done", "done", "done"]
    errors = Call.objects.filter(status="failed").values_list("error_class", flat=True)
    assert sorted(errors) == ["ProviderUnavailableError", "RefusalError"]
    assert sum(call.cost_nanousd for call in Call.objects.all()) == simulator.billed_nanousd


def test_a_batch_that_the_provider_refuses_holds_nothing_and_nobody_waits_for_it(client, simulator, use, run_tasks):
    use("openai")
    simulator.batches.script(BatchReply(status=400, code="invalid_request"))
    join(client, "Say one.", "Say two.")

    batch = tend()

    assert batch.state == BatchState.ENDED
    assert "400" in batch.error_message
    assert not simulator.batches.files
    assert {call.cost_nanousd for call in Call.objects.all()} == {0}
    run_tasks()
    assert statuses() == ["done", "done"]


def test_calls_of_batches_are_in_the_database_before_they_are_sent_in_every_mode(client, simulator, settings, tmp_path):
    settings.AI_LEDGER, settings.AI_LEDGER_SPOOL_DIR = "fast", tmp_path / "ledger"
    Budget.objects.create(name="all", limit_nanousd=10**12)
    simulator.batches.script(BatchReply(status=400))
    join(client, "Say one.", "Say two.")

    tend()
    close_behind()

    assert {(call.status, call.cost_nanousd) for call in Call.objects.all()} == {("failed", 0)}
    assert Call.objects.count() == 2
    assert not BudgetHold.objects.exists()


def test_a_model_whose_batches_have_no_price_is_asked_at_once(client, simulator, settings, run_tasks, caplog):
    settings.AI_PROVIDERS = {"grok": {"api_key": "simulated", "base_url": simulator.url("grok"), "model": "grok-4.5"}}
    send(client)

    assert run_tasks() == 1
    assert statuses() == ["done"]
    assert not ProviderBatch.objects.exists()
    # It is no news that some models are not taken in batches.
    assert "batch" not in caplog.text


def test_azure_has_batches_only_where_a_deployment_for_them_is_named(client, simulator, settings, use, run_tasks):
    use("azure")
    settings.AI_PROVIDERS["azure"]["batch_deployments"] = "another=another-batch"
    send(client)

    assert run_tasks() == 1
    assert statuses() == ["done"]
    assert not ProviderBatch.objects.exists()


def test_batches_can_be_switched_off(client, simulator, settings, run_tasks):
    settings.AI_BATCHES = False
    send(client)

    assert run_tasks() == 1
    assert statuses() == ["done"]


def test_a_request_whose_time_is_too_short_goes_the_ordinary_way(client, simulator, settings, run_tasks):
    settings.AI_BATCH_COLLECT_SECONDS = 3_600
    send(client, completion_window="1h")

    assert run_tasks() == 1
    assert statuses() == ["done"]


@pytest.mark.parametrize("fault", ["lost", "never"])
@pytest.mark.parametrize("provider", ["openai", "anthropic", "azure", "gemini", "grok"])
def test_a_batch_whose_id_was_lost_is_found_again_and_not_sent_twice(client, simulator, use, provider, fault):
    use(provider)
    simulator.batches.script(BatchReply(fault=fault))
    join(client, "Say hello.")

    lost = tend()
    assert (lost.state, lost.provider_batch_id) == (BatchState.SENDING, "")
    assert Call.objects.get().status == "open"

    tend(2)

    assert len(simulator.batches.all) == 1
    assert statuses() == ["done"]
    assert_books_agree(simulator)


def test_a_worker_that_is_killed_before_it_knows_the_batch_sends_none_twice(client, simulator):
    simulator.batches.script(BatchReply(fault="silent"))
    join(client, "Say one.", "Say two.")
    task = BackgroundTask.objects.get(name=batch_joining.BATCH_TASK)
    BackgroundTask.objects.filter(pk=task.pk).update(run_after=None)
    worker = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("batch_worker.py")), str(task.pk), simulator.base_url],
        env={**os.environ, **database_of_the_tests()},
    )
    assert simulator.batches.has_made.wait(60), "the worker sends nothing"
    worker.kill()
    worker.wait(10)

    task.refresh_from_db()
    assert (task.state, ProviderBatch.objects.get().provider_batch_id) == (TaskState.RUNNING, "")
    reconcile()
    tend(2)

    assert len(simulator.batches.all) == 1
    assert statuses() == ["done", "done"]
    assert not BudgetHold.objects.exists()
    assert_books_agree(simulator)


def test_a_worker_that_ends_between_booking_and_answering_does_both_once(client, simulator, use, monkeypatch):
    use("openai")
    join(client, "Say one.", "Say two.")
    tend()
    part = batch_items.let_go

    def end_the_worker(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr("ai_router.batch_items.let_go", end_the_worker)
    with pytest.raises(SystemExit):
        tend()
    assert sorted(Call.objects.values_list("status", flat=True)) == ["open", "succeeded"]
    monkeypatch.setattr("ai_router.batch_items.let_go", part)
    tend()

    assert statuses() == ["done", "done"]
    assert_books_agree(simulator)


def test_a_batch_that_the_provider_lost_costs_what_was_held(client, simulator, use, run_tasks):
    use("openai")
    join(client, "Say hello.")
    tend()
    simulator.batches.all.clear()

    still_hoped_for = tend(batches.LAST_LOOKS - 1)
    batch = tend()
    run_tasks()

    assert still_hoped_for.state == BatchState.SENT

    assert (batch.state, "404" in batch.error_message) == (BatchState.ENDED, True)
    assert statuses() == ["done"]
    lost, asked_again = Call.objects.order_by("created_at")
    assert (lost.status, lost.cost_nanousd) == ("unknown", lost.held_nanousd)
    assert asked_again.status == "succeeded"


def test_a_batch_that_cannot_be_reached_holds_money_no_longer_than_its_provider_keeps_it(
    client, simulator, use, settings
):
    use("openai")
    Budget.objects.create(name="all", limit_nanousd=10**12)
    simulator.batches.script(BatchReply(looks=-1))
    join(client, "Say hello.")
    expires_at = tend(2).expires_at
    assert timedelta(hours=23) < expires_at - timezone.now() <= timedelta(hours=24)
    settings.AI_PROVIDERS = {"openai": settings.AI_PROVIDERS["openai"] | {"base_url": "http://127.0.0.1:9/v1"}}

    waiting = tend()
    ProviderBatch.objects.update(expires_at=timezone.now() - batches.LOST_AFTER_EXPIRY)
    written_off = tend(batches.LAST_LOOKS)

    assert (waiting.state, waiting.error_message != "") == (BatchState.SENT, True)
    assert written_off.state == BatchState.ENDED
    call = Call.objects.get()
    assert (call.status, call.cost_nanousd) == ("unknown", call.held_nanousd)
    assert BatchItem.objects.get().state == ItemState.SETTLED
    assert statuses() == ["queued"]


@pytest.mark.parametrize("moment", ["collecting", "no word", "at the provider", "unreachable"])
def test_an_operator_gives_a_batch_up(client, client_for, staff, simulator, run_tasks, moment):  # noqa: PLR0917 - fixtures
    simulator.batches.script(BatchReply(looks=-1, fault="lost" if moment == "no word" else ""))
    join(client, "Say hello.")
    if moment != "collecting":
        tend()
    page, operator = "/admin/ai_router/providerbatch/", client_for(staff)
    chosen = {"action": "give_up", "_selected_action": [ProviderBatch.objects.get().pk]}
    if moment == "unreachable":
        ProviderBatch.objects.update(key_id="gone")

    operator.post(page, chosen)
    again_soon = ProviderBatch.objects.get().background_task
    ended = tend()
    freed = statuses()
    if moment == "unreachable":
        assert ended.state == BatchState.SENT
        ended = tend(batches.LAST_LOOKS - 1)
    told = operator.post(page, chosen, follow=True).content.decode()

    assert again_soon.run_after is None
    assert ended.state == BatchState.ENDED
    assert "Batches that have ended cannot be given up." in told
    assert AuditEntry.objects.get(object_id=str(ended.pk)).actor == staff
    assert freed == statuses() == ["queued"]
    costs = [(call.status, call.cost_nanousd) for call in Call.objects.all()]
    nothing_done = [("failed", 0)]
    assert (
        costs
        == {
            "collecting": [],
            "no word": nothing_done,
            "at the provider": nothing_done,
            "unreachable": [("unknown", held) for held in Call.objects.values_list("held_nanousd", flat=True)],
        }[moment]
    )
    states = {
        "collecting": [],
        "no word": ["cancelled"],
        "at the provider": ["cancelled"],
        "unreachable": ["in_progress"],
    }
    assert [batch.state for batch in simulator.batches.all] == states[moment]
    run_tasks()
    assert statuses() == ["done"]


@pytest.mark.parametrize("provider", WIRES)
def test_what_is_done_of_a_batch_that_is_given_up_is_collected_and_the_rest_waits_for_nobody(
    client, simulator, use, run_tasks, provider
):
    use(provider)
    simulator.batches.script(BatchReply(looks=-1, early=1, stopping=2))
    join(client, "Say one.", "Say two.")
    tend()

    batches.give_up(ProviderBatch.objects.get())
    tend()
    at_once = statuses()
    answered_otherwise = run_tasks()
    ended = tend(2)

    # Only xAI shows an answer before the batch has ended.
    assert at_once == (["done", "queued"] if provider == "grok" else ["queued", "queued"])
    assert answered_otherwise == at_once.count("queued")
    assert (ended.state, statuses()) == (BatchState.ENDED, ["done", "done"])
    assert not Call.objects.filter(status__in=("open", "unknown")).exists()
    assert sum(call.cost_nanousd for call in Call.objects.all()) == simulator.billed_nanousd


def test_a_batch_that_does_not_stop_is_written_off_but_for_what_it_shows(client, simulator, use):
    use("grok")
    simulator.batches.script(BatchReply(looks=-1, early=1, stopping=-1))
    join(client, "Say one.", "Say two.")
    tend()

    batches.give_up(ProviderBatch.objects.get())
    last = tend(batches.LAST_LOOKS - 1)
    ended = tend()

    assert (last.state, ended.state) == (BatchState.SENT, BatchState.ENDED)
    booked = [(call.status, call.cost_nanousd) for call in Call.objects.order_by("status")]
    held = Call.objects.get(status="unknown").held_nanousd
    assert booked == [("succeeded", simulator.billed_nanousd), ("unknown", held)]


def test_a_worker_that_was_away_looks_again_before_it_gives_up(client, simulator, use, settings):
    use("openai")
    Budget.objects.create(name="all", limit_nanousd=10**12)
    join(client, "Say hello.")
    tend()
    long_ago = timezone.now() - timedelta(days=5)
    ProviderBatch.objects.update(give_up_at=long_ago, expires_at=long_ago)
    Call.objects.update(expires_at=long_ago)
    reconcile_expired_calls()
    there = settings.AI_PROVIDERS
    settings.AI_PROVIDERS = {"openai": there["openai"] | {"base_url": "http://127.0.0.1:9/v1"}}

    not_yet = [tend() for _ in range(batches.LAST_LOOKS - 1)]
    BackgroundTask.objects.filter(name=batch_joining.BATCH_TASK).update(run_after=timezone.now() - timedelta(days=1))
    perform(not_yet[-1].background_task_id, batches.tend)
    away_again = ProviderBatch.objects.get()
    settings.AI_PROVIDERS = there
    ended = tend()

    assert {batch.state for batch in (*not_yet, away_again)} == {BatchState.SENT}
    assert [batch.last_looks for batch in not_yet] == list(range(1, batches.LAST_LOOKS))
    assert away_again.last_looks == 1
    assert (ended.state, statuses()) == (BatchState.ENDED, ["done"])
    assert not BudgetHold.objects.exists()
    assert_books_agree(simulator)


def test_a_batch_that_ran_on_while_the_worker_was_away_is_stopped_first(client, simulator, use):
    use("anthropic")
    simulator.batches.script(BatchReply(looks=-1, done=1))
    join(client, "Say one.", "Say two.")
    tend()
    long_ago = timezone.now() - timedelta(days=5)
    ProviderBatch.objects.update(give_up_at=long_ago)

    stopped = tend()
    ended = tend()

    assert (stopped.state, stopped.cancelled_at is not None) == (BatchState.SENT, True)
    assert (ended.state, statuses()) == (BatchState.ENDED, ["done", "queued"])
    assert sum(call.cost_nanousd for call in Call.objects.all()) == simulator.billed_nanousd > 0


def test_a_batch_that_its_provider_does_not_know_for_a_moment_is_not_lost(client, simulator, use):
    use("openai")
    join(client, "Say hello.")
    tend()
    known = list(simulator.batches.all)
    simulator.batches.all.clear()
    tend()
    simulator.batches.all += known

    assert tend().state == BatchState.ENDED
    assert statuses() == ["done"]
    assert_books_agree(simulator)


def test_who_may_only_look_gives_no_batch_up(client, client_for, django_user_model, simulator, use):
    use("openai")
    join(client, "Say hello.")
    looker = django_user_model.objects.create_user("looker", "looker@example.org", "long-password", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_providerbatch"))

    client_for(looker).post(
        "/admin/ai_router/providerbatch/",
        {"action": "give_up", "_selected_action": [ProviderBatch.objects.get().pk]},
    )

    assert ProviderBatch.objects.get().given_up_at is None


def test_a_batch_whose_key_is_gone_waits_for_it(client, simulator, use, settings):
    use("openai")
    join(client, "Say hello.")
    tend()
    settings.AI_PROVIDERS = {"openai": settings.AI_PROVIDERS["openai"] | {"api_key": "another"}}

    waiting = tend()
    ProviderBatch.objects.update(give_up_at=timezone.now() - timedelta(hours=49))
    given_up = tend(batches.LAST_LOOKS)

    assert (waiting.state, "key" in waiting.error_message) == (BatchState.SENT, True)
    assert given_up.state == BatchState.ENDED
    assert statuses() == ["queued"]


def test_a_batch_of_somebody_else_is_not_taken_for_ours(client, simulator, use):
    use("anthropic")
    simulator.batches.script(BatchReply(fault="never"))
    join(client, "Say hello.")
    tend()
    simulator.batches.script(BatchReply())
    body = {"requests": [{"custom_id": "theirs", "params": simulator_message()}]}
    post(simulator, "/anthropic/v1/messages/batches", body)

    taken_over = tend()
    found_out = tend()
    tend(2)

    assert (taken_over.state, taken_over.provider_batch_id) == (BatchState.SENT, "msgbatch_1")
    assert (found_out.state, found_out.not_ours) == (BatchState.SENDING, ["msgbatch_1"])
    assert statuses() == ["done"]
    assert len(simulator.batches.all) == 2


def test_budgets_refuse_single_requests(client, client_for, stranger, simulator, run_tasks):
    Budget.objects.create(
        name="poor", user=get_user_model().objects.get(pk=client.session["_auth_user_id"]), limit_nanousd=1
    )
    (refused,) = join(client, "Say one.")
    (other,) = join(client_for(stranger), "Say two.")

    tend(2)
    run_tasks()

    assert shown(client, refused)["error"]["code"] == "budget_exceeded"
    assert shown(client_for(stranger), other)["status"] == "done"
    assert Call.objects.count() == 1
    assert_books_agree(simulator)


def test_a_request_is_cancelled_before_it_is_sent(client, simulator, use):
    use("openai")
    stopped, other = join(client, "Say one.", "Say two.")

    client.post(f"{stopped['status_url']}cancel/")
    tend(2)

    assert statuses() == ["cancelled", "done"]
    assert BatchItem.objects.get(request_id=stopped["id"]).state == ItemState.LEFT
    assert shown(client, other)["answer"]["text"]
    assert len(simulator.books) == 1
    assert_books_agree(simulator)


def test_a_request_that_is_cancelled_while_nobody_knows_whether_there_is_a_batch_is_not_sent_again(
    client, simulator, use
):
    use("openai")
    simulator.batches.script(BatchReply(fault="never"))
    stopped, other = join(client, "Say one.", "Say two.")
    tend()

    client.post(f"{stopped['status_url']}cancel/")
    tend(2)

    assert statuses() == ["cancelled", "done"]
    assert [len(batch.lines) for batch in simulator.batches.all] == [1]
    assert not Call.objects.filter(status="open").exists()
    assert shown(client, other)["answer"]["call_id"] == str(Call.objects.get(status="succeeded").pk)


def test_a_request_that_is_cancelled_while_it_is_put_into_a_batch_is_in_none(client, simulator, use, monkeypatch):
    use("openai")
    request = send(client)
    choose = batch_joining.cheaper_in_a_batch

    def choose_and_cancel(row):
        requests.cancel_request(QueuedRequest.objects.get())
        return choose(row)

    monkeypatch.setattr("ai_router.batch_joining.cheaper_in_a_batch", choose_and_cancel)
    perform_most_urgent(task_of(request).pk, requests.answer_request)

    assert statuses() == ["cancelled"]
    assert not BatchItem.objects.exists()


def test_a_batch_that_nobody_waits_for_is_stopped_and_what_was_done_is_paid(client, simulator, use):
    use("openai")
    simulator.batches.script(BatchReply(looks=-1, done=1))
    first, second = join(client, "Say one.", "Say two.")
    tend()

    client.post(f"{first['status_url']}cancel/")
    still_running = tend()
    client.delete(second["status_url"])
    woken = BackgroundTask.objects.get(name=batch_joining.BATCH_TASK).run_after
    stopping = tend()
    ended = tend()

    assert still_running.cancelled_at is None
    assert woken is None
    assert (stopping.cancelled_at is not None, ended.state) == (True, BatchState.ENDED)
    assert statuses() == ["cancelled"]
    assert sorted(Call.objects.values_list("status", flat=True)) == ["cancelled", "cancelled"]
    assert sum(call.cost_nanousd for call in Call.objects.all()) == simulator.billed_nanousd > 0


def test_a_request_that_was_deleted_is_seen_by_nobody_and_goes_when_it_is_booked(client, simulator, use):
    use("openai")
    simulator.batches.script(BatchReply(looks=1))
    deleted, _ = join(client, "Write to rosa@example.org.", "Say two.")
    tend()

    assert client.delete(deleted["status_url"]).status_code == 204
    assert client.get(deleted["status_url"]).status_code == 404
    assert client.get(ADDRESS).json()["count"] == 1
    tend(2)

    assert statuses() == ["done"]
    assert_books_agree(simulator)
    texts = [str(row.messages) for row in OutboundText.objects.all()]
    assert len(texts) == 2
    assert not any("rosa@example.org" in text for text in texts)


def test_personal_data_leaves_as_placeholders_and_comes_back(client, simulator, use):
    use("openai")
    simulator.script(Reply(text="Dear [EMAIL_1],"))
    (request,) = join(client, "Write to rosa@example.org.")

    tend()
    assert b"rosa@example.org" not in simulator.batches.files["file-1"]
    assert b"[EMAIL_1]" in simulator.batches.files["file-1"]
    tend()

    assert shown(client, request)["answer"]["text"] == "Dear rosa@example.org,"
    assert "[EMAIL_1]" in str(OutboundText.objects.get().messages)


def test_an_answer_to_what_would_be_sent_otherwise_now_is_paid_and_not_used(
    client, simulator, use, settings, run_tasks
):
    use("openai")
    join(client, "Write to rosa@example.org.")
    tend()
    settings.AI_PRIVACY = False

    tend()

    assert statuses() == ["queued"]
    assert Call.objects.get().cost_nanousd == simulator.billed_nanousd
    # What left is told as it left.
    assert "[EMAIL_1]" in str(OutboundText.objects.get().messages)
    assert BatchItem.objects.get().sent == []


def test_the_end_of_a_batch_is_told_as_any_other(client, simulator, use):
    use("openai")
    client.post("/api/v1/ai/webhook-secret/")
    request = send(client, webhook_url="https://hooks.example.org/")
    perform_most_urgent(task_of(request).pk, requests.answer_request)

    tend()
    assert not WebhookDelivery.objects.exists()
    tend()

    assert WebhookDelivery.objects.get().request_id == request["id"]


def test_an_answer_that_does_not_fit_its_form_is_paid_and_asked_for_again(client, simulator, use, run_tasks):
    use("openai")
    simulator.script(Reply(text="no JSON at all"), Reply(text='{"word": "hello"}'))
    request = send(client, answer_schema={"type": "object", "properties": {"word": {"type": "string"}}})
    perform_most_urgent(task_of(request).pk, requests.answer_request)

    tend(2)
    run_tasks()

    assert shown(client, request)["answer"]["text"] == '{"word": "hello"}'
    rejected = Call.objects.get(status="failed")
    assert (rejected.error_class, rejected.attempts.get().status) == ("InvalidOutputError", "rejected")
    assert sum(call.cost_nanousd for call in Call.objects.all()) == simulator.billed_nanousd


def test_the_cache_is_filled_and_serves_without_a_batch(client, simulator, use, run_tasks):
    use("openai")
    first = send(client, temperature=0)
    perform_most_urgent(task_of(first).pk, requests.answer_request)
    tend(2)

    second = send(client, temperature=0)
    run_tasks()

    assert shown(client, second)["answer"]["is_cached"]
    assert len(simulator.books) == 1
    assert ProviderBatch.objects.count() == 1


def test_at_the_last_moment_a_request_goes_the_ordinary_way_and_is_answered_once(client, simulator, use, run_tasks):
    use("openai")
    simulator.script(Reply(text="In time."), Reply(text="Too late."))
    (request,) = join(client, "Say hello.")
    tend()
    waiting = task_of(request)
    assert waiting.run_after < QueuedRequest.objects.get().complete_by
    BackgroundTask.objects.filter(pk=waiting.pk).update(run_after=None)

    perform_most_urgent(waiting.pk, requests.answer_request)
    tend()

    assert shown(client, request)["answer"]["text"] == "In time."
    assert sorted(Call.objects.values_list("status", flat=True)) == ["cancelled", "succeeded"]
    assert sum(call.cost_nanousd for call in Call.objects.all()) == simulator.billed_nanousd


def test_a_batch_is_given_up_before_the_time_of_its_requests_is_over(client, simulator, use, run_tasks):
    use("openai")
    simulator.batches.script(BatchReply(looks=-1))
    join(client, "Say hello.")
    tend()
    ProviderBatch.objects.update(give_up_at=timezone.now())

    stopping = tend()
    tend()
    run_tasks()

    assert stopping.cancelled_at is not None
    assert statuses() == ["done"]
    assert [entry.tier for entry in simulator.books] == [""]


def test_staff_sees_the_id_at_the_provider_and_nobody_sees_how_many_others_wait(
    client, client_for, stranger, staff, simulator
):
    (own,) = join(client, "Say one.")
    join(client_for(stranger), "Say two.")
    (of_staff,) = join(client_for(staff), "Say three.")
    tend()

    seen, seen_by_staff = shown(client, own)["batch"], shown(client_for(staff), of_staff)["batch"]

    assert (seen["state"], seen["requests"]) == ("sent", 1)
    assert not {"provider_batch_id", "size", "provider_finished"} & seen.keys()
    assert (seen_by_staff["provider_batch_id"], seen_by_staff["size"]) == ("batch_1", 3)
    page = client_for(staff).get("/admin/ai_router/providerbatch/")
    assert b"gpt-5.4-mini" in page.content


@pytest.mark.parametrize("window", ["59m", "8d", "soon", "24", "-1h"])
def test_a_time_that_cannot_be_kept_is_refused(client, window):
    refused = client.post(
        ADDRESS, json.dumps({"prompt": "Hi.", "completion_window": window}), content_type="application/json"
    )

    assert refused.status_code == 400
    assert "completion_window" in refused.json()["error"]["fields"]


def database_of_the_tests() -> dict[str, str]:
    row = connection.settings_dict
    if connection.vendor == "sqlite":
        return {"DATABASE_URL": f"sqlite:///{row['NAME']}"}
    return {"DATABASE_URL": f"postgres://{row['USER']}@{row['HOST']}:{row['PORT']}/{row['NAME']}"}


def simulator_message() -> dict:
    return {"model": WIRES["anthropic"], "max_tokens": 50, "messages": [{"role": "user", "content": "Hi."}]}


def post(simulator, path: str, body: dict) -> None:
    import urllib.request

    headers = {"Authorization": "Bearer theirs", "anthropic-version": "2023-06-01", "Content-Type": "application/json"}
    address = f"http://127.0.0.1:{simulator.port}{path}"
    asked = urllib.request.Request(address, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked) as answered:
        assert answered.status == 200


def test_a_request_weighs_what_its_line_of_the_file_has():
    said = "\u4fee\u526a\u73ab\u7470" * 500
    request = QueuedRequest(body={"prompt": said})
    step = type("Step", (), {"max_output_tokens": 0})()

    assert batch_joining._weight(request, step) >= len(json.dumps(said))
