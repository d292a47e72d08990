"""Linkage runs. In: a wish to link, or a labelled sample; out: a job with counts, or rates of quality.

Never tells whether two named rows were linked: quality comes as rates over a large sample only.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import Any

from fastapi import APIRouter

from gateway.api.context import Caller, Wired
from gateway.pipeline.link import link
from gateway.pipeline.quality import LabelledSample, measure_quality

router = APIRouter(tags=["linkage"])


@router.post("/v1/links", status_code=202)
def start_run(gateway: Wired, caller: Caller) -> dict[str, str]:
    """Link all stored submissions anew, and freeze a vintage of the linked records."""
    with ExitStack() as door:
        access = door.enter_context(gateway.door.open(gateway.wiring.operation(caller, "link")))
        work = partial(link, access, gateway.wiring)
        return {"job": gateway.jobs.start("link", caller, work, door.pop_all())}


@router.post("/v1/links/{run}/quality")
def quality(run: int, sample: LabelledSample, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """Precision, recall and F1 of a run against a labelled sample of at least a thousand rows."""
    asked = gateway.wiring.operation(caller, "measure_quality")
    with gateway.door.open(asked, subject=str(run)) as access:
        return measure_quality(access, run, sample, gateway.wiring)
