"""A frame that somebody else wrote: Parquet in memory, read only when it says what was expected.

In: bytes, the columns it must and may have, and its number of rows. Out: the frame, or ExtractRejected. Sizes are bounded
before and while it is unpacked, as for an extract in Parquet.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import polars as pl

from agencies.intake.columnar import read_in_groups
from agencies.intake.limits import Limits
from agencies.intake.outcome import ExtractRejected, Report
from agencies.prepared.rules import refusal


def read_frame(
    content: bytes, what: str, schema: pl.Schema, required: Collection[str], report: Report
) -> pl.DataFrame:
    """The frame, its columns among those of `schema` and in their types, with no more rows than the report accepted.

    Raises ExtractRejected: frame_damaged, undeclared_column, missing_column, column_type, rows_disagree, expands_too_far.
    """
    table = _table(content, what, Limits(rows=report.rows_accepted))
    names = table.column_names
    if not set(names) <= schema.keys() or len(set(names)) < len(names):
        raise refusal("undeclared_column", what)
    for name in schema:
        if name in required and name not in names:
            raise refusal("missing_column", what, name)
    return pl.DataFrame([_column(table, name, schema[name], what) for name in names]).rechunk()


def _table(content: bytes, what: str, limits: Limits) -> Any:
    import pyarrow as pa

    table: Any = None
    try:
        table = read_in_groups(content, limits)
    except ExtractRejected as fault:
        raise (refusal("rows_disagree") if fault.rule == "too_many_rows" else fault) from None
    except (pa.ArrowException, OSError, ValueError):
        # The reader's own message could quote what it was reading.
        table = None
    if table is None:
        raise refusal("frame_damaged", what)
    return table


def _column(table: Any, name: str, dtype: pl.DataType, what: str) -> pl.Series:
    series = pl.Series(name, pl.from_arrow(table.column(name)))
    if isinstance(series.dtype, pl.Categorical | pl.Enum):
        series = series.cast(pl.String)
    if series.dtype == pl.Null:
        # A column of which nothing is known may be written without a type.
        series = series.cast(dtype)
    if series.dtype != dtype:
        raise refusal("column_type", what, name)
    return series
