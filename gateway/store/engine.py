"""The database connection: SQLite in WAL mode by default, any other database by its URL.

In: a URL. Out: a `Database` with `reading()` and `writing()` sessions, migrated to this program's
tables. A commit is on the disk before it returns. Never creates a database file others can read.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from gateway.store import sqlite
from gateway.store.errors import StoreFull
from gateway.store.schema import migrate

FULL_DISK = ("disk is full", "disk full", "No space left")


class Database:
    """Sessions on one database."""

    def __init__(self, engine: Engine) -> None:
        self._reader = engine.execution_options(**{sqlite.BEGIN: "BEGIN"})
        # Taking the write lock first: a transaction that reads and then writes cannot fail halfway.
        self._writer = engine.execution_options(**{sqlite.BEGIN: "BEGIN IMMEDIATE"})
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> "Database":
        """Connect, and bring the tables up to date. Raises StoreTooNew, StoreFull."""
        # An error message of the driver must not repeat what was being stored.
        engine = create_engine(url, hide_parameters=True)
        if engine.dialect.name == "sqlite":
            sqlite.prepare(engine)
        database = cls(engine)
        with _disk_full_named(), database._writer.begin() as connection:
            migrate(connection)
        return database

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one consistent state and writes nothing."""
        with Session(self._reader, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are durable together at the end, or not there at all."""
        with (
            _disk_full_named(),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def scrub(self) -> None:
        """Empty the write-ahead log, where a deleted key may still stand (SQLite only)."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


@contextmanager
def _disk_full_named() -> Iterator[None]:
    try:
        yield
    except (OperationalError, DBAPIError) as fault:
        if any(words in str(fault.orig) for words in FULL_DISK):
            raise StoreFull("the database cannot grow: the disk is full") from None
        raise
