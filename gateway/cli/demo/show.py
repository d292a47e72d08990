"""How the demo looks on a terminal. In: the documents of its chapters; out: tables and lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.cli import output

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
    found = part["linkage"]
    columns = ["found", "true", "precision", "recall", "f1", "exact_match"]
    rows = [
        [unit, *(found[unit].get(name, "") for name in columns)] for unit in ("persons", "families")
    ]
    output.table(f"Linkage run {found['run']} against the county's truth", ["", *columns], rows)


def refusal(part: Mapping[str, Any]) -> None:
    """The clauses that fail, and the nearest question that would pass."""
    refused = part["refusal"]
    rows = [[clause["clause"], clause["text"], clause["fix"]] for clause in refused["clauses"]]
    output.table(refused["title"], ["clause", "says", "what would satisfy it"], rows)
    if refused.get("nearest"):
        output.out.print(f"Nearest that would be permitted: {refused['nearest']}", highlight=False)


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
    output.out.print(f"The server is running: {told['server']['url']}/docs", highlight=False)
    output.out.print("One credential per role (set it as GATEWAY_CREDENTIAL):", highlight=False)
    for role, credential in told["server"]["credentials"].items():
        output.out.print(f"  {role:<16} {credential}", highlight=False, soft_wrap=True)
    output.out.print("Ctrl-C ends it.")
