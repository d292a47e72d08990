"""Credentials, for administrators. In: a role, an agency, training days; out: a credential, shown this once."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from audit import Event, EventType
from gateway.api.body import NotWellFormed, document_of, read_body
from gateway.api.context import Caller, Wired
from gateway.bootstrap import Gateway
from gateway.store.credentials import Credential
from policies import Actor

router = APIRouter(tags=["credentials"])


class Wanted(BaseModel):
    """The credential to make; `training` maps a course to the day it was completed."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    role: str = Field(pattern=r"^[a-z_]{3,40}$")
    agency: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    person: str | None = Field(default=None, pattern=r"^staff-[0-9a-f]{16}$")
    training: dict[str, date] = Field(default_factory=dict)


LONGEST_WISH = 16 * 1024
BODY = {"required": True, "content": {"application/json": {"schema": Wanted.model_json_schema()}}}


@router.post("/v1/credentials", status_code=201, openapi_extra={"requestBody": BODY})
async def make(request: Request, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """Make a credential. Its secret is in this answer and nowhere else."""
    wanted = document_of(Wanted, await read_body(request, LONGEST_WISH))
    _require_known(wanted, gateway)
    return await run_in_threadpool(_made, wanted, gateway, caller)


def _require_known(wanted: Wanted, gateway: Gateway) -> None:
    """A slip of the pen would make a credential that opens nothing. Raises NotWellFormed."""
    wiring = gateway.wiring
    clauses = [each for protocol in wiring.rulebook.protocols for each in protocol.role_clauses]
    faults = []
    if wanted.role not in {clause.role for clause in clauses}:
        faults.append(("role", "not_in_a_protocol"))
    if wanted.agency not in {agency for clause in clauses for agency in clause.of}:
        faults.append(("agency", "not_in_a_protocol"))
    if any(day > wiring.clock().date() for day in wanted.training.values()):
        faults.append(("training", "day_in_the_future"))
    if faults:
        raise NotWellFormed(faults)


def _made(wanted: Wanted, gateway: Gateway, caller: Actor) -> dict[str, Any]:
    wiring = gateway.wiring
    with gateway.door.open(wiring.operation(caller, "manage_users")) as access:
        made = wiring.store.credentials.make(access, **wanted.model_dump())
        wiring.log.append(
            Event(
                EventType.CREDENTIAL_MADE,
                *(caller.id, caller.role, caller.agency),
                action="manage_users",
                subject=made.credential.id,
                access=access.id,
                detail={"role": made.credential.role, "agency": made.credential.agency},
            )
        )
    return {**_shown(made.credential), "credential": made.presented}


@router.get("/v1/credentials")
def credentials(gateway: Wired, caller: Caller) -> dict[str, Any]:
    """All credentials, without their secrets."""
    with gateway.door.open(gateway.wiring.operation(caller, "manage_users")) as access:
        listed = gateway.wiring.store.credentials.list(access)
    return {"items": [_shown(each) for each in listed]}


@router.delete("/v1/credentials/{credential}")
def revoke(credential: str, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """Accept a credential no more."""
    wiring = gateway.wiring
    with gateway.door.open(wiring.operation(caller, "manage_users"), subject=credential) as access:
        revoked = wiring.store.credentials.revoke(access, credential)
        wiring.log.append(
            Event(
                EventType.CREDENTIAL_REVOKED,
                *(caller.id, caller.role, caller.agency),
                action="manage_users",
                subject=revoked.id,
                access=access.id,
            )
        )
    return _shown(revoked)


def _shown(credential: Credential) -> dict[str, Any]:
    return {
        "id": credential.id,
        "person": credential.person,
        "role": credential.role,
        "agency": credential.agency,
        "expires_at": credential.expires_at,
        "revoked_at": credential.revoked_at,
    }
