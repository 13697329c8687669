"""What vendors report puts the next estimate right, and never makes a hold smaller."""

import math
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ai_router import router, token_ratios
from ai_router.copies import forget_copies
from ai_router.models import TokenRatio
from ai_router.outcomes import learn_outcomes
from ai_router.token_ratios import LEAST_OF_ITS_OWN, RATIOS_KEPT, family_of, ratios_of, read_count
from ai_router.tokens import Count, Reading
from ai_router.types import Candidate, TaskType
from tests.providers.simulator import answering
from usage.models import AuditEntry, Call

CLAUDE, GPT = Candidate("anthropic", "claude-haiku-5-5"), Candidate("openai", "gpt-5.4-mini")
LLAMA = Candidate("groq", "llama-3.3-70b-versatile")
LONG = "A gardener who led a team of five looks for work by the sea. " * 40
THOUSAND = Count((1_000,))


def know(candidate: Candidate, *permille: int, is_structured: bool = False) -> None:
    TokenRatio.objects.create(
        provider=candidate.provider,
        family=family_of(candidate.model),
        is_structured=is_structured,
        permille=list(permille),
    )
    forget_copies()


@pytest.fixture
def vendors(simulator, settings):
    """A vendor whose vocabulary is ours, and one whose vocabulary nobody knows."""
    groq = {"api_key": "simulated", "base_url": simulator.url("groq"), "model": LLAMA.model}
    settings.AI_PROVIDERS = {**settings.AI_PROVIDERS, "groq": groq}
    return simulator


def ask(prompt: str, provider: str) -> Call:
    result = router.generate(task_type=TaskType.COVER_LETTER, prompt=prompt, max_output_tokens=100, provider=provider)
    return Call.objects.get(pk=result.call_id)


def learn() -> int:
    learned = learn_outcomes(now=timezone.now() + timedelta(seconds=10))
    forget_copies()
    return learned


def estimate_of(call: Call) -> int:
    return call.decision["candidates"][0]["input_tokens"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("provider", ["groq", "openai"])
def test_a_vendor_that_counts_a_fifth_more_is_estimated_right_the_next_time(vendors, monkeypatch, provider):
    plain = answering.count_input
    monkeypatch.setattr(answering, "count_input", lambda chat: math.ceil(plain(chat) * 1.2))
    first = [ask(f"{LONG} {number}", provider) for number in range(LEAST_OF_ITS_OWN)]
    off = abs(estimate_of(first[0]) / first[0].total_input_tokens - 1)
    assert learn() == len(first)
    assert learn() == 0

    following = ask(f"{LONG} once more", provider)

    assert off > 0.04
    assert estimate_of(following) == pytest.approx(following.total_input_tokens, rel=0.005)
    assert following.held_nanousd >= first[0].held_nanousd * 0.99
    assert following.held_nanousd >= following.cost_nanousd
    assert TokenRatio.objects.get().permille == pytest.approx([1_200] * LEAST_OF_ITS_OWN, abs=3)


@pytest.mark.django_db(transaction=True)
def test_short_requests_and_those_without_a_report_teach_nothing(vendors):
    ask("A verse.", "groq")
    learn()

    assert not TokenRatio.objects.exists()


@pytest.mark.django_db
def test_before_there_are_reports_the_estimate_is_on_the_safe_side():
    know(CLAUDE, *[1_100] * (LEAST_OF_ITS_OWN - 1))

    assert read_count(THOUSAND, CLAUDE, is_structured=False) == Reading(1_350, 1_350, {"text": 1_000})
    assert read_count(THOUSAND, GPT, is_structured=True) == Reading(1_000, 1_000, {"structured": 1_000})


@pytest.mark.django_db
def test_estimates_follow_the_median_and_holds_the_highest_report_or_what_was_held_before():
    know(CLAUDE, 1_100, 1_100, 1_120, 1_100, 1_900)
    know(GPT, *[900] * 9, is_structured=True)

    assert read_count(THOUSAND, CLAUDE, is_structured=False) == Reading(1_100, 1_900, {"text": 1_000})
    assert read_count(THOUSAND, GPT, is_structured=True) == Reading(900, 1_000, {"structured": 1_000})


@pytest.mark.django_db
def test_an_exact_count_stays_exact_until_reports_prove_it_wrong():
    know(GPT, *[1_004] * 9)
    assert read_count(THOUSAND, GPT, is_structured=False).expected == 1_000

    TokenRatio.objects.update(permille=[1_080] * 9)
    forget_copies()
    assert read_count(THOUSAND, GPT, is_structured=False).expected == 1_080


@pytest.mark.django_db
def test_a_new_model_is_taken_to_count_like_its_vendors_others():
    know(CLAUDE, *[1_250] * 9)

    assert ratios_of(Candidate("anthropic", "claude-next"), is_structured=False) == [1_250] * 9
    assert not ratios_of(Candidate("anthropic", "claude-next"), is_structured=True)
    assert not ratios_of(Candidate("groq", "claude-next"), is_structured=False)


@pytest.mark.django_db
def test_what_files_are_taken_for_is_not_scaled_and_nothing_is_learned_from_them():
    know(CLAUDE, *[1_500] * 9)

    assert read_count(Count((1_000,), 2_489, has_files=True), CLAUDE, is_structured=False) == Reading(
        2_489 + 1_500, 2_489 + 1_500, {}
    )


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("gpt-5.4-mini-2026-03-17", "gpt-5.4-mini"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("gemini-3.8-flash-preview", "gemini-3.8-flash"),
        ("openai/gpt-oss-120b", "openai/gpt-oss-120b"),
        ("grok-4.3", "grok-4.3"),
    ],
)
def test_a_family_is_the_name_without_its_release(model, family):
    assert family_of(model) == family


