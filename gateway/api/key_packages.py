"""Key packages, for administrators. In: an agency and a dataset; out: a locked file and its passphrase, shown this once."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.body import document_of, read_body
from gateway.api.context import Caller, Wired
from gateway.bootstrap import Gateway
from gateway.pipeline.key_packages import deliver, deliver_request, revoke
from gateway.store.key_packages import Delivered
from policies import Actor

router = APIRouter(tags=["key packages"])
LONGEST_WISH = 16 * 1024


class Wanted(BaseModel):
    """The key package to make; `days` is how long it may be used."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    agency: str = Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")
    dataset: str = Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")
    days: int = Field(default=365, ge=1, le=731)


BODY = {"required": True, "content": {"application/json": {"schema": Wanted.model_json_schema()}}}


@router.post("/v1/key-packages", status_code=201, openapi_extra={"requestBody": BODY})
async def make_key_package(request: Request, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """Make a key package. Its file and passphrase are in this answer and nowhere else."""
    wanted = document_of(Wanted, await read_body(request, LONGEST_WISH))
    return await run_in_threadpool(_made, wanted, gateway, caller)


def _made(wanted: Wanted, gateway: Gateway, caller: Actor) -> dict[str, Any]:
    wiring = gateway.wiring
    dataset = wiring.register.dataset(wanted.agency, wanted.dataset)
    with gateway.door.open(deliver_request(caller, dataset, wiring)) as access:
        made = deliver(access, dataset, wanted.days, wiring)
    return {**_shown(made.delivered), "file": made.file, "passphrase": made.passphrase}


@router.get("/v1/key-packages")
def key_packages(gateway: Wired, caller: Caller) -> dict[str, Any]:
    """All key packages that were made, without their keys."""
    with gateway.door.open(gateway.wiring.operation(caller, "rotate_key")) as access:
        listed = gateway.wiring.store.key_packages.list(access)
    return {"items": [_shown(each) for each in listed]}


@router.delete("/v1/key-packages/{package}")
def revoke_key_package(package: str, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """Take no bundle made with a package any more."""
    asked = gateway.wiring.operation(caller, "rotate_key")
    with gateway.door.open(asked, subject=package) as access:
        return _shown(revoke(access, package, gateway.wiring))


def _shown(package: Delivered) -> dict[str, Any]:
    return {
        "id": package.id,
        "agency": package.agency,
        "dataset": package.dataset,
        "domain": package.domain,
        "epoch": package.epoch,
        "made_at": package.made_at,
        "expires_at": package.expires_at,
        "revoked_at": package.revoked_at,
    }
