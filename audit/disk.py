"""The writes of the audit log: every byte that it puts on a disk passes through here.

In: descriptors, paths and bytes. Out: nothing until the bytes are durable; an OSError otherwise.
It never decides what is written or when.
"""

import errno
import os
from pathlib import Path

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_all(fd: int, data: bytes) -> None:
    """Write all the bytes, however many calls that takes. Durable only after `sync`."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def sync(fd: int) -> None:
    """Return when the file's bytes and length are on the disk."""
    os.fsync(fd)


def cut(fd: int, length: int) -> None:
    """Shorten the file to `length` bytes, durably."""
    os.ftruncate(fd, length)
    os.fsync(fd)


def sync_directory(directory: Path) -> None:
    """Make the names in the directory durable (a rename or a new file is not, without this)."""
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def replace(path: Path, data: bytes) -> None:
    """Write a whole file so that a crash leaves the old bytes or the new ones, never a mixture."""
    fresh = path.with_name(path.name + ".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(fd, data)
        # A crash here leaves the old file, and a .new that the next write overwrites.
        sync(fd)
    finally:
        os.close(fd)
    # Only bytes that are durable get the name: rename before fsync could leave an empty file.
    os.replace(fresh, path)
    # A crash here leaves the old name or the new one; both are whole.
    sync_directory(path.parent)
