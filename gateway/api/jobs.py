"""Long work, followed by its number. In: a job's number; out: its state, progress, and result or problem."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from gateway.api.context import Caller, Wired

router = APIRouter(tags=["jobs"])


@router.get("/v1/jobs/{job}")
def job(job: str, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """A job that you started."""
    found = gateway.jobs.seen_by(caller, job)
    return {
        "job": found.id,
        "kind": found.kind,
        "state": found.state,
        "progress": found.progress,
        "step": found.step,
        "result": found.result,
        "problem": found.error,
    }
