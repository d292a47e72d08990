"""How the demo looks on a terminal. In: the documents of its chapters; out: tables and lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.cli import output

RATES = ("precision", "recall", "f1", "exact_match")
ROWS = ("dataset", "rows_sent", "rows_accepted", "rows_refused")


def agencies(part: Mapping[str, Any]) -> None:
    """Rows sent, accepted and returned, and the commonest reasons."""
    rows = [
        [agency["agency"], *(each[name] for name in ROWS), _commonest(each["counts"])]
        for agency in part["agencies"]
        for each in agency["datasets"]
    ]
    output.table(
        "Extracts", ["agency", "dataset", "sent", "accepted", "returned", "findings"], rows
    )


def _commonest(counts: Mapping[str, int]) -> str:
    first = sorted(counts.items(), key=lambda item: -item[1])[:3]
    return ", ".join(f"{rule} {count}" for rule, count in first)


def linkage(part: Mapping[str, Any]) -> None:
    """Persons and families found beside the county's truth."""
    run = part["linkage"]
    rows = [
        [unit, run[unit]["found"], run[unit]["true"], *(_rate(run[unit], name) for name in RATES)]
        for unit in ("persons", "families")
    ]
    title = f"Linkage run {run['run']} against the county's truth"
    output.table(title, ["", "found", "true", *RATES], rows)


def _rate(measured: Mapping[str, Any], name: str) -> str:
    return f"{measured[name]:.3f}" if name in measured else ""


def refusal(part: Mapping[str, Any]) -> None:
    """The clauses that fail, and the nearest question that would pass."""
    refused = part["refusal"]
    rows = [[clause["clause"], clause["text"], clause["fix"]] for clause in refused["clauses"]]
    output.table(refused["title"], ["clause", "says", "what would satisfy it"], rows)
    if refused.get("nearest"):
        output.out.print("The nearest question that would be permitted:", highlight=False)
        nearest = output.question(refused["nearest"], "  ")
        output.out.print(nearest, highlight=False, markup=False)


def tables(part: Mapping[str, Any]) -> None:
    """The released tables."""
    for release in part["tables"]:
        output.released(release)


def log(part: Mapping[str, Any]) -> None:
    """The proof in one line."""
    told = part["log"]
    output.out.print(
        f"{told['size']:,} entries, verified: {str(told['verified']).lower()}", highlight=False
    )
    output.out.print(f"[dim]root {told['root']}[/dim]", highlight=False)


def ending(told: Mapping[str, Any]) -> None:
    """How long it took, and how to go on with the running server."""
    output.heading(f"Done in {told['seconds']:.0f} s")
    if "server" not in told:
        return
    output.out.print(
        f"The server is running: {told['server']['url']} (interface: /openapi.json)",
        highlight=False,
    )
    output.out.print("One credential per role (set it as GATEWAY_CREDENTIAL):", highlight=False)
    for each in told["server"]["credentials"]:
        who = f"{each['role']} of {each['agency']}"
        output.out.print(f"  {who:<26} {each['credential']}", highlight=False, soft_wrap=True)
    output.out.print("Ctrl-C ends it.")
