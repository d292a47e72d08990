"""Which gateway a command speaks to, and as whom. In: options or GATEWAY_URL and GATEWAY_CREDENTIAL; out: a client.

A credential is read from a file or the environment, never from an argument: arguments stand in process lists.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from gateway.client import Gateway

Url = Annotated[
    str,
    typer.Option("--url", envvar="GATEWAY_URL", help="Address of the gateway.", show_default=True),
]
CredentialFile = Annotated[
    Path | None,
    typer.Option(
        "--credential-file",
        envvar="GATEWAY_CREDENTIAL_FILE",
        help="File that holds your credential (else GATEWAY_CREDENTIAL is read).",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
DEFAULT_URL = "http://127.0.0.1:8321"


def connect(url: str, credential_file: Path | None) -> Gateway:
    """A client for `url`; wrong usage when no credential is to be found."""
    credential = (
        credential_file.read_text().strip()
        if credential_file
        else os.environ.get("GATEWAY_CREDENTIAL")
    )
    if not credential:
        raise typer.BadParameter("no credential: set GATEWAY_CREDENTIAL or give --credential-file")
    return Gateway(url, credential)
