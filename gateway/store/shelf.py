"""Folders of encrypted files: each is put in place whole, in one step, or not at all.

In: frames and their data keys. Out: files at `<group>/<owner>/<file>` under the lake folder. Knows
nothing of the database; what it puts in place counts only once a row there holds the wrapped key.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.store.errors import StoreFull, WrongState

GROUPS = ("submissions", "runs", "vintages", "multipliers", "traces")
INCOMING = "incoming"
LOCK = "lock"
PRESENT = "present"
TAKEN = {errno.ENOTEMPTY, errno.EEXIST}
FULL_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Shelf:
    """The lake folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in (*GROUPS, INCOMING, PRESENT):
            (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Held by a writer from the first byte to the database row, so that no sweep comes between."""
        with self._locked(fcntl.LOCK_SH):
            yield

    @contextmanager
    def sweeping(self) -> Iterator[bool]:
        """True when nobody writes, and nobody can begin to until the block ends; else False."""
        try:
            with self._locked(fcntl.LOCK_EX | fcntl.LOCK_NB):
                yield True
        except BlockingIOError:
            yield False

    @contextmanager
    def drafting(self) -> Iterator[Path]:
        """A folder to write into, which nobody reads. Raises StoreFull when the disk is full."""
        draft = self.folder / INCOMING / secrets.token_hex(8)
        try:
            draft.mkdir(mode=0o700)
            yield draft
        except OSError as fault:
            if fault.errno in FULL_DISK:
                raise StoreFull("the lake cannot grow: the disk is full") from None
            raise
        finally:
            # Gone already when it was put in place.
            shutil.rmtree(draft, ignore_errors=True)

    def put_in_place(self, draft: Path, place: str) -> None:
        """Move a finished draft to its place, on the disk when this returns.

        Raises WrongState, and touches nothing, when something is there already.
        """
        target = self.folder / place
        sync_folder(draft)
        try:
            draft.rename(target)
        except OSError as fault:
            if fault.errno in TAKEN:
                raise WrongState(f"{place} was written already") from None
            raise
        sync_folder(target.parent)

    def places(self) -> set[str]:
        """Every `<group>/<owner>` there is."""
        found = (place for group in GROUPS for place in (self.folder / group).iterdir())
        return {str(place.relative_to(self.folder)) for place in found}

    def drafts(self) -> set[str]:
        """Every draft there is, finished or not."""
        return {f"{INCOMING}/{draft.name}" for draft in (self.folder / INCOMING).iterdir()}

    def remove(self, place: str) -> None:
        """Take a place away; it does not matter when it is gone already."""
        shutil.rmtree(self.folder / place, ignore_errors=True)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        # A descriptor of its own each time: the lock belongs to the opening, not to the process.
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self.folder / LOCK, flags, 0o600)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Put a folder's own entries on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
