"""What a text will cost is said where it is started: calmly, from what is known, and without asking anybody."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from ai_router.copies import forget_copies
from ai_router.models import Route, RouteCandidate
from ai_router.quotes import Offer, offer_of
from ai_router.types import Candidate, Quote, TaskType
from jobs.models import CoverLetter, TailoredCV
from jobs.services.matches import match_cv
from tests.jobs.conftest import make_version
from usage.models import Budget, Call
from usage.types import BudgetPeriod

pytestmark = pytest.mark.django_db
OPENAI, GROQ, RULES = Candidate("openai", "a"), Candidate("groq", "b"), Candidate("embedded", "rules")
USD = 10**9


@pytest.fixture
def said(client_for, owner, version, posting):
    """What the part of the page says, with single spaces."""

    def get() -> str:
        query = {"cv": version.cv_id, "posting": posting.pk}
        response = client_for(owner).get(reverse("jobs:quotes"), query)
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    return get


def test_the_page_says_what_both_texts_cost_and_asks_nobody(said, simulator, only_loopback):
    text = said()

    assert text.count("with OpenAI, usually $0.0") == 2
    assert "never more than $0." in text
    assert 'form="letter-form" name="provider" value="embedded"' in text
    assert simulator.books == []
    assert only_loopback == []


def test_where_all_is_free_nothing_is_said(said, simulator, settings):
    settings.AI_PROVIDERS = {"ollama": {"api_key": "", "base_url": simulator.base_url, "model": "llama"}}
    for task in (TaskType.CV_TAILORING, TaskType.COVER_LETTER):
        RouteCandidate.objects.create(route=Route.objects.get(task_type=task), provider="ollama", position=0)
    forget_copies()
    assert said() == ""

    settings.AI_PROVIDERS = {}
    assert said() == ""


def test_a_budget_that_is_nearly_used_is_told_of(said, simulator, owner):
    budget = Budget.objects.create(name="mine", user=owner, limit_nanousd=50 * USD, period=BudgetPeriod.MONTH)
    Budget.objects.create(name="site", limit_nanousd=1)
    assert "left" not in said()

    Budget.objects.filter(pk=budget.pk).update(limit_nanousd=USD // 10)
    assert "You have $0.1000 left until 1 " in said()

    Budget.objects.filter(pk=budget.pk).update(limit_nanousd=1_000)
    assert "Your budget leaves $0.000001 until 1 " in said()
    assert "the built-in engine does it, free" in said()


def test_a_letter_for_a_tailored_cv_has_its_own_quote(client_for, owner, version, posting, simulator):
    tailored = TailoredCV.objects.create(owner=owner, resume_version=version, posting=posting, status="done")

    text = client_for(owner).get(reverse("jobs:quotes"), {"tailored": tailored.pk}).content.decode()

    assert "The letter" in text
    assert "Tailoring" not in text


def test_pages_ask_for_it_once_they_stand(client_for, owner, version, posting):
    match = match_cv(owner=owner, version=version, posting=posting)

    page = client_for(owner).get(reverse("jobs:match", args=[match.pk])).content.decode()

    assert f"{reverse('jobs:quotes')}?cv={version.cv_id}&amp;posting={posting.pk}" in page


def test_what_is_somebody_elses_is_not_quoted(client_for, owner, stranger, version, posting):
    theirs = make_version(stranger)
    address = reverse("jobs:quotes")

    for query in (
        {"cv": theirs.cv_id, "posting": posting.pk}, {"cv": "x", "posting": posting.pk}, {"cv": version.cv_id},
        {"tailored": "9" * 30},
    ):  # fmt: skip
        assert client_for(owner).get(address, query).status_code == 404


def test_the_free_way_stays_on_this_server(client_for, owner, version, posting, simulator):
    client = client_for(owner)
    pair = {"cv": version.cv_id, "posting": posting.pk, "provider": "embedded"}

    client.post(reverse("jobs:tailor"), pair)
    client.post(reverse("jobs:write_letter"), pair)
    client.post(reverse("jobs:write_letter"), pair | {"provider": "groq"})

    assert TailoredCV.objects.get().provider == "embedded"
    assert [row.provider for row in CoverLetter.objects.order_by("pk")] == ["embedded", "auto"]


def test_an_upload_is_quoted_by_what_cvs_usually_take(client_for, owner, simulator):
    def quoted() -> str:
        forget_copies()
        return " ".join(client_for(owner).get(reverse("cv:quote")).content.decode().split())

    before = quoted()
    now = timezone.now()
    Call.objects.bulk_create(
        Call(
            id=uuid4(), task_type="cv_parsing", prompt_version="cv_parsing/v1", status="succeeded", provider="openai",
            model="gpt-5.4-mini", input_tokens=40_000, output_tokens=10, created_at=now, expires_at=now,
        )
        for _ in range(9)
    )  # fmt: skip
    after = quoted()

    assert "with OpenAI" in before
    assert "Free on this server." in before
    assert before != after


def test_what_is_said_of_quotes():
    quotes = [Quote(OPENAI, 4, 3, 6, 20), Quote(GROQ, 1, 1, 1, 5), Quote(RULES, 0, 0, 0, 0)]

    offer = offer_of(quotes, task_type=TaskType.COVER_LETTER, user=None)

    assert offer == Offer("OpenAI", 4, 3, 6, 25, is_free_here=True)
    assert offer.has_room
    assert offer_of([quotes[2]], task_type=TaskType.COVER_LETTER, user=None) is None
    unknown = offer_of([Quote(GROQ, None, None, None, None)], task_type=TaskType.COVER_LETTER, user=None)
    assert (unknown.expected_nanousd, unknown.most_nanousd, unknown.is_free_here) == (None, None, False)
