"""Made-up traffic for trials and benchmarks: many calls of some weeks, as a site of a career service would make them.

More by day than by night and on week days than at weekends; each task has its models, sizes and prices; some providers fail, caches
help, latencies are log-normal. The same seed makes the same traffic, but for the ids. Lines are written in bulk, and the roll-ups are made
from them at the end, so they are as exact as any others.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from math import exp
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from usage.budget_windows import reset_windows
from usage.models import Attempt, Budget, Call
from usage.rollup_later import make_later_rows
from usage.rollup_repair import rebuild
from usage.types import EXPIRED

BATCH = 20_000
IDS = random.Random()  # noqa: S311 - not secrets
# How busy each hour of a day is, and each day of a week from Monday on.
HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 20, 19, 15, 17, 19, 18, 15, 12, 9, 8, 7, 5, 3, 2)
DAYS = (10, 11, 11, 10, 8, 3, 3)
ERRORS = (("RateLimitError", 429), ("ProviderUnavailableError", 503), ("ProviderTimeoutError", None))


# A call and its attempts.
Line = tuple[dict[str, Any], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of calls: its share of all, who answers, tokens in and out on average, and how often a cache does."""

    name: str
    share: int
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    latency_ms: int
    cached: float
    prompt_version: str


@dataclass(frozen=True, slots=True)
class Price:
    """Nano-dollars for a token sent and for one written."""

    sent: int
    written: int


TASKS = (
    Task("cv_parsing", 20, "openai", "gpt-4.1-mini", 2_400, 900, 4_200, 0.02, "cv_parsing/v3"),
    Task("cv_tailoring", 14, "openai", "gpt-4.1", 3_600, 800, 6_500, 0.01, "cv_tailoring/v2"),
    Task("cover_letter", 16, "openai", "gpt-4.1", 2_900, 420, 4_800, 0.01, "cover_letter/v4"),
    Task("email_drafting", 8, "grok", "grok-3-mini", 1_500, 260, 2_600, 0.0, "email_drafting/v1"),
    Task("fast_summary", 18, "groq", "llama-3.3-70b-versatile", 1_800, 200, 700, 0.15, "fast_summary/v2"),
    Task("job_analysis", 14, "gemini", "gemini-2.5-flash", 2_100, 600, 2_200, 0.30, "job_analysis/v3"),
    Task("job_matching", 10, "gemini", "gemini-2.5-flash", 2_700, 300, 1_900, 0.05, "job_matching/v1"),
)
PRICES = {"openai": Price(2_000, 8_000), "grok": Price(300, 500), "groq": Price(590, 790), "gemini": Price(300, 2_500)}
# What answers where the first choice has failed, and what costs nothing.
FALLBACK, EMBEDDED = ("gemini", "gemini-2.5-flash"), ("embedded", "rules")
TRIALS = (
    '{"name": "shorter letters", "arm": "as it is", "arm_id": 1}',
    '{"name": "shorter letters", "arm": "short", "arm_id": 2}',
)


def seed_calls(*, calls: int, days: int, users: int, seed: int, until: datetime) -> Iterator[int]:
    """Write that many calls of the days before a moment, and make the roll-ups of these days anew.

    Yields how many calls are written, after each batch. Windows of budgets are counted anew by the next call.
    """
    chance = random.Random(seed)  # noqa: S311 - traffic, no secrets
    last = until.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    begin = last - timedelta(days=days)
    maker = _Maker(chance, _people(users))
    written = 0
    made = maker.make_all(_share_out(calls, begin, days * 24, chance))
    while lines := list(islice(made, BATCH)):
        with transaction.atomic():
            _write(Call, [call for call, _ in lines])
            _write(Attempt, [attempt for _, attempts in lines for attempt in attempts])
        written += len(lines)
        yield written
    for budget in Budget.objects.all():
        reset_windows(budget)
    midnight = begin.replace(hour=0)
    for day in range((last - midnight).days + 1):
        rebuild([midnight + timedelta(days=day)])
        yield written
    make_later_rows(now=until)


