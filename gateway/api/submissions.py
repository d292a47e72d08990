"""Extracts in. In: the file as the body of a request; out: a job, then a report by row, column and rule.

The body is gathered in memory and never spooled: a temporary file would hold names on disk.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from gateway.api.body import read_body
from gateway.api.context import Caller, Wired
from gateway.pipeline.ingest import Extract, ingest, submit_request
from gateway.store.submission import Submission

router = APIRouter(tags=["submissions"])


@router.post("/v1/submissions", status_code=202)
async def submit(
    request: Request,
    agency: str,
    dataset: str,
    gateway: Wired,
    caller: Caller,
    attested_on: date | None = None,
) -> dict[str, str]:
    """Send one extract. The answer is a job; its result is the report on the file."""
    declared = gateway.wiring.register.dataset(agency, dataset)
    asked = submit_request(caller, declared, gateway.wiring.clock().date(), attested_on)
    with ExitStack() as door:
        # The intent is in the log before the first byte is read: a broken upload leaves its trace.
        opened = gateway.door.open(asked)
        access = await run_in_threadpool(door.enter_context, opened)
        content = await read_body(request, gateway.max_upload_bytes)
        extract = Extract(declared, content, request.headers.get("content-type", ""))
        work = partial(ingest, access, extract, gateway.wiring)
        start = partial(gateway.jobs.start, "ingest", caller, work, door.pop_all())
        return {"job": await run_in_threadpool(start)}


@router.get("/v1/submissions")
def submissions(gateway: Wired, caller: Caller, after: str | None = None) -> dict[str, Any]:
    """Your agency's submissions, newest first; `after` is the last one of the page before."""
    asked = gateway.wiring.operation(caller, "see_own_submissions")
    with gateway.door.open(asked) as access:
        listed = gateway.wiring.store.submissions.list(access, after=after)
    return {"items": [_shown(each) for each in listed]}


@router.get("/v1/submissions/{submission}")
def submission(submission: str, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """One submission of your agency, with its report."""
    asked = gateway.wiring.operation(caller, "see_own_submissions")
    with gateway.door.open(asked, subject=submission) as access:
        found = gateway.wiring.store.submissions.get(access, submission)
    return {**_shown(found), "report": found.report}


@router.delete("/v1/submissions/{submission}")
def withdraw(submission: str, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """Withdraw a submission of your agency: its files are destroyed, its number stays."""
    asked = gateway.wiring.operation(caller, "withdraw_own")
    with gateway.door.open(asked, subject=submission) as access:
        return _shown(gateway.wiring.store.submissions.withdraw(access, submission))


def _shown(submission: Submission) -> dict[str, Any]:
    hidden = ("id", "fingerprint", "report", "access")
    shown = {name: value for name, value in asdict(submission).items() if name not in hidden}
    return {"submission": submission.id, **shown}
