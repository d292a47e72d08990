"""Is it up, and who am I? In: nothing, or a credential; out: a line. Says nothing about data."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from gateway.api.context import Caller, Wired

router = APIRouter(tags=["health"])


@router.get("/health")
def health(gateway: Wired) -> dict[str, Any]:
    """Alive, and able to read its log: without a log there is no service."""
    return {"status": "ok" if gateway.wiring.log.size else "empty log"}


@router.get("/v1/whoami")
def whoami(caller: Caller) -> dict[str, Any]:
    """The role and agency that the credential is bound to."""
    return {"person": caller.id, "role": caller.role, "agency": caller.agency}
