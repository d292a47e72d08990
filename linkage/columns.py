"""Columns: one column of a caller's frame as text or as dates, whatever the library and type it came in.

Frames of Polars, pandas, Arrow or DuckDB go in; Polars series come out, with what is no value (NaN, NaT, an empty or an
absurdly long string) as null. Never tells a value: an error names the column.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from linkage.errors import FramesInvalid

# No identifier is longer; a cell that is holds something else, and would only cost memory.
LONGEST_VALUE = 500
# Whole numbers up to here survive in a float: 4223.0 is a postcode that pandas has read beside a blank.
_LARGEST_WHOLE = 2.0**53
_ISO_DATE = r"^(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?$"
_PLAIN_TYPES = (str, int, float, Decimal, date, datetime)


def opened(frame: Any) -> Any:
    """A pandas frame as it is, any other (Polars, Arrow, DuckDB) as a Polars frame.

    Raises:
        FramesInvalid: it is no frame that is known here.
    """
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if isinstance(frame, pl.DataFrame) or _is_pandas(frame):
        return frame
    if hasattr(frame, "__arrow_c_stream__"):
        return pl.DataFrame(frame)
    raise FramesInvalid(f"A frame is of a type that is not known: {type(frame).__name__}")


def column_of(frame: Any, name: Any) -> pl.Series:
    """One column of an opened frame, as Polars has it."""
    values = frame[name]
    if isinstance(values, pl.Series):
        return _plain(values, name)
    if values.ndim != 1:
        raise FramesInvalid(f"Column {name} is there twice")
    if values.dtype == object or values.dtype.name == "category":
        return _text_of_objects(values.tolist(), values.isna().tolist(), name)
    return _plain(_from_pandas(values, name), name)


def text_of(values: pl.Series) -> pl.Series:
    """A column as text: numbers without '.0', NaN and infinity as null, spaces trimmed.

    Raises:
        FramesInvalid: the column is neither text, numbers, yes/no nor dates.
    """
    dtype = values.dtype
    if dtype.is_float():
        values = _without_fractions(values)
    elif not (dtype.is_numeric() or dtype in _TEXT_LIKE):
        raise FramesInvalid(f"Column {values.name} is neither text, numbers nor dates")
    text = values.cast(pl.String).str.strip_chars()
    said = (text.str.len_chars() > 0) & (text.str.len_chars() <= LONGEST_VALUE)
    return text.to_frame().select(pl.when(said).then(pl.col(text.name)))[text.name]


def values_in(values: pl.Series) -> int:
    """How many values a column holds, blank and not-a-number ones aside."""
    if values.dtype.is_float():
        return int(values.is_finite().sum())
    if values.dtype == pl.String:
        return int((values.str.strip_chars().str.len_chars() > 0).sum())
    return len(values) - values.null_count()


def iso_dates(values: pl.Series, date_format: str | None = None) -> pl.Series:
    """A column as 'YYYY-MM-DD'; what is not written so (or in `date_format`) is null.

    A day or month that does not exist is kept, because it is still close to the one that was meant.
    """
    if values.dtype == pl.Datetime:
        values = values.dt.date()
    text = text_of(values)
    if date_format is not None and values.dtype != pl.Date:
        return text.str.to_date(date_format, strict=False).cast(pl.String)
    found = text.str.contains(_ISO_DATE)
    written = text.str.replace(_ISO_DATE, "$1-$2-$3")
    return pl.select(pl.when(found).then(written).alias(text.name)).to_series()


_TEXT_LIKE = (
    *(pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null),
    *(pl.Date, pl.Datetime, pl.Time),
)


def _plain(values: pl.Series, name: Any) -> pl.Series:
    if values.dtype != pl.Object:
        return values
    listed = values.to_list()
    return _text_of_objects(listed, [value is None for value in listed], name)


def _text_of_objects(values: Sequence[Any], absent: Sequence[bool], name: Any) -> pl.Series:
    """Values of several types in one column, each as text."""
    texts = [None if no else _text(value) for value, no in zip(values, absent, strict=True)]
    strange = sum(text == "" for text in texts)
    if strange:
        raise FramesInvalid(
            f"Column {name} holds {strange:,} values that are neither text, numbers nor dates"
        )
    return pl.Series(str(name), texts, dtype=pl.String)


def _text(value: Any) -> str | None:
    """A value as text; '' for one of a strange type, None for none at all."""
    value = value.item() if hasattr(value, "item") else value  # a number of NumPy
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < _LARGEST_WHOLE
        return str(int(value)) if whole else str(value) if abs(value) < float("inf") else None
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, _PLAIN_TYPES) else ""


def _without_fractions(values: pl.Series) -> pl.Series:
    number = pl.when(pl.col("n").is_finite()).then("n")
    whole = (number == number.floor()) & (number.abs() < _LARGEST_WHOLE)
    text = pl.when(whole).then(number.cast(pl.Int64, strict=False).cast(pl.String))
    frame = values.alias("n").cast(pl.Float64).to_frame()
    return frame.select(text.otherwise(number.cast(pl.String)))["n"].alias(values.name)


def _is_pandas(frame: Any) -> bool:
    return type(frame).__module__.split(".")[0] == "pandas" and hasattr(frame, "columns")


def _from_pandas(values: Any, name: Any) -> pl.Series:
    try:
        return pl.Series(str(name), pl.from_pandas(values))
    except (TypeError, ValueError, NotImplementedError, pl.exceptions.PolarsError):
        # Those of Arrow are among them. Their messages may quote a value.
        raise FramesInvalid(f"Column {name} is neither text, numbers nor dates") from None
