"""`gateway init` and `gateway serve`. In: a home folder; out: fresh keys and a first credential, or a running server."""

from __future__ import annotations

import os
import socket
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import output
from gateway.cli.remote import Json
from gateway.config import Settings, SettingsFaulty, read_settings

Home = Annotated[
    Path,
    typer.Option("--home", envvar="GATEWAY_HOME", help="Folder of everything this gateway keeps."),
]
HOME = Path("gateway-home")
INITIALISER = "gateway-init"
BACKLOG = 2048


def init(home: Home = HOME, as_json: Json = False) -> None:
    """Make fresh keys and the first administrator's credential; it is shown this once."""
    credential = initialise(home)
    if as_json:
        output.emit_json({"home": str(home), "credential": credential})
        return
    output.out.print(f"Made a new gateway in {home}.", highlight=False)
    output.out.print(
        f"Administrator's credential, shown this once:\n  {credential}",
        highlight=False,
        soft_wrap=True,
    )
    output.errors.print(
        "Keep the file keys/unlock.key apart from backups of the rest, or use GATEWAY_PASSPHRASE.\n"
        f"Serve it with: gateway serve --home {home}",
        highlight=False,
        soft_wrap=True,
    )


def initialise(home: Path) -> str:
    """Keys, folders, and a first credential for `home`; the credential's secret."""
    from gateway.bootstrap import make_home, open_gateway, passphrase_of
    from policies import Actor, Request

    settings, passphrase = _settings(home), passphrase_of(os.environ)
    make_home(settings, passphrase)
    gateway = open_gateway(settings, passphrase)
    try:
        # The one credential that no administrator makes: there is none yet.
        first = Actor(id=INITIALISER, role="administrator", agency="gateway")
        asked = Request(actor=first, action="manage_users", day=date.today())
        with gateway.door.open(asked) as access:
            made = gateway.wiring.store.credentials.make(
                access, role="administrator", agency="gateway"
            )
            access.note("credential", made.credential.id)
        return made.presented
    finally:
        gateway.close()


def serve(
    home: Home = HOME,
    host: Annotated[
        str, typer.Option(envvar="GATEWAY_HOST", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="GATEWAY_PORT", help="Port to listen on.")] = 8321,
) -> None:
    """Serve until stopped. Put a TLS-terminating proxy in front for anything but loopback."""
    import uvicorn

    from gateway.app import create_app
    from gateway.bootstrap import open_gateway, passphrase_of

    settings = _settings(home)
    # Before anything is opened: a second server on this home must leave no entry in its log.
    listening = _listen(host, port)
    gateway = open_gateway(settings, passphrase_of(os.environ))
    app = create_app(gateway, settings.trace_file)
    output.errors.print(f"serving http://{host}:{port} from {home}", highlight=False)
    # No access log: an address that somebody typed could hold anything.
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        told = {
            "title": "Nothing can be served here",
            "detail": f"{host}:{port}: {error.strerror}",
            "fix": "Name a free port with --port.",
        }
        output.refused(told)
        raise typer.Exit(1) from None


def _settings(home: Path) -> Settings:
    try:
        return read_settings(home)
    except SettingsFaulty as error:
        raise typer.BadParameter(str(error), param_hint="environment") from None
