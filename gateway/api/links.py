"""Linkage runs. In: a wish to link, or a labelled sample; out: a job with counts, or rates of quality.

Never tells whether two named rows were linked: quality comes as rates over a large sample only.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from gateway.api.body import document_of, read_body
from gateway.api.context import Caller, Number, Wired
from gateway.bootstrap import Gateway
from gateway.pipeline.link import link
from gateway.pipeline.quality import LabelledSample, measure_quality
from policies import Actor

router = APIRouter(tags=["linkage"])
LONGEST_SAMPLE = 256 * 1024 * 1024
SCHEMA = LabelledSample.model_json_schema()
BODY = {"required": True, "content": {"application/json": {"schema": SCHEMA}}}


@router.post("/v1/links", status_code=202)
def start_run(gateway: Wired, caller: Caller) -> dict[str, str]:
    """Link all stored submissions anew, and freeze a vintage of the linked records."""
    with ExitStack() as door:
        access = door.enter_context(gateway.door.open(gateway.wiring.operation(caller, "link")))
        work = partial(link, access, gateway.wiring)
        return {"job": gateway.jobs.start("link", caller, work, door.pop_all())}


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
