"""The Celery application: `celery -A careerai worker`."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_process_shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careerai.settings")
app = Celery("careerai")
# Threads of the web server start without a current application; they use the default one.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def make_queue_folders(sender: Celery, **_: Any) -> None:
    """Make the folders of the broker that needs no server."""
    options = sender.conf.broker_transport_options or {}
    for key in ("data_folder_in", "data_folder_out", "control_folder"):
        if key in options:
            Path(options[key]).mkdir(parents=True, exist_ok=True)


def send_traces(**_: Any) -> None:
    """Send what a child of the worker has not sent yet; it ends without the usual farewells."""
    from usage.tracing import flush

    flush()


app.on_after_configure.connect(make_queue_folders)
worker_process_shutdown.connect(send_traces)
