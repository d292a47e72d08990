"""`gateway ask`: a question in YAML or JSON in, a released table out, on the terminal or as CSV or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import output
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect
from gateway.questions import Question


def ask(
    question: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="The question, YAML or JSON.")
    ],
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the released table here as CSV.")
    ] = None,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Ask for figures; what comes back is a numbered release."""
    body = Question.from_yaml(question.read_text(encoding="utf-8")).canonical()
    with connect(url, credential_file) as gateway, output.progress("asking", quiet=as_json):
        answer = gateway.ask(body)
        if csv:
            csv.write_bytes(gateway.call("GET", f"/v1/releases/{answer.number}.csv"))
    if as_json:
        output.emit_json(answer.release)
        return
    output.released(answer.release)
