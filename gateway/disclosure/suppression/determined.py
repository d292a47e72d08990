"""Which withheld cells follow exactly from what is shown, by all the sums of a table at once.

In: a full grid of what is withheld. Out: a full grid of the withheld cells that linear algebra gives away.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.threshold import Flags

TOLERANCE = 1e-8


def determined_cells(hidden: Flags) -> Flags:
    """Withheld cells with one possible value, given every shown cell and every margin's sum.

    A cell is determined exactly if its unit vector is orthogonal to the null space of the relations.
    """
    result = np.zeros(hidden.shape, dtype=np.bool_)
    places = np.flatnonzero(hidden)
    if places.size == 0:
        return result
    relations = _relations(hidden, places)
    result.flat[places] = _fixed(relations)
    return result


def _relations(hidden: Flags, places: NDArray[np.intp]) -> NDArray[np.float64]:
    """One row a line with a withheld member, one column a withheld cell: +1 a category, -1 the total."""
    column = np.full(hidden.shape, -1, dtype=np.int64)
    column.flat[places] = np.arange(places.size)
    rows = []
    for axis in range(hidden.ndim):
        lines = np.moveaxis(column, axis, -1).reshape(-1, hidden.shape[axis])
        for line in lines[(lines >= 0).any(axis=1)]:
            row = np.zeros(places.size)
            row[line[:-1][line[:-1] >= 0]] = 1.0
            if line[-1] >= 0:
                row[line[-1]] = -1.0
            rows.append(row)
    return np.array(rows) if rows else np.zeros((0, places.size))


def _fixed(relations: NDArray[np.float64]) -> Flags:
    if relations.shape[0] == 0:
        return np.zeros(relations.shape[1], dtype=np.bool_)
    _, singular, basis = np.linalg.svd(relations, full_matrices=True)
    rank = int((singular > TOLERANCE).sum())
    fixed: Flags = np.abs(basis[rank:]).max(axis=0, initial=0.0) < TOLERANCE
    return fixed