def _people(count: int) -> list[int]:
    """Return the keys of accounts that nobody can sign in to, made where they are missing, in three groups."""
    names = [f"seed-{number:04}" for number in range(1, count + 1)]
    accounts = get_user_model()
    known = set(accounts.objects.filter(username__in=names).values_list("username", flat=True))
    accounts.objects.bulk_create(
        accounts(username=name, email=f"{name}@example.org", password=make_password(None))
        for name in names
        if name not in known
    )
    keys = [
        int(key)
        for key in accounts.objects.filter(username__in=names).order_by("username").values_list("pk", flat=True)
    ]
    groups = [Group.objects.get_or_create(name=f"seed {name}")[0] for name in ("north", "south", "west")]
    for number, group in enumerate(groups):
        group.user_set.add(*keys[number :: len(groups)])
    return keys


def _share_out(calls: int, begin: datetime, hours: int, chance: random.Random) -> Iterator[tuple[datetime, int]]:
    """Share the calls out over the hours, by hour of the day and day of the week, with some chance."""
    starts = [begin + timedelta(hours=number) for number in range(hours)]
    weights = [HOURS[one.hour] * DAYS[one.weekday()] * chance.uniform(0.8, 1.2) for one in starts]
    total, so_far, done = sum(weights), 0.0, 0
    for starts_at, weight in zip(starts, weights, strict=True):
        so_far += weight
        due = round(calls * so_far / total)
        yield starts_at, due - done
        done = due


