"""Traces of a real server: how it fares, and nothing about anybody or about what was sent."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.app.telemetry import ALLOWED, AllowListExporter

title = "A trace tells nothing about anybody"

pytestmark = pytest.mark.xdist_group("county")

ASKED = "Quistgaard"
PATIENCE_SECONDS = 15


@pytest.fixture(scope="module")
def spans(journey: Any) -> list[dict[str, Any]]:
    """Every span in the trace file, once requests of all kinds have reached it."""
    with journey.server.officer("evaluator") as officer:
        officer.raw("GET", f"/{ASKED}/nowhere?name={ASKED}")
        officer.raw("GET", f"/v1/releases/{ASKED}?after={ASKED}", headers={"X-Name": ASKED})
        officer.raw("POST", "/v1/questions", json={ASKED: ASKED}, headers={"User-Agent": ASKED})
        officer.raw("DELETE", f"/v1/credentials/{ASKED}")
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        lines = journey.trace_file.read_text().splitlines()
        found = [json.loads(line) for line in lines]
        if any(each["name"].startswith("DELETE /v1/credentials") for each in found):
            return found
        time.sleep(0.2)
    raise AssertionError("the traces did not come")


def test_requests_and_jobs_are_traced(spans: Any) -> None:
    names = {span["name"] for span in spans}
    assert {"POST /v1/submissions", "POST /v1/questions", "job"} <= names
    kinds = {span["attributes"].get("gateway.job.kind") for span in spans if span["name"] == "job"}
    assert {"ingest", "link"} <= kinds <= {"ingest", "link", "attack"}
    statuses = {span["attributes"].get("http.status_code") for span in spans}
    assert {200, 202, 403, 404, 422} & statuses >= {202, 404, 422}


def test_only_attributes_on_the_list_leave(spans: Any) -> None:
    assert {key for span in spans for key in span["attributes"]} <= ALLOWED
    assert all(not span["events"] and not span["links"] for span in spans)
    assert all(set(span["status"]) == {"status_code"} for span in spans)
    assert {key for span in spans for key in span["resource"]["attributes"]} == {"service.name"}


def test_a_span_is_named_by_its_route_and_never_by_what_somebody_typed(spans: Any) -> None:
    names = {span["name"] for span in spans}
    assert "unknown route" in names
    parts = [name.split() for name in names - {"job", "unknown route"}]
    assert all(part[1].startswith("/") and "?" not in part[1] for part in parts)
    assert all(span["attributes"].get("http.route", "/").startswith("/") for span in spans)


def test_nothing_of_query_headers_or_path_is_in_the_file(journey: Any, spans: Any) -> None:
    text = journey.trace_file.read_text()
    for secret in (ASKED, "agency=", "attested_on", "cred-", "127.0.0.1", str(journey.server.port)):
        assert secret not in text


def test_an_exception_leaves_its_status_but_not_its_words() -> None:
    """The exporter with the real SDK, which would write the whole traceback into the span."""
    seen = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(AllowListExporter(seen)))
    tracer = provider.get_tracer("test")
    with pytest.raises(ValueError, match=ASKED):
        fail_within(tracer)
    [left] = seen.get_finished_spans()
    assert not left.status.is_ok
    assert ASKED not in left.to_json()
    assert ASKED not in repr((left.attributes, left.events, left.status.description))


def fail_within(tracer: Any) -> None:
    """A span that carries a name in every place a span has."""
    with tracer.start_as_current_span("job") as span:
        span.set_attribute("db.statement", ASKED)
        span.add_event(ASKED, {"said": ASKED})
        raise ValueError(ASKED)
