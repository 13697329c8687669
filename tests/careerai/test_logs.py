"""What log lines say: whose request it is, and nothing of what was in it."""

import io
import json
import logging
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as site_settings

from ai_router.errors import RateLimitError
from ai_router.models import BackgroundTask
from ai_router.sealing import seal, unseal
from careerai import logs
from careerai.accounts.tokens import create_token
from careerai.logs import JsonFormatter, TextFormatter
from tests.providers.simulator import Reply
from usage import context
from usage.context import Context, hidden_in_logs, hide_in_logs, working_for
from usage.models import Call

CANARY = "canary7f3e"
LINES = {"text": TextFormatter, "json": JsonFormatter}


@pytest.fixture
def written():
    """Everything that is logged, by every logger and in both forms, down to what only developers want to see."""
    stream = io.StringIO()
    handlers = [logging.StreamHandler(stream) for _ in LINES]
    root = logging.getLogger()
    level = root.level
    for handler, form in zip(handlers, LINES.values(), strict=True):
        handler.setFormatter(form())
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    logs._secrets.cache_clear()
    yield stream
    for handler in handlers:
        root.removeHandler(handler)
    root.setLevel(level)
    logs._secrets.cache_clear()


def line(form: str, *arguments: object, error: BaseException | None = None) -> str:
    record = logging.LogRecord("cv", logging.WARNING, "", 0, arguments[0], arguments[1:], None)
    if error:
        record.exc_info = (type(error), error, error.__traceback__)
    return LINES[form]().format(record)


def test_a_line_of_json_says_whose_request_it_was():
    with working_for(Context("request-0001", 7)):
        said = json.loads(line("json", "%s is\nlate", "it"))

    assert (said["message"], said["request_id"], said["user_id"]) == ("it is\\nlate", "request-0001", 7)
    assert (said["level"], said["logger"]) == ("warning", "cv")
    assert said["time"].endswith("+00:00")
    assert "request_id" not in json.loads(line("json", "alone"))


def test_a_line_of_text_is_one_line():
    with working_for(Context("request-0001", 7)):
        said = line("text", "it is\r\n2026-01-01 ERROR forged: %s", "x\x1b[31m")

    assert not {"\n", "\x1b"} & set(said)
    assert said.endswith("request=request-0001 user=7")


@pytest.mark.parametrize("form", LINES)
@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdefghijklmnop1234",
        "gsk_abcdefghijklmnop1234",
        "xai-abcdefghijklmnop1234",
        "AIzaSyAbcdefghijklmnop1234",
        "the-key-of-this-site",
        "somebody.else+jobs@example.org",
    ],
)
def test_keys_and_addresses_are_left_out(form, secret, settings):
    settings.AI_PROVIDER_KEYS = {"openai": ["the-key-of-this-site"]}
    logs._secrets.cache_clear()

    assert secret not in line(form, "refused: %s.", secret)
    assert "abcdefgh" not in line(form, "Authorization: Bearer abcdefghijkl")
    logs._secrets.cache_clear()


@pytest.mark.parametrize("form", LINES)
def test_a_key_of_the_database_is_left_out_as_soon_as_it_was_read(form):
    sealed = seal(f"ordinary-words-{form}")

    assert f"ordinary-words-{form}" in line(form, "refused: %s", f"ordinary-words-{form}")
    unseal(sealed)

    assert "ordinary" not in line(form, "refused: %s", f"ordinary-words-{form}")


@pytest.mark.parametrize("form", LINES)
def test_an_error_is_told_by_where_and_what_it_is_but_not_by_what_it_quotes(form, settings):
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as error:
            raise RateLimitError(CANARY, provider="openai") from error
    except RateLimitError as error:
        said = line(form, "%s did not work: %s", "It", error, error=error)

    assert CANARY not in said
    assert all(word in said for word in ("test_logs.py", "KeyError", "RateLimitError: The AI provider has no room"))
    settings.DEBUG = True
    assert CANARY in line(form, "%s", ValueError(CANARY))


