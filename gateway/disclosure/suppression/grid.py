"""A full grid as linear algebra: each line's categories sum to its "all", or at least cover it where they overlap.

In: figures of a full grid. Out: `LinearTable`, cells in C order. Negative figures are known to be possible only where there are any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.tables import Integers
from gateway.disclosure.threshold import Flags

from .linear import LinearTable, Reals

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Places = NDArray[np.int64]


def with_margins(figures: Integers) -> Integers:
    """The full grid of an inner grid whose figures add up along every axis."""
    full = figures
    for axis in range(figures.ndim):
        full = np.concatenate([full, full.sum(axis=axis, keepdims=True)], axis=axis)
    return full


def table_of_grid(
    figures: NDArray[np.int64],
    *,
    unsafe: Flags,
    pinned: Flags,
    weights: Reals,
    levels: tuple[Reals, Reals, Reals],
    overlapping: Sequence[bool],
) -> LinearTable:
    """All arguments are full grids of one shape; `levels`: lower, upper and sliding protection.

    Along an `overlapping` axis something may be in several categories: "all" is between the largest and the sum. An axis
    whose figures do not add up is taken for such a one, and if "all" is more than the sum, for that alone.
    """
    if any(grid.shape != figures.shape for grid in (unsafe, pinned, weights, *levels)):
        raise Unprotectable("table", "grid", "grids of one shape are expected")
    relations, covers = _relations(figures, overlapping)
    lower, upper, sliding = (np.asarray(g, dtype=np.float64).ravel() for g in levels)
    known_least = -np.inf if bool((figures < 0).any()) else 0.0
    return LinearTable(
        values=figures.ravel().astype(np.float64),
        weights=np.asarray(weights, dtype=np.float64).ravel(),
        unsafe=unsafe.ravel(),
        pinned=pinned.ravel(),
        least=np.full(figures.size, known_least),
        most=np.full(figures.size, np.inf),
        lower=lower,
        upper=upper,
        sliding=sliding,
        relations=relations,
        row_least=np.zeros(covers.size),
        row_most=np.where(covers, np.inf, 0.0),
    )


def _relations(figures: Integers, overlapping: Sequence[bool]) -> tuple[csr_array, Flags]:
    """One row a relation, and whether it says "not less than 0" instead of "0"."""
    from scipy.sparse import csr_array

    columns: list[Places] = []
    signs: list[Reals] = []
    covers: list[bool] = []
    for axis in range(figures.ndim):
        adds_up, covered = _kind(figures, axis)
        loose = overlapping[axis] or not adds_up
        for line in _lines(figures.shape, axis):
            # What is not so in every line of an axis, nobody can assume of one.
            if covered:
                columns.append(line)
                signs.append(np.append(np.ones(line.size - 1), -1.0))
                covers.append(loose)
            for cell in line[:-1] if loose else ():
                columns.append(np.array([line[-1], cell]))
                signs.append(np.array([1.0, -1.0]))
                covers.append(True)
    ends = np.cumsum([0, *(c.size for c in columns)])
    data = np.concatenate([*signs, np.zeros(0)])
    places = np.concatenate([*columns, np.zeros(0, dtype=np.int64)])
    matrix = csr_array((data, places, ends), shape=(len(covers), figures.size))
    return matrix, np.array(covers, dtype=np.bool_)


def _kind(figures: Integers, axis: int) -> tuple[bool, bool]:
    """Whether the categories of every line along the axis add up to its "all", and whether they are never less."""
    lines = np.moveaxis(figures, axis, -1)
    surplus = lines[..., :-1].sum(axis=-1) - lines[..., -1]
    return bool((surplus == 0).all()), bool((surplus >= 0).all())


def _lines(shape: tuple[int, ...], axis: int) -> Iterator[Places]:
    """The places of each line along the axis, "all" last."""
    places = np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)
    yield from np.moveaxis(places, axis, -1).reshape(-1, shape[axis])
