"""Tokens, users and tasks that run away: seen within seconds in the ledger's last minutes, and stopped where a rule says so.

Every few seconds the calls of the last minutes are added up by an index on time; only who has made many is compared with
what is usual. The site stops nobody again for an hour after somebody has let them go.

What is compared is a pace: calls or tokens in a minute, dollars in five. Who keeps up a pace for `PACE` is believed to go on like
that, and nobody waits for the rest of the time. An even pace counts whole; of an uneven one what the emptier parts of that time
come to, so that a burst counts as what it is. So a pace beyond a rule is found `PACE` and one round of the watch after its
beginning, and every process follows the stop `ai_router.freezes.STOPS` later: 50 seconds in all (`STOPPED_WITHIN_SECONDS`), and
what the look itself takes.

Single calls that use much come in lumps, with nothing between them. Three of them at even distances are a pace as well, however
far they are apart: what followed the first, over the time that it took. One or two are none, nor is a burst of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import Case, Count, F, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from usage.alerts.book import Finding, take_stock
from usage.alerts.subjects import MINUTES, name_of, usual_rate
from usage.freezes import Subject, freeze
from usage.models import AlertRule, Call, Freeze
from usage.types import (
    NANOUSD_PER_USD,
    AlertKind,
    AlertLevel,
    CallStatus,
    FreezeLevel,
    RuleAction,
    SubjectKind,
    Watched,
)

LOOK = "runaway"
# What is counted of each, in this order.
COUNTED = (Watched.VOLUME, Watched.TOKENS, Watched.COST)
KINDS_OF_TOKENS = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
# How long an even pace has to be kept up, and in how many parts it is looked at. A part is even with at least half its share.
PACE, PARTS = timedelta(seconds=40), 4
PART = PACE / PARTS
# In how many such parts a minute is counted, and the longest time that rules look at.
PARTS_A_MINUTE = timedelta(minutes=1) // PART
ALL_PARTS = MINUTES[Watched.COST] * PARTS_A_MINUTE
# How many of the fullest parts of an uneven pace are left out: a burst is never more than two of them. Single calls may use many
# tokens, and much money, so of those half is left out; of calls one part, which leaves no burst more than it is in its minute.
LUMPS = {Watched.VOLUME: 1, Watched.TOKENS: 2, Watched.COST: 2}
# How many lumps at even distances are a pace of their own, and which share of the fullest part makes a part a lump.
FEWEST_LUMPS, SHARE_OF_LUMP = 3, 0.25
# From the first call of an even pace until no process makes another.
STOPPED_WITHIN_SECONDS = 50
# How long nothing may be seen before it is over.
PATIENCE = timedelta(minutes=5)
# For how long the site leaves alone what a person has let go.
GRACE = timedelta(hours=1)


@dataclass(slots=True)
class Recent:
    """What a subject did in each part of the last minutes, the newest first: calls, tokens and nano-dollars.

    What runs counts with what it holds.
    """

    user_id: int | None = None
    counted: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * ALL_PARTS))

    def rate(self, measure: str, *, fewest: float) -> float:
        """Return it as rules count it: calls or tokens in a minute, dollars in five; a pace as what it will have come to.

        Tokens and money are lumpy, so a pace of them only counts once there are `fewest`.
        """
        watched, unit = Watched(measure), NANOUSD_PER_USD if measure == Watched.COST else 1
        parts = self.counted[watched][: MINUTES[watched] * PARTS_A_MINUTE]
        pace = _pace(parts[:PARTS], LUMPS[watched])
        if watched is Watched.VOLUME:
            return max(sum(parts), pace * len(parts) / PARTS)
        seen, of_lumps = _pace_of_lumps(parts)
        soon = pace * len(parts) / PARTS if pace / unit >= fewest else 0.0
        soon = max(soon, of_lumps * len(parts) if seen / unit >= fewest else 0.0)
        return max(sum(parts), soon) / unit


def _pace(parts: Sequence[int], lumps: int) -> float:
    """Return what all parts add up to where it came evenly; else what they would, were the fullest like the others."""
    total = sum(parts)
    if 2 * PARTS * min(parts) >= total:
        return total
    rest = sorted(parts)[: PARTS - lumps]
    return sum(rest) * PARTS / len(rest)


def _pace_of_lumps(parts: Sequence[int]) -> tuple[int, float]:
    """Return what the last lumps add up to, and what they come to in a part, where they came at even distances and still may."""
    least = max(1, max(parts) * SHARE_OF_LUMP)
    places = [place for place, amount in enumerate(parts) if amount >= least]
    for count in range(FEWEST_LUMPS, len(places) + 1):
        last = places[:count]
        length, distances = last[-1] - last[0], [later - earlier for earlier, later in pairwise(last)]
        if length < PARTS:
            continue
        if max(distances) > min(distances) + 1 or last[0] > max(distances):
            break
        amounts = [parts[place] for place in last]
        return sum(amounts), (sum(amounts) - max(amounts)) / length
    return 0, 0.0


@dataclass(frozen=True, slots=True)
class Runaway:
    """A subject beyond a rule's limit."""

    rule: AlertRule
    subject: Subject
    user_id: int | None
    seen: float
    usual: float

    @property
    def times(self) -> float:
        """How many times what is usual."""
        return self.seen / self.usual

    @property
    def in_words(self) -> str:
        """What was seen, for people."""
        if self.rule.measure != Watched.COST:
            what = "calls" if self.rule.measure == Watched.VOLUME else "tokens"
            return f"{self.seen:,.0f} {what} a minute, where {self.usual:,.{3 if self.usual < 100 else 0}{'g' if self.usual < 100 else 'f'}} are usual"
        return f"${self.seen:,.2f} in five minutes, where ${self.usual:,.2f} is usual"


