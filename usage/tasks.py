"""Starts the watch with the worker, and ends it with it."""

from typing import Any

from celery.signals import worker_ready, worker_shutdown

from usage.watch import Watch, make_watches

_watches: list[Watch] = []


def start_watching(**_: Any) -> None:
    """Begin as soon as the worker takes messages."""
    for watch in make_watches():
        _watches.append(watch)
        watch.start()


def stop_watching(**_: Any) -> None:
    """Stop when the worker does."""
    while _watches:
        _watches.pop().stop()


worker_ready.connect(start_watching)
worker_shutdown.connect(stop_watching)
