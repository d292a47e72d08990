"""`gateway link`: start a linkage run and wait for its counts; `gateway changes`: what became of the persons before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from gateway.cli import output
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect

KIND = "List the persons of one kind: gone, split, merge or regrouped."
INCREMENTAL = (
    "Carry on the last run with its own model: only what is new, and what that puts in doubt."
)


def link(
    incremental: Annotated[bool, typer.Option("--incremental", help=INCREMENTAL)] = False,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Link the records of all agencies into persons and families, and freeze a vintage of them when one is due."""
    with (
        connect(url, credential_file) as gateway,
        output.progress("linking", quiet=as_json) as report,
    ):
        run = gateway.link(report, incremental=incremental)
    if as_json:
        output.emit_json(run)
        return
    output.table(_title(run), ["", "figure"], list(run["counts"].items()))
    output.out.print(_vintage(run), highlight=False, markup=False)
    if run["previous_run"] is not None:
        _show_counts(run["changes"])


def changes(
    run: Annotated[int, typer.Argument(min=1, help="Number of a linkage run.")],
    kind: Annotated[str | None, typer.Option("--kind", help=KIND)] = None,
    after: Annotated[int, typer.Option("--after", min=0, help="Position to go on from.")] = 0,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """What a linkage run made of the persons of the run before: how many were kept, split, merged."""
    wanted = {"after": after, **({"kind": kind} if kind else {})}
    with connect(url, credential_file) as gateway:
        found = gateway.call("GET", f"/v1/links/{run}/changes", params=wanted)
    if as_json:
        output.emit_json(found)
        return
    _show_counts(found["counts"])
    if kind:
        rows = [
            (each["position"], _ids(each["before"]), _ids(each["after"])) for each in found["items"]
        ]
        output.table(f"Persons: {kind}", ["position", "before", "after"], rows)


def _title(run: Mapping[str, Any]) -> str:
    carried_on = f" (incremental, on run {run['previous_run']})"
    return f"Linkage run {run['run']}{carried_on if run['mode'] == 'incremental' else ''}"


def _vintage(run: Mapping[str, Any]) -> str:
    if run["vintage_opened"]:
        return f"Questions are asked of {run['vintage']} from now on."
    return (
        f"Questions are still asked of {run['vintage']}, since something was released from it. "
        f"The first run from {run['next_vintage_from']} on opens the next vintage."
    )


def _show_counts(counts: Mapping[str, int]) -> None:
    output.table("Persons of the run before", ["became", "changes"], list(counts.items()))


def _ids(persons: list[str]) -> str:
    return "\n".join(persons)
