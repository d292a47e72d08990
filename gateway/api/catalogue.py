"""What can be sent and under which protocol. In: names; out: declarations in plain words, empty files to fill in."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import Response

from agencies.templates import csv_template, explain, xlsx_template
from gateway.api.context import Caller, Wired
from policies.explain import explain as explained

router = APIRouter(tags=["catalogue"])


@router.get("/v1/datasets")
def datasets(gateway: Wired, caller: Caller) -> dict[str, Any]:
    """Every dataset that an agency can send."""
    listed = gateway.wiring.register.datasets
    return {
        "items": [
            {"agency": each.agency, "dataset": each.name, "title": each.title, "help": each.help}
            for each in listed
        ]
    }


@router.get("/v1/datasets/{agency}/{dataset}")
def dataset(agency: str, dataset: str, gateway: Wired, caller: Caller) -> dict[str, Any]:
    """The columns of one dataset, with kinds, codes and help."""
    declared = gateway.wiring.register.dataset(agency, dataset)
    return {
        "agency": agency,
        "dataset": dataset,
        "columns": [asdict(note) for note in explain(declared)],
    }


@router.get("/v1/datasets/{agency}/{dataset}/template.{suffix}")
def template(
    agency: str, dataset: str, suffix: Literal["csv", "xlsx"], gateway: Wired, caller: Caller
) -> Response:
    """The empty file of a dataset, to fill in."""
    declared = gateway.wiring.register.dataset(agency, dataset)
    content = csv_template(declared) if suffix == "csv" else xlsx_template(declared)
    return Response(content, media_type="application/octet-stream")


@router.get("/v1/protocols")
def protocols(gateway: Wired, caller: Caller) -> dict[str, Any]:
    """The protocols in force, in plain words."""
    with gateway.door.open(gateway.wiring.operation(caller, "read_protocol")):
        return {"items": [asdict(explained(each)) for each in gateway.wiring.rulebook.protocols]}
