"""`gateway protocol`: check a protocol document and its own tests, or say in plain words what it permits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import output
from gateway.cli.remote import Json
from policies import Protocol, load_protocol, shipped_protocols

app = typer.Typer(help="Check and explain information sharing protocols.", no_args_is_help=True)
Document = Annotated[
    Path | None,
    typer.Argument(
        exists=True, dir_okay=False, help="Protocol, YAML; the shipped one if not given."
    ),
]


@app.command("check")
def check(document: Document = None, as_json: Json = False) -> None:
    """Load a protocol, run the tests in it, and find clauses that no test would miss."""
    from policies.check import concerns, run_tests, survivors

    protocol = _loaded(document)
    with output.progress("running the protocol's tests", quiet=as_json) as report:
        failures = run_tests(protocol)
        report("dropping each clause in turn", 0.3)
        lost = survivors(protocol) if not failures else ()
    told = {
        "protocol": f"{protocol.id}@{protocol.version}",
        "digest": protocol.digest,
        "tests": len(protocol.tests),
        "failed": [failure.name for failure in failures],
        "unguarded": list(lost),
        "concerns": [str(concern) for concern in concerns(protocol)],
    }
    if as_json:
        output.emit_json(told)
    else:
        output.table(
            "Protocol", ["", "value"], [[name, _plain(value)] for name, value in told.items()]
        )
    if failures or lost:
        raise typer.Exit(1)


@app.command("explain")
def explain(document: Document = None, as_json: Json = False) -> None:
    """Who may do what, for which purpose, and what leaves."""
    from policies.explain import explain as explained

    told = explained(_loaded(document))
    if as_json:
        passages = {each.heading: list(each.lines) for each in told.passages}
        output.emit_json({"title": told.title, "passages": passages})
        return
    output.out.print(told.text(), highlight=False, markup=False)


def _loaded(document: Path | None) -> Protocol:
    return load_protocol(document or shipped_protocols()[0])


def _plain(value: object) -> str:
    return (
        "\n".join(str(each) for each in value) or "none" if isinstance(value, list) else str(value)
    )
