"""The router's errors. A class states two facts: `retryable`, the same candidate may do better; `fallback`, the next may."""

import math
from collections.abc import Sequence

from usage.types import AttemptRecord, TokenUsage


class RouterError(Exception):
    """Base of all errors of `ai_router`."""

    code = "ai_error"
    status_code = 502
    user_message = "The text could not be written just now. Try again in a minute."


class NoProviderAvailableError(RouterError):
    """No candidate of the route is configured."""

    code = "no_provider"
    status_code = 503
    user_message = "No AI provider is set up for this task."


class UnfitRequestError(NoProviderAvailableError):
    """Nobody who is set up can do what this request asks for, or may by the caller's bounds; asking again is of no use."""

    status_code = 400

    def __init__(self, passed_over: Sequence[tuple[str, str]], *, is_too_long: bool) -> None:
        """Keep why each candidate was passed over, for the person too: nothing of that is the request's text."""
        reasons = "; ".join(f"{name}: {reason}" for name, reason in passed_over)
        self.code = "context_length_exceeded" if is_too_long else "request_unfit"
        self.user_message = f"No model that is set up can do this ({reasons})."
        super().__init__(reasons)


class UnknownModelError(RouterError):
    """No task, provider or model that is set up has this name."""

    code = "model_not_found"
    status_code = 404

    def __init__(self, name: str) -> None:
        """Keep the name for the person who wrote it."""
        self.user_message = f"There is no model {name[:200]!r} here, or its provider is not set up."
        super().__init__(self.user_message)


class RequestDeniedError(RouterError):
    """A rule of the site refuses such requests; `user_message` is what the rule says."""

    code = "denied"
    status_code = 403

    def __init__(self, rule: str, message: str) -> None:
        """Name the rule, and keep its words for the person."""
        self.rule = rule
        self.user_message = message
        super().__init__(f"the rule {rule!r} refuses this request")


class ShadowWaitsError(RouterError):
    """People's work goes first; what is asked beside it waits, and is not counted as failed."""

    code = "waiting"
    status_code = 503
    user_message = "Waiting for a quiet moment."
    is_postponed = True
    retry_after = 15


class AllProvidersFailedError(RouterError):
    """Every candidate was tried and failed; `attempts` says how."""

    code = "all_providers_failed"

    def __init__(self, attempts: Sequence[AttemptRecord] = (), *, last: "ProviderError | None" = None) -> None:
        """Keep what was tried, and how the last candidate failed: its words for the person are the ones to show."""
        self.attempts = tuple(attempts)
        self.last = last
        self.retry_after = last.retry_after if last else None
        if last is not None:
            self.user_message = last.user_message
        if isinstance(last, ProviderBusyError | RateLimitError):
            self.code, self.status_code = last.code, last.status_code
        tried = ", ".join(f"{a.provider}/{a.model}: {a.error_class or a.status}" for a in attempts)
        super().__init__(f"all candidates failed ({tried})")


class PrivacyError(RouterError):
    """Personal data could not be replaced by placeholders, so nothing was sent."""

    code = "privacy"
    status_code = 422
    user_message = "Personal data in this text could not be hidden from the AI provider, so nothing was sent."


# Whose limit is reached, in the words of a message.
SUBJECTS = {
    "user": "You have",
    "member": "You have had your share: your group may have",
    "group": "Your group has",
    "task": "Calls of this task have",
}


class UserRateLimitedError(RouterError):
    """A limit of this site is reached: the person's own, a group's, a task's or the site's. Nothing was counted or held.

    It is ours, and no provider's; `retry_after` says in how many seconds there is room. Background work waits for that and
    is not counted as failed.
    """

    code = "rate_limited"
    status_code = 429
    retryable = True
    is_postponed = True

    def __init__(self, *, whose: str, measure: str, most: int, retry_after: float) -> None:
        """Say whose limit it is (`user`, `member`, `group`, `task` or `site`), and of what (`requests`, `tokens` or `running`)."""
        self.whose, self.measure, self.most = whose, measure, most
        self.retry_after = retry_after
        subject = SUBJECTS.get(whose, "This site has")
        reached = {
            "requests": f"made the {most:,} requests that are allowed in a minute",
            "tokens": f"used the {most:,} tokens that are allowed in a minute",
        }.get(measure, f"the {most:,} requests running that are allowed at once")
        if whose == "member":
            counted = {"requests": "requests in a minute", "tokens": "tokens in a minute"}
            reached = f"{most:,} {counted.get(measure, 'requests running at once')} for all its members"
        seconds = math.ceil(retry_after)
        self.user_message = f"{subject} {reached}. Try again in {seconds} second{'' if seconds == 1 else 's'}."
        super().__init__(f"limit of {most} {measure} ({whose}) is reached")


class EmbeddingInputError(RouterError):
    """A text cannot be turned into a vector: it is empty or too long; `position` says which, where it is one."""

    code = "invalid_input"
    status_code = 400
    user_message = "A text is empty or too long."

    def __init__(self, message: str, *, position: int | None = None) -> None:
        """Keep which text it is."""
        self.position = position
        super().__init__(message)


