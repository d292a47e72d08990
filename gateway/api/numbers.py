"""Blinded national numbers. In: elements of a group; out: the same elements multiplied, with a proof of the key.

What a number is cannot be seen here; how many are answered is counted, and limited for each agency and day.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from gateway.api.body import document_of, read_body
from gateway.api.context import Caller, Wired
from gateway.pipeline.ingest import submit_request
from gateway.pipeline.numbers import MOST_AT_ONCE, BlindedNumbers, answer, public_keys

router = APIRouter(tags=["submissions"])
# An element is 64 digits, two quotation marks and a comma; the rest is for the frame around them.
LONGEST_BODY = 70 * MOST_AT_ONCE + 1024
SCHEMA = BlindedNumbers.model_json_schema()
BODY = {"required": True, "content": {"application/json": {"schema": SCHEMA}}}


@router.get("/v1/oprf")
def keys(gateway: Wired, caller: Caller) -> dict[str, Any]:
    """The public keys of the oblivious function, their fingerprint, and the limits."""
    return public_keys(gateway.wiring)


@router.post("/v1/oprf", openapi_extra={"requestBody": BODY})
async def evaluate(
    request: Request,
    agency: str,
    dataset: str,
    gateway: Wired,
    caller: Caller,
    attested_on: date | None = None,
) -> dict[str, Any]:
    """Answer blinded numbers of a dataset that your agency may send."""
    declared = gateway.wiring.register.dataset(agency, dataset)
    asked = submit_request(caller, declared, gateway.wiring.clock().date(), attested_on)
    with ExitStack() as door:
        opened = gateway.door.open(asked)
        access = await run_in_threadpool(door.enter_context, opened)
        body = await read_body(request, LONGEST_BODY)
        blinded = document_of(BlindedNumbers, body)
        return await run_in_threadpool(answer, access, declared, blinded, gateway.wiring)
