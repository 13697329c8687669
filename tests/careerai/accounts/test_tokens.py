import json
import time
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.utils import timezone
from django_ratelimit.core import get_usage

from careerai.accounts.authentication import WRONG_TOKENS_RATE
from careerai.accounts.models import ApiToken
from careerai.accounts.tokens import create_token, find_token, revoke_token

ADDRESS = "/api/v1/ai/usage/"


def get(plain: str, scheme: str = "Bearer"):
    return Client().get(ADDRESS, headers={"Authorization": f"{scheme} {plain}"})


def test_a_token_signs_its_user_in_and_notes_its_use(owner):
    token, plain = create_token(user=owner, name="script", days=30)

    response = get(plain)

    assert response.status_code == 200
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.state == "active"
    assert token.expires_at == token.created_at + timedelta(days=30) or token.expires_at > timezone.now()


def test_only_a_fingerprint_of_a_token_is_kept(owner):
    token, plain = create_token(user=owner, name="script")

    stored = json.dumps(list(ApiToken.objects.filter(pk=token.pk).values()), default=str)

    assert plain not in stored
    assert plain.startswith(token.prefix)
    assert len(plain) > len(token.prefix) + 30


def test_two_tokens_differ(owner):
    assert create_token(user=owner, name="a")[1] != create_token(user=owner, name="a")[1]


def expire(token: ApiToken) -> None:
    token.expires_at = timezone.now() - timedelta(seconds=1)
    token.save()


def deactivate(token: ApiToken) -> None:
    token.user.is_active = False
    token.user.save()


@pytest.mark.parametrize("spoil", [expire, deactivate, revoke_token])
def test_a_token_that_is_over_is_refused_in_the_error_form(owner, spoil):
    token, plain = create_token(user=owner, name="script", days=1)

    spoil(token)

    response = get(plain)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="CareerAI"'
    assert response.json()["error"]["code"] == "authentication_failed"
    assert find_token(plain) is None


@pytest.mark.django_db
@pytest.mark.parametrize("plain", ["", "nonsense", "careerai_" + "x" * 43])
def test_an_unknown_token_is_refused(plain):
    assert get(plain).status_code == 401


def test_another_scheme_is_nobody(owner):
    _, plain = create_token(user=owner, name="script")

    response = get(plain, scheme="Basic")

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "not_authenticated"


def test_states_of_a_token(owner):
    token, _ = create_token(user=owner, name="script", days=1)
    assert (token.state, str(token)) == ("active", f"script ({token.prefix}…)")

    expire(token)
    assert token.state == "expired"

    revoke_token(token)
    token.refresh_from_db()
    assert token.state == "revoked"


def test_a_second_revocation_keeps_the_time_of_the_first(owner):
    token, _ = create_token(user=owner, name="script")
    revoke_token(token)
    first = ApiToken.objects.get(pk=token.pk).revoked_at

    revoke_token(token)

    assert ApiToken.objects.get(pk=token.pk).revoked_at == first


def test_the_use_of_a_token_is_written_at_most_once_a_minute(owner, django_assert_num_queries):
    _, plain = create_token(user=owner, name="script")
    find_token(plain)

    with django_assert_num_queries(1):
        find_token(plain)


def seconds_left(now: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Stop the limits' clock, and return how many seconds of its window are left."""
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: now))
    return get_usage(RequestFactory().get(ADDRESS), group="api-token", key="ip", rate=WRONG_TOKENS_RATE)["time_left"]


@pytest.mark.parametrize("is_last_second", [False, True])
def test_guessing_is_slowed_down_and_good_tokens_go_on(owner, settings, monkeypatch, is_last_second):
    settings.RATELIMIT_ENABLE = True
    begin = int(time.time())
    assert any((seconds_left(now, monkeypatch) == 0) is is_last_second for now in range(begin, begin + 3_600))
    _, plain = create_token(user=owner, name="script")
    for _ in range(30):
        assert get("careerai_guess").status_code == 401

    response = get("careerai_guess")

    assert response.status_code == 429
    assert response.json()["error"]["code"] == "throttled"
    assert datetime.fromisoformat(response.json()["error"]["retry_after"]) > timezone.now()
    assert get(plain).status_code == 200


def test_a_good_token_is_not_limited(owner, settings):
    settings.RATELIMIT_ENABLE = True
    _, plain = create_token(user=owner, name="script")

    assert {get(plain).status_code for _ in range(35)} == {200}


@pytest.mark.parametrize("name", ["owner", "owner@example.org", "OWNER@example.org"])
def test_the_command_prints_a_working_token(owner, capsys, name):
    call_command("create_api_token", name, name="backup", days=7)

    token = find_token(capsys.readouterr().out.strip())
    assert token
    assert (token.user, token.name) == (owner, "backup")


def test_the_command_prints_json(owner, capsys):
    call_command("create_api_token", "owner", as_json=True, days=0)

    said = json.loads(capsys.readouterr().out)
    assert find_token(said["token"])
    assert said["expires_at"] is None


@pytest.mark.parametrize(
    ("user", "options", "said"),
    [
        ("nobody", {}, "no active user 'nobody'"),
        ("owner", {"days": -1}, "--days must be"),
        ("owner", {"days": 99999}, "--days must be"),
        ("owner", {"name": " "}, "--name must"),
    ],
)
def test_the_command_refuses_what_cannot_be(owner, user, options, said):
    with pytest.raises(CommandError, match=said):
        call_command("create_api_token", user, **options)