def test_threads_that_read_more_keys_than_are_remembered_forget_the_oldest(monkeypatch):
    monkeypatch.setattr(context, "_secrets", {})
    monkeypatch.setattr(context, "MOST_SECRETS", 50)

    def read_keys(name: int) -> None:
        for number in range(4_000):
            hide_in_logs(f"{name} {number}")

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(read_keys, range(4)))
    finally:
        sys.setswitchinterval(interval)

    hide_in_logs("the last")
    assert (len(hidden_in_logs()), hidden_in_logs()[-1]) == (50, "the last")


def test_celery_quotes_no_error_either():
    record = logging.LogRecord("celery", logging.ERROR, "", 0, "Task raised: %(exc)s", ({"exc": f"E({CANARY})"},), None)

    assert CANARY not in TextFormatter().format(record)


@pytest.mark.django_db(transaction=True)
def test_a_whole_call_leaves_no_word_of_its_texts_in_the_log(  # noqa: PLR0917 - fixtures
    client, owner, simulator, settings, run_tasks, written
):
    """A CV, a question, a key and a provider that quotes all of them: the log has the id of the request and nothing else."""
    secret = f"key-{CANARY}-of-the-site"
    settings.AI_PROVIDERS = {"openai": {**settings.AI_PROVIDERS["openai"], "api_key": secret}}
    logs._secrets.cache_clear()
    owner.email = f"{CANARY}@example.org"
    owner.save()
    token = create_token(user=owner, name="program")[1]
    headers = {"Authorization": f"Bearer {token}", "X-Request-ID": "request-of-a-client"}
    quoting = f"bad key {secret} in {CANARY}"
    simulator.script(*(Reply(status=status, message=quoting) for status in (500, 400)), Reply(text=f"It is {CANARY}."))
    question = {"model": "task:fast_summary", "messages": [{"role": "user", "content": f"Say {CANARY}."}]}

    answers = [
        client.post("/v1/chat/completions", question, content_type="application/json", headers=headers)
        for _ in range(2)
    ]
    cv = f"Ada {CANARY}\n{CANARY}@example.org\n\nExperience\nEngineer, {CANARY} Ltd, 2019 - 2024\n- Built {CANARY}\n"
    upload = client.post("/api/v1/cvs/", {"text": cv}, headers=headers)
    run_tasks()
    missing = client.get(f"/api/v1/cvs/{CANARY}/", headers=headers)

    assert [answer.status_code for answer in (*answers, upload)] == [400, 200, 202]
    assert missing.json()["error"]["request_id"] == missing["X-Request-ID"] == "request-of-a-client"
    assert {answer["X-Request-ID"] for answer in answers} == {"request-of-a-client"}
    assert set(Call.objects.values_list("request_id", flat=True)) == {"request-of-a-client"}
    assert Call.objects.count() == 3
    assert BackgroundTask.objects.get().request_id == "request-of-a-client"
    said = written.getvalue()
    assert all(word in said for word in (" after ", f'"user_id": {owner.pk}', '"request_id": "request-of-a-client"'))
    assert CANARY not in said.replace(f"/api/v1/cvs/{CANARY}/", "")
    assert token not in said


@pytest.mark.parametrize(
    "proposed", ["", "short", "x" * 65, "with space", "new\nline-in-it", "ünïcödeünïcöde", "-begins-so"]
)
def test_an_id_that_is_not_sane_is_replaced(client, proposed):
    given = client.get("/healthz", headers={"X-Request-ID": proposed})["X-Request-ID"]

    assert given != proposed
    assert len(given) == 32


def test_every_handler_writes_a_form_that_leaves_texts_out():
    forms = {handler["formatter"] for handler in site_settings.LOGGING["handlers"].values()}

    assert forms <= {"text", "json"}
