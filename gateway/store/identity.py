"""Which lake, database and keystore belong together, settled once and checked at every opening.

In: the three. Out: the lake's id. Without this a sweep beside an empty database would take a whole
lake for a crash's leavings, and a wrong keystore would show only at the first read.
"""

import os
import secrets
from datetime import datetime
from pathlib import Path

from gateway.keys import KeyUnwrapFailed, Sealed, Vault
from gateway.store.engine import Database
from gateway.store.errors import LakeMismatch, WrongKeys
from gateway.store.shelf import Shelf, sync_folder
from gateway.store.tables import StoreMark

MARK = "lake-id"


def settle_identity(database: Database, shelf: Shelf, vault: Vault, now: datetime) -> str:
    """The lake's id. Raises LakeMismatch or WrongKeys when the three were not made together."""
    with database.writing() as session:
        mark = session.get(StoreMark, 1)
        if mark is None:
            mark = _first_mark(shelf, vault, now)
            session.add(mark)
    if _read_mark(shelf.folder) != mark.lake_id:
        raise LakeMismatch("the lake folder is not the one this database was made with")
    try:
        vault.unwrap(Sealed.STORE, mark.lake_id, mark.key_check)
    except KeyUnwrapFailed:
        raise WrongKeys("this keystore is not the one this store was made with") from None
    return mark.lake_id


def _first_mark(shelf: Shelf, vault: Vault, now: datetime) -> StoreMark:
    if shelf.places():
        raise LakeMismatch("the lake folder holds files that this new database knows nothing of")
    # A crash here leaves an id in an empty lake, which the next opening takes over.
    lake_id = _read_mark(shelf.folder) or _write_mark(shelf.folder)
    _, key_check = vault.fresh(Sealed.STORE, lake_id)
    return StoreMark(id=1, lake_id=lake_id, key_check=key_check, created_at=now)


def _read_mark(folder: Path) -> str | None:
    try:
        return (folder / MARK).read_text()
    except FileNotFoundError:
        return None


def _write_mark(folder: Path) -> str:
    lake_id = secrets.token_hex(8)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(folder / MARK, flags, 0o600), "w") as file:
        file.write(lake_id)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)
    return lake_id
