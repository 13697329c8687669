"""Requests are counted for the models that read them, and nothing is downloaded."""

import socket

import pytest
from tiktoken.model import MODEL_TO_ENCODING

from ai_router import encodings, tokens
from ai_router.tokens import count_request, count_text, encoding_of
from ai_router.types import AnswerForm, Message


def test_nothing_is_downloaded(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    forget_encodings()

    assert count_text("hello world") == 2


def test_other_vendors_are_estimated_on_the_safe_side():
    text = "Managed a team of five gardeners. " * 20

    assert count_text(text) < count_text(text, provider="groq") < count_text(text, provider="anthropic")


def test_a_request_counts_its_messages_and_its_schema():
    messages = (Message("system", "Be brief."), Message("user", "Hello"))

    plain = count_request(messages)

    assert plain == 3 + 2 * 3 + 2 + count_text("Be brief.") + count_text("Hello")
    assert count_request(messages, form=AnswerForm("Any", {"type": "object"})) > plain


def test_each_model_of_openai_has_its_encoding():
    ours = {name: encoding_of("openai", name) for name in MODEL_TO_ENCODING}
    still_served = {"o200k_base", "cl100k_base"}

    assert {name: found for name, found in MODEL_TO_ENCODING.items() if found in still_served} == {
        name: found for name, found in ours.items() if MODEL_TO_ENCODING[name] in still_served
    }


@pytest.mark.parametrize(
    ("provider", "model", "encoding"),
    [
        ("openai", "gpt-4-turbo-2024-04-09", "cl100k_base"),
        ("openai", "ft:gpt-4:org::x", "cl100k_base"),
        ("azure", "gpt-35-turbo-16k", "cl100k_base"),
        ("openai", "ft:gpt-4.1-mini-2025-04-14:org::x", "o200k_base"),
        ("openai", "gpt-5.4-mini", "o200k_base"),
        ("groq", "openai/gpt-oss-120b", "o200k_base"),
        ("lm_studio", "text-embedding-nomic-embed-text-v1.5", "o200k_base"),
    ],
)
def test_models_with_longer_names_have_that_of_their_family(provider, model, encoding):
    assert encoding_of(provider, model) == encoding


def test_open_models_are_counted_exactly_wherever_they_run():
    text = "Managed a team of five gardeners. " * 20

    assert count_text(text, provider="groq", model="openai/gpt-oss-120b") == count_text(text)
    assert count_text(text, provider="groq", model="llama-3.3-70b-versatile") > count_text(text)


def forget_encodings():
    tokens._counter.cache_clear()
    encodings.find_encoding.cache_clear()


def test_without_a_vocabulary_counts_are_estimates(monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(encodings, "DATA", tmp_path)
    forget_encodings()
    try:
        assert count_text("a" * 30) == 10
        assert count_text("\ud83d") > 0
    finally:
        forget_encodings()
    assert "estimates" in caplog.text
