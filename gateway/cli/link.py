"""`gateway link`: start a linkage run over all stored submissions and wait for its counts and quality."""

from __future__ import annotations

from gateway.cli import output
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect


def link(
    url: Url = DEFAULT_URL, credential_file: CredentialFile = None, as_json: Json = False
) -> None:
    """Link the records of all agencies into persons and families, and freeze a vintage of them."""
    with (
        connect(url, credential_file) as gateway,
        output.progress("linking", quiet=as_json) as report,
    ):
        run = gateway.link(report)
    if as_json:
        output.emit_json(run)
        return
    output.table(
        "Linkage run", ["", "figure"], [(name, value) for name, value in run["counts"].items()]
    )
