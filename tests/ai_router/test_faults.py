"""Every row of the failure table, through the real SDK: what happens next, and that the ledger equals the books."""

from dataclasses import dataclass, replace

import pytest
from asgiref.sync import sync_to_async

from ai_router import failures, router
from ai_router.errors import AllProvidersFailedError
from ai_router.loop import provider_loop
from ai_router.models import Route, RouteCandidate
from ai_router.types import StreamRestarted, TextDelta
from tests.ai_router.books import assert_books_agree
from tests.ai_router.conftest import OFFLINE_TEXT, Subject
from tests.providers.simulator import Reply
from usage.models import Attempt, Call

SMALL, LARGE = "gpt-5.4-nano", "gpt-5.4-mini"
GOOD = "Roses are red, violets are blue."
BAD_FORM = '{"title": 7}'
GOOD_FORM = '{"title": "Garden", "lines": ["Roses"]}'


@dataclass(frozen=True)
class Case:
    """Replies in order; the route has a small and a large model of one provider, and the embedded engine."""

    replies: tuple[Reply, ...]
    # Errors of the hosted attempts in order, and the model of each.
    tried: tuple[tuple[str, str], ...]
    # Which candidate's answer counts: a model, or `rules`.
    answered: str
    is_form: bool = False


def reply(**more) -> Reply:
    return Reply(**{"text": GOOD, **more})


WHOLE = {
    "reset before the headers: once more": Case(
        (reply(fault="reset"), reply()), ((SMALL, "ProviderConnectionError"), (SMALL, "")), SMALL
    ),
    "reset twice: the next": Case(
        (reply(fault="reset"), reply(fault="reset"), reply()),
        ((SMALL, "ProviderConnectionError"), (SMALL, "ProviderConnectionError"), (LARGE, "")),
        LARGE,
    ),
    "no answer in time: the next, and the input is booked": Case(
        (reply(fault="stall"), reply()), ((SMALL, "ProviderTimeoutError"), (LARGE, "")), LARGE
    ),
    "408: the next": Case((reply(status=408), reply()), ((SMALL, "ProviderTimeoutError"), (LARGE, "")), LARGE),
    "504: the next": Case((reply(status=504), reply()), ((SMALL, "ProviderTimeoutError"), (LARGE, "")), LARGE),
    "429 with a hint inside the deadline: after it": Case(
        (reply(status=429, headers={"Retry-After": "0"}), reply()), ((SMALL, "RateLimitError"), (SMALL, "")), SMALL
    ),
    "429 with a hint beyond the deadline: the next": Case(
        (reply(status=429, headers={"Retry-After": "600"}), reply()), ((SMALL, "RateLimitError"), (LARGE, "")), LARGE
    ),
    "429 without a hint: the next": Case(
        (reply(status=429, code="rate_limit_exceeded"), reply()), ((SMALL, "RateLimitError"), (LARGE, "")), LARGE
    ),
    "spent quota: no model of the same key": Case(
        (reply(status=429, code="insufficient_quota"),), ((SMALL, "ProviderQuotaError"),), "rules"
    ),
    "402: no model of the same key": Case((reply(status=402),), ((SMALL, "ProviderQuotaError"),), "rules"),
    **{
        f"{status}: once more, then the next": Case(
            (reply(status=status), reply(status=status), reply()),
            ((SMALL, "ProviderUnavailableError"), (SMALL, "ProviderUnavailableError"), (LARGE, "")),
            LARGE,
        )
        for status in (500, 502, 503, 529)
    },
    "401: no model of the same key": Case(
        (reply(status=401, code="invalid_api_key"),), ((SMALL, "AuthenticationError"),), "rules"
    ),
    "403: the next": Case((reply(status=403), reply()), ((SMALL, "AuthenticationError"), (LARGE, "")), LARGE),
    "404: the next": Case(
        (reply(status=404, code="model_not_found"), reply()), ((SMALL, "ModelNotFoundError"), (LARGE, "")), LARGE
    ),
    "too long: no window of the route is larger, so the embedded engine": Case(
        (reply(status=400, code="context_length_exceeded"),), ((SMALL, "ContextLengthError"),), "rules"
    ),
    "400: no other provider, but the embedded engine": Case(
        (reply(status=400, code="invalid_request_error"),), ((SMALL, "InvalidRequestError"),), "rules"
    ),
    "422: no other provider, but the embedded engine": Case(
        (reply(status=422),), ((SMALL, "InvalidRequestError"),), "rules"
    ),
    "refusal: booked, and the next": Case(
        (reply(refusal="I cannot help with that."), reply()), ((SMALL, "RefusalError"), (LARGE, "")), LARGE
    ),
    "request not taken for its content: the next": Case(
        (reply(status=400, code="content_policy_violation"), reply()),
        ((SMALL, "ContentFilterError"), (LARGE, "")),
        LARGE,
    ),
    "content filter: booked, and the next": Case(
        (reply(finish_reason="content_filter"), reply()), ((SMALL, "RefusalError"), (LARGE, "")), LARGE
    ),
    "broken JSON: the input is booked, and the next": Case(
        (reply(fault="malformed"), reply()), ((SMALL, "MalformedAnswerError"), (LARGE, "")), LARGE
    ),
    "no choice: the input is booked, and the next": Case(
        (reply(fault="empty"), reply()), ((SMALL, "MalformedAnswerError"), (LARGE, "")), LARGE
    ),
    "verifier fails: one repair": Case(
        (reply(text="forbidden fruit"), reply()), ((SMALL, "InvalidOutputError"), (SMALL, "")), SMALL
    ),
    "verifier fails twice: the next": Case(
        (reply(text="forbidden fruit"), reply(text="forbidden again"), reply()),
        ((SMALL, "InvalidOutputError"), (SMALL, "InvalidOutputError"), (LARGE, "")),
        LARGE,
    ),
    "wrong form: one repair": Case(
        (reply(text=BAD_FORM), reply(text=GOOD_FORM)), ((SMALL, "InvalidOutputError"), (SMALL, "")), SMALL, is_form=True
    ),
    "the task cannot finish it: one repair, then the next": Case(
        (reply(text='{"title": "x", "lines": []}'), reply(text="not JSON"), reply(text=GOOD_FORM)),
        ((SMALL, "InvalidOutputError"), (SMALL, "InvalidOutputError"), (LARGE, "")),
        LARGE,
        is_form=True,
    ),
    "a form that was cut at its bound: no repair, the next": Case(
        (reply(text='{"title": "' + "x " * 3_000), reply(text=GOOD_FORM)),
        ((SMALL, "InvalidOutputError"), (LARGE, "")),
        LARGE,
        is_form=True,
    ),
    "no usage in the answer: counted here": Case((reply(has_usage=False),), ((SMALL, ""),), SMALL),
    "everybody is down: the embedded engine": Case(
        (reply(status=404), reply(fault="malformed")),
        ((SMALL, "ModelNotFoundError"), (LARGE, "MalformedAnswerError")),
        "rules",
    ),
}

