import pytest
from django.core.exceptions import ImproperlyConfigured

from careerai.env import Address, env_addresses, env_bool, env_int, env_list, env_secret, env_words


def test_a_boolean_word_that_nobody_knows_stops_the_start(monkeypatch):
    monkeypatch.setenv("FLAG", "maybe")

    with pytest.raises(ImproperlyConfigured, match="FLAG must be true or false, not 'maybe'"):
        env_bool("FLAG", default=False)


@pytest.mark.parametrize(("raw", "expected"), [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_boolean_words(monkeypatch, raw, expected):
    monkeypatch.setenv("FLAG", raw)

    assert env_bool("FLAG", default=True) is expected


def test_an_unset_boolean_is_the_default(monkeypatch):
    monkeypatch.delenv("FLAG", raising=False)

    assert env_bool("FLAG", default=True) is True


@pytest.mark.parametrize("raw", ["ten", "1.5", "-1"])
def test_a_bad_number_stops_the_start(monkeypatch, raw):
    monkeypatch.setenv("LIMIT", raw)

    with pytest.raises(ImproperlyConfigured, match="LIMIT"):
        env_int("LIMIT", 5)


def test_a_number_is_read_and_blank_is_the_default(monkeypatch):
    monkeypatch.setenv("LIMIT", " 7 ")
    monkeypatch.setenv("BLANK", " ")

    assert (env_int("LIMIT", 5), env_int("BLANK", 5)) == (7, 5)


def test_a_list_is_split_at_commas(monkeypatch):
    monkeypatch.setenv("HOSTS", "a.example.org, b.example.org,,")

    assert env_list("HOSTS") == ["a.example.org", "b.example.org"]


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    file = tmp_path / "key"
    file.write_text("s3cret\n")
    monkeypatch.setenv("KEY_FILE", str(file))

    assert env_secret("KEY") == "s3cret"


def test_a_secret_file_that_is_missing_stops_the_start(monkeypatch, tmp_path):
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "none"))

    with pytest.raises(ImproperlyConfigured, match="KEY_FILE names"):
        env_secret("KEY")


def test_addresses_by_name(monkeypatch):
    monkeypatch.setenv("SERVERS", "mistral=https://api.example.org/v1, llama = local:http://127.0.0.1:8080/v1")

    assert env_addresses("SERVERS", taken=["openai"]) == {
        "mistral": Address("https://api.example.org/v1", is_local=False),
        "llama": Address("http://127.0.0.1:8080/v1", is_local=True),
    }


@pytest.mark.parametrize(
    "raw",
    ["mistral", "Mistral=https://a.org", "openai=https://a.org", "a=ftp://a.org", "a=https://a.org,a=https://b.org"],
)
def test_addresses_that_stop_the_start(monkeypatch, raw):
    monkeypatch.setenv("SERVERS", raw)

    with pytest.raises(ImproperlyConfigured, match="SERVERS"):
        env_addresses("SERVERS", taken=["openai"])


def test_words_by_key(monkeypatch):
    monkeypatch.setenv("TIERS", "openai=flex, Gemini=Priority")

    assert env_words("TIERS", among=("openai", "gemini")) == {"openai": "flex", "gemini": "priority"}


@pytest.mark.parametrize("raw", ["openai", "openai=", "other=flex", "openai=two words"])
def test_words_that_stop_the_start(monkeypatch, raw):
    monkeypatch.setenv("TIERS", raw)

    with pytest.raises(ImproperlyConfigured, match="TIERS must be like gemini=word"):
        env_words("TIERS", among=("openai", "gemini"))
