"""How much may be asked: by a person, by a group, of a task, by the whole site, and of a provider.

People's, groups', tasks' and the site's limits are checked before anything is held; a refusal counts nothing and says when to
come back. A member of a group may have at most twice of what the group's limit still leaves: one who asks a lot gets two
thirds of it where nobody else asks, and the equal share, less a little for who comes next, where others do (Choudhury and
Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998). Providers' limits hold where they are asked (`gates.py`): calls wait their turn or go to the next candidate.

With Redis (`REDIS_URL`) all processes count together. Without, each process counts for itself: with N processes, N
times the limit can pass. While Redis is away it is the same.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import uuid4

from django.conf import settings

from ai_router.copies import Copy
from ai_router.counters import RUNNING_RETRY_SECONDS, Bound, Counters, Measure, MemoryCounters, Refusal, Taken
from ai_router.errors import UserRateLimitedError
from ai_router.groups import GROUPS
from ai_router.models import RateLimit
from ai_router.redis_counters import RedisCounters, redis_address
from usage.own_limits import OwnLimit

# How long an edit of the limits may take to be seen.
KEPT_SECONDS = 5
# How many times of what a group's limit leaves a member may have.
MEMBERS_MOST = 2
# A request that nobody gave back ends by itself so long after the deadline of its call.
LEASE_MARGIN_SECONDS = 30

Most = Mapping[Measure, int]
NOBODY = ""
OWN_WORDS = {
    Measure.REQUESTS: "Calls in a minute",
    Measure.TOKENS: "Tokens in a minute",
    Measure.RUNNING: "Calls at once",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit of the site as it is counted."""

    key: str
    most: Most
    user_id: int | None = None
    is_per_user: bool = False
    task_type: str = ""
    group: str = ""

    def applies_to(self, user_id: int | None, task_type: str) -> bool:
        """Whether such a call is counted."""
        is_theirs = user_id is not None if self.is_per_user else self.user_id in {None, user_id}
        if not is_theirs or self.task_type not in {"", task_type}:
            return False
        return not self.group or (user_id is not None and self.group in GROUPS.get(user_id))


@dataclass(frozen=True, slots=True)
class ProviderLimit:
    """A provider's limits at this site: how many requests of this process at once (0: any number), and what is counted."""

    running_at_once: int = 0
    bounds: tuple[Bound, ...] = ()
    is_remote: bool = False


NO_LIMIT = ProviderLimit()


@dataclass(frozen=True, slots=True)
class Book:
    """All limits of the site."""

    rules: tuple[Rule, ...] = ()
    people: Mapping[int | None, Most] = field(default_factory=dict)
    shares: Mapping[int | None, int] = field(default_factory=dict)
    providers: Mapping[str, Most] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Admission:
    """A call that was let in: whose turn it takes at providers, and what is counted for it."""

    whose: str = NOBODY
    share: int = 1
    providers: Mapping[str, Most] = field(default_factory=dict)
    taken: Taken | None = None

    def limit_of(self, provider: str) -> ProviderLimit:
        """Return what limits requests to a provider."""
        most = self.providers.get(provider)
        running = int(settings.AI_PROVIDER_RUNNING)
        if most is None:
            return ProviderLimit(running) if running else NO_LIMIT
        where = counters()
        running = most.get(Measure.RUNNING, running)
        counted = {
            # In one process the gate itself knows what runs.
            measure: amount
            for measure, amount in most.items()
            if where.is_remote or measure is not Measure.RUNNING
        }
        bounds = tuple(Bound(f"provider:{provider}:{measure}", measure, amount) for measure, amount in counted.items())
        return ProviderLimit(running, bounds, where.is_remote)

    def asking(self, limit: ProviderLimit, *, tokens: int) -> Callable[[], Taken | Refusal]:
        """Return what counts one request of so many tokens against a provider's limits."""
        bounds = _with_tokens(limit.bounds, tokens)
        return partial(counters().take, bounds, ticket=uuid4().hex, lease_seconds=_lease_seconds())

    def settle(self, tokens: int) -> None:
        """End what is running, and count the tokens that were really used. A second call changes nothing that counts."""
        if self.taken is not None and any(bound.measure is not Measure.REQUESTS for bound in self.taken.bounds):
            self.taken.counters.give_back(self.taken, {Measure.TOKENS: tokens})

    def cancel(self) -> None:
        """Take back all that was counted: nobody is asked."""
        if self.taken is not None:
            self.taken.counters.give_back(self.taken, {Measure.REQUESTS: 0, Measure.TOKENS: 0})


def admit_beside() -> Admission:
    """Let in what the site asks for itself: it is counted for nobody, and only providers' limits hold for it."""
    return Admission(providers=BOOK.get().providers)


def admit(*, user_id: int | None, task_type: str, tokens: int) -> Admission:
    """Count a call of about so many tokens, or refuse it; a refused call is not counted anywhere.

    Raises:
        UserRateLimitedError: A limit of the person, the task or the site is reached.
    """
    book = BOOK.get()
    bounds = _with_tokens(_bounds(book, user_id, task_type), tokens)
    taken: Taken | Refusal | None = None
    if bounds:
        _check_shares(book, bounds, user_id)
        taken = counters().take(bounds, ticket=uuid4().hex, lease_seconds=_lease_seconds())
    if isinstance(taken, Refusal):
        raise UserRateLimitedError(
            whose=taken.bound.key.partition(":")[0],
            measure=taken.bound.measure,
            most=taken.bound.most,
            retry_after=taken.retry_seconds,
        )
    share = book.shares.get(user_id, 1)
    return Admission(NOBODY if user_id is None else str(user_id), share, book.providers, taken)


