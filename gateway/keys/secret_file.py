"""Files that hold secrets: read only when nobody else can, written whole or not at all.

In: a path. Out: its bytes. Never follows a link, never overwrites unless `replace` is asked,
never leaves a file wider than mode 0600.
"""

import os
import secrets
import stat
from pathlib import Path

from gateway.keys.errors import KeystoreExists, KeystoreIsLink, KeystoreMissing, LoosePermissions

MAX_BYTES = 64 * 1024
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_secret(path: Path) -> bytes:
    """The bytes of a regular file that is ours and closed to others.

    Raises KeystoreMissing, KeystoreIsLink or LoosePermissions.
    """
    # NONBLOCK: a named pipe at this path must be refused, not waited for.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    if path.is_symlink():
        raise KeystoreIsLink(f"{path} is a symbolic link; give the file itself")
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise KeystoreMissing(f"there is no file {path}") from None
    except PermissionError:
        raise LoosePermissions(f"{path} cannot be read by this account") from None
    except OSError:
        # ELOOP: a link put there between the look above and the opening; NOFOLLOW refuses it.
        raise KeystoreIsLink(f"{path} is not a plain file") from None
    try:
        _require_private(path, os.fstat(descriptor))
        return os.read(descriptor, MAX_BYTES)
    finally:
        os.close(descriptor)


def _require_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeystoreIsLink(f"{path} is not a plain file")
    if status.st_uid != os.geteuid():
        raise LoosePermissions(f"{path} belongs to another account")
    if status.st_mode & OTHERS:
        raise LoosePermissions(f"{path} is open to others; run chmod 600 on it")


def create_secret(path: Path, content: bytes) -> None:
    """Write a new file. Raises KeystoreExists when one stands there, and leaves that alone."""
    draft = _draft(path, content)
    try:
        # A crash before the link leaves only a draft under a random name, which nothing reads.
        os.link(draft, path, follow_symlinks=False)
    except FileExistsError:
        raise KeystoreExists(f"{path} exists already") from None
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def replace_secret(path: Path, content: bytes) -> None:
    """Exchange an existing file in one step: a crash leaves the old one or the new one, whole."""
    os.replace(_draft(path, content), path)
    _sync_folder(path.parent)


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        raise KeystoreMissing(f"there is no folder {path.parent}") from None
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
