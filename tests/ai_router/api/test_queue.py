"""Queued requests: accepted, answered in the background, in order, once, and told to whoever waits for them."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ai_router import requests
from ai_router.api.bodies import texts_in
from ai_router.copies import forget_copies
from ai_router.errors import NoWebhookSecretError
from ai_router.models import BackgroundTask, QueuedRequest, TaskState, WebhookDelivery, WebhookSecret
from ai_router.scheduling import perform_most_urgent, reconcile
from ai_router.webhooks import make_secret, seal_secrets_anew, signed_headers
from careerai.accounts.tokens import create_token
from tests.ai_router.books import assert_books_agree
from tests.providers.simulator import Reply
from usage.freezes import freeze
from usage.models import Budget, Call
from usage.types import FreezeLevel

ADDRESS = "/api/v1/ai/requests/"
pytestmark = pytest.mark.django_db(transaction=True)


class Receiver:
    """Another program's server, which keeps what it was sent and answers as told."""

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        receiver = self

        class Answerer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answerer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?of=us"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def client(client_for, owner):
    return client_for(owner)


def send(client, *, key: str = "", **body: object):
    headers = {"Idempotency-Key": key} if key else {}
    given = {"prompt": "Say hello.", **body}
    return client.post(ADDRESS, json.dumps(given), content_type="application/json", headers=headers)


def test_a_request_is_accepted_and_answered_in_the_background(client, simulator, run_tasks, owner):
    simulator.script(Reply(text="Hello."))

    accepted = send(client, task_type="fast_summary", system="Be brief.")
    waiting = client.get(accepted["Location"]).json()
    assert run_tasks() == 1
    done = client.get(accepted["Location"]).json()

    assert (accepted.status_code, waiting["status"], waiting["answer"]) == (202, "queued", None)
    assert (done["status"], done["answer"]["text"], done["error"]) == ("done", "Hello.", None)
    booked = Call.objects.get()
    assert done["answer"]["call_id"] == str(booked.pk)
    assert done["answer"]["cost_nanousd"] == booked.cost_nanousd
    assert (booked.user, booked.task_type) == (owner, "fast_summary")
    assert done["finished_at"]
    assert [row["id"] for row in client.get(f"{ADDRESS}?status=done").json()["results"]] == [done["id"]]
    assert_books_agree(simulator)


def test_a_request_made_with_a_token_counts_for_the_token_and_stops_with_it(simulator, run_tasks, owner, settings):
    row, plain = create_token(user=owner, name="batch")
    program = Client(headers={"Authorization": f"Bearer {plain}"})
    simulator.script(Reply(text="Hello."))

    send(program)
    run_tasks()

    assert Call.objects.get().token_id == row.pk
    freeze(("token", str(row.pk)), level=FreezeLevel.FREEZE, message="Stop this program.")
    forget_copies()
    refused = send(program)
    run_tasks()
    assert program.get(refused["Location"]).json()["error"]["code"] == "frozen"
    assert Call.objects.count() == 1


def test_nobody_sees_or_stops_the_requests_of_another(client, client_for, stranger, simulator):
    address = send(client).json()["status_url"]
    other = client_for(stranger)

    assert other.get(address).status_code == 404
    assert other.delete(address).status_code == 404
    assert other.post(f"{address}cancel/").status_code == 404
    assert other.get(f"{address}deliveries/").status_code == 404
    assert other.get(ADDRESS).json()["count"] == 0
    assert QueuedRequest.objects.get().status == TaskState.QUEUED


def test_a_request_for_later_waits_for_its_time(client, simulator, run_tasks):
    send(client, scheduled_at=(timezone.now() + timedelta(hours=1)).isoformat())

    assert run_tasks() == 0
    assert reconcile() == 0
    BackgroundTask.objects.update(run_after=timezone.now())
    assert reconcile(quiet_seconds=60) == 1
    assert run_tasks() == 1


