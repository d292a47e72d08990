"""Parquet: columns of text, numbers, yes/no and dates, each turned into the text that a CSV would hold.

Sizes are checked as declared in the footer and again as they come out, row group by row group. Errors of the reader
may quote cells, so they are dropped, never chained.
"""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from agencies.intake.limits import Limits
from agencies.intake.rules import rejected
from agencies.intake.sheet import Cells

MAGIC: Final = b"PAR1"


class ParquetTable:
    """A Parquet file in memory."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        if not content.endswith(MAGIC):
            raise rejected("damaged_file")
        self._frame = _loaded(content, limits)
        self._names = self._frame.columns

    def head(self) -> list[list[str]]:
        """The column names and the first data row."""
        rows = self._frame.head(1).fill_null("").rows()
        return [list(self._names), *([str(cell) for cell in row] for row in rows)]

    def cells(self) -> Cells:
        """All data rows."""
        return Cells(self._frame)


def _loaded(content: bytes, limits: Limits) -> pl.DataFrame:
    import pyarrow as pa

    table: Any = None
    try:
        table = read_in_groups(content, limits)
    except (pa.ArrowException, OSError, ValueError):
        table = None
    if table is None:
        raise rejected("damaged_file")
    columns: list[pl.Series] = []
    for position, name in enumerate(table.column_names):
        columns.append(_as_text(table.column(position), position, name))
    return _framed(columns)


def _framed(columns: list[pl.Series]) -> pl.DataFrame:
    if len({series.name for series in columns}) < len(columns):
        raise rejected("damaged_file")
    return pl.DataFrame(columns)


def read_in_groups(content: bytes, limits: Limits) -> Any:
    """The Arrow table of a Parquet file; text stays a dictionary. Raises ExtractRejected, or what Arrow raises."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [
        field.name
        for field in pq.read_schema(pa.BufferReader(content))
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
    ]
    # Text is kept as a dictionary until its full size is known: one long text named a million times is small here.
    file = pq.ParquetFile(
        pa.BufferReader(content), read_dictionary=names, page_checksum_verification=True
    )
    if file.metadata.num_rows > limits.rows:
        raise rejected("too_many_rows", limits.rows)
    groups = range(file.metadata.num_row_groups)
    _require_modest(sum(_stated_bytes(file.metadata.row_group(g)) for g in groups), limits)
    read: list[Any] = []
    expanded = 0
    for group in groups:
        read.append(file.read_row_group(group))
        expanded += _expanded_bytes(read[-1])
        _require_modest(expanded, limits)
    table = pa.concat_tables(read) if read else file.schema_arrow.empty_table()
    # Text that is no UTF-8 would bring Polars down.
    table.validate(full=True)
    return table


def _stated_bytes(group: Any) -> int:
    """What a row group says it unpacks to; a run of equal values is counted at its full length."""
    values = sum(group.column(place).num_values for place in range(group.num_columns))
    return int(max(group.total_byte_size, values))


def _require_modest(expanded: int, limits: Limits) -> None:
    if expanded > limits.expanded_bytes:
        raise rejected("expands_too_far")


def _expanded_bytes(table: Any) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    total = 0
    for column in table.columns:
        for chunk in column.chunks:
            if pa.types.is_dictionary(chunk.type):
                lengths = pc.binary_length(chunk.dictionary).cast(pa.int64())
                total += pc.sum(pc.take(lengths, chunk.indices)).as_py() or 0
            else:
                total += chunk.nbytes
    return total


def _as_text(column: Any, position: int, name: str) -> pl.Series:
    series = pl.Series(name, pl.from_arrow(column))
    kind = series.dtype
    if kind.is_float():
        return _number_as_text(series)
    if kind == pl.Datetime:
        return series.dt.strftime("%Y-%m-%d %H:%M:%S")
    if kind == pl.Date:
        return series.dt.strftime("%Y-%m-%d")
    if isinstance(kind, pl.Categorical | pl.Enum | pl.Decimal) or kind in _PLAIN:
        return series.cast(pl.String)
    if kind.is_integer():
        return series.cast(pl.String)
    raise rejected("unsupported_column", position + 1)


_PLAIN: Final = (pl.String, pl.Boolean, pl.Null)


def _number_as_text(series: pl.Series) -> pl.Series:
    """Whole floats without a point, for references are often kept as floats; NaN is an empty cell."""
    filled = series.cast(pl.Float64).fill_nan(None)
    whole = filled.cast(pl.Int64, strict=False)
    if whole.null_count() == filled.null_count() and (whole.cast(pl.Float64) == filled).all():
        return whole.cast(pl.String)
    return filled.cast(pl.String)