def _check_shares(book: Book, bounds: Sequence[Bound], user_id: int | None) -> None:
    """Refuse a member who has had a fair share of what a group may.

    The look comes before the counting, so that a few calls at the same moment may get a little more than their share; the
    group's limit is exact.

    Raises:
        UserRateLimitedError: The member has to leave room for the others.
    """
    groups = {rule.key for rule in book.rules if rule.group}
    shared = [bound for bound in bounds if bound.key.rpartition(":")[0] in groups]
    if not shared:
        return
    own = [_own_part(bound, user_id) for bound in shared]
    used = counters().used([*shared, *own])
    for bound, (in_all, _), (theirs, seconds) in zip(shared, used, used[len(shared) :], strict=False):
        left = bound.most - in_all
        # Where nothing is left, the group's own limit says so.
        if left > 0 and theirs and theirs >= MEMBERS_MOST * left:
            retry = RUNNING_RETRY_SECONDS if bound.measure is Measure.RUNNING else seconds
            raise UserRateLimitedError(whose="member", measure=bound.measure, most=bound.most, retry_after=retry)


def _own_part(bound: Bound, user_id: int | None) -> Bound:
    """Return where a member's part of what a group has asked is counted; it alone refuses nothing."""
    return replace(bound, key=f"{bound.key}:{user_id}")


def rate_limit_headers(user_id: int) -> dict[str, str]:
    """Return what a person has left of their own limits, as `x-ratelimit-…` headers in the form that OpenAI's clients know."""
    bounds = [bound for bound in _own_bounds(BOOK.get(), user_id) if bound.measure is not Measure.RUNNING]
    headers = {}
    for bound, (used, seconds) in zip(bounds, counters().used(bounds) if bounds else [], strict=True):
        headers[f"x-ratelimit-limit-{bound.measure}"] = str(bound.most)
        headers[f"x-ratelimit-remaining-{bound.measure}"] = str(max(0, bound.most - used))
        headers[f"x-ratelimit-reset-{bound.measure}"] = f"{seconds:.3f}s"
    return headers


def read_own_limits(user_id: int) -> list[OwnLimit]:
    """Return how a person's own limits stand, for their page."""
    bounds = _own_bounds(BOOK.get(), user_id)
    used = counters().used(bounds) if bounds else []
    return [
        OwnLimit(OWN_WORDS[bound.measure], bound.most, count, None if bound.measure is Measure.RUNNING else seconds)
        for bound, (count, seconds) in zip(bounds, used, strict=True)
    ]


def counters() -> Counters:
    """Return where limits are counted: on the Redis of the site's cache where it has one, else in this process."""
    url = redis_address()
    kept = _counters.get(url)
    if kept is None:
        with _lock:
            kept = _counters.get(url) or _counters.setdefault(url, _make_counters(url))
    return kept


def forget_counts() -> None:
    """Forget what this process has counted and read."""
    BOOK.forget()
    with _lock:
        _counters.clear()


_counters: dict[str, Counters] = {}
_lock = threading.Lock()


def _make_counters(url: str) -> Counters:
    in_process = MemoryCounters()
    return RedisCounters(url, in_process) if url else in_process


def _bounds(book: Book, user_id: int | None, task_type: str) -> list[Bound]:
    """Return what a call is counted against: the person's own limits, and every rule that applies."""
    found = [] if user_id is None else _own_bounds(book, user_id)
    for rule in book.rules:
        if rule.applies_to(user_id, task_type):
            key = f"{rule.key}:{user_id}" if rule.is_per_user else rule.key
            bounds = [Bound(f"{key}:{measure}", measure, most) for measure, most in rule.most.items()]
            found += bounds
            if rule.group:
                found += [_own_part(bound, user_id) for bound in bounds]
    return found


def _own_bounds(book: Book, user_id: int) -> list[Bound]:
    """Return a person's own limits: their row's before that for each user, before the settings."""
    most = {
        Measure.REQUESTS: settings.AI_USER_REQUESTS_PER_MINUTE,
        Measure.TOKENS: settings.AI_USER_TOKENS_PER_MINUTE,
        Measure.RUNNING: settings.AI_USER_RUNNING,
        **book.people.get(None, {}),
        **book.people.get(user_id, {}),
    }
    return [Bound(f"user:{user_id}:{measure}", measure, amount) for measure, amount in most.items() if amount]


def _with_tokens(bounds: Sequence[Bound], tokens: int) -> list[Bound]:
    """Say how many tokens the call takes."""
    return [
        Bound(bound.key, bound.measure, bound.most, tokens) if bound.measure is Measure.TOKENS else bound
        for bound in bounds
    ]


def _lease_seconds() -> float:
    return float(settings.AI_DEADLINE_SECONDS + LEASE_MARGIN_SECONDS)


def _read_book() -> Book:
    """Read the limits from the database."""
    rules, people, shares, providers = [], {}, {}, {}
    for row in RateLimit.objects.filter(is_active=True).select_related("group"):
        given = {
            Measure.REQUESTS: row.requests_per_minute,
            Measure.TOKENS: row.tokens_per_minute,
            Measure.RUNNING: row.running_at_once,
        }
        most = {measure: amount for measure, amount in given.items() if amount}
        if row.provider:
            providers[row.provider] = most
        elif row.group is not None:
            rules.append(Rule(f"group:{row.pk}", most, task_type=row.task_type, group=row.group.name))
        elif row.task_type or not (row.user_id or row.is_per_user):
            name = "task" if row.task_type else "site"
            rules.append(Rule(f"{name}:{row.pk}", most, row.user_id, row.is_per_user, row.task_type))
        else:
            people[row.user_id] = most
            shares[row.user_id] = row.share
    return Book(tuple(rules), people, shares, providers)


BOOK: Copy[Book] = Copy(_read_book, seconds=KEPT_SECONDS)
