"""`gateway releases` and `gateway release N`: what has left, one of them again, and the officer's review of it.

In: a release's number. Out: tables on the terminal, CSV, JSON, or the review as a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli import output
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect

SHOWN = ("differs", "shares")


def releases(
    after: Annotated[
        int | None, typer.Option("--after", min=1, help="Those before this release.")
    ] = None,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """List what has left, latest first."""
    params = {"after": after} if after else None
    with connect(url, credential_file) as gateway:
        told = gateway.call("GET", "/v1/releases", params=params)
    if as_json:
        output.emit_json(told)
        return
    rows = [
        [
            each["number"],
            output.moment(each["released_at"]),
            each["question"]["cohort"],
            ", ".join(each["question"]["by"].values()),
            ", ".join(each["question"]["measures"]),
            each["vintage"],
        ]
        for each in told["items"]
    ]
    columns = ["release", "released (UTC)", "cohort", "by", "measures", "vintage"]
    output.table("Releases", columns, rows)


def release(
    number: Annotated[int, typer.Argument(min=1, help="Number of the release.")],
    review: Annotated[
        bool, typer.Option("--review", help="The IG officer's review instead of the table.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the review as a page (HTML) here.")
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the table here as CSV.")] = None,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """One release as it was given, or its review: rules, cells withheld, relatives, audit margins, errors."""
    path = f"/v1/releases/{number}"
    with connect(url, credential_file) as gateway:
        if out:
            out.write_bytes(gateway.call("GET", f"{path}/review.html"))
        if csv:
            csv.write_bytes(gateway.call("GET", f"{path}.csv"))
        told = gateway.call("GET", f"{path}/review" if review or out else path)
    if as_json:
        output.emit_json(told)
    elif out:
        output.out.print(f"wrote {out}", highlight=False, soft_wrap=True)
    elif review:
        _reviewed(told)
    else:
        output.released(told)


def _reviewed(told: Mapping[str, Any]) -> None:
    output.released({**told["release"], **told})
    rows = [
        [each["measure"], each["cells"], each["withheld"], *each["quality"].values(), each["error"]]
        for each in told["measures"]
    ]
    columns = ["measure", "cells", "withheld", "high", "medium", "low", "expected error"]
    output.table("Withheld, and how rough the rest is", columns, rows)
    rules = [[rule["says"], rule["value"]] for rule in told["method"]["rules"]]
    output.table(f"Rules: {told['method']['name']}", ["rule", "value"], rules)
    relatives = [
        [
            each["number"],
            ", ".join(each["question"]["by"].values()),
            *(", ".join(each[name]) for name in SHOWN),
            f"{each['overlapping_cells']} of {each['cells']}",
        ]
        for each in told["relatives"]["nearest"]
    ]
    columns = ["release", "by", *SHOWN, "cells that overlap"]
    title = f"Nearest relatives, of {told['relatives']['looked_at']} on this vintage"
    output.table(title, columns, relatives)
    if told["audit"]:
        output.table("Audit margins", ["margin", "value"], list(told["audit"].items()))
