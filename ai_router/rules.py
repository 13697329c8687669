"""The rules that hold at this site, and which of them is the first that a request meets."""

import logging
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from ai_router.copies import Copies, Copy
from ai_router.groups import GROUPS
from ai_router.models import PoolCandidate, RoutingRule
from ai_router.models.rules import RuleAction
from ai_router.routes import KEPT_SECONDS, Listed
from ai_router.situation import Traits
from ai_router.tokens import count_request
from ai_router.types import Wishes
from usage.budget_windows import find_windows
from usage.types import NANOUSD_PER_USD

if TYPE_CHECKING:
    from ai_router.conditions import Conditions
    from ai_router.planning import Question

logger = logging.getLogger(__name__)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is followed. `candidates` None leaves those of the route, an empty `strategy` the route's."""

    name: str
    conditions: "Conditions"
    candidates: tuple[Listed, ...] | None = None
    strategy: str = ""
    is_denial: bool = False
    message: str = ""


class Facts:
    """What conditions are compared with. What takes time to find out is found out when a rule asks for it, once."""

    def __init__(
        self,
        task_type: str,
        wishes: Wishes,
        *,
        question: "Question[Any] | None" = None,
        user: Any = None,
        now: datetime | None = None,
    ) -> None:
        """Keep what is known of the request."""
        self.task_type = str(task_type)
        self.wishes = wishes
        self.user = user
        self.now = now or timezone.now()
        self._question = question

    @cached_property
    def username(self) -> str:
        return str(self.user.get_username()) if self.user is not None else ""

    @cached_property
    def groups(self) -> frozenset[str]:
        """The names of the user's groups, a few seconds old at most."""
        return GROUPS.get(self.user.pk) if self.user is not None else frozenset()

    @cached_property
    def input_tokens(self) -> int:
        if self._question is None:
            return 0
        return count_request(self._question.messages(), form=self._question.form, provider="openai")

    @cached_property
    def needs(self) -> frozenset[str]:
        return needs_of(self._question) if self._question is not None else frozenset()

    @cached_property
    def budget_used_share(self) -> float:
        """How much of the fullest budget that applies is used, a few seconds old at most."""
        return BUDGETS.get((getattr(self.user, "pk", None), self.task_type))


def needs_of(question: "Question[Any]") -> frozenset[str]:
    """Return what a model must be able to take for this request."""
    blobs = [blob for message in question.messages() for blob in message.blobs]
    found = {
        "images": any(blob.is_image for blob in blobs),
        "documents": any(not blob.is_image for blob in blobs),
        "tools": bool(question.tools),
        "schema": bool(question.form and question.form.schema),
    }
    return frozenset(name for name, is_needed in found.items() if is_needed)


def are_met(conditions: "Conditions", facts: Facts) -> bool:
    """Whether a request meets all conditions; the cheap ones are looked at first."""
    return (
        _is_from_here(conditions, facts)
        and _is_wished(conditions, facts.wishes)
        and _is_now(conditions, facts.now)
        and _is_from_group(conditions, facts)
        and _has_its_form(conditions, facts)
        and (conditions.budget_used_percent is None or facts.budget_used_share * 100 >= conditions.budget_used_percent)
    )


def _is_from_here(conditions: "Conditions", facts: Facts) -> bool:
    return (not conditions.tasks or facts.task_type in conditions.tasks) and (
        not conditions.users or facts.username in conditions.users
    )


def _is_wished(conditions: "Conditions", wishes: Wishes) -> bool:
    """Whether the caller wants what the rule is for."""
    if conditions.latency_bound_seconds is not None and (
        wishes.max_seconds is None or wishes.max_seconds > conditions.latency_bound_seconds
    ):
        return False
    if conditions.cost_bound_usd is not None and (
        wishes.max_cost_nanousd is None or wishes.max_cost_nanousd > conditions.cost_bound_usd * NANOUSD_PER_USD
    ):
        return False
    return (
        (not conditions.priorities or wishes.priority in conditions.priorities)
        and (not conditions.languages or wishes.language in conditions.languages)
        and (not conditions.tags or not wishes.tags.isdisjoint(conditions.tags))
    )


