"""`gateway ask`: a question in YAML or JSON in, a released table out, on the terminal or as CSV or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli import output
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect
from gateway.questions import Fault, QuestionRefused
from gateway.questions.strict_yaml import YamlFaulty, read_yaml


def ask(
    question: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="The question, YAML or JSON.")
    ],
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the released table here as CSV.")
    ] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Only tell about how many cells it will lose.")
    ] = False,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Ask for figures; what comes back is a numbered release."""
    body = _written(question.read_text(encoding="utf-8"))
    if estimate:
        _estimate(body, url, credential_file, as_json)
        return
    with connect(url, credential_file) as gateway, output.progress("asking", quiet=as_json):
        answer = gateway.ask(body)
        if csv:
            csv.write_bytes(gateway.call("GET", f"/v1/releases/{answer.number}.csv"))
    if as_json:
        output.emit_json(answer.release)
        return
    output.released(answer.release)


def _estimate(
    body: Mapping[str, Any], url: str, credential_file: Path | None, as_json: bool
) -> None:
    with connect(url, credential_file) as gateway:
        told = gateway.estimate(body)
    if as_json:
        output.emit_json(told)
        return
    rows = [
        [measure, told["cells"], band, told["bands"].get(band, "")]
        for measure, band in told["withheld"].items()
    ]
    output.table("Likely to be withheld", ["measure", "cells", "withheld", "that is"], rows)
    output.out.print(told["basis"], style="dim", highlight=False)


def _written(text: str) -> Mapping[str, Any]:
    """The question as it was written; the gateway holds it against its own catalogue, which may not be the shipped one."""
    try:
        body = read_yaml(text)
    except YamlFaulty as error:
        raise QuestionRefused([Fault("question", "not_yaml", str(error))]) from None
    if not isinstance(body, Mapping):
        raise QuestionRefused([Fault("question", "not_a_mapping", "a mapping is expected")])
    # YAML knows days as such, JSON does not.
    plain: Mapping[str, Any] = json.loads(json.dumps(body, default=str))
    return plain
