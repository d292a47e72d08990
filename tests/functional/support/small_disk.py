"""A gateway whose whole home lies on a disk of a few megabytes, in a mount namespace of its own.

In: an initialised home. Out: a running gateway, and the home as it sees it. The small disk is gone with the server.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from running_gateway import Running

SIZE = "8m"
PREPARE = 'mount -t tmpfs -o size=$1 none "$2" && cp -a "$3"/. "$2" && shift 3 && exec "$@"'


def is_possible() -> bool:
    """Whether this machine lets us mount something in a namespace of our own."""
    if shutil.which("unshare") is None:
        return False
    words = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/tmp"]
    return subprocess.run(words, capture_output=True).returncode == 0


def on_small_disk(server: Running, copy: Path) -> Running:
    """Start `server` with its home on a small disk; the initialised home is copied there from `copy`."""
    shutil.copytree(server.home, copy)
    words = ("unshare", "-rm", "sh", "-c", PREPARE, "sh", SIZE, str(server.home), str(copy))
    server.under = words
    return server.start()


def home_inside(server: Running) -> Path:
    """The server's home as the server sees it."""
    return Path(f"/proc/{server.pid}/root") / server.home.relative_to("/")


def fill(server: Running, leave: int = 0) -> Path:
    """Fill the disk with a file of ours until `leave` bytes are free; the file."""
    file = home_inside(server) / "filler"
    with file.open("ab", buffering=0) as filler:
        try:
            while True:
                filler.write(b"\0" * 4096)
        except OSError:
            pass
        if leave:
            filler.truncate(max(filler.tell() - leave, 0))
    return file