def _is_now(conditions: "Conditions", now: datetime) -> bool:
    """Whether it is the time of the rule."""
    if not conditions.hours and not conditions.days:
        return True
    local = now.astimezone(ZoneInfo(conditions.time_zone))
    day = local.weekday()
    if conditions.hours:
        begin, end = (time.fromisoformat(part) for part in conditions.hours.split("-"))
        clock = local.time()
        is_past_midnight = begin > end and clock < end
        if not (is_past_midnight or (clock >= begin and (begin > end or clock < end))):
            return False
        day = (day - is_past_midnight) % 7
    return not conditions.days or DAYS[day] in conditions.days


def _is_from_group(conditions: "Conditions", facts: Facts) -> bool:
    return not conditions.groups or not facts.groups.isdisjoint(conditions.groups)


def _has_its_form(conditions: "Conditions", facts: Facts) -> bool:
    """Whether the request has the needs and the size of the rule."""
    if conditions.needs and not facts.needs.issuperset(conditions.needs):
        return False
    low, high = conditions.min_input_tokens, conditions.max_input_tokens
    return (low is None or facts.input_tokens >= low) and (high is None or facts.input_tokens <= high)


def first_match(facts: Facts) -> Rule | None:
    """Return the rule that decides about a request; None where no rule is for it."""
    return next((rule for rule in RULES.get() if are_met(rule.conditions, facts)), None)


def _read_rules() -> tuple[Rule, ...]:
    """Read the rules that are on, in the order of trying; one whose conditions cannot be read holds for nobody."""
    rules = list(RoutingRule.objects.filter(is_enabled=True).order_by("priority", "name"))
    if not rules:
        return ()
    from pydantic import ValidationError

    from ai_router.conditions import conditions_problems, read_conditions

    pools = _read_pools() if any(rule.pool_id for rule in rules) else {}
    found = []
    for row in rules:
        try:
            conditions = read_conditions(row.conditions)
        except ValidationError as error:
            logger.error("The rule %r is left out: %s", row.name, "; ".join(conditions_problems(error)))
            continue
        found.append(
            Rule(
                row.name,
                conditions,
                _candidates(row, pools),
                row.strategy if row.action == RuleAction.ROUTE else "",
                is_denial=row.action == RuleAction.DENY,
                message=row.message,
            )
        )
    return tuple(found)


def _candidates(row: RoutingRule, pools: dict[int, list[Listed]]) -> tuple[Listed, ...] | None:
    if row.action == RuleAction.PIN:
        return (Listed(row.provider, row.model),)
    return tuple(pools.get(row.pool_id, ())) if row.pool_id else None


def _read_pools() -> dict[int, list[Listed]]:
    pools: dict[int, list[Listed]] = {}
    for row in PoolCandidate.objects.filter(is_enabled=True).order_by("position", "id"):
        pools.setdefault(row.pool_id, []).append(Listed(row.provider, row.model, Traits(row.weight, row.quality)))
    return pools


def _read_budget_share(key: tuple[Any, str]) -> float:
    """Return how much of the fullest budget is used that applies to such calls, whoever is asked."""
    user_id, task_type = key
    windows = find_windows(user_id=user_id, task_type=task_type, providers=(), now=timezone.now())
    shares = [
        (window.spent_nanousd + window.held_nanousd) / limit if (limit := window.budget.limit_in_force_nanousd) else 1.0
        for window in windows
    ]
    return max(shares, default=0.0)


RULES = Copy(_read_rules, seconds=KEPT_SECONDS)
BUDGETS = Copies(_read_budget_share, seconds=KEPT_SECONDS)
