"""Settings, entry points and what the whole site shares."""

from careerai.celery import app as celery_app

__all__ = ["celery_app"]
