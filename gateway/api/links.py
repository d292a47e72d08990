"""Linkage runs. In: a wish to link, or a labelled sample; out: a job with counts, rates of quality, what changed.

Never tells whether two named rows were linked: quality comes as rates over a large sample only, and what changed
is told of random ids.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool

from gateway.api.body import document_of, read_body
from gateway.api.context import MOST, Caller, Number, Wired
from gateway.bootstrap import Gateway
from gateway.pipeline.changes import PAGE, changes_of
from gateway.pipeline.link import link
from gateway.pipeline.quality import LabelledSample, measure_quality
from policies import Actor

router = APIRouter(tags=["linkage"])
Kind = Literal["gone", "split", "merge", "regrouped"]
LONGEST_SAMPLE = 256 * 1024 * 1024
SCHEMA = LabelledSample.model_json_schema()
BODY = {"required": True, "content": {"application/json": {"schema": SCHEMA}}}


@router.post("/v1/links", status_code=202)
def start_run(gateway: Wired, caller: Caller, incremental: bool = False) -> dict[str, str]:
    """Link all stored submissions anew, or what is new since the last run; freeze a vintage when one is due."""
    with ExitStack() as door:
        access = door.enter_context(gateway.door.open(gateway.wiring.operation(caller, "link")))
        work = partial(link, access, gateway.wiring, incremental=incremental)
        return {"job": gateway.jobs.start("link", caller, work, door.pop_all())}


@router.get("/v1/links/{run}/changes")
def changes(
    run: Number,
    gateway: Wired,
    caller: Caller,
    kind: Kind | None = None,
    after: Annotated[int, Query(ge=0, le=MOST)] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
) -> dict[str, Any]:
    """What became of the persons of the run before: counts by kind; random ids of those gone, split or merged."""
    asked = gateway.wiring.operation(caller, "measure_quality")
    with gateway.door.open(asked, subject=str(run)) as access:
        access.note("kind", "changes")
        return changes_of(access, gateway.wiring, run, kind=kind, after=after, limit=limit)


@router.post("/v1/links/{run}/quality", openapi_extra={"requestBody": BODY})
async def quality(request: Request, run: Number, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """Precision, recall and F1 of a run against a labelled sample of at least a thousand rows."""
    body = await read_body(request, LONGEST_SAMPLE)
    return await run_in_threadpool(_measured, run, body, gateway, caller)


def _measured(run: int, body: bytes, gateway: Gateway, caller: Actor) -> dict[str, Any]:
    sample = document_of(LabelledSample, body)
    asked = gateway.wiring.operation(caller, "measure_quality")
    with gateway.door.open(asked, subject=str(run)) as access:
        return measure_quality(access, run, sample, gateway.wiring)
