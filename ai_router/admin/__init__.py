"""Admin of the router, a file for each thing."""

from ai_router.admin import background, prices, routes

__all__ = ["background", "prices", "routes"]
