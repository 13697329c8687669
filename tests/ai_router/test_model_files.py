"""Models and prices as a file: checked as a whole, applied as a whole, and the same when written back."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_router.model_files import ModelFile, apply_file, export_file, read_file, write_file
from ai_router.modelbook import facts_in_force
from ai_router.models import CatalogModel, ModelPrice
from ai_router.pricebook import price_of
from ai_router.types import Candidate
from ai_router.yaml_files import YamlFileError
from usage.types import TokenUsage

pytestmark = pytest.mark.django_db

FILE = """
version: 1
models:
  - provider: openai
    model: ft:gpt-4.1-mini-2025-04-14:acme::Bx1
    context_window: 50000
    takes_images: no
    note: Letters of the spring
  - {provider: azure, model: chat-prod, based_on: gpt-5.4-mini, costs_as_base: true}
prices:
  - {provider: openai, model: "ft:gpt-4.1-mini-2025-04-14:acme::Bx1", from: 2026-01-01, input: 0.8, output: 3.2}
  - provider: openai
    model: ft:gpt-4.1-mini-2025-04-14:acme::Bx1
    tier: batch
    from: 2026-01-01 12:00:00+01:00
    input: 0.000000001
    cached_input: 0.1
    output: 1.6
    note: Contract
"""
TUNED = "ft:gpt-4.1-mini-2025-04-14:acme::Bx1"


def test_a_file_is_applied_and_comes_back_the_same():
    changes = apply_file(read_file(FILE))

    assert changes.made == [
        f"model openai/{TUNED}",
        "model azure/chat-prod",
        f"price openai/{TUNED} from 2026-01-01 00:00 UTC",
        f"price openai/{TUNED} (batch) from 2026-01-01 11:00 UTC",
    ]
    assert facts_in_force(Candidate("openai", TUNED)).context_window == 50_000
    assert price_of("openai", TUNED).cost(TokenUsage(input_tokens=10)) == 8_000
    assert ModelPrice.objects.get(service_tier="batch").input_nanousd_per_million == 1
    text = write_file(export_file())
    assert "from: 2026-01-01\n" in text
    assert "input: 0.000000001\n" in text
    again = apply_file(read_file(text))
    assert (again.made, again.changed, len(again.same)) == ([], [], 4)


def test_a_changed_entry_takes_the_place_of_the_old_one():
    apply_file(read_file(FILE))

    changes = apply_file(read_file(FILE.replace("input: 0.8", "input: 0.9").replace("50000", "60000")))

    assert changes.changed == [f"model openai/{TUNED}", f"price openai/{TUNED} from 2026-01-01 00:00 UTC"]
    assert (CatalogModel.objects.count(), ModelPrice.objects.count()) == (2, 2)
    assert facts_in_force(Candidate("openai", TUNED)).context_window == 60_000
    assert price_of("openai", TUNED).cost(TokenUsage(input_tokens=10)) == 9_000


def test_a_dry_run_writes_nothing(tmp_path, capsys):
    path = tmp_path / "models.yaml"
    path.write_text(FILE)

    call_command("import_models", str(path), dry_run=True)

    out = capsys.readouterr().out
    assert "new: model azure/chat-prod" in out
    assert "Nothing was written." in out
    assert not CatalogModel.objects.exists()
    assert not ModelPrice.objects.exists()


def test_what_is_not_named_stays_unless_it_is_pruned(tmp_path, capsys):
    apply_file(read_file(FILE))
    path = tmp_path / "models.yaml"
    path.write_text("models: [{provider: azure, model: chat-prod, based_on: gpt-5.4}]")

    call_command("import_models", str(path))
    assert (CatalogModel.objects.count(), ModelPrice.objects.count()) == (2, 2)
    call_command("import_models", str(path), prune=True, json=True)

    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [name.split()[0] for name in printed["deleted"]] == ["model", "price", "price"]
    assert CatalogModel.objects.get().based_on == "gpt-5.4"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("models: [", "line 1"),
        ("version: 2", "line 1: version: this is version 2; known is 1"),
        ("surprise: 1", "line 1: surprise: there is no such field"),
        ("models:\n  - provider: opnai\n    model: a", "line 2: models.0.provider: there is no provider 'opnai'"),
        ("models:\n  - provider: openai", "line 2: models.0.model: Field required"),
        (
            "models:\n  - provider: openai\n    model: a\n    widnow: 5",
            "line 4: models.0.widnow: there is no such field",
        ),
        ("models:\n  - {provider: openai, model: a, context_window: big}", "models.0.context_window: Input should be"),
        ("models:\n  - {provider: openai, model: a, context_window: -1}", "context_window: Ensure this value"),
        ("models:\n  - {provider: openai, model: a, costs_as_base: true}", "costs_as_base: Say which model"),
        ("models:\n- &a {provider: openai, model: a}\n- *a", "model openai/a stands there twice"),
        ("prices:\n  - {provider: openai, model: a, input: 1, output: 1}", "line 2: prices.0.from: Field required"),
        ("prices:\n  - {provider: openai, model: a, from: 2026-13-01, input: 1, output: 1}", "'2026-13-01' is no date"),
        ("prices:\n  - {provider: openai, model: a, from: soon, input: 1, output: 1}", "prices.0.from"),
        ("prices:\n  - {provider: openai, model: a, from: 2026-01-01, input: -1, output: 1}", "prices.0.input"),
        ("prices:\n  - {provider: openai, model: a, from: 2026-01-01, input: .inf, output: 1}", "prices.0.input"),
        ("prices:\n  - {provider: openai, model: a, from: 2026-01-01, input: 1e-10, output: 1}", "prices.0.input"),
        ("prices:\n  - {provider: openai, model: a, tier: Two Words, from: 2026-01-01, input: 1, output: 1}", "a word"),
        (
            "prices:\n- &a {provider: openai, model: a, from: 2026-01-01, input: 1, output: 1}\n- *a",
            "price openai/a from 2026-01-01 00:00 UTC stands there twice",
        ),
        ("models: {provider: openai}", "line 1: models: Input should be a valid"),
        ("? [a]\n: 1", "a key is a word"),
    ],
)
def test_a_wrong_file_is_refused_whole_and_says_where(text, words, tmp_path):
    path = tmp_path / "models.yaml"
    path.write_text(text)
    if text.startswith("prices"):
        path.write_text(f"{text}\nmodels: [{{provider: openai, model: first}}]")

    with pytest.raises(CommandError) as caught:
        call_command("import_models", str(path))

    assert words in str(caught.value)
    assert not CatalogModel.objects.exists()
    assert not ModelPrice.objects.exists()


def test_all_problems_are_named_at_once():
    with pytest.raises(YamlFileError) as caught:
        read_file("models: [{provider: openai}, {model: a}]\nprices: [{}]")

    assert len(caught.value.problems) == 7


def test_an_export_is_what_an_import_takes(capsys):
    call_command("export_models")
    assert capsys.readouterr().out == "version: 1\n"
    assert read_file("") == ModelFile()


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=20).map(str.strip)
maybe = st.one_of(st.none(), st.booleans())
entries = st.fixed_dictionaries(
    {"provider": st.sampled_from(["openai", "vllm"]), "model": st.from_regex(r"[a-z0-9:./-]{1,30}", fullmatch=True)},
    optional={
        "based_on": st.sampled_from(["gpt-5.4", "x/y"]),
        "context_window": st.integers(100, 10**6),
        "max_output": st.integers(1, 100),
        "reasoning_effort": st.sampled_from(["low", "none"]),
        "reasoning_allowance": st.integers(0, 10**5),
        "takes_images": maybe,
        "embeds": maybe,
        "needs_responses": st.sampled_from(["", "never", "tools"]),
        "note": words,
    },
)
money = st.decimals(0, 1000, places=9)
prices = st.fixed_dictionaries(
    {
        "provider": st.just("openai"),
        "model": st.sampled_from(["a", "b"]),
        "tier": st.sampled_from(["", "batch", "flex"]),
        "from": st.integers(0, 2 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC)),
        "input": money,
        "output": money,
    },
    optional={"cached_input": st.one_of(st.none(), money), "note": words},
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    models=st.lists(entries, max_size=3, unique_by=lambda entry: (entry["provider"], entry["model"])),
    costs=st.lists(prices, max_size=3, unique_by=lambda entry: (entry["model"], entry["tier"], entry["from"])),
)
def test_whatever_is_imported_is_exported_the_same(models, costs):
    file = ModelFile.model_validate({"models": models, "prices": costs})

    apply_file(file, prune=True)
    found = read_file(write_file(export_file()))

    for name in ("models", "prices"):
        assert by_key(getattr(found, name)) == by_key(getattr(file, name))


def by_key(entries):
    return {tuple(entry.key.values()): entry for entry in entries}
