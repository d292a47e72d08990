"""`gateway audit`: verify an export with the public key alone; export or read the log of a running gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import output
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect

app = typer.Typer(help="Verify, export and read the audit log.", no_args_is_help=True)


@app.command("verify")
def verify(
    export: Annotated[
        Path, typer.Argument(exists=True, help="Export of the log, or the log's own folder.")
    ],
    key: Annotated[str, typer.Option("--key", help="Public key, or a file that holds it.")],
    as_json: Json = False,
) -> None:
    """Check every entry of an export against its signed checkpoint; needs nothing but the public key."""
    from audit.verify import verify as verify_export

    public_key = _key(key)
    with output.progress("verifying", quiet=as_json) as report:
        proved = verify_export(export, public_key, progress=lambda share: report("entries", share))
    told = {
        "verified": True,
        "size": proved.size,
        "entries": proved.entries,
        "root": proved.root_hash.hex(),
        "checkpointed_at": proved.checkpointed_at,
        "origin": proved.origin,
    }
    if as_json:
        output.emit_json(told)
        return
    output.table(
        "The log is intact", ["", "value"], [[name, str(value)] for name, value in told.items()]
    )


def _key(said: str) -> str:
    """The key itself, or what the file of that name holds; a key has two plus signs, a path hardly ever."""
    if "+" in said and not Path(said).is_file():
        return said
    return Path(said).read_text(encoding="utf-8").strip()


@app.command("export")
def export(
    to: Annotated[Path, typer.Argument(help="File to write.")],
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Fetch the whole log as evidence, with a checkpoint signed now."""
    with connect(url, credential_file) as gateway:
        to.write_bytes(gateway.call("GET", "/v1/audit/export"))
        key = gateway.call("GET", "/v1/audit/key")["public_key"]
    if as_json:
        output.emit_json({"export": str(to), "public_key": key})
        return
    output.out.print(
        f"wrote {to}; verify it with\n  gateway audit verify {to} --key '{key}'",
        highlight=False,
        soft_wrap=True,
    )


@app.command("entries")
def entries(
    after: Annotated[int, typer.Option(help="Index after which to begin.")] = -1,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Entries of the log, oldest first."""
    with connect(url, credential_file) as gateway:
        query = {"after": after, "limit": limit}
        listed = gateway.call("GET", "/v1/audit/entries", params=query)["items"]
    if as_json:
        output.emit_json(listed)
        return
    columns = ["index", "at", "type", "role", "agency", "action", "clauses"]
    rows = [
        [each["index"], output.moment(each["at"]), *(_plain(each[name]) for name in columns[2:])]
        for each in listed
    ]
    output.table("Audit log (times in UTC)", columns, rows)


def _plain(value: str | list[str] | None) -> str:
    return ", ".join(value) if isinstance(value, list) else value or ""
