"""Reads a frame of contributions (pandas or polars) for a guard, and refuses whatever a guard could stumble over.

In: a frame and the names of its columns. Out: `Contributions`: numpy arrays, one place a row. INVARIANT: no missing value, NaN,
infinity, list or undeclared category gets past this module; each is `Unprotectable` with the column and the rule, never a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.tables import Dimension

if TYPE_CHECKING:
    import pandas as pd

Codes = NDArray[np.int64]
# Beyond this a sum of pence could leave 64 bits: ninety thousand million pounds for a row, a million rows.
MOST_PENCE = 9 * 10**12


@dataclass(frozen=True)
class Contributions:
    """A checked frame. `ids`: the families, sorted; `family`: the place of each row's family among them."""

    frame: pl.DataFrame = field(repr=False)
    ids: tuple[int | str, ...] = field(repr=False)
    family: Codes = field(repr=False)

    @property
    def families(self) -> int:
        """How many there are."""
        return len(self.ids)

    def codes(self, dimension: Dimension) -> Codes:
        """The place of each row's category. Raises `Unprotectable` for one that is not declared."""
        values = self._whole(dimension.name)
        if not (values.dtype.is_integer() or values.dtype in _WORDS or values.dtype == pl.Boolean):
            raise Unprotectable(dimension.name, "not_categories", "categories are expected")
        named = values.cast(pl.String)
        if not named.is_in(list(dimension.categories)).all():
            raise Unprotectable(dimension.name, "category", "a category that is not declared")
        place = {category: i for i, category in enumerate(dimension.categories)}
        return cast(Codes, named.replace_strict(place, return_dtype=pl.Int64).to_numpy())

    def ids_of(self, column: str) -> Codes:
        """A column of ids (persons) as places among its distinct values."""
        return _places(self._whole(column), column)[1]

    def pence(self, column: str) -> Codes:
        """Whole pence, refunds below zero. Raises `Unprotectable` for a fraction or a figure that could overflow a sum."""
        numbers = self.numbers(column)
        if bool((numbers != np.round(numbers)).any()):
            raise Unprotectable(column, "not_pence", "whole pence are expected")
        if bool((np.abs(numbers) > MOST_PENCE).any()):
            raise Unprotectable(column, "too_large", "a cost is beyond what is summed")
        return cast(Codes, self.frame[column].cast(pl.Int64).to_numpy())

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Finite numbers."""
        values = self._whole(column)
        if not values.dtype.is_numeric():
            raise Unprotectable(column, "not_numbers", "numbers are expected")
        numbers = values.cast(pl.Float64).to_numpy()
        if not bool(np.isfinite(numbers).all()):
            raise Unprotectable(column, "not_finite", "finite numbers are expected")
        return cast(NDArray[np.float64], numbers)

    def flags(self, column: str) -> NDArray[np.bool_]:
        """True or false in each row; 1 and 0 are refused, since a 2 might stand among them elsewhere."""
        values = self._whole(column)
        if values.dtype != pl.Boolean:
            raise Unprotectable(column, "not_flags", "true or false is expected")
        return cast(NDArray[np.bool_], values.to_numpy())

    def order(self, column: str) -> Codes:
        """A column to order by (whole numbers or dates), as ranks."""
        values = self._whole(column)
        if not (values.dtype.is_integer() or values.dtype.is_temporal()):
            raise Unprotectable(column, "not_ordered", "whole numbers or dates are expected")
        return cast(Codes, values.rank("dense").cast(pl.Int64).to_numpy())

    def _whole(self, column: str) -> pl.Series:
        return require_whole(self.frame, column)


_WORDS = (pl.String, pl.Categorical, pl.Enum)


def read(frame: pl.DataFrame | pd.DataFrame, family: str) -> Contributions:
    """A frame of one or more rows a family. Raises `Unprotectable` for what is no frame, or family ids that are no ids."""
    polars = to_polars(frame)
    ids, places = _places(require_whole(polars, family), family)
    return Contributions(polars, ids, places)


def to_polars(frame: pl.DataFrame | pd.DataFrame) -> pl.DataFrame:
    """The frame as polars; a column that mixes types is refused."""
    if isinstance(frame, pl.DataFrame):
        return frame
    try:
        return pl.from_pandas(frame)
    except (TypeError, ValueError, AttributeError, pl.exceptions.PolarsError):
        # The errors of pyarrow are of these types and quote values, so the cause is cut off.
        raise Unprotectable("frame", "unreadable", "a pandas or polars frame is expected") from None


def require_whole(frame: pl.DataFrame, column: object) -> pl.Series:
    """The column, every row of which has a value."""
    if not isinstance(column, str) or column not in frame.columns:
        raise Unprotectable(_name(column), "missing_column", "the column is needed, by one name")
    values = frame[column]
    if values.null_count() or (values.dtype.is_float() and values.is_nan().any()):
        raise Unprotectable(column, "missing_value", "a row has no value")
    return values


def require_dimensions(by: object) -> tuple[Dimension, ...]:
    """The dimensions, each a `Dimension` with a name of its own."""
    if isinstance(by, str) or not isinstance(by, Sequence):
        raise Unprotectable("by", "dimensions", "a list of dimensions is expected")
    dimensions = tuple(by)
    if not all(isinstance(each, Dimension) for each in dimensions):
        raise Unprotectable("by", "dimensions", "a list of dimensions is expected")
    for each in dimensions:
        if not each.categories or len(set(each.categories)) != len(each.categories):
            raise Unprotectable(each.name, "categories", "none, or one stands twice")
    if len({each.name for each in dimensions}) != len(dimensions):
        raise Unprotectable("by", "names", "a dimension stands twice")
    return dimensions


def _places(values: pl.Series, column: str) -> tuple[tuple[int | str, ...], Codes]:
    if not (values.dtype.is_integer() or values.dtype in _WORDS):
        raise Unprotectable(column, "not_ids", "ids are whole numbers or text")
    plain = values.cast(pl.String) if values.dtype in _WORDS else values
    distinct = plain.unique().sort()
    places = plain.rank("dense").cast(pl.Int64).to_numpy() - 1
    return tuple(distinct.to_list()), places


def _name(column: object) -> str:
    return column if isinstance(column, str) else "column"
