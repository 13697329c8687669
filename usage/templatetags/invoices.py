"""Template filters for what is billed beside the ledger: `{{ day.cost|share }}`."""

from django import template

from usage.invoices import telling
from usage.invoices.comparing import Pair

register = template.Library()
# Calls that run over midnight are on two different days, and providers round.
TOLERATED = 0.01


@register.filter
def share(pair: Pair | None) -> str:
    """Write the captured share, such as 99.87%."""
    return telling.share(pair)


@register.filter
def is_apart(pair: Pair) -> bool:
    """Whether the two differ by more than a hundredth."""
    return abs(pair.difference) > TOLERATED * max(pair.billed, pair.ledger)
