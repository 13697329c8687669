"""Traces for OpenTelemetry. Where no exporter is set, nothing of it is imported, and every function here does nothing.

Attributes never hold a prompt, an answer, a key, an address or a name: ids, names of tasks and models, counts and money.
"""

import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)

Attributes = Mapping[str, str | int | float | bool]
FLUSH_MILLISECONDS = 2_000
_made: dict[int, Any] = {}
_given: list[Any] = []


def tracer() -> Any | None:
    """Return what makes spans in this process; None where no exporter is set.

    It is made at its first use, so that each child of a worker has its own, with a thread of its own that sends.
    """
    if _given:
        return _given[-1]
    if not settings.OTEL_ENDPOINT:
        return None
    if os.getpid() not in _made:
        _made[os.getpid()] = _make()
    return _made[os.getpid()]


@contextmanager
def tracing_with(provider: Any) -> Iterator[None]:
    """Give the spans within the block to another provider of OpenTelemetry's."""
    _given.append(provider.get_tracer("careerai"))
    try:
        yield
    finally:
        _given.pop()


def start(
    name: str,
    *,
    kind: str = "INTERNAL",
    parent: str | Any = "",
    began: float | None = None,
    attributes: Attributes | None = None,
) -> Any | None:
    """Begin a span; None where no exporter is set.

    Args:
        name: Its name, one of few.
        kind: `SERVER`, `CLIENT`, `CONSUMER`, `PRODUCER` or `INTERNAL`.
        parent: A span, or the `traceparent` that somebody sent; the one at work where it is empty. A server's span is a part of
            what was sent alone: its thread may still have that of a stream at work, which nothing tells when it is out.
        began: When it began on the monotonic clock; now where it is None.
        attributes: What is told of it.
    """
    making = tracer()
    if making is None:
        return None
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind, set_span_in_context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = Context() if kind == "SERVER" else None
    if isinstance(parent, str):
        context = TraceContextTextMapPropagator().extract({"traceparent": parent}, context) if parent else context
    elif parent is not None:
        context = set_span_in_context(parent)
    return making.start_span(
        name, context=context, kind=SpanKind[kind], attributes=dict(attributes or {}), start_time=_nanoseconds(began)
    )


def end(span: Any | None, *, ended: float | None = None, error: str = "", attributes: Attributes | None = None) -> None:
    """End a span, at a moment of the monotonic clock or now; `error` is the class of what went wrong."""
    if span is None:
        return
    from opentelemetry.trace import Status, StatusCode

    span.set_attributes(dict(attributes or {}))
    if error:
        span.set_attribute("error.type", error)
        span.set_status(Status(StatusCode.ERROR))
    span.end(end_time=_nanoseconds(ended))


@contextmanager
def at_work(span: Any | None) -> Iterator[None]:
    """Let what begins within the block be a part of the span."""
    if span is None:
        yield
        return
    token = put_to_work(span)
    try:
        yield
    finally:
        lay_down(token)


def put_to_work(span: Any | None) -> Any | None:
    """Let what begins from now on be a part of the span; returns what `lay_down` needs."""
    if span is None:
        return None
    from opentelemetry import context
    from opentelemetry.trace import set_span_in_context

    return context.attach(set_span_in_context(span))


def lay_down(token: Any | None) -> None:
    """Let nothing more be a part of the span that was put to work."""
    if token is not None:
        from opentelemetry import context

        context.detach(token)


def header(span: Any | None = None) -> str:
    """Return the `traceparent` of a span, or of the one at work; empty where there is none."""
    if tracer() is None:
        return ""
    from opentelemetry.trace import get_current_span

    context = (span if span is not None else get_current_span()).get_span_context()
    if not context.is_valid:
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def flush() -> None:
    """Send what waits, before the process ends without saying so."""
    found = _made.get(os.getpid())
    if found is not None:
        found.span_processor.force_flush(FLUSH_MILLISECONDS)


def _nanoseconds(moment: float | None) -> int | None:
    """Return a moment of the monotonic clock as OpenTelemetry counts."""
    return None if moment is None else time.time_ns() - int((time.monotonic() - moment) * 1e9)


def _make() -> Any | None:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        logger.error("otel_missing: an exporter is set, but OpenTelemetry's SDK is not installed; there are no traces")
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": settings.OTEL_SERVICE_NAME}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("careerai")
