"""Which withheld cells follow exactly from what is shown, by all the sums of a table at once.

In: a full grid of what is withheld. Out: a full grid of the withheld cells that linear algebra gives away.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.threshold import Flags

Residues = NDArray[np.int64]
# Elimination over the whole numbers modulo a prime has no rounding, and is quicker than singular values. Products fit 63 bits.
PRIME = 2**31 - 1


def determined_cells(hidden: Flags) -> Flags:
    """Withheld cells with one possible value, given every shown cell and every margin's sum.

    A cell is determined exactly if its unit vector is in the row space of the relations.
    """
    result = np.zeros(hidden.shape, dtype=np.bool_)
    places = np.flatnonzero(hidden)
    if places.size == 0:
        return result
    relations = _relations(hidden, places)
    result.flat[places] = _fixed(relations)
    return result


def _relations(hidden: Flags, places: NDArray[np.intp]) -> Residues:
    """One row a line with a withheld member, one column a withheld cell: +1 a category, -1 the total."""
    column = np.full(hidden.shape, -1, dtype=np.int64)
    column.flat[places] = np.arange(places.size)
    rows = []
    for axis in range(hidden.ndim):
        lines = np.moveaxis(column, axis, -1).reshape(-1, hidden.shape[axis])
        for line in lines[(lines >= 0).any(axis=1)]:
            row = np.zeros(places.size, dtype=np.int64)
            row[line[:-1][line[:-1] >= 0]] = 1
            if line[-1] >= 0:
                row[line[-1]] = -1
            rows.append(row)
    return np.array(rows) if rows else np.zeros((0, places.size), dtype=np.int64)


def _fixed(relations: Residues) -> Flags:
    """The columns whose unit vector is in the row space: alone in their row of the reduced echelon form."""
    form, top = relations % PRIME, 0
    for column in range(form.shape[1]):
        below = np.flatnonzero(form[top:, column])
        if below.size == 0:
            continue
        form[[top, top + below[0]]] = form[[top + below[0], top]]
        across = np.flatnonzero(form[top])
        form[top, across] = form[top, across] * pow(int(form[top, column]), -1, PRIME) % PRIME
        others = np.setdiff1d(np.flatnonzero(form[:, column]), [top], assume_unique=True)
        block = np.ix_(others, across)
        form[block] = (form[block] - np.outer(form[others, column], form[top, across])) % PRIME
        top += 1
        if top == form.shape[0]:
            break
    fixed = np.zeros(form.shape[1], dtype=np.bool_)
    alone = np.count_nonzero(form, axis=1) == 1
    fixed[np.argmax(form[alone] != 0, axis=1)] = True
    return fixed