def test_the_most_urgent_request_comes_first_and_users_take_turns(client, client_for, stranger, simulator):
    for priority in (1, 9, 5):
        send(client, prompt=f"owner {priority}", priority=priority)
    send(client_for(stranger), prompt="stranger 0", priority=0)
    first, *_ = BackgroundTask.objects.order_by("created_at")

    # One of the owner's requests is running, so that the stranger is next.
    BackgroundTask.objects.filter(pk=QueuedRequest.objects.get(priority=9).background_task_id).update(
        state=TaskState.RUNNING, lease_until=timezone.now() + timedelta(hours=1)
    )
    for _ in range(3):
        perform_most_urgent(first.pk, requests.answer_request)

    asked = [entry.request["messages"][-1]["content"] for entry in simulator.books]
    assert asked == ["stranger 0", "owner 5", "owner 1"]


def test_the_same_key_is_the_same_request(client, simulator, run_tasks):
    first = send(client, key="a-1")
    run_tasks()
    second = send(client, key="a-1")
    other = send(client, key="a-1", prompt="Something else.")

    assert second.status_code == 202
    assert second.json()["id"] == first.json()["id"]
    assert second.json()["status"] == "done"
    assert second["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_conflict")
    assert len(simulator.books) == 1
    assert send(client, key="x" * 256).status_code == 400


def test_requests_are_forgotten_some_days_after_their_end(client, simulator, run_tasks, settings):
    client.post("/api/v1/ai/webhook-secret/")
    ended, untold = send(client).json(), send(client, webhook_url="https://hooks.example.org/").json()
    run_tasks()
    waiting = send(client).json()
    QueuedRequest.objects.filter(pk=untold["id"]).update(finished_at=timezone.now())
    WebhookDelivery.objects.update(status=TaskState.QUEUED)
    later = timezone.now() + timedelta(days=31)

    assert requests.forget_requests() == 0
    assert requests.forget_requests(now=later) == 1
    assert set(QueuedRequest.objects.values_list("pk", flat=True)) == {untold["id"], waiting["id"]}
    assert ended["id"] not in {untold["id"], waiting["id"]}
    WebhookDelivery.objects.update(status=TaskState.DONE)
    settings.AI_REQUESTS_DAYS = 0
    assert requests.forget_requests(now=later) == 0
    settings.AI_REQUESTS_DAYS = 30
    assert requests.forget_requests(now=later) == 1
    assert not WebhookDelivery.objects.exists()
    tasks = BackgroundTask.objects.filter(name=requests.REQUEST_TASK)
    assert [task.subject_id for task in tasks] == [waiting["id"]]


def test_the_task_of_a_request_that_its_owner_deleted_goes_too(client, simulator, run_tasks, settings):
    settings.AI_REQUESTS_DAYS = 0
    address = send(client).json()["status_url"]
    run_tasks()
    client.delete(address)
    waiting = send(client).json()

    requests.forget_requests()

    assert [task.subject_id for task in BackgroundTask.objects.all()] == [waiting["id"]]


def test_the_same_key_of_another_user_is_another_request(client, client_for, stranger, simulator):
    assert send(client, key="a").json()["id"] != send(client_for(stranger), key="a").json()["id"]


def test_a_request_whose_worker_was_lost_is_answered_once(client, simulator, run_tasks):
    address = send(client).json()["status_url"]
    BackgroundTask.objects.update(
        state=TaskState.RUNNING,
        lease_owner="elsewhere:1:2:3",
        lease_until=timezone.now() - timedelta(seconds=1),
        rung_at=None,
        attempts=1,
    )

    assert reconcile(quiet_seconds=60) == 1
    task = BackgroundTask.objects.get()
    perform_most_urgent(task.pk, requests.answer_request)
    perform_most_urgent(task.pk, requests.answer_request)

    assert client.get(address).json()["status"] == "done"
    assert len(simulator.books) == 1


def test_a_waiting_request_is_cancelled_at_once_and_forgotten_on_demand(client, simulator, run_tasks):
    address = send(client).json()["status_url"]

    assert client.post(f"{address}cancel/").json()["status"] == "cancelled"
    assert run_tasks() == 0
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert simulator.books == []


