"""The review of a release, for the officer who answers for it. In: its number; out: the document, or a page of it.

A look is an access of `read_audit` and stands in the log; nobody else is shown the audit margins.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gateway.api.context import Caller, Number, Wired
from gateway.api.release_page import review_page
from gateway.api.reviews import SEALED
from gateway.bootstrap import Gateway
from gateway.pipeline.release_review import release_review
from policies import Actor

router = APIRouter(tags=["releases"])


@router.get("/v1/releases/{number}/review")
def review(number: Number, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """Table, rules, cells withheld, nearest relatives, audit margins and expected errors of a release."""
    return _reviewed(number, gateway, caller)


@router.get("/v1/releases/{number}/review.html", response_class=HTMLResponse)
def page(number: Number, gateway: Wired, caller: Caller) -> HTMLResponse:
    """The review as one page that needs nothing else."""
    return HTMLResponse(review_page(_reviewed(number, gateway, caller)), headers=SEALED)


def _reviewed(number: int, gateway: Gateway, caller: Actor) -> dict[str, Any]:
    asked = gateway.wiring.operation(caller, "read_audit")
    with gateway.door.open(asked, subject=str(number)) as access:
        access.note("kind", "release-review")
        return release_review(access, number, gateway.wiring)
