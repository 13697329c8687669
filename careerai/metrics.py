"""`/metrics`: what Prometheus reads. The figures are the whole site's, whichever of its processes answers."""

import ipaddress
import logging
from collections.abc import Iterator
from hmac import compare_digest

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from ai_router.metrics import model_labels, router_metrics
from usage.metrics import ledger_metrics

logger = logging.getLogger(__name__)

# What proxies add: with one of these, the nearest address is not the client's.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


class _Site(Collector):
    """Reads everything at the moment of the scrape."""

    def collect(self) -> Iterator[Metric]:
        label = model_labels()
        yield from ledger_metrics(label)
        yield from router_metrics(label)


class _Registry(CollectorRegistry):
    """One collector, which is not asked for its names beforehand: that would read everything once more."""

    def __init__(self) -> None:
        super().__init__(auto_describe=False)
        self.register(_Site())


def answer_scrape(request: HttpRequest) -> HttpResponse:
    """Answer with all figures, in the form that the scraper asks for."""
    if refusal := _refusal(request):
        return refusal
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    try:
        body = encode(_Registry())
    except DatabaseError:
        logger.warning("The figures cannot be read: the database does not answer", exc_info=True)
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse(body, content_type=content_type)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """Return what a stranger is told; None for whoever may read: with the token, where there is one, else from this machine."""
    if settings.METRICS_TOKEN:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode()):
            return None
        text = "Send the METRICS_TOKEN of this site: Authorization: Bearer TOKEN.\n"
        return HttpResponse(text, status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"})
    if _is_from_here(request):
        return None
    text = "Only this machine may read this. Set METRICS_TOKEN to let a scraper read it from elsewhere.\n"
    return HttpResponse(text, status=403, content_type="text/plain")


def _is_from_here(request: HttpRequest) -> bool:
    if any(request.META.get(name) for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
