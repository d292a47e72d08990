"""`gateway credentials`: an administrator issues, lists and revokes. A secret is shown once, when it is made."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from gateway.cli import output
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect

app = typer.Typer(help="Issue, list and revoke credentials.", no_args_is_help=True)


@app.command("issue")
def issue(
    role: Annotated[
        str,
        typer.Option(help="data_officer, evaluator, ig_officer, linkage_officer or administrator."),
    ],
    agency: Annotated[str, typer.Option(help="Agency that the person works for.")],
    trained: Annotated[
        list[str] | None,
        typer.Option(help="Course and day, as five_safes=2026-10-01; may be repeated."),
    ] = None,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Issue a credential bound to a role and an agency."""
    wanted = {"role": role, "agency": agency, "training": _training(trained or [])}
    with connect(url, credential_file) as gateway:
        made = gateway.call("POST", "/v1/credentials", json=wanted)
    if as_json:
        output.emit_json(made)
        return
    output.out.print(
        f"{made['id']} ({role} of {agency}), shown this once:\n  {made['credential']}",
        highlight=False,
        soft_wrap=True,
    )


@app.command("list")
def list_(
    url: Url = DEFAULT_URL, credential_file: CredentialFile = None, as_json: Json = False
) -> None:
    """All credentials, without their secrets."""
    with connect(url, credential_file) as gateway:
        listed = gateway.call("GET", "/v1/credentials")["items"]
    if as_json:
        output.emit_json(listed)
        return
    bound, instants = ["id", "role", "agency"], ["expires_at", "revoked_at"]
    rows = [
        [*(each[name] for name in bound), *(output.moment(each[name] or "") for name in instants)]
        for each in listed
    ]
    output.table("Credentials (times in UTC)", [*bound, *instants], rows)


@app.command("revoke")
def revoke(
    credential: Annotated[str, typer.Argument(help="Id of the credential.")],
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Accept a credential no more."""
    with connect(url, credential_file) as gateway:
        revoked = gateway.call("DELETE", f"/v1/credentials/{credential}")
    if as_json:
        output.emit_json(revoked)
        return
    output.out.print(f"revoked {revoked['id']}", highlight=False)


def _training(said: list[str]) -> dict[str, str]:
    training = {}
    for each in said:
        course, _, day = each.partition("=")
        try:
            training[course] = date.fromisoformat(day).isoformat()
        except ValueError:
            raise typer.BadParameter("write --trained course=YYYY-MM-DD") from None
    return training