class _Maker:
    """Makes calls with their attempts, as values by the names of their columns."""

    def __init__(self, chance: random.Random, people: list[int]) -> None:
        self.chance = chance
        self.people = people
        # A few people make most of the calls.
        self.busy = list(accumulate(1 / (place + 3) for place in range(len(people))))
        self.shares = list(accumulate(task.share for task in TASKS))
        self.call, self.attempt = _defaults(Call), _defaults(Attempt)

    def make_all(self, hours: Iterable[tuple[datetime, int]]) -> Iterator[Line]:
        """Make so many calls in each hour, in the order of their time."""
        for starts_at, count in hours:
            texts = [(starts_at + timedelta(hours=number)).strftime("%Y-%m-%d %H:") for number in range(2)]
            milliseconds = int(starts_at.timestamp()) * 1_000
            for minute in sorted(self.chance.random() * 60 for _ in range(count)):
                seconds = f"{int(minute % 1 * 60_000_000):08}"
                rest = f":{seconds[:2]}.{seconds[2:]}"
                # It begins with the time, as new entries at the end of an index are quick.
                identity = f"{milliseconds + int(minute * 60_000):012x}{IDS.getrandbits(80):020x}"
                created_at = f"{texts[0]}{int(minute):02}{rest}"
                yield self._make(identity, created_at, f"{texts[minute >= 45]}{int(minute + 15) % 60:02}{rest}")

    def _make(self, identity: str, created_at: str, expires_at: str) -> Line:
        """Make one call."""
        chance = self.chance
        task = chance.choices(TASKS, cum_weights=self.shares)[0]
        user = chance.choices(self.people, cum_weights=self.busy)[0]
        call = self.call.copy()
        call["id"] = identity
        call["user_id"] = user
        call["task_type"] = task.name
        call["prompt_version"] = task.prompt_version
        call["request_id"] = "seed"
        call["decision"] = self._decision(task, user)
        call["created_at"] = call["settled_at"] = created_at
        call["expires_at"] = expires_at
        fate = chance.random()
        if fate < task.cached:
            saved = self._cost(task.provider, task.input_tokens, task.output_tokens)
            answered = {"provider": task.provider, "model": task.model, "is_cached": True, "saved_nanousd": saved}
            return call | answered | {
                "status": "succeeded",
                "cost_nanousd": 0,
                "latency_ms": chance.randrange(1, 9),
            }, []
        if fate > 0.9995:
            held = self._cost(task.provider, task.input_tokens * 2, task.output_tokens * 2)
            lost = {"status": "unknown", "error_class": EXPIRED, "held_nanousd": held, "cost_nanousd": held}
            return call | lost | {"is_estimated": True}, []
        return self._answered(call, task)

    def _answered(self, call: dict[str, Any], task: Task) -> Line:
        """Let a call be answered by its first choice, by another one, by rules, or by nobody."""
        chance = self.chance
        attempts: list[dict[str, Any]] = []
        waited, failure = 0, ""
        for provider, model in ((task.provider, task.model), FALLBACK, EMBEDDED):
            is_embedded = provider == EMBEDDED[0]
            slowness = exp(chance.gauss(0, 0.5))
            took = 40 if is_embedded else round(task.latency_ms * slowness)
            values = self.attempt.copy()
            values["call_id"] = call["id"]
            values["ordinal"] = len(attempts) + 1
            values["provider"] = provider
            values["model"] = model
            values["duration_ms"] = took
            values["started_at"] = call["created_at"]
            waited += took
            if not is_embedded and chance.random() < 0.035:
                failure, http_status = chance.choice(ERRORS)
                attempts.append(
                    values | {"status": "failed", "error_class": failure, "http_status": http_status, "cost_nanousd": 0}
                )
                continue
            if is_embedded and chance.random() < 0.3:
                break
            size = exp(chance.gauss(0, 0.4))
            sent, written = round(task.input_tokens * size), round(task.output_tokens * exp(chance.gauss(0, 0.3)))
            remembered = sent // 2 if chance.random() < 0.2 and not is_embedded else 0
            cost = 0 if is_embedded else self._cost(provider, sent - remembered // 2, written)
            used = {"input_tokens": sent - remembered, "cached_input_tokens": remembered, "output_tokens": written}
            paid = used | {"cost_nanousd": cost}
            attempts.append(values | paid | {"status": "succeeded", "first_token_ms": took // 4})
            ended = {"status": "succeeded", "provider": provider, "model": model, "first_token_ms": took // 4}
            return call | paid | ended | {"latency_ms": waited, "overhead_us": chance.randrange(600, 2_500)}, attempts
        return call | {"status": "failed", "error_class": failure, "cost_nanousd": 0, "latency_ms": waited}, attempts

    def _decision(self, task: Task, user: int) -> str:
        parts = ['"why": "route"', '"cache": "miss"'] if task.cached else ['"why": "route"']
        if task.name == "cover_letter":
            parts.append(f'"experiment": {TRIALS[user % 2]}')
        return f"{{{', '.join(parts)}}}"

    def _cost(self, provider: str, sent: int, written: int) -> int:
        price = PRICES[provider]
        return sent * price.sent + written * price.written


def _fields(model: type[Call] | type[Attempt]) -> list[Any]:
    """Return the fields that are written; the database numbers the attempts."""
    return [field for field in model._meta.concrete_fields if model is Call or not field.primary_key]


def _defaults(model: type[Call] | type[Attempt]) -> dict[str, Any]:
    """Return a line as it is by default, column by column."""
    kinds = {field.attname: field for field in _fields(model)}
    return {
        name: "{}" if field.get_internal_type() == "JSONField" else field.get_default() for name, field in kinds.items()
    }


def _write(model: type[Call] | type[Attempt], rows: list[dict[str, Any]]) -> None:
    """Write lines in bulk, with their columns in the order of `_defaults`."""
    database = connections[DEFAULT_DB_ALIAS]
    names = [database.ops.quote_name(str(field.column)) for field in _fields(model)]
    columns, table = ", ".join(names), database.ops.quote_name(model._meta.db_table)
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                copy.write("".join("\t".join(map(_copied, row.values())) + "\n" for row in rows))
        else:
            places = ", ".join(["%s"] * len(names))
            values = [list(row.values()) for row in rows]
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)  # noqa: S608 - our own names


def _copied(value: Any) -> str:
    """Return a value as COPY takes it; none of ours has a character that means something there."""
    if value is None:
        return "\\N"
    return str(value)