@pytest.mark.django_db
@given(st.lists(st.integers(300, 4_000), max_size=30), st.lists(st.integers(0, 5_000), max_size=6), st.booleans())
def test_whatever_was_reported_a_hold_covers_it_and_what_would_be_held_without(ratios, parts, is_structured):
    count = Count(tuple(parts), frame=9)
    kept = {("anthropic", family_of(CLAUDE.model), is_structured): ratios}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_ratios._RATIOS, "get", lambda: kept)
        found = read_count(count, CLAUDE, is_structured=is_structured)

    assert found.at_most >= max(found.expected, count.tokens_for("anthropic", CLAUDE.model))
    if len(ratios) >= LEAST_OF_ITS_OWN:
        assert found.at_most * 1_000 >= max(ratios) * count.tokens_at(1)


@pytest.mark.django_db(transaction=True)
def test_the_last_hundred_count_and_nonsense_is_bounded(vendors, monkeypatch):
    know(LLAMA, *[1_300] * RATIOS_KEPT)
    monkeypatch.setattr(answering, "count_input", lambda _chat: 10**6)
    ask(LONG, "groq")
    learn()

    kept = TokenRatio.objects.get().permille
    assert (len(kept), kept[-1]) == (RATIOS_KEPT, 4_000)


@pytest.mark.django_db
def test_the_operator_sees_the_ratios_and_begins_anew_with_a_word_in_the_audit_log(staff, client_for):
    know(CLAUDE, 1_200, 1_210, 1_300, 1_190, 1_205)
    know(GPT, 1_010)
    page, client = reverse("admin:ai_router_tokenratio_changelist"), client_for(staff)

    shown = " ".join(client.get(page).content.decode().split())
    before = read_count(THOUSAND, CLAUDE, is_structured=False).expected
    claude = TokenRatio.objects.get(provider="anthropic")
    client.post(page, {"action": "begin_anew", "_selected_action": [claude.pk]})

    assert "anthropic/claude-haiku-5-5" in shown
    assert "1.190–1.300" in shown
    assert (before, read_count(THOUSAND, CLAUDE, is_structured=False).expected) == (1_205, 1_350)
    assert TokenRatio.objects.get().provider == "openai"
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.object_name) == ("deleted", staff, str(claude))


@pytest.mark.django_db
def test_who_may_only_look_cannot_begin_anew(client_for, django_user_model):
    know(CLAUDE, 1_200)
    looker = django_user_model.objects.create_user("looker", "looker@example.org", "long-password", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_tokenratio"))
    page, client = reverse("admin:ai_router_tokenratio_changelist"), client_for(looker)

    client.post(page, {"action": "begin_anew", "_selected_action": [TokenRatio.objects.get().pk]})

    assert client.get(page).status_code == 200
    assert client.get(reverse("admin:ai_router_tokenratio_add")).status_code == 403
    assert TokenRatio.objects.exists()
