"""Several keys of a provider: where they come from, who is used, and that nobody reads them."""

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from ai_router import router
from ai_router.kept_keys import forget_keys, kept_keys, refresh_keys, seal_keys_anew
from ai_router.keys import Key, KeyRing, keys_of
from ai_router.models import ProviderKey
from ai_router.providers import is_on
from ai_router.sealing import UnreadableSecretError, seal, unseal
from tests.ai_router.books import assert_books_agree
from tests.ai_router.conftest import Subject
from tests.providers.simulator import Reply

SECRET = "sk-house-0123456789-wxyz"


@given(st.text(max_size=300))
def test_what_was_sealed_is_opened(secret):
    sealed = seal(secret)

    assert unseal(sealed) == secret
    assert len(secret) < 4 or secret not in sealed


def test_a_former_secret_key_still_opens_and_an_unknown_one_does_not(settings):
    settings.SECRET_KEY = "former"
    sealed = seal(SECRET)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "present", ["former"]
    assert unseal(sealed) == SECRET
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(UnreadableSecretError):
        unseal(sealed)


def test_keys_come_from_the_environment_and_the_database_each_once(db, settings):
    settings.AI_PROVIDERS = {"openai": {"api_key": "one", "base_url": "", "model": ""}}
    settings.AI_PROVIDER_KEYS = {"openai": ["two", "one"]}
    add_key("three-of-the-house", "three")
    add_key("off", "four", is_enabled=False)
    refresh_keys()

    found = keys_of("openai")

    assert [(key.secret, key.source) for key in found] == [
        ("one", "environment"),
        ("two", "environment"),
        ("three-of-the-house", "three"),
    ]
    assert len({key.id for key in found}) == 3
    assert "three-of-the-house" not in repr(found)


def add_key(secret: str = SECRET, name: str = "house", **more) -> ProviderKey:
    row = ProviderKey(provider="openai", name=name, **more)
    row.set_secret(secret)
    row.save()
    forget_keys()
    return row


@pytest.mark.django_db
def test_a_provider_with_a_key_in_the_database_is_on(simulator, spec, settings):
    settings.AI_PROVIDERS = {"openai": {**settings.AI_PROVIDERS["openai"], "api_key": ""}}
    add_key()
    simulator.script(Reply(text="Roses."))

    result = router.run(spec, Subject())

    assert is_on("openai")
    assert (result.output, result.provider) == ("Roses.", "openai")
    assert_books_agree(simulator)


@pytest.mark.django_db
def test_what_cannot_be_opened_is_not_used_and_said_so(settings, caplog):
    add_key()
    settings.SECRET_KEY = "another"

    refresh_keys()

    assert not kept_keys()
    assert "ai_key_unreadable" in caplog.text
    assert SECRET not in caplog.text


def make_keys(*names: str) -> list[Key]:
    return [Key("p", name, "environment", name) for name in names]


def test_the_least_loaded_key_is_taken_and_they_take_turns():
    ring, keys = KeyRing(), make_keys("a", "b", "c")
    taken = []
    for _ in range(6):
        key = ring.choose(keys)
        ring.take(key)
        ring.give_back(key)
        taken.append(key.id)
    ring.take(keys[0])

    assert sorted(taken) == ["a", "a", "b", "b", "c", "c"]
    assert ring.choose(keys).id == "b"


def test_a_rest_ends_and_a_longer_one_stays():
    now = [0.0]
    ring, (key,) = KeyRing(clock=lambda: now[0]), make_keys("a")
    ring.park(key.id, "m", seconds=10, reason="tired", is_dead=False)
    ring.park(key.id, "m", seconds=5, reason="shorter", is_dead=False)

    assert ring.rest_of(key, "m").reason == "tired"
    assert ring.rest_of(key, "other") is None
    now[0] = 10.0
    assert ring.rest_of(key, "m") is None
    ring.park(key.id, "", seconds=5, reason="dead", is_dead=True)
    assert ring.rest_of(key, "any").is_dead


@pytest.mark.django_db
def test_the_operator_enters_a_key_and_nobody_reads_it(staff, client_for):
    client = client_for(staff)
    form = {"provider": "openai", "name": "house", "key": f" {SECRET} ", "is_enabled": "on"}

    added = client.post(reverse("admin:ai_router_providerkey_add"), form)

    row = ProviderKey.objects.get()
    assert added.status_code == 302
    assert (row.secret(), row.ending) == (SECRET, "wxyz")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ai_router_providerkey")
        assert SECRET not in str(cursor.fetchall())
    pages = [
        client.get(reverse("admin:ai_router_providerkey_changelist")).content.decode(),
        client.get(reverse("admin:ai_router_providerkey_change", args=[row.pk])).content.decode(),
        client.get(reverse("admin:ai_router_providerkey_history", args=[row.pk])).content.decode(),
    ]
    assert "…wxyz" in pages[0]
    assert not any(SECRET in page or row.sealed in page for page in pages)


@pytest.mark.django_db
def test_a_key_is_kept_where_none_is_entered_and_replaced_where_one_is(staff, client_for):
    row, client = add_key(), client_for(staff)
    address = reverse("admin:ai_router_providerkey_change", args=[row.pk])

    client.post(address, {"provider": "openai", "name": "renamed", "key": "", "is_enabled": "on"})
    row.refresh_from_db()
    assert (row.name, row.secret()) == ("renamed", SECRET)

    client.post(address, {"provider": "openai", "name": "renamed", "key": "sk-another-0123456789", "is_enabled": "on"})
    row.refresh_from_db()
    assert row.secret() == "sk-another-0123456789"


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "two words"])
def test_what_is_no_key_is_not_taken(key, staff, client_for):
    form = {"provider": "openai", "name": "house", "key": key, "is_enabled": "on"}

    assert client_for(staff).post(reverse("admin:ai_router_providerkey_add"), form).status_code == 200
    assert not ProviderKey.objects.exists()


@pytest.mark.django_db
def test_keys_are_sealed_anew_after_a_change_of_the_secret_key(staff, client_for, settings):
    settings.SECRET_KEY = "former-" * 8
    row = add_key()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "present-" * 8, ["former-" * 8]

    client_for(staff).post(
        reverse("admin:ai_router_providerkey_changelist"), {"action": "seal_anew", "_selected_action": [row.pk]}
    )

    settings.SECRET_KEY_FALLBACKS = []
    row.refresh_from_db()
    assert row.secret() == SECRET


@pytest.mark.django_db
def test_the_worker_seals_keys_anew_after_a_change_of_the_secret_key(settings):
    settings.SECRET_KEY = "former-" * 8
    row = add_key()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "present-" * 8, ["former-" * 8]

    assert [seal_keys_anew(), seal_keys_anew()] == [1, 0]

    settings.SECRET_KEY_FALLBACKS = []
    row.refresh_from_db()
    assert row.secret() == SECRET
