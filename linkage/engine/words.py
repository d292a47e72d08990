"""One SQL and one kind of token for every engine: the only place that knows how engines differ.

The model is written in DuckDB's SQL and its tokens are unsigned; here both become what another engine
takes. Both ways of writing say the same of every pair of records.
"""

from dataclasses import replace

import polars as pl

from linkage.model import Model


def in_words_of(dialect: str, sql: str) -> str:
    """A query or condition of DuckDB's SQL, in the SQL of another engine."""
    if dialect == "duckdb" or sql == "ELSE":
        return sql
    from sqlglot import transpile

    return str(transpile(sql, read="duckdb", write=dialect)[0])


def spoken(model: Model, dialect: str) -> Model:
    """A model with every condition in the SQL of an engine."""
    comparisons = tuple(
        replace(
            comparison,
            silent=in_words_of(dialect, comparison.silent),
            levels=tuple(
                replace(level, sql=in_words_of(dialect, level.sql)) for level in comparison.levels
            ),
        )
        for comparison in model.comparisons
    )

    def said(rules: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(in_words_of(dialect, rule) for rule in rules)

    return replace(
        model,
        comparisons=comparisons,
        blocking=said(model.blocking),
        training=said(model.training),
        strict=said(model.strict),
        spare=said(model.spare),
    )


def signed(frame: pl.DataFrame) -> pl.DataFrame:
    """Whole numbers as signed ones of 64 bits, for engines that know no others.

    A token keeps its bits and is read as a signed number: two tokens are equal after exactly when
    they were before. Smaller numbers keep their value.
    """
    return frame.with_columns(_signed(name, kind) for name, kind in frame.schema.items())


def _signed(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.UInt64:
        return column.reinterpret(signed=True)
    if kind.is_integer():
        return column.cast(pl.Int64)
    if kind == pl.List(pl.UInt32):
        return column.cast(pl.List(pl.Int64))
    if kind == pl.List(pl.UInt64):
        return column.list.eval(pl.element().reinterpret(signed=True))
    return column
