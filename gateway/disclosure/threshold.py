"""The threshold rule: which cells of a full grid of families may not be shown. In: families. Out: grids of booleans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from types import EllipsisType

import numpy as np
from numpy.typing import NDArray

from .tables import Dimension, Integers

Flags = NDArray[np.bool_]


def inner(ndim: int) -> tuple[EllipsisType | slice, ...]:
    """The index of the inner grid within a full grid."""
    # The ellipsis keeps a table without dimensions an array.
    return (..., *(slice(0, -1),) * ndim)


def below_threshold(families: Integers, min_cell: int) -> Flags:
    """Cells with fewer families than the threshold; none at all counts as few."""
    # A table without dimensions stays an array, which can be written to.
    return np.asarray(families < min_cell)


def small_complement(families: Integers, dimensions: Sequence[Dimension], min_cell: int) -> Flags:
    """Inner cells that leave 1 to `min_cell` - 1 families of a line outside, or none where that is sensitive.

    A line is the cell's place in every coarser table: the full grid with some of the dimensions at "all".
    """
    cells = families[inner(families.ndim)]
    unsafe = np.zeros(cells.shape, dtype=np.bool_)
    for dropped in axis_sets(families.ndim):
        index = tuple(slice(-1, None) if a in dropped else slice(0, -1) for a in range(cells.ndim))
        outside = families[index] - cells
        unsafe |= (outside > 0) & (outside < min_cell)
        # A dimension of one category does not tell anybody apart: there the cell is the line.
        if any(dimensions[a].sensitive and len(dimensions[a].categories) > 1 for a in dropped):
            unsafe |= outside <= 0
    return unsafe


def axis_sets(ndim: int) -> Iterator[tuple[int, ...]]:
    """Every set of axes but the empty one, smaller ones first."""
    for size in range(1, ndim + 1):
        yield from combinations(range(ndim), size)
