"""Space put by, so that a log on a full disk can still say that it is full.

In: a directory and a number of bytes. Out: a file of that many bytes, released on demand and put
back when there is room. Its absence is the state "full", for every process and after a crash.
"""

import os
from pathlib import Path

from audit import disk

BALLAST = "ballast"
BALLAST_BYTES = 1 << 20


class Ballast:
    """The ballast of one log directory."""

    def __init__(self, directory: Path, size_bytes: int = BALLAST_BYTES) -> None:
        self._path = directory / BALLAST
        self._size_bytes = size_bytes

    def is_whole(self) -> bool:
        """Is it there, at its full size?"""
        try:
            return self._path.stat().st_size >= self._size_bytes
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Give its space back to the disk."""
        self._path.unlink(missing_ok=True)
        # Journalling file systems hand the blocks on only with the next commit of the journal.
        disk.sync_directory(self._path.parent)

    def restore(self) -> bool:
        """Put it back. False when there is not yet room for it and as much again."""
        # Asked first because a full disk is asked at every append.
        space = os.statvfs(self._path.parent)
        if space.f_bavail * space.f_frsize < 2 * self._size_bytes:
            return False
        try:
            # Random bytes: a file system that compresses or leaves holes would keep no space.
            disk.replace(self._path, os.urandom(self._size_bytes))
        except OSError as error:
            if error.errno not in disk.NO_SPACE:
                raise
            self._path.with_name(BALLAST + ".new").unlink(missing_ok=True)
            return False
        return True
