"""The semantic cache: nothing is served before it is proven, and never across owners, numbers, names or negations."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ai_router import router, semantic_cache
from ai_router.cache import MEMORY, clear_cache
from ai_router.calibration import THRESHOLDS, band_of, is_proven, lowest_threshold
from ai_router.models import SemanticEntry, SemanticOutcome
from ai_router.offline_embeddings import LexicalEngine
from ai_router.semantic_cache import PARTITIONS, Partition
from ai_router.semantic_guards import guard_of
from ai_router.types import TaskType
from tests.providers.simulator import Reply
from usage.models import Call

QUESTION = "Please tell me how roses are pruned in spring."
SAME = "Please tell me how the roses are pruned in spring."


@pytest.fixture(autouse=True)
def _switched_on(settings, monkeypatch):
    settings.AI_SEMANTIC_CACHE_TASKS = ["fast_summary"]
    monkeypatch.setattr(semantic_cache, "offline_engine", LexicalEngine)
    monkeypatch.setattr(semantic_cache.random, "random", lambda: 0.5)
    PARTITIONS.clear()


def _ask(prompt, user, **more):
    return router.generate(
        task_type=TaskType.FAST_SUMMARY, prompt=prompt, user=user, provider="openai", use_cache=True, **more
    )


def _prove():
    """Write down as much evidence as it takes."""
    SemanticOutcome.objects.update(right=500, wrong=0)
    semantic_cache._thresholds.clear()


@pytest.fixture
def proven(simulator, owner):
    """A question that was answered, and evidence for its neighbourhood."""
    simulator.script(*[Reply(text="In March, above an eye.")] * 2)
    _ask(QUESTION, owner)
    _ask(SAME, owner)
    _prove()
    return simulator


@pytest.mark.django_db
def test_without_evidence_nothing_is_served_and_every_call_is_a_label(simulator, owner):
    simulator.script(Reply(text="In March."), Reply(text="In  march."), Reply(text="Never in 2 years."))
    _ask(QUESTION, owner)
    _ask(SAME, owner)
    third = _ask(f"{QUESTION} Please.", owner)

    assert not third.is_cached
    assert len(simulator.books) == 3
    assert [(row.right, row.wrong) for row in SemanticOutcome.objects.all()] in (
        [(1, 1)],
        [(1, 0), (0, 1)],
        [(0, 1), (1, 0)],
    )


@pytest.mark.django_db
def test_with_evidence_another_wording_is_served_and_booked(proven, owner):
    result = _ask("Please tell me how my roses are pruned in spring.", owner)

    line = Call.objects.get(id=result.call_id)
    assert (result.output, result.is_cached, result.cost_nanousd) == ("In March, above an eye.", True, 0)
    assert line.decision == {"cache": "semantic"}
    assert line.saved_nanousd > 0
    assert len(proven.books) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [
        "Please tell me how roses are not pruned in spring.",
        "Please tell me how 3 roses are pruned in spring.",
        "Please tell me how two roses are pruned in spring.",
        "Please tell me how roses are pruned in Spring.",
        "Please tell me how roses are pruned before spring.",
        "Please tell me how never roses are pruned in spring.",
    ],
)
def test_another_number_name_or_negation_is_never_served(other, proven, owner):
    assert not _ask(other, owner).is_cached


@pytest.mark.django_db
def test_no_answer_goes_to_another_person_system_or_bound(proven, owner, stranger):
    near = "Please tell me how my roses are pruned in spring."

    assert not _ask(near, stranger).is_cached
    assert not _ask(near, owner, system="Be rude.").is_cached
    assert not _ask(near, owner, max_output_tokens=77).is_cached
    assert _ask(near, owner).is_cached


@pytest.mark.django_db
def test_a_share_of_the_hits_is_answered_for_real_and_compared(proven, owner, monkeypatch):
    monkeypatch.setattr(semantic_cache.random, "random", lambda: 0.01)
    proven.script(Reply(text="Something else altogether."))

    assert not _ask("Please tell me how my roses are pruned in spring.", owner).is_cached
    assert sum(row.wrong for row in SemanticOutcome.objects.all()) == 1


@pytest.mark.django_db
def test_wrong_answers_end_the_serving(proven, owner):
    SemanticOutcome.objects.update(wrong=50)
    semantic_cache._thresholds.clear()

    assert not _ask("Please tell me how my roses are pruned in spring.", owner).is_cached


@pytest.mark.django_db
def test_a_task_that_is_not_named_keeps_nothing(simulator, owner, settings):
    settings.AI_SEMANTIC_CACHE_TASKS = []

    _ask(QUESTION, owner)

    assert not SemanticEntry.objects.exists()


@pytest.mark.django_db
def test_another_process_reads_the_entries_from_the_database(proven, owner):
    PARTITIONS.clear()
    MEMORY.clear()

    assert _ask("Please tell me how my roses are pruned in spring.", owner).is_cached


@pytest.mark.django_db
def test_the_table_shows_neither_question_nor_answer(proven):
    row = SemanticEntry.objects.first()

    assert b"March" not in bytes(row.sealed)
    assert b"roses" not in bytes(row.sealed) + bytes(row.vector)


@pytest.mark.django_db
def test_entries_are_cleared_with_the_rest_and_leave_with_their_owner(proven, owner):
    assert clear_cache(user_id=owner.pk, dry_run=True) >= 2
    clear_cache(user_id=owner.pk)

    assert not SemanticEntry.objects.exists()
    assert not SemanticOutcome.objects.exists()
    _ask(QUESTION, owner)
    owner.delete()
    assert not SemanticEntry.objects.exists()


WORDS = st.lists(
    st.sampled_from(
        ["roses", "gardens", "are", "pruned", "in", "the", "how", "spring", "tell", "me", "when", "to", "water"]
    ),
    min_size=3,
    max_size=8,
)


@given(WORDS, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 8))
@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_changed_number_changes_the_guard(words, one, other, place):
    assume(one != other)
    first, second = ([*words[:place], str(number), *words[place:]] for number in (one, other))

    assert guard_of(" ".join(first)) != guard_of(" ".join(second))
    assert guard_of(" ".join(first)) != guard_of(" ".join(words))


@given(
    WORDS,
    st.sampled_from(["not", "never", "don't", "without", "nicht", "kein", "Ada", "Berlin", "IBM", "ada@example.org"]),
    st.integers(0, 8),
)
@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_name_or_a_negation_more_changes_the_guard(words, word, place):
    assert guard_of(" ".join([*words[:place], word, *words[place:]])) != guard_of(" ".join(words))


def test_the_order_of_names_and_numbers_is_in_the_guard():
    assert guard_of("a train from Berlin to Paris") != guard_of("a train from Paris to Berlin")
    assert guard_of("is 3 beside 5") != guard_of("is 5 beside 3")


def test_harmless_changes_do_not_change_the_guard():
    assert guard_of("How are roses pruned?") == guard_of("Please tell me how the roses are pruned.")


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 20)), min_size=6, max_size=6),
    st.sampled_from([0.01, 0.02, 0.1]),
)
@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_threshold_is_only_proven_below_the_bound(outcomes, bound):
    threshold = lowest_threshold(outcomes, bound=bound)

    if threshold is not None:
        labels = outcomes[THRESHOLDS.index(threshold) :]
        right, wrong = (sum(column) for column in zip(*labels, strict=True))
        assert wrong / (right + wrong) < bound
        assert right + wrong >= math.log(1 / 0.05) / -math.log(1 - bound)


def test_the_proof_is_rarely_wrong_however_often_one_looks():
    """At a true rate that equals the bound, the share of runs that ever pass stays below alpha."""
    generator, alpha, bound = np.random.default_rng(7), 0.05, 0.05
    passed = 0
    for _ in range(200):
        wrong = np.cumsum(generator.random(400) < bound)
        passed += any(
            is_proven(count - int(wrong[count - 1]), int(wrong[count - 1]), bound=bound, alpha=alpha)
            for count in range(1, 401, 3)
        )

    assert passed / 200 <= alpha


def test_enough_labels_without_an_error_prove_it():
    assert is_proven(300, 0, bound=0.02, alpha=0.05 / 6)
    assert not is_proven(100, 0, bound=0.02, alpha=0.05 / 6)
    assert band_of(0.5) is None
    assert band_of(0.99) == len(THRESHOLDS) - 1


@given(st.integers(1, 300), st.integers(1, 50))
@hypothesis_settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_a_partition_finds_the_nearest_and_holds_no_more_than_it_may(count, most):
    vectors = np.random.default_rng(count).normal(size=(count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    partition = Partition(8)

    for number, vector in enumerate(vectors, 1):
        partition.add(number, vector, guard=number % 2, most=most)
    found = partition.search(vectors[-1], count % 2)

    assert partition.count == min(count, most)
    assert found[0][0] == count
    assert found[0][1] == pytest.approx(1, abs=1e-5)
    assert partition.search(vectors[-1], guard=5) == []