class CancelledByUserError(RouterError):
    """The person stopped the work."""

    code = "cancelled"
    status_code = 409
    user_message = "This was cancelled."


class LaterError(RouterError):
    """A queued request cannot be answered just now: it is tried again, four times within about half an hour."""

    code = "busy"
    retryable = True
    retry_delays_seconds = (15, 60, 300, 1_200)

    def __init__(self, cause: Exception) -> None:
        """Keep the words of what stood in the way, and its hint."""
        self.retry_after = getattr(cause, "retry_after", None)
        self.code = getattr(cause, "code", self.code)
        self.user_message = getattr(cause, "user_message", self.user_message)
        super().__init__(str(cause))


class QueueFullError(RouterError):
    """Too many requests of one person wait already."""

    code = "queue_full"
    status_code = 429
    user_message = "Too many of your requests are waiting. Send more once some of them are done."


class IdempotencyConflictError(RouterError):
    """The key of one request was used again for another."""

    code = "idempotency_conflict"
    status_code = 409
    user_message = "This idempotency key was used for another request."


class NoWebhookSecretError(RouterError):
    """There is nothing to sign a message with."""

    code = "no_webhook_secret"
    status_code = 409
    user_message = "Make a secret for your webhooks first: messages are signed with it."


class WebhookFailedError(RouterError):
    """A message did not arrive; it is sent again: after 5 s, 5 min, half an hour, two hours and five hours."""

    code = "webhook_failed"
    retryable = True
    retry_delays_seconds = (5, 300, 1_800, 7_200, 18_000)

    def __init__(self, message: str) -> None:
        """Say what happened, to the person whose address it is."""
        self.user_message = message
        super().__init__(message)


class WebhookGoneError(WebhookFailedError):
    """The address may not be posted to, or wants no more messages."""

    code = "webhook_gone"
    retryable = False


class ProviderError(RouterError):
    """A provider did not answer as asked."""

    retryable = False
    fallback = True

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        model: str = "",
        status_code: int | None = None,
        request_id: str = "",
        retry_after: float | None = None,
        usage: TokenUsage | None = None,
        written: str = "",
    ) -> None:
        """Name the provider, the model and what its answer said.

        Args:
            message: What happened; never a key, a prompt or a person's text.
            provider: Who failed.
            model: Its model.
            status_code: The HTTP status where there was one.
            request_id: The provider's id of the request.
            retry_after: The provider's hint when to come back, in seconds from now.
            usage: What the provider says it billed all the same.
            written: All that it wrote, to be counted where it does not say what it billed.
        """
        self.provider = provider
        self.model = model
        self.http_status = status_code
        self.request_id = request_id
        self.retry_after = retry_after
        self.usage = usage
        self.written = written
        super().__init__(message)


class ProviderTimeoutError(ProviderError):
    """No answer in time (408, 504, or our own deadline)."""


class FirstTokenTimeoutError(ProviderTimeoutError):
    """A stream was opened and nothing came in the first-token limit."""


class ProviderConnectionError(ProviderError):
    """The connection failed before an answer began."""

    retryable = True


class ProviderUnavailableError(ProviderError):
    """500, 502, 503, 529: overloaded or broken for now."""

    retryable = True


class RateLimitError(ProviderError):
    """The provider's 429, not ours; `retry_after` is its hint in seconds."""

    code = "provider_rate_limited"
    status_code = 503
    user_message = "The AI provider has no room for more requests just now. Try again in a minute."
    retryable = True


class ProviderBusyError(ProviderError):
    """The provider was not asked: the limits that this site keeps for it left no room in time."""

    code = "rate_limited"
    status_code = 429
    user_message = "Too much is asked of the AI providers just now. Try again in a minute."


class ProviderQuotaError(ProviderError):
    """402 or a spent quota: the key is of no use until somebody pays."""


class AuthenticationError(ProviderError):
    """401, 403: the key is wrong."""


class InvalidRequestError(ProviderError):
    """400, 422: our request is at fault, another candidate would refuse it too."""

    fallback = False


class ModelNotFoundError(ProviderError):
    """404: the model is gone; the next candidate may have its own."""


class ContextLengthError(ProviderError):
    """The request does not fit the model's window; only a larger one helps."""


class ContentFilterError(ProviderError):
    """The provider did not take the request for its content."""

    user_message = "The AI provider declined to write this text."


class RefusalError(ContentFilterError):
    """The model refused, or its answer was filtered, after it had read and written."""


class InvalidOutputError(ProviderError):
    """The answer does not fit its schema, or the verifier found problems; `problems` lists them."""

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        model: str = "",
        problems: Sequence[str] = (),
        usage: TokenUsage | None = None,
    ) -> None:
        """Keep the problems for the repair."""
        self.problems = tuple(problems)
        super().__init__(message, provider=provider, model=model, usage=usage)


class MalformedAnswerError(ProviderError):
    """The answer is not what the provider's interface promises: broken JSON, or nothing in it."""


class StreamInterruptedError(ProviderError):
    """A stream broke off before its end."""
