"""Questions and releases. In: a question of registered parts; out: a numbered release of protected figures.

Every answer has passed disclosure control; there is no other way out of here.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from gateway.api.body import read_body
from gateway.api.context import MOST, Caller, Number, Wired
from gateway.bootstrap import Gateway
from gateway.disclosure import ProtectedTable
from gateway.pipeline.answer import answer, estimate
from gateway.questions import Question
from gateway.store.releases import Release
from policies import Actor

router = APIRouter(tags=["questions"])

EXAMPLE = {
    "purpose": "sf-evaluation",
    "cohort": "complex-needs",
    "unit": "family",
    "measures": ["families", "cost", "cost_per_family"],
    "by": {"district": "district"},
    "period": {"from": "2024-04", "to": "2026-03"},
}
LONGEST_QUESTION = 64 * 1024
BODY = {"required": True, "content": {"application/json": {"example": EXAMPLE}}}


@router.post("/v1/questions", openapi_extra={"requestBody": BODY})
async def ask(request: Request, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """Ask for figures. The same question always gets the same figures."""
    body = await read_body(request, LONGEST_QUESTION)
    return await run_in_threadpool(_asked, body, gateway, caller)


def _asked(body: bytes, gateway: Gateway, caller: Actor) -> dict[str, Any]:
    question = Question.from_json(body, gateway.wiring.catalogue)
    release = answer(question, caller, gateway.wiring)
    return {**_shown(release), "proof": gateway.wiring.log.prove(release.audit_index)}


@router.post("/v1/questions/estimate", openapi_extra={"requestBody": BODY})
async def estimate_loss(request: Request, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """About how many cells a question will lose, in bands; decided and logged like the question itself."""
    body = await read_body(request, LONGEST_QUESTION)
    return await run_in_threadpool(_estimated, body, gateway, caller)


def _estimated(body: bytes, gateway: Gateway, caller: Actor) -> dict[str, Any]:
    question = Question.from_json(body, gateway.wiring.catalogue)
    return estimate(question, caller, gateway.wiring).to_dict()


@router.get("/v1/questions/catalogue")
def catalogue(gateway: Wired, caller: Caller) -> dict[str, Any]:
    """What can be asked: dimensions with levels, measures, cohorts."""
    return gateway.wiring.catalogue.model_dump(mode="json", exclude_none=True)


@router.get("/v1/releases")
def releases(
    gateway: Wired, caller: Caller, after: Annotated[int | None, Query(ge=1, le=MOST)] = None
) -> dict[str, Any]:
    """Releases, newest first; `after` is the last one of the page before."""
    with gateway.door.open(gateway.wiring.operation(caller, "read_releases")) as access:
        listed = gateway.wiring.store.releases.list(access, after=after)
    shown = [_shown(release) for release in listed]
    return {"items": [{k: v for k, v in each.items() if k != "table"} for each in shown]}


@router.get("/v1/releases/{number}.csv")
def release_csv(number: Number, gateway: Wired, caller: Caller) -> Response:
    """The table of a release as CSV."""
    release = _read(number, gateway, caller)
    text = ProtectedTable.from_dict(release.table).to_csv()
    return Response(text, media_type="text/csv; charset=utf-8")


@router.get("/v1/releases/{number}")
def release(number: Number, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """One release, as it was given, with a fresh proof that the log holds it."""
    found = _read(number, gateway, caller)
    return {**_shown(found), "proof": gateway.wiring.log.prove(found.audit_index)}


def _read(number: int, gateway: Gateway, caller: Actor) -> Release:
    asked = gateway.wiring.operation(caller, "read_releases")
    with gateway.door.open(asked, subject=str(number)) as access:
        return gateway.wiring.store.releases.get(access, number)


def _shown(release: Release) -> dict[str, Any]:
    # How near a release came to showing somebody is for the officer's review alone.
    return {name: value for name, value in asdict(release).items() if name != "audit"}
