"""Where records are compared: the seam between the model and the engine that runs it.

Goes in: which engine a run asks for. Comes out: an open `Engine` that holds tables of tokens until it
is closed. The model is written once, in DuckDB's SQL; `words` says it in another engine's.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

import polars as pl

from linkage.settings import LinkageSettings

if TYPE_CHECKING:
    from splink.internals.splink_dataframe import SplinkDataFrame


class Engine(Protocol):
    """Tables of one run. No message of an engine leaves it: it may quote SQL and values."""

    dialect: str

    def load(self, table: str, frame: pl.DataFrame) -> None:
        """Copy a frame into a table of the engine."""

    def keep(self, table: str, query: str) -> None:
        """Keep the rows of a query as a table."""

    def fetch(self, query: str) -> pl.DataFrame:
        """The rows of a query as a frame; whole numbers may come back wider than they went in."""

    def registered(self, table: str) -> "SplinkDataFrame":
        """A table as Splink wants it."""

    def forget(self) -> None:
        """Make room: the tables that Splink made are no longer needed."""


@contextmanager
def open_engine(settings: LinkageSettings) -> Iterator[Engine]:
    """The engine that the settings name; nothing of it is left when the block ends.

    Raises:
        EngineMissing: the extra that it needs is not installed; says which.
        LinkageFailed: it stopped; its own message is withheld.
    """
    with _opened(settings) as engine:
        yield engine


def _opened(settings: LinkageSettings) -> AbstractContextManager[Engine]:
    if settings.engine == "spark":
        from linkage.engine.spark import spark_engine

        return spark_engine(settings)
    from linkage.engine.duckdb import duckdb_engine

    return duckdb_engine(settings)


__all__ = ["Engine", "open_engine"]
