"""How HTTP answers become errors, and hints become seconds."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_router.errors import (
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    InvalidRequestError,
    ModelNotFoundError,
    ProviderError,
    ProviderQuotaError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
)
from ai_router.failures import FAILURES, Allowance, rule_of, seconds_before_retry
from ai_router.providers.base import error_class, retry_after_seconds

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "", InvalidRequestError),
        (400, "context_length_exceeded", ContextLengthError),
        (400, "content_policy_violation", ContentFilterError),
        (400, "invalid_value", InvalidRequestError),
        (401, "", AuthenticationError),
        (402, "", ProviderQuotaError),
        (403, "", AuthenticationError),
        (404, "", ModelNotFoundError),
        (408, "", ProviderTimeoutError),
        (413, "", InvalidRequestError),
        (422, "", InvalidRequestError),
        (429, "", RateLimitError),
        (429, "insufficient_quota", ProviderQuotaError),
        (500, "", ProviderUnavailableError),
        (503, "insufficient_quota", ProviderUnavailableError),
        (504, "", ProviderTimeoutError),
        (529, "", ProviderUnavailableError),
    ],
)
def test_the_status_decides_and_the_code_refines(status, code, expected):
    assert error_class(status, code) is expected


@given(st.integers(min_value=400, max_value=599), st.text(max_size=20))
def test_every_refusal_has_a_rule(status, code):
    found = error_class(status, code)

    assert issubclass(found, ProviderError)
    assert rule_of(found("x", provider="p")) in FAILURES.values()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 -0000"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_hints_are_read_in_every_form(headers, seconds):
    assert retry_after_seconds(headers, now=NOW) == seconds


@given(st.integers(min_value=1, max_value=40), st.booleans())
def test_backoff_is_jittered_below_its_bound_and_ends(tries, has_next):
    seconds = seconds_before_retry(ProviderUnavailableError("x", provider="p"), tries=tries, has_next=has_next)

    assert (seconds is None) == (tries > 1)
    assert seconds is None or 0 <= seconds <= (0.05 if has_next else 8)


def test_a_hint_comes_before_backoff_and_a_limit_without_one_is_not_retried():
    assert seconds_before_retry(RateLimitError("x", provider="p", retry_after=3), tries=1, has_next=False) == 3
    assert seconds_before_retry(RateLimitError("x", provider="p"), tries=1, has_next=False) is None
    assert seconds_before_retry(RateLimitError("x", provider="p", retry_after=3), tries=1, has_next=True) is None
    assert seconds_before_retry(RateLimitError("x", provider="p", retry_after=0.01), tries=1, has_next=True) == 0.01
    assert seconds_before_retry(AuthenticationError("x", provider="p", retry_after=3), tries=1, has_next=False) is None


@given(st.lists(st.booleans(), max_size=400))
def test_retries_stay_below_their_share(events):
    budget, requests, retries = Allowance(share=0.1, start=1.0), 0, 0
    for is_request in events:
        if is_request:
            budget.earn()
            requests += 1
        else:
            retries += budget.spend()

    assert retries <= 1 + 0.1 * requests + 1e-6
