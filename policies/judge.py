"""One compiled protocol, one request -> every reason to refuse it (none: this protocol permits it).

Any error, and any answer that is neither a clear allow nor a deny, is a reason to refuse.
"""

from __future__ import annotations

from typing import Final

import cedarpy

from policies.compile import Compiled
from policies.decision import Reason
from policies.request import Actor, Request
from policies.terms import ACTIONS

_NO_ENTITIES: Final = cedarpy.Entities.from_json_str("[]")
_OPTIONAL: Final = (
    "purpose", "cohort", "unit", "optout_age_days", "attestation_age_days", "cells",
    "queries_today", "queries_this_quarter",
)  # fmt: skip


def judge(compiled: Compiled, request: Request) -> tuple[Reason, ...]:
    """Every reason for which `compiled` refuses `request`, in the order of the protocol's clauses."""
    name = compiled.protocol.name
    if request.action not in ACTIONS:
        text = "No protocol knows this action."
        return (Reason("5", text, "", (request.action,), name),)
    try:
        result = cedarpy.is_authorized(
            _cedar_request(compiled, request),
            compiled.policies_for(request.action),
            _NO_ENTITIES,
            compiled.schema,
        )
    except (ValueError, TypeError):
        # cedarpy's text would repeat the request, so it stays here.
        return (_unclear(name),)
    if result.diagnostics.errors or result.decision is cedarpy.Decision.NoDecision:
        return (_unclear(name),)
    if result.allowed:
        return ()
    return _reasons(compiled, request, result.diagnostics)


def _reasons(
    compiled: Compiled, request: Request, diagnostics: cedarpy.Diagnostics
) -> tuple[Reason, ...]:
    name = compiled.protocol.name
    failing = set(diagnostics.id_annotations_by_reason.values())
    reasons = []
    for clause, rule in compiled.rules.items():
        if clause in failing:
            wording = rule.says(request)
            reasons.append(Reason(clause, wording.text, wording.fix, wording.about, name))
    return tuple(reasons) or (Reason("2", "This protocol does not permit it.", "", (), name),)


def _unclear(protocol: str) -> Reason:
    fix = "Correct the request: a value in it has no place in the schema."
    return Reason("0", "No clear decision was reached, so it is refused.", fix, (), protocol)


def _cedar_request(compiled: Compiled, request: Request) -> dict[str, object]:
    return {
        "principal": {"type": "Actor", "id": request.actor.id},
        "action": {"type": "Action", "id": request.action},
        "resource": {"type": "Protocol", "id": compiled.protocol.id},
        "context": {
            **_asker(compiled, request.actor),
            **_asked(compiled, request),
            **_stated(request),
        },
    }


def _asker(compiled: Compiled, actor: Actor) -> dict[str, object]:
    training = {name: age for name, age in actor.training.items() if name in compiled.courses}
    return {
        "role": actor.role,
        "agency": actor.agency,
        "holds": [actor.role, *actor.holds],
        "mfa": actor.mfa,
        "training": training,
    }


def _asked(compiled: Compiled, request: Request) -> dict[str, object]:
    known = compiled.dimensions
    return {
        "day": request.day.toordinal(),
        "measures": list(request.measures),
        "agencies": list(request.agencies),
        "dimensions": {name: lvl for name, lvl in request.dimensions.items() if name in known},
        "unknown_dimensions": [name for name in request.dimensions if name not in known],
        "dimension_count": len(request.dimensions),
    }


def _stated(request: Request) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in _OPTIONAL:
        value = getattr(request, name)
        if value is not None:
            found[name] = value
    if request.period_from is not None:
        found["period_from"] = request.period_from.toordinal()
    if request.dataset is not None:
        found["dataset"] = ".".join(request.dataset)
        found["dataset_agency"] = request.dataset[0]
    return found
