"""`gateway keys`: an administrator makes, lists and revokes key packages for agencies that tokenise at their own site.

A passphrase is shown once, when the package is made; the keys in it are never shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import output
from gateway.cli.extracts import require_new
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect

app = typer.Typer(help="Make, list and revoke key packages.", no_args_is_help=True)


@app.command("package")
def package(
    agency: Annotated[str, typer.Option("--agency", "-a", help="Agency that it is for.")],
    dataset: Annotated[str, typer.Option("--dataset", "-d", help="Dataset that it is for.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write it.")],
    days: Annotated[int, typer.Option(help="Days for which it may be used, at most 731.")] = 365,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Make the key package of one dataset; give the file and the passphrase to its officer on two ways."""
    from gateway.keys.secret_file import create_secret

    # Before it is asked for: a package that cannot be written would be on record and nowhere else.
    require_new(out, "--out")
    wanted = {"agency": agency, "dataset": dataset, "days": days}
    with connect(url, credential_file) as gateway:
        made = gateway.call("POST", "/v1/key-packages", json=wanted)
    create_secret(out, made.pop("file").encode())
    if as_json:
        output.emit_json({**made, "file": str(out)})
        return
    output.out.print(
        f"{made['id']} ({agency}/{dataset}, epoch {made['epoch']}, until "
        f"{output.moment(made['expires_at'])}) is in {out}.\n"
        f"Its passphrase, shown this once:\n  {made['passphrase']}",
        highlight=False,
        soft_wrap=True,
    )
    output.errors.print(
        "Send the file and tell the passphrase on two different ways.", highlight=False
    )


@app.command("list")
def list_(
    url: Url = DEFAULT_URL, credential_file: CredentialFile = None, as_json: Json = False
) -> None:
    """All key packages that were made."""
    with connect(url, credential_file) as gateway:
        listed = gateway.call("GET", "/v1/key-packages")["items"]
    if as_json:
        output.emit_json(listed)
        return
    plain, instants = ["id", "agency", "dataset", "epoch"], ["expires_at", "revoked_at"]
    rows = [
        [*(each[name] for name in plain), *(output.moment(each[name] or "") for name in instants)]
        for each in listed
    ]
    output.table("Key packages (times in UTC)", [*plain, *instants], rows)


@app.command("revoke")
def revoke(
    package: Annotated[str, typer.Argument(help="Id of the key package.")],
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Take no bundle made with a key package any more."""
    with connect(url, credential_file) as gateway:
        revoked = gateway.call("DELETE", f"/v1/key-packages/{package}")
    if as_json:
        output.emit_json(revoked)
        return
    output.out.print(f"revoked {revoked['id']}", highlight=False)
