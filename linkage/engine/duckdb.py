"""The engine of one machine: DuckDB in memory, never on disk, and Splink silenced around it.

Tokens go in as Arrow tables. It never spills, never logs, and its error messages are withheld,
because both DuckDB and Splink quote SQL and may quote values.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from linkage.engine.silence import silence_splink
from linkage.errors import LinkageFailed
from linkage.settings import LinkageSettings

if TYPE_CHECKING:
    import duckdb
    from splink.internals.splink_dataframe import SplinkDataFrame


class DuckDBEngine:
    """Tables of one run in an in-memory DuckDB."""

    dialect = "duckdb"

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        from splink import DuckDBAPI

        self._connection = connection
        self._splink = DuckDBAPI(connection)

    def load(self, table: str, frame: pl.DataFrame) -> None:
        """Copy a frame into a table (reading an Arrow table anew costs each query)."""
        self._connection.register("incoming", frame.to_arrow())
        self.keep(table, "SELECT * FROM incoming")
        self._connection.unregister("incoming")

    def keep(self, table: str, query: str) -> None:
        """Keep the rows of a query as a table."""
        self._connection.execute(f"CREATE OR REPLACE TABLE {table} AS {query}")

    def fetch(self, query: str) -> pl.DataFrame:
        """The rows of a query as a frame."""
        rows = pl.from_arrow(self._connection.sql(query).to_arrow_table())
        return rows if isinstance(rows, pl.DataFrame) else rows.to_frame()

    def registered(self, table: str) -> "SplinkDataFrame":
        """A table as Splink wants it."""
        return self._splink.register(table)

    def forget(self) -> None:
        """Drop what Splink made: it keeps the pairs of every step, and a copy of the records."""
        from splink import DuckDBAPI

        self._splink.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call]
        # Splink would go on looking for them by the names it remembers.
        self._splink = DuckDBAPI(self._connection)


@contextmanager
def duckdb_engine(settings: LinkageSettings) -> Iterator[DuckDBEngine]:
    """An in-memory DuckDB of bounded memory; any engine failure leaves as `LinkageFailed`."""
    import duckdb
    from splink.internals.exceptions import SplinkException

    silence_splink()
    connection = in_memory(settings)
    try:
        yield DuckDBEngine(connection)
    except (duckdb.Error, SplinkException) as failure:
        raise LinkageFailed(f"The linkage engine stopped: {type(failure).__name__}") from None
    finally:
        connection.close()


def in_memory(settings: LinkageSettings) -> "duckdb.DuckDBPyConnection":
    """A DuckDB that touches no file."""
    import duckdb

    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{settings.memory_mb}MB",
            "threads": settings.threads,
            # An empty directory turns spilling off: too little memory is an error, not a file.
            "temp_directory": "",
        },
    )
    # No file is read or written either, and nothing inside may change that.
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    return connection
