"""The HTTP interface, version 1: one file a subject. In: JSON or a file as body; out: JSON, or a problem document.

No route takes anything personal in its address, and none returns a row, a token or an unprotected figure.
"""

from fastapi import APIRouter

from gateway.api import (
    audit,
    catalogue,
    credentials,
    health,
    jobs,
    key_packages,
    ledger_attack,
    links,
    numbers,
    questions,
    release_review,
    reviews,
    submissions,
)

router = APIRouter()
for part in (
    *(health, catalogue, submissions, numbers, links, questions, jobs, audit, credentials),
    *(reviews, key_packages, release_review, ledger_attack),
):
    router.include_router(part.router)

__all__ = ["router"]