def test_cancelling_a_running_request_stops_the_provider(client, simulator):
    simulator.script(Reply(fault="stall"))
    address = send(client).json()["status_url"]

    def stop() -> None:
        while not simulator.books:
            time.sleep(0.01)
        requests.cancel_request(QueuedRequest.objects.select_related("background_task").get())
        connection.close()

    stopping = threading.Thread(target=stop)
    stopping.start()
    perform_most_urgent(BackgroundTask.objects.get().pk, requests.answer_request)
    stopping.join()

    assert client.get(address).json()["status"] == "cancelled"
    assert Call.objects.get().status == "cancelled"
    simulator.closed_books()


def test_a_request_that_finds_every_provider_busy_is_tried_again(client, simulator, run_tasks):
    simulator.script(*[Reply(status=503)] * 2)
    address = send(client).json()["status_url"]

    run_tasks()
    waiting = client.get(address).json()
    run_tasks(skip_delays=True)
    done = client.get(address).json()

    assert (waiting["status"], waiting["error"]["code"]) == ("queued", "all_providers_failed")
    assert (done["status"], done["error"]) == ("done", None)
    assert BackgroundTask.objects.get().failures == 1


def test_a_request_beyond_ones_limit_waits_and_has_not_failed(client, simulator, run_tasks, settings):
    settings.AI_USER_REQUESTS_PER_MINUTE = 1
    for _ in range(2):
        send(client)

    run_tasks()

    waiting = QueuedRequest.objects.get(status=TaskState.QUEUED)
    assert (waiting.error_code, waiting.background_task.failures) == ("rate_limited", 0)
    assert waiting.background_task.run_after > timezone.now()
    assert len(simulator.books) == 1


def test_a_request_that_can_never_be_answered_fails_at_once(client, simulator, run_tasks):
    Budget.objects.create(name="none", limit_nanousd=1)
    poor = send(client).json()["status_url"]
    lost = send(client, model="nonsense").json()["status_url"]

    run_tasks()

    assert client.get(poor).json()["error"]["code"] == "budget_exceeded"
    assert client.get(lost).json()["error"]["code"] == "model_not_found"
    assert BackgroundTask.objects.filter(state=TaskState.FAILED).count() == 2
    assert simulator.books == []


def test_a_queue_has_an_end(client, simulator, monkeypatch):
    monkeypatch.setattr(requests, "MAX_WAITING", 1)
    send(client)

    refused = send(client)

    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "queue_full")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"priority": 10}, "priority"),
        ({"scheduled_at": "tomorrow"}, "scheduled_at"),
        ({"webhook_url": "http://example.org/"}, "webhook_url"),
        ({"webhook_url": "https://127.0.0.1/"}, "webhook_url"),
        ({"webhook_url": "https://[::ffff:10.0.0.1]/"}, "webhook_url"),
        ({"webhook_url": "https://user:secret@example.org/"}, "webhook_url"),
        ({"webhook_url": "ftp://example.org/"}, "webhook_url"),
        ({"webhook_url": "https://example.org:99999/"}, "webhook_url"),
        ({"answer_schema": {"a": "\x00"}}, "non_field_errors"),
        ({"answer_schema": {"a": ["\ud800"]}}, "non_field_errors"),
        ({"prompt": "\ud800"}, "prompt"),
    ],
)
def test_a_bad_request_is_refused_by_field(client, simulator, more, field):
    answer = send(client, **more)

    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert QueuedRequest.objects.count() == 0


def test_texts_are_found_everywhere():
    assert sorted(texts_in({"a": ["b", {"c": "d"}, 1, None]})) == ["a", "b", "c", "d"]


def _secret(client) -> bytes:
    shown = client.post("/api/v1/ai/webhook-secret/").json()["secret"]
    return base64.b64decode(shown.removeprefix("whsec_"))


def test_the_end_of_a_request_is_told_in_a_signed_message(client, simulator, run_tasks, receiver):
    secret = _secret(client)
    address = send(client, webhook_url=receiver.url).json()["status_url"]

    assert run_tasks() == 2

    headers, body = receiver.seen[0]
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    message = json.loads(body)
    assert message["type"] == "ai.request.done"
    assert message["data"] == {"id": QueuedRequest.objects.get().pk, "status": "done", "error": None}
    log = client.get(f"{address}deliveries/").json()
    assert [(row["status"], [line["status"] for line in row["log"]]) for row in log] == [("done", [204])]