def look_for_runaways(*, now: datetime | None = None) -> list[Freeze]:
    """Look at the last minutes, tell of what runs away, and stop what rules want stopped; returns what was stopped."""
    now = now or timezone.now()
    rules = list(AlertRule.objects.filter(kind=AlertKind.RUNAWAY, is_on=True))
    runaways = list(_find(rules, now)) if rules else []
    stopped: list[Freeze] = []
    findings: dict[str, Finding] = {}
    for runaway in runaways:
        row = _act(runaway, now)
        if row is not None:
            stopped.append(row)
        finding = _finding(runaway, row)
        findings.setdefault(finding.key, finding)
    take_stock(LOOK, findings.values(), patience=PATIENCE, now=now)
    return stopped


def _find(rules: list[AlertRule], now: datetime) -> Iterator[Runaway]:
    """Yield who is beyond the limit of a rule."""
    scopes: dict[tuple[str, str], dict[Subject, Recent]] = {}
    for rule in rules:
        scope = rule.task_type, rule.provider
        recent = scopes.get(scope) or scopes.setdefault(scope, add_up(now, task_type=scope[0], provider=scope[1]))
        for subject, sums in recent.items():
            seen = sums.rate(rule.measure, fewest=rule.fewest)
            if subject[0] != rule.subject_kind or seen < max(rule.fewest, 1e-9):
                continue
            usual = usual_rate(*subject, user_id=sums.user_id, measure=rule.measure, now=now)
            if seen >= rule.limit * usual:
                yield Runaway(rule, subject, sums.user_id, seen, usual)


