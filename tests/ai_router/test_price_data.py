"""The price table says what the package says, for every model of every vendor, and the package stays unloaded."""

import json
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command
from genai_prices import data_snapshot

from ai_router import price_data
from ai_router.price_data import find_model
from ai_router.pricing import find_prices

snapshot = data_snapshot.get_snapshot()
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def words_of(clause):
    """Return every word that a clause compares a name with."""
    ((name, value),) = vars(clause).items()
    if isinstance(value, list):
        return [word for one in value for word in words_of(one)]
    return [] if name == "regex" else [value]


def named(vendor):
    """Return names by which a vendor's models may be asked for, some of them where it has hundreds, and some of nobody's."""
    for model in vendor.models[:: 1 + len(vendor.models) // 60]:
        yield from {model.id, model.id.upper(), f"{model.id}-20260203", *words_of(model.match)}
    yield from ("gpt-5.2-20251211", "claude-sonnet-4-5", "house-model", "")


def in_package(vendor, model):
    try:
        return snapshot.find_provider_model(model, None, vendor, None)
    except LookupError:
        return None


def same(ours, theirs):
    if ours is None or theirs is None:
        return ours is theirs
    return (ours.provider, ours.name) == (theirs[0].id, theirs[1].id)


def tiers(price):
    return tuple((tier.start, tier.price) for tier in price.tiers) if hasattr(price, "tiers") else ()


def package_prices(model, moment, context, *, is_own):
    found = vars(model.get_prices(moment, context if is_own else None))
    return {
        name: ((0, getattr(price, "base", price)), *tiers(price)) for name, price in found.items() if price is not None
    }


def moments(model):
    """Return the moments around each change of a model's prices."""
    yield NOW
    yield datetime(2019, 1, 1)  # noqa: DTZ001  (one without a time zone is UTC)
    dated = model.prices if isinstance(model.prices, list) else []
    for constraint in (one.constraint for one in [*dated, *(model.price_variants or [])] if one.constraint):
        if hasattr(constraint, "start_date"):
            change = datetime.combine(constraint.start_date, time(), UTC)
            yield from (change, change - timedelta(seconds=1))
        else:
            for edge in (constraint.start_time, constraint.end_time):
                change = datetime.combine(NOW, edge, edge.tzinfo or UTC)
                yield from (change, change - timedelta(seconds=1))


def contexts(model):
    return [None, {"processing": "batch", "service_tier": "flex"}, *(one.when for one in model.price_variants or [])]


@pytest.mark.parametrize("vendor", snapshot.providers, ids=lambda vendor: vendor.id)
def test_every_model_is_found_and_priced_as_by_the_package(vendor):
    for name in named(vendor):
        ours, theirs = find_model(vendor.id, name), in_package(vendor.id, name)
        assert same(ours, theirs), (vendor.id, name, ours, theirs)
    for model in vendor.models:
        row = next(one for one in price_data._models(vendor.id) if one["model"] == model.id)
        ours = price_data.PublishedModel(vendor.id, model.id, row, is_own=True)
        for moment in moments(model):
            for context in contexts(model):
                assert ours.prices_at(moment, context) == package_prices(model, moment, context, is_own=True)
                assert ours.is_priced_for(context or {}, moment) == any(
                    one.when == context and (one.constraint is None or one.constraint.active(moment))
                    for one in model.price_variants or []
                )


@pytest.mark.parametrize("vendor", ["LiteLLM", "google-vertex", "grok", "nobody", " OpenAI ", "azure"])
@pytest.mark.parametrize(
    "model", ["anthropic/claude-sonnet-4-5", "gpt-5.4", "gemini-3.8-flash", "nobody/gpt-5.4", "/x", "gpt-5.2-20259911"]
)
def test_vendors_go_by_other_names_too(vendor, model):
    assert same(find_model(vendor, model), in_package(vendor, model))


def test_a_resold_model_costs_what_its_maker_asks_whatever_the_tier():
    azure, theirs = find_model("azure", "gpt-5.4"), in_package("azure", "gpt-5.4")
    flex = {"service_tier": "flex"}

    assert azure.prices_at(NOW, flex) == package_prices(theirs[1], NOW, flex, is_own=azure.is_own)
    assert find_model("openai", "gpt-5.4").prices_at(NOW, flex) != find_model("openai", "gpt-5.4").prices_at(NOW)


def test_the_table_is_made_from_the_installed_package():
    call_command("refresh_prices", "--check")


@pytest.fixture
def other_version(monkeypatch, tmp_path):
    table = tmp_path / "prices.jsonl"
    table.write_text(json.dumps({"version": "0.0.1"}) + "\n")
    monkeypatch.setattr(price_data, "TABLE", table)
    monkeypatch.setattr("ai_router.management.commands.refresh_prices.TABLE", table)
    kept = (find_model, price_data._vendors, price_data._models, price_data._is_file_current)
    for cache in kept:
        cache.cache_clear()
    yield table
    for cache in kept:
        cache.cache_clear()


def test_another_version_of_the_package_is_read_itself_and_the_log_says_so(other_version, caplog):
    assert find_model("openai", "gpt-5.4").prices_at(NOW)["input_mtok"]
    assert "refresh_prices" in caplog.text


def test_a_table_that_is_not_up_to_date_is_made_anew(other_version, capsys):
    with pytest.raises(CommandError, match="not up to date"):
        call_command("refresh_prices", "--check")

    call_command("refresh_prices")
    call_command("refresh_prices", "--check")

    assert "up to date" in capsys.readouterr().out


def test_prices_are_found_without_the_package():
    code = (
        "import sys; from ai_router.pricing import find_prices, is_published\n"
        "assert find_prices('openai', 'gpt-5.4') and is_published('gemini', 'gemini-3.8-flash')\n"
        "print('genai_prices' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
    assert find_prices("grok", "grok-4.3").source == "genai-prices: x-ai/grok-4.3"