def test_a_secret_outlives_a_change_of_the_secret_key(owner, settings):
    settings.SECRET_KEY = "former-" * 8
    secret = base64.b64decode(make_secret(owner_id=owner.pk).removeprefix("whsec_"))
    webhook = WebhookSecret.objects.get
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "present-" * 8, ["former-" * 8]

    assert webhook().key() == secret
    assert [seal_secrets_anew(), seal_secrets_anew()] == [1, 0]
    settings.SECRET_KEY_FALLBACKS = []
    assert webhook().key() == secret

    settings.SECRET_KEY = "another-" * 8
    assert seal_secrets_anew() == 0
    with pytest.raises(NoWebhookSecretError):
        signed_headers(message_id="msg", body=b"", owner_id=webhook().owner_id)


def test_secrets_that_were_derived_from_the_secret_key_stay_as_they_were(owner):
    kept = SimpleNamespace(nonce="a-nonce", sealed="", save=lambda **_: None)
    former = salted_hmac("ai_router.webhooks", kept.nonce, algorithm="sha256").digest()
    apps = SimpleNamespace(get_model=lambda *_: SimpleNamespace(objects=SimpleNamespace(all=lambda: [kept])))

    import_module("ai_router.migrations.0026_seal_webhook_secrets").seal_secrets(apps, None)

    assert WebhookSecret(owner=owner, sealed=kept.sealed).key() == former


def test_a_message_that_did_not_arrive_is_sent_again_with_the_same_id(client, simulator, run_tasks, receiver):
    receiver.statuses = [500, 302]
    _secret(client)
    address = send(client, webhook_url=receiver.url).json()["status_url"]

    for _ in range(3):
        run_tasks(skip_delays=True)

    ids = [headers["webhook-id"] for headers, _ in receiver.seen]
    assert len(ids) == 3
    assert len(set(ids)) == 1
    log = client.get(f"{address}deliveries/").json()[0]
    assert [line["status"] for line in log["log"]] == [500, 302, 204]
    assert log["status"] == "done"


def test_an_address_that_wants_no_more_is_left_alone(client, simulator, run_tasks, receiver):
    receiver.statuses = [410]
    _secret(client)
    send(client, webhook_url=receiver.url)

    run_tasks(skip_delays=True)

    assert len(receiver.seen) == 1
    assert WebhookDelivery.objects.get().status == TaskState.FAILED


def test_a_failed_and_a_cancelled_request_are_told_as_well(client, simulator, run_tasks, receiver):
    _secret(client)
    send(client, model="nonsense", webhook_url=receiver.url)
    stopped = send(client, webhook_url=receiver.url).json()["status_url"]
    client.post(f"{stopped}cancel/")

    run_tasks()

    told = sorted((json.loads(body)["type"], json.loads(body)["data"]["error"]) for _, body in receiver.seen)
    assert told == [("ai.request.cancelled", None), ("ai.request.failed", "model_not_found")]


def test_an_address_that_turns_out_private_is_not_connected_to(client, simulator, run_tasks, receiver, settings):
    _secret(client)
    address = send(client, webhook_url=receiver.url.replace("127.0.0.1", "localhost")).json()["status_url"]
    # The name was taken for a public one; what it means is looked at when it is connected to.
    settings.WEBHOOK_ALLOW_PRIVATE = False
    QueuedRequest.objects.update(webhook_url="https://localhost/hook")

    run_tasks(skip_delays=True)

    log = client.get(f"{address}deliveries/").json()[0]
    assert (log["status"], [line["error"] for line in log["log"]]) == ("failed", ["The address is not public."])
    assert receiver.seen == []


def test_without_a_secret_nothing_can_be_signed(client, simulator, receiver):
    refused = send(client, webhook_url=receiver.url)

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "no_webhook_secret")


def test_a_new_secret_takes_the_place_of_the_old_one(client):
    assert _secret(client) != _secret(client)