STREAMED = {
    "cut before the commit point: the next, unseen": Case(
        (reply(fault="cut", pieces=0), reply()), ((SMALL, "StreamInterruptedError"), (LARGE, "")), LARGE
    ),
    "nothing after the headers: the next, unseen": Case(
        (reply(fault="silent"), reply()), ((SMALL, "FirstTokenTimeoutError"), (LARGE, "")), LARGE
    ),
    "429: the next, unseen": Case((reply(status=429), reply()), ((SMALL, "RateLimitError"), (LARGE, "")), LARGE),
    **{
        f"{fault} after the commit point: the next begins anew": Case(
            (reply(fault=fault), reply()), ((SMALL, "StreamInterruptedError"), (LARGE, "")), LARGE
        )
        for fault in ("cut", "hang", "end", "error", "malformed")
    },
    "cut twice: the embedded engine begins anew": Case(
        (reply(fault="cut"), reply(fault="cut")),
        ((SMALL, "StreamInterruptedError"), (LARGE, "StreamInterruptedError")),
        "rules",
    ),
    "refusal in a stream: booked, and the next": Case(
        (reply(refusal="I cannot help with that."), reply()), ((SMALL, "RefusalError"), (LARGE, "")), LARGE
    ),
    "verifier fails on a shown text: repaired, begins anew": Case(
        (reply(text="forbidden fruit"), reply()), ((SMALL, "InvalidOutputError"), (SMALL, "")), SMALL
    ),
    "no usage in the stream: counted here": Case((reply(has_usage=False),), ((SMALL, ""),), SMALL),
}


@pytest.fixture
def patience(settings, monkeypatch):
    """Wait for nobody between attempts, and only a second for a provider that is scripted to fall silent."""
    monkeypatch.setattr(failures, "BACKOFF_SECONDS", 0.0)

    def shorten(case: Case) -> None:
        if any(reply.fault in {"stall", "silent", "hang"} for reply in case.replies):
            settings.AI_ATTEMPT_SECONDS = settings.AI_FIRST_TOKEN_SECONDS = 1

    return shorten


@pytest.fixture
def two_models(db, simulator, patience):
    """A route with two models of the provider for both tasks."""
    RouteCandidate.objects.all().delete()
    for task_type in ("cover_letter", "cv_parsing"):
        route, _ = Route.objects.get_or_create(task_type=task_type)
        for position, model in enumerate((SMALL, LARGE), 1):
            RouteCandidate.objects.create(route=route, provider="openai", model=model, position=position)
    return simulator


