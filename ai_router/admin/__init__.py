"""Admin of the router, a file for each thing."""

from ai_router.admin import background, experiments, keys, limits, outcomes, prices, prompts, queue, routes, rules

__all__ = ["background", "experiments", "keys", "limits", "outcomes", "prices", "prompts", "queue", "routes", "rules"]
