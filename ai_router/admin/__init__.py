"""Admin of the router, a file for each thing."""

from ai_router.admin import background, outcomes, prices, routes

__all__ = ["background", "outcomes", "prices", "routes"]