def add_up(now: datetime, *, task_type: str = "", provider: str = "") -> dict[Subject, Recent]:
    """Add up the last minutes by token, user and task, in one query; what a cache answered does not count."""
    calls = Call.objects.filter(
        created_at__gt=now - timedelta(minutes=MINUTES[Watched.COST]), created_at__lte=now, is_cached=False
    )
    if task_type:
        calls = calls.filter(task_type=task_type)
    if provider:
        calls = calls.filter(Q(provider=provider) | Q(status=CallStatus.OPEN))
    # How many a running call will use is known when it is settled.
    tokens = sum((F(name) for name in KINDS_OF_TOKENS[1:]), start=F(KINDS_OF_TOKENS[0]))
    part_of_call = Case(
        *[When(created_at__gt=now - PART * (part + 1), then=Value(part)) for part in range(ALL_PARTS)],
        output_field=IntegerField(),
    )
    rows = (
        calls.order_by()
        .annotate(part=part_of_call)
        .values_list("token_id", "user_id", "task_type", "part")
        .annotate(calls=Count("pk"), tokens=Sum(tokens), cost=Sum(Coalesce("cost_nanousd", F("held_nanousd"))))
    )
    found: dict[Subject, Recent] = defaultdict(Recent)
    for token_id, user_id, task, part, *figures in rows:
        for kind, key in ((SubjectKind.TOKEN, token_id), (SubjectKind.USER, user_id), (SubjectKind.TASK, task)):
            if key is not None:
                recent = found[kind.value, str(key)]
                recent.user_id = None if kind is SubjectKind.TASK else user_id
                for measure, figure in zip(COUNTED, figures, strict=True):
                    recent.counted[measure][part] += figure or 0
    return dict(found)


def _act(runaway: Runaway, now: datetime) -> Freeze | None:
    """Stop the subject where its rule wants that, unless it is stopped, or was let go a while ago."""
    rule = runaway.rule
    kind, key = runaway.subject
    known = Freeze.objects.filter(subject_kind=kind, subject_key=key)
    in_force = known.in_force(now).order_by("-made_at").first()
    if in_force is not None:
        return in_force
    if rule.action == RuleAction.NOTIFY or rule.action_limit is None or runaway.times < rule.action_limit:
        return None
    if known.filter(lifted_at__gt=now - GRACE, lifted_by__isnull=False).exists():
        return None
    level = FreezeLevel.FREEZE if rule.action == RuleAction.FREEZE else FreezeLevel.DOWNGRADE
    return freeze(
        runaway.subject,
        level=level,
        message=_message(runaway, level),
        name=name_of(kind, key),
        minutes=rule.action_minutes,
        rule=rule,
        reason=f"Rule “{rule.name}”: {runaway.in_words}",
    )


def _message(runaway: Runaway, level: FreezeLevel) -> str:
    """Say to the person what happened and what to do."""
    kind, key = runaway.subject
    whose = {
        SubjectKind.TOKEN: f"Calls with the API token “{name_of(kind, key)}”",
        SubjectKind.USER: "Your AI calls",
    }.get(SubjectKind(kind), f"AI calls for “{name_of(kind, key)}”")
    state = "are stopped" if level == FreezeLevel.FREEZE else "are answered by free engines only"
    until = f" for {runaway.rule.action_minutes} minutes" if runaway.rule.action_minutes else ""
    advice = (
        "This holds for everybody on this site."
        if kind == SubjectKind.TASK
        else "Stop the program that makes them, and see why it does."
    )
    return (
        f"{whose} {state}{until}: there were {runaway.in_words}. {advice} "
        "Whoever runs this site can let them go on at once."
    )


def _finding(runaway: Runaway, row: Freeze | None) -> Finding:
    kind, key = runaway.subject
    name = row.subject_name if row else name_of(kind, key)
    label = SubjectKind(kind).label
    done = ""
    if row is not None:
        done = " It was stopped." if row.level == FreezeLevel.FREEZE else " It is left to free engines."
    return Finding(
        key=f"{runaway.rule.pk}:{kind}:{key}",
        title=f"{label} {name} runs away: {runaway.times:,.0f} times what is usual",
        text=f"There were {runaway.in_words}.{done}",
        level=AlertLevel.CRITICAL if row is not None else runaway.rule.level,
        rule=runaway.rule,
        facts={
            "subject": kind,
            "key": key,
            "measure": runaway.rule.measure,
            "seen": runaway.seen,
            "usual": runaway.usual,
            "times": round(runaway.times, 1),
        },
        user_id=runaway.user_id,
        freeze=row,
    )
