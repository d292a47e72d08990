"""The linkage engine: DuckDB in memory, never on disk, and Splink silenced around it.

Tokens go in as Arrow tables. The engine never spills, never logs, and its error messages are
withheld, because both DuckDB and Splink quote SQL and may quote values.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from linkage.errors import LinkageFailed
from linkage.settings import LinkageSettings

if TYPE_CHECKING:
    import duckdb

_SILENT = 1000


@contextmanager
def engine(settings: LinkageSettings) -> Iterator["duckdb.DuckDBPyConnection"]:
    """An in-memory DuckDB of bounded memory; any engine failure leaves as `LinkageFailed`."""
    import duckdb
    from splink.internals.exceptions import SplinkException
    from splink.logging import enable

    # Splink logs SQL and parameters; above every level that exists, it logs nothing.
    enable(_SILENT)
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
    try:
        yield connection
    except (duckdb.Error, SplinkException) as failure:
        raise LinkageFailed(f"The linkage engine stopped: {type(failure).__name__}") from None
    finally:
        connection.close()


def load(connection: "duckdb.DuckDBPyConnection", table: str, frame: pl.DataFrame) -> None:
    """Copy a frame into a table of the engine (reading an Arrow table anew costs each query)."""
    connection.register("incoming", frame.to_arrow())
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM incoming")
    connection.unregister("incoming")


def fetch(connection: "duckdb.DuckDBPyConnection", sql: str) -> pl.DataFrame:
    """The rows of a query as a frame."""
    rows = pl.from_arrow(connection.sql(sql).to_arrow_table())
    return rows if isinstance(rows, pl.DataFrame) else rows.to_frame()
