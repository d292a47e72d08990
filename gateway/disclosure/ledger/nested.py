"""The nested-difference rule: no two served figures are about sets that differ by one to nine families.

In: rows of 0 and 1 over families (counts) or over units of cost. Out: for each pair of rows by how many families they differ.
A figure about nearly the same set would give away the few by subtraction, with or without noise (trackers: Denning 1980).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Pairs = NDArray[np.int64]
Flags = NDArray[np.bool_]


def differing(one: csr_array, two: csr_array) -> Pairs:
    """For each pair of rows, how many members are in one of them and not in the other."""
    one, two = one.astype(np.int64), two.astype(np.int64)
    shared = (one @ two.T).toarray()
    pairs: Pairs = one.sum(axis=1)[:, None] + two.sum(axis=1)[None, :] - 2 * shared
    return pairs


def families_differing(
    one: csr_array, two: csr_array, families: csr_array, fewer_than: int
) -> Pairs:
    """For each pair of rows of units, how many families have a unit in just one of them; told up to `fewer_than`.

    `families`: units x families, 0 or 1.
    """
    pairs = differing(_whose(one, families), _whose(two, families)).clip(max=fewer_than)
    # The same families may still differ in what they pay for: only such pairs are held side by side unit by unit.
    alike = (pairs < fewer_than) & (differing(one, two) > 0)
    for i, j in np.argwhere(alike):
        change = (one[[i]].astype(np.int8) - two[[j]].astype(np.int8)).astype(np.bool_)
        pairs[i, j] = min(int(_whose(change, families).sum()), fewer_than)
    return pairs


def apart(within: Pairs, served: Pairs, order: NDArray[np.intp], min_cell: int) -> Flags:
    """Which rows of `order` differ from every served one, and from those before them that do, by none or by `min_cell`.

    `within`: the pairs of the new rows, `served`: new rows x served ones.
    """
    near = (within > 0) & (within < min_cell)
    ok = np.asarray(~((served > 0) & (served < min_cell)).any(axis=1))
    taken: list[int] = []
    for row in order:
        ok[row] &= not near[row, taken].any()
        if ok[row]:
            taken.append(row)
    return ok


def _whose(rows: csr_array, families: csr_array) -> csr_array:
    """Rows of units -> rows of the families they belong to."""
    return (rows.astype(np.int64) @ families.astype(np.int64)).astype(np.bool_)
