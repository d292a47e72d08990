"""Runs Ibis expressions on DuckDB, in memory. In: an expression and Arrow tables. Out: an Arrow table.

A connection for each question, a fixed number of threads, no file: it neither spills to disk nor reads from it.
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

# What DuckDB makes of a sum of whole numbers.
SUM = pa.decimal128(38, 0)


class Engine:
    """One question's connection, with the vintage registered without copy."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def run(self, expression: ibis.Table) -> pa.Table:
        """The expression's rows. The SQL is Ibis's; nothing of a question is ever written into it but registered literals."""
        table: pa.Table = self._connection.sql(_sql(expression.op())).to_arrow_table()
        # A sum of whole numbers is a decimal to DuckDB, which would become a Python object in every row.
        kinds = [pa.int64() if kind == SUM else kind for kind in table.schema.types]
        return table.cast(pa.schema(zip(table.column_names, kinds, strict=True)))


@lru_cache(maxsize=256)
def _sql(operation: ibis.expr.operations.Node) -> str:
    """The SQL of an expression's operation; compiling takes longer than many a question, so it is kept."""
    import ibis

    return str(ibis.to_sql(operation.to_expr(), dialect="duckdb"))


@contextmanager
def open_engine(tables: Mapping[str, pa.Table], threads: int) -> Iterator[Engine]:
    """An engine over the tables; closed, and its tables forgotten, at the end."""
    # What is registered belongs to this connection alone: no question sees another's tables.
    connection = _instance(threads).cursor()
    try:
        for name, table in tables.items():
            connection.register(name, table)
        yield Engine(connection)
    finally:
        connection.close()


@lru_cache(maxsize=4)
def _instance(threads: int) -> duckdb.DuckDBPyConnection:
    """The process's own DuckDB, empty for ever; starting one takes as long as many a question."""
    import duckdb

    instance = duckdb.connect(
        config={
            "threads": threads,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    # So that a name in SQL never finds a Python variable of that name.
    instance.execute("SET python_enable_replacements = false")
    instance.execute("SET enable_external_access = false")
    instance.execute("SET lock_configuration = true")
    return instance
