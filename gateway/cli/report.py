"""`gateway report`: what a linkage run says of itself, as lines on the terminal, a page, or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli import output
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect
from gateway.client import Gateway

RunNumber = Annotated[
    int | None, typer.Option("--run", min=1, help="Number of the run; the latest finished one.")
]


def report(
    run: RunNumber = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the page (HTML) here.")] = None,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """The report of a linkage run: how clear the evidence is, quality by agency and group, the model."""
    with connect(url, credential_file) as gateway:
        number = run or latest_run(gateway)
        path = f"/v1/links/{number}/report"
        if out:
            out.write_bytes(gateway.call("GET", path, headers={"Accept": "text/html"}))
        told = gateway.call("GET", path) if as_json or not out else {}
    if as_json:
        output.emit_json(told)
    elif out:
        output.out.print(f"wrote {out}", highlight=False, soft_wrap=True)
    else:
        _show(told)


def latest_run(gateway: Gateway) -> int:
    """The latest finished run; wrong usage when there is none yet."""
    runs = gateway.call("GET", "/v1/links")["items"]
    finished = [each["run"] for each in runs if each["status"] == "done"]
    if not finished:
        raise typer.BadParameter("no linkage run is finished yet: `gateway link` makes one")
    return int(finished[0])


def _show(told: Mapping[str, Any]) -> None:
    run, expected, review = told["run"], told["expected"], told["review"]
    rates = [(f"expected {name}", between(rate)) for name, rate in expected.items()]
    if review:
        rates += [(f"reviewed {name}", between(review[name])) for name in ("precision", "recall")]
    counts = [(name, count(run[name])) for name in ("records", "persons", "families")]
    output.table(f"Linkage run {run['number']}", ["", "figure"], [*counts, *rates])
    rows = [
        [
            " - ".join(row["agencies"]),
            count(row["links"]),
            between(row["precision"]),
            between(row["recall"]),
        ]
        for row in told["agency_pairs"]
    ]
    output.table("Links between agencies", ["agencies", "links", "precision", "recall"], rows)
    for kind, groups in told["groups"].items():
        for row in groups:
            if row["lower"]:
                said = f"{kind} {row['group']}: lower {' and '.join(row['lower'])} than all"
                output.out.print(said, highlight=False, markup=False)


def count(value: int | None) -> str:
    """A count that was told to ten."""
    return "fewer than 10" if value is None else f"{value:,}"


def between(rate: Mapping[str, float] | None) -> str:
    """A rate with its interval."""
    if rate is None:
        return "[c]"
    return f"{rate['rate']:.2%} ({rate['low']:.2%} to {rate['high']:.2%})"
