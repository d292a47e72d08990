"""A real server on loopback for the demo. In: a fresh home; out: its address while the block lasts.

It is a process of its own, so that what the demo sees went over HTTP.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import typer

from gateway.cli.operate import initialise

MARK = "made-by-gateway-demo"
PATIENCE_SECONDS = 60.0


def fresh_home(home: Path) -> Path:
    """An empty folder; one that a demo made before is removed, any other is left alone and refused."""
    if home.exists():
        if not (home / MARK).exists():
            raise typer.BadParameter(
                f"{home} was not made by a demo; name another folder with --home"
            )
        shutil.rmtree(home)
    home.mkdir(parents=True, mode=0o700)
    (home / MARK).touch()
    return home.resolve()


class Server:
    """`gateway serve` on a home of its own, with fresh keys."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self._port = port or _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.administrator = initialise(home)
        self.today = date.today().isoformat()

    def __enter__(self) -> Self:
        words = [sys.executable, "-m", "gateway", "serve", "--home", str(self.home)]
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
                [*words, "--port", str(self._port)], stdout=log, stderr=subprocess.STDOUT
            )
        self._wait_until_up()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def stay(self) -> None:
        """Until the server ends or somebody presses Ctrl-C."""
        try:
            self._process.wait()
        except KeyboardInterrupt:
            return

    def _wait_until_up(self) -> None:
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            if self._process.poll() is not None:
                raise RuntimeError("the server ended at once; see server.log in the demo's folder")
            try:
                if httpx.get(f"{self.url}/health", trust_env=False, timeout=2).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise RuntimeError("the server did not come up; see server.log in the demo's folder")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
