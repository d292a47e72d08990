"""Staff ids as salted commitments, so that a name can be forgotten and every proof still holds.

In: staff ids. Out: commitments, HMAC-SHA256(salt, id) in hex, one random salt to each id. The id
and salt stand in `actors.jsonl` (mode 0600) and nowhere else; the log never sees the id.
"""

import fcntl
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from audit import disk
from audit.commitment import ActorLine, read_line
from audit.errors import LogBroken
from audit.layout import ACTORS

STALE_SECONDS = 1.0  # how long a name that another process forgot may still be in use here


def _row(line: bytes) -> ActorLine:
    try:
        return read_line(line)
    except ValueError as error:
        raise LogBroken("the table of actors is damaged") from error


class Actors:
    """The removable table of staff ids. Safe between threads and processes."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / ACTORS
        self._mutex = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._commitments: dict[str, str] = {}
        self._looked = -STALE_SECONDS

    def commitment(self, actor: str) -> str:
        """The commitment of a staff id, made and stored durably at its first use."""
        # Without the mutex and the file: this stands before every entry, on many threads.
        if time.monotonic() - self._looked < STALE_SECONDS:
            known = self._commitments.get(actor)
            if known is not None:
                return known
        with self._mutex:
            self._refresh()
            known = self._commitments.get(actor)
            return known if known is not None else self._add(actor)

    def name_of(self, commitment: str) -> str | None:
        """The staff id behind a commitment; None when it was forgotten or never known."""
        with self._mutex:
            self._refresh()
            return next((a for a, c in self._commitments.items() if c == commitment), None)

    def forget(self, actor: str) -> bool:
        """Remove a staff id and its salt for good; False when there was none.

        Its entries stay, under a commitment that nobody can open any more; if the same person
        acts again, that is under a new one.
        """
        with self._mutex, self._exclusive():
            lines = self._lines()
            kept = [line for line in lines if _row(line).actor != actor]
            if len(kept) == len(lines):
                return False
            disk.replace(self._path, b"".join(line + b"\n" for line in kept))
            self._refresh()
            return True

    def _add(self, actor: str) -> str:
        with self._exclusive():
            # Another process may have added it since; two salts for one id would be two people.
            self._refresh()
            if (known := self._commitments.get(actor)) is not None:
                return known
            line = ActorLine.of(actor, secrets.token_bytes(32))
            self._append(line.to_bytes() + b"\n")
            self._refresh()
            return line.commitment

    def _append(self, line: bytes) -> None:
        fresh = not self._path.exists()
        whole = sum(len(kept) + 1 for kept in self._lines())
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # A line without an end was cut short by a crash, and no entry names it: drop it.
            os.ftruncate(fd, whole)
            try:
                disk.write_all(fd, line)
                disk.sync(fd)
            except OSError:
                # Not to be found, and taken for durable, the next time.
                with suppress(OSError):
                    os.ftruncate(fd, whole)
                raise
        finally:
            os.close(fd)
        if fresh:
            disk.sync_directory(self._path.parent)

    def _lines(self) -> list[bytes]:
        if not self._path.exists():
            return []
        return self._path.read_bytes().split(b"\n")[:-1]

    def _refresh(self) -> None:
        """Read the table again if it changed, here or in another process."""
        self._looked = time.monotonic()
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._commitments = None, {}
            return
        stamp = (status.st_ino, status.st_size, status.st_mtime_ns)
        if stamp != self._stamp:
            rows = [_row(line) for line in self._lines()]
            self._commitments = {row.actor: row.commitment for row in rows}
            self._stamp = stamp

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        # The table is replaced when a name is forgotten, so the lock is on its directory.
        fd = os.open(self._path.parent, os.O_RDONLY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)
