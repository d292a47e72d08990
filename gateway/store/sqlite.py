"""How SQLite is set up: durable, strict, private; everything that is SQLite's and nobody else's.

In: an engine for SQLite. Out: the same, each connection of it prepared. Never opens the database
file by itself: closing such a file drops every lock this process holds on it.
"""

import contextlib
import os
import secrets
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

PRAGMAS = (
    "PRAGMA busy_timeout = 30000",  # milliseconds
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # A deleted key has to leave the pages of the file too, or shredding would be a word only.
    "PRAGMA secure_delete = ON",
)
BEGIN = "gateway_begin"
WAL_TRIES = 200
WAL_PAUSE_SECONDS = 0.05


def prepare(engine: Engine) -> None:
    """Make the file if there is none, and have every connection set up."""
    if engine.url.database and engine.url.database != ":memory:":
        _make_private(Path(engine.url.database))
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)


def _make_private(path: Path) -> None:
    """An empty file of mode 0600; SQLite gives its journal files the mode of the database."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    # Linked into place and not opened there, for the reason in this file's first lines.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _configure(connection: Any, _: Any) -> None:
    # The driver's own transactions begin too late; SQLAlchemy's `begin` below takes over.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma)
    _use_wal(connection)


def _use_wal(connection: Any) -> None:
    # While several make a new database at once, SQLite does not wait by itself for this one.
    for _ in range(WAL_TRIES):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault):
                raise
            time.sleep(WAL_PAUSE_SECONDS)
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN"))
