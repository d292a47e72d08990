"""Which program is still alive: a file under the lake, locked for as long as the program runs.

In: a folder. Out: an owner id to write beside unfinished work, and whether another owner lives.
The kernel lets go of a lock however the program ends, so that a killed one is known as gone.
"""

import fcntl
import os
import secrets
from pathlib import Path


class Presence:
    """This program's own mark, and the look at the others'."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.owner = secrets.token_hex(8)
        draft = folder / f".{self.owner}"
        # Locked before it has its name: nobody can find it without its lock.
        self._descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        draft.rename(folder / self.owner)

    def is_alive(self, owner: str) -> bool:
        """Whether the program that wrote this owner id still runs; forgets those that do not."""
        mark = self._folder / owner
        try:
            descriptor = os.open(mark, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            mark.unlink(missing_ok=True)
            return False
        finally:
            os.close(descriptor)

    def is_alone(self) -> bool:
        """Whether no other program stands on this lake."""
        names = {mark.name for mark in self._folder.iterdir()} - {self.owner}
        # One with a dot is just about to start, and has begun nothing yet.
        return not any(self.is_alive(name) for name in names if not name.startswith("."))

    def forget_gone(self) -> None:
        """Take away the marks of programs that ended without doing so."""
        for mark in self._folder.iterdir():
            # One with a dot is about to be locked and named by a program that is starting now.
            if not mark.name.startswith("."):
                self.is_alive(mark.name)

    def leave(self) -> None:
        """Take the mark away."""
        (self._folder / self.owner).unlink(missing_ok=True)
        os.close(self._descriptor)
