"""The log, for information governance officers. In: a position; out: entries, a signed head, or the whole as evidence.

Reading the log is in the log. Never returns a staff id: entries hold commitments.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse, Response

from audit.entry import Entry
from audit.export import export as export_log
from gateway.api.context import MOST, Caller, Wired

router = APIRouter(tags=["audit"])
PAGE = 200


@router.get("/v1/audit/entries")
def entries(
    gateway: Wired,
    caller: Caller,
    after: Annotated[int, Query(ge=-1, le=MOST)] = -1,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
) -> dict[str, Any]:
    """Entries with an index above `after`, oldest first."""
    with gateway.door.open(gateway.wiring.operation(caller, "read_audit")):
        found = [_shown(entry) for entry in gateway.wiring.log.entries(after=after, limit=limit)]
    return {"items": found, "after": found[-1]["index"] if found else after}


@router.get("/v1/audit/key")
def key(gateway: Wired, caller: Caller) -> dict[str, str]:
    """The public key that checkpoints are signed with; keep a copy apart from the gateway."""
    return {"public_key": gateway.wiring.log.public_key}


@router.get("/v1/audit/checkpoint", response_class=PlainTextResponse)
def checkpoint(gateway: Wired, caller: Caller) -> str:
    """The head of the log, signed now (C2SP signed note)."""
    with gateway.door.open(gateway.wiring.operation(caller, "read_audit")):
        return gateway.wiring.log.checkpoint()


@router.get("/v1/audit/export")
def export(gateway: Wired, caller: Caller) -> Response:
    """The whole log as one file, for `gateway audit verify` and for strangers' tools."""
    asked = gateway.wiring.operation(caller, "export_audit")
    with gateway.door.open(asked), TemporaryDirectory() as folder:
        target = Path(folder) / "log"
        export_log(gateway.wiring.log, target, one_file=True)
        content = target.read_bytes()
    return Response(content, media_type="application/octet-stream")


def _shown(entry: Entry) -> dict[str, Any]:
    event = entry.event
    return {
        "index": entry.index,
        "at": entry.at,
        "type": event.type.value,
        "actor": event.actor,
        "role": event.role,
        "agency": event.agency,
        "action": event.action,
        "subject": event.subject,
        "access": event.access,
        "purpose": event.purpose,
        "clauses": list(event.clauses),
        "detail": dict(event.detail),
    }
