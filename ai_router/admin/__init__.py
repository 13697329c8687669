"""Admin of the router, a file for each thing."""

from ai_router.admin import (
    background,
    catalog,
    experiments,
    keys,
    limits,
    outcomes,
    prices,
    prompts,
    queue,
    routes,
    rules,
)

__all__ = [
    "background",
    "catalog",
    "experiments",
    "keys",
    "limits",
    "outcomes",
    "prices",
    "prompts",
    "queue",
    "routes",
    "rules",
]
