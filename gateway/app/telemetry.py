"""Traces that say how the gateway fares and nothing about anybody.

In: finished spans; out: spans with the attributes of `ALLOWED` only, no exception text, no event payload, no query
string. Source of the names: OpenTelemetry semantic conventions for HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.trace import Status

ALLOWED = frozenset(
    {
        "http.method",
        "http.request.method",
        "http.route",
        "http.status_code",
        "http.response.status_code",
        "gateway.action",
        "gateway.job.kind",
        "gateway.access",
    }
)
"""Attributes that may leave the process; every other one is dropped, known or not."""

SERVICE = Resource({"service.name": "families-data-gateway"})


class AllowListExporter(SpanExporter):
    """Strips spans to `ALLOWED` before any exporter sees them."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Hand on the stripped spans."""
        return self._inner.export([stripped(span) for span in spans])

    def shutdown(self) -> None:
        """Close the inner exporter."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Flush the inner exporter."""
        return self._inner.force_flush(timeout_millis)


def stripped(span: ReadableSpan) -> ReadableSpan:
    """A copy of `span` with allowed attributes only: no events, no links, a status without its text."""
    attributes = {key: value for key, value in (span.attributes or {}).items() if key in ALLOWED}
    route = attributes.get("http.route")
    # A span is named after its route template; without one the path could hold anything a caller typed.
    is_request = any(key.startswith(("http.", "url.")) for key in span.attributes or {})
    name = span.name if route or not is_request else "unknown route"
    return ReadableSpan(
        name=name,
        context=span.context,
        parent=span.parent,
        resource=SERVICE,
        attributes=attributes,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def instrument(app: FastAPI, trace_file: Path | None) -> TracerProvider:
    """Trace every request of `app` into `trace_file` (one JSON object a line), or nowhere."""
    provider = TracerProvider(resource=SERVICE)
    if trace_file is not None:
        out = trace_file.open("a", encoding="utf-8")
        lines = ConsoleSpanExporter(
            out=out, formatter=lambda span: span.to_json(indent=None) + "\n"
        )
        provider.add_span_processor(BatchSpanProcessor(AllowListExporter(lines)))
    # Without the spans of every single send and receive: they tell nothing that the request's own does not.
    FastAPIInstrumentor.instrument_app(
        app, tracer_provider=provider, exclude_spans=["send", "receive"]
    )
    return provider
