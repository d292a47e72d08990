"""Linkage runs told: their list, the report of one, and its clerical review. In: a run's number; out: figures or patterns.

Never a value, a token, a record or a person; counts come to ten, and every look is in the log.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response

from gateway.api.body import document_of, read_body
from gateway.api.context import MOST, Caller, Number, Wired
from gateway.bootstrap import Gateway
from gateway.pipeline.report import list_runs, run_report
from gateway.pipeline.review import Verdicts, judge_review, show_review
from linkage.report import report_page
from policies import Actor

router = APIRouter(tags=["linkage"])
PAGE = 200
LONGEST_VERDICTS = 64 * 1024
BODY = {
    "required": True,
    "content": {"application/json": {"schema": Verdicts.model_json_schema()}},
}
# The page needs nothing but its own style sheet, so nothing else may run or be fetched.
SEALED = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Accept",
}
HTML: dict[str, Any] = {"content": {"text/html": {}, "application/json": {}}}


@router.get("/v1/links")
def runs(
    gateway: Wired,
    caller: Caller,
    after: Annotated[int | None, Query(ge=1, le=MOST)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = 50,
) -> dict[str, Any]:
    """Linkage runs, latest first; those before the run `after`."""
    with gateway.door.open(gateway.wiring.operation(caller, "measure_quality")) as access:
        return {"items": list_runs(access, after, limit, gateway.wiring)}


@router.get("/v1/links/{run}/report", responses={200: HTML}, response_class=Response)
def report(request: Request, run: Number, gateway: Wired, caller: Caller) -> Response:
    """The report of a run: a page for who accepts HTML, else the document."""
    asked = gateway.wiring.operation(caller, "measure_quality")
    with gateway.door.open(asked, subject=str(run)) as access:
        document = run_report(access, run, gateway.wiring)
    if wants_page(request.headers.get("accept", "")):
        return HTMLResponse(report_page(document), headers=SEALED)
    return JSONResponse(document, headers={"Vary": "Accept"})


@router.get("/v1/links/{run}/review")
def review(run: Number, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """The review sample of a run as agreement patterns, with the verdicts so far and what they say."""
    asked = gateway.wiring.operation(caller, "measure_quality")
    with gateway.door.open(asked, subject=str(run)) as access:
        return show_review(access, run, gateway.wiring)


@router.post("/v1/links/{run}/review", openapi_extra={"requestBody": BODY})
async def judge(request: Request, run: Number, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """Give verdicts on sample numbers; answers with the estimate as it is now."""
    body = await read_body(request, LONGEST_VERDICTS)
    return await run_in_threadpool(_judged, run, body, gateway, caller)


def _judged(run: int, body: bytes, gateway: Gateway, caller: Actor) -> dict[str, Any]:
    given = document_of(Verdicts, body)
    asked = gateway.wiring.operation(caller, "measure_quality")
    with gateway.door.open(asked, subject=str(run)) as access:
        return judge_review(access, run, given, gateway.wiring)


def wants_page(accept: str) -> bool:
    """Whether HTML is named, and not after JSON."""
    kinds = [each.partition(";")[0].strip().lower() for each in accept.split(",")]
    if "text/html" not in kinds:
        return False
    return "application/json" not in kinds[: kinds.index("text/html")]
