"""`gateway demo`: the whole pipeline on a synthetic county, through the real doors of a real server.

In: a size and a seed; out: the story on the terminal, or one JSON document. Keeps nothing of the county but what
the gateway itself stores, in a folder that is made anew each time.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import output
from gateway.cli.remote import Json

if TYPE_CHECKING:
    from gateway.cli.demo.story import Story


def demo(
    families: Annotated[int, typer.Option(min=100, help="Families in the county.")] = 6000,
    seed: Annotated[int, typer.Option(help="The county of a seed is always the same.")] = 20261122,
    serve: Annotated[bool, typer.Option(help="Leave the server running at the end.")] = True,
    home: Annotated[Path, typer.Option(help="Folder of the demo; made anew.")] = Path("demo-home"),
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes a free one.")] = 0,
    as_json: Json = False,
) -> None:
    """Make a county, send its extracts, link, be refused once, ask, and verify the log."""
    from gateway.cli.demo import show
    from gateway.cli.demo.server import Server, fresh_home
    from gateway.cli.demo.story import Story

    # Ended by a signal as by Ctrl-C, so that the server does not outlive the demo.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with Server(fresh_home(home), port) as server:
        story = Story(server, families, seed, quiet=as_json)
        told = _tell(story, as_json)
        told["seconds"] = round(time.monotonic() - began, 1)
        if serve:
            told["server"] = {"url": server.url, "credentials": story.credentials}
        if as_json:
            output.emit_json(told)
        else:
            show.ending(told)
        if serve:
            server.stay()


def _tell(story: Story, as_json: bool) -> dict[str, Any]:
    from gateway.cli.demo import show

    told: dict[str, Any] = {}
    for title, chapter, picture in (
        ("Six agencies send their extracts", story.send, show.agencies),
        ("Records become persons, persons become families", story.link, show.linkage),
        ("A question that the protocol refuses", story.be_refused, show.refusal),
        ("Questions that it permits", story.ask, show.tables),
        ("The log, verified with the public key alone", story.verify, show.log),
    ):
        if not as_json:
            output.heading(title)
        part = chapter()
        told.update(part)
        if not as_json:
            picture(part)
    return told
