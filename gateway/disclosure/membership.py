"""Who is in which cell of a table that is made of a frame. In: a frame of places (one row a contribution). Out: what a ledger needs.

Families are told apart by keyed identities; a contribution by all it holds. Never a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from .errors import Unprotectable
from .noise import draw_set_keys
from .tables import Dimension, Integers, Population, Units

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def population_of(
    coded: pl.DataFrame, dimensions: Sequence[Dimension], key: bytes, restricted: tuple[str, ...]
) -> tuple[Population, pl.DataFrame]:
    """The population, and a frame that says of each `__family` its place in it (`__at`) and its set key (`lo`, `hi`).

    `coded`: `__family` and the place on each axis ("0", "1", ...). Raises `Unprotectable` for a family in two categories of
    a dimension that does not overlap.
    """
    fixed = tuple(axis for axis, d in enumerate(dimensions) if not d.overlapping)
    own = [pl.col(str(axis)).min() for axis in fixed]
    other = [pl.col(str(axis)).max().alias(f"most{axis}") for axis in fixed]
    listed = coded.group_by("__family", maintain_order=True).agg(*own, *other)
    place = np.zeros(listed.height, dtype=np.int64)
    for axis in fixed:
        if (listed[str(axis)] != listed[f"most{axis}"]).any():
            message = "a family stands in two categories; such a dimension is declared overlapping"
            raise Unprotectable(dimensions[axis].name, "two_places", message)
        place = place * len(dimensions[axis].categories) + listed[str(axis)].to_numpy()
    lo, hi = draw_set_keys(listed["__family"].to_list(), key, counted="families")
    at = listed.select("__family").with_row_index("__at").cast({"__at": pl.Int64})
    return Population(lo, place, fixed, restricted), at.with_columns(lo=lo, hi=hi)


def members_of(coded: pl.DataFrame, sizes: Sequence[int], families: int) -> csr_array:
    """Inner cells in C order x families: who has a contribution in the cell (`coded` with `__at`)."""
    cells = _cell(coded, sizes)
    return _ones(cells, coded["__at"].to_numpy(), (int(np.prod(sizes, dtype=np.int64)), families))


def people_of(coded: pl.DataFrame, sizes: Sequence[int], families: int) -> csr_array:
    """For each cell and family of `members_of` a word for just the people it has there: their `lo` (keyed) added up.

    `coded` with `__person`, `__at`, `lo`.
    """
    from scipy.sparse import csr_array

    once = coded.with_columns(__cell=_cell(coded, sizes)).unique(["__person", "__at", "__cell"])
    places = (once["__cell"].to_numpy(), once["__at"].to_numpy())
    shape = (int(np.prod(sizes, dtype=np.int64)), families)
    return csr_array((once["lo"].to_numpy().astype(np.uint64), places), shape=shape)


def units_of(coded: pl.DataFrame, sizes: Sequence[int]) -> Units:
    """The contributions that cost something: `coded` with `__at`, `__unit` (identity) and `__pence`."""
    paying = coded.with_columns(__cell=_cell(coded, sizes)).group_by("__unit", maintain_order=True)
    units = paying.agg(pl.col("__at", "__cell").first(), pl.col("__pence").sum()).filter(
        pl.col("__pence") != 0
    )
    shape = (int(np.prod(sizes, dtype=np.int64)), units.height)
    return Units(
        ids=units["__unit"].to_numpy().astype(np.uint64),
        family=units["__at"].to_numpy(),
        pence=units["__pence"].to_numpy(),
        cells=_ones(units["__cell"].to_numpy(), np.arange(units.height), shape),
    )


def _cell(coded: pl.DataFrame, sizes: Sequence[int]) -> Integers:
    cell = np.zeros(coded.height, dtype=np.int64)
    for axis, size in enumerate(sizes):
        cell = cell * size + coded[str(axis)].to_numpy()
    return cell


def _ones(rows: Integers, columns: Integers, shape: tuple[int, int]) -> csr_array:
    from scipy.sparse import csr_array

    # Repeated places are summed, and then stand once.
    marks = csr_array((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=shape)
    return marks.astype(np.bool_)
