"""Runs Ibis expressions on DuckDB, in memory. In: an expression and Arrow tables. Out: an Arrow table.

A fresh connection for each question, a fixed number of threads, no file: it neither spills to disk nor reads from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb
    import ibis


class Engine:
    """One question's connection, with the vintage registered without copy."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def run(self, expression: ibis.Table) -> pa.Table:
        """The expression's rows. The SQL is Ibis's; nothing of a question is ever written into it but registered literals."""
        return self._connection.sql(_sql(expression.op())).to_arrow_table()


@lru_cache(maxsize=256)
def _sql(operation: ibis.expr.operations.Node) -> str:
    """The SQL of an expression's operation; compiling takes longer than many a question, so it is kept."""
    import ibis

    return str(ibis.to_sql(operation.to_expr(), dialect="duckdb"))


@contextmanager
def open_engine(tables: Mapping[str, pa.Table], threads: int) -> Iterator[Engine]:
    """An engine over the tables; closed, and everything forgotten, at the end."""
    import duckdb

    connection = duckdb.connect(
        config={
            "threads": threads,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        for name, table in tables.items():
            connection.register(name, table)
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield Engine(connection)
    finally:
        connection.close()
