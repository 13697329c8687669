"""Admin of the router, a file for each thing."""

from ai_router.admin import (
    background,
    catalog,
    experiments,
    health,
    keys,
    limits,
    outcomes,
    prices,
    prompts,
    queue,
    routes,
    rules,
    tokens,
)

__all__ = [
    "background",
    "catalog",
    "experiments",
    "health",
    "keys",
    "limits",
    "outcomes",
    "prices",
    "prompts",
    "queue",
    "routes",
    "rules",
    "tokens",
]