@pytest.mark.django_db
@pytest.mark.parametrize("case", WHOLE.values(), ids=WHOLE)
def test_a_whole_answer(case, two_models, patience, spec, form_spec):
    patience(case)
    two_models.script(*case.replies)

    result = router.run(form_spec if case.is_form else spec, Subject())

    assert result.model == case.answered
    assert result.output == expected_output(case)
    assert not two_models.replies
    assert tried() == list(case.tried)
    assert_books_agree(two_models)
    assert Call.objects.get().status == "succeeded"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("case", STREAMED.values(), ids=STREAMED)
async def test_a_streamed_answer(case, two_models, patience, spec):
    patience(case)
    two_models.script(*case.replies)

    *events, last = [event async for event in router.stream(spec, Subject())]

    shown = ""
    for event in events:
        shown = "" if isinstance(event, StreamRestarted) else shown + event.text
    assert last.result.model == case.answered
    assert last.result.output == shown == expected_output(case)
    assert isinstance(events[0], TextDelta)
    assert last.result.is_complete
    assert await sync_to_async(tried)() == list(case.tried)
    await sync_to_async(assert_books_agree)(two_models)


def tried() -> list[tuple[str, str]]:
    attempts = Attempt.objects.exclude(provider="embedded").order_by("ordinal")
    return [(attempt.model, attempt.error_class) for attempt in attempts]


def expected_output(case: Case) -> str:
    if case.answered == "rules":
        return OFFLINE_TEXT
    return "Garden\nRoses" if case.is_form else GOOD


@pytest.mark.django_db
def test_a_refusal_ends_a_task_that_does_not_allow_another_provider(two_models, spec):
    two_models.script(reply(refusal="No."), reply())

    result = router.run(replace(spec, falls_back_on_refusal=False), Subject())

    assert result.provider == "embedded"
    assert tried() == [(SMALL, "RefusalError")]
    assert_books_agree(two_models)


@pytest.mark.django_db
def test_a_provider_alone_that_fails_says_how_in_plain_words(simulator, spec):
    simulator.script(Reply(refusal="No."))

    with pytest.raises(AllProvidersFailedError) as caught:
        router.run(spec, Subject(), provider="openai")

    assert "declined" in caught.value.user_message
    assert_books_agree(simulator)


@pytest.mark.django_db
def test_a_key_that_was_refused_is_left_alone_until_it_changes(simulator, spec, settings):
    simulator.script(Reply(status=401))
    router.run(spec, Subject())

    parked = router.run(spec, Subject())
    settings.AI_PROVIDERS = {"openai": {**settings.AI_PROVIDERS["openai"], "api_key": "another"}}
    renewed = router.run(spec, Subject())

    assert (parked.provider, renewed.provider) == ("embedded", "openai")
    assert ["openai/gpt-5.4-mini", "key was refused"] in Call.objects.get(id=parked.call_id).decision["passed_over"]
    assert len(simulator.books) == 2


@pytest.mark.django_db
def test_retries_stop_when_their_budget_is_spent(two_models, spec):
    while provider_loop().upstream.retries.spend():
        pass
    two_models.script(reply(status=503), reply())

    result = router.run(spec, Subject())

    assert result.model == LARGE
    assert tried() == [(SMALL, "ProviderUnavailableError"), (LARGE, "")]


@pytest.mark.django_db
def test_an_answer_that_reached_its_bound_is_incomplete(simulator, spec):
    simulator.script(Reply(text="word " * 5_000))

    result = router.run(spec, Subject())

    assert not result.is_complete
    assert Call.objects.get().status == "incomplete"
    assert_books_agree(simulator)


@pytest.mark.django_db
def test_what_the_task_itself_refuses_goes_through_and_is_paid(simulator, spec):
    def refuse(_inputs, _answer):
        raise LookupError("this is not a CV")

    with pytest.raises(LookupError):
        router.run(replace(spec, finish=refuse), Subject())

    assert Call.objects.get().status == "failed"
    assert Attempt.objects.get().status == "rejected"
    assert_books_agree(simulator)


@pytest.mark.django_db
def test_an_unknown_price_is_no_price(simulator, spec, settings, caplog):
    settings.AI_PROVIDERS = {"openai": {**settings.AI_PROVIDERS["openai"], "model": "house-model-1"}}

    result = router.run(spec, Subject())

    line = Call.objects.get()
    assert result.cost_nanousd is line.cost_nanousd is None
    assert line.output_tokens > 0
    assert "ai_unpriced" in caplog.text
